// The number of ranks is not a result: exact discrete solutions, assembled operators and integrals on any number.
#include <catch2/catch.hpp>

#include "engine/linear/matrices/vector.hpp"
#include "tests/support/coupled_physics.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::BoxPattern;
using mesh::CellType;

namespace {

struct MeshCase {
  CellType cell;
  int n;
  BoxPattern pattern = BoxPattern::right;
};

const std::vector<MeshCase> mesh_cases{
    {CellType::interval, 9},      {CellType::triangle, 5},    {CellType::triangle, 4, BoxPattern::crossed},
    {CellType::quadrilateral, 5}, {CellType::tetrahedron, 3}, {CellType::hexahedron, 3},
    {CellType::prism, 3}};

/// Smooth function of position and component, no polynomial.
double smooth(int c, const Vector3& x, double shift) {
  return std::sin(2.0 * x[0] + 1.3 * x[1] - 0.9 * x[2] + shift + c) + 0.3 * std::cos(3.0 * x[0] * x[1] + shift);
}

/// Nodal values of smooth() at all local nodes.
std::vector<double> nodal(const fem::DofMap& dofs, double shift) {
  std::vector<double> u(dofs.num_local());
  int first = 0;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& field = dofs.fields()[f];
    const auto x = fem::node_coordinates(dofs.mesh(), *field.nodes);
    for (std::int32_t n = 0; n < field.nodes->num_local(); ++n) {
      Vector3 at{};
      for (int i = 0; i < dofs.mesh().dim; ++i) at[i] = x[std::size_t(n) * dofs.mesh().dim + i];
      for (int c = 0; c < field.components; ++c) u[dofs.node_dofs(f)[n] + c] = smooth(first + c, at, shift);
    }
    first += field.components;
  }
  return u;
}

/// Numbers that depend on every entry of the residual and the Jacobian.
struct Invariants {
  double residual, jacobian, transposed, norm;
};

/// y . F(u), y . J x, x . J y and |J x|^2 for smooth nodal u, x, y.
Invariants invariants(const mesh::Mesh& mesh, const sdk::Physics& physics, int order, const Texts& volume,
                      const std::vector<BoundaryTexts>& boundary, const std::vector<FixedTexts>& fixed,
                      bool stabilise) {
  FemProblem problem(mesh, physics, order, volume, boundary, fixed, stabilise);
  const auto& dofs = problem.dofs();
  const auto n = static_cast<std::size_t>(dofs.num_owned());
  const auto u = nodal(dofs, 0.1), x = nodal(dofs, 0.7), y = nodal(dofs, 1.9), rates = nodal(dofs, 2.6);
  std::vector<double> F(n), Jx(n), Jy(n);
  problem.form().residual({.time = 0.3, .values = u, .rates = rates}, F);
  linear::SparseMatrix matrix(mesh.comm, problem.form().sparsity().pattern, 1);
  problem.form().jacobian({.time = 0.3, .values = u, .rates = rates}, {1.0, 0.4}, matrix);
  const auto owned = [n](const std::vector<double>& v) { return std::span(v).first(n); };
  matrix.multiply(owned(x), Jx);
  matrix.multiply(owned(y), Jy);
  return {linear::dot(mesh.comm, F, owned(y)), linear::dot(mesh.comm, Jx, owned(y)),
          linear::dot(mesh.comm, Jy, owned(x)), linear::dot(mesh.comm, Jx, Jx)};
}

void check_equal(const Invariants& a, const Invariants& b) {
  CHECK(a.residual == Approx(b.residual).epsilon(1e-12));
  CHECK(a.jacobian == Approx(b.jacobian).epsilon(1e-12));
  CHECK(a.transposed == Approx(b.transposed).epsilon(1e-12));
  CHECK(a.norm == Approx(b.norm).epsilon(1e-12));
}

mesh::Mesh box_of(const base::Communicator& comm, const MeshCase& c) {
  return perturbed_box(comm, c.cell, c.n, c.pattern);
}

}  // namespace

