#include "engine/input/case_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/cell_types.hpp"
#include "engine/input/quantity_kinds.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "engine/time/control/step_controller.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::input {
namespace {

constexpr int many = 1 << 30;
constexpr int most_points = 10'000'000;
const sdk::Range open_unit{0.0, 1.0, true, true};

KeyInfo table_of(const std::string& name, const std::string& doc, std::vector<KeyInfo> keys) {
  return {.name = name, .type = KeyType::table, .doc = doc, .keys = std::move(keys)};
}

/// A table whose keys have free names of some kind.
KeyInfo open_table(const std::string& name, const std::string& doc, KeyInfo entry) {
  return {.name = name, .type = KeyType::table, .doc = doc, .others = {std::move(entry)}};
}

template <class List>
std::vector<std::string> names_in(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.name);
  return names;
}

std::string of_fields(const std::map<std::string, double>& values) { return toml_table(values, toml_number); }

constexpr const char* pattern_names[] = {"right", "left", "crossed"};

}  // namespace

Keys<mesh::BoxOptions> box_keys() {
  using Box = mesh::BoxOptions;
  Keys<Box> keys;
  keys.numbers("origin", &Box::origin, sdk::any, "first corner").unit("m").by_default("0 in each direction");
  keys.numbers("size", &Box::size, sdk::positive, "lengths in each direction, as many as the space has dimensions")
      .unit("m")
      .required("lengths in each direction, for example size = [1.0, 1.0]");
  keys.other({.name = "cells",
              .type = KeyType::integers,
              .doc = "cells in each direction",
              .range = {1, 1 << 24, false, false},
              .required = true},
             nullptr, [](const Box& box) { return toml_list(box.cells, [](int n) { return std::to_string(n); }); });
  keys.other({.name = "cell",
              .type = KeyType::word,
              .doc = "type of the cells",
              .words = sdk::cell_names(),
              .initial = "interval, triangle or tetrahedron"},
             nullptr, [](const Box& box) { return toml_string(mesh::topology(box.cell).name); });
  keys.other({.name = "pattern",
              .type = KeyType::word,
              .doc = "how squares are cut into triangles",
              .words = {std::begin(pattern_names), std::end(pattern_names)},
              .initial = "\"right\"",
              .is_value = true},
             nullptr, [](const Box& box) { return toml_string(pattern_names[static_cast<int>(box.pattern)]); })
      .written_if([](const Box& box) { return box.cell == mesh::CellType::triangle; });
  keys.other({.name = "periodic",
              .type = KeyType::booleans,
              .doc = "directions in which the box repeats; at least 3 cells there",
              .initial = "false in each direction"},
             nullptr, [](const Box& box) {
               return toml_list(box.periodic, [](bool b) { return std::string(b ? "true" : "false"); });
             });
  return keys;
}

Keys<MeshSpec> mesh_keys() {
  Keys<MeshSpec> keys;
  const auto has_file = [](const MeshSpec& mesh) { return !mesh.box; };
  keys.other(table_of("box", "a box, or an interval or a rectangle; this or a file", box_keys().infos()), nullptr,
             [](const MeshSpec& mesh) -> std::optional<std::string> {
               if (!mesh.box) return std::nullopt;
               return box_keys().inline_table(*mesh.box);
             });
  keys.text("file", &MeshSpec::file, "a mesh file, relative to the case file").written_if(has_file);
  keys.text("reader", &MeshSpec::reader, "name of a mesh reader")
      .by_default("that for the ending of the file")
      .written_if([](const MeshSpec& mesh) { return !mesh.reader.empty(); });
  keys.integer("geometry_degree", &MeshSpec::geometry_degree, 0, 2,
               "1: straight cells, 2: curved ones, where the file has them")
      .comment("0: as in the file")
      .written_if(has_file);
  keys.number("size_factor", &MeshSpec::size_factor, sdk::positive,
              "multiplies the cell sizes of a geometry that the reader meshes")
      .written_if(has_file);
  keys.integer("refine", &MeshSpec::refine, 0, 12, "uniform refinements");
  keys.number("scale", &MeshSpec::scale, sdk::positive, "multiplies all coordinates, for files in mm 0.001");
  keys.other({.name = "map", .type = KeyType::values, .doc = "new coordinates, expressions of x, y, z and parameters"},
             nullptr, [](const MeshSpec& mesh) -> std::optional<std::string> {
               if (!mesh.map) return std::nullopt;
               return toml_value(*mesh.map);
             });
  return keys;
}

