#include "engine/fem/forms/patch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/fem/assembly/facet_sets.hpp"

namespace ansatz::fem {
namespace {

int nodes_of(mesh::CellType cell, int degree) { return static_cast<int>(mesh::lagrange_nodes(cell, degree).size()); }

/// Calls visit(field, node, component) for the unknowns of a cell in their order.
template <class Visit>
void for_unknowns(const PatchSetting& setting, const Visit& visit) {
  for (std::size_t f = 0; f < setting.fields.size(); ++f) {
    for (int a = 0; a < nodes_of(setting.cell, setting.fields[f].degree); ++a) {
      for (int c = 0; c < setting.fields[f].components; ++c) visit(static_cast<int>(f), a, c);
    }
  }
}

/// Number of the Dirichlet condition of each local unknown, or -1. *Collective.*
std::vector<double> local_conditions(const DofMap& dofs, const Dirichlet& dirichlet) {
  std::vector<double> numbers(dofs.num_local());
  std::ranges::copy(dirichlet.condition_of_unknowns(), numbers.begin());
  dofs.update_ghosts(numbers);
  return numbers;
}

/// Positions of the ids in the sorted list of all that occur.
std::vector<std::int32_t> renumbered(const std::vector<std::int64_t>& ids, std::size_t& count) {
  std::map<std::int64_t, std::int32_t> numbers;
  for (const auto id : ids) numbers.emplace(id, 0);
  std::int32_t next = 0;
  for (auto& [ignored, number] : numbers) number = next++;
  count = numbers.size();
  std::vector<std::int32_t> out;
  for (const auto id : ids) out.push_back(numbers.at(id));
  return out;
}

}  // namespace

int PatchSetting::num_unknowns() const {
  int count = 0;
  for (const auto& field : fields) count += field.components * nodes_of(cell, field.degree);
  return count;
}

int PatchSetting::num_integers() const {
  return 2 + num_vertices() + num_points() + static_cast<int>(definition.boundary.size()) + num_unknowns();
}

int PatchSetting::num_reals() const {
  int count = num_points() * dim;
  for (const int degree : data_degrees) count += nodes_of(cell, degree);
  return count;
}

std::shared_ptr<const PatchSetting> patch_setting(const FormDefinition& definition, const Dirichlet& dirichlet,
                                                  std::vector<sdk::Expression> map) {
  auto setting = std::make_shared<PatchSetting>();
  const auto& mesh = definition.dofs->mesh();
  setting->cell = mesh.cell;
  setting->dim = mesh.dim;
  setting->geometry_degree = mesh.geometry_degree;
  setting->region_names = mesh.region_names;
  for (const auto& field : definition.dofs->fields())
    setting->fields.push_back({field.name, field.components, field.nodes->degree});
  for (const auto& data : definition.data) setting->data_degrees.push_back(data.nodes->degree);
  setting->definition = definition;
  setting->definition.dofs.reset();
  setting->definition.data.clear();
  for (auto& term : setting->definition.boundary) term.facets.clear();
  setting->conditions = dirichlet.conditions();
  setting->map = std::move(map);
  return setting;
}

Patch gather_patch(const PatchSetting& setting, const FormDefinition& definition, const Dirichlet& dirichlet,
                   std::span<const double> points_before, std::span<const std::int32_t> cells) {
  const auto& dofs = *definition.dofs;
  const auto& mesh = dofs.mesh();
  const auto conditions = local_conditions(dofs, dirichlet);
  std::vector<std::vector<mesh::Facet>> facets;
  for (const auto& term : definition.boundary) facets.push_back(facets_of_local_cells(mesh, term.facets));
  Patch own;
  const int num_vertices = setting.num_vertices(), num_points = setting.num_points();
  for (const auto cell : cells) {
    auto& integers = own.integers;
    integers.insert(integers.end(), {mesh.cell_ids[cell], mesh.cell_region[cell]});
    for (int k = 0; k < num_vertices; ++k)
      integers.push_back(mesh.vertex_ids[mesh.cell_vertices[std::size_t(cell) * num_vertices + k]]);
    for (int k = 0; k < num_points; ++k) {
      const auto point = mesh.cell_points[std::size_t(cell) * num_points + k];
      integers.push_back(mesh.point_ids[point]);
      const auto x = points_before.subspan(std::size_t(point) * mesh.dim, mesh.dim);
      own.reals.insert(own.reals.end(), x.begin(), x.end());
    }
    for (const auto& of_term : facets) {
      std::int64_t bits = 0;
      for (const auto& facet : of_term) {
        if (facet.cell == cell) bits |= std::int64_t{1} << facet.local_facet;
      }
      integers.push_back(bits);
    }
    for_unknowns(setting, [&](int f, int a, int c) {
      integers.push_back(std::llround(conditions[dofs.node_dofs(f)[dofs.cell_node(f, cell, a)] + c]));
    });
    for (const auto& data : definition.data) {
      const int n = data.nodes->nodes_per_cell;
      for (int a = 0; a < n; ++a) own.reals.push_back(data.values[data.nodes->cell_nodes[std::size_t(cell) * n + a]]);
    }
  }
  const Patch all{mesh.comm.gather_all(std::span<const std::int64_t>(own.integers)),
                  mesh.comm.gather_all(std::span<const double>(own.reals))};
  const auto ni = static_cast<std::size_t>(setting.num_integers()), nr = static_cast<std::size_t>(setting.num_reals());
  std::map<std::int64_t, std::size_t> place;  // by the cell's id
  for (std::size_t k = 0; k * ni < all.integers.size(); ++k) place.emplace(all.integers[k * ni], k);
  Patch patch;
  for (const auto& [id, k] : place) {
    patch.integers.insert(patch.integers.end(), all.integers.begin() + k * ni, all.integers.begin() + (k + 1) * ni);
    patch.reals.insert(patch.reals.end(), all.reals.begin() + k * nr, all.reals.begin() + (k + 1) * nr);
  }
  return patch;
}

PatchForm::PatchForm(const Patch& patch, std::shared_ptr<const PatchSetting> setting)
    : setting_(std::move(setting)), mesh_{base::Communicator(MPI_COMM_SELF)} {
  const auto ni = static_cast<std::size_t>(setting_->num_integers()),
             nr = static_cast<std::size_t>(setting_->num_reals());
  if (patch.integers.empty() || patch.integers.size() % ni != 0 ||
      patch.reals.size() != patch.integers.size() / ni * nr) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored cells do not fit the problem", "fem::PatchForm",
                     "train the reduced model again");
  }
  build_mesh(patch);
  std::vector<FieldSpace> fields;
  for (const auto& field : setting_->fields) {
    fields.push_back(
        {field.name, field.components, std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(mesh_, field.degree))});
  }
  dofs_ = std::make_shared<DofMap>(mesh_, std::move(fields));
  form_ = std::make_unique<Form>(build_definition(patch));
  values_.assign(dofs_->num_local(), 0.0);
  zero_ = residual_ = values_;
  for (std::int32_t cell = 0; cell < num_cells(); ++cell) {
    for_unknowns(*setting_, [&](int f, int a, int c) {
      cell_dofs_.push_back(dofs_->node_dofs(f)[dofs_->cell_node(f, cell, a)] + c);
    });
  }
  find_prescribed(patch);
}

