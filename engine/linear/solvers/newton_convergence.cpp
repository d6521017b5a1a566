/// When Newton's method ends, and how exactly its linear systems are solved before.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/linear/solvers/newton_iteration.hpp"

namespace ansatz::linear {
namespace {

constexpr double round_off_factor = 16.0;
constexpr int misleading_corrections = 2;  // as large as the start is wrong: no measure of terms
constexpr double moving = 1e-3,
                 small_beside_start = 1e-9;  // of a field, its start: a correction is followed by another
constexpr double forcing_factor = 0.9;
constexpr double small_forcing = 1e-4;  // where equations beside far larger ones are still open

}  // namespace

/// |F| that the relative tolerance asks for, as far as the size of the terms is known.
double NewtonIteration::wanted() const {
  return options_.relative_tolerance * std::min(scaled(first_), scaled(terms_));
}

bool NewtonIteration::has_converged() {
  if (length(norms()) == 0.0) return true;
  if (options_.absolute_tolerance > 0.0 &&
      all_within(norms(), Norms(norms_of_.count(), 1.0), options_.absolute_tolerance)) {
    return true;
  }
  if (history_.size() == 1 || scaled(norms()) > wanted()) return false;
  // A start far away has a residual beside which any iterate looks solved.
  u_norms_ = norms_of_.of(u_);
  const bool with_correction = result_.iterations > misleading_corrections;
  terms_ = terms(with_correction);
  if (scaled(norms()) > wanted()) return false;
  is_open_ = options_.nonlinear && is_moving();
  if (is_open_) return false;
  // So have single equations with terms far larger than those of others: penalties, good conductors.
  const auto sizes = sizes_of_equations(with_correction);
  const double first = scaled_norm(by_equation(first_F_, sizes), ones_);
  is_open_ = scaled_norm(by_equation(F_, sizes), ones_) > options_.relative_tolerance * std::min(first, 1.0);
  return !is_open_;
}

/// The last correction was no small part of a field: what one equation of many has left may be all that determines it.
bool NewtonIteration::is_moving() const {
  Norms limits(u_norms_);
  for (std::size_t f = 0; f < limits.size(); ++f)
    limits[f] = std::max(moving * u_norms_[f], small_beside_start * start_norms_[f]);
  return !all_within(d_norms_, limits, 1.0);
}

/// sum_j |J_ij| s_j with s_j the root mean square of |u| + |d| over the field of u_j: the size of
/// the terms of equation i.
std::vector<double> NewtonIteration::sizes_of_equations(bool with_correction) const {
  Norms typical(u_norms_.size());
  for (std::size_t f = 0; f < typical.size(); ++f) {
    typical[f] = (u_norms_[f] + (with_correction ? d_norms_[f] : 0.0)) / ones_[f];
  }
  std::vector<double> sizes(u_.size());
  jacobian_->multiply_absolute(norms_of_.spread(typical, u_.size()), sizes);
  return sizes;
}

/// || (F_i / sizes_i)_i ||_f, where 0 / 0 = 0.
NewtonIteration::Norms NewtonIteration::by_equation(std::span<const double> F, std::span<const double> sizes) const {
  std::vector<double> parts(F.size());
  for (std::size_t i = 0; i < F.size(); ++i) parts[i] = F[i] == 0.0 ? 0.0 : F[i] / sizes[i];
  return norms_of_.of(parts);
}

/// The last correction is so small, or F is so small beside the terms, that is_round_off() is worth asking.
bool NewtonIteration::may_be_round_off() const {
  return norms_of_.count() == 1
             ? all_within(d_norms_, u_norms_, suspect_correction)
             : all_within(norms(), scales_, round_off_factor * std::numeric_limits<double>::epsilon());
}

bool NewtonIteration::is_round_off() const {
  const auto parts = by_equation(F_, sizes_of_equations());
  return all_within(parts, ones_, round_off_factor * std::numeric_limits<double>::epsilon());
}

/// The linear residual that is enough.
EnoughResidual NewtonIteration::enough() const {
  if (!options_.first_residual.empty() && !options_.inexact) {
    EnoughResidual enough{0.0, first_};
    for (double& norm : enough.by_field) norm *= options_.linear_tolerance;
    return enough;
  }
  if (!options_.inexact) return {};
  EnoughResidual enough{largest_forcing, Norms(norms_of_.count(), 0.5 * options_.absolute_tolerance)};
  if (history_.size() > 1) {
    const double ratio = scaled(norms()) / scaled(history_[history_.size() - 2]);
    enough.relative = std::min(largest_forcing, forcing_factor * ratio * ratio);
  }
  if (is_open_) {
    enough.relative = std::min(enough.relative, small_forcing);
    return enough;
  }
  if (std::ranges::any_of(scales_, [](double scale) { return scale > 0.0; })) {
    for (std::size_t f = 0; f < scales_.size(); ++f) {
      const double least = scales_[f] > 0.0 ? 0.5 * wanted() * scales_[f] : std::numeric_limits<double>::infinity();
      enough.by_field[f] = std::max(enough.by_field[f], least);
    }
  }
  return enough;
}

/// || |J| (|u| + |d|) ||_f with the last correction.
NewtonIteration::Norms NewtonIteration::terms(bool with_correction) const {
  std::vector<double> sizes(u_.size()), terms(u_.size());
  for (std::size_t i = 0; i < u_.size(); ++i) sizes[i] = std::abs(u_[i]) + (with_correction ? std::abs(d_[i]) : 0.0);
  jacobian_->multiply_absolute(sizes, terms);
  return norms_of_.of_equations(terms);
}

}  // namespace ansatz::linear
