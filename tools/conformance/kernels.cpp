#include <fmt/format.h>

#include <cmath>

#include "checks.hpp"
#include "samples.hpp"

namespace ansatz::conformance {
namespace {

using sdk::PointBatch;
using sdk::PointKernels;
using Kernel = std::function<void(const PointBatch&, Lanes*)>;
using Move = std::function<void(Samples&, double)>;

constexpr double rate_weight = 0.7;

Values evaluate(const Kernel& kernel, const Samples& at, int width) {
  Values out(at.num_points * width, Lanes(0.0));
  kernel(at.batch(), out.data());
  return out;
}

/// Fourth-order central difference of a kernel along `move`.
Values difference(const Kernel& kernel, const Samples& at, int width, const Move& move) {
  constexpr double h = 2e-3;
  const auto value = [&](double step) {
    Samples moved = at;
    move(moved, step);
    return evaluate(kernel, moved, width);
  };
  const auto a = value(-2 * h), b = value(-h), c = value(h), d = value(2 * h);
  Values slope(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) slope[i] = (a[i] - 8.0 * b[i] + 8.0 * c[i] - d[i]) / Lanes(12.0 * h);
  return slope;
}

/// A direction in the inputs of a kernel: entries of value, gradient (and second derivatives) of each component.
class Direction {
 public:
  Direction(const Samples& samples, bool second)
      : second_(second), width_(1 + samples.dim + (second ? samples.num_hessian() : 0)) {
    for (int k = 0; k < samples.components * width_; ++k) entries_.push_back(std::cos(1.0 + 2.3 * k));
  }
  int width() const { return width_; }

  /// Rates move with the values, weighted.
  void operator()(Samples& s, double step) const {
    for (int q = 0; q < s.num_points; ++q) {
      for (int c = 0; c < s.components; ++c) {
        const double* d = &entries_[c * width_];
        for (int k = 0; k <= s.dim; ++k) s.slots[(q * s.components + c) * (1 + s.dim) + k] += Lanes(step * d[k]);
        s.rates[q * s.components + c] += Lanes(rate_weight * step * d[0]);
        for (int k = 0; second_ && k < s.num_hessian(); ++k)
          s.hessians[(q * s.components + c) * s.num_hessian() + k] += Lanes(step * d[1 + s.dim + k]);
      }
    }
  }

  /// A Jacobian of shape (num_points, outputs, components * width()) times this direction.
  Values times(const Values& jacobian, int outputs, int num_points) const {
    const int n = static_cast<int>(entries_.size());
    Values out(num_points * outputs, Lanes(0.0));
    for (std::size_t row = 0; row < out.size(); ++row) {
      for (int k = 0; k < n; ++k) out[row] += jacobian[row * n + k] * entries_[k];
    }
    return out;
  }
  Values slots(const Samples& s) const {
    Samples moved = s;
    (*this)(moved, 1.0);
    for (std::size_t i = 0; i < moved.slots.size(); ++i) moved.slots[i] -= s.slots[i];
    return moved.slots;
  }

 private:
  bool second_;
  int width_;
  std::vector<double> entries_;
};

/// All kernels of one physics, with its options set, in one dimension.
class Suite {
 public:
  Suite(const sdk::Physics& physics, int dim)
      : info_(physics.info()),
        kernels_(physics.kernels(dim)),
        at_(info_, dim),
        n_(at_.num_slots()),
        residual_([this](const PointBatch& b, Lanes* f) { accept(kernels_.residual(b, sdk::Part::all, f)); }),
        boundary_([this](const PointBatch& b, Lanes* f) { accept(kernels_.boundary_residual(b, f)); }) {}

  /// Then there is no strong form.
  bool fluxes_have_rates() const {
    const auto depends = kernels_.structure(at_.coefficients).depends;
    for (int k = 0; k < n_; ++k) {
      if (k % (1 + at_.dim) != 0 && depends[k] >> n_ != 0) return true;
    }
    return false;
  }

  void finite() const {
    require(std::isfinite(largest(evaluate(residual_, at_, n_))), "the residual is not finite at values of about 1");
    for (const auto& [infos, kernel] : {std::pair{&info_.derived, &PointKernels::derived_fields},
                                        std::pair{&info_.quantities, &PointKernels::quantities}}) {
      int width = 0;
      for (const auto& entry : *infos) width += sdk::num_components(entry.shape, at_.dim);
      const auto values = evaluate([&, k = kernel](const auto& b, Lanes* f) { (kernels_.*k)(b, f); }, at_, width);
      require(std::isfinite(largest(values)), "a derived field or quantity is not finite");
    }
  }