Keys<ParameterSpec> parameter_keys() {
  using P = ParameterSpec;
  Keys<P> keys;
  keys.other({.name = "range",
              .type = KeyType::numbers,
              .doc = "[low, high]: the admissible values",
              .required = true,
              .least = 2,
              .most = 2},
             nullptr, [](const P& p) { return fmt::format("[{}, {}]", toml_number(p.low), toml_number(p.high)); });
  keys.number("default", &P::initial, sdk::any, "the value that is used unless another is set")
      .required("the value that is used unless another is set");
  keys.boolean("extrapolate", &P::extrapolate, "the default may be outside of the range").written_if([](const P& p) {
    return p.extrapolate;
  });
  keys.boolean("logarithmic", &P::logarithmic, "samples are even in the logarithm").written_if([](const P& p) {
    return p.logarithmic;
  });
  keys.text("unit", &P::unit, "its unit");
  keys.text("doc", &P::doc, "what it means").written_if([](const P& p) { return !p.doc.empty(); });
  return keys;
}

Keys<TableSpec> table_keys() {
  Keys<TableSpec> keys;
  keys.numbers("x", &TableSpec::x, sdk::any, "increasing positions, at least two");
  keys.numbers("y", &TableSpec::y, sdk::any, "values there; linear between them, constant outside");
  keys.other({.name = "file",
              .type = KeyType::text,
              .doc = "instead: a file with two columns of numbers, relative to the case file"},
             nullptr, nullptr);
  return keys;
}

Keys<DataSpec> data_keys() {
  Keys<DataSpec> keys;
  keys.text("file", &DataSpec::file, "a result file, relative to the case file")
      .required("a result file, relative to the case file");
  keys.text("field", &DataSpec::field, "the name of a field in the file").required("the name of a field in the file");
  keys.integer("component", &DataSpec::component, 0, 8, "of the field");
  keys.number("time", &DataSpec::time, sdk::any, "of the step that is read").absent("the last step");
  return keys;
}

Keys<SolverSpec::Continuation> continuation_keys() {
  using C = SolverSpec::Continuation;
  Keys<C> keys;
  keys.text("parameter", &C::parameter, "the name of a parameter of the case")
      .required("the name of a parameter of the case");
  keys.number("from", &C::from, sdk::any, "its value to start at").required("its value to start at");
  return keys;
}

Keys<SolverSpec> solver_keys() {
  Keys<SolverSpec> keys;
  keys.word("type", &SolverSpec::type, {"fem", "reduced_basis"}, "the ansatz: finite elements, or a reduced basis");
  keys.integer("order", &SolverSpec::order, 1, 2, "degree of the finite elements");
  keys.integer("quadrature_degree", &SolverSpec::quadrature_degree, 1, 20,
               "polynomial degree that quadrature is exact for")
      .absent("automatic");
  keys.either("stabilisation", &SolverSpec::stabilise, "none", "supg", "of convection");
  keys.other(table_of("continuation", "steady states are followed from another value of a parameter",
                      continuation_keys().infos()),
             nullptr, [](const SolverSpec& solver) -> std::optional<std::string> {
               if (!solver.continuation) return std::nullopt;
               return continuation_keys().inline_table(*solver.continuation);
             });
  return keys;
}

Keys<LinearSpec> linear_keys() {
  using L = LinearSpec;
  Keys<L> keys;
  keys.word_or_automatic("solver", &L::solver, {"cg", "minres", "gmres", "fgmres", "direct"}, "of linear systems");
  keys.word_or_automatic("preconditioner", &L::preconditioner,
                         {"hypre", "gamg", "pcd", "jacobi", "ilu", "none", "mumps"}, "of Krylov methods");
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
  return keys;
}

