#pragma once
/// The same equations in a richer space: order 2 in place of 1 on the same cells, or cells of half the size.

#include <span>
#include <vector>

#include "engine/problem/problem.hpp"

namespace ansatz::estimation {

/// A problem of the same case, at the same parameters, whose space contains that of the coarse one (of forms that are
/// evaluated on the same geometry). Cells stay on their rank, so that fields are prolonged cell by cell.
class EnrichedProblem {
 public:
  /// Order 1: order 2 on the same mesh; order 2: the same order on the mesh refined once. *Collective.*
  /// \param coarse must outlive this
  EnrichedProblem(const problem::Problem& coarse, const plugin::Registry& registry);
  EnrichedProblem(const EnrichedProblem&) = delete;

  const problem::Problem& coarse() const { return coarse_; }
  problem::Problem& problem() { return problem_; }
  const problem::Problem& problem() const { return problem_; }
  /// The mesh is refined, the order is that of the coarse problem.
  bool refined() const { return refined_; }
  /// Cells of the enriched mesh in one of the coarse mesh.
  int children() const { return children_; }
  /// Local cell of the coarse mesh that holds a local cell of the enriched one.
  std::int32_t parent(std::int32_t cell) const { return parents_[cell]; }

  /// No parameter has moved the coarse mesh since a refined one was made of it. Not collective.
  bool can_follow() const;
  /// Takes over the parameters of the coarse problem, where they have changed. *Collective.*
  /// \throws sdk::Error of kind state unless can_follow()
  void follow_parameters();
  /// P u: the same function in the enriched space.
  /// \param u owned unknowns of the coarse problem \returns owned unknowns of the enriched one. *Collective.*
  std::vector<double> prolong(std::span<const double> u) const;
  /// P^T F: what a functional on the enriched space is on the coarse one.
  /// \param F owned unknowns of the enriched problem \returns owned unknowns of the coarse one. *Collective.*
  std::vector<double> restrict(std::span<const double> F) const;

 private:
  template <class Visit>
  void for_each_owned(const Visit& visit) const;
  void find_parents();
  void tabulate();

  const problem::Problem& coarse_;
  bool refined_;
  input::Case case_;
  problem::Problem problem_;
  int children_ = 1;
  std::vector<std::int32_t> parents_;               ///< (num_cells of the enriched mesh)
  std::vector<int> child_of_;                       ///< (num_cells of the enriched mesh) which child of its parent
  std::vector<std::vector<double>> interpolation_;  ///< by field: (children, fine nodes, coarse nodes)
};

}  // namespace ansatz::estimation
