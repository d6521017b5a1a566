// Keys of [solver], [linear], [time], [checkpoint], [certify] and [output].
#include <fmt/format.h>

#include <algorithm>

#include "engine/input/case_keys.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "engine/time/control/step_controller.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::input {
namespace {

std::string of_fields(const std::map<std::string, double>& values) { return toml_table(values, toml_number); }

}  // namespace

Keys<SolverSpec::Continuation> continuation_keys() {
  using C = SolverSpec::Continuation;
  Keys<C> keys;
  keys.text("parameter", &C::parameter, "the name of a parameter of the case")
      .required("the name of a parameter of the case");
  keys.number("from", &C::from, sdk::any, "its value to start at").required("its value to start at");
  return keys;
}

Keys<SolverSpec> solver_keys(const plugin::Registry& registry) {
  Keys<SolverSpec> keys;
  const auto infos = solver_infos(registry);
  keys.other({.name = "type",
              .type = KeyType::word,
              .doc = "the ansatz: finite elements, a reduced basis, or one of a plugin",
              .words = names_in(infos)},
             nullptr, [](const SolverSpec& solver) { return toml_string(solver.type); });
  keys.integer("order", &SolverSpec::order, 1, 2, "degree of the finite elements");
  keys.integer("quadrature_degree", &SolverSpec::quadrature_degree, 1, 20,
               "polynomial degree that quadrature is exact for")
      .absent("automatic");
  keys.either("stabilisation", &SolverSpec::stabilise, "none", "supg", "of convection");
  keys.other(continuation_keys().table("continuation", "steady states are followed from another value of a parameter"),
             nullptr, [](const SolverSpec& solver) -> std::optional<std::string> {
               if (!solver.continuation) return std::nullopt;
               return continuation_keys().inline_table(*solver.continuation);
             });
  for (const auto& info : infos) add_options(keys, info.name, info.options);
  return keys;
}

Keys<LinearSpec> linear_keys(const plugin::Registry& registry) {
  using L = LinearSpec;
  const auto& offers = registry.offers();
  auto preconditioners = linear::own_preconditioners(), tuners = names_in(offers.tuners);
  for (const auto& offer : offers.preconditioners) preconditioners.push_back(offer.name);
  tuners.insert(tuners.begin(), "none");
  Keys<L> keys;
  keys.word_or_automatic("solver", &L::solver, linear::solver_names(), "of linear systems");
  keys.word_or_automatic("preconditioner", &L::preconditioner, preconditioners, "of Krylov methods");
  keys.other(
          {.name = "tuner",
           .type = KeyType::word,
           .doc = "what chooses the knobs of the preconditioner anew for each solve, and learns from its iterations",
           .words = tuners,
           .initial = "\"none\"",
           .is_value = true},
          [=](Section& section, L& linear) {
            const auto word = section.choice("tuner", tuners);
            if (word) linear.tuner = *word == "none" ? "" : *word;
            return word.has_value();
          },
          [](const L& linear) { return toml_string(linear.tuner); })
      .written_if([](const L& linear) { return !linear.tuner.empty(); });
  keys.number("relative_tolerance", &L::relative_tolerance, open_unit, "of the true residual over the right-hand side")
      .absent("automatic: 1e-10, in Newton's method for nonlinear problems from 1e-2 to 1e-5 as it converges");
  keys.number("absolute_tolerance", &L::absolute_tolerance, sdk::nonnegative, "of the true residual, in its unit");
  keys.integer("max_iterations", &L::max_iterations, 1, many, "of Krylov methods");
  keys.number("newton_relative_tolerance", &L::newton_relative_tolerance, open_unit,
              "of the residual over that of the start");
  keys.number("newton_absolute_tolerance", &L::newton_absolute_tolerance, sdk::nonnegative,
              "of the residual, in its unit");
  keys.number("newton_correction_tolerance", &L::newton_correction_tolerance, sdk::nonnegative,
              "of a full correction over the solution");
  keys.integer("newton_max_iterations", &L::newton_max_iterations, 1, many, "of Newton's method");
  keys.word("line_search", &L::line_search, {"nonmonotone", "monotone", "none"},
            "whether the residual may grow for a while, must fall, or anything goes");
  keys.either("jacobian", &L::lagged_jacobian, "exact", "lagged",
              "assembled anew in each iteration, or kept while it serves");
  keys.text("petsc", &L::petsc, "further PETSc options as on PETSc's command line, applied last").by_default("none");
  for (const auto& offer : offers.preconditioners)
    keys.other(table_info(offer.name, "for preconditioner = \"" + offer.name + "\"", option_infos(offer.options)),
               nullptr, nullptr);
  for (const auto& offer : offers.tuners)
    keys.other(table_info(offer.name, "for tuner = \"" + offer.name + "\"", option_infos(offer.options)), nullptr,
               nullptr);
  return keys;
}

