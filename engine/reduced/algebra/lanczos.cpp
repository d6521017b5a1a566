#include "engine/reduced/algebra/lanczos.hpp"

#include <algorithm>
#include <cmath>

#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {

RitzValue largest_eigenvalue(const InnerProduct& X, std::vector<double> start,
                             const std::function<void(std::span<const double> v, std::span<double> out)>& apply,
                             double tolerance, int most_steps) {
  const double size = X.norm(start);
  for (double& value : start) value /= size;
  Block V(start.size());
  V.append(start);
  Dense T;
  RitzValue out;
  std::vector<double> next(start.size());
  for (int n = 1; n <= most_steps; ++n) {
    apply(V.column(n - 1), next);
    const auto parts = orthogonalise(X, V, next, 1e-13);
    Dense larger(n, n);
    for (int j = 0; j + 1 < n; ++j) std::ranges::copy(T.column(j), larger.column(j).begin());
    for (int i = 0; i < n; ++i) larger(i, n - 1) = parts.coefficients[i];
    T = std::move(larger);
    const auto eigen = symmetric_eigen(T);
    out.value = eigen.values.back();
    const auto s = eigen.vectors.column(n - 1);
    const double residual = parts.dependent ? 0.0 : parts.remainder * std::abs(s[n - 1]);
    if (residual <= tolerance * out.value || n == most_steps) {
      out.vector.assign(start.size(), 0.0);
      add_lifted(1.0, V, s, out.vector);
      return out;
    }
    V.append(next);
  }
  return out;
}

}  // namespace ansatz::reduced
