#include "engine/time/integrator.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/text.hpp"

namespace ansatz::time {
namespace {

/// A method whose step solves one system  sum_k w_k F(t_k, u_k, u'_k) = 0  for the new u, where u' = a u + known.
class ImplicitMethod : public TimeIntegrator {
 public:
  ImplicitMethod(TimeProblem& problem, double start, std::vector<double> initial, const linear::NewtonOptions& newton)
      : problem_(problem), newton_(newton), time_(start), state_(std::move(initial)), rate_(state_.size(), 0.0) {
    problem_.prescribe(start, state_);
  }

  StepReport step(double h) override {
    StepReport report;
    auto next = state_;
    problem_.prescribe(time_ + h, next);
    Stage stage(*this, h);
    // The first matrix decides how to solve.
    if (solver_ == nullptr) solver_ = &problem_.solver(stage.jacobian(next));
    report.newton = linear::newton(problem_.comm(), stage, *solver_, next, newton_);
    stage.set_rate(next);
    accept(std::move(next), stage.take_rate(), h);
    time_ += h;
    report.time = time_;
    report.step = h;
    return report;
  }

  double time() const override { return time_; }
  std::span<const double> state() const override { return state_; }
  std::span<const double> rate() const override { return rate_; }

 protected:
  /// u' = shift u + known(i) at the new time.
  virtual double shift(double h) const = 0;
  virtual double known(std::size_t i, double h) const = 0;
  /// Weight of F at the new time; the rest is that of the old time.
  virtual double implicitness() const { return 1.0; }
  virtual void accept(std::vector<double> next, std::vector<double> rate, double) {
    state_ = std::move(next);
    rate_ = std::move(rate);
  }

  TimeProblem& problem_;
  linear::NewtonOptions newton_;
  linear::KrylovSolver* solver_ = nullptr;
  double time_;
  std::vector<double> state_, rate_;

 private:
  /// The nonlinear system of one step.
  class Stage final : public linear::NonlinearSystem {
   public:
    Stage(ImplicitMethod& method, double h) : method_(method), h_(h), rate_(method.state_.size()), old_(rate_.size()) {}

    void residual(std::span<const double> u, std::span<double> F) override {
      set_rate(u);
      const double theta = method_.implicitness();
      method_.problem_.residual(method_.time_ + h_, u, rate_, F);
      if (theta == 1.0) return;
      method_.problem_.residual(method_.time_, before(u), rate_, old_);
      const auto algebraic = method_.problem_.algebraic();
      for (std::size_t i = 0; i < old_.size(); ++i) {
        if (algebraic.empty() || algebraic[i] == 0) F[i] = theta * F[i] + (1.0 - theta) * old_[i];
      }
    }
    const linear::SparseMatrix& jacobian(std::span<const double> u) override {
      set_rate(u);
      return method_.problem_.jacobian(method_.time_ + h_, u, rate_, weights());
    }
    const linear::SparseMatrix* previous_jacobian() override { return method_.problem_.previous_jacobian(weights()); }
    void explain_not_finite(std::span<const double> u) override {
      set_rate(u);
      method_.problem_.explain_not_finite(method_.time_ + h_, u, rate_);
      if (method_.implicitness() < 1.0) method_.problem_.explain_not_finite(method_.time_, before(u), rate_);
    }
    void set_rate(std::span<const double> u) {
      const double shift = method_.shift(h_);
      for (std::size_t i = 0; i < rate_.size(); ++i) rate_[i] = shift * u[i] + method_.known(i, h_);
    }
    std::vector<double> take_rate() { return std::move(rate_); }

   private:
    /// The state before the step, with the algebraic unknowns of u.
    std::span<const double> before(std::span<const double> u) {
      const auto algebraic = method_.problem_.algebraic();
      if (algebraic.empty()) return method_.state_;
      before_ = method_.state_;
      for (std::size_t i = 0; i < algebraic.size(); ++i) {
        if (algebraic[i] != 0) before_[i] = u[i];
      }
      return before_;
    }
    sdk::JacobianWeights weights() const { return {method_.implicitness(), method_.shift(h_)}; }

    ImplicitMethod& method_;
    double h_;
    std::vector<double> rate_, old_, before_;
  };
};

class BackwardEuler : public ImplicitMethod {
 public:
  using ImplicitMethod::ImplicitMethod;

 protected:
  double shift(double h) const override { return 1.0 / h; }
  double known(std::size_t i, double h) const override { return -state_[i] / h; }
};

/// F is averaged over both ends of the step with the rate (u - u_n) / h; algebraic unknowns and their equations are those of
/// the new time in both terms:  (F(t_n, u_n, p, u') + F(t, u, p, u')) / 2 = 0,  G(t, u, p) = 0.
class CrankNicolson final : public BackwardEuler {
 public:
  using BackwardEuler::BackwardEuler;

 protected:
  double implicitness() const override { return 0.5; }
};

/// u' = (3 u - 4 u_n + u_{n-1}) / (2 h).
class Bdf2 final : public ImplicitMethod {
 public:
  using ImplicitMethod::ImplicitMethod;

  StepReport step(double h) override {
    if (started_ && std::abs(h - last_step_) > 1e-9 * last_step_) {
      throw sdk::Error(sdk::ErrorKind::solver, "bdf2 needs steps of equal length", {},
                       "choose an end time that is a whole number of steps");
    }
    return ImplicitMethod::step(h);
  }

 protected:
  double shift(double h) const override { return (started_ ? 1.5 : 1.0) / h; }
  double known(std::size_t i, double h) const override {
    return started_ ? (-2.0 * state_[i] + 0.5 * previous_[i]) / h : -state_[i] / h;
  }
  void accept(std::vector<double> next, std::vector<double> rate, double h) override {
    previous_ = std::move(state_);
    state_ = std::move(next);
    rate_ = std::move(rate);
    last_step_ = h;
    started_ = true;
  }

 private:
  bool started_ = false;  ///< previous_ holds u one step ago
  std::vector<double> previous_;
  double last_step_ = 0.0;
};

}  // namespace

bool averages(const std::string& method) { return method == "crank_nicolson"; }

std::vector<std::string> method_names() { return {"backward_euler", "crank_nicolson", "bdf2"}; }

std::unique_ptr<TimeIntegrator> make_integrator(const std::string& method, TimeProblem& problem, double start,
                                                std::vector<double> initial, const linear::NewtonOptions& newton) {
  if (method == "backward_euler") return std::make_unique<BackwardEuler>(problem, start, std::move(initial), newton);
  if (method == "crank_nicolson") return std::make_unique<CrankNicolson>(problem, start, std::move(initial), newton);
  if (method == "bdf2") return std::make_unique<Bdf2>(problem, start, std::move(initial), newton);
  const auto names = method_names();
  const auto near = sdk::closest(method, names);
  throw sdk::Error(sdk::ErrorKind::case_file, "there is no time integrator \"" + method + "\"", {},
                   near.empty() ? "there are backward_euler, crank_nicolson and bdf2" : "did you mean \"" + near + "\"?");
}

}  // namespace ansatz::time
