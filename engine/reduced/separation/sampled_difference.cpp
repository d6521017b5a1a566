#include "engine/reduced/separation/sampled_difference.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/random.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::reduced {
namespace {

constexpr int num_parameters = 3;

double difference_at(const SeparatedProblem& problem, const fem::Form& form, std::span<const double> mu) {
  const auto& dofs = form.dofs();
  const auto& comm = dofs.mesh().comm;
  const auto n = static_cast<std::size_t>(dofs.num_owned());
  std::vector<double> v(n), local(dofs.num_local()), difference(n), term(n), scale(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    v[i] = form.constrained()[i] != 0 ? 0.0 : sdk::hashed(dofs.first_global() + std::int64_t(i)) - 0.5;
  auto u = v;
  const auto l = problem.lifting_thetas(mu);
  for (std::size_t k = 0; k < l.size(); ++k) linear::add_scaled(l[k], problem.liftings.column(static_cast<int>(k)), u);
  std::ranges::copy(u, local.begin());
  dofs.update_ghosts(local);
  base::agree(comm, [&] { form.residual({0.0, local, {}}, difference); });
  const auto add = [&](double factor) {
    for (std::size_t i = 0; i < n; ++i) {
      difference[i] += factor * term[i];
      scale[i] += std::abs(factor * term[i]);
    }
  };
  const auto a = problem.operator_thetas(mu), b = problem.rhs_thetas(mu);
  for (std::size_t q = 0; q < a.size(); ++q) {
    problem.operators[q]->multiply(v, term);
    add(-a[q]);
  }
  for (std::size_t q = 0; q < b.size(); ++q) {
    std::ranges::copy(problem.rhs.column(static_cast<int>(q)), term.begin());
    add(b[q]);
  }
  double most = 0.0, size = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    if (form.constrained()[i] != 0) continue;
    most = std::max(most, std::abs(difference[i]));
    size = std::max(size, scale[i]);
  }
  size = comm.max(size);
  most = comm.max(most);
  return size == 0.0 ? most : most / size;
}

}  // namespace

double sampled_difference(const SeparatedProblem& problem, fem::Form& form,
                          std::span<const sampling::ParameterRange> box) {
  double worst = 0.0;
  for (int k = 0; k < num_parameters; ++k) {
    std::vector<double> mu(box.size());
    for (std::size_t p = 0; p < mu.size(); ++p)
      mu[p] = box[p].low + sdk::hashed(1000 * k + p) * (box[p].high - box[p].low);
    form.set_parameters(mu);
    worst = std::max(worst, difference_at(problem, form, mu));
  }
  return worst;
}

}  // namespace ansatz::reduced
