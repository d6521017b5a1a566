// The preconditioner for constraints against the direct solver on one rank, node by node.
#include <catch2/catch.hpp>
#include <map>

#include "engine/fem/motions/held_motions.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/problem/problem.hpp"

using namespace ansatz;

namespace {

constexpr double step = 0.1;  // [s], of the implicit Euler method

/// F(u, u') = 0 at the end of a first step from rest, or of the steady flow.
class Flow final : public linear::NonlinearSystem {
 public:
  Flow(fem::DiscreteProblem& discrete, bool transient)
      : discrete_(discrete), transient_(transient), rate_(discrete.size()) {}
  void residual(std::span<const double> u, std::span<double> F) override { discrete_.residual(0.0, u, rate(u), F); }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return discrete_.jacobian(0.0, u, rate(u), weights());
  }
  fem::Weights weights() const { return {1.0, transient_ ? 1.0 / step : 0.0}; }

 private:
  fem::Rate rate(std::span<const double> u) {
    if (!transient_) return std::nullopt;
    for (std::size_t i = 0; i < u.size(); ++i) rate_[i] = u[i] / step;
    return rate_;
  }

  fem::DiscreteProblem& discrete_;
  bool transient_;
  std::vector<double> rate_;
};

struct Solved {
  std::map<std::pair<int, mesh::NodeKey>, std::vector<double>> values;  ///< by field and owned node
  double largest = 0.0;                                                 ///< on this rank
  int linear_iterations = 0, newton_iterations = 0;
};

/// *Collective* over comm.
Solved solve(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
             linear::KrylovOptions options, bool transient) {
  problem::Problem problem(parsed, registry, comm);
  fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), std::move(options));
  std::vector<double> u(discrete.size(), 0.0);
  discrete.prescribe(0.0, u);
  Flow flow(discrete, transient);
  const auto motions = fem::find_free_motions(discrete, 0.0, u, std::nullopt, flow.weights());
  discrete.pin(fem::unknowns_to_hold(discrete.dofs(), motions));
  auto& solver = discrete.solver(flow.jacobian(u));
  const auto result = linear::newton(comm, flow, solver, u, {.relative_tolerance = 1e-12});
  Solved solved{{}, 0.0, result.krylov_iterations, result.iterations};
  for (int f = 0; f < problem.dofs().num_fields(); ++f) {
    const auto& field = problem.dofs().fields()[f];
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      const auto first = u.begin() + problem.dofs().node_dofs(f)[n];
      solved.values[{f, field.nodes->keys[n]}].assign(first, first + field.components);
      for (int c = 0; c < field.components; ++c) solved.largest = std::max(solved.largest, std::abs(first[c]));
    }
  }
  return solved;
}

/// A flow that develops in a duct.
std::string duct_text(const std::string& cell) {
  return R"toml(
plugins = ["navier_stokes"]
[solver]
order = 2
[physics.navier_stokes]
viscosity = 0.05
boundary  = [
  { on = "left", velocity = ["16 * y * (1 - y) * z * (1 - z)", 0.0, 0.0] },
  { on = ["top", "bottom", "front", "back"], velocity = [0.0, 0.0, 0.0] },
]
[mesh]
box = { size = [2.0, 1.0, 1.0], cells = [4, 2, 2], cell = ")toml" +
         cell + "\" }\n";
}

/// A driven flow with convection, through an open boundary or in a closed vessel, whose pressure is pinned in one node.
std::string case_text(const std::string& cell, bool open) {
  if (cell == "tetrahedron" || cell == "hexahedron" || cell == "prism") return duct_text(cell);
  const std::string closed_sides = R"toml({ on = "left", velocity = [0.0, 0.0] },
  { on = "right", velocity = [0.0, "y * (1 - y)"] },)toml";
  const std::string inlet = R"toml({ on = "left", velocity = ["y * (1 - y)", 0.0] },)toml";
  return R"toml(
plugins = ["navier_stokes"]
[solver]
order = 2
[physics.navier_stokes]
density    = 2.0
viscosity  = 0.05
body_force = ["y", "sin(3 * x)"]
boundary   = [
  { on = ["top", "bottom"], velocity = [0.0, 0.0] },
  )toml" +
         (open ? inlet : closed_sides) + R"toml(
]
[mesh]
box = { size = [2.0, 1.0], cells = [5, 3], cell = ")toml" +
         cell + "\" }\n";
}

}  // namespace

TEST_CASE("The preconditioner for constraints gives the direct solution of one rank on any number of ranks",
          "[fem][linear]") {
  const base::Communicator world(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const auto [cell, open, transient] = GENERATE(table<std::string, bool, bool>({{"triangle", true, false},
                                                                                {"quadrilateral", false, true},
                                                                                {"tetrahedron", true, false},
                                                                                {"hexahedron", true, true},
                                                                                {"prism", true, false}}));
  CAPTURE(cell, open, transient);
  plugin::Registry registry(world, plugin::search_path());
  const auto parsed = input::parse_case(case_text(cell, open), "case.toml", {}, registry, world);
  const auto direct = solve(parsed, registry, self, {.solver = "direct"}, transient);
  const auto iterative = solve(parsed, registry, world,
                               {.solver = "gmres", .preconditioner = "pcd", .relative_tolerance = 1e-10}, transient);
  CHECK(direct.largest > 0.1);
  CHECK(direct.newton_iterations >= 3);
  CHECK(iterative.linear_iterations > iterative.newton_iterations);
  // Ten digits; blocks of the incomplete factorisation, one a rank, know less of each other on more ranks.
  CHECK(iterative.linear_iterations <= 80 * iterative.newton_iterations);
  double difference = 0.0;
  std::int64_t nodes = 0;
  for (const auto& [node, values] : iterative.values) {
    const auto& expected = direct.values.at(node);
    for (std::size_t c = 0; c < values.size(); ++c)
      difference = std::max(difference, std::abs(values[c] - expected[c]));
    ++nodes;
  }
  CHECK(difference <= 1e-8 * direct.largest);
  CHECK(world.sum(nodes) == static_cast<std::int64_t>(direct.values.size()));
}
