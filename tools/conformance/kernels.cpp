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
    const Kernel strong = [&](const auto& b, Lanes* r) { kernels_.strong_residual(b, r); };
    const auto actual = evaluate(strong, at_, at_.components);
    close("the strong residual f0 - div f1", actual, expected, largest(evaluate(residual_, at_, n_)));
    const Direction w(at_, true);
    const int width = at_.components * w.width();
    Samples frozen = at_;  // strong derivatives are those by u, at fixed rates
    const auto derivative =
        evaluate([&](const auto& b, Lanes* d) { kernels_.strong_derivative(b, d); }, at_, at_.components * width);
    const auto move = [&](Samples& s, double h) {
      w(s, h);
      s.rates = frozen.rates;
    };
    close("the derivative of the strong residual", w.times(derivative, at_.components, at_.num_points),
          difference(strong, at_, at_.components, move), largest(derivative) + largest(actual));
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
    report.check(name + "strong form against weak form", [&] { suite.strong(); });
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
