#include <fmt/format.h>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

void read_interpolation(Section section, InterpolationSpec& interpolation) {
  interpolation.at = section.at();
  interpolation_keys().read(section, interpolation);
  if (auto training = section.table("training"))
    interpolation.training = read_training(std::move(*training), interpolation.training);
  if (interpolation.points_per_term > 1.0 && interpolation.points != "s_opt") {
    section.error_at("points_per_term",
                     fmt::format("the points \"{}\" are at most as many as the terms", interpolation.points),
                     "set points = \"s_opt\", which goes on after them, or points_per_term to 1 or less");
  }
  section.finish();
}

void read_reference(const Case& parsed, Section section, std::map<std::string, double>& reference) {
  for (const auto& name : section.keys()) {
    const auto found = parsed.parameters.find(name);
    if (found == parsed.parameters.end()) continue;  // finish() says so
    if (!(found->second.low < found->second.high)) {
      section.number(name);
      continue;  // what is wrong is the range
    }
    const auto value = section.number(name, {found->second.low, found->second.high, false, false});
    if (value) reference[name] = *value;
  }
  section.finish();
}

void check_inner_product(const Section& section, const ReducedSpec& reduced) {
  if (reduced.length > 0.0 && (reduced.product == "energy" || reduced.product == "h1_semi")) {
    section.error_at("length", "the length is for the product \"h1\"", "remove it, or set reduced.product = \"h1\"");
  }
}

void refuse_old_names(Section& section) {
  if (!section.has("coercivity")) return;
  section.find("coercivity");
  section.error_at("coercivity", "unknown key \"coercivity\" in [reduced]", "did you mean \"stability\"?");
}

/// pairs = [["u_re", "u_im"], ...]
void read_pairs(Section& section, ReducedSpec& reduced) {
  const auto* node = section.find("pairs", "pairs of fields");
  if (node == nullptr) return;
  const auto* list = node->as_array();
  bool good = list != nullptr;
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    const auto* pair = list->get(i)->as_array();
    good = pair != nullptr && pair->size() == 2 && pair->get(0)->is_string() && pair->get(1)->is_string();
    if (good) reduced.pairs.emplace_back(pair->get(0)->as_string()->get(), pair->get(1)->as_string()->get());
  }
  if (!good)
    section.error_at("pairs", "pairs are a list of pairs of fields", "write, for example, [[\"u_re\", \"u_im\"]]");
  if (good && !reduced.pairs.empty() && reduced.method == "pod") {
    section.error_at("pairs", "pairs are for greedy methods", "remove one of the two");
  }
}

}  // namespace

TrainingSpec read_training(Section section, TrainingSpec training) {
  training.at = section.at();
  auto given = training_keys().read(section, training);
  given.erase("seed");
  if (given.size() > 1) section.error("several kinds of training sets are given", "keep one of them");
  section.finish();
  return training;
}

void read_reduced(Reading& reading, Section& root) {
  auto& parsed = reading.result;
  auto& reduced = parsed.reduced;
  reduced.model = fmt::format("models/{}.h5", parsed.name);
  if (auto section = root.table("reduced")) {
    reduced.at = section->at();
    reduced_keys().read(*section, reduced);
    if (section->has("pod") && reduced.method != "pod") {
      section->error_at("pod", "\"reduced.pod\" is for method = \"pod\"", "remove it, or set reduced.method = \"pod\"");
    }
    if (auto training = section->table("training"))
      reduced.training = read_training(std::move(*training), reduced.training);
    if (auto interpolation = section->table("interpolation"))
      read_interpolation(std::move(*interpolation), reduced.interpolation);
    if (auto reference = section->table("reference")) read_reference(parsed, std::move(*reference), reduced.reference);
    if (reduced.adaptive && reduced.method != "greedy") {
      section->error_at("adaptive", "adaptive training sets are for method = \"greedy\"", "remove one of the two");
    }
    check_inner_product(*section, reduced);
    refuse_old_names(*section);
    read_pairs(*section, reduced);
    reduced.outputs_at = section->location("outputs");
    reduced.dual_at = section->location("dual");
    section->finish();
  }
  read_study(reading, root);
  if (!parsed.solver.info.needs_parameters) return;
  for (const auto& [name, spec] : parsed.parameters) {
    const bool is_reported =
        spec.low == 0.0 && spec.high == 0.0 && !reading.diagnostics.empty();  // the range was no range
    if (spec.low < spec.high || is_reported) continue;
    reading.diagnostics.add(
        spec.at,
        fmt::format("the ansatz {} needs a range of {} to be trained on, not one value", parsed.solver.type, name),
        "give another upper end, or make it a constant in [constants]");
  }
  if (parsed.parameters.empty()) {
    reading.diagnostics.add(parsed.solver.at,
                            fmt::format("the ansatz {} is for problems with parameters", parsed.solver.type),
                            "add a section [parameters]");
  }
}

}  // namespace ansatz::input
