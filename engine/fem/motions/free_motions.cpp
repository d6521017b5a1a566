#include "engine/fem/motions/free_motions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/assembly/basis_integrals.hpp"
#include "engine/fem/assembly/scatter.hpp"
#include "engine/fem/motions/motion_candidates.hpp"
#include "engine/fem/motions/occurring_slots.hpp"
#include "engine/fem/motions/row_space.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::fem {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double entry_round_off = 256.0 * eps;    // of an entry of |J| |m|
constexpr double combined_round_off = 64.0 * eps;  // of a column, per column
constexpr double weak_limit = 1e-8;                // of |J| |m|: there other ways keep more digits
constexpr double significant = 1e-6;               // of a motion's largest coefficient
constexpr std::size_t most_motions = 100;

std::vector<double> largest_of_ranks(const base::Communicator& comm, std::vector<double> mine) {
  const auto all = comm.gather_all(std::span<const double>(mine));
  for (std::size_t i = 0; i < all.size(); ++i) mine[i % mine.size()] = std::max(mine[i % mine.size()], all[i]);
  return mine;
}

/// The search: candidates, those that the conditions leave, and those that the Jacobian does not see.
class Search {
 public:
  Search(DiscreteProblem& problem, bool in_time)
      : problem_(problem),
        dofs_(problem.dofs()),
        comm_(problem.comm()),
        candidates_(dofs_),
        in_time_(in_time),
        slots_(problem, candidates_.parts()) {}

  std::vector<FreeMotion> run(double t, std::span<const double> u, Rate rate, const Weights& weights);

 private:
  /// Coefficients of one combination of a part's candidates.
  struct Direction {
    std::vector<double> coefficients;
    bool absent = false;  ///< its components occur undifferentiated nowhere and it is constant: free without any number
  };

  void find_directions();
  void multiply(double t, std::span<const double> u, Rate rate, const Weights& weights);
  void add_products(const Batch& batch, const Lanes* element, std::span<const double> m, std::size_t s);
  void scale_columns();
  void find_null(std::vector<FreeMotion>& motions);
  void add_motion(std::size_t part, std::vector<double> coefficients, bool nearly, std::vector<FreeMotion>& motions);
  void name(std::size_t part, std::span<const double> coefficients, FreeMotion& motion, int leading) const;
  bool one_field(std::span<const double> coefficients) const;
  /// In time: the rate of a component that the shape moves occurs in an integral over the part.
  bool moves_rate(std::size_t part, const MotionShape& shape) const;
  double row_scale(std::int32_t row, std::size_t part) const;

  DiscreteProblem& problem_;
  const DofMap& dofs_;
  const base::Communicator& comm_;
  MotionCandidates candidates_;
  bool in_time_;
  OccurringSlots slots_;
  std::vector<std::vector<Direction>> directions_;           ///< by part
  std::vector<std::vector<double>> image_, terms_, scales_;  ///< J m, |J| |m|: (directions)(owned); (parts)(directions)
  std::vector<Lanes> of_cells_, product_, sizes_;            ///< of a batch: unknowns, J m, |J| |m|
  std::vector<std::string> places_;
  std::vector<int> leading_;  ///< fields of the motions so far
  std::vector<std::size_t> part_of_motions_;
};

void Search::find_directions() {
  std::vector<RowSpace> conditions;
  for (int part = 0; part < candidates_.num_parts(); ++part) conditions.emplace_back(candidates_.num_columns(part));
  candidates_.visit_conditions(problem_.constrained(),
                               [&](std::int32_t part, std::span<double> row) { conditions[part].add(row); });
  conditions = united(comm_, conditions);
  directions_.resize(conditions.size());
  for (std::size_t part = 0; part < conditions.size(); ++part) {
    const double zero = combined_round_off * conditions[part].num_columns() * (1.0 + candidates_.remoteness(part));
    for (auto& found : null_combinations(conditions[part], column_norms(conditions[part]), zero, zero)) {
      Direction direction{std::move(found.coefficients), true};
      for (std::size_t k = 0; k < direction.coefficients.size(); ++k) {
        const auto& shape = candidates_.shape(static_cast<int>(k));
        if (direction.coefficients[k] == 0.0) continue;
        direction.absent &=
            shape.kind == MotionShape::constant && !slots_.occurs(part, shape.component) && !moves_rate(part, shape);
      }
      directions_[part].push_back(std::move(direction));
    }
  }
}

