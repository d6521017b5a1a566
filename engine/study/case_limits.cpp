#include "engine/study/case_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "engine/fem/motions/free_motions.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/separated_quantity.hpp"
#include "engine/study/point_table.hpp"
#include "engine/study/study_points.hpp"

namespace ansatz::study {

CaseLimits::CaseLimits(problem::Problem& problem, const linear::KrylovOptions& options, results::RunLog& log)
    : problem_(problem),
      log_(log),
      case_(problem.parsed()),
      spec_(case_.study.limits),
      wants_determinant_(spec_.has(log_determinant)),
      box_(problem::parameter_ranges(case_)),
      discrete_(problem.form(), problem.dirichlet(), options) {
  num_unknowns_ = reduced::num_free(problem.form());
  if (num_unknowns_ == 0) {
    throw sdk::Error(sdk::ErrorKind::case_file, "all unknowns are prescribed: there is no matrix to take limits of",
                     case_.study.sweep.at.text(), "use a finer mesh, or prescribe values on a part of the boundary");
  }
  auto separated_problem = separated();
  auto outputs = spec_.has("inverse") ? functionals() : std::vector<reduced::SeparatedFunctional>();
  if (wants_determinant_) {
    names_.emplace_back(log_determinant);
    units_.emplace_back();
  }
  for (const int k : columns_) {
    names_.push_back(problem.quantities()[k].spec.name);
    units_.push_back(problem.quantities()[k].unit);
  }
  train(std::move(separated_problem), std::move(outputs));
}

reduced::SeparatedProblem CaseLimits::separated() {
  const auto mu = problem_.parameters();
  std::string reason;
  auto found = reduced::separate(problem_.form(), problem_.dirichlet(), box_, reason);
  problem_.set_parameters(mu);
  if (found) return std::move(*found);
  throw sdk::Error(sdk::ErrorKind::case_file, "the problem has no separated form: " + reason,
                   case_.study.sweep.at.text(),
                   "limits need coefficients and prescribed values that are sums of products of functions of "
                   "parameters and of space; or set study.type = \"sweep\"");
}

/// Of the quantities that are linear; says which are left out, and why.
std::vector<reduced::SeparatedFunctional> CaseLimits::functionals() {
  std::vector<reduced::SeparatedFunctional> outputs;
  std::set<int> known;
  output_of_.assign(problem_.num_case_quantities(), -1);
  for (std::size_t k = 0; k < output_of_.size(); ++k) {
    const auto& quantity = problem_.quantities()[k];
    std::string refusal;
    if (quantity.spec.kind == input::QuantitySpec::Kind::formula) {
      for (const int used : quantity.expression.indices_used(sdk::SymbolKind::field)) {
        if (known.count(used) == 0) refusal = "it uses " + problem_.quantities()[used].spec.name;
      }
    } else if (auto functional = solvers::separated_quantity(problem_, quantity, refusal)) {
      output_of_[k] = static_cast<int>(outputs.size());
      outputs.push_back(std::move(*functional));
    }
    if (refusal.empty()) {
      known.insert(static_cast<int>(k));
      columns_.push_back(static_cast<int>(k));
      continue;
    }
    log_.say(fmt::format("  quantity {}: left out, {}", quantity.spec.name, refusal));
    log_.event("output", {{"name", quantity.spec.name}, {"refusal", refusal}});
  }
  if (columns_.empty() && !wants_determinant_) {
    throw sdk::Error(sdk::ErrorKind::case_file, "no quantity of the case is linear in the solution",
                     case_.study.sweep.at.text(),
                     "add a mean, an integral or a point value to [quantities], or set of = \"log_determinant\"");
  }
  return outputs;
}

/// The parameters to pick from: the operator's in their ranges, the others where they stay.
sampling::TrainingSet CaseLimits::training_set(const reduced::Thetas& thetas) const {
  const auto [varied, fixed] = varied_parameters(case_);
  std::vector<int> used;
  for (const auto& factor : thetas.factors()) std::ranges::copy(factor.parameters_used(), std::back_inserter(used));
  std::erase_if(used, [&](int p) { return std::ranges::count(varied, p) == 0; });
  std::ranges::sort(used);
  used.erase(std::ranges::unique(used).begin(), used.end());
  sampling::TrainingSet training(static_cast<int>(fixed.size()));
  if (used.empty()) {
    training.append(fixed);
    return training;
  }
  int num_varying = 0;
  for (int q = 0; q < thetas.num_terms(); ++q) num_varying += thetas.is_constant(q) ? 0 : 1;
  const double terms = reduced::MatrixLimits::num_monomials(num_varying, spec_.degree);
  const int enough = static_cast<int>(std::clamp(3.0 * terms, 256.0, 3.0 * reduced::MatrixLimits::most_monomials));
  const auto spec = spec_.training.value_or(input::TrainingSpec{{}, "sobol", enough, 1});
  const auto sample =
      sampling::sample_with_corners(used, box_, problem::sampling_options(spec, static_cast<int>(used.size())));
  for (std::size_t i = 0; i < sample.size(); ++i) {
    auto mu = fixed;
    for (const int p : used) mu[p] = sample[i][p];
    training.append(mu);
  }
  return training;
}

void CaseLimits::train(reduced::SeparatedProblem separated, std::vector<reduced::SeparatedFunctional> outputs) {
  const auto training = training_set(separated.operator_thetas);
  try {
    limits_.emplace(problem_.form(), std::move(separated), std::move(outputs), box_, training,
                    reduced::OperatorLimitsOptions{spec_.degree, wants_determinant_});
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::parameter) throw;
    throw sdk::Error(error.kind(), error.what(), case_.study.sweep.at.text(), error.hint());
  }
  const int terms = limits_->num_terms();
  log_.say(
      fmt::format("  limits of degree {}: {} factorisation{} of the {}matrix on {} free unknowns, picked from {} "
                  "parameters",
                  spec_.degree, terms, terms == 1 ? "" : "s", limits_->is_symmetric() ? "symmetric " : "",
                  num_unknowns_, training.size()));
  results::Progress progress(log_, static_cast<std::size_t>(terms), "factorisations");
  int sign = 0;
  for (int r = 0; r < terms; ++r) {
    auto point = factorised(limits_->parameters(r));
    sign = wants_determinant_ ? point.determinant.sign : 0;
    limits_->add(std::move(point));
    progress.done(static_cast<std::size_t>(r) + 1);
  }
  facts_ = {{"degree", spec_.degree}, {"factorisations", terms}, {"unknowns", static_cast<double>(num_unknowns_)}};
  if (sign != 0) {
    facts_["determinant_sign"] = sign;
    log_.say(fmt::format("  the determinant is {}; {} is the natural logarithm of its size",
                         sign < 0 ? "negative" : "positive", log_determinant));
  }
  log_.event("factorisations", {{"degree", std::int64_t{spec_.degree}},
                                {"factorisations", std::int64_t{terms}},
                                {"training", static_cast<std::int64_t>(training.size())},
                                {"unknowns", num_unknowns_},
                                {"determinant_sign", std::int64_t{sign}}});
}