const std::vector<std::string>& training_kinds() {
  static const std::vector<std::string> kinds{"grid", "random", "latin_hypercube", "sobol", "halton", "lattice"};
  return kinds;
}

std::vector<KeyInfo> training_infos() {
  std::vector<KeyInfo> keys;
  for (const auto& kind : training_kinds()) {
    const bool is_grid = kind == "grid";
    keys.push_back({.name = kind,
                    .type = KeyType::integer,
                    .doc = is_grid ? "points per parameter" : "points; one of these kinds",
                    .range = {is_grid ? 2.0 : 1.0, most_points, false, false}});
  }
  keys.push_back({.name = "seed",
                  .type = KeyType::integer,
                  .doc = "of all kinds but grids",
                  .range = {0, 1 << 30, false, false},
                  .initial = "1",
                  .is_value = true});
  return keys;
}

std::string training_text(const TrainingSpec& training) {
  return training.kind == "grid"
             ? fmt::format("{{ grid = {} }}", training.count)
             : fmt::format("{{ {} = {}, seed = {} }}", training.kind, training.count, training.seed);
}

Keys<InterpolationSpec> interpolation_keys() {
  using I = InterpolationSpec;
  Keys<I> keys;
  keys.number("tolerance", &I::tolerance, open_unit, "relative remainder on the training set");
  keys.integer("max_terms", &I::max_terms, 1, 1000, "of each function");
  keys.other(table_of("training", "a sample of parameters; the corners of the box are added", training_infos()),
             nullptr, [](const I& interpolation) { return training_text(interpolation.training); });
  return keys;
}

Keys<ReducedSpec> reduced_keys() {
  using R = ReducedSpec;
  Keys<R> keys;
  keys.word("method", &R::method, {"greedy", "strong_greedy", "pod"},
            "how the basis is found: by the error bound, by true errors, or as modes of solutions");
  keys.word("pod", &R::pod, {"direct", "incremental", "randomised"},
            "with method pod: from all solutions at once, one after the other without keeping them, or from random "
            "combinations of them")
      .written_if([](const R& reduced) { return reduced.pod != "direct"; });
  keys.other(table_of("training", "a sample of parameters", training_infos()), nullptr,
             [](const R& reduced) { return training_text(reduced.training); });
  keys.boolean("adaptive", &R::adaptive, "validate the training set on random points and refine it where they fail");
  keys.number("tolerance", &R::tolerance, open_unit,
              "relative: of the largest error bound (greedy), of the energy left out (pod)");
  keys.integer("max_size", &R::max_size, 1, 1000, "of the basis");
  keys.other(open_table("reference", "parameters of the inner product", {.name = "PARAMETER", .type = KeyType::number}),
             nullptr, [](const R& reduced) { return toml_table(reduced.reference, toml_number); })
      .comment("others: their defaults when the model is trained")
      .by_default("the parameters' defaults when the model is trained");
  keys.other(table_of("interpolation", "of coefficients and prescribed values that are no sums of products",
                      interpolation_keys().infos()),
             nullptr, [](const R& reduced) { return interpolation_keys().inline_table(reduced.interpolation); });
  keys.word_or_automatic("separation", &R::separation, {"expressions", "entries"},
                         "separated form from the coefficients' expressions, or from entries of assembled matrices");
  keys.word("product", &R::product, {"automatic", "energy", "h1_semi", "h1"}, "in whose norm errors are measured");
  keys.other(
          {.name = "length",
           .type = KeyType::number,
           .doc = "of h1: |grad u|^2 + |u|^2 / length^2",
           .unit = "m",
           .range = sdk::positive},
          [](Section& section, R& reduced) {
            const auto length = section.number("length", sdk::positive);
            reduced.length = length.value_or(reduced.length);
            return length.has_value();
          },
          [](const R& reduced) -> std::optional<std::string> {
            if (!(reduced.length > 0.0)) return std::nullopt;
            return toml_number(reduced.length);
          })
      .absent("the size of the domain");
  keys.word_or_automatic("stability", &R::stability, {"min_theta", "scm", "inf_sup", "interpolated"},
                         "where the constant in error bounds is from");
  keys.other({.name = "pairs",
              .type = KeyType::pairs,
              .doc = "real and imaginary parts of complex fields: [[\"u_re\", \"u_im\"]]"},
             nullptr, [](const R& reduced) {
               return toml_list(reduced.pairs, [](const auto& pair) {
                 return "[" + toml_string(pair.first) + ", " + toml_string(pair.second) + "]";
               });
             });
  keys.word("residual", &R::residual, {"basis", "interpolated"},
            "its norm from an orthonormal basis, or from norms at some training parameters");
  keys.texts("outputs", &R::outputs, "quantities with error bounds").absent("all quantities that are linear");
  keys.texts("dual", &R::dual, "outputs that get a dual basis: corrected values and sharper bounds").by_default("none");
  keys.other(
      {.name = "output_tolerance",
       .type = KeyType::number,
       .doc = "relative, of the bounds of dual bases",
       .range = open_unit,
       .initial = "tolerance"},
      [](Section& section, R& reduced) {
        reduced.output_tolerance = section.number("output_tolerance", open_unit);
        return reduced.output_tolerance.has_value();
      },
      [](const R& reduced) { return toml_number(reduced.output_tolerance.value_or(reduced.tolerance)); });
  keys.text("model", &R::model, "file of the model, relative to where the command runs").by_default("models/NAME.h5");
  return keys;
}

