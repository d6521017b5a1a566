// Orders of convergence on perturbed meshes, for manufactured solutions that are no polynomials.
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::BoxPattern;
using mesh::CellType;

namespace {

struct Case {
  CellType cell;
  BoxPattern pattern;
  std::vector<std::vector<int>> cells;  ///< by degree
};

const std::vector<Case>& quick() {
  using enum CellType;
  static const std::vector<Case> list{{interval, BoxPattern::right, {{16, 32, 64}, {8, 16, 32}}},
                                      {triangle, BoxPattern::right, {{8, 16, 32}, {4, 8, 16}}},
                                      {triangle, BoxPattern::crossed, {{6, 12, 24}, {3, 6, 12}}},
                                      {quadrilateral, BoxPattern::right, {{8, 16, 32}, {4, 8, 16}}},
                                      {tetrahedron, BoxPattern::right, {{3, 6, 12}, {2, 4, 8}}},
                                      {hexahedron, BoxPattern::right, {{3, 6, 12}, {2, 4, 8}}},
                                      {prism, BoxPattern::right, {{3, 6, 12}, {2, 4, 8}}}};
  return list;
}

/// \param first_tetrahedra cells per direction for tetrahedra of degree 1, where the usual ones are too coarse
void check_orders(const std::string& name, const sdk::Physics& physics, const std::function<Manufactured(int)>& problem,
                  const std::function<bool(int)>& wanted, const std::vector<int>& first_tetrahedra = {}) {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& c : quick()) {
    const int dim = mesh::topology(c.cell).dim;
    if (!wanted(dim)) continue;
    for (int p : {1, 2}) {
      const bool replaced = c.cell == CellType::tetrahedron && p == 1 && !first_tetrahedra.empty();
      const auto& sizes = replaced ? first_tetrahedra : c.cells[p - 1];
      const auto study = convergence(comm, physics, c.cell, c.pattern, p, sizes, problem(dim));
      CAPTURE(name, mesh::topology(c.cell).name, static_cast<int>(c.pattern), p, study.errors.back().l2);
      if (std::getenv("ANSATZ_PRINT_ORDERS") != nullptr) {
        std::printf("%-28s %-14s %d  degree %d  L2 %.3f  H1 %.3f  (%.2e)\n", name.c_str(), mesh::topology(c.cell).name,
                    static_cast<int>(c.pattern), p, study.order_l2(), study.order_h1(), study.errors.back().l2);
      }
      CHECK(study.order_l2() == Approx(p + 1).margin(0.1));
      CHECK(study.order_h1() == Approx(p).margin(0.1));
    }
  }
}

bool flat(int dim) { return dim < 3; }
bool solid(int dim) { return dim == 3; }

}  // namespace

TEST_CASE("Anisotropic diffusion converges with order p + 1 and p on perturbed meshes", "[fem][convergence]") {
  const LoadedPhysics physics("diffusion");
  check_orders(
      "diffusion", *physics, [](int dim) { return manufactured_diffusion(dim, false); }, flat);
}

TEST_CASE("Nonlinear convection-diffusion-reaction converges with order p + 1 and p", "[fem][convergence]") {
  const LoadedPhysics physics("diffusion");
  check_orders(
      "nonlinear diffusion", *physics, [](int dim) { return manufactured_diffusion(dim, true); }, flat);
}

TEST_CASE("Plane strain with thermal strain converges with order p + 1 and p", "[fem][convergence]") {
  const LoadedPhysics physics("elasticity");
  check_orders(
      "plane strain", *physics, [](int dim) { return manufactured_elasticity(dim, false); },
      [](int dim) { return dim == 2; });
}

TEST_CASE("Plane stress with thermal strain converges with order p + 1 and p", "[fem][convergence]") {
  const LoadedPhysics physics("elasticity", "model", "plane_stress");
  check_orders(
      "plane stress", *physics, [](int dim) { return manufactured_elasticity(dim, true); },
      [](int dim) { return dim == 2; });
}

TEST_CASE("Diffusion in three dimensions converges with order p + 1 and p", "[fem][convergence][slow]") {
  const LoadedPhysics physics("diffusion");
  check_orders(
      "diffusion", *physics, [](int dim) { return manufactured_diffusion(dim, false); }, solid);
  check_orders(
      "nonlinear diffusion", *physics, [](int dim) { return manufactured_diffusion(dim, true); }, solid);
}

TEST_CASE("Elasticity in three dimensions converges with order p + 1 and p", "[fem][convergence][slow]") {
  const LoadedPhysics physics("elasticity");
  check_orders("elasticity 3-D", *physics, [](int dim) { return manufactured_elasticity(dim, false); }, solid,
               {5, 10, 20});
}
