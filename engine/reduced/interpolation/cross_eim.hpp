#pragma once
/// Empirical interpolation of a function of two variables that does not prefer one of them (arXiv 1508.05330).

#include <span>
#include <vector>

#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// What the greedy choice of a y measures over x.
enum class CrossNorm { largest, sum, square };

/// I_d f(x, y) = sum_lm f(x, y_m) (F^-1)_ml f(x_l, y) with F_lm = f(x_l, y_m), on a table of f that every rank holds.
///
/// Symmetric in x and y, equal to the recursion, and equal to f wherever x is an x_l or y a y_m. F is factorised, never
/// inverted. Where there are fewer x_l than y_m see RectangularWeights.
class CrossEim {
 public:
  /// Picks at most `max_terms` of each variable, until the largest remainder is at most `tolerance` of the largest
  /// entry, or round-off. The y has the remainder that is largest in the norm (ties within 1e-8: the lowest), the x
  /// the largest remainder there; CrossNorm::largest picks both together, at the largest entry of all.
  /// \param table f(x_i, y_j), shape (num_x, num_y)
  /// \throws sdk::Error of kind not_finite, parameter (an empty table)
  CrossEim(const Dense& table, int max_terms, double tolerance = 0.0, CrossNorm norm = CrossNorm::largest);

  int size() const { return static_cast<int>(columns_.size()); }
  const std::vector<int>& rows() const { return rows_; }        ///< of the x_l
  const std::vector<int>& columns() const { return columns_; }  ///< of the y_m
  /// Largest entry left before each pick and after the last.
  const std::vector<double>& remainders() const { return remainders_; }

  /// Weights c_m of f(., y_m) from the values f(x_l, y). Shapes (rows), (columns); they may be the same.
  void weights(std::span<const double> values, std::span<double> c) const;

 private:
  std::vector<int> rows_, columns_;
  std::vector<double> remainders_;
  std::vector<Lu> factors_;
};

/// c = F^+ v: weights of d_y fields from d_x <= d_y sensors, the shortest that fit; a lost sensor keeps its field.
class RectangularWeights {
 public:
  /// \param F f(x_l, y_m), shape (d_x, d_y), of full rank to `cutoff` relative to its norm
  /// \throws sdk::Error of kind parameter where d_x > d_y or the rank is less
  explicit RectangularWeights(const Dense& F, double cutoff = 1e-14);

  /// \param values f(x_l, y), shape (d_x)
  /// \param c shape (d_y)
  /// \param workspace shape (d_x)
  void weights(std::span<const double> values, std::span<double> c, std::span<double> workspace) const;

 private:
  Svd svd_;
};

/// Entries f(x_l, y_m) of a table, shape (rows, columns).
Dense entries_of(const Dense& table, std::span<const int> rows, std::span<const int> columns);

}  // namespace ansatz::reduced