/// J m and |J| |m|, element by element: entries of an assembled matrix may have cancelled to round-off.
void Search::multiply(double t, std::span<const double> u, Rate rate, const Weights& weights) {
  std::size_t most = 0;
  for (const auto& of_part : directions_) most = std::max(most, of_part.size());
  std::vector<std::vector<double>> motions;  // (num_local)
  for (std::size_t s = 0; s < most; ++s) {
    std::vector<std::vector<double>> coefficients(directions_.size());
    for (std::size_t part = 0; part < directions_.size(); ++part) {
      if (s < directions_[part].size()) coefficients[part] = directions_[part][s].coefficients;
    }
    auto m = candidates_.field(coefficients);
    for (std::size_t i = 0; i < m.size(); ++i) {
      if (problem_.constrained()[i] != 0) m[i] = 0.0;
    }
    motions.push_back(problem_.with_ghosts(m));
  }
  image_.assign(most, std::vector<double>(dofs_.num_owned(), 0.0));
  terms_ = image_;
  const auto values = problem_.with_ghosts(u);
  const auto rates = rate && problem_.form().transient() ? problem_.with_ghosts(*rate) : std::vector<double>();
  base::agree(comm_, [&] {
    problem_.form().visit_element_matrices({t, values, rates}, weights, [&](const Batch& batch, const Lanes* element) {
      for (std::size_t s = 0; s < most; ++s) add_products(batch, element, motions[s], s);
    });
  });
  for (std::int32_t i = 0; i < dofs_.num_owned(); ++i) {
    const auto part = static_cast<std::size_t>(candidates_.part_of_unknowns()[i]);
    const double round_off = entry_round_off * (1.0 + candidates_.remoteness(static_cast<int>(part)));
    for (std::size_t s = 0; s < directions_[part].size(); ++s) {
      if (directions_[part][s].absent || std::abs(image_[s][i]) <= round_off * terms_[s][i]) image_[s][i] = 0.0;
    }
  }
}

void Search::add_products(const Batch& batch, const Lanes* element, std::span<const double> m, std::size_t s) {
  const int n = dofs_.dofs_per_cell();
  of_cells_.resize(n);
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    const int components = dofs_.fields()[f].components;
    for (int k = 0; k < dofs_.nodes_per_cell(f) * components; ++k) {
      for (int lane = 0; lane < num_lanes; ++lane) {
        const auto node = dofs_.cell_node(f, batch.cells[lane], k / components);
        of_cells_[dofs_.cell_offset(f) + k].v[lane] = m[dofs_.node_dofs(f)[node] + k % components];
      }
    }
  }
  product_.assign(n, Lanes(0.0));
  sizes_.assign(n, Lanes(0.0));
  for (int a = 0; a < n; ++a) {
    for (int b = 0; b < n; ++b) {
      const Lanes term = element[a * n + b] * of_cells_[b];
      product_[a] += term;
      sizes_[a] += abs(term);
    }
  }
  add_to_vector(dofs_, batch, product_.data(), image_[s]);
  add_to_vector(dofs_, batch, sizes_.data(), terms_[s]);
}

bool Search::moves_rate(std::size_t part, const MotionShape& shape) const {
  bool rates = false;
  for (int c = 0; c < dofs_.num_components(); ++c)
    rates |= shape.touches(c, dofs_.mesh().dim) && slots_.has_rate(part, c);
  return in_time_ && rates;
}

double Search::row_scale(std::int32_t row, std::size_t part) const {
  double scale = 0.0;
  for (std::size_t s = 0; s < scales_[part].size(); ++s) scale = std::max(scale, scales_[part][s] * terms_[s][row]);
  return scale;
}

