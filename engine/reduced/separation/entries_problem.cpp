#include "engine/reduced/separation/entries_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "ansatz/sdk/random.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/interpolation/eim_surrogate.hpp"
#include "engine/reduced/separation/entry_samples.hpp"

namespace ansatz::reduced {
namespace {

constexpr double exact_remainder = 1e-13;
constexpr double least_size = 1e-6;  // to which a sample is measured, of the largest of all samples
constexpr int num_comparisons = 4;

/// Parameters that no training has.
std::vector<double> comparison_parameters(std::span<const sampling::ParameterRange> box, int number) {
  std::vector<double> mu;
  for (std::size_t p = 0; p < box.size(); ++p) {
    mu.push_back(box[p].low + sdk::hashed(1000 * number + p) * (box[p].high - box[p].low));
  }
  return mu;
}

class EntriesSeparation {
 public:
  EntriesSeparation(const EntriesProblem& problem, std::span<const sampling::ParameterRange> box,
                    const InterpolationOptions& options)
      : problem_(problem),
        box_(box),
        options_(options),
        dofs_(problem.form.dofs()),
        comm_(dofs_.mesh().comm),
        samples_(problem) {
    std::vector<int> all(box.size());
    for (std::size_t p = 0; p < all.size(); ++p) all[p] = static_cast<int>(p);
    training_ = sampling::sample_with_corners(all, box, options.training);
  }

  SeparatedProblem run() {
    result_.rhs = Block(dofs_.num_owned());
    result_.liftings = Block(dofs_.num_owned());
    const auto matrix = separated(EntriesOf::matrix), load = separated(EntriesOf::load),
               prescribed = separated(EntriesOf::prescribed);
    add_terms(matrix, result_.operator_thetas,
              [&](std::span<const double> mu) { result_.operators.push_back(samples_.matrix(mu)); });
    result_.operator_facts.assign(result_.operators.size(), {problem_.form.symmetric(), fem::Semidefinite::unknown});
    add_terms(load, result_.rhs_thetas,
              [&](std::span<const double> mu) { result_.rhs.append(samples_.at(EntriesOf::load, mu)); });
    add_terms(prescribed, result_.lifting_thetas,
              [&](std::span<const double> mu) { result_.liftings.append(samples_.at(EntriesOf::prescribed, mu)); });
    return std::move(result_);
  }

 private:
  /// The interpolation of one object. *Collective.*
  std::shared_ptr<const InterpolatedFunction> separated(EntriesOf object) {
    Eim eim(comm_, samples_.keys(object));
    InterpolatedFunction function;
    function.text = fmt::format("entries of the {}", text(object));
    const double least = least_size * largest_sample(object, function.scale);
    const auto sample = [&](std::span<const double> mu, std::span<double> values) {
      const double size = std::max(samples_.size(object, mu), least);
      std::ranges::transform(samples_.at(object, mu), values.begin(),
                             [&](double value) { return size == 0.0 ? value : value / size; });
    };
    EimSurrogate surrogate(eim, sample, options_.pick);
    const auto limit = static_cast<std::size_t>(options_.max_terms + further_terms(options_.max_terms));
    const auto on_step = [&](const sampling::GreedyStep&) {
      if (problem_.on_progress)
        problem_.on_progress("terms at most of the " + function.text, static_cast<std::size_t>(eim.terms()), limit);
      return true;
    };
    auto trained =
        sampling::greedy(surrogate, training_,
                         {.tolerance = options_.tolerance, .max_extensions = options_.max_terms, .on_step = on_step});
    function.terms = eim.terms();
    function.remainder = trained.largest;
    const int most = function.terms + further_terms(function.terms);
    if (function.remainder > exact_remainder) {
      trained = sampling::greedy(surrogate, training_,
                                 {.tolerance = exact_remainder, .max_extensions = most, .on_step = on_step},
                                 std::move(trained.steps));
    }
    // Fewer points than terms are exact for none.
    if (trained.largest <= exact_remainder && options_.points_per_term >= 1.0) {
      function.terms = eim.terms();
      function.remainder = trained.largest;
      function.exact = true;
    }
    std::vector<double> sizes;
    for (const auto& mu : surrogate.parameters()) {
      function.parameters.insert(function.parameters.end(), mu.begin(), mu.end());
      sizes.push_back(std::max(samples_.size(object, mu), least));
    }
    function.interpolation = unscaled(eim.online(), sizes);
    const auto points = choose_points(function, eim, options_);
    if (function.fits) function.remainder = remainder(eim, points, function.fits->few, sample);
    for (const auto& point : points) function.keys.push_back(point.key);
    function.entries = patch_entries(object, points);
    compare(object, function);
    return std::make_shared<const InterpolatedFunction>(std::move(function));
  }

