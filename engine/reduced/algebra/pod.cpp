#include "engine/reduced/algebra/pod.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/random.hpp"
#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr double eps = std::numeric_limits<double>::epsilon();

void check(const PodOptions& options, int num_snapshots) {
  if (!(options.tolerance >= 0.0 && options.tolerance < 1.0) || options.num_modes < 0) {
    throw Error(ErrorKind::parameter, "a POD needs a tolerance in [0, 1) and a number of modes that is not negative",
                "pod");
  }
  if (options.num_modes > num_snapshots) {
    throw Error(
        ErrorKind::parameter,
        std::to_string(options.num_modes) + " modes are wanted of " + std::to_string(num_snapshots) + " snapshots",
        "pod", "ask for fewer modes, or give more snapshots");
  }
}

double root_of_squares(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

/// X.round_off of the snapshots together: of the root of the sum of squares of each row. *Collective.*
double noise_of(const InnerProduct& X, const std::vector<double>& row_squares) {
  std::vector<double> rows(row_squares);
  for (double& value : rows) value = std::sqrt(value);
  return 4.0 * X.round_off(rows);
}

void add_squares(std::span<const double> v, std::vector<double>& row_squares) {
  row_squares.resize(v.size(), 0.0);
  for (std::size_t i = 0; i < v.size(); ++i) row_squares[i] += v[i] * v[i];
}

double noise_of(const InnerProduct& X, const Block& snapshots) {
  std::vector<double> row_squares(snapshots.num_rows(), 0.0);
  for (int j = 0; j < snapshots.num_columns(); ++j) add_squares(snapshots.column(j), row_squares);
  return noise_of(X, row_squares);
}

/// What a set of singular values does not hold.
struct LeftOut {
  double missing = 0.0;  ///< energy outside the range that was searched
  double noise = 0.0;    ///< singular values up to this are round-off
};

/// Number of modes to keep.
int num_kept(const std::vector<double>& s, double energy, const LeftOut& left_out, int num_snapshots,
             const PodOptions& options) {
  const double noise = s.empty() ? 0.0 : std::max(eps * std::max(num_snapshots, 10) * s.front(), left_out.noise);
  const double missing = left_out.missing;
  int n = static_cast<int>(std::count_if(s.begin(), s.end(), [&](double value) { return value > noise; }));
  if (options.num_modes > 0) n = std::min(n, options.num_modes);
  double tail_squared = missing * missing;
  for (std::size_t i = n; i < s.size(); ++i) tail_squared += s[i] * s[i];
  while (n > 0) {
    tail_squared += s[n - 1] * s[n - 1];
    if (!(std::sqrt(tail_squared) <= options.tolerance * energy)) break;
    --n;
  }
  return n;
}

Dense first_columns(const Dense& A, int n) {
  Dense out(A.rows, n);
  std::copy_n(A.values.begin(), out.values.size(), out.values.begin());
  return out;
}

/// -1 where a mode with these coefficients of the snapshots must be turned round, otherwise 1.
double canonical_sign(const Dense& coefficients, int mode) {
  double largest = 0.0;
  for (int j = 0; j < coefficients.columns; ++j) largest = std::max(largest, std::abs(coefficients(mode, j)));
  for (int j = 0; j < coefficients.columns; ++j) {
    if (std::abs(coefficients(mode, j)) >= (1.0 - 1e-6) * largest) return coefficients(mode, j) < 0.0 ? -1.0 : 1.0;
  }
  return 1.0;
}

/// Turns modes, given in the basis Q, and their coefficients to the canonical signs, and lifts them.
void set_modes(Pod& out, const Block& Q, Dense in_basis) {
  for (int i = 0; i < in_basis.columns; ++i) {
    const double sign = canonical_sign(out.coefficients, i);
    for (double& value : in_basis.column(i)) value *= sign;
    for (int j = 0; j < out.coefficients.columns; ++j) out.coefficients(i, j) *= sign;
  }
  out.modes = lift(Q, in_basis);
}

/// POD of Q C with X-orthonormal Q.
Pod pod_of_core(const Block& Q, Dense C, const LeftOut& left_out, const PodOptions& options) {
  const int num_snapshots = C.columns;
  Svd core = svd(std::move(C));
  Pod out;
  out.energy = std::hypot(root_of_squares(core.s), left_out.missing);
  const int n = num_kept(core.s, out.energy, left_out, num_snapshots, options);
  out.coefficients = Dense(n, num_snapshots);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < num_snapshots; ++j) out.coefficients(i, j) = core.s[i] * core.V(j, i);
  }
  out.tail = std::hypot(root_of_squares(std::span(core.s).subspan(n)), left_out.missing);
  out.singular_values = std::move(core.s);
  set_modes(out, Q, first_columns(core.U, n));
  return out;
}

}  // namespace