PatchForm::~PatchForm() = default;

void PatchForm::build_mesh(const Patch& patch) {
  const auto& s = *setting_;
  mesh_.cell = s.cell;
  mesh_.dim = s.dim;
  mesh_.geometry_degree = s.geometry_degree;
  mesh_.region_names = s.region_names;
  const auto ni = static_cast<std::size_t>(s.num_integers()), nr = static_cast<std::size_t>(s.num_reals());
  const std::size_t count = patch.integers.size() / ni;
  std::vector<std::int64_t> vertices, points;
  for (std::size_t k = 0; k < count; ++k) {
    const auto* cell = patch.integers.data() + k * ni;
    mesh_.cell_ids.push_back(static_cast<std::int64_t>(k));
    mesh_.cell_region.push_back(static_cast<std::int32_t>(cell[1]));
    vertices.insert(vertices.end(), cell + 2, cell + 2 + s.num_vertices());
    points.insert(points.end(), cell + 2 + s.num_vertices(), cell + 2 + s.num_vertices() + s.num_points());
  }
  std::size_t num_vertices = 0, num_points = 0;
  mesh_.cell_vertices = renumbered(vertices, num_vertices);
  mesh_.cell_points = renumbered(points, num_points);
  for (std::size_t v = 0; v < num_vertices; ++v) mesh_.vertex_ids.push_back(static_cast<std::int64_t>(v));
  for (std::size_t p = 0; p < num_points; ++p) mesh_.point_ids.push_back(static_cast<std::int64_t>(p));
  points_before_.resize(num_points * s.dim);
  for (std::size_t k = 0; k < count; ++k) {
    for (int a = 0; a < s.num_points(); ++a) {
      const auto point = mesh_.cell_points[k * s.num_points() + a];
      std::copy_n(patch.reals.begin() + k * nr + std::size_t(a) * s.dim, s.dim,
                  points_before_.begin() + std::size_t(point) * s.dim);
    }
  }
  mesh_.points = points_before_;
  mesh_.num_owned_cells = static_cast<std::int32_t>(count);
  mesh_.num_global_cells = static_cast<std::int64_t>(count);
  mesh_.num_global_vertices = static_cast<std::int64_t>(num_vertices);
}

