#include "engine/problem/quantity_domain.hpp"

#include <catch2/catch.hpp>

#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/fem_problem.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

/// Two blocks with the facets between them as the set "middle", and a region and a set without anything.
mesh::Mesh blocks(const base::Communicator& comm) {
  mesh::BoxOptions options{{}, {2.0, 1.0}, {4, 4}, mesh::CellType::quadrilateral};
  auto mesh = mesh::with_block_regions(mesh::box(comm, options), std::vector<int>{2, 1});
  mesh.region_names.push_back("hole");
  mesh.sets["nothing"].dimension = 1;
  auto& middle = mesh.sets["middle"];
  middle.dimension = 1;
  const auto& topology = mesh::topology(mesh.cell);
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    for (std::int32_t f = 0; f < topology.num_facets && mesh.cell_region[c] == 0; ++f) {
      const auto at = [&](int i) {
        return mesh.point(mesh.cell_points[std::size_t(c) * topology.num_vertices + topology.facets[f][i]])[0];
      };
      if (std::abs(at(0) - 1.0) < 1e-12 && std::abs(at(1) - 1.0) < 1e-12) middle.facets.push_back({c, f});
    }
  }
  return mesh;
}

input::QuantitySpec integral(const std::string& expression, const std::string& region, const std::string& on) {
  input::QuantitySpec spec;
  spec.name = "q";
  spec.kind = input::QuantitySpec::Kind::integral;
  spec.expression = expression;
  spec.region = region;
  spec.on = on;
  return spec;
}

}  // namespace

TEST_CASE("Empty regions and sets are errors that name them", "[study][quantities]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto mesh = blocks(comm);
  const auto report = [&](const input::QuantitySpec& spec, std::optional<int> region, const mesh::EntitySet* set) {
    return error_of([&] { problem::quantity_domain(mesh, spec, region, set); }).report();
  };
  CHECK(report(integral("1", "hole", ""), 2, nullptr).find("\"hole\"") != std::string::npos);
  CHECK(report(integral("1", "", "nothing"), {}, &mesh.sets.at("nothing")).find("\"nothing\"") != std::string::npos);
  const auto both = report(integral("1", "block_1", "left"), 1, &mesh.sets.at("left"));
  CHECK(both.find("\"left\"") != std::string::npos);
  CHECK(both.find("\"block_1\"") != std::string::npos);
}

TEST_CASE("On facets inside the domain a region says which side counts", "[study][quantities]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = blocks(comm);
  FemProblem problem(mesh, *physics, 1, {{"conductivity", "1"}}, {}, {});
  const fem::Evaluator evaluator(problem.form().definition());
  auto symbols = sdk::SymbolTable::space_time(2);
  evaluator.add_symbols(symbols);
  // |x - 1|: slopes -1 on the left and 1 on the right of the middle.
  const auto u =
      fem::interpolate(mesh, *problem.dofs().fields()[0].nodes,
                       sdk::Expression::compile("abs(x - 1)", sdk::SymbolTable::space_time(2), "test"), 0.0, {});
  const auto& middle = mesh.sets.at("middle");
  for (const int side : {0, 1}) {
    const auto spec = integral("grad_temperature_x*normal_x", mesh.region_names[side], "middle");
    const auto domain = problem::quantity_domain(mesh, spec, side, &middle);
    const auto expression = sdk::Expression::compile(spec.expression, symbols, "test");
    problem::check_sides(mesh, evaluator, spec, domain, expression);
    CHECK(evaluator.integrate(expression, {.values = u}, domain) == Approx(-1.0).epsilon(1e-13));
    const auto length = sdk::Expression(1.0);
    CHECK(evaluator.integrate(length, {.values = u}, domain) == Approx(1.0).epsilon(1e-13));
  }
  const auto spec = integral("grad_temperature_x", "", "middle");
  const auto domain = problem::quantity_domain(mesh, spec, {}, &middle);
  const auto slope = sdk::Expression::compile(spec.expression, symbols, "test");
  const auto report = error_of([&] { problem::check_sides(mesh, evaluator, spec, domain, slope); }).report();
  CHECK(report.find("two values") != std::string::npos);
  problem::check_sides(mesh, evaluator, spec, domain, sdk::Expression::compile("temperature*y", symbols, "test"));
}