  /// The remainder R(u + h w) - R(u) - h J w falls with h^2.
  void taylor(const Kernel& residual, const Kernel& jacobian) const {
    const Direction w(at_, false);
    const auto start = evaluate(residual, at_, n_);
    const auto slope = w.times(evaluate(jacobian, at_, n_ * n_), n_, at_.num_points);
    const auto remainder = [&](double h) {
      Samples moved = at_;
      w(moved, h);
      auto value = evaluate(residual, moved, n_);
      for (std::size_t i = 0; i < value.size(); ++i) value[i] -= start[i] + h * slope[i];
      return largest(value);
    };
    const double scale = largest(start) + largest(slope) + 1e-300;
    const double coarse = remainder(2e-3), fine = remainder(1e-3);
    if (coarse <= 1e-12 * scale) return;  // affine
    const double order = std::log2(coarse / fine);
    require(order > 1.9,
            fmt::format("the remainder of R(u + h w) - R(u) - h J w falls with h^{:.2f}, not h^2: the derivative "
                        "is not that of the residual",
                        order));
  }
  void jacobian() const {
    taylor(residual_, [&](const auto& b, Lanes* d) { kernels_.jacobian(b, sdk::Part::all, {1.0, rate_weight}, d); });
  }
  void boundary_jacobian() const {
    taylor(boundary_, [&](const auto& b, Lanes* d) { kernels_.boundary_jacobian(b, {1.0, rate_weight}, d); });
  }

  void jacobian_vector() const {
    const Direction w(at_, false);
    const auto slots = w.slots(at_);
    Values rates(at_.num_points * at_.components);
    for (std::size_t c = 0; c < rates.size(); ++c) rates[c] = rate_weight * slots[c * (1 + at_.dim)];
    agree(
        "the Jacobian times a vector",
        [&](const auto& b, Lanes* f) { kernels_.jacobian_vector(b, slots.data(), rates.data(), f); }, n_, residual_, w);
  }

  void parameter_and_time() const {
    const auto parameter = [](Samples& s, double h) { s.parameter += h; };
    agree(
        "the derivative by a parameter", [&](const auto& b, Lanes* f) { kernels_.parameter_derivative(b, 0, f); }, n_,
        residual_, parameter);
    agree(
        "the derivative by time", [&](const auto& b, Lanes* f) { kernels_.time_derivative(b, f); }, n_, residual_,
        [](Samples& s, double h) { s.time += h; });
    if (!info_.has_boundary_terms) return;
    agree(
        "the boundary's derivative by a parameter",
        [&](const auto& b, Lanes* f) { kernels_.boundary_parameter_derivative(b, 0, f); }, n_, boundary_, parameter);
    agree(
        "the boundary's derivative by time", [&](const auto& b, Lanes* f) { kernels_.boundary_time_derivative(b, f); },
        n_, boundary_, [](Samples& s, double h) { s.time += h; });
  }

  /// f0 - div f1, the divergence by differences of f1 along the smooth fields.
  void strong() const {
    auto expected = column(evaluate(residual_, at_, n_), 0);
    for (int axis = 0; axis < at_.dim; ++axis) {
      const auto slope = difference(residual_, at_, n_, [&](Samples& s, double h) { s.move(axis, h); });
      const auto part = column(slope, 1 + axis);
      for (std::size_t i = 0; i < part.size(); ++i) expected[i] -= part[i];
    }
    const Kernel strong = [&](const auto& b, Lanes* r) { accept(kernels_.strong_residual(b, r)); };
    const auto actual = evaluate(strong, at_, at_.components);
    close("the strong residual f0 - div f1", actual, expected, largest(evaluate(residual_, at_, n_)));
    const Direction w(at_, true);
    const int width = at_.components * w.width();
    Samples frozen = at_;
    const auto derivative =
        evaluate([&](const auto& b, Lanes* d) { kernels_.strong_derivative(b, sdk::jet_all & ~sdk::jet_rate, d); }, at_,
                 at_.components * width);
    const auto move = [&](Samples& s, double h) {
      w(s, h);
      s.rates = frozen.rates;
    };
    close("the derivative of the strong residual", w.times(derivative, at_.components, at_.num_points),
          difference(strong, at_, at_.components, move), largest(derivative) + largest(actual));
    strong_by_rate(strong);
  }

