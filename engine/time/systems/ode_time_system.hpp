#pragma once
/// A system of ordinary differential equations as methods see it: dense or banded matrices, no PETSc.

#include <vector>

#include "ansatz/sdk/ode.hpp"
#include "ansatz/sdk/time.hpp"
#include "engine/time/systems/jacobian_choice.hpp"
#include "engine/time/systems/ode_matrix.hpp"
#include "engine/time/systems/seen_time.hpp"

namespace ansatz::time {

/// Counts of calls, of one f each.
struct OdeWork {
  std::int64_t evaluations = 0;  ///< of f or a part of it
  std::int64_t jacobians = 0;
  std::int64_t factorisations = 0;
  std::int64_t solves = 0;
};

/// The same on all ranks: nothing communicates. Implicit stages are solved by simplified Newton iterations that keep
/// their Jacobian while they converge.
class OdeTimeSystem final : public sdk::TimeSystem {
 public:
  /// \param system must outlive this
  explicit OdeTimeSystem(const sdk::OdeSystem& system, JacobianChoice choice = JacobianChoice::exact);

  std::size_t size() const override { return system_.size(); }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) override;
  void time_derivative(double t, std::span<const double> y, std::span<double> out) override;
  void linearise(double t, std::span<const double> y, sdk::Part part) override;
  void linearise_linear_part(double t, std::span<const double> y) override;
  void solve_shifted(double shift, std::span<double> x) override;
  void apply_mass(std::span<const double> x, std::span<double> out) override;
  void apply_jacobian(std::span<const double> x, std::span<double> out) override;
  StageResult solve_stage(const Stage& stage, std::span<double> y) override;
  void correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                  std::span<double> out) override;
  void acceleration(double t, std::span<const double> q, std::span<const double> v, std::span<double> a) override;
  void jerk(double t, std::span<const double> q, std::span<const double> v, std::span<double> a,
            std::span<double> j) override;
  void look_before(double stop) override { seen_.stop = stop; }
  void forget() override;
  void exchange(sdk::StateArchive& archive) override;

  const sdk::OdeSystem& system() const { return system_; }
  const OdeWork& work() const { return work_; }

 private:
  /// A linearisation: where it is taken, its matrix, and the factors of I - shift W.
  struct Linearisation {
    explicit Linearisation(const sdk::OdeSystem& system);
    double time = 0.0, shift = 0.0;  ///< shift 0: not factorised
    sdk::Part part = sdk::Part::all;
    bool present = false;
    std::vector<double> y;
    OdeMatrix W, factors;
  };
  void linearise(Linearisation& at, double t, std::span<const double> y, sdk::Part part);
  void factorise(Linearisation& at, double shift);
  void exchange(sdk::StateArchive& archive, const std::string& name, Linearisation& at);
  bool iterate(const Stage& stage, std::span<double> y, StageResult& result);
  void stage_residual(const Stage& stage, std::span<const double> y, std::span<double> out);

  const sdk::OdeSystem& system_;
  JacobianChoice choice_;
  sdk::TimeTraits traits_;
  SeenTime seen_;
  Linearisation linear_;  ///< of linearise()
  Linearisation newton_;  ///< of solve_stage(): may be old
  double newton_contraction_ = 0.0;
  std::vector<double> correction_, old_f_, guess_, jacobian_;
  OdeWork work_;
};

}  // namespace ansatz::time
