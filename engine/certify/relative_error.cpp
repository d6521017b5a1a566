#include "engine/certify/relative_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/product_matrix.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::certify {

RelativeError::RelativeError(const solvers::CaseProblem& problem)
    : of_case_(problem), problem_(problem.problem()), moves_(!problem.problem().map().expressions().empty()) {}

RelativeError::~RelativeError() = default;

const std::string& RelativeError::norm() {
  if (norm_.empty()) prepare();
  return norm_;
}

double RelativeError::of(const std::vector<sdk::Solution>& answer, const std::vector<sdk::Solution>& truth) {
  bool fits = !truth.empty() && answer.size() == truth.size();
  for (std::size_t k = 0; fits && k < truth.size(); ++k)
    fits = answer[k].time == truth[k].time || time::same_time(answer[k].time, truth[k].time);
  if (!fits) {
    throw sdk::Error(sdk::ErrorKind::plugin,
                     fmt::format("the ansatz shows {} solutions, finite elements {}: errors are compared at the ends "
                                 "of the same steps",
                                 answer.size(), truth.size()),
                     {}, "remove certify.calibration");
  }
  prepare();
  std::vector<double> errors, sizes, difference;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    difference = answer[k].values;
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= truth[k].values[i];
    const auto of_error = norms(difference), of_truth = norms(truth[k].values);
    errors.resize(of_error.size(), 0.0);
    sizes.resize(of_error.size(), 0.0);
    for (std::size_t f = 0; f < errors.size(); ++f) {
      errors[f] = std::max(errors[f], of_error[f]);
      sizes[f] = std::max(sizes[f], of_truth[f]);
    }
  }
  double largest = 0.0;
  for (std::size_t f = 0; f < errors.size(); ++f) {
    if (errors[f] > 0.0)
      largest = std::max(largest, sizes[f] > 0.0 ? errors[f] / sizes[f] : std::numeric_limits<double>::infinity());
  }
  return largest;
}

/// The matrices of the mesh where it lies now.
void RelativeError::prepare() {
  const auto version = problem_.form().version();
  if (!norm_.empty() && (!moves_ || mesh_version_ == version)) return;
  mesh_version_ = version;
  if (!discrete_) discrete_ = of_case_.make_discrete();
  const auto& parsed = of_case_.parsed();
  const auto* spec = parsed.certify ? &*parsed.certify : nullptr;
  const std::string wanted = spec != nullptr ? spec->norm : "";
  energy_.reset();
  product_.reset();
  if (!parsed.time && wanted != "h1") {
    std::vector<double> middle;
    for (const auto& [name, p] : parsed.parameters)
      middle.push_back(!(p.low < p.high) ? p.initial
                       : p.logarithmic   ? std::sqrt(p.low) * std::sqrt(p.high)
                                         : 0.5 * (p.low + p.high));
    energy_ = std::make_unique<EnergyNorm>(problem_, *discrete_, middle);
    if (!energy_->objection().empty() && wanted == "energy") {
      throw sdk::Error(sdk::ErrorKind::case_file, "certify.norm = \"energy\": " + energy_->objection(), spec->at.text(),
                       "set certify.norm = \"h1\", or leave it out");
    }
    norm_ = "energy norm at the middle of the ranges";
    if (energy_->objection().empty()) return;
    energy_.reset();
  }
  const auto& form = problem_.form();
  const auto& dofs = problem_.dofs();
  base::agree(discrete_->comm(), [&] { form.sparsity(); });
  product_.emplace(discrete_->comm(), form.sparsity().pattern, dofs.block_size());
  const double size = fem::domain_size(problem_.mesh());
  fem::product_matrix(form, parsed.time ? 0.0 : 1.0, parsed.time ? 1.0 : 1.0 / (size * size), {}, *product_);
  norm_ = fmt::format("{} norm{}{}", parsed.time ? "L2" : "H1", dofs.num_fields() > 1 ? " of the worst field" : "",
                      parsed.time ? ", the largest over the steps" : "");
}

std::vector<double> RelativeError::norms(std::span<const double> v) {
  if (energy_) return {energy_->norm(v)};
  return by_field(*discrete_, *product_, v);
}

}  // namespace ansatz::certify