  void strong_by_rate(const Kernel& strong) const {
    const int nc = at_.components;
    const auto derivative =
        evaluate([&](const auto& b, Lanes* d) { kernels_.strong_derivative(b, sdk::jet_rate, d); }, at_, nc * nc);
    const auto slope = difference(strong, at_, nc, [&](Samples& s, double h) {
      for (std::size_t i = 0; i < s.rates.size(); ++i) s.rates[i] += Lanes(h * std::cos(1.0 + 2.3 * double(i % nc)));
    });
    Values sum(slope.size(), Lanes(0.0));
    for (std::size_t row = 0; row < sum.size(); ++row) {
      for (int in = 0; in < nc; ++in) sum[row] += derivative[row * nc + in] * std::cos(1.0 + 2.3 * in);
    }
    close("the derivative of the strong residual by du/dt", sum, slope, largest(evaluate(strong, at_, nc)));
  }

  /// A point gives what it gives alone, at its own time and parameters.
  void own_times() const {
    Values times, parameters;
    for (int q = 0; q < at_.num_points; ++q) {
      for (Values* values : {&times, &parameters}) {
        Lanes x(0.0);
        for (int lane = 0; lane < sdk::num_lanes; ++lane)
          x.set(lane, (values == &times ? at_.time : at_.parameter) + 0.01 * (q * sdk::num_lanes + lane));
        values->push_back(x);
      }
    }
    const auto check = [&](const char* what, const Kernel& kernel, int width) {
      Values together(at_.num_points * width);
      auto batch = at_.batch();
      batch.times = times.data();
      batch.parameters_at = parameters.data();
      kernel(batch, together.data());
      for (int q = 0; q < at_.num_points; ++q) {
        for (int lane = 0; lane < sdk::num_lanes; ++lane) {
          Samples alone = at_;
          alone.time = times[q][lane];
          alone.parameter = parameters[q][lane];
          const auto expected = evaluate(kernel, alone, width);
          for (int k = 0; k < width; ++k)
            require(
                together[q * width + k][lane] == expected[q * width + k][lane],
                fmt::format("{} at points with times and parameters of their own differs from that at one time", what));
        }
      }
    };
    check("the residual", residual_, n_);
    check(
        "the derivative by time", [&](const auto& b, Lanes* f) { kernels_.time_derivative(b, f); }, n_);
    check(
        "the strong residual", [&](const auto& b, Lanes* r) { kernels_.strong_residual(b, r); }, at_.components);
    check(
        "the strong residual's derivative by a parameter",
        [&](const auto& b, Lanes* r) { kernels_.strong_parameter_derivative(b, 0, r); }, at_.components);
  }

  /// Of each coefficient by itself: as along a direction.
  void coefficient_slopes() const {
    const int n = static_cast<int>(at_.coefficients.size());
    const auto all = evaluate([&](const auto& b, Lanes* d) { kernels_.coefficient_slopes(b, d); }, at_, n_ * n);
    std::vector<sdk::Expression> direction(at_.coefficients.size());
    for (int k = 0; k < n; ++k) {
      direction[k] = sdk::Expression(1.0);
      const auto expected =
          evaluate([&](const auto& b, Lanes* f) { kernels_.coefficient_derivative(b, direction, f); }, at_, n_);
      direction[k] = sdk::Expression(0.0);
      Values actual(expected.size());
      for (std::size_t i = 0; i < actual.size(); ++i) actual[i] = all[i * n + k];
      require(distance(actual, expected) < 1e-13,
              fmt::format("the derivative by coefficient component {} is not that along it", k));
    }
  }

  /// The derivatives of the energy are the steady form, for some coefficients at least: those that differ from their
  /// defaults are reset one by one.
  void energy() const {
    Samples at = at_;
    std::ranges::fill(at.rates, Lanes(0.0));
    int first = 0;
    for (const auto& c : info_.coefficients) {
      const int n = sdk::num_components(c.shape, at.dim);
      if (kernels_.is_energy(at.coefficients)) break;
      for (int i = 0; i < n; ++i) {
        const bool off_diagonal = c.shape == sdk::Shape::tensor && i / at.dim != i % at.dim;
        if (off_diagonal) at.coefficients[first + i] = sdk::Expression(0.0);
        if (!c.initial.empty() && !off_diagonal) at.coefficients[first + i] = sdk::Expression(c.initial[0]);
      }
      first += n;
    }
    require(
        kernels_.is_energy(at.coefficients),
        "the derivatives of energy() are not the weak form at du/dt = 0, not even where all coefficients have their "
        "defaults");
    gradient(
        "the weak form", [&](const auto& b, Lanes* e) { kernels_.energy(b, e); }, residual_, at);
    if (!info_.has_boundary_terms) return;
    require(info_.has_boundary_energy, "it has an energy() and a boundary(), but no boundary_energy()");
    require(kernels_.is_boundary_energy(at.coefficients),
            "the derivatives of boundary_energy() are not those of boundary()");
    gradient(
        "boundary()", [&](const auto& b, Lanes* e) { kernels_.boundary_energy(b, e); }, boundary_, at);
  }
  void gradient(const char* what, const Kernel& energy, const Kernel& form, const Samples& at) const {
    const auto f = evaluate(form, at, n_);
    for (int k = 0; k < n_; ++k) {
      const auto slope = difference(energy, at, 1, [&](Samples& s, double h) {
        for (int q = 0; q < s.num_points; ++q) s.slots[q * n_ + k] += Lanes(h);
      });
      Values entry(slope.size());
      for (int q = 0; q < at.num_points; ++q) entry[q] = f[q * n_ + k];
      const double scale = largest(f) + largest(evaluate(energy, at, 1));
      double difference = 0.0;
      for (std::size_t q = 0; q < entry.size(); ++q) difference = std::max(difference, largest({entry[q] - slope[q]}));
      require(difference <= 1e-9 * scale,
              fmt::format("the derivative of the energy by slot {} differs by {:.2e} from {}", k, difference / scale,
                          what));
    }
  }

