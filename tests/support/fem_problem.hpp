#pragma once
/// A steady problem on a mesh, solved by Newton, and its errors by a quadrature of the tests' own.

#include <cmath>
#include <functional>
#include <memory>
#include <numbers>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/linear/solvers/newton.hpp"
#include "engine/mesh/cells/lagrange.hpp"
#include "engine/mesh/generation/box.hpp"
#include "tests/support/fem_physics.hpp"

namespace ansatz::test {

using Vector3 = std::array<double, 3>;

/// In [-1, 1), from a canonical id.
inline double hashed(std::uint64_t id, std::uint64_t salt) {
  std::uint64_t z = id * 0x9E3779B97F4A7C15ULL + (salt + 1) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) / 4503599627370496.0 - 1.0;
}

/// Moves the interior points of a unit box: a smooth map that is no polynomial, and up to `shake` at random.
inline void perturb(mesh::Mesh& mesh, double shake, double bend = 0.06) {
  for (std::int32_t p = 0; p < mesh.num_points(); ++p) {
    double* x = mesh.points.data() + std::size_t(p) * mesh.dim;
    double bubble = 1.0;
    bool inside = true;
    for (int i = 0; i < mesh.dim; ++i) {
      bubble *= std::sin(std::numbers::pi * x[i]);
      inside &= x[i] > 1e-9 && x[i] < 1.0 - 1e-9;
    }
    if (!inside) continue;
    const Vector3 direction{1.0, -0.7, 0.5};
    for (int i = 0; i < mesh.dim; ++i) {
      x[i] += bend * direction[i] * bubble + shake * hashed(static_cast<std::uint64_t>(mesh.point_ids[p]), i);
    }
  }
}

/// Unit box with n cells per direction, perturbed.
inline mesh::Mesh perturbed_box(const base::Communicator& comm, mesh::CellType cell, int n,
                                mesh::BoxPattern pattern = mesh::BoxPattern::right, double relative_shake = 0.12) {
  const int dim = mesh::topology(cell).dim;
  mesh::BoxOptions options;
  options.size.assign(dim, 1.0);
  options.cells.assign(dim, n);
  options.cell = cell;
  options.pattern = pattern;
  auto mesh = mesh::box(comm, options);
  perturb(mesh, relative_shake / n);
  return mesh;
}

inline std::shared_ptr<const fem::DofMap> make_dofs(const mesh::Mesh& mesh, const sdk::Physics& physics, int order) {
  std::vector<fem::FieldSpace> fields;
  for (const auto& info : physics.info().fields) {
    fields.push_back(
        {info.name, sdk::num_components(info.shape, mesh.dim),
         std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, order + info.relative_order))});
  }
  return std::make_shared<const fem::DofMap>(mesh, std::move(fields));
}

struct BoundaryTexts {
  std::string set;
  Texts coefficients;
};
struct FixedTexts {
  std::string set;
  int field, component;
  std::string value;
};

/// F(u) = 0 for one physics, from texts. The mesh and the physics must outlive it.
class FemProblem : public linear::NonlinearSystem {
 public:
  FemProblem(const mesh::Mesh& mesh, const sdk::Physics& physics, int order, const Texts& volume,
             const std::vector<BoundaryTexts>& boundary, const std::vector<FixedTexts>& fixed, bool stabilise = false,
             std::vector<double> parameters = {}, const std::vector<std::string>& parameter_names = {})
      : mesh_(mesh),
        dofs_(make_dofs(mesh, physics, order)),
        form_(definition(physics, volume, boundary, stabilise, std::move(parameters), parameter_names)),
        dirichlet_(*dofs_, conditions(fixed)),
        matrix_(mesh.comm, form_.sparsity().pattern, dofs_->num_fields() == 1 ? dofs_->fields()[0].components : 1),
        local_(dofs_->num_local(), 0.0) {
    form_.set_constrained(dirichlet_.constrained());
  }

  void residual(std::span<const double> u, std::span<double> F) override {
    load(u);
    form_.residual({.time = 0.0, .values = local_}, F);
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    load(u);
    form_.jacobian({.time = 0.0, .values = local_}, {1.0, 0.0}, matrix_);
    return matrix_;
  }

  /// All local values of the solution. *Collective.*
  std::vector<double> solve(bool symmetric, double start = 0.0,
                            linear::KrylovOptions options = {.relative_tolerance = 1e-12}) {
    std::vector<double> u(dofs_->num_owned(), start);
    dirichlet_.apply(0.0, form_.definition().parameters, u);
    linear::KrylovSolver solver(mesh_.comm, std::move(options), symmetric);
    result = linear::newton(mesh_.comm, *this, solver, u, {.relative_tolerance = 1e-11});
    load(u);
    return local_;
  }

