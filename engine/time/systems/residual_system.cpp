#include "engine/time/systems/residual_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/time/systems/stored_length.hpp"

namespace ansatz::time {

/// The nonlinear equation of a stage.
class ResidualSystem::StageEquation final : public linear::NonlinearSystem {
 public:
  StageEquation(ResidualSystem& system, const Stage& stage)
      : system_(system), stage_(stage), rate_(system.size()), old_(stage.implicitness < 1.0 ? system.size() : 0) {}

  void residual(std::span<const double> u, std::span<double> F) override {
    set_rate(u);
    const double theta = stage_.implicitness;
    system_.residual(stage_.time, u, rate_, stage_.part, F);
    if (theta == 1.0) return;
    system_.residual(stage_.old_time, before(u), rate_, stage_.part, old_);
    const auto algebraic = system_.algebraic();
    for (std::size_t i = 0; i < old_.size(); ++i) {
      if (algebraic.empty() || algebraic[i] == 0) F[i] = theta * F[i] + (1.0 - theta) * old_[i];
    }
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    set_rate(u);
    return system_.stage_matrix({stage_.time, stage_.part, {u.begin(), u.end()}, rate_, weights()});
  }
  const linear::SparseMatrix* previous_jacobian() override { return system_.previous_matrix(weights()); }
  linear::FieldsOfUnknowns fields() const override { return system_.fields(); }
  void explain_not_finite(std::span<const double> u) override {
    set_rate(u);
    system_.explain_not_finite(stage_.time, u, rate_);
    if (stage_.implicitness < 1.0) system_.explain_not_finite(stage_.old_time, before(u), rate_);
  }

 private:
  void set_rate(std::span<const double> u) {
    for (std::size_t i = 0; i < rate_.size(); ++i) rate_[i] = stage_.shift * u[i] + stage_.known[i];
  }
  /// The state before the step, with the algebraic unknowns of u.
  std::span<const double> before(std::span<const double> u) {
    const auto algebraic = system_.algebraic();
    if (algebraic.empty()) return stage_.old;
    before_.assign(stage_.old.begin(), stage_.old.end());
    for (std::size_t i = 0; i < algebraic.size(); ++i) {
      if (algebraic[i] != 0) before_[i] = u[i];
    }
    return before_;
  }
  sdk::JacobianWeights weights() const { return {stage_.implicitness, stage_.shift}; }

  ResidualSystem& system_;
  const Stage& stage_;
  std::vector<double> rate_, old_, before_;
};

const linear::SparseMatrix& ResidualSystem::stage_matrix(Place place) {
  const auto& A = matrix(Role::stage, place.time, place.u, place.rate, place.weights, place.part);
  if (newton_.lagged_jacobian && !constant_matrices()) stage_matrix_ = std::move(place);
  last_stage_matrix_ = &A;
  return A;
}

sdk::TimeSystem::StageResult ResidualSystem::solve_stage(const Stage& stage, std::span<double> y) {
  prescribe(stage.time, y);
  last_stage_matrix_ = nullptr;
  StageEquation equation(*this, stage);
  // The first matrix decides how to solve.
  if (stage_solver_ == nullptr) {
    const auto* kept = newton_.lagged_jacobian ? equation.previous_jacobian() : nullptr;
    stage_solver_ = &solver(Role::stage, kept != nullptr ? *kept : equation.jacobian(y));
  }
  const auto result = linear::newton(comm_, equation, *stage_solver_, y, newton_);
  StageResult out{result.iterations, result.krylov_iterations, result.norms.back(), 0.0};
  if (result.norms.size() > 1) out.contraction = result.norms.back() / result.norms[result.norms.size() - 2];
  return out;
}

void ResidualSystem::correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                                std::span<double> out) {
  const auto* A = last_stage_matrix_;
  if (A == nullptr && newton_.lagged_jacobian) A = previous_matrix({1.0, stage.shift});
  if (A == nullptr) {
    A = &stage_matrix({stage.time, stage.part, {y.begin(), y.end()}, {rate.begin(), rate.end()}, {1.0, stage.shift}});
  }
  right_.resize(size());
  residual(stage.time, y, rate, stage.part, right_);
  std::ranges::fill(out, 0.0);
  stage_solver_->set_operator(*A);
  stage_solver_->solve(right_, out);
}

void ResidualSystem::f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) {
  given_.assign(size(), 0.0);
  if (part != sdk::Part::nonstiff) prescribe_rates(t, given_);
  residual(t, y, given_, part, out);
  for (double& value : out) value = -value;
}

bool ResidualSystem::mass_is_that_of(double t, std::span<const double> y) {
  if (mass_ == nullptr) return false;
  if (constant_matrices() || !traits().mass_varies()) return true;
  const bool same =
      (!traits().mass_of_time || t == mass_time_) && (!traits().mass_of_state || std::ranges::equal(y, mass_state_));
  return comm_.max(same ? 0.0 : 1.0) == 0.0;
}