Pod pod(const InnerProduct& X, Block snapshots, const PodOptions& options) {
  check(options, snapshots.num_columns());
  const double noise = noise_of(X, snapshots);
  auto factors = orthonormalise(X, std::move(snapshots));
  return pod_of_core(factors.Q, std::move(factors.R), {0.0, noise}, options);
}

IncrementalPod::IncrementalPod(InnerProduct X, std::size_t num_rows, double drop)
    : X_(std::move(X)), drop_(drop), Q_(num_rows), row_squares_(num_rows, 0.0) {
  if (!(drop >= 0.0 && drop < 1.0)) {
    throw Error(ErrorKind::parameter, "an incremental POD drops singular values below a part of the largest in [0, 1)",
                "IncrementalPod");
  }
}

void IncrementalPod::add(std::span<const double> snapshot) {
  std::vector<double> v(snapshot.begin(), snapshot.end());
  auto found = orthogonalise(X_, Q_, v);
  if (!found.dependent) {
    Q_.append(v);
    found.coefficients.push_back(found.remainder);
  }
  add_squares(snapshot, row_squares_);
  const int k = static_cast<int>(s_.size()), q = Q_.num_columns();
  Dense core(q, k + 1);  // [M diag(s), c] in the columns of Q
  for (int j = 0; j < k; ++j) {
    for (int i = 0; i < M_.rows; ++i) core(i, j) = M_(i, j) * s_[j];
  }
  std::copy(found.coefficients.begin(), found.coefficients.end(), core.column(k).begin());
  energy_squared_ += std::pow(root_of_squares(found.coefficients), 2);
  coordinates_.push_back(std::move(found.coefficients));
  Svd factors = svd(std::move(core));
  const auto kept = std::count_if(factors.s.begin(), factors.s.end(),
                                  [&](double value) { return value > drop_ * factors.s.front() && value > 0.0; });
  dropped_ += root_of_squares(std::span(factors.s).subspan(kept));
  factors.s.resize(kept);
  s_ = std::move(factors.s);
  M_ = first_columns(factors.U, static_cast<int>(kept));
  if (q > 3 * static_cast<int>(kept) && q > 10) collapse();
}

void IncrementalPod::collapse() {
  for (auto& coordinates : coordinates_) {
    std::vector<double> next(M_.columns, 0.0);
    for (int j = 0; j < M_.columns; ++j) {
      for (std::size_t i = 0; i < coordinates.size(); ++i) next[j] += M_(static_cast<int>(i), j) * coordinates[i];
    }
    coordinates = std::move(next);
  }
  // The small factor of this orthonormalisation is the identity up to round-off.
  auto fresh = orthonormalise(X_, lift(Q_, M_));
  Q_ = std::move(fresh.Q);
  M_ = std::move(fresh.R);
}

Pod IncrementalPod::result(const PodOptions& options) const {
  const int num_snapshots = static_cast<int>(coordinates_.size());
  check(options, num_snapshots);
  Pod out;
  out.singular_values = s_;
  out.energy = std::sqrt(energy_squared_);
  const int n = num_kept(s_, out.energy, {dropped_, noise_of(X_, row_squares_)}, num_snapshots, options);
  out.tail = root_of_squares(std::span(s_).subspan(n)) + dropped_;
  out.coefficients = Dense(n, num_snapshots);
  for (int j = 0; j < num_snapshots; ++j) {
    for (int i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < coordinates_[j].size(); ++k) {
        out.coefficients(i, j) += M_(static_cast<int>(k), i) * coordinates_[j][k];
      }
    }
  }
  set_modes(out, Q_, first_columns(M_, n));
  return out;
}

