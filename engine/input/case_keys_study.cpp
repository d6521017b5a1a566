// Keys of [study] and [policy].
#include <fmt/format.h>

#include "engine/input/case_keys.hpp"
#include "engine/input/solver_infos.hpp"

namespace ansatz::input {
namespace {

/// A file of its own in the run folder: no folders, and no name that runs write themselves.
constexpr const char* table_file = R"((?!(quantities|trajectory|mesh-[0-9]{1,9})\.h5$)[^./\\][^/\\]{0,200}\.h5)";

}  // namespace

Keys<SweepSpec> sweep_keys() {
  Keys<SweepSpec> keys;
  auto lists = open_table_info("values", "lists of equal lengths: point i takes value i of each",
                               {.name = "PARAMETER", .type = KeyType::numbers, .least = 1});
  lists.required = true;
  lists.least = 1;
  KeyInfo points = table_info(
      "points", "of sweeps and limits: a sample of the parameters that are not fixed, or lists of values", {});
  points.required = false;
  points.alternatives = {training_keys().table("points", "a sample"),
                         table_info("points", "lists", {std::move(lists)})};
  keys.other(std::move(points), nullptr,
             [](const SweepSpec& sweep) {
               return sweep.values.empty() ? training_text(sweep.points)
                                           : "{ values = " + toml_table(sweep.values, toml_numbers) + " }";
             })
      .by_default("none: sweeps and limits need it");
  keys.other(open_table_info("fixed", "of sweeps and limits: parameters that they leave alone",
                             {.name = "PARAMETER", .type = KeyType::number}),
             nullptr, [](const SweepSpec& sweep) { return toml_table(sweep.fixed, toml_number); })
      .by_default("none; with lists of values the others, at their defaults");
  keys.text("file", &SweepSpec::file, "of sweeps and limits: their table, in the run folder")
      .by_default("\"sweep.h5\", of limits \"limits.h5\"")
      .matching(table_file,
                "give the name of a file in the run folder, without folders and ending in .h5; quantities.h5, "
                "trajectory.h5 and mesh-NUMBER.h5 are those of other results");
  const auto tabulates = is("type", {"sweep", "limits"});
  keys.rule(tabulates, has("points"));
  keys.rule(none_of({tabulates}), none_of(has_each({"points", "fixed", "file"})));
  return keys;
}

Keys<LimitsSpec> limits_keys() {
  using L = LimitsSpec;
  Keys<L> keys;
  keys.integer(
      "degree", &L::degree, 1, 12,
      "of limits: all powers of the matrix up to it are interpolated exactly; each monomial of its coefficients "
      "up to it is a factorisation");
  keys.other(training_keys().table("training",
                                   "of limits: a sample to pick the factorised parameters from; the corners of the box "
                                   "are added"),
             nullptr,
             [](const L& limits) -> std::optional<std::string> {
               if (!limits.training) return std::nullopt;
               return training_text(*limits.training);
             })
      .absent("automatic: Sobol points, three for each factorisation, at least 256");
  keys.other(
      {.name = "of",
       .type = KeyType::texts,
       .doc = "of limits: which of log_determinant and inverse (the solution, by the linear quantities)",
       .words = {"log_determinant", "inverse"},
       .least = 1},
      [](Section& section, L& limits) {
        const auto words = section.strings("of");
        if (words) limits.of = *words;
        return words.has_value();
      },
      [](const L& limits) { return toml_strings(limits.of); });
  keys.integer("validation", &L::validation, 0, 10'000,
               "of limits: held-out parameters at which all is computed directly too, for the estimate; 0: none");
  keys.number(
          "tolerance", &L::tolerance, sdk::positive,
          "of limits: the largest error at the held-out parameters must be below it, or the run fails; of quantities "
          "relative to their largest size there, of the log-determinant for each unknown")
      .absent("none: the error is said only");
  keys.rule(none_of({is("type", {"limits"})}),
            none_of(has_each({"degree", "training", "of", "validation", "tolerance"})));
  keys.rule(has("tolerance"),
            none_of({fits("validation",
                          {.name = "validation", .type = KeyType::integer, .range = {0.0, 0.0, false, false}})}));
  return keys;
}

Keys<GradientSpec> gradient_keys() {
  Keys<GradientSpec> keys;
  keys.boolean("check", &GradientSpec::check,
               "of gradients: Taylor's test of each, by four more solves at parameters along a random direction");
  keys.integer("seed", &GradientSpec::seed, 0, many, "of gradients: of that direction");
  keys.rule(none_of({is("type", {"gradient"})}), none_of(has_each({"check", "seed"})));
  return keys;
}

Keys<StudySpec> study_keys(const plugin::Registry& registry, bool of_system) {
  Keys<StudySpec> keys;
  std::vector<std::string> words{"solve", "train"};
  if (!of_system) {
    words.insert(words.end(), {"sweep", "limits", "gradient", "compare"});
    for (const auto& offer : registry.offers().studies) words.push_back(offer.name);
  }
  keys.word(
      "type", &StudySpec::type, words,
      "solve; train a model, or the controller of [policy]; sweep over parameters; inverse and "
      "log-determinant over parameters as limits of powers of the matrix; gradient, derivatives of the quantities "
      "by the parameters; compare ansaetze ([compare]); or that of a plugin");
  if (of_system) return keys;
  for (const auto& offer : registry.offers().studies) {
    add_options(keys, offer.name, offer.info.options);
  }
  return keys;
}

Keys<CompareSpec> compare_keys(const plugin::Registry& registry) {
  using C = CompareSpec;
  Keys<C> keys;
  keys.other(
          {.name = "solvers",
           .type = KeyType::texts,
           .doc = "what solver.type may be: compared with each other and with finite elements, those of coarser "
                  "meshes among them",
           .words = names_in(solver_infos(registry))},
          [](Section& section, C& compare) {
            const auto words = section.strings("solvers");
            if (words) compare.solvers = *words;
            return words.has_value();
          },
          [](const C& compare) { return toml_strings(compare.solvers); })
      .by_default("that of the case");
  keys.other(training_keys().table("points", "a sample of the parameters at which all are solved"), nullptr,
             [](const C& compare) { return training_text(compare.points); })
      .by_default("{ random = 20 }");
  return keys;
}

Keys<PolicySpec> policy_keys(const plugin::Registry& registry) {
  const auto learners = names_in(registry.offers().policy_learners);
  Keys<PolicySpec> keys;
  keys.word("learner", &PolicySpec::learner, learners, "what learns")
      .required(fmt::format("one of {}; add a plugin such as \"rl_stepping\"", fmt::join(learners, ", ")));
  keys.integer("steps", &PolicySpec::steps, 1, many, "of an episode");
  keys.other(
      open_table_info("vary", "ranges of parameters of the system, drawn evenly in the logarithm",
                      {.name = "PARAMETER", .type = KeyType::numbers, .range = sdk::positive, .least = 2, .most = 2}),
      nullptr, [](const PolicySpec& policy) {
        return toml_table(policy.vary, [](const auto& range) {
          return fmt::format("[{}, {}]", toml_number(range.first), toml_number(range.second));
        });
      });
  keys.other(open_table_info("options", "of the learner, see ansatz describe LEARNER",
                             {.name = "OPTION", .type = KeyType::any}),
             nullptr, nullptr);
  keys.text("file", &PolicySpec::file, "the trained policy, in the run folder");
  return keys;
}

}  // namespace ansatz::input
