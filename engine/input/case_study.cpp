#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/quantity_kinds.hpp"
#include "engine/input/solver_infos.hpp"

namespace ansatz::input {
namespace {

/// Numbers of one parameter inside its range, unless it may leave it; records others, and names that are no parameters.
/// \param may_leave whether parameters with `extrapolate` may
template <class Read>
void for_parameters(const Case& parsed, Section& section, bool may_leave, const Read& read) {
  for (const auto& name : section.keys()) {
    const auto found = parsed.parameters.find(name);
    if (found != parsed.parameters.end()) {
      read(name, may_leave && found->second.extrapolate
                     ? sdk::any
                     : sdk::Range{found->second.low, found->second.high, false, false});
      continue;
    }
    section.find(name);
    std::vector<std::string> known;
    for (const auto& [parameter, spec] : parsed.parameters) known.push_back(parameter);
    section.error_at(name, fmt::format("there is no parameter \"{}\"", name), sdk::did_you_mean(name, known));
  }
  section.finish();
}

void read_values(const Case& parsed, Section section, SweepSpec& sweep) {
  // What limits are interpolated from is inside of the ranges.
  for_parameters(parsed, section, parsed.study.type != "limits", [&](const std::string& name, const sdk::Range& range) {
    if (auto values = section.numbers(name, range)) sweep.values[name] = std::move(*values);
  });
  if (section.keys().empty())
    section.error(fmt::format("[{}] names no parameter", section.name()), "for example values = { k1 = [0.1, 0.2] }");
  for (const auto& [name, values] : sweep.values) {
    if (values.empty()) section.error_at(name, fmt::format("\"{}\" has no values", name));
    if (values.size() == sweep.values.begin()->second.size()) continue;
    section.error_at(name,
                     fmt::format("\"{}\" has {} values, \"{}\" has {}", name, values.size(),
                                 sweep.values.begin()->first, sweep.values.begin()->second.size()),
                     "give lists of equal lengths: point i takes value i of each");
  }
}

void read_sweep(Reading& reading, Section& section, SweepSpec& sweep) {
  const auto& parsed = reading.result;
  if (parsed.parameters.empty())
    section.error_at(
        "type",
        std::string(parsed.study.type == "sweep" ? "a sweep is" : "limits are") + " for problems with parameters",
        "add a section [parameters]");
  section.require("points", "for example points = { grid = 5 }, { sobol = 100 } or { values = { k1 = [0.1, 0.2] } }");
  if (auto fixed = section.table("fixed")) {
    for_parameters(parsed, *fixed, true, [&](const std::string& name, const sdk::Range& range) {
      if (const auto value = fixed->number(name, range)) sweep.fixed[name] = *value;
    });
  }
  if (auto points = section.table("points")) {
    if (auto values = points->table("values")) {
      read_values(parsed, std::move(*values), sweep);
      points->finish();
      for (const auto& [name, unused] : sweep.values) {
        if (sweep.fixed.count(name) > 0)
          points->error(fmt::format("\"{}\" is fixed and has values", name), "remove one of the two");
      }
    } else {
      sweep.points = read_training(std::move(*points), sweep.points);
    }
  }
  if (sweep.values.empty() && !parsed.parameters.empty() && sweep.fixed.size() == parsed.parameters.size()) {
    section.error("all parameters are fixed", "leave one free");
  }
  if (parsed.study.type == "limits") sweep.file = "limits.h5";
  sweep_keys().read(section, sweep);
}

void read_limits(Reading& reading, Section& section, LimitsSpec& limits) {
  limits_keys().read(section, limits);
  for (const auto& word : limits.of) {
    const std::vector<std::string> known{"log_determinant", "inverse"};
    if (std::ranges::count(known, word) > 0) continue;
    auto help = sdk::did_you_mean(word, known);
    section.error_at("of", fmt::format("there is no limit \"{}\"", word),
                     help.empty() ? "the limits are log_determinant and inverse" : help);
  }
  if (limits.of.empty()) section.error_at("of", "the list is empty", "name log_determinant, inverse or both");
  if (auto training = section.table("training")) {
    limits.training = read_training(std::move(*training), TrainingSpec{{}, "sobol", 256, 1});
  }
  if (limits.tolerance && limits.validation == 0) {
    section.error_at("tolerance", "the tolerance is of errors at held-out parameters, and there are none",
                     "set validation to 1 or more, or remove the tolerance");
  }
  if (reading.result.solver.type != "fem") {
    section.error_at("type", "limits are of the matrix of finite elements", "set solver.type = \"fem\"");
  }
}

void read_compare(Reading& reading, Section section) {
  auto& parsed = reading.result;
  auto& compare = parsed.compare.emplace();
  compare.at = section.at();
  compare_keys(reading.registry).read(section, compare);
  if (auto points = section.table("points")) compare.points = read_training(std::move(*points), compare.points);
  const auto known = names_in(solver_infos(reading.registry));
  for (const auto& name : compare.solvers) {
    if (std::ranges::count(known, name) > 0) continue;
    auto help = sdk::did_you_mean(name, known);
    section.error_at("solvers", fmt::format("there is no ansatz \"{}\"", name),
                     help.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : help);
  }
  section.finish();
}

}  // namespace

void read_study(Reading& reading, Section& root) {
  auto& parsed = reading.result;
  if (auto section = root.table("compare")) read_compare(reading, std::move(*section));
  if (auto section = root.table("study")) {
    auto& study = parsed.study;
    study.sweep.at = section->at();
    const bool has_type = study_keys(reading.registry, false).read(*section, study).contains("type");
    if (study.has_points()) {
      if (root.has("time")) {
        section->error_at("type", (study.type == "sweep" ? "sweeps" : study.type) + " are of steady problems so far",
                          "remove the section [time]");
      }
      read_sweep(reading, *section, study.sweep);
    }
    if (study.type == "limits") read_limits(reading, *section, study.limits);
    if (study.type == "gradient") {
      gradient_keys().read(*section, study.gradient);
      if (parsed.parameters.empty())
        section->error_at("type", "gradients are by parameters, and there are none", "add a section [parameters]");
    }
    for (const auto& offer : reading.registry.offers().studies) {
      if (auto options = section->table(offer.name)) {
        study.options.emplace(offer.name, read_options(std::move(*options), offer.info.options));
      } else if (study.type == offer.name) {
        study.options.emplace(offer.name, sdk::ParameterSet(offer.info.options));
      }
    }
    const auto refuse = [&](const std::vector<KeyInfo>& keys, const char* owners, const char* type) {
      for (const auto& key : keys) {
        if (!section->has(key.name)) continue;
        section->find(key.name);
        if (section->has("type") && !has_type) continue;  // said already
        section->error_at(key.name, fmt::format("\"{}\" belongs to {}", key.name, owners),
                          fmt::format("set study.type = \"{}\"", type));
      }
    };
    if (!study.has_points()) refuse(sweep_keys().infos(study.sweep), "sweeps", "sweep");
    if (study.type != "limits") refuse(limits_keys().infos(study.limits), "limits", "limits");
    if (study.type != "gradient") refuse(gradient_keys().infos(study.gradient), "gradients", "gradient");
    section->finish();
    if (study.type == "train" && !parsed.solver.info.trains) {
      std::vector<std::string> trained;
      for (const auto& info : solver_infos(reading.registry)) {
        if (info.trains) trained.push_back(info.name);
      }
      section->error_at("type", fmt::format("the ansatz {} needs no training", parsed.solver.type),
                        fmt::format("set solver.type to one that does: {}", fmt::join(trained, ", ")));
    }
  }
}

void check_outputs(Reading& reading) {
  const auto& parsed = reading.result;
  std::vector<std::string> known;
  for (const auto& quantity : parsed.quantities) known.push_back(quantity.name);
  const auto check = [&](const std::vector<std::string>& names, const Location& at, const char* what) {
    for (const auto& name : names) {
      const auto found = std::ranges::find(parsed.quantities, name, &QuantitySpec::name);
      if (found == parsed.quantities.end()) {
        auto help = sdk::did_you_mean(name, known);
        reading.diagnostics.add(at, fmt::format("there is no quantity \"{}\"", name),
                                help.empty() ? fmt::format("the quantities are: {}", fmt::join(known, ", ")) : help);
      } else if (quantity_kind(found->kind).no_bound[0] != 0) {
        reading.diagnostics.add(at, fmt::format("the quantity \"{}\" has no {}: not linear", name, what),
                                "bounds are for means, integrals and point values that are affine in the fields");
      }
    }
  };
  check(parsed.reduced.outputs.value_or(std::vector<std::string>{}), parsed.reduced.outputs_at, "error bound");
  check(parsed.reduced.dual, parsed.reduced.dual_at, "dual problem");
}

}  // namespace ansatz::input
