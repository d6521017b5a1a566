// Keys of [reduced], and of samples of parameters.
#include <fmt/format.h>

#include "engine/input/case_keys.hpp"

namespace ansatz::input {

namespace {

constexpr int most_points = 10'000'000;
const std::vector<std::string> sample_kinds{"grid", "random", "latin_hypercube", "sobol", "halton", "lattice"};

}  // namespace

Keys<TrainingSpec> training_keys() {
  Keys<TrainingSpec> keys;
  for (const auto& kind : sample_kinds) {
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
  auto one_kind = has_each(sample_kinds);
  one_kind.push_back(none_of(has_each(sample_kinds)));
  keys.rule(one_of(std::move(one_kind)));
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
  keys.other(training_keys().table("training", "a sample of parameters; the corners of the box are added"), nullptr,
             [](const I& interpolation) { return training_text(interpolation.training); });
  keys.word("points", &I::points, {"eim", "q_deim", "s_opt"},
            "where a function is looked at: where the terms before leave most, at pivots of QR, or S-optimally")
      .written_if([](const I& interpolation) { return interpolation.points != "eim"; });
  keys.number("points_per_term", &I::points_per_term, {0.7, 10.0, false, false},
              "rounded up: above 1 (only \"s_opt\") the weights are least squares, below 1 the shortest that fit")
      .written_if([](const I& interpolation) { return interpolation.points_per_term != 1.0; });
  keys.word("pick", &I::pick, {"largest", "sum", "square"},
            "the next parameter leaves most in this norm over space: largest value, sum of magnitudes or of squares")
      .written_if([](const I& interpolation) { return interpolation.pick != "largest"; });
  keys.rule(
      fits("points_per_term", {.name = "points_per_term", .type = KeyType::number, .range = {1.0, 10.0, true, false}}),
      is("points", {"s_opt"}));
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
  keys.other(training_keys().table("training", "a sample of parameters"), nullptr,
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
  keys.other(
      interpolation_keys().table("interpolation", "of coefficients and prescribed values that are no sums of products"),
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
  keys.rule(has("pod"), is("method", {"pod"}));
  keys.rule(is_true("adaptive"), none_of({is("method", {"strong_greedy", "pod"})}));
  keys.rule(has("length"), none_of({is("product", {"energy", "h1_semi"})}));
  keys.rule(fits("pairs", {.name = "pairs", .type = KeyType::pairs, .least = 1}), none_of({is("method", {"pod"})}));
  return keys;
}

}  // namespace ansatz::input
