#include "engine/estimation/enriched.hpp"

#include <cmath>
#include <limits>

#include "engine/estimation/patch_iteration.hpp"
#include "engine/fem/forms/multiplier_fields.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/linear/matrices/factorisation.hpp"
#include "engine/linear/matrices/transposed_product.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::estimation {
namespace {

constexpr fem::Weights steady{1.0, 0.0};
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double no_residual = 1e-6;      // of the enriched one, in the norms of the preconditioners
constexpr double coarse_accuracy = 1e-3;  // of the coarse correction's residual

}  // namespace

Enriched::Enriched(const problem::Problem& problem, fem::DiscreteProblem& coarse, const plugin::Registry& registry,
                   linear::KrylovOptions options)
    : coarse_(coarse),
      problem_(problem),
      registry_(registry),
      options_(std::move(options)),
      multipliers_(!fem::multiplier_fields(problem.form()).empty()) {
  open();
}

void Enriched::open() {
  stars_.reset();
  norm_.reset();
  jacobian_ = nullptr;
  discrete_.reset();
  constrained_ = false;
  space_ = std::make_unique<EnrichedProblem>(problem_, registry_);
  discrete_ =
      std::make_unique<fem::DiscreteProblem>(space_->problem().form(), space_->problem().dirichlet(), options_);
}

std::vector<double> Enriched::linearise(std::span<const double> u, double t) {
  if (!space_->can_follow()) open();
  space_->follow_parameters();
  auto& form = space_->problem().form();
  const auto before = jacobian_ == nullptr ? -1 : jacobian_->version();
  u_.assign(u.begin(), u.begin() + coarse_.size());
  time_ = t;
  start_ = space_->prolong(u);
  discrete_->prescribe(t, start_);
  if (multipliers_ && !constrained_) {
    const auto motions = fem::find_free_motions(*discrete_, t, start_, std::nullopt, steady);
    discrete_->pin(fem::unknowns_to_hold(discrete_->dofs(), motions));
    constrained_ = true;
  }
  jacobian_ = &discrete_->jacobian(t, start_, std::nullopt, steady);
  const auto local = discrete_->with_ghosts(start_);
  const fem::FormState state{t, local};
  const bool is_new = jacobian_->version() != before || !norm_;
  if (is_new) norm_.emplace(form, state, steady);
  if (!multipliers_ && (is_new || !stars_))
    stars_ = std::make_unique<VertexStars>(form, state, steady, discrete_->constrained(), form.symmetric());
  std::vector<double> F(discrete_->size());
  discrete_->residual(t, start_, std::nullopt, F);
  return F;
}

/// Where b does not vanish on the coarse space: x := P J1^-1 P^T b, with the coarse Jacobian J1 at u.
void Enriched::correct_coarsely(std::span<const double> b, std::span<double> x) {
  const auto& comm = coarse_.comm();
  auto r = space_->restrict(b);
  for (std::int32_t i = 0; i < coarse_.size(); ++i)
    if (coarse_.constrained()[i] != 0) r[i] = 0.0;
  const auto& J = coarse_.jacobian(time_, u_, std::nullopt, steady);
  double here = 0.0;
  for (std::int32_t i = 0; i < coarse_.size(); ++i) {
    const double diagonal = std::abs(J.diagonal_values()[J.pattern().diagonal_position(i)]);
    if (diagonal > 0.0) here += r[i] * r[i] / diagonal;
  }
  std::vector<double> z(b.size());
  stars_->apply(b, z);
  const double enriched = std::abs(linear::dot(comm, b, z));
  if (!(comm.sum(here) > no_residual * no_residual * enriched)) return;
  std::vector<double> d(r.size(), 0.0);
  coarse_.solver(J).solve(r, d, false, {coarse_accuracy, {}});
  const auto fine = space_->prolong(d);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = discrete_->constrained()[i] != 0 ? 0.0 : fine[i];
}

std::vector<double> Enriched::solve(std::span<const double> b, bool transposed) {
  const auto& comm = discrete_->comm();
  std::vector<double> x(b.size(), 0.0);
  if (multipliers_) {
    iterations_ = 0;
    remainder_ = 0.0;
    if (!transposed || space_->problem().form().symmetric()) {
      iterations_ = discrete_->solver(*jacobian_).solve(b, x).iterations;
    } else {
      linear::Factorisation(*jacobian_).solve_transposed(b, x);
    }
    return x;
  }
  const bool positive = norm_->of_jacobian() && space_->problem().form().symmetric();
  if (!transposed || positive) correct_coarsely(b, x);
  const Apply A = [&](std::span<const double> v, std::span<double> y) {
    if (transposed && !positive) {
      linear::multiply_transposed(*jacobian_, v, y);
    } else {
      jacobian_->multiply(v, y);
    }
  };
  const Apply B = [&](std::span<const double> v, std::span<double> y) { stars_->apply(v, y, transposed && !positive); };
  IterationResult result;
  if (positive) {
    result = conjugate_gradients(comm, A, B, b, x);
  } else {
    std::vector<double> weights(b.size());
    for (std::size_t i = 0; i < b.size(); ++i) {
      const double diagonal =
          std::abs(jacobian_->diagonal_values()[jacobian_->pattern().diagonal_position(static_cast<std::int32_t>(i))]);
      weights[i] = diagonal > 0.0 ? 1.0 / diagonal : 1.0;
    }
    result = gmres(comm, A, B, weights, b, x);
  }
  iterations_ = result.iterations;
  remainder_ = result.remainder;
  return x;
}

double Enriched::size(std::span<const double> u) {
  const auto local = discrete_->with_ghosts(start_);
  double sum = 0.0;
  for (const double square : norm_->squares({time_, local}, space_->prolong(u))) sum += std::max(0.0, square);
  return std::sqrt(discrete_->comm().sum(sum));
}

/// What round-off in F2 may add: the norm by the preconditioner of epsilon |J2| |u|.
double Enriched::round_off() {
  std::vector<double> noise(start_.size()), z(start_.size());
  jacobian_->multiply_absolute(start_, noise);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] *= discrete_->constrained()[i] != 0 ? 0.0 : epsilon;
  if (multipliers_) return 0.0;
  stars_->apply(noise, z);
  return std::sqrt(std::abs(linear::dot(discrete_->comm(), noise, z)));
}

MeshEstimate Enriched::estimate(std::span<const double> u, double t) {
  auto F = linearise(u, t);
  for (auto& value : F) value = -value;
  error_ = solve(F);
  const auto Pu = space_->prolong(u);
  for (std::size_t i = 0; i < error_.size(); ++i) error_[i] += start_[i] - Pu[i];

  MeshEstimate result;
  const auto local = discrete_->with_ghosts(start_);
  const auto squares = norm_->squares({t, local}, error_);
  result.by_cell.assign(space_->coarse().mesh().num_owned_cells, 0.0);
  for (std::size_t c = 0; c < squares.size(); ++c)
    result.by_cell[space_->parent(static_cast<std::int32_t>(c))] += std::max(0.0, squares[c]);
  double sum = 0.0;
  for (const double square : result.by_cell) sum += square;
  const double found = std::sqrt(discrete_->comm().sum(sum));
  const double noise = round_off(), rest = remainder_ * found;
  result.norm = norm_->name();
  result.method = space_->refined() ? "mesh refined once" : "order 2";
  result.method += multipliers_ ? ", solved" : " on patches";
  result.iterations = iterations_;
  result.value = found + noise;
  result.parts = {{"enriched space", found}, {"iteration", rest}, {"round-off", noise}};
  return result;
}

}  // namespace ansatz::estimation
