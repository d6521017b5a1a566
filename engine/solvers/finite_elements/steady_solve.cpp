#include "engine/solvers/finite_elements/steady_solve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::solvers {
namespace {

constexpr double smallest_step = 0x1p-10;    // of s
constexpr double difference_step = 0x1p-20;  // of s, for the derivative by prescribed values
constexpr double regularisation = 0x1p-10;   // of singular Jacobians
constexpr double tolerance_on_path = 1e-4;   // of residuals, before s = 1
constexpr int most_iterations_on_path = 12;
constexpr int few_iterations = 5;  // after these the next step is longer

bool is_of_solvers(const sdk::Error& error) {
  return error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite;
}

/// A with its diagonal made larger by a share of what its rows hold in absolute value: regular where A is singular, as
/// Jacobians are at u = 0 of a radiating body that nothing else holds. *Collective.*
std::unique_ptr<linear::SparseMatrix> regularised(const linear::SparseMatrix& A, double share) {
  const auto& p = A.pattern();
  auto copy = std::make_unique<linear::SparseMatrix>(A.comm(), A.shared_pattern(), A.block_size());
  copy->begin_values();
  std::ranges::copy(A.diagonal_values(), copy->diagonal_values().begin());
  std::ranges::copy(A.ghost_values(), copy->ghost_values().begin());
  for (std::int32_t i = 0; i < p.num_owned; ++i) {
    double sum = 0.0;
    for (auto k = p.diag_offsets[i]; k < p.diag_offsets[i + 1]; ++k) sum += std::abs(A.diagonal_values()[k]);
    for (auto k = p.ghost_offsets[i]; k < p.ghost_offsets[i + 1]; ++k) sum += std::abs(A.ghost_values()[k]);
    copy->diagonal_values()[p.diagonal_position(i)] += share * sum;
  }
  copy->end_values();
  return copy;
}

}  // namespace

class SteadySolve::System : public linear::NonlinearSystem {
 public:
  System(fem::DiscreteProblem& discrete, double t) : discrete_(discrete), time_(t) {}
  void residual(std::span<const double> u, std::span<double> F) override {
    discrete_.residual(time_, u, std::nullopt, F);
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return discrete_.jacobian(time_, u, std::nullopt, {1.0, 0.0});
  }
  const linear::SparseMatrix* previous_jacobian() override { return discrete_.previous_jacobian({1.0, 0.0}); }
  linear::FieldsOfUnknowns fields() const override { return discrete_.fields(); }
  void explain_not_finite(std::span<const double> u) override { discrete_.explain_not_finite(time_, u, std::nullopt); }

 private:
  fem::DiscreteProblem& discrete_;
  double time_;
};

struct SteadySolve::Path {
  std::vector<double> start, residual;  ///< u_0, F(u_0)
  std::vector<double> way;              ///< of prescribed values from u_0 to the data, 0 elsewhere
};

/// F(u) - (1 - s) F(u_0).
class SteadySolve::PathSystem final : public System {
 public:
  PathSystem(fem::DiscreteProblem& discrete, double t, const Path& path, double s)
      : System(discrete, t), path_(path), s_(s) {}
  void residual(std::span<const double> u, std::span<double> F) override {
    System::residual(u, F);
    linear::add_scaled(s_ - 1.0, path_.residual, F);
  }

 private:
  const Path& path_;
  double s_;
};

linear::NewtonResult SteadySolve::run(linear::NonlinearSystem& system, std::vector<double>& u,
                                      const linear::NewtonOptions& options) {
  auto& solver = discrete_.solver(system.jacobian(u));
  return linear::newton(discrete_.comm(), system, solver, u, options, [&](const linear::NewtonStep& s) {
    for (const auto& note : solver.take_notes()) log_.note(note);
    newton_iterations_ += s.iteration > 0 ? 1 : 0;
    linear_iterations_ += s.krylov_iterations;
    log_.say(fmt::format("  Newton {:2}: residual {:.3e}{}", s.iteration, s.norm,
                         s.iteration == 0
                             ? std::string()
                             : fmt::format("  step {:.3g}  linear iterations {}", s.step_length, s.krylov_iterations)));
    log_.event("newton", {{"iteration", std::int64_t{s.iteration}},
                          {"residual", s.norm},
                          {"linear_iterations", std::int64_t{s.krylov_iterations}}});
  });
}

