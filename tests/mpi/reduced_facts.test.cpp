// What reduced models rely on: that terms are exact at any size of parameters, and that terms are semidefinite.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/reduced/separation/sampled_difference.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using test::fem_solution;
using test::Fixture;

namespace {

std::string plate(const std::string& physics, const std::string& parameters, const std::string& cells = "[6, 6]") {
  return R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = )toml" +
         cells + R"toml(, cell = "quadrilateral" }
[physics.diffusion]
)toml" + physics +
         "\n[parameters]\n" + parameters + "\n";
}

const std::string fixed = "\nsource = 1.0\nboundary = [{ on = \"all\", temperature = 0.0 }]";

reduced::ReducedBasis basis_of(Fixture& f) { return {f.problem.form(), *f.separate(), f.box, f.reference, {}}; }

double scale_of(const linear::SparseMatrix& A) {
  double most = 0.0;
  for (const double value : A.diagonal_values()) most = std::max(most, std::abs(value));
  return A.comm().max(most);
}

}  // namespace

TEST_CASE("The sum of the terms is the problem, whatever the sizes of parameters and coefficients",
          "[reduced][facts]") {
  const std::string cooled =
      "boundary = [{ on = \"left\", temperature = \"1e9*g*y\" }, { on = \"right\", transfer_coefficient = \"h*(1 + "
      "y)\", ambient = 3.0 }]";
  const std::vector<std::string> cases{
      plate("conductivity = 1.0\nreaction = \"k*(x - 0.1)\"" + fixed, "k = { range = [1.0, 3e9], default = 1e3 }"),
      plate("conductivity = \"1e-12*k + x*b\"\nreaction = \"exp(b)\"\nsource = \"1e6*k*y\"\n" + cooled,
            "k = { range = [1e-9, 1.0], default = 0.5 }\nb = { range = [0.1, 30.0], default = 2.0 }\n"
            "h = { range = [1e-6, 1e6], default = 1.0 }\ng = { range = [-1.0, 1.0], default = 0.5 }"),
      // Stabilised: the weight depends on the velocity, the source does not.
      plate("conductivity = 1e-3\nvelocity = [1.0, 0.5]\nsource = \"k*x\"\nboundary = [{ on = \"all\", temperature = "
            "\"g*x\" }]",
            "k = { range = [1.0, 1e9], default = 1.0 }\ng = { range = [1.0, 2.0], default = 1.0 }") +
          "[solver]\nstabilisation = \"supg\"\n"};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO("case " << i);
    Fixture f(cases[i]);
    const auto separated = f.separate();
    INFO(f.reason);
    REQUIRE(separated);
    CHECK(reduced::sampled_difference(*separated, f.problem.form(), f.box) <= 1e-13);
  }
}

TEST_CASE("A small term beside a large one keeps all its digits", "[reduced][facts]") {
  // Both problems have the term k x grad u . grad v; in the second it stands beside 1e12 grad u . grad v.
  Fixture alone(plate("conductivity = \"1e-300 + k*x\"" + fixed, "k = { range = [1.0, 2.0], default = 1.0 }")),
      beside(plate("conductivity = \"1e12 + k*x\"" + fixed, "k = { range = [1.0, 2.0], default = 1.0 }"));
  const auto a = alone.separate(), b = beside.separate();
  REQUIRE(a);
  REQUIRE(b);
  REQUIRE(a->operators.size() == 2);
  REQUIRE(b->operators.size() == 2);
  const auto &A = *a->operators[1], &B = *b->operators[1];
  double difference = 0.0;
  for (std::size_t k = 0; k < A.diagonal_values().size(); ++k)
    difference = std::max(difference, std::abs(A.diagonal_values()[k] - B.diagonal_values()[k]));
  CHECK(A.comm().max(difference) <= 1e-15 * scale_of(A));
}

TEST_CASE("Min-theta is refused where a term is negative in one cell, and not where it is not", "[reduced][facts]") {
  int counted = 0;
  const auto objection = [&](const std::string& reaction) {
    Fixture f(plate("conductivity = 1.0\nreaction = \"" + reaction + "\"" + fixed,
                    "k = { range = [0.5, 2.0], default = 1.0 }", "[20, 20]"));
    const auto basis = basis_of(f);
    counted = basis.num_counted_terms();
    return basis.min_theta_objection();
  };
  CHECK(objection("k").empty());
  CHECK(objection("k*(max(x, y) < 0.05 ? 0 : 1)").empty());
  CHECK(objection("k*(max(x, y) < 0.05 ? -10 : 1)").find("is not positive semidefinite") != std::string::npos);
  CHECK(objection("k*(max(abs(x - 0.525), abs(y - 0.525)) < 0.02 ? -10 : 1)").find("is not positive semidefinite") !=
        std::string::npos);
  // Slightly negative in one cell: no function of the space lives there alone, and the count says so.
  CHECK(objection("k*(max(abs(x - 0.525), abs(y - 0.525)) < 0.02 ? -1e-3 : 1)").empty());
  CHECK(counted == 1);
}

