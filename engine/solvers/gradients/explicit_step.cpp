#include <algorithm>

#include "engine/linear/matrices/vector.hpp"
#include "engine/solvers/gradients/step_equations.hpp"
#include "engine/time/tableaus/butcher_tableau.hpp"

namespace ansatz::solvers {
namespace {

/// F(t + c_i h, U_i, k_i) = 0 with the rates of prescribed values in k_i,  U_i = u + h sum_j a_ij k_j  but for these
/// values themselves, and so the new state with b.
class ExplicitStep final : public StepMap {
 public:
  ExplicitStep(StepEquations& equations, const time::ButcherTableau& tableau) : e_(equations), tableau_(tableau) {}

  void forward(double t, double h, std::vector<double>& u, std::vector<double>& /*rate*/) override {
    stages(t, h, u);
    for (int i = 0; i < tableau_.num_stages(); ++i) linear::add_scaled(h * tableau_.b[i], k_[i], u);
    e_.prescribe(t + h, u);
  }

  void backward(double t, double h, std::span<const double> u, std::span<const double> /*rate*/,
                Sensitivity& s) override {
    stages(t, h, u);
    const int count = tableau_.num_stages();
    e_.add_prescribed(t + h, s.state, 0, s);
    e_.leave_free(s.state);
    std::vector<std::vector<double>> of_k(count);
    for (int i = 0; i < count; ++i) {
      of_k[i].assign(u.size(), 0.0);
      linear::add_scaled(h * tableau_.b[i], s.state, of_k[i]);
    }
    for (int i = count - 1; i >= 0; --i) {
      const double at = t + tableau_.c[i] * h;
      const auto z = e_.solve_transposed(at, u_[i], k_[i], {0.0, 1.0}, of_k[i]);
      e_.subtract_equations(1.0, at, u_[i], k_[i], z, s);
      auto through = e_.transposed(at, u_[i], k_[i], {0.0, 1.0}, z);
      for (double& value : through) value = -value;
      e_.add_prescribed(at, through, 1, s);
      auto of_u = e_.transposed(at, u_[i], k_[i], {1.0, 0.0}, z);
      for (double& value : of_u) value = -value;
      if (i == 0) {  // the state itself, as it is
        linear::add_scaled(1.0, of_u, s.state);
        break;
      }
      e_.add_prescribed(at, of_u, 0, s);
      e_.leave_free(of_u);
      linear::add_scaled(1.0, of_u, s.state);
      for (int j = 0; j < i; ++j) linear::add_scaled(h * tableau_.a[i][j], of_u, of_k[j]);
    }
  }

 private:
  void stages(double t, double h, std::span<const double> u) {
    const int count = tableau_.num_stages();
    u_.resize(count);
    k_.resize(count);
    for (int i = 0; i < count; ++i) {
      u_[i].assign(u.begin(), u.end());
      for (int j = 0; j < i; ++j) linear::add_scaled(h * tableau_.a[i][j], k_[j], u_[i]);
      if (i > 0) e_.prescribe(t + tableau_.c[i] * h, u_[i]);
      k_[i] = e_.rate(t + tableau_.c[i] * h, u_[i]);
    }
  }

  StepEquations& e_;
  const time::ButcherTableau& tableau_;
  std::vector<std::vector<double>> u_, k_;
};

}  // namespace

std::unique_ptr<StepMap> make_explicit_step(StepEquations& equations, const std::string& method) {
  const auto table = time::explicit_methods();
  const auto found = std::ranges::find(table, method, &time::ButcherTableau::name);
  if (found == table.end()) return nullptr;
  return std::make_unique<ExplicitStep>(equations, *found);
}

}  // namespace ansatz::solvers
