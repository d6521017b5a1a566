#include <fmt/format.h>

#include <algorithm>

#include "checks.hpp"
#include "kernel_suite.hpp"

namespace ansatz::conformance {

void Suite::strong() const {
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

void Suite::strong_by_rate(const Kernel& strong) const {
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

void Suite::own_times() const {
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

void Suite::coefficient_slopes() const {
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

void Suite::energy() const {
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
  require(kernels_.is_energy(at.coefficients),
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

void Suite::gradient(const char* what, const Kernel& energy, const Kernel& form, const Samples& at) const {
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
    require(difference <= 1e-9 * scale, fmt::format("the derivative of the energy by slot {} differs by {:.2e} from {}",
                                                    k, difference / scale, what));
  }
}

void Suite::stabilisation() const {
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

}  // namespace ansatz::conformance