Keys<TimeSpec> controller_keys() {
  using T = TimeSpec;
  Keys<T> keys;
  keys.word("type", &T::controller, {"rl", "bandit"}, "a learned one, or several in turn").by_default("\"rl\"");
  keys.text("model", &T::controller_model, "file of a trained policy, see [policy]; relative to the case file")
      .written_if([](const T& time) { return !time.controller_model.empty(); });
  keys.integer("seed", &T::controller_seed, 0, 1 << 30, "of \"bandit\"").written_if([](const T& time) {
    return time.controller == "bandit";
  });
  keys.rule(none_of({is("type", {"bandit"})}), all_of({has("model"), none_of({has("seed")})}));
  return keys;
}

Keys<TimeSpec> time_keys(const plugin::Registry& registry) {
  using T = TimeSpec;
  Keys<T> keys;
  std::vector<std::string> methods, of_equal_steps;
  const auto add = [&](const sdk::TimeMethodInfo& info) {
    methods.push_back(info.name);
    if (info.embedded_order == 0) of_equal_steps.push_back(info.name);
  };
  for (const auto& entry : time::time_methods()) add(entry.info);
  for (const auto& offer : registry.offers().time_methods) add(offer.info);
  const auto adaptive = [](const T& time) { return time.adaptive(); };
  keys.word("method", &T::method, methods, "see ansatz describe time")
      .required(fmt::format("one of {}", fmt::join(methods, ", ")));
  keys.number("start", &T::start, sdk::any, "first time").unit("s");
  keys.number("end", &T::end, sdk::any, "last time").unit("s").required("the last time [s]");
  keys.numbers("stops", &T::stops, sdk::any, "times that steps end at, besides those where conditions on t change")
      .unit("s")
      .by_default("none")
      .written_if([](const T& time) { return !time.stops.empty(); });
  keys.word("jacobian", &T::jacobian, {"exact", "frozen", "stiff"}, "the matrix of linearly implicit methods");
  keys.texts("events", &T::events, "quantities whose changes of sign are found; systems have their own")
      .by_default("none")
      .written_if([](const T& time) { return !time.events.empty(); });
  keys.text("end_event", &T::end_event, "the event that ends the run").by_default("none").written_if([](const T& time) {
    return !time.end_event.empty();
  });
  keys.either("mass", &T::lumped_mass, "consistent", "lumped", "a lumped one is for explicit methods");
  keys.number("step", &T::step, sdk::positive, "length of all steps, without error control")
      .unit("s")
      .by_default("by error control")
      .written_if([](const T& time) { return !time.adaptive(); });
  const sdk::Range relative{0.0, 1.0, false, true};
  keys.number("relative_tolerance", &T::relative_tolerance, relative,
              "of the error of each step; steps by error control")
      .by_default("1e-6 with an absolute tolerance, else steps of one length")
      .written_if(adaptive);
  KeyInfo absolute{.name = "absolute_tolerance",
                   .type = KeyType::number,
                   .doc = "of the error of each step, in units of the fields; of all, or by field",
                   .range = sdk::positive};
  absolute.alternatives = {{.name = "absolute_tolerance", .type = KeyType::number, .range = sdk::positive},
                           open_table_info("absolute_tolerance", "by field",
                                           {.name = "FIELD", .type = KeyType::number, .range = sdk::positive})};
  keys.other(std::move(absolute), nullptr,
             [](const T& time) {
               return time.absolute_tolerances.empty() ? toml_number(time.absolute_tolerance)
                                                       : of_fields(time.absolute_tolerances);
             })
      .written_if(adaptive);
  keys.other(open_table_info("weights", "of fields in the norm of errors; 0: left out",
                             {.name = "FIELD", .type = KeyType::number, .range = sdk::nonnegative}),
             nullptr, [](const T& time) { return of_fields(time.weights); })
      .by_default("1")
      .written_if([](const T& time) { return time.adaptive() && !time.weights.empty(); });
  KeyInfo controller{.name = "controller",
                     .type = KeyType::word,
                     .doc = "law of step sizes, a learned one, or several in turn",
                     .words = names_in(time::controller_laws())};
  const auto laws = controller.words;
  controller.alternatives = {{.name = "controller", .type = KeyType::word, .words = laws},
                             controller_keys().table("controller", "learned")};
  keys.other(
          std::move(controller),
          [laws](Section& section, T& time) {  // tables: read_controller()
            const auto* node = section.find("controller", "a name, or { type = \"rl\", model = \"steps.h5\" }");
            if (node == nullptr || node->is_table()) return false;
            const auto law = section.choice("controller", laws);
            if (law) time.controller = *law;
            return law.has_value();
          },
          [](const T& time) {
            const bool is_table = time.controller == "rl" || time.controller == "bandit";
            return is_table ? controller_keys().inline_table(time) : toml_string(time.controller);
          })
      .written_if(adaptive);
  keys.word("limits", &T::limits, names_in(time::limit_presets()), "on changes of step sizes, see ansatz describe time")
      .written_if(adaptive);
  keys.number("first_step", &T::first_step, sdk::positive, "with error control")
      .unit("s")
      .by_default("automatic")
      .written_if([](const T& time) { return time.adaptive() && time.first_step > 0.0; });
  keys.number("min_step", &T::min_step, sdk::positive, "shorter ones end the run")
      .unit("s")
      .by_default("round-off of the time")
      .written_if([](const T& time) { return time.adaptive() && time.min_step > 0.0; });
  keys.other(
          {.name = "max_step",
           .type = KeyType::expression,
           .doc = "a number, or an expression in t and parameters",
           .unit = "s",
           .range = sdk::positive,
           .initial = "none"},
          [](Section& section, T& time) {
            time.max_step = section.value("max_step", "s, > 0; a number or an expression in t and parameters");
            return time.max_step.has_value();
          },
          [](const T& time) -> std::optional<std::string> {
            if (!time.max_step) return std::nullopt;
            const auto& text = time.max_step->components[0];
            return as_number(text) ? text : toml_string(text);
          })
      .comment("s")
      .written_if(adaptive);
  const auto has_tolerance = any_of(has_each({"relative_tolerance", "absolute_tolerance"}));
  keys.rule(one_of({has("step"), has_tolerance}));
  keys.rule(any_of(has_each({"controller", "limits", "first_step", "min_step", "max_step", "weights"})), has_tolerance);
  keys.rule(is("method", of_equal_steps), none_of({has_tolerance}));
  return keys;
}