  fem::Form& form() { return form_; }
  const fem::DofMap& dofs() const { return *dofs_; }
  const fem::Dirichlet& dirichlet() const { return dirichlet_; }
  linear::NewtonResult result;

 private:
  void load(std::span<const double> u) {
    std::copy(u.begin(), u.end(), local_.begin());
    dofs_->update_ghosts(local_);
  }
  fem::FormDefinition definition(const sdk::Physics& physics, const Texts& volume,
                                 const std::vector<BoundaryTexts>& boundary, bool stabilise,
                                 std::vector<double> parameters, const std::vector<std::string>& names) const {
    fem::FormDefinition d;
    d.physics = &physics;
    d.dofs = dofs_;
    d.coefficients.assign(mesh_.region_names.size(), coefficients(physics, mesh_.dim, volume, names));
    d.parameters = std::move(parameters);
    d.stabilise = stabilise;
    for (const auto& entry : boundary) {
      Texts both = volume;
      both.insert(entry.coefficients.begin(), entry.coefficients.end());
      d.boundary.push_back({entry.set, mesh_.sets.at(entry.set).facets,
                            std::vector(mesh_.region_names.size(), coefficients(physics, mesh_.dim, both, names))});
    }
    return d;
  }
  std::vector<fem::DirichletCondition> conditions(const std::vector<FixedTexts>& fixed) const {
    const auto symbols = sdk::SymbolTable::space_time(mesh_.dim);
    std::vector<fem::DirichletCondition> list;
    for (const auto& f : fixed)
      list.push_back({f.set, f.field, f.component, sdk::Expression::compile(f.value, symbols, "test")});
    return list;
  }

  const mesh::Mesh& mesh_;
  std::shared_ptr<const fem::DofMap> dofs_;
  fem::Form form_;
  fem::Dirichlet dirichlet_;
  linear::SparseMatrix matrix_;
  std::vector<double> local_;
};

/// Gauss-Legendre with 5 points on [0, 1].
inline const std::array<std::array<double, 2>, 5>& gauss() {
  static const auto rule = [] {
    const double a = std::sqrt(5.0 - 2.0 * std::sqrt(10.0 / 7.0)) / 3.0,
                 b = std::sqrt(5.0 + 2.0 * std::sqrt(10.0 / 7.0)) / 3.0;
    const double v = (322.0 + 13.0 * std::sqrt(70.0)) / 900.0, w = (322.0 - 13.0 * std::sqrt(70.0)) / 900.0;
    std::array<std::array<double, 2>, 5> r{{{-b, w}, {-a, v}, {0.0, 128.0 / 225.0}, {a, v}, {b, w}}};
    for (auto& [x, weight] : r) {
      x = 0.5 * (1.0 + x);
      weight *= 0.5;
    }
    return r;
  }();
  return rule;
}

/// Visits (reference point, weight) of the tests' own rule: Gauss products, collapsed by Duffy's map on simplices, in x
/// and y on prisms.
template <class Visit>
void for_each_gauss_point(mesh::CellType cell, const Visit& visit) {
  const auto& topology = mesh::topology(cell);
  const int dim = topology.dim;
  for (const auto& [a, wa] : gauss()) {
    for (const auto& [b, wb] : gauss()) {
      for (const auto& [c, wc] : gauss()) {
        if (dim < 3 && c != gauss()[0][0]) continue;
        if (dim < 2 && b != gauss()[0][0]) continue;
        double w = wa * (dim > 1 ? wb : 1.0) * (dim > 2 ? wc : 1.0);
        Vector3 x{a, dim > 1 ? b : 0.0, dim > 2 ? c : 0.0};
        if (cell == mesh::CellType::triangle || cell == mesh::CellType::prism) {
          x = {a, b * (1 - a), x[2]};
          w *= 1 - a;
        }
        if (topology.simplex && dim == 3) {
          x = {a, b * (1 - a), c * (1 - a) * (1 - b)};
          w *= (1 - a) * (1 - a) * (1 - b);
        }
        visit(x, w);
      }
    }
  }
}

/// A point of a cell with the discrete fields there.
struct FieldPoint {
  Vector3 x;
  double weight;                   ///< of the rule times the volume element
  std::vector<double> values;      ///< (components)
  std::vector<Vector3> gradients;  ///< (components)
};