const linear::SparseMatrix& ResidualSystem::mass(double t, std::span<const double> y) {
  if (mass_is_that_of(t, y)) return *mass_;
  if (traits().algebraic) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the mass matrix is singular: some unknowns have no rate", {},
                     "choose a method that solves its stages, for example backward_euler, sdirk2 or bdf");
  }
  given_.assign(size(), 0.0);
  mass_ = &matrix(Role::mass, t, y, given_, {0.0, 1.0}, sdk::Part::all);
  has_lumped_mass_ = false;
  mass_time_ = t;
  if (traits().mass_of_state) mass_state_.assign(y.begin(), y.end());
  return *mass_;
}

void ResidualSystem::solve(Role role, const linear::SparseMatrix& A, std::span<double> x) {
  right_.assign(x.begin(), x.end());
  std::ranges::fill(x, 0.0);
  solver(role, A).solve(right_, x);
}

void ResidualSystem::solve_mass(double t, std::span<const double> y, std::span<double> x) {
  const auto& M = mass(t, y);
  if (!lumped_) return solve(Role::mass, M, x);
  if (!has_lumped_mass_) {
    lumped_mass_.resize(size());
    M.multiply(std::vector<double>(size(), 1.0), lumped_mass_);
    const bool positive = std::ranges::all_of(lumped_mass_, [](double m) { return m > 0.0; });
    if (comm_.max(positive ? 0.0 : 1.0) > 0.0) {
      throw sdk::Error(sdk::ErrorKind::case_file, "the lumped mass has entries that are not positive", {},
                       "use linear elements, or mass = \"consistent\"");
    }
    has_lumped_mass_ = true;
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] /= lumped_mass_[i];
}

void ResidualSystem::linearise(double t, std::span<const double> y, sdk::Part part) {
  mass(t, y);
  if (choice_ == JacobianChoice::stiff && part == sdk::Part::all) part = sdk::Part::stiff;
  if (choice_ == JacobianChoice::frozen && linearised_ && linearised_->part == part) return;
  if (linearised_ && constant_matrices() && linearised_->part == part) return;
  std::vector<double> at_fixed_rate(size(), 0.0);
  if (traits().mass_varies()) rate(t, y, sdk::Part::all, at_fixed_rate);
  linearised_ = Place{t, part, {y.begin(), y.end()}, std::move(at_fixed_rate)};
  shifted_ = state_ = linearised_mass_ = nullptr;
}

void ResidualSystem::solve_shifted(double shift, std::span<double> x) {
  if (shifted_ == nullptr || shift != shift_) {
    shifted_ =
        &matrix(Role::shifted, linearised_->time, linearised_->u, linearised_->rate, {shift, 1.0}, linearised_->part);
    shift_ = shift;
  }
  solve(Role::shifted, *shifted_, x);
}

void ResidualSystem::apply_mass(std::span<const double> x, std::span<double> out) {
  const auto& [t, part, u, rate, weights] = *linearised_;
  if (!traits().mass_varies()) return mass(t, u).multiply(x, out);
  if (linearised_mass_ == nullptr) {
    linearised_mass_ = &matrix(Role::linearised_mass, t, u, rate, {0.0, 1.0}, sdk::Part::all);
  }
  linearised_mass_->multiply(x, out);
}

void ResidualSystem::apply_jacobian(std::span<const double> x, std::span<double> out) {
  if (state_ == nullptr) {
    state_ = &matrix(Role::state, linearised_->time, linearised_->u, linearised_->rate, {1.0, 0.0}, linearised_->part);
  }
  state_->multiply(x, out);
  for (double& value : out) value = -value;
}

std::span<const double> ResidualSystem::rate_of_linearisation() {
  if (traits().mass_varies() && linearised_) return linearised_->rate;
  given_.assign(size(), 0.0);
  return given_;
}

void ResidualSystem::forget() {
  if (constant_matrices()) return;
  stage_matrix_.reset();
  linearised_.reset();
  shifted_ = state_ = mass_ = linearised_mass_ = last_stage_matrix_ = nullptr;
  has_lumped_mass_ = false;
  forget_matrices();
}

void ResidualSystem::exchange(sdk::StateArchive& archive, const std::string& name, std::optional<Place>& place) {
  std::vector<double> numbers;
  if (place) {
    numbers = {place->time, static_cast<double>(place->part), place->weights.state, place->weights.rate};
  }
  archive.numbers(name, numbers);
  if (numbers.empty()) return place.reset();
  require_stored_length(name, numbers.size(), 4);
  if (!place) place.emplace();
  place->time = numbers[0];
  place->part = static_cast<sdk::Part>(static_cast<int>(numbers[1]));
  place->weights = {numbers[2], numbers[3]};
  archive.unknowns(name + "_state", place->u);
  archive.unknowns(name + "_rate", place->rate);
}

void ResidualSystem::exchange(sdk::StateArchive& archive) {
  if (constant_matrices()) return;
  // Matrices that are kept are assembled again where they were.
  exchange(archive, "stage_matrix", stage_matrix_);
  if (archive.loading() && stage_matrix_) stage_matrix(Place(*stage_matrix_));
  if (choice_ == JacobianChoice::frozen) {
    exchange(archive, "linearised", linearised_);
    if (linearised_) linearised_->rate.resize(size());
    shifted_ = state_ = linearised_mass_ = nullptr;
  }
}

}  // namespace ansatz::time
