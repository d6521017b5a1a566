#include <fmt/format.h>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/quantity_kinds.hpp"

namespace ansatz::input {
namespace {

/// Numbers of one parameter inside its range, unless it may leave it; records others, and names that are no parameters.
template <class Read>
void for_parameters(const Case& parsed, Section& section, const Read& read) {
  for (const auto& name : section.keys()) {
    const auto found = parsed.parameters.find(name);
    if (found != parsed.parameters.end()) {
      read(name,
           found->second.extrapolate ? sdk::any : sdk::Range{found->second.low, found->second.high, false, false});
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
  for_parameters(parsed, section, [&](const std::string& name, const sdk::Range& range) {
    if (auto values = section.numbers(name, range)) sweep.values[name] = std::move(*values);
  });
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
    section.error_at("type", "a sweep is for problems with parameters", "add a section [parameters]");
  section.require("points", "for example points = { grid = 5 }, { sobol = 100 } or { values = { k1 = [0.1, 0.2] } }");
  if (auto fixed = section.table("fixed")) {
    for_parameters(parsed, *fixed, [&](const std::string& name, const sdk::Range& range) {
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
    section.error("all parameters are fixed", "leave one free for the sweep");
  }
  sweep_keys().read(section, sweep);
}

}  // namespace

void read_study(Reading& reading, Section& root) {
  auto& parsed = reading.result;
  if (auto section = root.table("study")) {
    auto& study = parsed.study;
    study.sweep.at = section->at();
    const bool has_type = study_keys(false).read(*section, study).contains("type");
    if (study.type == "sweep") {
      if (root.has("time"))
        section->error_at("type", "sweeps are of steady problems so far", "remove the section [time]");
      read_sweep(reading, *section, study.sweep);
    }
    for (const char* key : {"points", "fixed", "file"}) {
      if (study.type == "sweep" || !section->has(key)) continue;
      section->find(key);
      if (section->has("type") && !has_type) continue;  // said already
      section->error_at(key, fmt::format("\"{}\" belongs to sweeps", key), "set study.type = \"sweep\"");
    }
    section->finish();
    if (study.type == "train" && parsed.solver.type != "reduced_basis") {
      section->error_at("type", "finite elements need no training", "set solver.type = \"reduced_basis\"");
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