Keys<CheckpointSpec> checkpoint_keys() {
  Keys<CheckpointSpec> keys;
  keys.integer("every", &CheckpointSpec::every, 0, many, "steps between checkpoints; 0: by time")
      .comment("steps; 0: by time");
  keys.number("minutes", &CheckpointSpec::minutes, sdk::nonnegative, "wall time between checkpoints; 0: by steps")
      .comment("of wall time; 0: by steps");
  return keys;
}

Keys<CertifySpec> certify_keys() {
  using C = CertifySpec;
  Keys<C> keys;
  keys.number("tolerance", &C::tolerance, open_unit,
              "of the error to the finite-element solution on this mesh, relative to the solution, in the norm")
      .absent("none: the error is said, and nothing is done about it");
  keys.word("policy", &C::policy, {"check", "polish", "fallback", "off"},
            "beyond the tolerance: say it; solve by Newton's method from the answer, and where that is no better "
            "start or fails from the case's own; solve from the case's own at once; or ask for no error")
      .by_default("\"polish\" with a tolerance, otherwise \"check\"");
  keys.word_or_automatic("norm", &C::norm, {"energy", "h1"}, "that errors are measured in")
      .by_default("automatic: energy where the equations have one at the defaults of the parameters, otherwise h1");
  keys.boolean("discretisation", &C::discretisation,
               "estimate the error of the finite-element solution itself, too, of steady problems");
  keys.integer("calibration", &C::calibration, 0, many,
               "held-out parameters at which an ansatz that trains is compared with finite elements: a radius about "
               "its answers, stored with the model; 0: none")
      .comment("solves; 0: none")
      .written_if([](const C& certify) { return certify.calibration > 0; });
  keys.number("coverage", &C::coverage, open_unit, "share of the parameters at which errors are within the radius")
      .written_if([](const C& certify) { return certify.calibration > 0; });
  keys.rule(is("policy", {"polish", "fallback"}), has("tolerance"));
  keys.rule(has("coverage"), has("calibration"));
  return keys;
}

Keys<OutputSpec> output_step_keys() {
  Keys<OutputSpec> keys;
  keys.integer("every", &OutputSpec::every, 1, many,
               "steps between outputs; the first and the last one are always written")
      .comment("steps")
      .by_default("1; with at none")
      .written_if([](const OutputSpec& output) { return output.every > 0; });
  keys.numbers("at", &OutputSpec::times, sdk::any, "times that steps end at and that are written")
      .unit("s")
      .by_default("none")
      .written_if([](const OutputSpec& output) { return !output.times.empty(); });
  keys.boolean("report", &OutputSpec::report, "a page report.html beside the results")
      .by_default("true")
      .written_if([](const OutputSpec& output) { return !output.report; });
  return keys;
}

std::vector<std::string> layout_names(const plugin::Registry& registry) {
  auto layouts = io::visual_layouts();
  for (const auto& offer : registry.offers().visual_writers) {
    if (std::ranges::count(layouts, offer.name) == 0) layouts.push_back(offer.name);
  }
  return layouts;
}

Keys<OutputSpec> output_keys(const plugin::Registry& registry) {
  Keys<OutputSpec> keys;
  keys.texts("fields", &OutputSpec::fields, "fields and derived fields that are written").by_default("all fields");
  keys.other({.name = "layout",
              .type = KeyType::word,
              .doc = "of the files: one a step, all steps in one, or that of a plugin",
              .words = layout_names(registry),
              .initial = "\"series\"",
              .is_value = true},
             nullptr, [](const OutputSpec& output) { return toml_string(output.layout); });
  return keys;
}

}  // namespace ansatz::input
