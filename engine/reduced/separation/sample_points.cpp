#include "engine/reduced/separation/sample_points.hpp"

#include <algorithm>
#include <array>

#include "engine/fem/assembly/nodal_data.hpp"
#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"

namespace ansatz::reduced {
namespace {

/// Collects points; their keys are numbered in sections: cells, facets, nodes of each field.
class Collector {
 public:
  Collector(const fem::FormDefinition& definition, std::vector<int> degrees)
      : definition_(definition), mesh_(definition.dofs->mesh()), loader_(definition), degrees_(std::move(degrees)) {
    std::ranges::sort(degrees_);
    degrees_.erase(std::ranges::unique(degrees_).begin(), degrees_.end());
    points_.num_data = fem::num_data(definition);
  }

  SamplePoints run(const Places& places) {
    for (const int degree : degrees_) {
      cells(places, degree);
      facets(places, degree);
    }
    for (int f = 0; f < definition_.dofs->num_fields(); ++f) nodes(places, f);
    return std::move(points_);
  }

 private:
  void cells(const Places& places, int degree) {
    const auto rule = fem::make_rule(definition_, degree, -1);
    for (const auto& batch : fem::cell_batches(mesh_, [&](std::int32_t cell) {
           return cell < mesh_.num_owned_cells && places.regions.contains(mesh_.cell_region[cell]);
         })) {
      add(rule, batch, rule.reference.num_points, [&](int lane) { return mesh_.cell_ids[batch.cells[lane]]; });
    }
    first_key_ += mesh_.num_global_cells * rule.reference.num_points;
  }

  void facets(const Places& places, int degree) {
    std::vector<mesh::Facet> owned;
    std::ranges::copy_if(places.facets, std::back_inserter(owned),
                         [&](const auto& facet) { return facet.cell < mesh_.num_owned_cells; });
    const int num_facets = mesh::topology(mesh_.cell).num_facets;
    std::vector<fem::Rule> rules;
    for (int k = 0; k < num_facets; ++k) rules.push_back(fem::make_rule(definition_, degree, k));
    int most = 0;  // facets of several shapes have several numbers of points
    for (const auto& rule : rules) most = std::max(most, rule.reference.num_points);
    for (const auto& batch : fem::facet_batches(mesh_, owned)) {
      add(rules[batch.local_facet], batch, most,
          [&](int lane) { return mesh_.cell_ids[batch.cells[lane]] * num_facets + batch.local_facet; });
    }
    first_key_ += mesh_.num_global_cells * num_facets * most;
  }

  /// \param stride keys of a cell or facet
  /// \param number of each lane's cell or facet
  template <class Number>
  void add(const fem::Rule& rule, const fem::Batch& batch, int stride, Number&& number) {
    const auto& inputs = loader_.load(rule, batch, {}, {.values = false}, {});
    for (int lane = 0; lane < batch.num_active; ++lane) {
      for (int q = 0; q < inputs.num_points; ++q) {
        points_.keys.push_back(first_key_ + number(lane) * stride + q);
        for (int i = 0; i < 3; ++i) {
          points_.positions.push_back(i < mesh_.dim ? inputs.position[q * mesh_.dim + i][lane] : 0.0);
        }
        for (int k = 0; k < inputs.num_data; ++k) points_.data.push_back(inputs.data[q * inputs.num_data + k][lane]);
      }
    }
  }

  void nodes(const Places& places, int field) {
    std::set<std::int32_t> found;
    bool any = false;
    const auto& nodes = *definition_.dofs->fields()[field].nodes;
    for (const auto& [name, of_field] : places.node_sets) {
      if (of_field != field) continue;
      any = true;
      const auto on_set = fem::nodes_on_set(mesh_, nodes, mesh_.sets.at(name));
      found.insert(on_set.begin(), on_set.end());
    }
    if (any) {
      const auto numbers = mesh::canonical_numbers(mesh_.comm, std::span(nodes.keys).first(nodes.num_owned));
      const auto coordinates = fem::node_coordinates(mesh_, nodes);
      std::optional<fem::NodalData> data;
      data.emplace(mesh_, definition_.data, nodes);
      for (const auto node : found) {
        points_.keys.push_back(first_key_ + numbers[node]);
        for (int i = 0; i < 3; ++i) {
          points_.positions.push_back(i < mesh_.dim ? coordinates[std::size_t(node) * mesh_.dim + i] : 0.0);
        }
        const double* values = data->at(node);
        points_.data.insert(points_.data.end(), values, values + definition_.data.size());
        points_.data.resize(points_.data.size() + points_.num_data - definition_.data.size());  // nodes have no normals
      }
    }
    first_key_ += nodes.num_global;
  }

  const fem::FormDefinition& definition_;
  const mesh::Mesh& mesh_;
  fem::PointLoader loader_;
  std::vector<int> degrees_;
  SamplePoints points_;
  std::int64_t first_key_ = 0;
};

}  // namespace

void SamplePoints::evaluate(const sdk::Expression& expression, std::span<const double> parameters,
                            std::span<double> values) const {
  using sdk::Lanes;
  const std::vector<Lanes> mu(parameters.begin(), parameters.end());
  std::array<Lanes, 3> x;
  std::vector<Lanes> d(static_cast<std::size_t>(num_data));
  for (std::size_t first = 0; first < size(); first += sdk::num_lanes) {
    for (int lane = 0; lane < sdk::num_lanes; ++lane) {
      const std::size_t p = std::min(first + lane, size() - 1);
      for (int i = 0; i < 3; ++i) x[i].set(lane, positions[3 * p + i]);
      for (int k = 0; k < num_data; ++k) d[k].set(lane, data[p * num_data + k]);
    }
    const Lanes value = expression.evaluate<Lanes>({x.data(), Lanes(0.0), mu.data(), nullptr, d.data()});
    for (std::size_t p = first; p < std::min(first + sdk::num_lanes, size()); ++p)
      values[p] = value[static_cast<int>(p - first)];
  }
}

SamplePoints sample_points(const fem::FormDefinition& definition, std::vector<int> degrees, const Places& places) {
  return Collector(definition, std::move(degrees)).run(places);
}

}  // namespace ansatz::reduced
