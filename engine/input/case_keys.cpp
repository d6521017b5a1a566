#include "engine/input/case_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/cell_types.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/quantity_kinds.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "engine/time/control/step_controller.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::input {
namespace {

constexpr int many = 1 << 30;
constexpr int most_points = 10'000'000;
const sdk::Range open_unit{0.0, 1.0, true, true};

template <class List>
std::vector<std::string> names_in(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.name);
  return names;
}

std::string of_fields(const std::map<std::string, double>& values) { return toml_table(values, toml_number); }

const std::vector<std::string> pattern_names{"right", "left", "crossed"};  // in the order of mesh::BoxPattern

}  // namespace

Keys<mesh::BoxOptions> box_keys() {
  using Box = mesh::BoxOptions;
  Keys<Box> keys;
  keys.numbers("origin", &Box::origin, sdk::any, "first corner").unit("m").by_default("0 in each direction");
  keys.numbers("size", &Box::size, sdk::positive, "lengths in each direction, as many as the space has dimensions")
      .unit("m")
      .required("lengths in each direction, for example size = [1.0, 1.0]");
  keys.integers("cells", &Box::cells, 1, 1 << 24, "cells in each direction")
      .required("cells in each direction, for example cells = [32, 32]");
  keys.other(
      {.name = "cell",
       .type = KeyType::word,
       .doc = "type of the cells",
       .words = sdk::cell_names(),
       .initial = "interval, triangle or tetrahedron"},
      [](Section& section, Box& box) {
        const auto name = section.choice("cell", sdk::cell_names());
        if (name) box.cell = mesh::cell_type_from_name(*name);
        return name.has_value();
      },
      [](const Box& box) { return toml_string(mesh::topology(box.cell).name); });
  keys.other(
          {.name = "pattern",
           .type = KeyType::word,
           .doc = "how squares are cut into triangles",
           .words = pattern_names,
           .initial = "\"right\"",
           .is_value = true},
          [](Section& section, Box& box) {
            const auto name = section.choice("pattern", pattern_names);
            if (name)
              box.pattern =
                  static_cast<mesh::BoxPattern>(std::ranges::find(pattern_names, *name) - pattern_names.begin());
            return name.has_value();
          },
          [](const Box& box) { return toml_string(pattern_names[static_cast<std::size_t>(box.pattern)]); })
      .written_if([](const Box& box) { return box.cell == mesh::CellType::triangle; });
  keys.booleans("periodic", &Box::periodic, "directions in which the box repeats; at least 3 cells there")
      .by_default("false in each direction");
  return keys;
}