/// \throws sdk::Error of kind case_file where the equations leave something undetermined.
reduced::FactorisedPoint CaseLimits::factorised(std::span<const double> mu) {
  const auto own = problem_.parameters();
  problem_.set_parameters(mu);
  const std::vector<double> u(discrete_.size(), 0.0);
  const auto motions = fem::find_free_motions(discrete_, 0.0, u, std::nullopt, {1.0, 0.0});
  problem_.set_parameters(own);
  if (!motions.empty()) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("at {} the equations determine {} only: the matrix is {}singular",
                    sampling::parameter_text(mu, box_), motions.front().text(), motions.front().weak ? "nearly " : ""),
        "parameters", "choose ranges without these values, or prescribe a value on a part of the boundary");
  }
  return limits_->solve(mu);
}

CaseLimits::Row CaseLimits::row(std::span<const double> mu, const reduced::LimitValues& values) const {
  Row out{{}, {}, values.amplification};
  if (wants_determinant_) {
    out.values.push_back({log_determinant, values.log_determinant, ""});
    out.sizes.push_back(0.0);
  }
  if (columns_.empty()) return out;
  std::vector<std::optional<double>> known;
  for (const int output : output_of_)
    known.push_back(output < 0 ? std::nullopt : std::optional(values.outputs[output]));
  const auto all = with_formulas(problem_, mu, known);
  for (const int k : columns_) {
    out.values.push_back(all[k]);
    const bool has_size = output_of_[k] >= 0 && !values.output_sizes.empty();
    out.sizes.push_back(has_size ? values.output_sizes[output_of_[k]] : 0.0);
  }
  return out;
}

CaseLimits::Row CaseLimits::interpolated(std::span<const double> mu) const { return row(mu, limits_->values(mu)); }

CaseLimits::Row CaseLimits::direct(std::span<const double> mu) { return row(mu, limits_->values(mu, factorised(mu))); }

}  // namespace ansatz::study
