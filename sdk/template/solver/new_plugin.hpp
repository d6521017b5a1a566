#pragma once
#include <ansatz/sdk/problem.hpp>
#include <ansatz/sdk/solver.hpp>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Weights of known points for another one: inverse powers of the distances (Shepard, ACM National Conference 1968).
/// Distances are in units of the ranges.
/// \param known (n, d), in [0, 1]
/// \param at (d)
/// \returns (n), not negative, with the sum 1; 1 at a known point itself
inline std::vector<double> shepard_weights(std::span<const double> known, std::span<const double> at, double power,
                                           double* nearest = nullptr) {
  const std::size_t d = at.size(), n = known.size() / d;
  std::vector<double> weights(n);
  double least = -1.0, sum = 0.0;
  std::size_t closest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double square = 0.0;
    for (std::size_t k = 0; k < d; ++k) square += (known[i * d + k] - at[k]) * (known[i * d + k] - at[k]);
    weights[i] = std::sqrt(square);
    if (least >= 0.0 && weights[i] >= least) continue;
    least = weights[i];
    closest = i;
  }
  if (nearest != nullptr) *nearest = least;
  for (auto& weight : weights) weight = least > 0.0 ? std::pow(least / weight, power) : 0.0;
  if (!(least > 0.0)) weights[closest] = 1.0;
  for (const double weight : weights) sum += weight;
  for (auto& weight : weights) weight /= sum;
  return weights;
}

/// An ansatz: the solution at other parameters is a weighted mean of known ones. It learns from solutions of finite
/// elements at a sample of the parameters. Its certificate, the distance to the nearest of them in units of the ranges,
/// is an indicator only: it says where to trust it less.
class NewPlugin final : public ansatz::sdk::Solver {
 public:
  static ansatz::sdk::SolverInfo description() {
    ansatz::sdk::SolverInfo info{
        .name = "new_plugin", .doc = "weighted means of known solutions", .trains = true, .needs_parameters = true};
    info.options
        .add({.name = "samples",
              .initial = ansatz::sdk::Sampling{"sobol", 32, 1},
              .unit = "1",
              .doc = "parameters to learn from",
              .range = {1.0, 1e6}})
        .add({.name = "power",
              .initial = 3.0,
              .unit = "1",
              .doc = "of the inverse distances",
              .range = ansatz::sdk::positive});
    return info;
  }

  NewPlugin(const ansatz::sdk::Problem& problem, const ansatz::sdk::ParameterSet& options)
      : problem_(problem), samples_(options.sampling("samples")), power_(options.number("power")) {}

  void train(ansatz::sdk::Monitor& monitor) override {
    const auto sample = problem_.sample_parameters(samples_);
    const std::size_t d = problem_.parameters().size(), n = sample.size() / d;
    const auto truth = problem_.make_solver("fem");
    known_.clear();
    solutions_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const std::span<const double> mu(sample.data() + i * d, d);
      ansatz::sdk::Snapshots taken(monitor);
      solutions_.push_back(truth->solve({.parameters = mu}, taken).values);
      const auto unit = in_units_of_ranges(mu);
      known_.insert(known_.end(), unit.begin(), unit.end());
      monitor.progress(double(i + 1) / double(n), std::to_string(i + 1) + " solutions");
    }
  }

  ansatz::sdk::Record model() const override {
    ansatz::sdk::Record record;
    record.set_numbers("known", known_);
    record.vectors["solutions"] = solutions_;
    return record;
  }

  void use(const ansatz::sdk::Record& record) override {
    solutions_ = record.list("solutions");
    const auto size = static_cast<std::int64_t>(solutions_.size() * problem_.parameters().size());
    known_ = record.array("known", {size}).values;
  }

  /// The power may be changed without new solutions.
  std::vector<std::string> options_of_solving() const override { return {"power"}; }

  ansatz::sdk::Solution solve(const ansatz::sdk::Query& query, ansatz::sdk::Monitor& monitor) override {
    double distance = 0.0;
    const auto weights = shepard_weights(known_, in_units_of_ranges(query.parameters), power_, &distance);
    ansatz::sdk::Solution solution;
    solution.values.assign(solutions_.front().size(), 0.0);
    for (std::size_t j = 0; j < weights.size(); ++j) {
      for (std::size_t i = 0; i < solution.values.size(); ++i) solution.values[i] += weights[j] * solutions_[j][i];
    }
    if (!space_) space_ = problem_.make_discretisation();
    space_->set_parameters(query.parameters);
    space_->prescribe(0.0, solution.values);
    solution.certificate =
        ansatz::sdk::Certificate{.kind = ansatz::sdk::Certificate::Kind::indicator,
                                 .value = distance,
                                 .norm = "distance to the nearest known parameters, over their ranges",
                                 .parts = {{"distance", distance}}};
    solution.work["known_solutions"] = double(solutions_.size());
    monitor.observe(solution, 0, true);
    return solution;
  }

 private:
  std::vector<double> in_units_of_ranges(std::span<const double> mu) const {
    std::vector<double> unit;
    for (std::size_t k = 0; k < mu.size(); ++k) {
      const auto& parameter = problem_.parameters()[k];
      const bool is_log = parameter.logarithmic;
      const double low = is_log ? std::log(parameter.low) : parameter.low;
      const double high = is_log ? std::log(parameter.high) : parameter.high;
      unit.push_back(((is_log ? std::log(mu[k]) : mu[k]) - low) / (high - low));
    }
    return unit;
  }

  const ansatz::sdk::Problem& problem_;
  ansatz::sdk::Sampling samples_;
  double power_;
  std::vector<double> known_;                   ///< (solutions, parameters), in units of the ranges
  std::vector<std::vector<double>> solutions_;  ///< of this rank's unknowns
  std::unique_ptr<ansatz::sdk::Discretisation> space_;
};