TEST_CASE("A polynomial of the element's degree is the exact discrete solution on perturbed meshes", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  for (const auto& c : mesh_cases) {
    const auto mesh = box_of(comm, c);
    const int dim = mesh.dim;
    for (int p : {1, 2}) {
      CAPTURE(mesh::topology(c.cell).name, static_cast<int>(c.pattern), p);
      // u = 1 + 2 x - y + 3 z (+ x^2 + x y - z^2), -laplace u = 0 or -2 (+ 2 in 3-D).
      const double s = p - 1.0;
      std::string text = dim == 1 ? "1 + 2*x" : (dim == 2 ? "1 + 2*x - y" : "1 + 2*x - y + 3*z");
      if (p == 2) text += dim == 1 ? "+ x^2" : (dim == 2 ? "+ x^2 + x*y" : "+ x^2 + x*y - z^2");
      const Exact exact{[=](int, const Vector3& x) {
                          double u = 1 + 2 * x[0] + s * x[0] * x[0];
                          if (dim > 1) u += -x[1] + s * x[0] * x[1];
                          if (dim > 2) u += 3 * x[2] - s * x[2] * x[2];
                          return u;
                        },
                        {}};
      const std::string source = p == 2 && dim < 3 ? "-2" : "0";
      // du/dx on "right" as a heat flux.
      const std::string flux = p == 1 ? "2" : (dim > 1 ? "2 + 2*x + y" : "2 + 2*x");
      std::vector<FixedTexts> fixed;
      for (const auto& side : low_sides(dim)) fixed.push_back({side, 0, 0, text});
      if (dim > 1) fixed.push_back({"top", 0, 0, text});
      FemProblem problem(mesh, *diffusion, p, {{"conductivity", "1"}, {"source", source}},
                         {{"right", {{"heat_flux", flux}}}}, fixed);
      const auto u = problem.solve(true);
      CHECK(nodal_error(problem.dofs(), u, exact) < 1e-10);
      CHECK(problem.result.iterations == 1);
      if (dim == 1 || p == 2) continue;
      // A linear displacement: constant stress, no force.
      const std::vector<std::string> axis{"0.1*x - 0.2*y", "0.3*x + 0.05*y", "0.2*x - 0.1*y + 0.15*z"};
      std::vector<FixedTexts> sides;
      for (int k = 0; k < dim; ++k) sides.push_back({"all", 0, k, axis[k]});
      FemProblem patch(mesh, *elasticity, p, {{"youngs_modulus", "200"}, {"poisson_ratio", "0.3"}}, {}, sides);
      const auto v = patch.solve(true);
      CHECK(nodal_error(patch.dofs(), v,
                        {[](int k, const Vector3& x) {
                           return k == 0 ? 0.1 * x[0] - 0.2 * x[1]
                                         : (k == 1 ? 0.3 * x[0] + 0.05 * x[1] : 0.2 * x[0] - 0.1 * x[1] + 0.15 * x[2]);
                         },
                         {}}) < 1e-10);
    }
  }
}