/// Visits the points of all owned cells with the values of a local vector. Not collective.
inline void for_each_point(const fem::DofMap& dofs, std::span<const double> u,
                           const std::function<void(const FieldPoint&)>& visit) {
  const auto& mesh = dofs.mesh();
  const int dim = mesh.dim;
  struct Table {
    Vector3 reference;
    double weight;
    std::vector<double> x, dx;
    std::vector<std::vector<double>> phi, dphi;
  };
  std::vector<Table> tables;
  for_each_gauss_point(mesh.cell, [&](const Vector3& xi, double w) {
    Table t{xi,
            w,
            mesh::lagrange_values(mesh.cell, mesh.geometry_degree, xi),
            mesh::lagrange_gradients(mesh.cell, mesh.geometry_degree, xi),
            {},
            {}};
    for (const auto& field : dofs.fields()) {
      t.phi.push_back(mesh::lagrange_values(mesh.cell, field.nodes->degree, xi));
      t.dphi.push_back(mesh::lagrange_gradients(mesh.cell, field.nodes->degree, xi));
    }
    tables.push_back(std::move(t));
  });
  for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
    for (const auto& t : tables) {
      FieldPoint point{{}, 0.0, {}, {}};
      double J[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
      for (int i = 0; i < dim; ++i) {
        for (int k = 0; k < dim; ++k) J[i][k] = 0.0;
      }
      for (std::size_t a = 0; a < t.x.size(); ++a) {
        const auto p = mesh.point(mesh.cell_points[std::size_t(cell) * t.x.size() + a]);
        for (int i = 0; i < dim; ++i) {
          point.x[i] += t.x[a] * p[i];
          for (int k = 0; k < dim; ++k) J[i][k] += t.dx[a * dim + k] * p[i];
        }
      }
      double C[3][3];  // cofactors: inverse transposed times det
      for (int i = 0; i < 3; ++i) {
        for (int k = 0; k < 3; ++k) {
          const int i1 = (i + 1) % 3, i2 = (i + 2) % 3, k1 = (k + 1) % 3, k2 = (k + 2) % 3;
          C[i][k] = J[i1][k1] * J[i2][k2] - J[i1][k2] * J[i2][k1];
        }
      }
      const double det = J[0][0] * C[0][0] + J[0][1] * C[0][1] + J[0][2] * C[0][2];
      point.weight = t.weight * std::abs(det);
      for (int f = 0; f < dofs.num_fields(); ++f) {
        for (int c = 0; c < dofs.fields()[f].components; ++c) {
          double value = 0.0;
          Vector3 reference{}, gradient{};
          for (int a = 0; a < dofs.nodes_per_cell(f); ++a) {
            const double nodal = u[dofs.node_dofs(f)[dofs.cell_node(f, cell, a)] + c];
            value += nodal * t.phi[f][a];
            for (int k = 0; k < dim; ++k) reference[k] += nodal * t.dphi[f][a * dim + k];
          }
          for (int i = 0; i < dim; ++i) {
            for (int k = 0; k < dim; ++k) gradient[i] += C[i][k] / det * reference[k];
          }
          point.values.push_back(value);
          point.gradients.push_back(gradient);
        }
      }
      visit(point);
    }
  }
}

/// Exact value and gradient of each component.
struct Exact {
  std::function<double(int, const Vector3&)> value;
  std::function<Vector3(int, const Vector3&)> gradient;
};

struct Errors {
  double l2 = 0.0, h1 = 0.0;
};

/// Norms of the error, all components. *Collective.*
inline Errors errors(const fem::DofMap& dofs, std::span<const double> u, const Exact& exact) {
  double l2 = 0.0, h1 = 0.0;
  for_each_point(dofs, u, [&](const FieldPoint& p) {
    for (std::size_t c = 0; c < p.values.size(); ++c) {
      const double e = p.values[c] - exact.value(static_cast<int>(c), p.x);
      const auto g = exact.gradient(static_cast<int>(c), p.x);
      l2 += p.weight * e * e;
      for (int i = 0; i < dofs.mesh().dim; ++i)
        h1 += p.weight * (p.gradients[c][i] - g[i]) * (p.gradients[c][i] - g[i]);
    }
  });
  return {std::sqrt(dofs.mesh().comm.sum(l2)), std::sqrt(dofs.mesh().comm.sum(h1))};
}

/// Largest error at nodes over all ranks. *Collective.*
inline double nodal_error(const fem::DofMap& dofs, std::span<const double> u, const Exact& exact) {
  double worst = 0.0;
  int first = 0;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& field = dofs.fields()[f];
    const auto x = fem::node_coordinates(dofs.mesh(), *field.nodes);
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      Vector3 at{};
      for (int i = 0; i < dofs.mesh().dim; ++i) at[i] = x[std::size_t(n) * dofs.mesh().dim + i];
      for (int c = 0; c < field.components; ++c) {
        const double error = std::abs(u[dofs.node_dofs(f)[n] + c] - exact.value(first + c, at));
        worst = std::isfinite(error) ? std::max(worst, error) : 1e300;
      }
    }
    first += field.components;
  }
  return dofs.mesh().comm.max(worst);
}

}  // namespace ansatz::test