Keys<SweepSpec> sweep_keys() {
  Keys<SweepSpec> keys;
  auto lists = open_table("values", "lists of equal lengths: point i takes value i of each",
                          {.name = "PARAMETER", .type = KeyType::numbers});
  lists.required = true;
  KeyInfo points =
      table_of("points", "of a sweep: a sample of the parameters that are not fixed, or lists of values", {});
  points.required = false;
  points.alternatives = {table_of("points", "a sample", training_infos()),
                         table_of("points", "lists", {std::move(lists)})};
  keys.other(std::move(points), nullptr, [](const SweepSpec& sweep) {
    return sweep.values.empty() ? training_text(sweep.points)
                                : "{ values = " + toml_table(sweep.values, toml_numbers) + " }";
  });
  keys.other(open_table("fixed", "of a sweep: parameters that it leaves alone",
                        {.name = "PARAMETER", .type = KeyType::number}),
             nullptr, [](const SweepSpec& sweep) { return toml_table(sweep.fixed, toml_number); })
      .by_default("none; with lists of values the others, at their defaults");
  keys.text("file", &SweepSpec::file, "of a sweep: its table, in the run folder");
  return keys;
}

Keys<StudySpec> study_keys(bool of_system) {
  Keys<StudySpec> keys;
  const std::vector<std::string> words =
      of_system ? std::vector<std::string>{"solve", "train"} : std::vector<std::string>{"solve", "train", "sweep"};
  keys.word("type", &StudySpec::type, words,
            "solve; train a reduced model, or the controller of [policy]; sweep over parameters");
  return keys;
}

