#include "engine/fem/evaluation/integrals.hpp"

#include <cmath>

#include "engine/fem/assembly/kernel_faults.hpp"

namespace ansatz::fem {
namespace {

/// A sum whose error does not grow with the number of terms (Neumaier, 1974).
class CompensatedSum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    rest_ += std::abs(sum_) >= std::abs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0.0, rest_ = 0.0;
};

}  // namespace

double integrate(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                 const Domain& domain) {
  const auto& comm = at_points.mesh().comm;
  CompensatedSum sum;
  base::agree(comm, [&] {
    for (const auto& batch : at_points.batches(domain)) {
      const auto values = at_points.evaluate(at_points.rule(batch.local_facet), batch, state, expression);
      Lanes total(0.0);
      for (std::size_t q = 0; q < values.size(); ++q) total += values[q] * at_points.loader().geometry().weight[q];
      for (int lane = 0; lane < batch.num_active; ++lane) sum.add(total[lane]);
    }
  });
  return comm.sum(sum.value());
}

std::vector<double> integrate_quantities(PointEvaluator& at_points, const FormState& state) {
  const auto& comm = at_points.mesh().comm;
  const auto& info = at_points.definition().physics->info();
  const int n = static_cast<int>(info.quantities.size());
  std::vector<CompensatedSum> sums(n);
  base::agree(comm, [&] {
    std::vector<Lanes> values;
    for (const auto& batch : at_points.batches({})) {
      const auto& points = at_points.load(at_points.rule(-1), batch, state);
      values.resize(points.num_points * n);
      named(info, "quantities", [&] { at_points.kernels().quantities(points, values.data()); });
      for (int q = 0; q < points.num_points; ++q) {
        for (int k = 0; k < n; ++k) {
          const Lanes part = values[q * n + k] * at_points.loader().geometry().weight[q];
          for (int lane = 0; lane < batch.num_active; ++lane) sums[k].add(part[lane]);
        }
      }
    }
  });
  std::vector<double> totals;
  for (const auto& sum : sums) totals.push_back(sum.value());
  return comm.sum(totals);
}

}  // namespace ansatz::fem