double SteadySolve::newton(std::vector<double>& u) {
  System system(discrete_, time_);
  return run(system, u, options_).norms.back();
}

double SteadySolve::newton_or_homotopy(std::span<const double> given, std::vector<double>& u) {
  try {
    return newton(u);
  } catch (const sdk::Error& failure) {
    if (!is_of_solvers(failure) || discrete_.form().linear()) throw;
    auto path = path_from(given);
    if (!path) throw;
    return follow(*path, u, failure);
  }
}

/// Nothing where F(u_0) is not finite.
std::optional<SteadySolve::Path> SteadySolve::path_from(std::span<const double> given) {
  Path path{{given.begin(), given.end()}, std::vector<double>(given.size()), {given.begin(), given.end()}};
  discrete_.prescribe(time_, path.way);
  linear::add_scaled(-1.0, path.start, path.way);
  try {
    discrete_.residual(time_, path.start, std::nullopt, path.residual);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::not_finite) throw;
    return std::nullopt;
  }
  if (!std::isfinite(linear::norm(discrete_.comm(), path.residual))) return std::nullopt;
  return path;
}

/// du/ds at u. The derivative by prescribed values is a difference: it only makes the start of Newton's method better.
std::vector<double> SteadySolve::tangent(const Path& path, std::span<const double> u) {
  std::vector<double> right(u.size()), moved(u.begin(), u.end()), du(u.size());
  linear::add_scaled(difference_step, path.way, moved);
  try {
    std::vector<double> here(u.size());
    discrete_.residual(time_, u, std::nullopt, here);
    discrete_.residual(time_, moved, std::nullopt, right);
    for (std::size_t i = 0; i < u.size(); ++i) right[i] = (here[i] - right[i]) / difference_step - path.residual[i];
    solve_or_regularise(discrete_.jacobian(time_, u, std::nullopt, {1.0, 0.0}), right, du);
  } catch (const sdk::Error& error) {
    if (!is_of_solvers(error)) throw;
    std::ranges::fill(du, 0.0);
  }
  linear::add_scaled(1.0, path.way, du);
  return du;
}

void SteadySolve::solve_or_regularise(const linear::SparseMatrix& J, std::span<const double> right,
                                      std::span<double> du) {
  try {
    discrete_.solver(J).solve(right, du);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
    regular_ = regularised(J, regularisation);
    discrete_.solver(*regular_).solve(right, du);
  }
}

double SteadySolve::follow(Path& path, std::vector<double>& u, const sdk::Error& failure) {
  log_.say("  no convergence: following F(u) = (1 - s) F(u0) from the initial values u0 at s = 0");
  u = path.start;
  auto options = options_;
  auto along = tangent(path, u);
  for (double s = 0.0, step = 1.0;;) {
    const double next = std::min(1.0, s + step);
    options.relative_tolerance =
        next < 1.0 ? std::max(options_.relative_tolerance, tolerance_on_path) : options_.relative_tolerance;
    options.max_iterations =
        next < 1.0 ? std::min(options_.max_iterations, most_iterations_on_path) : options_.max_iterations;
    auto trial = u;
    linear::add_scaled(next - s, along, trial);
    PathSystem system(discrete_, time_, path, next);
    try {
      log_.say(fmt::format("  s = {:.6g}", next));
      const auto result = run(system, trial, options);
      if (next == 1.0) {
        u = std::move(trial);
        return result.norms.back();
      }
      if (result.iterations <= few_iterations) step *= 2.0;
    } catch (const sdk::Error& error) {
      if (!is_of_solvers(error)) throw;
      step = 0.5 * (next - s);
      if (step < smallest_step) fail(failure, s);
      continue;
    }
    u = std::move(trial);
    along = tangent(path, u);
    s = next;
  }
}

void SteadySolve::fail(const sdk::Error& failure, double s) const {
  throw sdk::Error(
      failure.kind(),
      fmt::format("{}; the path F(u) = (1 - s) F(u0) from the initial values could be followed to s = {:.4g}",
                  failure.what(), s),
      failure.where(),
      failure.hint() + "; or start from other [initial] values" +
          (s > 0.0 ? ", or change a parameter by solver.continuation: there may be no solution for these data (the "
                     "path may turn back at this part of the way)"
                   : ""));
}

}  // namespace ansatz::solvers