  void stabilisation() const {
    const Kernel residual = [&](const auto& b, Lanes* f) { kernels_.stabilisation_residual(b, f); };
    const Direction w(at_, true);
    const auto d = evaluate(
        [&](const auto& b, Lanes* f) {
          kernels_.stabilisation_jacobian(b, {1.0, rate_weight}, f);
        },
        at_, n_ * at_.components * w.width());
    close("the Jacobian of the stabilisation", w.times(d, n_, at_.num_points), difference(residual, at_, n_, w),
          largest(d));
  }

  /// What the form says of itself holds for its derivatives: where they are 0, and where they are constant.
  void structure() const {
    const auto s = kernels_.structure(at_.coefficients);
    const Kernel jacobian = [&](const auto& b, Lanes* d) { kernels_.jacobian(b, sdk::Part::all, {1.0, 0.0}, d); };
    const auto d = evaluate(jacobian, at_, n_ * n_);
    for (int q = 0; q < at_.num_points; ++q) {
      for (int out = 0; out < n_; ++out) {
        for (int in = 0; in < n_; ++in) {
          const bool may = (s.depends[out] >> in & 1U) != 0;
          require(may || largest({d[(q * n_ + out) * n_ + in]}) == 0.0,
                  fmt::format("entry {} of the form depends on slot {}, but its structure denies it", out, in));
        }
      }
    }
    for (int q = 0; q < at_.num_points && s.symmetric; ++q) {
      for (int out = 0; out < n_; ++out) {
        for (int in = 0; in < out; ++in) {
          const Lanes there = d[(q * n_ + out) * n_ + in], back = d[(q * n_ + in) * n_ + out];
          require(largest({there - back}) <= 1e-12 * largest(d),
                  fmt::format("the form calls itself symmetric, but its derivatives ({}, {}) and ({}, {}) differ", out,
                              in, in, out));
        }
      }
    }
    if (!s.linear) return;
    Samples other = at_;
    Direction(at_, false)(other, 1.0);
    close("the form calls itself linear, but its derivative", evaluate(jacobian, other, n_ * n_), d, largest(d));
  }

  /// Terms for explicit methods are there only where the physics says so: it would be integrated without them.
  void nonstiff() const {
    const auto of = [&](sdk::Part part) {
      return evaluate([&](const auto& b, Lanes* f) { kernels_.residual(b, part, f); }, at_, n_);
    };
    require(info_.has_nonstiff_terms || largest(of(sdk::Part::nonstiff)) == 0.0,
            "it writes r.nonstiff, but does not say has_nonstiff_terms = true");
    auto sum = of(sdk::Part::stiff);
    const auto nonstiff = of(sdk::Part::nonstiff);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += nonstiff[i];
    close("the sum of its stiff and nonstiff terms", sum, of(sdk::Part::all), largest(sum));
  }

  /// Coefficients that are not finite or out of their range are found and named.
  void faults() const {
    int first = 0;
    for (const auto& c : info_.coefficients) {
      const int n = sdk::num_components(c.shape, at_.dim);
      if (!c.on_boundary) {
        require(fault("log(-1 - x * x)", first) == first,
                fmt::format("a value of \"{}\" that is not finite is not reported", c.name));
        if (std::isfinite(c.range.low)) {
          const auto below = fmt::format("{:.17g} - 1 - x * x", c.range.low);
          require(fault(below, first) == first,
                  fmt::format("a value of \"{}\" below its range is not reported", c.name));
        }
      }
      first += n;
    }
  }