TEST_CASE("The assembled operators are the same on any number of ranks as on one", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  const auto coupled = make_coupled();
  const Texts heat{{"conductivity", "1 + 0.2*temperature^2*x"},
                   {"capacity", "2 + x"},
                   {"velocity", "0.5 + x"},
                   {"reaction", "1 + temperature"},
                   {"source", "sin(3*x)*t"}};
  const Texts steel{{"youngs_modulus", "3 + x*y"}, {"poisson_ratio", "0.3"}, {"body_force", "x*y"}};
  const Texts flow{{"viscosity", "1 + 0.1*pressure^2 + x"}, {"permeability", "2 + y"}, {"coupling", "0.7"}};
  for (const auto& c : mesh_cases) {
    const auto many = box_of(comm, c), one = box_of(self, c);
    CAPTURE(mesh::topology(c.cell).name, static_cast<int>(c.pattern));
    for (int p : {1, 2}) {
      CAPTURE(p);
      for (const bool stabilise : {false, true}) {
        const std::vector<BoundaryTexts> sides{
            {"right", {{"transfer_coefficient", "1 + temperature^2"}, {"heat_flux", "x"}}},
            {"all", {{"heat_flux", "0.3*x"}}}};
        const std::vector<FixedTexts> fixed{{"left", 0, 0, "1"}};
        check_equal(invariants(many, *diffusion, p, heat, sides, fixed, stabilise),
                    invariants(one, *diffusion, p, heat, sides, fixed, stabilise));
      }
      if (many.dim == 1) continue;
      const std::vector<BoundaryTexts> load{{"right", {{"traction_y", "x*y"}, {"pressure", "2"}}}};
      check_equal(invariants(many, *elasticity, p, steel, load, {{"bottom", 0, 1, "0"}}, false),
                  invariants(one, *elasticity, p, steel, load, {{"bottom", 0, 1, "0"}}, false));
    }
    if (many.dim == 1) continue;
    // Pressure of degree 1, velocity of degree 2, with a constrained component.
    const std::vector<BoundaryTexts> wall{{"right", {{"friction", "2 + y"}, {"load_y", "pressure"}}}};
    const std::vector<FixedTexts> fixed{{"left", 1, 1, "0"}, {"bottom", 0, 0, "1"}};
    for (const bool stabilise : {false, true}) {
      check_equal(invariants(many, *coupled, 2, flow, wall, fixed, stabilise),
                  invariants(one, *coupled, 2, flow, wall, fixed, stabilise));
    }
  }
}

TEST_CASE("Boundary terms reach the rows of nodes off the boundary on thin parts of a mesh", "[fem]") {
  // One column of cells a rank: the boundary's cells are ghosts of a rank that has none of the boundary's vertices.
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const auto coupled = make_coupled();
  for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
    mesh::BoxOptions options{{}, {1.0, 0.3}, {4, 1}, cell};
    const auto many = mesh::box(comm, options), one = mesh::box(self, options);
    const Texts flow{{"viscosity", "1 + x"}, {"permeability", "2 + y"}};
    const std::vector<BoundaryTexts> wall{{"right", {{"friction", "2 + y"}}}};
    check_equal(invariants(many, *coupled, 2, flow, wall, {}, false),
                invariants(one, *coupled, 2, flow, wall, {}, false));
  }
}

TEST_CASE("All ranks know that a form is nonlinear, transient or time-dependent wherever its boundary is", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::interval, 8);
  const auto linear = [&](const Texts& right) {
    FemProblem problem(mesh, *physics, 1, {{"conductivity", "1"}}, {{"right", right}}, {});
    CHECK(problem.form().transient());
    return std::pair(problem.form().linear(), problem.form().constant_jacobian());
  };
  CHECK(linear({{"transfer_coefficient", "1"}}) == std::pair(true, true));
  CHECK(linear({{"transfer_coefficient", "1 + t"}}) == std::pair(true, false));
  CHECK(linear({{"transfer_coefficient", "1 + temperature^2"}}) == std::pair(false, false));
}