TEST_CASE("A term that is semidefinite only as a whole counts with the shift of its count, and the bound holds",
          "[reduced][facts]") {
  // k (-lap - x) with the first eigenvalue 5 pi^2 / 4 of -lap: positive definite, though -x is negative at every point.
  Fixture f(plate(
      "conductivity = \"k\"\nreaction = \"k*(-x)\"\nsource = 1.0\nboundary = [{ on = [\"left\", \"bottom\", \"top\"], "
      "temperature = 0.0 }, { on = \"right\", transfer_coefficient = \"s\", ambient = 0.0 }]",
      "k = { range = [0.1, 1.0], default = 1.0 }\ns = { range = [0.1, 2.0], default = 1.0 }"));
  auto basis = basis_of(f);
  CHECK(basis.min_theta_objection().empty());
  CHECK(basis.num_counted_terms() == 1);
  const auto& data = basis.stability().data();
  REQUIRE(data.kind == "min-theta");
  REQUIRE(data.shifts.size() == 2);
  CHECK(std::max(data.shifts[0], data.shifts[1]) == reduced::ReducedBasis::semidefinite_shift);
  CHECK(std::min(data.shifts[0], data.shifts[1]) == 0.0);
  for (const auto& mu : {std::vector{0.2, 1.5}, {0.9, 0.2}, {0.5, 0.5}}) basis.extend(mu);
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  for (const auto& mu : {std::vector{0.1, 2.0}, {1.0, 0.1}, {0.33, 0.7}}) {
    const auto result = model.solve(mu, work);
    const auto alpha =
        reduced::coercivity(basis.symmetric_terms(), basis.problem().operator_thetas(mu), basis.X(), 10.0, -1.0);
    CHECK(result.stability <= alpha.value);
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), difference);
    CHECK(basis.product().norm(difference) <= result.bound);
    CHECK_FALSE(result.is_estimate);
  }
}

TEST_CASE("An energy that some part of the mesh does not have is not a norm", "[reduced][facts]") {
  const std::string insulated = "conductivity = \"k\"\nsource = \"x - 0.5\"";
  Fixture f(plate(insulated, "k = { range = [0.5, 2.0], default = 1.0 }"));
  CHECK_THROWS_WITH(basis_of(f), Catch::Contains("not coercive at the reference"));
  Fixture weak(plate(insulated + "\nreaction = 1e-6", "k = { range = [0.5, 2.0], default = 1.0 }"));
  CHECK(basis_of(weak).min_theta_objection().empty());
}

TEST_CASE("Outside of its box a bound by min-theta ends where a factor changes its sign", "[reduced][facts]") {
  // X has the first term alone, so that the second adds nothing to the constant, and takes from it where it is
  // negative.
  const auto stability = reduced::Stability::min_theta({0, 1}, {2.0, 0.0}, {0.0, 1e-12});
  reduced::Stability::Workspace work(stability);
  CHECK(stability.lower({}, std::vector{3.0, 5.0}, work) == 1.5 - 5e-12);
  CHECK(stability.lower({}, std::vector{3.0, -1e-9}, work) < 0.0);
  CHECK_FALSE(stability.lower({}, std::vector<double>{NAN, 1.0}, work) > 0.0);
  CHECK_FALSE(stability.lower({}, std::vector<double>{1.0, NAN}, work) > 0.0);
}

TEST_CASE("A model of the format that guessed is refused, with what to do", "[reduced][facts][io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  Fixture f(plate("conductivity = \"k\"" + fixed, "k = { range = [0.5, 2.0], default = 1.0 }"));
  auto basis = basis_of(f);
  basis.extend(std::vector{1.0});
  const test::TemporaryFolder folder(comm);
  const auto path = folder.path() + "/model.h5";
  io::write_model(path, {"", basis.model().data()}, f.problem.dofs(), basis.basis(), basis.problem().liftings);
  CHECK_NOTHROW(io::read_model(comm, path));
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Adelete_by_name(file, "/model", "format", H5P_DEFAULT);
    H5Fclose(file);
  });
  CHECK_THROWS_WITH(io::read_model(comm, path), Catch::Contains("the model has the format 1, this version reads 2"));
}

TEST_CASE("Complex pairs are compared entry by entry", "[reduced][facts]") {
  Fixture f(R"toml(
plugins = ["helmholtz"]
[mesh]
box = { size = [1.0, 1.0], cells = [9, 9], cell = "triangle", pattern = "crossed" }
[physics.helmholtz]
wave_number = 1.0
index       = "k^2"
source_re   = "x"
boundary    = [{ on = "right", impedance = "k" }, { on = ["bottom", "top"], u_re = 0.0, u_im = 0.0 }]
[parameters]
k = { range = [1.0, 6.0], default = 2.0 }
)toml");
  auto problem = *f.separate();
  const reduced::RealPairs pairs(f.problem.form(), {{"u_re", "u_im"}});
  const auto X = problem.operators[0];
  CHECK_NOTHROW(pairs.require_commuting(problem, *X));
  // One entry of some thousands, changed by 1e-11 of itself.
  const auto changed = std::make_shared<linear::SparseMatrix>(X->comm(), X->shared_pattern(), 1);
  changed->begin_values();
  std::ranges::copy(X->diagonal_values(), changed->diagonal_values().begin());
  std::ranges::copy(X->ghost_values(), changed->ghost_values().begin());
  const auto& constrained = f.problem.form().constrained();
  for (std::int32_t i = 0; i < X->pattern().num_owned && X->comm().is_root(); ++i) {
    if (constrained[i] != 0) continue;
    changed->diagonal_values()[X->pattern().diagonal_position(i)] *= 1.0 + 1e-11;
    break;
  }
  changed->end_values();
  problem.operators[0] = changed;
  CHECK_THROWS_WITH(pairs.require_commuting(problem, *X), Catch::Contains("does not commute"));
}
