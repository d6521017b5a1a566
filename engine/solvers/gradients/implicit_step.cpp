#include <algorithm>

#include "engine/linear/matrices/vector.hpp"
#include "engine/solvers/gradients/step_equations.hpp"
#include "engine/time/tableaus/implicit_tableau.hpp"

namespace ansatz::solvers {
namespace {

/// F(t + c_i h, U_i, k_i) = 0 for the stages with a_ii > 0, where
///   k_i = (U_i - u) / (h a_ii) - sum_{j<i} a_ij / a_ii k_j,
/// also for prescribed values, but where the mass varies the rates of these themselves. The first stage of ESDIRK
/// methods is the state, with the rate of the last stage before, or that of the equations where there was none. The new
/// state is the last stage.
class ImplicitStep final : public StepMap {
 public:
  ImplicitStep(StepEquations& equations, const time::ImplicitTableau& tableau) : e_(equations), tableau_(tableau) {}

  void forward(double t, double h, std::vector<double>& u, std::vector<double>& rate) override {
    stages(t, h, u, rate);
    u = u_.back();
    rate = k_.back();
  }

  void backward(double t, double h, std::span<const double> u, std::span<const double> rate, Sensitivity& s) override {
    stages(t, h, u, rate);
    const int count = tableau_.num_stages();
    std::vector<std::vector<double>> of_k(count, std::vector<double>(u.size(), 0.0));
    std::vector<double> of_u = s.state, of_state(u.size(), 0.0);  // of the last stage, then of none
    if (s.rate.size() == u.size()) of_k.back() = s.rate;
    s.rate.assign(u.size(), 0.0);
    for (int i = count - 1; i >= 0; --i) {
      if (tableau_.a[i][i] == 0.0) {
        first_stage(t, u, rate, of_k[i], of_state, s);
      } else {
        implicit_stage(i, t, h, of_u, of_k, of_state, s);
      }
      std::ranges::fill(of_u, 0.0);
    }
    s.state = std::move(of_state);
  }

 private:
  void implicit_stage(int i, double t, double h, std::vector<double>& of_u, std::vector<std::vector<double>>& of_k,
                      std::vector<double>& of_state, Sensitivity& s) {
    const double shift = 1.0 / (h * tableau_.a[i][i]), at = t + tableau_.c[i] * h;
    const bool own_rates = e_.mass_varies();
    auto follows = of_k[i];  // rows whose rate follows from the values
    if (own_rates) e_.leave_free(follows);
    linear::add_scaled(shift, follows, of_u);
    const auto z = e_.solve_transposed(at, u_[i], k_[i], {1.0, shift}, of_u);
    e_.subtract_equations(1.0, at, u_[i], k_[i], z, s);
    const auto by_rate = e_.transposed(at, u_[i], k_[i], {0.0, 1.0}, z);
    const auto by_state = e_.transposed(at, u_[i], k_[i], {1.0, 0.0}, z);
    std::vector<double> left(of_k[i]), through(by_rate);  // of k_i and of the values with all that they move
    linear::add_scaled(-1.0, by_rate, left);
    if (own_rates) {
      e_.add_prescribed(at, left, 1, s);
      e_.leave_free(left);
      e_.leave_free(through);
    }
    for (std::size_t n = 0; n < of_u.size(); ++n) of_u[n] -= by_state[n] + shift * through[n];
    e_.add_prescribed(at, of_u, 0, s);
    linear::add_scaled(-shift, left, of_state);
    for (int j = 0; j < i; ++j) linear::add_scaled(-tableau_.a[i][j] / tableau_.a[i][i], left, of_k[j]);
  }

  void first_stage(double t, std::span<const double> u, std::span<const double> rate, const std::vector<double>& of_k,
                   std::vector<double>& of_state, Sensitivity& s) {
    if (e_.has(rate)) return linear::add_scaled(1.0, of_k, s.rate);
    const auto z = e_.solve_transposed(t, u, k_[0], {0.0, 1.0}, of_k);
    e_.subtract_equations(1.0, t, u, k_[0], z, s);
    auto given = of_k;
    linear::add_scaled(-1.0, e_.transposed(t, u, k_[0], {0.0, 1.0}, z), given);
    e_.add_prescribed(t, given, 1, s);
    linear::add_scaled(-1.0, e_.transposed(t, u, k_[0], {1.0, 0.0}, z), of_state);
  }

  void stages(double t, double h, std::span<const double> u, std::span<const double> rate) {
    const int count = tableau_.num_stages();
    u_.resize(count);
    k_.resize(count);
    std::vector<double> known(u.size()), given;
    for (int i = 0; i < count; ++i) {
      u_[i].assign(u.begin(), u.end());
      if (tableau_.a[i][i] == 0.0) {
        if (!e_.has(rate)) {
          k_[i] = e_.rate(t, u);
        } else {
          k_[i].assign(rate.begin(), rate.end());
        }
        continue;
      }
      const double shift = 1.0 / (h * tableau_.a[i][i]), at = t + tableau_.c[i] * h;
      std::ranges::copy(u, known.begin());
      for (int j = 0; j < i; ++j) linear::add_scaled(h * tableau_.a[i][j], k_[j], known);
      for (double& value : known) value *= -shift;
      if (i > 0) u_[i] = u_[i - 1];
      e_.prescribe(at, u_[i]);
      if (e_.mass_varies()) e_.give_rates(at, shift, u_[i], known);
      e_.solve_stage(1.0, at, shift, known, at, {}, u_[i]);
      k_[i].resize(u.size());
      for (std::size_t n = 0; n < u.size(); ++n) k_[i][n] = shift * u_[i][n] + known[n];
    }
  }

  StepEquations& e_;
  const time::ImplicitTableau& tableau_;
  std::vector<std::vector<double>> u_, k_;
};

}  // namespace

std::unique_ptr<StepMap> make_implicit_step(StepEquations& equations, const std::string& method) {
  const auto table = time::implicit_methods();
  const auto found = std::ranges::find(table, method, &time::ImplicitTableau::name);
  if (found == table.end()) return nullptr;
  return std::make_unique<ImplicitStep>(equations, *found);
}

}  // namespace ansatz::solvers