FormDefinition PatchForm::build_definition(const Patch& patch) {
  const auto& s = *setting_;
  const auto ni = static_cast<std::size_t>(s.num_integers()), nr = static_cast<std::size_t>(s.num_reals());
  FormDefinition definition = s.definition;
  definition.dofs = dofs_;
  for (std::size_t t = 0; t < definition.boundary.size(); ++t) {
    for (std::int32_t cell = 0; cell < num_cells(); ++cell) {
      const auto bits = patch.integers[cell * ni + 2 + s.num_vertices() + s.num_points() + t];
      for (int facet = 0; facet < mesh::topology(s.cell).num_facets; ++facet) {
        if ((bits >> facet & 1) != 0) definition.boundary[t].facets.push_back({cell, facet});
      }
    }
  }
  std::size_t at = static_cast<std::size_t>(s.num_points()) * s.dim;
  for (const int degree : s.data_degrees) {
    auto nodes = std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(mesh_, degree));
    DataField data{nodes, std::vector<double>(nodes->num_local())};
    const auto n = static_cast<std::size_t>(nodes->nodes_per_cell);
    for (std::int32_t cell = 0; cell < num_cells(); ++cell) {
      for (std::size_t a = 0; a < n; ++a)
        data.values[nodes->cell_nodes[cell * n + a]] = patch.reals[cell * nr + at + a];
    }
    definition.data.push_back(std::move(data));
    at += n;
  }
  return definition;
}

void PatchForm::find_prescribed(const Patch& patch) {
  const auto& s = *setting_;
  const auto ni = static_cast<std::size_t>(s.num_integers());
  for (const auto& field : s.fields) {
    node_tables_.push_back(tabulate_at_nodes(s.cell, s.geometry_degree, field.degree));
  }
  std::vector<bool> found(values_.size(), false);
  for (std::int32_t cell = 0; cell < num_cells(); ++cell) {
    const auto* conditions = patch.integers.data() + (cell + 1) * ni - num_unknowns();
    int unknown = 0;
    for_unknowns(s, [&](int f, int a, int) {
      const auto at = dof(cell, unknown);
      const auto condition = conditions[unknown++];
      if (condition < 0 || found[at]) return;
      found[at] = true;
      prescribed_.push_back({at, static_cast<std::int32_t>(condition), cell, f, a});
    });
  }
}

void PatchForm::set_parameters(std::span<const double> mu) {
  const auto& s = *setting_;
  std::array<double, 3> x{};
  for (std::size_t p = 0; p * s.dim < points_before_.size() && !s.map.empty(); ++p) {
    std::copy_n(points_before_.begin() + p * s.dim, s.dim, x.begin());
    for (int i = 0; i < s.dim; ++i) {
      mesh_.points[p * s.dim + i] =
          s.map[i].evaluate(sdk::ExpressionInputs<double>{x.data(), 0.0, mu.data(), nullptr, nullptr});
    }
  }
  form_->set_parameters(mu);
  const auto& data = form_->definition().data;
  std::array<double, sdk::max_data> at_node{};
  for (const auto& one : prescribed_) {
    const auto& table = node_tables_[one.field];
    x.fill(0.0);
    for (int g = 0; g < table.num_nodes; ++g) {
      const auto point = mesh_.point(mesh_.cell_points[std::size_t(one.cell) * table.num_nodes + g]);
      for (int i = 0; i < s.dim; ++i) x[i] += table.values[one.node * table.num_nodes + g] * point[i];
    }
    const auto& value = s.conditions[one.condition].value;
    for (std::size_t k = 0; k < data.size() && value.depends_on(sdk::SymbolKind::data); ++k) {
      at_node[k] =
          data[k].values[data[k].nodes->cell_nodes[std::size_t(one.cell) * data[k].nodes->nodes_per_cell + one.node]];
    }
    values_[one.dof] = value.evaluate(sdk::ExpressionInputs<double>{x.data(), 0.0, mu.data(), nullptr, at_node.data()});
    if (std::isfinite(values_[one.dof])) continue;
    throw sdk::Error(sdk::ErrorKind::not_finite,
                     fmt::format("the prescribed value of {} is {}", s.fields[one.field].name, values_[one.dof]),
                     fmt::format("boundary \"{}\", position ({:.6g}, {:.6g}, {:.6g})", s.conditions[one.condition].set,
                                 x[0], x[1], x[2]),
                     "its expression is \"" + value.text() + "\"");
  }
}

void PatchForm::assemble_load() { form_->unconstrained_residual({0.0, values_, {}}, residual_); }

void PatchForm::visit_element_matrices(const Form::ElementVisitor& visit) const {
  form_->visit_element_matrices({0.0, zero_, {}}, {}, visit);
}

}  // namespace ansatz::fem
