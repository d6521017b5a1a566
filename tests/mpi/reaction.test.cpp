// Reactions of parts against exact fluxes, and their sums, on any number of ranks.
#include "engine/fem/evaluation/reaction.hpp"

#include <catch2/catch.hpp>

#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

namespace {

const std::vector<std::string> sides{"left", "right", "bottom", "top", "front", "back"};

/// A problem with the nodal values of given fields, which need not solve it.
class State {
 public:
  State(const mesh::Mesh& mesh, const sdk::Physics& physics, int order, const Texts& volume,
        const std::vector<FixedTexts>& fixed, const std::vector<std::string>& values,
        const std::vector<BoundaryTexts>& boundary = {})
      : mesh_(mesh),
        problem_(mesh, physics, order, volume, boundary, fixed),
        definition_(problem_.form().definition()) {
    const auto& dofs = problem_.dofs();
    u_.resize(dofs.num_local());
    std::size_t at = 0;
    for (int f = 0; f < dofs.num_fields(); ++f) {
      for (int c = 0; c < dofs.fields()[f].components; ++c) {
        const auto text = sdk::Expression::compile(values.at(at++), sdk::SymbolTable::space_time(mesh.dim), "test");
        const auto nodal = fem::interpolate(mesh, *dofs.fields()[f].nodes, text, 0.0, {});
        for (std::size_t n = 0; n < nodal.size(); ++n) u_[dofs.node_dofs(f)[n] + c] = nodal[n];
      }
    }
    residual_.resize(dofs.num_owned());
    problem_.form().unconstrained_residual({.values = u_}, residual_);
  }

  fem::Reaction part(const std::string& set, int field = 0, int component = 0) const {
    return {definition_, problem_.dirichlet(), field, component, mesh_.sets.at(set)};
  }
  double reaction(const std::string& set, int field = 0, int component = 0) const {
    return mesh_.comm.sum(part(set, field, component).sum({.values = u_}, residual_));
  }
  bool is_carried(const std::string& set, int field = 0, int component = 0) const {
    return mesh_.comm.sum(static_cast<std::int64_t>(part(set, field, component).num_nodes())) > 0;
  }
  /// Sum of the residuals of all prescribed unknowns of a component.
  double whole(int field = 0, int component = 0) const {
    const auto& dofs = problem_.dofs();
    double sum = 0.0;
    for (std::int32_t n = 0; n < dofs.fields()[field].nodes->num_owned; ++n) {
      const auto i = dofs.node_dofs(field)[n] + component;
      if (problem_.dirichlet().constrained()[i] != 0) sum += residual_[i];
    }
    return mesh_.comm.sum(sum);
  }

 private:
  const mesh::Mesh& mesh_;
  FemProblem problem_;
  const fem::FormDefinition& definition_;
  std::vector<double> u_, residual_;
};

}  // namespace

TEST_CASE("Reactions of parts are the fluxes through them where these are exact, at corners and edges too",
          "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : tests::all_cells()) {
    const auto mesh = perturbed_box(comm, cell, 3);
    CAPTURE(mesh::topology(cell).name);
    const int dim = mesh.dim;
    // k grad u . n of u = 1 + 2 x - y + 3 z + x^2 with k = 3; u solves -div(k grad u) = -6.
    const State state(mesh, *physics, 2, {{"conductivity", "3"}, {"source", "-6"}}, {{"all", 0, 0, "0"}},
                      {std::string("1 + 2*x + x^2") + (dim > 1 ? " - y" : "") + (dim > 2 ? " + 3*z" : "")});
    const std::vector<double> flux{-6.0, 12.0, 3.0, -3.0, -9.0, 9.0};
    double sum = 0.0;
    for (int k = 0; k < 2 * dim; ++k) {
      CAPTURE(sides[k]);
      CHECK(state.reaction(sides[k]) == Approx(flux[k]).epsilon(1e-10));
      sum += state.reaction(sides[k]);
    }
    CHECK(state.reaction("all") == Approx(6.0).epsilon(1e-10));
    CHECK(sum == Approx(state.whole()).epsilon(1e-12));
  }
}

TEST_CASE("Reactions of parts add up to that of the whole where the solution is rough", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell :
       {CellType::triangle, CellType::quadrilateral, CellType::tetrahedron, CellType::hexahedron, CellType::prism}) {
    for (const int order : {1, 2}) {
      const auto mesh = perturbed_box(comm, cell, 2);
      CAPTURE(mesh::topology(cell).name, order);
      const State state(mesh, *physics, order, {{"conductivity", "1 + x + temperature^2"}, {"source", "7"}},
                        {{"all", 0, 0, "0"}}, {"sin(9*x) + exp(2*y)*x" + std::string(mesh.dim > 2 ? " + z^3" : "")});
      double sum = 0.0;
      for (int k = 0; k < 2 * mesh.dim; ++k) sum += state.reaction(sides[k]);
      CHECK(sum == Approx(state.whole()).epsilon(1e-12));
      CHECK(state.reaction("all") == Approx(state.whole()).epsilon(1e-12));
    }
  }
}

TEST_CASE("What is prescribed on one part alone is its reaction, at corners with others too", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::triangle, 3);
  const State state(mesh, *physics, 1, {{"conductivity", "2"}, {"source", "1"}},
                    {{"left", 0, 0, "0"}, {"right", 0, 0, "0"}}, {"cos(3*x)*(1 + y)"});
  CHECK(state.reaction("left") + state.reaction("right") == Approx(state.whole()).epsilon(1e-13));
  CHECK(state.reaction("all") == Approx(state.whole()).epsilon(1e-13));
  CHECK_FALSE(state.is_carried("top"));
  CHECK_FALSE(state.is_carried("bottom"));
}

