#pragma once
/// Small linear programs over a box, solved without allocating.

#include <span>
#include <vector>

#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// min c . y over low <= y <= high and g_i . y >= h_i, for up to a few dozen variables and constraints.
///
/// Dual simplex with bounded variables. What it returns is the value of the dual function at the multipliers it ends
/// with,
///   sum_i l_i h_i + sum_q min { (c - sum_i l_i g_i)_q y_q : low_q <= y_q <= high_q },  l >= 0,
/// which by weak duality is never above the minimum, however early or inaccurately the iteration ends.
/// Variables and constraints are counted in powers of two of their sizes, so units make no difference.
class SmallProgram {
 public:
  /// Room for programs up to these sizes.
  SmallProgram(int most_variables, int most_constraints);

  /// Starts a program. Shapes (num_variables).
  void begin(std::span<const double> cost, std::span<const double> low, std::span<const double> high);
  /// Adds g . y >= h.
  /// \param g shape (num_variables)
  void add(std::span<const double> g, double h);
  /// A lower bound of the minimum: the minimum up to round-off where there is a y that meets all constraints, and
  /// otherwise some number above the minimum over the box alone. Allocates nothing.
  double minimum();

 private:
  double& entry(int row, int column) { return table_[static_cast<std::size_t>(row) * most_variables_ + column]; }
  double& coefficient(int constraint, int variable) {
    return constraints_[static_cast<std::size_t>(constraint) * most_variables_ + variable];
  }
  double value_of_row(int row) const;
  int violated_row() const;
  bool pivot(int row);
  double dual_value();

  int most_variables_, most_constraints_, num_variables_ = 0, num_constraints_ = 0;
  // In units of the variables and constraints, as all below.
  std::vector<double> low_, high_, cost_;
  std::vector<double> unit_;         ///< of the variables
  std::vector<double> constraints_;  ///< (most_constraints, most_variables): g_i
  std::vector<double> h_;
  // Dictionary: basic = table_ * nonbasic; variables 0... are y, then the sums g_i . y.
  std::vector<double> table_, reduced_costs_, multipliers_, rest_;
  std::vector<int> basic_, nonbasic_;
  std::vector<char> at_high_;  ///< of the nonbasic ones
};

}  // namespace ansatz::reduced