TEST_CASE("Assembled operators equal integrals of the bilinear form by another quadrature", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics diffusion("diffusion");
  for (const auto& c : mesh_cases) {
    if (!mesh::topology(c.cell).simplex) continue;  // elsewhere the integrands are no polynomials
    const auto mesh = box_of(comm, c);
    for (int p : {1, 2}) {
      CAPTURE(mesh::topology(c.cell).name, p);
      Texts texts{{"conductivity", "2"}, {"reaction", "3"}, {"velocity_x", "0.4"}, {"capacity", "1.5"}};
      if (mesh.dim > 1) texts["conductivity_xy"] = "0.5";
      FemProblem problem(mesh, *diffusion, p, texts, {}, {});
      const auto& dofs = problem.dofs();
      const auto n = static_cast<std::size_t>(dofs.num_owned());
      const auto x = nodal(dofs, 0.7), y = nodal(dofs, 1.9);
      linear::SparseMatrix matrix(mesh.comm, problem.form().sparsity().pattern, 1);
      problem.form().jacobian({.values = x}, {1.0, 2.0}, matrix);
      std::vector<double> Jx(n), F(n);
      matrix.multiply(std::span(x).first(n), Jx);
      problem.form().residual({.values = x, .rates = x}, F);
      // The same cells and points for x and y, one after the other.
      std::vector<FieldPoint> of_x, of_y;
      for_each_point(dofs, x, [&](const FieldPoint& q) { of_x.push_back(q); });
      for_each_point(dofs, y, [&](const FieldPoint& q) { of_y.push_back(q); });
      double stiffness = 0.0, mass = 0.0;
      for (std::size_t q = 0; q < of_x.size(); ++q) {
        const auto &gx = of_x[q].gradients[0], &gy = of_y[q].gradients[0];
        double k = 3.0 * of_x[q].values[0] * of_y[q].values[0] + 1.5 * 0.4 * gx[0] * of_y[q].values[0];
        for (int i = 0; i < mesh.dim; ++i) k += 2.0 * gx[i] * gy[i];
        if (mesh.dim > 1) k += 0.5 * gx[1] * gy[0];
        stiffness += of_x[q].weight * k;
        mass += of_x[q].weight * 1.5 * of_x[q].values[0] * of_y[q].values[0];
      }
      stiffness = comm.sum(stiffness);
      mass = comm.sum(mass);
      CHECK(linear::dot(comm, Jx, std::span(y).first(n)) == Approx(stiffness + 2.0 * mass).epsilon(1e-12));
      CHECK(linear::dot(comm, F, std::span(y).first(n)) == Approx(stiffness + mass).epsilon(1e-12));
    }
  }
}

TEST_CASE("The Jacobian is the derivative of the residual, boundary and stabilisation included", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics diffusion("diffusion");
  const auto coupled = make_coupled();
  const auto check = [&](const mesh::Mesh& mesh, const sdk::Physics& physics, const Texts& volume,
                         const std::vector<BoundaryTexts>& boundary, const std::vector<FixedTexts>& fixed,
                         bool stabilise) {
    FemProblem problem(mesh, physics, 2, volume, boundary, fixed, stabilise);
    const auto& dofs = problem.dofs();
    const auto n = static_cast<std::size_t>(dofs.num_owned());
    const auto u = nodal(dofs, 0.1), rates = nodal(dofs, 2.6);
    auto v = nodal(dofs, 1.9);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] *= problem.form().constrained()[i] != 0 ? 0.0 : 1.0;
    linear::SparseMatrix matrix(comm, problem.form().sparsity().pattern, 1);
    problem.form().jacobian({.time = 0.3, .values = u, .rates = rates}, {1.0, 0.4}, matrix);
    std::vector<double> Jv(n), slope(n, 0.0), F(n);
    matrix.multiply(std::span(v).first(n), Jv);
    const double h = 2e-3;
    for (const auto& [k, weight] : {std::pair{-2, 1.0}, {-1, -8.0}, {1, 8.0}, {2, -1.0}}) {
      auto moved = u, moved_rates = rates;
      linear::add_scaled(k * h, v, moved);
      linear::add_scaled(0.4 * k * h, v, moved_rates);
      problem.form().residual({.time = 0.3, .values = moved, .rates = moved_rates}, F);
      linear::add_scaled(weight / (12 * h), F, slope);
    }
    linear::add_scaled(-1.0, Jv, slope);
    CHECK(linear::norm(comm, slope) < 1e-8 * linear::norm(comm, Jv));
  };
  for (const auto& c : mesh_cases) {
    const auto mesh = box_of(comm, c);
    CAPTURE(mesh::topology(c.cell).name);
    for (const bool stabilise : {false, true}) {
      check(mesh, *diffusion,
            {{"conductivity", "1 + 0.2*temperature^2*x"},
             {"capacity", "2 + x"},
             {"velocity", "0.5 + x"},
             {"reaction", "1 + temperature"},
             {"source", "sin(3*x)*t"}},
            {{"right", {{"transfer_coefficient", "1 + temperature^2"}}}}, {{"left", 0, 0, "1"}}, stabilise);
      if (mesh.dim == 1) continue;
      check(mesh, *coupled, {{"viscosity", "1 + 0.1*pressure^2 + x"}, {"permeability", "2 + y"}, {"coupling", "0.7"}},
            {{"right", {{"friction", "2 + y"}, {"load_y", "pressure"}}}}, {{"left", 1, 1, "0"}, {"bottom", 0, 0, "1"}},
            stabilise);
    }
  }
}

