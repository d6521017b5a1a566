#include "engine/certify/energy_norm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/form_facts.hpp"
#include "engine/fem/motions/free_motions.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/symmetric_pair.hpp"

namespace ansatz::certify {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double riesz_tolerance = 1e-12, riesz_margin = 1.001;
constexpr double rough_tolerance = 0.1, rough_margin = 2.0;
constexpr double safe_share = 1.0 - 1e-6;          // of alpha
constexpr std::size_t most_numbers = 64'000'000;   // of pointwise matrices a rank keeps: 0.5 GB
constexpr double elliptic = 1e-12;                 // of a pivot beside the diagonal
constexpr std::int64_t direct_in_plane = 500'000;  // unknowns for which one factorisation serves many solves
constexpr std::int64_t direct_in_space = 20'000;

fem::FormDefinition at(const fem::Form& form, std::vector<double> parameters) {
  auto definition = form.definition();
  definition.parameters = std::move(parameters);
  definition.quadrature_degrees = form.quadrature_degrees();
  return definition;
}

/// (u, grad u) of each component: values and gradients of a field have units of their own.
std::vector<int> kinds_of_slots(const fem::DofMap& dofs) {
  std::vector<int> kinds;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    for (int c = 0; c < dofs.fields()[f].components; ++c) {
      kinds.push_back(2 * f);
      kinds.insert(kinds.end(), dofs.mesh().dim, 2 * f + 1);
    }
  }
  return kinds;
}

/// Cholesky with pivots on the diagonal. What is left counts as zero below `tolerance` of the scales.
/// \param m (n, n), overwritten
/// \param scales (n) of rows
bool has_no_negative(std::vector<double>& m, std::span<const double> scales, double tolerance) {
  const auto n = scales.size();
  std::vector<std::uint8_t> done(n, 0);
  for (std::size_t step = 0; step < n; ++step) {
    std::size_t pivot = n;
    double largest = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      if (done[i] != 0 || scales[i] == 0.0) continue;
      const double share = m[i * n + i] / scales[i];
      if (!std::isfinite(share)) return false;
      if (pivot == n || share > largest) pivot = i, largest = share;
    }
    if (pivot == n || !(largest > tolerance)) {
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          if (done[i] == 0 && done[j] == 0 &&
              !(std::abs(m[i * n + j]) <= tolerance * std::sqrt(scales[i]) * std::sqrt(scales[j])))
            return false;
        }
      }
      return true;
    }
    done[pivot] = 1;
    for (std::size_t i = 0; i < n; ++i) {
      if (done[i] != 0) continue;
      const double factor = m[i * n + pivot] / m[pivot * n + pivot];
      for (std::size_t j = 0; j < n; ++j) {
        if (done[j] == 0) m[i * n + j] -= factor * m[pivot * n + j];
      }
    }
  }
  return true;
}

/// The symmetric part of a lane's matrix.
void take_lane(const sdk::Lanes* d, int lane, std::size_t n, std::vector<double>& out) {
  out.resize(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) out[i * n + j] = 0.5 * (d[i * n + j][lane] + d[j * n + i][lane]);
  }
}

}  // namespace

std::vector<double> by_field(const fem::DiscreteProblem& discrete, const linear::SparseMatrix& X,
                             std::span<const double> v) {
  std::vector<double> product(v.size());
  X.multiply(v, product);
  const auto fields = discrete.fields();
  std::vector<double> sums(static_cast<std::size_t>(fields.count), 0.0);
  for (std::size_t i = 0; i < v.size(); ++i) sums[fields.of.empty() ? 0 : fields.of[i]] += v[i] * product[i];
  for (double& sum : sums) sum = std::sqrt(std::max(0.0, discrete.comm().sum(sum)));
  return sums;
}

