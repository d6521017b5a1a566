#include "engine/solvers/reduced_basis/reduced_outputs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/input/quantity_kinds.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/separated_quantity.hpp"

namespace ansatz::solvers {
namespace {

using Kind = input::QuantitySpec::Kind;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string word_of(const input::QuantitySpec& spec) {
  if (spec.kind == Kind::norm) return spec.norm + " norm";
  if (spec.kind == Kind::over_time) return spec.statistic + " over time";
  return input::quantity_kind(spec.kind).name;
}

/// What the case says of a quantity, but for its name and unit.
std::string definition_of(const input::QuantitySpec& spec) {
  return fmt::format("{} of \"{}\"{}{}{}", word_of(spec), spec.kind == Kind::over_time ? spec.of : spec.expression,
                     spec.kind == Kind::point ? fmt::format(" at ({})", fmt::join(spec.point, ", ")) : "",
                     spec.region.empty() ? "" : " in " + spec.region, spec.on.empty() ? "" : " on " + spec.on);
}

bool is_wanted(const input::ReducedSpec& spec, const std::string& name) {
  return !spec.outputs || contains(*spec.outputs, name) || contains(spec.dual, name);
}

}  // namespace

OutputTraining::OutputTraining(problem::Problem& problem, results::RunLog& log)
    : problem_(problem), log_(log), case_(problem.parsed()) {
  for (const auto& quantity : problem.quantities()) {
    const auto& spec = quantity.spec;
    if (quantity.declared >= 0 || !is_wanted(case_.reduced, spec.name)) continue;
    Output output{{}, std::nullopt};
    auto& data = output.data;
    data.name = spec.name;
    data.unit = quantity.unit;
    data.definition = definition_of(spec);
    output.functional = separated_quantity(problem, quantity, data.refusal);
    if (!output.functional) refuse(data, spec);
    outputs_.push_back(std::move(output));
  }
}

void OutputTraining::refuse(const reduced::OutputData& data, const input::QuantitySpec& spec) {
  const bool with_dual = contains(case_.reduced.dual, spec.name);
  if (with_dual || (case_.reduced.outputs && contains(*case_.reduced.outputs, spec.name))) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the quantity \"{}\" has no {}: {}", spec.name,
                                 with_dual ? "dual problem" : "error bound", data.refusal),
                     spec.at.text(), "remove it from reduced.outputs and reduced.dual");
  }
  log_.say(fmt::format("  quantity {}: no bound, {}", data.name, data.refusal));
  log_.event("output", {{"name", data.name}, {"refusal", data.refusal}});
}

std::vector<reduced::OutputData> OutputTraining::train(reduced::ReducedBasis& basis,
                                                       const linear::KrylovOptions& options) {
  std::vector<reduced::OutputData> trained;
  for (auto& [data, functional] : outputs_) {
    if (functional) {
      auto simple = reduced::output_data(basis, *functional, data.name);
      const bool with_dual = contains(case_.reduced.dual, data.name);
      if (with_dual && simple.compliance)
        log_.say(fmt::format("  output {}: compliant, it needs no dual basis", data.name));
      if (with_dual && !simple.compliance) {
        reduced::ReducedBasis dual(problem_.form(), reduced::dual_problem(basis, *functional),
                                   problem::parameter_ranges(case_), reference_parameters(case_), options,
                                   basis.options());
        dual.set_stability(basis.stability());
        train_dual(dual, data.name);
        simple = reduced::output_data(basis, *functional, data.name, &dual);
      }
      simple.unit = data.unit;
      simple.definition = data.definition;
      data = std::move(simple);
      const reduced::OutputModel model(data, basis.model().data());
      log_.event(
          "output",
          {{"name", data.name}, {"terms", std::int64_t{data.thetas.num_terms()}}, {"bound", name_of(model.kind())}});
    }
    trained.push_back(data);
  }
  return trained;
}

