#include "engine/time/residual_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "ansatz/sdk/error.hpp"

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
  return A;
}

sdk::TimeSystem::StageResult ResidualSystem::solve_stage(const Stage& stage, std::span<double> y) {
  prescribe(stage.time, y);
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

void ResidualSystem::f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) {
  given_.assign(size(), 0.0);
  if (part != sdk::Part::nonstiff) prescribe_rates(t, given_);
  residual(t, y, given_, part, out);
  for (double& value : out) value = -value;
}

void ResidualSystem::time_derivative(double t, std::span<const double> y, std::span<double> out) {
  // Central differences: prescribed values move with time, too.
  const double step = std::cbrt(std::numeric_limits<double>::epsilon()) * std::max(std::abs(t), 1.0);
  std::vector<double> u(y.begin(), y.end()), before(size());
  prescribe(t + step, u);
  f(t + step, u, sdk::Part::all, out);
  prescribe(t - step, u);
  f(t - step, u, sdk::Part::all, before);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (out[i] - before[i]) / (2.0 * step);
}

const linear::SparseMatrix& ResidualSystem::mass(double t, std::span<const double> y) {
  if (mass_ != nullptr && (mass_is_constant_ || constant_matrices())) return *mass_;
  if (traits().algebraic) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the mass matrix is singular: some unknowns have no rate", {},
                     "choose a method that solves its stages, for example backward_euler, sdirk2 or bdf");
  }
  given_.assign(size(), 0.0);
  mass_ = &matrix(Role::mass, t, y, given_, {0.0, 1.0}, sdk::Part::all);
  mass_time_ = t;
  lumped_mass_.clear();
  if (constant_matrices()) return *mass_;
  // A form may be nonlinear and its mass constant all the same: seen from two states.
  if (probe_.empty()) {
    std::mt19937_64 random(7);
    probe_.resize(size());
    for (double& value : probe_) value = 0.5 + 0x1p-64 * static_cast<double>(random());
  }
  std::vector<double> product(size());
  mass_->multiply(probe_, product);
  double differs = 0.0, moved = 0.0;
  if (!mass_of_probe_.empty()) {
    double largest = 0.0, change = 0.0;
    for (std::size_t i = 0; i < product.size(); ++i) {
      largest = std::max(largest, std::abs(product[i]));
      change = std::max(change, std::abs(product[i] - mass_of_probe_[i]));
      if (y[i] != probed_state_[i]) moved = 1.0;
    }
    differs = comm_.max(change) > 1e-12 * comm_.max(largest) ? 1.0 : 0.0;
  }
  mass_is_constant_ = comm_.max(moved) > 0.0 && differs == 0.0;
  mass_of_probe_ = std::move(product);
  probed_state_.assign(y.begin(), y.end());
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
  if (lumped_mass_.empty()) {
    lumped_mass_.resize(size());
    M.multiply(std::vector<double>(size(), 1.0), lumped_mass_);
    const bool positive = std::ranges::all_of(lumped_mass_, [](double m) { return m > 0.0; });
    if (comm_.max(positive ? 0.0 : 1.0) > 0.0) {
      lumped_mass_.clear();
      throw sdk::Error(sdk::ErrorKind::case_file, "the lumped mass has entries that are not positive", {},
                       "use linear elements, or mass = \"consistent\"");
    }
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] /= lumped_mass_[i];
}

void ResidualSystem::check_constant_mass(double t, std::span<const double> y) {
  const auto before = mass_of_probe_;
  mass(t, y);
  if (constant_matrices() || before.empty() || mass_is_constant_) return;
  double change = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    change = std::max(change, std::abs(mass_of_probe_[i] - before[i]));
    largest = std::max(largest, std::abs(before[i]));
  }
  if (comm_.max(change) <= 1e-12 * comm_.max(largest)) return;
  throw sdk::Error(sdk::ErrorKind::case_file, "the mass matrix changes with time or with the state", {},
                   "linearly implicit methods need a constant one: choose bdf, an ESDIRK or an explicit method");
}

void ResidualSystem::linearise(double t, std::span<const double> y, sdk::Part part) {
  check_constant_mass(t, y);
  if (choice_ == JacobianChoice::stiff && part == sdk::Part::all) part = sdk::Part::stiff;
  if (choice_ == JacobianChoice::frozen && linearised_ && linearised_->part == part) return;
  if (linearised_ && constant_matrices() && linearised_->part == part) return;
  linearised_ = Place{t, part, {y.begin(), y.end()}};
  shifted_ = state_ = nullptr;
}

void ResidualSystem::solve_shifted(double shift, std::span<double> x) {
  if (shifted_ == nullptr || shift != shift_) {
    given_.assign(size(), 0.0);
    shifted_ = &matrix(Role::shifted, linearised_->time, linearised_->u, given_, {shift, 1.0}, linearised_->part);
    shift_ = shift;
  }
  solve(Role::shifted, *shifted_, x);
}

void ResidualSystem::apply_mass(std::span<const double> x, std::span<double> out) {
  mass(linearised_->time, linearised_->u).multiply(x, out);
}

void ResidualSystem::apply_jacobian(std::span<const double> x, std::span<double> out) {
  if (state_ == nullptr) {
    given_.assign(size(), 0.0);
    state_ = &matrix(Role::state, linearised_->time, linearised_->u, given_, {1.0, 0.0}, linearised_->part);
  }
  state_->multiply(x, out);
  for (double& value : out) value = -value;
}

void ResidualSystem::exchange(sdk::StateArchive& archive, const std::string& name, std::optional<Place>& place) {
  std::vector<double> numbers;
  if (place) {
    numbers = {place->time, static_cast<double>(place->part), place->weights.state, place->weights.rate};
  }
  archive.numbers(name, numbers);
  if (numbers.empty()) return place.reset();
  if (numbers.size() != 4) throw sdk::Error(sdk::ErrorKind::state, "the stored state of " + name + " has another length");
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
    shifted_ = state_ = nullptr;
  }
  double is_constant = mass_is_constant_;
  archive.number("mass_is_constant", is_constant);
  archive.number("mass_time", mass_time_);
  archive.unknowns("mass_state", probed_state_);
  if (!archive.loading() || comm_.max(static_cast<std::int64_t>(probed_state_.size())) == 0) return;
  mass_ = nullptr;
  mass_is_constant_ = false;
  mass_of_probe_.clear();
  const auto state = probed_state_;
  mass(mass_time_, state);
  mass_is_constant_ = is_constant != 0.0;
}

}  // namespace ansatz::time
