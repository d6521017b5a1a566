// Facts of forms from structure: what is affine, symmetric and semidefinite, with counter-examples that samples do not
// see.
#include "engine/fem/forms/form_facts.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/fem_problem.hpp"

using namespace ansatz;
using namespace ansatz::test;
using fem::Semidefinite;

namespace {

mesh::Mesh box(std::vector<int> cells, mesh::CellType cell) {
  mesh::BoxOptions options;
  options.size.assign(cells.size(), 1.0);
  options.cells = std::move(cells);
  options.cell = cell;
  return mesh::box(base::Communicator(MPI_COMM_SELF), options);
}

fem::MatrixFacts facts(const mesh::Mesh& mesh, const sdk::Physics& physics, const Texts& volume,
                       const std::vector<BoundaryTexts>& boundary = {}, const std::vector<FixedTexts>& fixed = {},
                       int order = 1, const fem::Weights& weights = {}) {
  FemProblem problem(mesh, physics, order, volume, boundary, fixed);
  return fem::matrix_facts(problem.form(), weights);
}

bool semidefinite(std::vector<double> matrix, std::vector<int> kinds) { return fem::is_semidefinite(matrix, kinds); }

}  // namespace

TEST_CASE("Small matrices are semidefinite up to round-off, at any size and in any units", "[fem][facts]") {
  CHECK(semidefinite({}, {}));
  CHECK(semidefinite({0.0, 0.0, 0.0, 0.0}, {0, 1}));
  CHECK(semidefinite({1.0, 1.0, 1.0, 1.0}, {0, 0}));
  CHECK_FALSE(semidefinite({1.0, 1.0 + 1e-12, 1.0 + 1e-12, 1.0}, {0, 0}));
  CHECK_FALSE(semidefinite({0.0, 1e-30, 1e-30, 1.0}, {0, 1}));  // a row without a diagonal must be zero
  CHECK_FALSE(semidefinite({-1e-30}, {0}));                     // nothing says that this is round-off
  CHECK(semidefinite({1.0, 0.0, 0.0, -1e-17}, {0, 0}));         // the other gradient does
  CHECK_FALSE(semidefinite({1.0, 0.0, 0.0, -1e-17}, {0, 1}));
  CHECK_FALSE(semidefinite({NAN}, {0}));
  // [1 b; b 1] with b = 1 +- 2^-30, the second row in other units.
  for (const int exponent : {-400, -37, 0, 37, 400}) {
    const double s = std::ldexp(1.0, exponent);
    for (const double b : {1.0 - std::ldexp(1.0, -30), 1.0 + std::ldexp(1.0, -30)}) {
      INFO(exponent << ", " << b);
      CHECK(semidefinite({1.0, s * b, s * b, s * s}, {0, 1}) == (b < 1.0));
    }
  }
  // Gram matrices of few vectors are singular.
  const double c = std::cos(0.3), d = std::sin(0.3);
  CHECK(semidefinite({c * c, c * d, c * d, c * d, d * d, d * d, c * d, d * d, d * d}, {0, 0, 0}));
}

TEST_CASE("One cell in ten thousand where a reaction is negative makes a term indefinite", "[fem][facts]") {
  const LoadedPhysics diffusion("diffusion");
  const auto mesh = box({100, 100}, mesh::CellType::quadrilateral);
  const auto with = [&](const std::string& reaction) {
    return facts(mesh, *diffusion, {{"conductivity", "1e-3"}, {"reaction", reaction}}).semidefinite;
  };
  CHECK(with("0") == Semidefinite::points);
  CHECK(with("1 + x") == Semidefinite::points);
  CHECK(with("max(abs(x - 0.555), abs(y - 0.775)) < 0.005 ? -1e-6 : 1") == Semidefinite::unknown);
  CHECK(with("max(abs(x - 0.555), abs(y - 0.775)) < 0.005 ? 1e-6 : 1") == Semidefinite::points);
}