/// Factors of the columns so that each has a term as large as any other in some row: fields have units of their own.
void Search::scale_columns() {
  for (const auto& of_part : directions_) scales_.emplace_back(of_part.size(), 1.0);
  for (int pass = 0; pass < 4; ++pass) {
    std::vector<std::vector<double>> largest;
    for (const auto& of_part : directions_) largest.emplace_back(of_part.size(), 0.0);
    for (std::int32_t i = 0; i < dofs_.num_owned(); ++i) {
      const auto part = static_cast<std::size_t>(candidates_.part_of_unknowns()[i]);
      const double row = row_scale(i, part);
      for (std::size_t s = 0; s < largest[part].size() && row > 0.0; ++s) {
        largest[part][s] = std::max(largest[part][s], terms_[s][i] / row);
      }
    }
    std::vector<double> flat;
    for (const auto& of_part : largest) flat.insert(flat.end(), of_part.begin(), of_part.end());
    flat = largest_of_ranks(comm_, std::move(flat));
    auto next = flat.begin();
    for (auto& of_part : scales_) {
      for (double& scale : of_part) {
        if (*next > 0.0) scale = 1.0 / *next;
        ++next;
      }
    }
  }
}

bool Search::one_field(std::span<const double> coefficients) const {
  double largest = 0.0;
  for (const double x : coefficients) largest = std::max(largest, std::abs(x));
  int field = -1;
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    if (std::abs(coefficients[k]) <= significant * largest) continue;
    const int f = candidates_.shape(static_cast<int>(k)).field;
    if (field >= 0 && f != field) return false;
    field = f;
  }
  return true;
}

void Search::find_null(std::vector<FreeMotion>& motions) {
  std::vector<RowSpace> rows;
  std::vector<double> squares, row;
  std::vector<std::size_t> first;  // of each part in `squares`
  for (const auto& of_part : directions_) {
    rows.emplace_back(static_cast<int>(of_part.size()));
    first.push_back(squares.size());
    squares.resize(squares.size() + of_part.size(), 0.0);
  }
  for (std::int32_t i = 0; i < dofs_.num_owned(); ++i) {
    const auto part = static_cast<std::size_t>(candidates_.part_of_unknowns()[i]);
    const double scale = row_scale(i, part);
    if (problem_.constrained()[i] != 0 || scale == 0.0) continue;
    row.resize(directions_[part].size());
    for (std::size_t s = 0; s < row.size(); ++s) {
      row[s] = image_[s][i] * scales_[part][s] / scale;
      const double term = terms_[s][i] * scales_[part][s] / scale;
      squares[first[part] + s] += term * term;
    }
    rows[part].add(row);
  }
  rows = united(comm_, rows);
  squares = comm_.sum(std::span<const double>(squares));
  for (std::size_t part = 0; part < directions_.size(); ++part) {
    std::vector<double> sizes(directions_[part].size());
    for (std::size_t s = 0; s < sizes.size(); ++s) sizes[s] = std::sqrt(squares[first[part] + s]);
    auto found =
        null_combinations(rows[part], sizes, combined_round_off * static_cast<double>(sizes.size()), weak_limit);
    std::vector<std::vector<double>> coefficients;
    for (const auto& combination : found) {
      auto& sum = coefficients.emplace_back(directions_[part].front().coefficients.size(), 0.0);
      for (std::size_t s = 0; s < sizes.size(); ++s) {
        linear::add_scaled(combination.coefficients[s] * scales_[part][s], directions_[part][s].coefficients, sum);
      }
    }
    // Those of one field choose their leading field first.
    std::vector<bool> alone;
    for (const auto& combination : coefficients) alone.push_back(one_field(combination));
    for (const bool now : {true, false}) {
      for (std::size_t k = 0; k < found.size(); ++k) {
        if (alone[k] == now) add_motion(part, std::move(coefficients[k]), found[k].nearly, motions);
      }
    }
  }
}

