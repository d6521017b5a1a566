/// Snapshots of a ReducedBasis, and the weak motions that its matrices lose.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/small_lu.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/linear/solvers/symmetric_pair.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"

namespace ansatz::reduced {
namespace {

constexpr double resolved = 1e-9;  // relative residual of a solve that keeps enough digits
constexpr double motion_round_off = 256.0 * std::numeric_limits<double>::epsilon();  // of |A_q| |m|
constexpr double seen_equal = 1e-6;  // of what form and terms see of motions

}  // namespace

/// The energy norm at the reference does not keep the digits of a general functional, because of weak motions; in time, where
/// nobody knows these, for whatever reason.
bool ReducedBasis::hides_motions() {
  if (!made_.is_energy || more_.product.kind != "automatic") return false;
  try {
    riesz(terms_.start());
    if (data_.riesz_level <= resolved) return false;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
  }
  data_.riesz_level = 0.0;
  return more_.weak_motions ? !more_.weak_motions(data_.reference).motions.empty() : !problem_.masses.empty();
}

void ReducedBasis::use_h1_norm() {
  more_.product.kind = "h1";
  made_ = make_product(form_, terms_, reference_thetas_, more_.product);
  shifts_.clear();
  objection_ = find_objection(data_.box);
  data_.stability = {};
  use_min_theta();
  product_ = InnerProduct::matrix(comm_, made_.matrix);
  pairs_.require_commuting(problem_, X());
  X_solver_.set_operator(X());
  data_.norm = made_.name;
}

std::vector<double> ReducedBasis::snapshot(std::span<const double> mu) { return whole(solved_from(guess(mu), mu)); }

std::vector<double> ReducedBasis::whole(const Snapshot& snapshot) const {
  auto v = snapshot.rest;
  for (std::size_t m = 0; m < snapshot.amplitudes.size(); ++m) linear::add_scaled(snapshot.amplitudes[m], motions_[m].vector, v);
  return v;
}

ReducedBasis::Snapshot ReducedBasis::solved_from(std::vector<double> start, std::span<const double> mu) {
  const auto b = problem_.rhs_thetas(mu), values = problem_.operator_thetas(mu);
  std::vector<double> rhs(form_.dofs().num_owned(), 0.0);
  for (std::size_t q = 0; q < b.size(); ++q) linear::add_scaled(b[q], problem_.rhs.column(static_cast<int>(q)), rhs);
  if (motions_.empty()) {
    combine(values, form_.constrained());
    if (auto v = solved_plainly(start, rhs)) return {std::move(*v)};
    if (!find_weak_motions(mu, values)) {
      combine(values, form_.constrained());
      return {solved(rhs, std::move(start))};
    }
  }
  try {
    return solved_with_motions_held(values, rhs);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver || !find_weak_motions(mu, values)) throw;
    return solved_with_motions_held(values, rhs);
  }
}

void ReducedBasis::combine(std::span<const double> values, const std::vector<std::uint8_t>& constrained) {
  std::vector<const linear::SparseMatrix*> operators;
  for (const auto& A : problem_.operators) operators.push_back(A.get());
  linear::combine(values, operators, constrained, 1.0, matrix_);
  solver_.set_operator(matrix_);
}

/// With the matrix at hand.
std::vector<double> ReducedBasis::solved(std::span<const double> rhs, std::vector<double> v) {
  const auto result = solver_.solve(rhs, v, true);
  const double size = linear::norm(comm_, rhs);
  if (size > 0.0) note_solver_level(result.final_norm / size);
  return v;
}

/// Nothing where motions may be what the matrix does not resolve.
std::optional<std::vector<double>> ReducedBasis::solved_plainly(std::vector<double> start, std::span<const double> rhs) {
  if (!more_.weak_motions) return solved(rhs, std::move(start));
  const double before = data_.solver_level;
  try {
    auto v = solved(rhs, std::move(start));
    if (data_.solver_level <= std::max(before, resolved)) return v;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
  }
  data_.solver_level = before;
  return std::nullopt;
}