Keys<MeshSpec> mesh_keys() {
  Keys<MeshSpec> keys;
  const auto has_file = [](const MeshSpec& mesh) { return !mesh.box; };
  keys.other(table_info("box", "a box, or an interval or a rectangle; this or a file", box_keys().infos()), nullptr,
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

namespace {

/// The table [SECTION.NAME] of what a plugin offers, written where the case has it.
template <class Spec>
void add_options(Keys<Spec>& keys, const std::string& name, const std::string& doc,
                 const sdk::ParameterSchema& options) {
  keys.other(table_info(name, doc, option_infos(options)), nullptr,
             [name](const Spec& spec) -> std::optional<std::string> {
               const auto found = spec.options.find(name);
               if (found == spec.options.end()) return std::nullopt;
               return options_table(found->second);
             });
}

}  // namespace

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
  keys.other(table_info("continuation", "steady states are followed from another value of a parameter",
                        continuation_keys().infos()),
             nullptr, [](const SolverSpec& solver) -> std::optional<std::string> {
               if (!solver.continuation) return std::nullopt;
               return continuation_keys().inline_table(*solver.continuation);
             });
  for (const auto& info : infos) {
    if (!info.options.parameters().empty())
      add_options(keys, info.name, "for type = \"" + info.name + "\"", info.options);
  }
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

Keys<TrainingSpec> training_keys() {
  Keys<TrainingSpec> keys;
  for (const std::string kind : {"grid", "random", "latin_hypercube", "sobol", "halton", "lattice"}) {
    const bool is_grid = kind == "grid";
    const int least = is_grid ? 2 : 1;
    keys.other(
        {.name = kind,
         .type = KeyType::integer,
         .doc = is_grid ? "points per parameter" : "points; one of these kinds",
         .range = {double(least), most_points, false, false}},
        [=](Section& section, TrainingSpec& training) {
          const auto count = section.integer(kind, least, most_points);
          if (!count) return false;
          training.kind = kind;
          training.count = *count;
          return true;
        },
        nullptr);
  }
  keys.integer("seed", &TrainingSpec::seed, 0, 1 << 30, "of all kinds but grids");
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
  keys.other(
      table_info("training", "a sample of parameters; the corners of the box are added", training_keys().infos()),
      nullptr, [](const I& interpolation) { return training_text(interpolation.training); });
  keys.word("points", &I::points, {"eim", "q_deim", "s_opt"},
            "where a function is looked at: where the terms before leave most, at pivots of QR, or S-optimally")
      .written_if([](const I& interpolation) { return interpolation.points != "eim"; });
  keys.number("points_per_term", &I::points_per_term, {0.7, 10.0, false, false},
              "rounded up: above 1 (only \"s_opt\") the weights are least squares, below 1 the shortest that fit")
      .written_if([](const I& interpolation) { return interpolation.points_per_term != 1.0; });
  keys.word("pick", &I::pick, {"largest", "sum", "square"},
            "the next parameter leaves most in this norm over space: largest value, sum of magnitudes or of squares")
      .written_if([](const I& interpolation) { return interpolation.pick != "largest"; });
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
  keys.other(table_info("training", "a sample of parameters", training_keys().infos()), nullptr,
             [](const R& reduced) { return training_text(reduced.training); });
  keys.boolean("adaptive", &R::adaptive, "validate the training set on random points and refine it where they fail");
  keys.number("tolerance", &R::tolerance, open_unit,
              "relative: of the largest error bound (greedy), of the energy left out (pod)");
  keys.integer("max_size", &R::max_size, 1, 1000, "of the basis");
  keys.other(open_table_info("reference", "parameters of the inner product",
                             {.name = "PARAMETER", .type = KeyType::number}),
             nullptr, [](const R& reduced) { return toml_table(reduced.reference, toml_number); })
      .comment("others: their defaults when the model is trained")
      .by_default("the parameters' defaults when the model is trained");
  keys.other(table_info("interpolation", "of coefficients and prescribed values that are no sums of products",
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
  auto lists = open_table_info("values", "lists of equal lengths: point i takes value i of each",
                               {.name = "PARAMETER", .type = KeyType::numbers});
  lists.required = true;
  KeyInfo points = table_info(
      "points", "of sweeps and limits: a sample of the parameters that are not fixed, or lists of values", {});
  points.required = false;
  points.alternatives = {table_info("points", "a sample", training_keys().infos()),
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
      .by_default("\"sweep.h5\", of limits \"limits.h5\"");
  return keys;
}

Keys<LimitsSpec> limits_keys() {
  using L = LimitsSpec;
  Keys<L> keys;
  keys.integer(
      "degree", &L::degree, 1, 12,
      "of limits: all powers of the matrix up to it are interpolated exactly; each monomial of its coefficients "
      "up to it is a factorisation");
  keys.other(table_info("training",
                        "of limits: a sample to pick the factorised parameters from; the corners of the box "
                        "are added",
                        training_keys().infos()),
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
  return keys;
}

Keys<StudySpec> study_keys(const plugin::Registry& registry, bool of_system) {
  Keys<StudySpec> keys;
  std::vector<std::string> words{"solve", "train"};
  if (!of_system) {
    words.insert(words.end(), {"sweep", "limits"});
    for (const auto& offer : registry.offers().studies) words.push_back(offer.name);
  }
  keys.word("type", &StudySpec::type, words,
            "solve; train a model, or the controller of [policy]; sweep over parameters; inverse and "
            "log-determinant over parameters as limits of powers of the matrix; or that of a plugin");
  if (of_system) return keys;
  for (const auto& offer : registry.offers().studies) {
    if (!offer.info.options.parameters().empty())
      add_options(keys, offer.name, "for type = \"" + offer.name + "\"", offer.info.options);
  }
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
                             table_info("controller", "learned", controller_keys().infos())};
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
  keys.other(open_table_info("options", "of the learner, see ansatz describe LEARNER", {.name = "OPTION"}), nullptr,
             nullptr);
  keys.text("file", &PolicySpec::file, "the trained policy, in the run folder");
  return keys;
}

}  // namespace ansatz::input