TEST_CASE("Assembling twice gives the same bits", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto coupled = make_coupled();
  const auto mesh = perturbed_box(comm, CellType::triangle, 6);
  const auto assemble = [&] {
    FemProblem problem(mesh, *coupled, 2, {{"viscosity", "1 + 0.1*pressure^2 + x"}, {"permeability", "2 + y"}},
                       {{"right", {{"friction", "2"}}}}, {{"left", 1, 0, "0"}}, true);
    const auto u = nodal(problem.dofs(), 0.3);
    linear::SparseMatrix matrix(comm, problem.form().sparsity().pattern, 1);
    std::vector<double> bits(problem.dofs().num_owned());
    for (int repeat = 0; repeat < 2; ++repeat) {
      problem.form().residual({.values = u}, bits);
      problem.form().jacobian({.values = u}, {1.0, 0.0}, matrix);
    }
    bits.insert(bits.end(), matrix.diagonal_values().begin(), matrix.diagonal_values().end());
    bits.insert(bits.end(), matrix.ghost_values().begin(), matrix.ghost_values().end());
    return bits;
  };
  CHECK(assemble() == assemble());
}

TEST_CASE("Rows and columns of constrained unknowns are those of the identity", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto coupled = make_coupled();
  const auto mesh = perturbed_box(comm, CellType::quadrilateral, 4);
  FemProblem problem(mesh, *coupled, 2, {{"viscosity", "1 + x"}}, {{"right", {{"friction", "2"}}}},
                     {{"left", 1, 1, "3*y"}, {"top", 0, 0, "x"}}, true);
  const auto& dofs = problem.dofs();
  const auto& constrained = problem.form().constrained();
  const auto u = nodal(dofs, 0.3);
  // What is constrained, by coordinates: velocity_y where x = 0, pressure where y = 1; ghosts too.
  for (int f : {0, 1}) {
    const auto x = fem::node_coordinates(mesh, *dofs.fields()[f].nodes);
    for (std::int32_t node = 0; node < dofs.fields()[f].nodes->num_local(); ++node) {
      for (int c = 0; c < dofs.fields()[f].components; ++c) {
        const bool expected =
            f == 0 ? std::abs(x[2 * node + 1] - 1.0) < 1e-12 : c == 1 && std::abs(x[2 * node]) < 1e-12;
        CHECK((constrained[dofs.node_dofs(f)[node] + c] != 0) == expected);
      }
    }
  }
  linear::SparseMatrix matrix(comm, problem.form().sparsity().pattern, 1);
  problem.form().jacobian({.values = u}, {1.0, 0.0}, matrix);
  std::vector<double> F(dofs.num_owned()), all(dofs.num_owned());
  problem.form().residual({.values = u}, F);
  problem.form().unconstrained_residual({.values = u}, all);
  const auto& pattern = matrix.pattern();
  double reactions = 0.0;
  for (std::int32_t row = 0; row < dofs.num_owned(); ++row) {
    CHECK(F[row] == (constrained[row] != 0 ? 0.0 : all[row]));
    if (constrained[row] != 0) reactions += std::abs(all[row]);
    for (auto k = pattern.diag_offsets[row]; k < pattern.diag_offsets[row + 1]; ++k) {
      const auto column = pattern.diag_columns[k];
      if (constrained[row] != 0 || constrained[column] != 0)
        CHECK(matrix.diagonal_values()[k] == (row == column ? 1.0 : 0.0));
    }
    for (auto k = pattern.ghost_offsets[row]; k < pattern.ghost_offsets[row + 1]; ++k) {
      const auto column = dofs.num_owned() + pattern.ghost_columns[k];
      if (constrained[row] != 0 || constrained[column] != 0) CHECK(matrix.ghost_values()[k] == 0.0);
    }
  }
  CHECK(comm.sum(reactions) > 0.1);
}

