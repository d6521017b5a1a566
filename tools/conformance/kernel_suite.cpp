#include "kernel_suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ansatz/sdk/strong_form.hpp"
#include "checks.hpp"

namespace ansatz::conformance {

Values evaluate(const Kernel& kernel, const Samples& at, int width) {
  Values out(at.num_points * width, Lanes(0.0));
  kernel(at.batch(), out.data());
  return out;
}

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

Suite::Suite(const sdk::Physics& physics, int dim)
    : info_(physics.info()),
      kernels_(physics.kernels(dim)),
      at_(info_, dim),
      n_(at_.num_slots()),
      residual_([this](const PointBatch& b, Lanes* f) { accept(kernels_.residual(b, sdk::Part::all, f)); }),
      boundary_([this](const PointBatch& b, Lanes* f) { accept(kernels_.boundary_residual(b, f)); }) {}

bool Suite::fluxes_have_rates() const {
  return sdk::StrongForm::fluxes_have_rates(kernels_.structure(at_.coefficients), at_.dim);
}

void Suite::finite() const {
  require(std::isfinite(largest(evaluate(residual_, at_, n_))), "the residual is not finite at values of about 1");
  for (const auto& [infos, kernel] : {std::pair{&info_.derived, &PointKernels::derived_fields},
                                      std::pair{&info_.quantities, &PointKernels::quantities}}) {
    int width = 0;
    for (const auto& entry : *infos) width += sdk::num_components(entry.shape, at_.dim);
    const auto values = evaluate([&, k = kernel](const auto& b, Lanes* f) { (kernels_.*k)(b, f); }, at_, width);
    require(std::isfinite(largest(values)), "a derived field or quantity is not finite");
  }
}

void Suite::taylor(const Kernel& residual, const Kernel& jacobian) const {
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

void Suite::jacobian() const {
  taylor(residual_, [&](const auto& b, Lanes* d) { kernels_.jacobian(b, sdk::Part::all, {1.0, rate_weight}, d); });
}

void Suite::boundary_jacobian() const {
  taylor(boundary_, [&](const auto& b, Lanes* d) { kernels_.boundary_jacobian(b, {1.0, rate_weight}, d); });
}

void Suite::jacobian_vector() const {
  const Direction w(at_, false);
  const auto slots = w.slots(at_);
  Values rates(at_.num_points * at_.components);
  for (std::size_t c = 0; c < rates.size(); ++c) rates[c] = rate_weight * slots[c * (1 + at_.dim)];
  agree(
      "the Jacobian times a vector",
      [&](const auto& b, Lanes* f) { kernels_.jacobian_vector(b, slots.data(), rates.data(), f); }, n_, residual_, w);
}

void Suite::parameter_and_time() const {
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

void Suite::structure() const {
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

void Suite::nonstiff() const {
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

void Suite::faults() const {
  int first = 0;
  for (const auto& c : info_.coefficients) {
    const int n = sdk::num_components(c.shape, at_.dim);
    if (!c.on_boundary) {
      require(fault("log(-1 - x * x)", first) == first,
              fmt::format("a value of \"{}\" that is not finite is not reported", c.name));
      if (std::isfinite(c.range.low)) {
        const auto below = fmt::format("{:.17g} - 1 - x * x", c.range.low);
        require(fault(below, first) == first, fmt::format("a value of \"{}\" below its range is not reported", c.name));
      }
    }
    first += n;
  }
}

void Suite::not_finite() const {
  Samples bad = at_;
  for (auto& x : bad.slots) x = Lanes(NAN);
  Values f(at_.num_points * n_ * n_);
  try {
    kernels_.residual(bad.batch(), sdk::Part::all, f.data());
    kernels_.jacobian(bad.batch(), sdk::Part::all, {1.0, 1.0}, f.data());
  } catch (const sdk::Error&) {
  }
}

void Suite::accept(const sdk::CoefficientFault& fault) {
  require(fault.coefficient < 0, fmt::format("coefficient component {} = {} is refused, though it is in its range",
                                             fault.coefficient, fault.value));
}

int Suite::fault(const std::string& text, int component) const {
  Samples bad = at_;
  bad.coefficients[component] = sdk::Expression::compile(text, sdk::SymbolTable::space_time(at_.dim), "conformance");
  Values f(at_.num_points * n_);
  return kernels_.residual(bad.batch(), sdk::Part::all, f.data()).coefficient;
}

void Suite::agree(const std::string& what, const Kernel& derivative, int width, const Kernel& of,
                  const Move& move) const {
  const auto actual = evaluate(derivative, at_, width);
  close(what, actual, difference(of, at_, width, move), largest(evaluate(of, at_, width)));
}

void Suite::close(const std::string& what, const Values& actual, const Values& expected, double scale) {
  const double relative = distance(actual, expected);
  const double allowed = 1e-7 + 1e-11 * scale / std::max(largest(expected), 1e-300);
  require(relative <= allowed, fmt::format("{} differs by {:.2e} (relative) from differences", what, relative));
}

Values Suite::column(const Values& slots, int k) const {
  Values out(at_.num_points * at_.components);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = slots[i * (1 + at_.dim) + k];
  return out;
}

}  // namespace ansatz::conformance