/// With A v = f and v = y + sum_k c_k (m_k + w_k): y and w_k solve A y = f and A w_k = -A m_k with the motions held, that is,
/// where one unknown of each is 0 and its equation left out; the c_k satisfy the integrals test_j . (f - A v) = 0 in place of
/// these equations.
ReducedBasis::Snapshot ReducedBasis::solved_with_motions_held(std::span<const double> values, std::span<const double> rhs) {
  const std::size_t n = motions_.size();
  combine(values, held_);
  const auto masked = [&](std::span<const double> v) {
    std::vector<double> out(v.begin(), v.end());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = held_[i] != 0 ? 0.0 : out[i];
    return out;
  };
  std::vector<double> sums, Av(rhs.size()), part(rhs.size());  // (n, n + 1) column after column
  const auto add_sums = [&](std::span<const double> equations) {
    for (const auto& motion : motions_) sums.push_back(linear::dot(comm_, motion.test, equations));
  };
  Snapshot out{solved(masked(rhs), std::vector<double>(rhs.size(), 0.0))};
  std::vector<std::vector<double>> corrections;
  for (const auto& motion : motions_) {
    std::vector<double> Am(rhs.size(), 0.0);
    for (std::size_t q = 0; q < values.size(); ++q) {
      problem_.operators[q]->multiply(motion.vector, part);
      remove_round_off(static_cast<int>(q), motion.vector, part);
      linear::add_scaled(values[q], part, Am);
    }
    auto right = masked(Am);
    for (double& value : right) value = -value;
    corrections.push_back(solved(right, std::vector<double>(rhs.size(), 0.0)));
    problem_.apply(values, corrections.back(), Av);
    linear::add_scaled(1.0, Av, Am);
    add_sums(Am);
  }
  problem_.apply(values, out.rest, Av);
  std::vector<double> residual(rhs.begin(), rhs.end());
  linear::add_scaled(-1.0, Av, residual);
  add_sums(residual);
  std::vector<int> pivots(n);
  if (!base::factorise(std::span(sums).first(n * n), pivots)) {
    throw sdk::Error(sdk::ErrorKind::solver, "the equations determine " + motions_.front().text() + " only", "reduced basis",
                     "prescribe a value, or use solver.type = \"fem\"");
  }
  const auto amplitudes = std::span(sums).last(n);
  base::solve_factorised(std::span(sums).first(n * n), pivots, amplitudes);
  out.amplitudes.assign(amplitudes.begin(), amplitudes.end());
  for (std::size_t k = 0; k < n; ++k) linear::add_scaled(out.amplitudes[k], corrections[k], out.rest);
  return out;
}

void ReducedBasis::remove_round_off(int q, std::span<const double> motion, std::span<double> product) const {
  std::vector<double> terms(product.size());
  problem_.operators[q]->multiply_absolute(motion, terms);
  for (std::size_t i = 0; i < product.size(); ++i) {
    if (std::abs(product[i]) <= motion_round_off * terms[i]) product[i] = 0.0;
  }
}

/// Adds those at mu that are new to the basis. \returns whether there are any
bool ReducedBasis::find_weak_motions(std::span<const double> mu, std::span<const double> values) {
  if (!more_.weak_motions) return false;
  const auto found = more_.weak_motions(mu);
  const std::size_t n = found.motions.size();
  double difference = 0.0, transposed = 0.0, size = 0.0;
  std::vector<double> sum(form_.dofs().num_owned()), part(sum.size());
  for (std::size_t k = 0; k < n; ++k) {
    std::ranges::fill(sum, 0.0);
    for (std::size_t q = 0; q < values.size(); ++q) {
      problem_.operators[q]->multiply(found.motions[k].vector, part);
      remove_round_off(static_cast<int>(q), found.motions[k].vector, part);
      linear::add_scaled(values[q], part, sum);
    }
    for (std::size_t j = 0; j < n; ++j) {
      const double here = linear::dot(comm_, found.motions[j].test, sum);
      const int row = static_cast<int>(j), column = static_cast<int>(k);
      size = std::max(size, std::abs(found.seen(row, column)));
      difference = std::max(difference, std::abs(here - found.seen(row, column)));
      transposed = std::max(transposed, std::abs(here - found.seen(column, row)));  // of dual problems
    }
  }
  if (!(std::min(difference, transposed) <= seen_equal * size)) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("at {} the equations determine {} too weakly for a matrix", sampling::parameter_text(mu, data_.box), found.motions.front().text()),
                     "parameters", "prescribe a value, or use solver.type = \"fem\"");
  }
  // As much of the load is not balanced where it should be.
  if (size > 0.0) note_solver_level(std::min(difference, transposed) / size);
  const auto before = motions_.size();
  for (const auto& motion : found.motions) {
    auto rest = motion.vector;
    fem::remove_motions(comm_, motions_, rest);
    if (linear::norm(comm_, rest) <= seen_equal * linear::norm(comm_, motion.vector)) continue;
    motions_.push_back(motion);
    append(motion.vector, product_.norm(motion.vector), true);
  }
  held_ = form_.constrained();
  for (const auto unknown : fem::unknowns_to_hold(form_.dofs(), motions_)) held_[unknown] = 1;
  return motions_.size() > before;
}

/// Takes v^T A_q m and m^T A_q v from A_q m and A_q^T m, which keep their digits. \param products of v, the last vector
void ReducedBasis::use_products_of_motions(std::size_t q, std::span<const double> v, const Block& products, bool is_motion) {
  if (is_motion && q == 0) motion_columns_.push_back(size() - 1);
  if (motion_columns_.empty()) return;
  products_of_motions_.resize(data_.operators.size(), Block(v.size()));
  transposed_products_of_motions_.resize(data_.operators.size(), Block(v.size()));
  if (is_motion) {
    products_of_motions_[q].append(products.column(0));
    transposed_products_of_motions_[q].append(products.column(products.num_columns() - 1));
    return;
  }
  const int last = size() - 1;
  for (std::size_t k = 0; k < motion_columns_.size(); ++k) {
    const int m = motion_columns_[k], column = static_cast<int>(k);
    data_.operators[q](last, m) = linear::dot(comm_, v, products_of_motions_[q].column(column));
    data_.operators[q](m, last) = linear::dot(comm_, v, transposed_products_of_motions_[q].column(column));
  }
}

}  // namespace ansatz::reduced