TEST_CASE("Sparsity codes lead to the column of the node that they are for", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto coupled = make_coupled();
  for (const auto cell : {CellType::triangle, CellType::hexahedron, CellType::prism}) {
    const auto mesh = perturbed_box(comm, cell, 3);
    const auto dofs = make_dofs(mesh, *coupled, 2);
    const auto sparsity = fem::build_sparsity(*dofs);
    const auto& pattern = *sparsity.pattern;
    std::int64_t wrong = 0, seen = 0;
    for (std::int32_t row = 0; row < dofs->num_owned(); ++row) {
      const auto ascending = [&](const auto& offsets, const auto& columns) {
        return std::is_sorted(columns.begin() + offsets[row], columns.begin() + offsets[row + 1], std::less_equal<>());
      };
      wrong += !ascending(pattern.diag_offsets, pattern.diag_columns) ||
               !ascending(pattern.ghost_offsets, pattern.ghost_columns);
    }
    for (int fa : {0, 1}) {
      for (int fb : {0, 1}) {
        for (std::int32_t k = 0; k < mesh.num_cells(); ++k) {
          for (int a = 0; a < dofs->nodes_per_cell(fa); ++a) {
            const auto node = dofs->cell_node(fa, k, a);
            if (node >= dofs->fields()[fa].nodes->num_owned) continue;
            const auto row = dofs->node_dofs(fa)[node];
            for (int b = 0; b < dofs->nodes_per_cell(fb); ++b) {
              const auto code =
                  sparsity.codes[fa * 2 + fb]
                                [(std::size_t(k) * dofs->nodes_per_cell(fa) + a) * dofs->nodes_per_cell(fb) + b];
              const auto expected = dofs->node_dofs(fb)[dofs->cell_node(fb, k, b)];
              const bool ghost = (code & fem::Sparsity::ghost_bit) != 0;
              const int at = code & ~fem::Sparsity::ghost_bit;
              for (int ca = 0; ca < dofs->fields()[fa].components; ++ca) {
                for (int cb = 0; cb < dofs->fields()[fb].components; ++cb) {
                  const auto column =
                      ghost ? dofs->num_owned() + pattern.ghost_columns[pattern.ghost_offsets[row + ca] + at + cb]
                            : pattern.diag_columns[pattern.diag_offsets[row + ca] + at + cb];
                  wrong += column != expected + cb;
                  ++seen;
                }
              }
            }
          }
        }
      }
    }
    CHECK(wrong == 0);
    CHECK(comm.sum(seen) > 1000);
  }
}

TEST_CASE("A periodic problem has the solution of the infinite one", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics diffusion("diffusion");
  // -u'' + u = f with u = sin(2 pi x) cos(2 pi y), f = (1 + 4 pi^2 d) u: the lattice is symmetric under shifts, so
  // nodal values shifted by half a period are the negative ones, and the error falls with order 2.
  struct Periodic {
    CellType cell;
    int dim;
    std::vector<bool> periodic;
  };
  for (const auto& c : {Periodic{CellType::interval, 1, {true}}, Periodic{CellType::triangle, 2, {true, true}},
                        Periodic{CellType::quadrilateral, 2, {true, false}}}) {
    CAPTURE(mesh::topology(c.cell).name);
    std::vector<double> e;
    for (int n : {8, 16}) {
      mesh::BoxOptions options;
      options.size.assign(c.dim, 1.0);
      options.cells.assign(c.dim, n);
      options.cell = c.cell;
      options.periodic = c.periodic;
      const auto mesh = mesh::box(comm, options);
      const std::string u = c.dim == 1 ? "sin(2*pi*x)" : "sin(2*pi*x)*cos(2*pi*y)";  // natural where not periodic
      FemProblem problem(
          mesh, *diffusion, 1,
          {{"conductivity", "1"}, {"reaction", "1"}, {"source", "(1 + 4*pi^2*" + std::to_string(c.dim) + ")*" + u}}, {},
          {});
      CHECK(problem.dofs().num_global() == (c.dim == 1 ? n : n * (c.periodic[1] ? n : n + 1)));
      const auto v = problem.solve(true);
      e.push_back(errors(problem.dofs(), v,
                         {[&](int, const Vector3& x) {
                            return std::sin(2 * std::numbers::pi * x[0]) *
                                   (c.dim == 1 ? 1.0 : std::cos(2 * std::numbers::pi * x[1]));
                          },
                          [](int, const Vector3&) { return Vector3{}; }})
                      .l2);
    }
    CHECK(std::log2(e[0] / e[1]) == Approx(2.0).margin(0.15));
  }
}

