#pragma once
// Order conditions by rooted trees (Butcher; Hairer, Norsett, Wanner, Solving ODEs I, II.2): nodes may have colours,
// for additive methods and W-methods.

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace ansatz::test {

using Rows = std::vector<std::vector<double>>;  // rows may end early: the rest is 0

struct Tree {
  int colour = 0;
  std::vector<Tree> branches = {};

  int order() const {
    int sum = 1;
    for (const auto& branch : branches) sum += branch.order();
    return sum;
  }
  /// gamma(t): the order times the densities of the branches.
  double density() const {
    double product = order();
    for (const auto& branch : branches) product *= branch.density();
    return product;
  }
  /// Whether the node or one above it fulfils a condition.
  bool any(const std::function<bool(const Tree&)>& condition) const {
    return condition(*this) || std::ranges::any_of(branches, [&](const Tree& branch) { return branch.any(condition); });
  }
};

/// Appends the trees whose root has the branches so far and more, up to `left` nodes, none later in `known` than
/// `last`.
inline void add_trees(Tree tree, int left, std::size_t last, const std::vector<Tree>& known, std::vector<Tree>& out) {
  if (left == 0) return out.push_back(tree);
  for (std::size_t i = 0; i < last; ++i) {
    if (known[i].order() > left) continue;
    Tree next = tree;
    next.branches.push_back(known[i]);
    add_trees(next, left - known[i].order(), i + 1, known, out);
  }
}

/// All trees up to an order, sorted by order.
inline std::vector<Tree> rooted_trees(int order, int colours = 1) {
  std::vector<Tree> known;
  for (int n = 1; n <= order; ++n) {
    std::vector<Tree> found;
    for (int colour = 0; colour < colours; ++colour) add_trees({colour}, n - 1, known.size(), known, found);
    known.insert(known.end(), found.begin(), found.end());
  }
  return known;
}

/// The matrix of the edge from a node to one of its branches.
using Edge = std::function<const Rows&(const Tree& node, const Tree& branch)>;

/// Products over the branches, one for each stage: phi_i = prod sum_j edge_ij phi_j(branch).
inline std::vector<double> stage_weights(const Tree& tree, std::size_t stages, const Edge& edge) {
  std::vector<double> out(stages, 1.0);
  for (const auto& branch : tree.branches) {
    const auto inner = stage_weights(branch, stages, edge);
    const Rows& matrix = edge(tree, branch);
    for (std::size_t i = 0; i < stages; ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j < matrix[i].size(); ++j) sum += matrix[i][j] * inner[j];
      out[i] *= sum;
    }
  }
  return out;
}

/// |sum_i b_i phi_i(tree) - value|.
inline double tree_residual(const Tree& tree, const std::vector<double>& b, const Edge& edge, double value) {
  const auto phi = stage_weights(tree, b.size(), edge);
  double sum = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) sum += b[i] * phi[i];
  return std::abs(sum - value);
}

/// The largest residual of the conditions sum_i b_i phi_i(tree) = 1 / density of exactly this order.
inline double order_residual(int order, const std::vector<double>& b, const Edge& edge, int colours = 1) {
  double worst = 0.0;
  for (const auto& tree : rooted_trees(order, colours)) {
    if (tree.order() == order) worst = std::max(worst, tree_residual(tree, b, edge, 1.0 / tree.density()));
  }
  return worst;
}

/// Of a Runge-Kutta method.
inline double order_residual(int order, const std::vector<double>& b, const Rows& a) {
  return order_residual(order, b, [&a](const Tree&, const Tree&) -> const Rows& { return a; });
}

}  // namespace ansatz::test
