#pragma once
/// Fields of one discretisation at the nodes of another one, and their distance there.

#include <memory>
#include <span>
#include <vector>

#include "ansatz/sdk/problem.hpp"

namespace ansatz::compare {

/// The reference: a discretisation with what fields are measured by.
class Reference {
 public:
  /// \param problem must outlive this *Collective.*
  explicit Reference(const sdk::Problem& problem);

  sdk::Discretisation& space() { return *space_; }
  const sdk::Discretisation& space() const { return *space_; }
  const std::vector<sdk::FieldNodes>& fields() const { return fields_; }
  /// All nodes of a field, on every rank: (nodes, dim), those of rank 0 first.
  const std::vector<double>& nodes(std::size_t field) const { return nodes_[field]; }
  std::int64_t first_node(std::size_t field) const { return first_[field]; }

  /// The largest L2 norm of a field of u - v over that of v; of fields that are 0 in v, of u itself.
  /// *Collective.*
  double relative_distance(std::span<const double> u, std::span<const double> v) const;

 private:
  std::unique_ptr<sdk::Discretisation> space_;
  std::vector<sdk::FieldNodes> fields_;
  std::vector<std::vector<double>> nodes_;
  std::vector<std::int64_t> first_;
};

/// From the fields of a problem to those of the reference, by their values at its nodes: exact where the spaces are
/// nested.
class Transfer {
 public:
  /// References must outlive this. *Collective.* \throws sdk::Error of kind parameter for a node of the reference that
  /// is outside of the mesh
  Transfer(const sdk::Problem& from, const Reference& to);

  /// \param u (num_owned) \returns (num_owned) of the reference. *Collective.*
  std::vector<double> operator()(std::span<const double> u) const;

 private:
  struct Field {
    sdk::PointSet points;
    std::vector<std::int64_t> numbers;
  };
  const sdk::Problem& from_;
  const Reference& to_;
  std::unique_ptr<sdk::Discretisation> space_;
  std::vector<Field> fields_;
  std::size_t stride_ = 0, dim_ = 0;
};

}  // namespace ansatz::compare