  /// States that are not finite may give anything but an exception of another kind, or a crash.
  void not_finite() const {
    Samples bad = at_;
    for (auto& x : bad.slots) x = Lanes(NAN);
    Values f(at_.num_points * n_ * n_);
    try {
      kernels_.residual(bad.batch(), sdk::Part::all, f.data());
      kernels_.jacobian(bad.batch(), sdk::Part::all, {1.0, 1.0}, f.data());
    } catch (const sdk::Error&) {
    }
  }

 private:
  static void accept(const sdk::CoefficientFault& fault) {
    require(fault.coefficient < 0, fmt::format("coefficient component {} = {} is refused, though it is in its range",
                                               fault.coefficient, fault.value));
  }

  int fault(const std::string& text, int component) const {
    Samples bad = at_;
    bad.coefficients[component] = sdk::Expression::compile(text, sdk::SymbolTable::space_time(at_.dim), "conformance");
    Values f(at_.num_points * n_);
    return kernels_.residual(bad.batch(), sdk::Part::all, f.data()).coefficient;
  }

  void agree(const std::string& what, const Kernel& derivative, int width, const Kernel& of, const Move& move) const {
    const auto actual = evaluate(derivative, at_, width);
    close(what, actual, difference(of, at_, width, move), largest(evaluate(of, at_, width)));
  }

  /// Equal up to the error of a difference, relative to the values or to `scale`, what was differenced.
  static void close(const std::string& what, const Values& actual, const Values& expected, double scale) {
    const double relative = distance(actual, expected);
    const double allowed = 1e-7 + 1e-11 * scale / std::max(largest(expected), 1e-300);
    require(relative <= allowed, fmt::format("{} differs by {:.2e} (relative) from differences", what, relative));
  }

  /// Entry k of each component's slots.
  Values column(const Values& slots, int k) const {
    Values out(at_.num_points * at_.components);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = slots[i * (1 + at_.dim) + k];
    return out;
  }

  const sdk::PhysicsInfo& info_;
  const PointKernels& kernels_;
  Samples at_;
  int n_;
  Kernel residual_, boundary_;
};

void check_with_options(Report& report, const sdk::Physics& physics, const std::string& title) {
  for (const int dim : physics.info().dimensions) {
    const auto name = fmt::format("{}, {} dimension{}: ", title, dim, dim == 1 ? "" : "s");
    const Suite suite(physics, dim);
    report.check(name + "residual, derived fields and quantities are finite", [&] { suite.finite(); });
    report.check(name + "Jacobian against residual (Taylor)", [&] { suite.jacobian(); });
    report.check(name + "Jacobian times vector", [&] { suite.jacobian_vector(); });
    report.check(name + "derivatives by parameters and time", [&] { suite.parameter_and_time(); });
    if (suite.fluxes_have_rates()) {
      report.skip(name + "strong form", "its fluxes depend on du/dt");
    } else {
      report.check(name + "strong form against weak form", [&] { suite.strong(); });
      report.check(name + "strong form integrated over a cube", [&] { check_strong_form(physics, dim); });
    }
    report.check(name + "times and parameters of each point", [&] { suite.own_times(); });
    report.check(name + "derivatives by coefficients", [&] { suite.coefficient_slopes(); });
    if (physics.info().has_energy) report.check(name + "energy against weak form", [&] { suite.energy(); });
    if (physics.info().has_boundary_terms)
      report.check(name + "boundary Jacobian (Taylor)", [&] { suite.boundary_jacobian(); });
    if (physics.info().has_stabilisation) report.check(name + "stabilisation Jacobian", [&] { suite.stabilisation(); });
    report.check(name + "structure of the form", [&] { suite.structure(); });
    report.check(name + "nonstiff terms are declared", [&] { suite.nonstiff(); });
    report.check(name + "coefficients out of range or not finite are reported", [&] { suite.faults(); });
    report.check(name + "states that are not finite", [&] { suite.not_finite(); });
  }
}

}  // namespace

void check_kernels(Report& report, const plugin::PhysicsOffer& offer) {
  check_with_options(report, *offer.create(), "physics " + offer.name);
  const auto options = offer.create()->info().options;
  for (const auto& option : options) {
    for (std::size_t k = 1; k < option.choices.size(); ++k) {
      const auto physics = offer.create();
      physics->set_option(option.name, option.choices[k]);
      check_with_options(report, *physics,
                         fmt::format("physics {} with {} = {}", offer.name, option.name, option.choices[k]));
    }
  }
}

}  // namespace ansatz::conformance