  /// What a fit leaves of any sample of the training. *Collective.*
  template <class Sample>
  double remainder(const Eim& eim, const std::vector<MagicPoint>& points, const PointFit& fit, const Sample& sample) {
    double largest = 0.0;
    for (std::size_t i = 0; i < training_.size(); ++i) {
      const auto one =
          tabulate(eim.keys().size(), 1, [&](int, std::span<double> values) { sample(training_[i], values); });
      largest = std::max(largest, fit_remainder(eim, points, fit, one));
    }
    return largest;
  }

  double largest_sample(EntriesOf object, double& largest) {
    for (std::size_t i = 0; i < training_.size(); ++i) largest = std::max(largest, samples_.size(object, training_[i]));
    return largest;
  }

  /// The weights of the samples themselves, from those of samples divided by their sizes.
  static Interpolation unscaled(const Interpolation& scaled, std::span<const double> sizes) {
    if (sizes.empty()) return {};
    Dense upper = scaled.upper();
    for (int m = 0; m < upper.columns; ++m) {
      for (double& value : upper.column(m)) value *= sizes[m];
    }
    return {scaled.lower(), std::move(upper)};
  }

  /// Largest entry of what the interpolation leaves, by its weights online.
  void compare(EntriesOf object, InterpolatedFunction& function) {
    if (function.size() == 0) return;
    const auto count = static_cast<std::size_t>(function.size());
    std::vector<double> few(count), all(count), scratch(function.scratch_size());
    double worst = 0.0;
    for (int number = 0; number < num_comparisons; ++number) {
      const auto mu = comparison_parameters(box_, number);
      base::agree(comm_, [&] { function.weights(mu, scratch, few, all); });
      const auto values = samples_.at(object, mu);
      std::vector<double> difference(values.begin(), values.end());
      double size = samples_.size(object, mu);
      for (int m = 0; m < function.terms; ++m) {
        const auto at = std::span(function.parameters).subspan(std::size_t(m) * box_.size(), box_.size());
        linear::add_scaled(-few[m], samples_.at(object, at), difference);
        size += std::abs(few[m]) * samples_.size(object, at);
      }
      double largest = 0.0;
      for (const double value : difference) largest = std::max(largest, std::abs(value));
      if (size > 0.0) worst = std::max(worst, comm_.max(largest) / size);
    }
    function.exact = function.exact && worst <= exact_remainder;
    result_.interpolation_error = std::max(result_.interpolation_error, worst);
    if (!function.exact) require_estimate(function, worst);
  }

  template <class AddTerm>
  void add_terms(const std::shared_ptr<const InterpolatedFunction>& function, Thetas& thetas, const AddTerm& add_term) {
    if (function->size() == 0) return;
    result_.interpolations.push_back(function);
    const int first = thetas.add_interpolation(function);
    for (int m = 0; m < function->size(); ++m) {
      add_term(std::span(function->parameters).subspan(std::size_t(m) * box_.size(), box_.size()));
      thetas.add_term(first - m);
    }
  }