namespace {

Dense gaussian(sdk::Random& random, int rows, int columns) {
  Dense out(rows, columns);
  for (double& value : out.values) value = random.normal();
  return out;
}

/// Y := (I - Q Q^T X) Y. *Collective.*
void remove(const InnerProduct& X, const Block& Q, Block& Y) {
  if (Q.num_columns() == 0 || Y.num_columns() == 0) return;
  const Dense C = X.gram(Q, Y);
  for (int j = 0; j < Y.num_columns(); ++j) add_lifted(-1.0, Q, C.column(j), Y.column(j));
}

/// X-orthonormal directions of Y orthogonal to Q, one after the other; none that are round-off. *Collective.*
Block new_directions(const InnerProduct& X, const Block& Q, Block Y) {
  Block basis = Q, out(Q.num_rows());
  for (int j = 0; j < Y.num_columns(); ++j) {
    if (orthogonalise(X, basis, Y.column(j)).dependent) continue;
    basis.append(Y.column(j));
    out.append(Y.column(j));
  }
  return out;
}

/// Up to `count` random directions of the range of S, X-orthonormal and orthogonal to Q. *Collective.*
Block sample_range(const InnerProduct& X, const Block& S, const Block& Q, int count, int power_iterations,
                   sdk::Random& random) {
  Block Y = new_directions(X, Q, lift(S, gaussian(random, S.num_columns(), count)));
  for (int pass = 0; pass < power_iterations; ++pass) Y = new_directions(X, Q, lift(S, X.gram(S, Y)));
  return Y;
}

/// Root of the mean of ||column||_X^2. *Collective.*
double mean_norm(const InnerProduct& X, const Block& T) {
  double sum = 0.0;
  for (int j = 0; j < T.num_columns(); ++j) sum += std::pow(X.norm(T.column(j)), 2);
  return std::sqrt(sum / T.num_columns());
}

}  // namespace

Pod randomised_pod(const InnerProduct& X, const Block& snapshots, const PodOptions& options,
                   const RandomisedOptions& randomised) {
  constexpr int num_tests = 20;
  constexpr double safety = 3.0;
  const int num_snapshots = snapshots.num_columns();
  check(options, num_snapshots);
  if (randomised.block < 1 || randomised.oversampling < 0 || randomised.power_iterations < 0) {
    throw Error(ErrorKind::parameter, "a randomised POD needs blocks of at least one vector, and no negative numbers",
                "pod");
  }
  sdk::Random random(randomised.seed, 1), test_random(randomised.seed, 2);
  Block tests = lift(snapshots, gaussian(test_random, num_snapshots, num_tests));
  double energy_squared = 0.0;
  for (int j = 0; j < num_snapshots; ++j) energy_squared += std::pow(X.norm(snapshots.column(j)), 2);
  const double energy = std::sqrt(energy_squared);
  if (!std::isfinite(energy)) {
    throw Error(ErrorKind::not_finite, "a snapshot has an entry that is not a finite number", "randomised_pod",
                "look for a snapshot whose solve failed");
  }
  const double noise = noise_of(X, snapshots);
  // Half of the tail's square is for what the range misses, half for the modes that are left out.
  const double goal = std::max({options.tolerance * std::sqrt(0.5) * energy, 10.0 * eps * energy, safety * noise});
  const int wanted =
      options.num_modes > 0 ? std::min(options.num_modes + randomised.oversampling, num_snapshots) : num_snapshots;
  Block Q(snapshots.num_rows());
  double missing = safety * mean_norm(X, tests);
  while (missing > goal && Q.num_columns() < wanted) {
    const int count = std::min(randomised.block, wanted - Q.num_columns());
    const Block more = sample_range(X, snapshots, Q, count, randomised.power_iterations, random);
    if (more.num_columns() == 0) break;
    remove(X, more, tests);
    remove(X, more, tests);
    for (int j = 0; j < more.num_columns(); ++j) Q.append(more.column(j));
    missing = safety * mean_norm(X, tests);
  }
  return pod_of_core(Q, X.gram(Q, snapshots), {missing, noise}, options);
}

}  // namespace ansatz::reduced
