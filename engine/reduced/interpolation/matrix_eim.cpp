#include "engine/reduced/interpolation/matrix_eim.hpp"

#include <algorithm>

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

std::vector<std::int64_t> entry_keys(const linear::Pattern& pattern, std::span<const std::int64_t> owned,
                                     std::span<const std::int64_t> ghosts, std::int64_t num_global) {
  if (owned.size() != static_cast<std::size_t>(pattern.num_owned) || ghosts.size() != pattern.ghost_global.size()) {
    throw Error(ErrorKind::internal, "canonical numbers do not fit the pattern of the matrix", "reduced::entry_keys",
                "give the numbers of owned and of ghost unknowns");
  }
  std::vector<std::int64_t> keys;
  keys.reserve(pattern.diag_columns.size() + pattern.ghost_columns.size());
  const auto append = [&](const std::vector<PetscInt>& offsets, const std::vector<PetscInt>& columns,
                          std::span<const std::int64_t> numbers) {
    for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
      for (auto k = offsets[row]; k < offsets[row + 1]; ++k)
        keys.push_back(owned[row] * num_global + numbers[columns[k]]);
    }
  };
  append(pattern.diag_offsets, pattern.diag_columns, owned);
  append(pattern.ghost_offsets, pattern.ghost_columns, ghosts);
  return keys;
}

std::vector<double> entry_values(const linear::SparseMatrix& matrix) {
  std::vector<double> values(matrix.diagonal_values().begin(), matrix.diagonal_values().end());
  values.insert(values.end(), matrix.ghost_values().begin(), matrix.ghost_values().end());
  return values;
}

OperatorEim::OperatorEim(const Eim& eim, int terms)
    : interpolation_(eim.online()), terms_(terms), reals_(eim.terms() > 0 ? eim.size() / eim.terms() : 1) {
  if (terms < 0 || terms > eim.terms()) {
    throw Error(
        ErrorKind::parameter,
        "an operator of " + std::to_string(terms) + " terms from an interpolation of " + std::to_string(eim.terms()),
        "reduced::OperatorEim", "train with a lower tolerance, or ask for fewer terms");
  }
  for (int k = 0; k < eim.size(); k += reals_) parameters_.push_back(eim.picks()[k]);
  for (const MagicPoint& point : eim.magic()) entries_.push_back(point.key);
}

OperatorEim::OperatorEim(Interpolation interpolation, std::vector<int> parameters, std::vector<std::int64_t> entries,
                         int terms)
    : interpolation_(std::move(interpolation)),
      parameters_(std::move(parameters)),
      entries_(std::move(entries)),
      terms_(terms) {
  const int size = interpolation_.size(), all = all_terms();
  if (all > 0) reals_ = size / all;
  if (entries_.size() != static_cast<std::size_t>(size) || size != reals_ * all || reals_ < 1 || reals_ > 2 ||
      terms < 0 || terms > all) {
    throw Error(ErrorKind::state, "a stored interpolation of an operator does not fit its parameters and entries",
                "reduced::OperatorEim", "train the reduced model again");
  }
}

void OperatorEim::beta(std::span<const double> values, std::span<double> beta) const {
  const auto n = static_cast<std::size_t>(num_coefficients());
  interpolation_.weights(values.first(n), beta.first(n));
}

double OperatorEim::remainder(std::span<double> values) const {
  interpolation_.interpolate(values, values);
  return Interpolation::remainder(values, num_coefficients());
}

}  // namespace ansatz::reduced