  /// A magic entry of this rank: its unknowns are local ones.
  struct Wanted {
    std::int64_t entry;
    std::int32_t row, column;
  };

  /// The cells that contribute to the magic entries, on all ranks. *Collective.*
  std::shared_ptr<const PatchEntries> patch_entries(EntriesOf object, const std::vector<MagicPoint>& magic) {
    const bool is_matrix = object == EntriesOf::matrix;
    std::vector<Wanted> wanted;
    for (std::size_t l = 0; l < magic.size(); ++l) {
      if (magic[l].rank != comm_.rank()) continue;
      const auto row = static_cast<std::int32_t>(magic[l].index);
      const auto [i, j] = is_matrix ? samples_.unknowns(magic[l].index) : std::pair(row, row);
      wanted.push_back({static_cast<std::int64_t>(l), i, j});
    }
    std::vector<std::int32_t> cells;
    std::vector<EntryPlace> own;  // with the cells' ids
    for (std::int32_t cell = 0; cell < dofs_.mesh().num_cells() && !wanted.empty(); ++cell) {
      const auto unknowns = unknowns_of(cell);
      bool takes_part = false;
      for (const auto& one : wanted) {
        const auto row = std::ranges::find(unknowns, one.row), column = std::ranges::find(unknowns, one.column);
        if (row == unknowns.end() || column == unknowns.end()) continue;
        takes_part = true;
        own.push_back({one.entry, dofs_.mesh().cell_ids[cell], row - unknowns.begin(),
                       is_matrix ? column - unknowns.begin() : 0});
      }
      if (takes_part) cells.push_back(cell);
    }
    auto patch = fem::gather_patch(*problem_.setting, problem_.form.definition(), problem_.dirichlet,
                                   problem_.points_before, cells);
    auto places = comm_.gather_all(std::span<const EntryPlace>(own));
    std::map<std::int64_t, std::int64_t> numbers;  // of the patch's cells, by id
    const auto width = static_cast<std::size_t>(problem_.setting->num_integers());
    for (std::size_t k = 0; k * width < patch.integers.size(); ++k)
      numbers[patch.integers[k * width]] = static_cast<std::int64_t>(k);
    for (auto& place : places) place.cell = numbers.at(place.cell);
    std::ranges::sort(
        places, [](const auto& a, const auto& b) { return std::pair(a.entry, a.cell) < std::pair(b.entry, b.cell); });
    if (!is_matrix) {
      const auto further = std::ranges::unique(places, {}, &EntryPlace::entry);
      places.erase(further.begin(), further.end());
    }
    return std::make_shared<const PatchEntries>(object, static_cast<int>(magic.size()), std::move(patch),
                                                std::move(places), problem_.setting);
  }

  std::vector<std::int32_t> unknowns_of(std::int32_t cell) const {
    std::vector<std::int32_t> unknowns;
    for (int f = 0; f < dofs_.num_fields(); ++f) {
      for (int a = 0; a < dofs_.nodes_per_cell(f); ++a) {
        for (int c = 0; c < dofs_.fields()[f].components; ++c)
          unknowns.push_back(dofs_.node_dofs(f)[dofs_.cell_node(f, cell, a)] + c);
      }
    }
    return unknowns;
  }

  const EntriesProblem& problem_;
  std::span<const sampling::ParameterRange> box_;
  const InterpolationOptions& options_;
  const fem::DofMap& dofs_;
  const base::Communicator& comm_;
  EntrySamples samples_;
  sampling::TrainingSet training_;
  SeparatedProblem result_;
};

}  // namespace

std::optional<SeparatedProblem> separate_by_entries(const EntriesProblem& problem,
                                                    std::span<const sampling::ParameterRange> box, std::string& reason,
                                                    const InterpolationOptions& options) {
  reason.clear();
  if (!problem.form.linear()) {
    reason = "the equations are not linear";
    return std::nullopt;
  }
  return EntriesSeparation(problem, box, options).run();
}

}  // namespace ansatz::reduced