TEST_CASE("Sets that overlap share no residual twice", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  auto mesh = perturbed_box(comm, CellType::quadrilateral, 3);
  auto& corner = mesh.sets["corner"] = mesh.sets.at("left");  // left and bottom together
  const auto& bottom = mesh.sets.at("bottom").facets;
  corner.facets.insert(corner.facets.end(), bottom.begin(), bottom.end());
  std::ranges::sort(corner.facets);
  const State state(mesh, *physics, 1, {{"conductivity", "2"}},
                    {{"corner", 0, 0, "0"}, {"bottom", 0, 0, "0"}, {"right", 0, 0, "1"}}, {"cos(3*x)*(1 + y)"});
  CHECK(state.reaction("left") + state.reaction("bottom") == Approx(state.reaction("corner")).epsilon(1e-12));
  CHECK(state.reaction("corner") + state.reaction("right") == Approx(state.whole()).epsilon(1e-12));
}

TEST_CASE("Each component of a vector field has the carriers of its own values", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("elasticity");
  const auto mesh = perturbed_box(comm, CellType::triangle, 3);
  // x is given on the left, y on the left and the bottom: the corner's force in x is the left side's alone.
  const State state(mesh, *physics, 1, {{"youngs_modulus", "10"}, {"poisson_ratio", "0.3"}, {"body_force", "1"}},
                    {{"left", 0, 0, "0"}, {"left", 0, 1, "0"}, {"bottom", 0, 1, "0"}}, {"x*y", "sin(4*x) - y^2"});
  CHECK(state.reaction("left", 0, 0) == Approx(state.whole(0, 0)).epsilon(1e-13));
  CHECK_FALSE(state.is_carried("bottom", 0, 0));
  CHECK(state.reaction("left", 0, 1) + state.reaction("bottom", 0, 1) == Approx(state.whole(0, 1)).epsilon(1e-12));
}

TEST_CASE("A value on a facet set inside the domain takes the fluxes from both sides", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto cell = GENERATE(CellType::triangle, CellType::quadrilateral);
  mesh::BoxOptions options{{}, {1.0, 1.0}, {4, 4}, cell};
  auto mesh = mesh::with_block_regions(mesh::box(comm, options), std::vector<int>{2, 1});
  auto& middle = mesh.sets["middle"];
  middle.dimension = 1;
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    const auto& topology = mesh::topology(cell);
    for (int f = 0; f < topology.num_facets; ++f) {
      bool on = mesh.cell_region[c] == 0;
      for (int i = 0; i < topology.facets[f].size(); ++i) {
        const auto point = mesh.cell_points[std::size_t(c) * topology.num_vertices + topology.facets[f][i]];
        on = on && std::abs(mesh.point(point)[0] - 0.5) < 1e-12;
      }
      if (on) middle.facets.push_back({c, f});
    }
  }
  // u = |x - 1/2| + y: the middle gives 2, which leave through the sides.
  const State state(mesh, *physics, 1, {{"conductivity", "1"}},
                    {{"middle", 0, 0, "0"}, {"bottom", 0, 0, "0"}, {"top", 0, 0, "0"}}, {"abs(x - 0.5) + y"},
                    {{"left", {{"heat_flux", "1"}}}, {"right", {{"heat_flux", "1"}}}});
  CHECK(state.reaction("middle") == Approx(-2.0).epsilon(1e-12));
  CHECK(state.reaction("bottom") == Approx(-1.0).epsilon(1e-12));
  CHECK(state.reaction("top") == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("Values at points and on lines have reactions of their own", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  mesh::BoxOptions options{{}, {1.0, 1.0}, {3, 3}, CellType::quadrilateral};
  auto mesh = mesh::box(comm, options);
  auto& point = mesh.sets["point"];
  for (std::int32_t v = 0; v < mesh.num_vertices(); ++v) {
    if (mesh.vertex_ids[v] == 0) point.vertices.push_back(v);
  }
  const State alone(mesh, *physics, 1, {{"conductivity", "1"}, {"source", "1"}}, {{"point", 0, 0, "0"}}, {"x + y^2"});
  CHECK(alone.reaction("point") == Approx(alone.whole()).epsilon(1e-13));
  CHECK(alone.reaction("left") + alone.reaction("bottom") == Approx(alone.whole()).epsilon(1e-13));
  CHECK(alone.reaction("left") == Approx(alone.reaction("bottom")).epsilon(1e-13));  // of equal length there
  CHECK_FALSE(alone.is_carried("right"));
  const State both(mesh, *physics, 1, {{"conductivity", "1"}, {"source", "1"}},
                   {{"point", 0, 0, "0"}, {"left", 0, 0, "0"}}, {"x + y^2"});
  CHECK_FALSE(both.is_carried("point"));  // a point of what facets carry
  CHECK(both.reaction("left") == Approx(both.whole()).epsilon(1e-13));
}

TEST_CASE("Boundary terms beside prescribed values belong to the sides that have them", "[fem][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::triangle, 3);
  // u = x, and a heat flux of 5 into the left side beside the prescribed value: the reaction is -1 - 5.
  const State state(mesh, *physics, 1, {{"conductivity", "1"}}, {{"all", 0, 0, "0"}}, {"x"},
                    {{"left", {{"heat_flux", "5"}}}});
  CHECK(state.reaction("left") == Approx(-6.0).epsilon(1e-12));
  CHECK(state.reaction("right") == Approx(1.0).epsilon(1e-12));
  CHECK(state.reaction("top") == Approx(0.0).margin(1e-12));
}