Keys<TimeSpec> time_keys(const plugin::Registry& registry) {
  using T = TimeSpec;
  Keys<T> keys;
  std::vector<std::string> methods;
  for (const auto& entry : time::time_methods()) methods.push_back(entry.info.name);
  for (const auto& offer : registry.offers().time_methods) methods.push_back(offer.name);
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
  absolute.alternatives = {
      {.name = "absolute_tolerance", .type = KeyType::number, .range = sdk::positive},
      open_table("absolute_tolerance", "by field", {.name = "FIELD", .type = KeyType::number, .range = sdk::positive})};
  keys.other(std::move(absolute), nullptr,
             [](const T& time) {
               return time.absolute_tolerances.empty() ? toml_number(time.absolute_tolerance)
                                                       : of_fields(time.absolute_tolerances);
             })
      .written_if(adaptive);
  keys.other(open_table("weights", "of fields in the norm of errors; 0: left out",
                        {.name = "FIELD", .type = KeyType::number, .range = sdk::nonnegative}),
             nullptr, [](const T& time) { return of_fields(time.weights); })
      .by_default("1")
      .written_if([](const T& time) { return time.adaptive() && !time.weights.empty(); });
  KeyInfo controller{.name = "controller",
                     .type = KeyType::word,
                     .doc = "law of step sizes, a learned one, or several in turn",
                     .words = names_in(time::controller_laws())};
  controller.alternatives = {{.name = "controller", .type = KeyType::word, .words = names_in(time::controller_laws())},
                             table_of("controller", "learned",
                                      {{.name = "type",
                                        .type = KeyType::word,
                                        .doc = "a learned one, or several in turn",
                                        .words = {"rl", "bandit"},
                                        .initial = "\"rl\"",
                                        .is_value = true},
                                       {.name = "model",
                                        .type = KeyType::text,
                                        .doc = "file of a trained policy, see [policy]; relative to the case file"},
                                       {.name = "seed",
                                        .type = KeyType::integer,
                                        .doc = "of \"bandit\"",
                                        .range = {0, 1 << 30, false, false},
                                        .initial = "1",
                                        .is_value = true}})};
  keys.other(std::move(controller), nullptr,
             [](const T& time) {
               if (time.controller != "rl" && time.controller != "bandit") return toml_string(time.controller);
               return fmt::format(
                   "{{ type = {}{}{} }}", toml_string(time.controller),
                   time.controller_model.empty() ? "" : ", model = " + toml_string(time.controller_model),
                   time.controller == "bandit" ? fmt::format(", seed = {}", time.controller_seed) : "");
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
  return keys;
}

Keys<OutputSpec> output_keys(const plugin::Registry& registry) {
  auto layouts = io::visual_layouts();
  for (const auto& offer : registry.offers().visual_writers) {
    if (std::ranges::count(layouts, offer.name) == 0) layouts.push_back(offer.name);
  }
  Keys<OutputSpec> keys;
  keys.texts("fields", &OutputSpec::fields, "fields and derived fields that are written").by_default("all fields");
  keys.other({.name = "layout",
              .type = KeyType::word,
              .doc = "of the files: one a step, all steps in one, or that of a plugin",
              .words = std::move(layouts),
              .initial = "\"series\"",
              .is_value = true},
             nullptr, [](const OutputSpec& output) { return toml_string(output.layout); });
  return keys;
}

Keys<PolicySpec> policy_keys(const plugin::Registry& registry) {
  const auto learners = names_in(registry.offers().policy_learners);
  Keys<PolicySpec> keys;
  keys.word("learner", &PolicySpec::learner, learners, "what learns")
      .required(fmt::format("one of {}; add a plugin such as \"rl_stepping\"", fmt::join(learners, ", ")));
  keys.integer("steps", &PolicySpec::steps, 1, many, "of an episode");
  keys.other(open_table("vary", "ranges of parameters of the system, drawn evenly in the logarithm",
                        {.name = "PARAMETER", .type = KeyType::numbers, .range = sdk::positive, .least = 2, .most = 2}),
             nullptr, [](const PolicySpec& policy) {
               return toml_table(policy.vary, [](const auto& range) {
                 return fmt::format("[{}, {}]", toml_number(range.first), toml_number(range.second));
               });
             });
  keys.other(open_table("options", "of the learner, see ansatz describe LEARNER", {.name = "OPTION"}), nullptr,
             nullptr);
  keys.text("file", &PolicySpec::file, "the trained policy, in the run folder");
  return keys;
}

std::vector<KeyInfo> case_keys(const plugin::Registry& registry, const sdk::PhysicsInfo* physics) {
  std::vector<KeyInfo> sections;
  sections.push_back(
      {.name = "title", .type = KeyType::text, .doc = "what the case is", .initial = "the name of its folder"});
  sections.push_back({.name = "plugins",
                      .type = KeyType::texts,
                      .doc = "names, or paths of plugin files",
                      .required = true,
                      .least = 1});
  sections.push_back(table_of("mesh", "the domain", mesh_keys().infos()));
  sections.back().required = true;
  if (physics != nullptr) {
    auto own = table_of(physics->name, physics->purpose, physics_infos(*physics));
    own.required = true;
    sections.push_back(table_of("physics", "one equation of a plugin", {std::move(own)}));
  } else {
    sections.push_back(open_table("physics", "one equation of a plugin, see ansatz describe PHYSICS",
                                  {.name = "PHYSICS", .type = KeyType::table, .others = {{.name = "KEY"}}}));
  }
  sections.back().required = true;
  sections.push_back(open_table(
      "system", "ordinary differential equations of a plugin, in place of mesh and physics; see ansatz describe SYSTEM",
      {.name = "SYSTEM", .type = KeyType::table, .others = {{.name = "KEY"}}}));
  sections.push_back(open_table("parameters", "what studies vary, for expressions",
                                table_of("NAME", "a parameter", parameter_keys().infos())));
  sections.push_back(open_table("constants", "numbers for expressions", {.name = "NAME", .type = KeyType::number}));
  sections.push_back(open_table("regions", "constants that differ by region",
                                open_table("REGION", "", {.name = "NAME", .type = KeyType::number})));
  sections.push_back(
      open_table("tables", "functions for expressions: NAME(...)", table_of("NAME", "a table", table_keys().infos())));
  sections.push_back(open_table("data", "fields of other runs and programs, for expressions",
                                table_of("NAME", "a field", data_keys().infos())));
  sections.push_back(table_of("solver", "the ansatz", solver_keys().infos()));
  sections.push_back(table_of("linear", "linear systems and Newton's method", linear_keys().infos()));
  sections.push_back(
      table_of("reduced", "reduced models, for solver.type = \"reduced_basis\"", reduced_keys().infos()));
  auto study = study_keys(false).infos();
  std::ranges::move(sweep_keys().infos(), std::back_inserter(study));
  sections.push_back(table_of("study", "what the run does", std::move(study)));
  sections.push_back(table_of("policy", "a step controller to train, for systems", policy_keys(registry).infos()));
  sections.push_back(table_of("time", "time integration; a steady problem has none", time_keys(registry).infos()));
  KeyInfo field{.name = "FIELD", .type = KeyType::values};
  auto initial = table_of("initial", "fields at the start, or components of them; 0 where nothing is said",
                          {{.name = "start",
                            .type = KeyType::word,
                            .doc = "begin with the steady state for the data at the initial time",
                            .words = {"steady"}},
                           open_table("perturbation", "added to the steady state", field)});
  initial.others = {field};
  sections.push_back(std::move(initial));
  KeyInfo quantity = table_of("NAME", "one of these kinds", {});
  for (const auto& kind : quantity_kinds()) {
    KeyInfo own{.name = kind.name, .type = KeyType::expression, .doc = kind.takes, .required = true};
    if (kind.kind == QuantitySpec::Kind::over_time) own = quantity_key("over_time");
    own.required = true;
    std::vector<KeyInfo> keys{std::move(own)};
    for (const auto& key : kind.keys) keys.push_back(quantity_key(key));
    keys.push_back(quantity_key("unit"));
    if (kind.kind == QuantitySpec::Kind::point || kind.kind == QuantitySpec::Kind::over_time ||
        kind.kind == QuantitySpec::Kind::reaction) {
      keys[1].required = true;
    }
    quantity.alternatives.push_back(table_of(kind.name, kind.doc, std::move(keys)));
  }
  sections.push_back(open_table("quantities", "numbers that are computed from the solution", std::move(quantity)));
  auto output = output_keys(registry).infos();
  std::ranges::move(output_step_keys().infos(), std::back_inserter(output));
  sections.push_back(table_of("output", "fields that are written", std::move(output)));
  sections.push_back(table_of("checkpoint", "states for --restart, of runs in time", checkpoint_keys().infos()));
  return sections;
}

}  // namespace ansatz::input