TEST_CASE("Meshes with fewer cells than ranks are solved too", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics diffusion("diffusion");
  for (const auto cell : {CellType::interval, CellType::quadrilateral, CellType::tetrahedron}) {
    const auto mesh = perturbed_box(comm, cell, 1);
    for (int p : {1, 2}) {
      // u = 2 + x: flux in at x = 1, fixed at x = 0.
      FemProblem problem(mesh, *diffusion, p, {{"conductivity", "3"}}, {{"right", {{"heat_flux", "3"}}}},
                         {{"left", 0, 0, "2"}});
      const auto u = problem.solve(true);
      CHECK(nodal_error(problem.dofs(), u, {[](int, const Vector3& x) { return 2.0 + x[0]; }, {}}) < 1e-10);
    }
  }
}

namespace {

/// Owned values of a scalar or vector field of one space over all ranks, in the order of the canonical keys.
std::vector<double> by_key(const fem::DofMap& dofs, std::span<const double> u) {
  struct Value {
    mesh::NodeKey key;
    std::array<double, 3> u;
  };
  const auto& field = dofs.fields()[0];
  std::vector<Value> values;
  for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
    Value value{field.nodes->keys[n], {}};
    for (int c = 0; c < field.components; ++c) value.u[c] = u[dofs.node_dofs(0)[n] + c];
    values.push_back(value);
  }
  auto all = dofs.mesh().comm.gather_all(std::span<const Value>(values));
  std::sort(all.begin(), all.end(), [](const Value& a, const Value& b) { return a.key < b.key; });
  std::vector<double> result;
  for (const auto& value : all) result.insert(result.end(), value.u.begin(), value.u.end());
  return result;
}

}  // namespace

TEST_CASE("Nonlinear problems have the same nodal values and errors on any number of ranks as on one", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const LoadedPhysics diffusion("diffusion"), elasticity("elasticity");
  for (auto c : mesh_cases) {
    if (mesh::topology(c.cell).dim == 3) c.n = 2;
    const auto many = box_of(comm, c), one = box_of(self, c);
    CAPTURE(mesh::topology(c.cell).name);
    const auto check = [&](const sdk::Physics& physics, const Manufactured& m, bool stabilise) {
      FemProblem here(one, physics, 2, m.volume, m.boundary, m.fixed, stabilise);
      FemProblem everywhere(many, physics, 2, m.volume, m.boundary, m.fixed, stabilise);
      const auto u = here.solve(m.symmetric), v = everywhere.solve(m.symmetric);
      const auto a = by_key(here.dofs(), u), b = by_key(everywhere.dofs(), v);
      REQUIRE(a.size() == b.size());
      double gap = 0.0;
      for (std::size_t i = 0; i < a.size(); ++i) gap = std::max(gap, std::abs(a[i] - b[i]));
      CHECK(gap < 1e-10);
      const auto e = errors(here.dofs(), u, m.exact), f = errors(everywhere.dofs(), v, m.exact);
      CHECK(std::abs(e.l2 - f.l2) < 1e-10);
      CHECK(std::abs(e.h1 - f.h1) < 1e-10);
      CHECK(f.l2 < 2e-2);
    };
    check(*diffusion, manufactured_diffusion(many.dim, true), many.dim == 2);
    if (many.dim > 1) check(*elasticity, manufactured_elasticity(many.dim, false), false);
  }
}