void Search::add_motion(std::size_t part, std::vector<double> coefficients, bool nearly,
                        std::vector<FreeMotion>& motions) {
  double largest = 0.0;
  for (const double x : coefficients) {
    if (std::abs(x) > std::abs(largest) * (1.0 + significant)) largest = x;
  }
  std::vector<int> fields, constants;
  bool in_values = false;
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    coefficients[k] /= largest;
    if (std::abs(coefficients[k]) <= significant) continue;
    const auto& shape = candidates_.shape(static_cast<int>(k));
    fields.push_back(shape.field);
    if (shape.kind == MotionShape::constant) constants.push_back(shape.field);
    for (int c = 0; c < dofs_.num_components(); ++c)
      in_values |= shape.touches(c, dofs_.mesh().dim) && slots_.occurs_in_values(part, c);
  }
  FreeMotion motion;
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    motion.has_rate |=
        std::abs(coefficients[k]) > significant && moves_rate(part, candidates_.shape(static_cast<int>(k)));
  }
  const bool one_field = std::ranges::all_of(fields, [&](int f) { return f == fields.front(); });
  motion.weak = motion.has_rate || nearly || (one_field && in_values);
  if (nearly && in_time_ && !motion.has_rate) return;  // its matrix resolves it
  int leading = fields.front();
  for (const int f : constants) {
    bool taken = false;
    for (std::size_t m = 0; m < motions.size(); ++m) taken |= part_of_motions_[m] == part && leading_[m] == f;
    if (taken) continue;
    leading = f;
    break;
  }
  name(part, coefficients, motion, leading);
  if (motions.size() >= most_motions) {
    if (motion.has_rate) return;
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("more than {} motions are undetermined, such as {}", most_motions, motions.front().text()), {},
        "tie the parts of the mesh together, or prescribe values on each");
  }
  std::vector<std::vector<double>> of_parts(directions_.size());
  of_parts[part] = std::move(coefficients);
  motion.vector = candidates_.field(of_parts);
  motion.test.assign(motion.vector.size(), 0.0);
  for (std::size_t i = 0; i < motion.vector.size(); ++i) {
    if (problem_.constrained()[i] != 0) motion.vector[i] = 0.0;
  }
  const auto& field = dofs_.fields()[leading];
  for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
    const auto at = dofs_.node_dofs(leading)[n];
    std::copy_n(motion.vector.begin() + at, field.components, motion.test.begin() + at);
  }
  const auto local = problem_.with_ghosts(motion.test);
  base::agree(comm_, [&] { motion.measure = basis_integrals(problem_.form().definition(), local); });
  leading_.push_back(leading);
  part_of_motions_.push_back(part);
  motions.push_back(std::move(motion));
}

void Search::name(std::size_t part, std::span<const double> coefficients, FreeMotion& motion, int leading) const {
  std::vector<std::string> names{dofs_.fields()[leading].name};
  bool turns = false, varies = false;
  std::vector<int> components;
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    if (std::abs(coefficients[k]) <= significant) continue;
    const auto& shape = candidates_.shape(static_cast<int>(k));
    if (const auto& name = dofs_.fields()[shape.field].name; std::ranges::count(names, name) == 0)
      names.push_back(name);
    turns |= shape.kind == MotionShape::rotation;
    varies |= shape.kind == MotionShape::linear;
    components.push_back(shape.component);
  }
  motion.name = fmt::format("{}", fmt::join(names, " with "));
  motion.where = places_[part];
  const bool one_axis = std::ranges::all_of(components, [&](int c) { return c == components.front(); });
  if (turns) {
    motion.motion = "a rotation";
  } else if (dofs_.fields()[leading].components == 1) {
    motion.motion = varies && names.size() == 1 ? "a linear function" : "a constant";
  } else {
    motion.motion = one_axis
                        ? fmt::format("a motion along {}", "xyz"[components.front() - dofs_.component_offset(leading)])
                        : "a motion";
  }
}

std::vector<FreeMotion> Search::run(double t, std::span<const double> u, Rate rate, const Weights& weights) {
  find_directions();
  std::vector<FreeMotion> motions;
  if (std::ranges::all_of(directions_, [](const auto& of_part) { return of_part.empty(); })) return motions;
  places_ = candidates_.describe_parts();
  multiply(t, u, rate, weights);
  scale_columns();
  find_null(motions);
  return motions;
}

}  // namespace

std::vector<FreeMotion> find_free_motions(DiscreteProblem& problem, double t, std::span<const double> u, Rate rate,
                                          const Weights& weights) {
  return Search(problem, rate && problem.form().transient()).run(t, u, rate, weights);
}

}  // namespace ansatz::fem