TEST_CASE("Boundary terms, convection and rates count as they are", "[fem][facts]") {
  const LoadedPhysics diffusion("diffusion");
  const auto mesh = box({3, 3}, mesh::CellType::triangle);
  const auto cooled = [&](const std::string& h) {
    return facts(mesh, *diffusion, {{"conductivity", "1"}}, {{"right", {{"transfer_coefficient", h}}}}).semidefinite;
  };
  CHECK(cooled("2") == Semidefinite::points);
  CHECK(cooled("y > 0.5 ? -1e-3 : 1") == Semidefinite::unknown);
  const auto flowing = facts(mesh, *diffusion, {{"conductivity", "1"}, {"velocity_x", "1"}});
  CHECK_FALSE(flowing.symmetric);
  CHECK(flowing.semidefinite == Semidefinite::unknown);
  // [s b/2; b/2 k]: semidefinite where 4 s k >= b^2, at every point; below that no linear function has u_x = -u.
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}, {"velocity_x", "2"}, {"reaction", "1"}}).semidefinite ==
        Semidefinite::points);
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}, {"velocity_x", "2"}, {"reaction", "1 - 1e-9"}}).semidefinite ==
        Semidefinite::elements);
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}}).symmetric);
  CHECK_FALSE(facts(mesh, *diffusion, {{"conductivity", "1"}, {"conductivity_xy", "1e-14"}}).symmetric);
  const auto mass = [&](const std::string& capacity) {
    return facts(mesh, *diffusion, {{"conductivity", "1"}, {"velocity_x", "1"}, {"capacity", capacity}}, {}, {}, 2,
                 {.state = 0.0, .rate = 1.0});
  };
  CHECK(mass("1 + x").symmetric);
  CHECK(mass("1 + x").semidefinite == Semidefinite::points);
  CHECK(mass("x - 0.2").semidefinite == Semidefinite::unknown);
}

TEST_CASE("Elasticity is semidefinite at every point for each law of every region, in any units", "[fem][facts]") {
  const LoadedPhysics elasticity("elasticity");
  for (const auto cell : {mesh::CellType::triangle, mesh::CellType::hexahedron, mesh::CellType::prism}) {
    const auto mesh = box(std::vector<int>(mesh::topology(cell).dim, 2), cell);
    for (const char* E : {"1", "210e9", "1e-12 + x"}) {
      const auto found = facts(mesh, *elasticity, {{"youngs_modulus", E}, {"poisson_ratio", "0.49"}});
      CHECK(found.symmetric);
      CHECK(found.semidefinite == Semidefinite::points);
    }
    CHECK(facts(mesh, *elasticity, {{"youngs_modulus", "x - 0.3"}, {"poisson_ratio", "0.3"}}).semidefinite ==
          Semidefinite::unknown);
  }
}

TEST_CASE("Element matrices of free unknowns may be semidefinite where points are not", "[fem][facts]") {
  // Two cells of length 1/2 with both ends fixed: k / h - s h / 3 >= 0 in each, while -s < 0 at every point.
  const LoadedPhysics diffusion("diffusion");
  const auto mesh = box({2}, mesh::CellType::interval);
  const std::vector<FixedTexts> ends{{"all", 0, 0, "0"}};
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}, {"reaction", "-11.9"}}, {}, ends).semidefinite ==
        Semidefinite::elements);
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}, {"reaction", "-12.1"}}, {}, ends).semidefinite ==
        Semidefinite::unknown);
  CHECK(facts(mesh, *diffusion, {{"conductivity", "1"}, {"reaction", "-11.9"}}).semidefinite == Semidefinite::unknown);
}

TEST_CASE("A form is affine in its parameters where the expressions say so, at any of their sizes", "[fem][facts]") {
  const LoadedPhysics diffusion("diffusion"), helmholtz("helmholtz");
  const auto mesh = box({1, 1}, mesh::CellType::triangle);
  const auto objection = [&](const sdk::Physics& physics, const Texts& volume,
                             const std::vector<BoundaryTexts>& boundary = {}, bool stabilise = false) {
    FemProblem problem(mesh, physics, 1, volume, boundary, {}, stabilise, {1.0, 1.0}, {"a", "b"});
    return fem::affine_objection(problem.form().definition());
  };
  CHECK(
      objection(*diffusion, {{"conductivity", "a + 1e-300"}, {"reaction", "1e300*a*(x - 0.1)"}, {"source", "exp(a)*b"}})
          .empty());
  CHECK(objection(*diffusion, {{"conductivity", "1"}, {"capacity", "a"}, {"velocity_x", "b"}})
            .find("capacity, velocity in region") == 0);
  CHECK(objection(*diffusion, {{"conductivity", "1"}, {"capacity", "a"}, {"velocity_x", "2"}}).empty());
  const std::vector<BoundaryTexts> cooling{{"right", {{"transfer_coefficient", "a"}, {"ambient", "b"}}}};
  CHECK(objection(*diffusion, {{"conductivity", "1"}}, cooling)
            .find("transfer_coefficient, ambient in boundary \"right\"") == 0);
  CHECK(objection(*helmholtz, {{"wave_number", "1"}, {"index", "a^2"}}).empty());
  CHECK(objection(*helmholtz, {{"wave_number", "1 + 1e-20*a"}}).find("wave_number in region") == 0);
  // The weight of the stabilisation depends on the velocity, but not on the source.
  CHECK(objection(*diffusion, {{"conductivity", "1"}, {"velocity_x", "9"}, {"source", "a"}}, {}, true).empty());
  CHECK(objection(*diffusion, {{"conductivity", "1"}, {"velocity_x", "a"}}, {}, true).find("with stabilisation") !=
        std::string::npos);
}
