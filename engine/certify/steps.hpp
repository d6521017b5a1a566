#pragma once
/// Checks of problems in time, step by step, while an ansatz shows its solutions.

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/monitor.hpp"
#include "engine/certify/energy_norm.hpp"
#include "engine/certify/ledger.hpp"
#include "engine/certify/verdict.hpp"
#include "engine/linear/solvers/newton.hpp"
#include "engine/solvers/case_problem.hpp"

namespace ansatz::certify {

/// What an ansatz shows its solutions to: each is checked by the residual of the case's own step from the one before,
///   R^n = theta F(t^n, u^n, v) + (1 - theta) F(t^(n-1), u^(n-1), v),  v = (u^n - u^(n-1)) / h,
/// is replaced by that step where it is too far off, and goes on to another monitor. Nothing of the ansatz is changed:
/// it does not know that its solutions were replaced.
///
/// The error e to the finite-element solution that takes the case's steps satisfies R^n with e in place of u. A linear
/// problem with a positive semidefinite symmetric mass M and small matrices that hold alpha_n > 0 of the energy norm
/// (see EnergyNorm) has, tested with theta e^n + (1 - theta) e^(n-1) =: m^n,
///   |e^N|_M^2 + h sum_n a(m^n, m^n) <= |e^0|_M^2 + h sum_n |R^n|_X'^2 / alpha_n,
/// for theta = 1, and for theta = 1/2 where a does not depend on time: a *bound* of the root of the left side. Any
/// other problem: the sum over steps of |J^-1 R^n| in L2, relative to the field, as if no step made an error larger: an
/// *estimate*.
class Steps final : public sdk::Monitor {
 public:
  /// References must outlive this.
  /// \param tolerance infinite: none. *Collective.*
  Steps(const solvers::CaseProblem& problem, sdk::Monitor& outer, std::string policy, double tolerance, Ledger& ledger);
  ~Steps() override;

  /// Why problems like this are not checked; empty: they are. Not collective.
  static std::string objection(const solvers::CaseProblem& problem);

  void say(const std::string& line) override { outer_.say(line); }
  void warn(const std::string& line) override { outer_.warn(line); }
  void event(const std::string& name, std::initializer_list<std::pair<const char*, sdk::LogValue>> values) override {
    outer_.event(name, values);
  }
  void progress(double share, const std::string& line) override { outer_.progress(share, line); }
  void chart(const std::string& name, const std::string& title, const std::string& x_label, const std::string& y_label,
             const std::vector<sdk::Curve>& curves, bool logarithmic) override {
    outer_.chart(name, title, x_label, y_label, curves, logarithmic);
  }
  bool is_quiet() const override { return outer_.is_quiet(); }
  bool state(std::function<void(sdk::StateArchive&)> exchange) override;
  void after_step(std::int64_t step, double position) override { outer_.after_step(step, position); }
  void observe(const sdk::Solution& at, std::int64_t step, bool is_last, const sdk::StepTaken* taken) override;

  /// Takes the steps that the ansatz has not shown. *Collective.*
  void take_the_rest();
  /// The last solution, with its certificate; after all steps. *Collective.*
  const sdk::Solution& last() const { return last_; }
  Verdict verdict();

 private:
  class System;
  struct Step;

  void start(sdk::Solution at);
  void check_step(const Step& step, sdk::Solution& at);
  double contribution(const Step& step, std::span<const double> u);
  bool is_enough(const Step& step, std::span<const double> u, double contribution);
  bool take_step(const Step& step, std::vector<double>& u, bool has_guess);
  void replace(const Step& step, sdk::Solution& at, bool has_guess);
  std::vector<double> residual(const Step& step, std::span<const double> u);
  fem::Weights weights(const Step& step) const;
  std::vector<double> rate(const Step& step, std::span<const double> u) const;
  double energy(double t, std::span<const double> u);
  double mass_square(double t, std::span<const double> u);
  std::vector<double> field_norms(std::span<const double> u);
  double relative(std::span<const double> u);
  bool repairs() const { return policy_ != "check"; }
  bool proves() const { return reason_.empty(); }

  const solvers::CaseProblem& of_case_;
  problem::Problem& problem_;
  sdk::Monitor& outer_;
  std::string policy_;
  double tolerance_, theta_;
  Ledger& ledger_;
  std::unique_ptr<fem::DiscreteProblem> discrete_;
  std::optional<EnergyNorm> energy_;
  std::optional<linear::SparseMatrix> l2_;
  std::string reason_;
  sdk::Solution last_;
  std::int64_t step_ = -1;  ///< of `last_`
  double sum_ = 0.0;        ///< of a bound: the right side so far; of an estimate: that of the corrections
  double round_off_ = 0.0;  ///< the part of round-off, summed alike
  double missed_ = 0.0;     ///< of prescribed values that were missed: h sum_n a(w^n, w^n), or the largest |w^n|
  double energies_ = 0.0;   ///< h sum_n a(u^n, u^n)
  double last_round_off_ = 0.0, alpha_ = infinity_;
  std::vector<double> largest_;  ///< of each field, in L2, so far
  std::vector<double> missing_;  ///< w at `last_`
  static constexpr double infinity_ = std::numeric_limits<double>::infinity();
};

}  // namespace ansatz::certify
