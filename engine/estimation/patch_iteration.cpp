#include "engine/estimation/patch_iteration.hpp"

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::estimation {
namespace {

constexpr int window = 4;
constexpr int restart = 30;

}  // namespace

IterationResult conjugate_gradients(const base::Communicator& comm, const Apply& A, const Apply& B,
                                    std::span<const double> b, std::span<double> x, IterationOptions options) {
  const std::size_t n = b.size();
  std::vector<double> r(n), z(n), p(n), q(n), gains;
  A(x, r);
  for (std::size_t i = 0; i < n; ++i) r[i] = b[i] - r[i];
  B(r, z);
  p = z;
  double rz = linear::dot(comm, r, z);
  const double first = linear::dot(comm, x, b) - linear::dot(comm, x, r);  // x^T A x
  IterationResult result;
  while (rz != 0.0 && result.iterations < options.max_iterations) {
    A(p, q);
    const double pq = linear::dot(comm, p, q);
    if (!(pq > 0.0) || !(rz > 0.0)) {
      throw sdk::Error(sdk::ErrorKind::solver, "a Jacobian that must be positive is not, or is not finite",
                       "estimation::conjugate_gradients", "report this");
    }
    const double alpha = rz / pq;
    linear::add_scaled(alpha, p, x);
    linear::add_scaled(-alpha, q, r);
    gains.push_back(alpha * rz);
    result.energy += gains.back();
    ++result.iterations;
    B(r, z);
    const double next = linear::dot(comm, r, z);
    for (std::size_t i = 0; i < n; ++i) p[i] = z[i] + next / rz * p[i];
    rz = next;
    double recent = 0.0;
    for (std::size_t k = gains.size() - std::min<std::size_t>(window, gains.size()); k < gains.size(); ++k)
      recent += gains[k];
    result.remainder = std::sqrt(recent / (first + result.energy));
    if (result.iterations >= window && result.remainder <= options.tolerance) break;
  }
  if (rz == 0.0) result.remainder = 0.0;
  result.energy += first;
  return result;
}

IterationResult gmres(const base::Communicator& comm, const Apply& A, const Apply& B, std::span<const double> weights,
                      std::span<const double> b, std::span<double> x, IterationOptions options) {
  const std::size_t n = b.size();
  const auto dot = [&](std::span<const double> u, std::span<const double> v) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += weights[i] * u[i] * v[i];
    return comm.sum(sum);
  };
  IterationResult result;
  const double goal = options.tolerance * std::sqrt(dot(b, b));
  std::vector<double> r(n), z(n);
  while (true) {
    A(x, r);
    for (std::size_t i = 0; i < n; ++i) r[i] = b[i] - r[i];
    const double beta = std::sqrt(dot(r, r));
    result.remainder = goal > 0.0 ? beta / goal * options.tolerance : 0.0;
    if (!(beta > goal) || result.iterations >= options.max_iterations) return result;
    std::vector<std::vector<double>> V{r}, H;
    for (auto& value : V[0]) value /= beta;
    std::vector<double> cosines, sines, g{beta};
    for (int k = 0; k < restart && result.iterations < options.max_iterations; ++k) {
      B(V[k], z);
      std::vector<double> w(n), h(k + 2);
      A(z, w);
      for (int j = 0; j <= k; ++j) {
        h[j] = dot(V[j], w);
        linear::add_scaled(-h[j], V[j], w);
      }
      h[k + 1] = std::sqrt(dot(w, w));
      const double length = h[k + 1];
      for (int j = 0; j < k; ++j) {
        const double above = cosines[j] * h[j] + sines[j] * h[j + 1];
        h[j + 1] = -sines[j] * h[j] + cosines[j] * h[j + 1];
        h[j] = above;
      }
      const double size = std::hypot(h[k], h[k + 1]);
      if (!(size > 0.0)) break;
      cosines.push_back(h[k] / size);
      sines.push_back(h[k + 1] / size);
      h[k] = size;
      g.push_back(-sines[k] * g[k]);
      g[k] *= cosines[k];
      H.push_back(h);
      ++result.iterations;
      if (!(std::abs(g[k + 1]) > goal) || !(length > 0.0)) break;
      for (auto& value : w) value /= length;
      V.push_back(std::move(w));
    }
    const int m = static_cast<int>(H.size());
    if (m == 0) return result;
    std::vector<double> y(m), sum(n, 0.0);
    for (int i = m - 1; i >= 0; --i) {
      y[i] = g[i];
      for (int j = i + 1; j < m; ++j) y[i] -= H[j][i] * y[j];
      y[i] /= H[i][i];
    }
    for (int k = 0; k < m; ++k) linear::add_scaled(y[k], V[k], sum);
    B(sum, z);
    linear::add_scaled(1.0, z, x);
  }
}

}  // namespace ansatz::estimation