void OutputTraining::train_dual(reduced::ReducedBasis& dual, const std::string& name) {
  reduced::WeakGreedy surrogate(dual, problem_.mesh().comm);
  sampling::GreedyOptions greedy;
  greedy.tolerance = case_.reduced.output_tolerance.value_or(case_.reduced.tolerance);
  greedy.relative = true;
  greedy.max_extensions = case_.reduced.max_size;
  double first = 0.0;
  greedy.on_step = [&](const sampling::GreedyStep& step) {
    if (first == 0.0) first = step.indicator;
    log_.event("dual", {{"output", name},
                        {"size", std::int64_t{dual.size()}},
                        {"bound", step.indicator},
                        {"index", static_cast<std::int64_t>(step.index)}});
    return true;
  };
  const double start = log_.seconds();
  const auto result = sampling::greedy(surrogate, training_set(case_), greedy);
  log_.say(fmt::format("  dual basis of {}: {} functions, bound from {:.3e} to {:.3e}; trained in {:.2f} s", name,
                       dual.size(), first, result.largest, log_.seconds() - start));
  if (result.end == sampling::GreedyEnd::max_extensions && result.largest > 0.0) {
    log_.say("  reduced.output_tolerance was not reached with reduced.max_size functions");
  }
}

ReducedOutputs::ReducedOutputs(const input::Case& parsed, std::vector<reduced::OutputData> stored,
                               const reduced::ReducedModelData& model)
    : case_(parsed) {
  models_.reserve(stored.size());
  for (const auto& spec : parsed.quantities) {
    quantities::KnownQuantity quantity{.quantity = static_cast<int>(quantities_.size())};
    quantity.reason = std::string(input::quantity_kind(spec.kind).no_bound);
    model_of_.push_back(-1);
    const auto found = std::ranges::find(stored, spec.name, &reduced::OutputData::name);
    if (quantity.reason.empty() && !is_wanted(parsed.reduced, spec.name)) quantity.reason = "not in reduced.outputs";
    if (quantity.reason.empty() && (found == stored.end() || found->definition != definition_of(spec))) {
      quantity.reason = "not in the model, which can be trained again";
    }
    if (quantity.reason.empty() && !found->refusal.empty()) {
      quantity.reason = found->refusal.substr(0, found->refusal.find(':'));
    } else if (quantity.reason.empty()) {
      model_of_.back() = static_cast<int>(models_.size());
      models_.emplace_back(std::move(*found), model);
      quantity.certificate = sdk::Certificate{.norm = name_of(models_.back().kind())};
    }
    quantities_.push_back(std::move(quantity));
  }
  for (const auto& output : models_) work_.emplace_back(output);
}

bool ReducedOutputs::is_complete() const {
  for (std::size_t i = 0; i < model_of_.size(); ++i) {
    if (model_of_[i] < 0 && case_.quantities[i].kind != Kind::formula) return false;
  }
  return true;
}

std::vector<quantities::KnownQuantity> ReducedOutputs::evaluate(std::span<const double> mu,
                                                                const reduced::ReducedModel::Result& result,
                                                                const reduced::ReducedModel::Workspace& work) {
  std::vector<double> values, bounds;
  for (std::size_t k = 0; k < models_.size(); ++k) {
    const auto output = models_[k].evaluate(mu, result, work, work_[k]);
    values.push_back(output.value);
    bounds.push_back(output.bound);
  }
  return known(values, bounds, result.is_estimate);
}

std::vector<quantities::KnownQuantity> ReducedOutputs::known(std::span<const double> values,
                                                             std::span<const double> bounds, bool is_estimate) const {
  auto out = quantities_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (model_of_[i] < 0) continue;
    out[i].value = values[model_of_[i]];
    out[i].certificate->value = bounds[model_of_[i]];
    out[i].certificate->kind = is_estimate ? sdk::Certificate::Kind::estimate : sdk::Certificate::Kind::bound;
  }
  return out;
}

std::vector<int> ReducedOutputs::known_quantities() const {
  std::vector<int> positions(models_.size());
  for (std::size_t i = 0; i < model_of_.size(); ++i) {
    if (model_of_[i] >= 0) positions[static_cast<std::size_t>(model_of_[i])] = static_cast<int>(i);
  }
  return positions;
}

std::string ReducedOutputs::advice() const {
  std::vector<std::string> missing;
  for (const auto& name : case_.reduced.dual) {
    const auto has = [&](const reduced::OutputModel& output) {
      return output.data().name == name && output.kind() != reduced::OutputBound::simple;
    };
    if (std::ranges::none_of(models_, has)) missing.push_back(name);
  }
  if (missing.empty()) return {};
  return fmt::format("the model has no dual basis for {}: train again with --set study.type=train",
                     fmt::join(missing, ", "));
}

}  // namespace ansatz::solvers