double largest_share(std::span<const double> a, std::span<const double> x, std::span<const int> kinds, double most) {
  const auto n = kinds.size();
  std::vector<double> of_kind(n == 0 ? 0 : 1 + static_cast<std::size_t>(std::ranges::max(kinds)), 0.0);
  const auto fits = [&](double alpha) {
    std::ranges::fill(of_kind, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      of_kind[kinds[i]] = std::max(of_kind[kinds[i]], std::abs(a[i * n + i]) + alpha * std::abs(x[i * n + i]));
    std::vector<double> scales(n), m(n * n);
    for (std::size_t i = 0; i < n; ++i) scales[i] = of_kind[kinds[i]];
    for (std::size_t i = 0; i < n * n; ++i) m[i] = a[i] - alpha * x[i];
    return has_no_negative(m, scales, 8.0 * static_cast<double>(n) * epsilon);
  };
  double high = most;
  for (std::size_t i = 0; i < n; ++i) {
    if (x[i * n + i] > 0.0) high = std::min(high, a[i * n + i] / x[i * n + i]);
  }
  if (!(high > 0.0)) return fits(0.0) ? 0.0 : -1.0;
  if (high < infinity && fits(high)) return high;
  if (high == infinity) return fits(0.0) ? infinity : -1.0;
  double low = 0.0;
  if (!fits(low)) return -1.0;
  for (int k = 0; k < 60 && high - low > 1e-9 * high; ++k) {
    const double middle = 0.5 * (low + high);
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

EnergyNorm::EnergyNorm(const problem::Problem& problem, fem::DiscreteProblem& discrete, std::vector<double> reference,
                       double time)
    : problem_(problem),
      discrete_(discrete),
      form_(at(problem.form(), std::move(reference))),
      time_(time),
      slots_(static_cast<std::size_t>(problem.dofs().num_components() * (1 + problem.dim()))),
      kinds_(kinds_of_slots(problem.dofs())) {
  form_.set_constrained(problem.form().constrained());
  if (!form_.linear()) {
    objection_ = "the equations are nonlinear";
  } else if (!form_.symmetric()) {
    objection_ = "the equations are not symmetric by their structure";
  } else {
    take_points();
  }
  if (objection_.empty()) take_matrix(discrete);
}

void EnergyNorm::take_points() {
  const auto& comm = discrete_.comm();
  const std::vector<double> zero(problem_.dofs().num_local(), 0.0);
  bool is_semidefinite = true, fits = true, visits = false;
  std::vector<double> matrix;
  const auto n = slots_;
  base::agree(comm, [&] {
    visits = form_.visit_point_matrices(
        {time_, zero, {}}, {1.0, 0.0}, [&](const fem::Batch& batch, int points, const sdk::Lanes* d) {
          batches_.push_back({values_.size(), batch.num_active * points});
          for (int q = 0; q < points && fits; ++q) {
            for (int lane = 0; lane < batch.num_active; ++lane) {
              take_lane(d + std::size_t(q) * matrix_size(), lane, n, matrix);
              const bool is_new =
                  values_.size() < matrix_size() ||
                  !std::equal(matrix.begin(), matrix.end(), values_.end() - std::ptrdiff_t(matrix_size()));
              fits = fits && values_.size() < most_numbers;
              if (!fits) break;
              values_.insert(values_.end(), matrix.begin(), matrix.end());
              if (!is_new) continue;
              is_semidefinite =
                  is_semidefinite && largest_share(matrix, std::vector<double>(n * n, 0.0), kinds_, 1.0) >= 0.0;
              if (batch.local_facet >= 0) continue;
              // The gradient block: with all of it positive definite, only constants have no energy.
              std::vector<double> gradients;
              std::vector<double> scales;
              for (std::size_t i = 0; i < n; ++i) {
                if (kinds_[i] % 2 == 0) continue;
                scales.push_back(matrix[i * n + i]);
                for (std::size_t j = 0; j < n; ++j) {
                  if (kinds_[j] % 2 == 1)
                    gradients.push_back(matrix[i * n + j] - (i == j ? elliptic * matrix[i * n + i] : 0.0));
                }
              }
              is_elliptic_ = is_elliptic_ && std::ranges::none_of(scales, [](double s) { return !(s > 0.0); }) &&
                             has_no_negative(gradients, scales, 0.0);
            }
          }
        });
  });
  const auto on_all = [&](bool here) { return comm.max(here ? 0.0 : 1.0) == 0.0; };
  is_elliptic_ = on_all(is_elliptic_);
  if (!visits) {
    objection_ = "stabilised equations are no sum of small matrices";
  } else if (!on_all(fits)) {
    objection_ = "the small matrices at all quadrature points do not fit the memory";
  } else if (!on_all(is_semidefinite)) {
    objection_ = "a term is indefinite";
  }
}

void EnergyNorm::take_matrix(fem::DiscreteProblem& discrete) {
  const auto& comm = discrete.comm();
  const auto& dofs = problem_.dofs();
  const std::vector<double> zero(dofs.num_local(), 0.0), rest(static_cast<std::size_t>(dofs.num_owned()), 0.0);
  if (!fem::find_free_motions(discrete, time_, rest, std::nullopt, {1.0, 0.0}).empty()) {
    objection_ = "the equations leave a motion undetermined";
    return;
  }
  base::agree(comm, [&] { form_.sparsity(); });
  matrix_.emplace(comm, form_.sparsity().pattern, dofs.block_size());
  form_.jacobian({time_, zero, {}}, {1.0, 0.0}, *matrix_);
  if (!is_elliptic_ && !linear::is_positive_definite(*matrix_)) {
    objection_ = "the energy is not positive for all fields";
    return;
  }
  const auto n = dofs.num_global();
  const bool is_direct = n <= (problem_.dim() < 3 ? direct_in_plane : direct_in_space);
  linear::KrylovOptions options{.relative_tolerance = riesz_tolerance};
  if (is_direct) options.solver = "direct";
  solver_.emplace(comm, options, true);
  solver_->set_fields(discrete.fields());
  solver_->set_dimension(problem_.dim());
  if (!is_direct) solver_->set_near_null_space(fem::near_null_modes(dofs, problem_.physics().info()));
  solver_->set_operator(*matrix_);
}

double EnergyNorm::coercivity(double time) const {
  const auto& comm = discrete_.comm();
  const auto& form = problem_.form();
  const std::vector<double> zero(problem_.dofs().num_local(), 0.0);
  const auto n = slots_;
  double alpha = infinity;
  bool fits = form.linear();
  std::size_t k = 0;
  std::vector<double> a, before_a, before_x;
  base::agree(comm, [&] {
    const bool visits = form.visit_point_matrices(
        {time, zero, {}}, {1.0, 0.0}, [&](const fem::Batch& batch, int points, const sdk::Lanes* d) {
          fits = fits && k < batches_.size() && batches_[k].count == batch.num_active * points;
          const std::size_t first = k < batches_.size() ? batches_[k].first : 0;
          ++k;
          for (int m = 0; fits && alpha > 0.0 && m < batch.num_active * points; ++m) {
            const int q = m / batch.num_active, lane = m % batch.num_active;
            take_lane(d + std::size_t(q) * matrix_size(), lane, n, a);
            const std::span<const double> x(values_.data() + first + std::size_t(m) * matrix_size(), matrix_size());
            if (a == before_a && std::ranges::equal(x, before_x)) continue;
            alpha = std::min(alpha, largest_share(a, x, kinds_, alpha));
            before_a = a;
            before_x.assign(x.begin(), x.end());
          }
        });
    fits = fits && visits && k == batches_.size();
  });
  alpha = -comm.max(fits ? -alpha : 0.0);
  return alpha > 0.0 && alpha < infinity ? safe_share * alpha : 0.0;
}

double EnergyNorm::dual_norm(std::span<const double> r, double tolerance, double margin) {
  std::vector<double> free(r.begin(), r.end()), z(r.size(), 0.0);
  const auto& constrained = discrete_.constrained();
  for (std::size_t i = 0; i < free.size(); ++i) {
    if (constrained[i] != 0) free[i] = 0.0;
  }
  if (linear::norm(discrete_.comm(), free) == 0.0) return 0.0;
  solver_->solve(free, z, false, {.relative = tolerance});
  return margin * std::sqrt(std::max(0.0, linear::dot(discrete_.comm(), free, z)));
}

double EnergyNorm::dual_norm(std::span<const double> r) { return dual_norm(r, riesz_tolerance, riesz_margin); }

double EnergyNorm::rough_dual_norm(std::span<const double> r) { return dual_norm(r, rough_tolerance, rough_margin); }

double EnergyNorm::norm(std::span<const double> v) const {
  const auto& comm = discrete_.comm();
  const auto local = discrete_.with_ghosts(v);
  const std::vector<double> zero(local.size(), 0.0);
  std::vector<double> at_v(v.size()), at_zero(v.size());
  base::agree(comm, [&] {
    form_.unconstrained_residual({time_, local, {}}, at_v);
    form_.unconstrained_residual({time_, zero, {}}, at_zero);
  });
  linear::add_scaled(-1.0, at_zero, at_v);
  return std::sqrt(std::max(0.0, linear::dot(comm, v, at_v)));
}

}  // namespace ansatz::certify
