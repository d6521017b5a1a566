// Reduced bases from the entries of assembled problems, on meshes that parameters move, against finite-element
// solutions.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "engine/reduced/separation/entries_problem.hpp"
#include "engine/reduced/separation/patch_entries.hpp"
#include "engine/reduced/stability/coercivity.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/solvers/reduced_basis/reduced_separation.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;

namespace {

const std::string graetz = test::graetz + R"toml([reduced]
reference = { diffusion = 1.0, length = 1.0 }
interpolation = { tolerance = 1e-8, max_terms = 30, training = { sobol = 40 } }
)toml";

const std::string thermal_block = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 2], values = ["k1", "k2", "k3", 0.5] }
source       = "1 + k1*k2*x"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
k3 = { range = [0.1, 1.0], default = 0.5 }
)toml";

/// Boundary terms, second order and curved elements: everything that a patch has to know.
const std::string cooled = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "triangle" }
map = ["x * (1 + a * y)", "y"]
[physics.diffusion]
conductivity = { by_block = [3, 1], values = [1.0, "b", 2.0] }
source       = "x * b"
boundary     = [{ on = "left", temperature = "y * b + x" }, { on = "right", transfer_coefficient = "2 + b", ambient = "y" },
                { on = "top", heat_flux = 1.0 }]
[solver]
order = 2
[parameters]
a = { range = [0.0, 0.5], default = 0.2 }
b = { range = [1.0, 2.0], default = 1.5 }
)toml";

const std::string bracket = R"toml(
plugins = ["elasticity"]
[mesh]
box = { size = [1.0, 1.0, 1.0], cells = [2, 2, 2], cell = "tetrahedron" }
map = ["s * x", "y", "z"]
[physics.elasticity]
poisson_ratio  = 0.3
youngs_modulus = { by_block = [2, 1, 1], values = ["E", 1.0] }
boundary       = [{ on = "left", displacement = [0.0, 0.0, "0.1 * E"] }, { on = "right", traction = [1.0, 0.0, "s"] }]
[parameters]
E = { range = [1.0, 3.0], default = 2.0 }
s = { range = [0.5, 2.0], default = 1.5 }
)toml";

struct Fixture : test::Fixture {
  using test::Fixture::Fixture;

  reduced::SeparatedProblem by_entries(double tolerance = 1e-8, std::size_t most_bytes = std::size_t{1} << 28) {
    auto options = solvers::interpolation_options(parsed);
    options.tolerance = tolerance;
    const reduced::EntriesProblem entries{problem.form(),
                                          problem.dirichlet(),
                                          [this](std::span<const double> mu) { problem.set_parameters(mu); },
                                          solvers::patch_setting(problem),
                                          problem.map().points_before(),
                                          most_bytes};
    auto separated = reduced::separate_by_entries(entries, box, reason, options);
    REQUIRE(separated);
    return std::move(*separated);
  }
  /// \param bounds false: no constants from SCM, which takes seconds on several ranks
  std::unique_ptr<reduced::ReducedBasis> basis(reduced::SeparatedProblem separated, int size, bool bounds = true) {
    auto result = std::make_unique<reduced::ReducedBasis>(problem.form(), std::move(separated), box, reference,
                                                          linear::KrylovOptions{});
    const auto training =
        sampling::sample(sampling::ParameterBox(box), {.method = "sobol", .size = 12, .scrambling = "shift"});
    if (bounds && !result->min_theta_objection().empty()) {
      result->set_stability(
          reduced::train_scm(result->symmetric_terms(), result->problem().operator_thetas, box, result->X(), training));
    }
    for (int k = 0; k < size; ++k) result->extend(training[k]);
    return result;
  }
  std::vector<double> fem(const std::vector<double>& mu) {
    problem.set_parameters(mu);
    return test::fem_solution(*this, mu);
  }
  std::vector<std::vector<double>> others(int count) const {
    std::mt19937 random(11);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<std::vector<double>> all(count);
    for (auto& mu : all) {
      for (const auto& range : box) mu.push_back(range.low + uniform(random) * (range.high - range.low));
    }
    return all;
  }
};

std::string with(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

}  // namespace

TEST_CASE("On a mesh that parameters move few entries tell all, and the estimate is above the error", "[reduced]") {
  Fixture f(graetz);
  const auto basis = f.basis(f.by_entries(), 6);
  const auto& problem = basis->problem();
  CHECK(problem.operators.size() == 4);  // k, k / length, k length, convection
  CHECK(problem.liftings.num_columns() == 1);
  CHECK(problem.interpolation_error <= 1e-13);
  for (const auto& function : problem.interpolations) CHECK(function->exact);
  const auto model = basis->model();
  CHECK(model.is_estimate());  // that the entries of other parameters depend on them alike was seen, not shown
  reduced::ReducedModel::Workspace work(model);
  for (const auto& mu : f.others(8)) {
    const auto result = model.solve(mu, work);
    auto difference = f.fem(mu);
    linear::add_scaled(-1.0, basis->lift(result.coefficients, result.liftings), difference);
    const double error = basis->product().norm(difference);
    INFO("error " << error << ", bound " << result.bound << ", coercivity " << result.stability);
    CHECK(result.is_estimate);
    CHECK(result.bound >= error);
    CHECK(result.bound <= 100.0 * error);
  }
}

TEST_CASE(
    "Entries of second order, boundary terms, several regions and vector fields are assembled from their cells alone",
    "[reduced]") {
  const std::string text = GENERATE_REF(cooled, bracket);
  Fixture f(text);
  const auto separated = f.by_entries(1e-6);
  CHECK(separated.interpolation_error <= 1e-6);
  CHECK(separated.operators.size() >= 4);
  for (const auto& function : separated.interpolations) {
    INFO(function->text << ": " << function->terms << " of " << function->size() << " terms, remainder "
                        << function->remainder);
    CHECK(function->remainder <= 1e-6);
    // At mu_m the entries are those of the m-th matrix or vector, so the weights are a unit vector.
    std::vector<double> few(function->size()), all(function->size()), scratch(function->scratch_size());
    const auto width = f.box.size();
    for (int m = 0; m < function->size(); ++m) {
      function->weights(std::span(function->parameters).subspan(m * width, width), scratch, few, all);
      for (int k = 0; k < function->size(); ++k) CHECK(all[k] == Approx(k == m ? 1.0 : 0.0).margin(1e-6));
    }
  }
}

TEST_CASE("An affine problem gives by its entries the reduced model of its declared form", "[reduced]") {
  Fixture f(thermal_block);
  const auto declared = f.basis(*f.separate(), 6);
  const auto found = f.basis(f.by_entries(), 6, false);
  CHECK(found->problem().operators.size() == declared->problem().operators.size());
  CHECK(found->problem().rhs.num_columns() == declared->problem().rhs.num_columns());
  CHECK(found->problem().interpolation_error <= 1e-13);
  const auto a = declared->model(), b = found->model();
  CHECK_FALSE(a.is_estimate());
  CHECK(b.is_estimate());
  reduced::ReducedModel::Workspace work_a(a), work_b(b);
  for (const auto& mu : f.others(5)) {
    const auto x = a.solve(mu, work_a), y = b.solve(mu, work_b);
    auto u = declared->lift(x.coefficients, x.liftings);
    const double size = declared->product().norm(u);
    linear::add_scaled(-1.0, found->lift(y.coefficients, y.liftings), u);
    CHECK(declared->product().norm(u) <= 1e-10 * size);
    CHECK(y.residual_norm == Approx(x.residual_norm).epsilon(1e-10));
  }
}

TEST_CASE("Magic entries and weights are the same on any number of ranks", "[reduced]") {
  const std::string text = GENERATE_REF(graetz, cooled);
  Fixture all(text), alone(text, base::Communicator(MPI_COMM_SELF));
  const auto many = all.by_entries(1e-5), one = alone.by_entries(1e-5);
  REQUIRE(many.interpolations.size() == one.interpolations.size());
  for (std::size_t k = 0; k < many.interpolations.size(); ++k) {
    const auto &f = *many.interpolations[k], &g = *one.interpolations[k];
    CHECK(f.terms == g.terms);
    CHECK(f.keys == g.keys);
    CHECK(f.parameters == g.parameters);
    CHECK(f.entries->patch().integers == g.entries->patch().integers);
    CHECK(f.entries->patch().reals == g.entries->patch().reals);
    std::vector<double> a(f.size()), b(f.size());
    for (const auto& mu : all.others(3)) {
      f.values(mu, a);
      g.values(mu, b);
      CHECK(a == b);
    }
  }
}

TEST_CASE("Samples that are not kept are assembled again, with the same terms", "[reduced]") {
  Fixture f(graetz);
  const auto kept = f.by_entries(), again = f.by_entries(1e-8, 0);
  REQUIRE(kept.interpolations.size() == again.interpolations.size());
  for (std::size_t k = 0; k < kept.interpolations.size(); ++k) {
    CHECK(kept.interpolations[k]->keys == again.interpolations[k]->keys);
    CHECK(kept.interpolations[k]->parameters == again.interpolations[k]->parameters);
  }
}

TEST_CASE("A stored model of entries gives the same answers on all ranks together and on each alone", "[reduced]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  Fixture f(graetz), alone(graetz, base::Communicator(MPI_COMM_SELF));
  const auto basis = f.basis(f.by_entries(), 5, false);
  const auto model = basis->model();
  const test::TemporaryFolder folder(comm);
  const std::string path = folder.file("model.h5");
  io::write_model(path, {"text", model.data()}, f.problem.dofs(), basis->basis(), basis->problem().liftings);
  const reduced::ReducedModel together(io::read_model(comm, path, solvers::patch_setting(f.problem)).data);
  const reduced::ReducedModel single(
      io::read_model(alone.problem.mesh().comm, path, solvers::patch_setting(alone.problem)).data);
  CHECK(together.is_estimate());  // the weights of a stored model too were only seen at some parameters
  const reduced::ReducedModel without(io::read_model(comm, path).data);
  reduced::ReducedModel::Workspace work_without(without);
  CHECK_THROWS_WITH(without.solve(f.reference, work_without), Catch::Contains("entries of an assembled problem"));
  reduced::ReducedModel::Workspace work(model), work_together(together), work_single(single);
  for (const auto& mu : f.others(5)) {
    const auto a = model.solve(mu, work), b = together.solve(mu, work_together), c = single.solve(mu, work_single);
    for (std::size_t i = 0; i < a.coefficients.size(); ++i) {
      CHECK(b.coefficients[i] == Approx(a.coefficients[i]).epsilon(1e-12).margin(1e-14));
      CHECK(c.coefficients[i] == b.coefficients[i]);
    }
    CHECK(b.residual_norm == Approx(a.residual_norm).epsilon(1e-10));
    CHECK(c.residual_norm == b.residual_norm);
  }
}

TEST_CASE("Entries that are no sum of a few products give an estimate that is not below the error", "[reduced][slow]") {
  Fixture f(with(with(thermal_block, R"t({ by_block = [2, 2], values = ["k1", "k2", "k3", 0.5] })t",
                      R"t("1 + exp(-4 * k1 * (x + k2 * y))")t"),
                 R"t("1 + k1*k2*x")t", R"t("exp(-8 * k3 * ((x - k1)^2 + (y - k2)^2))")t"));
  const double tolerance = GENERATE(1e-2, 1e-4);
  const auto basis = f.basis(f.by_entries(tolerance), 8);
  CHECK(basis->problem().interpolation_error > 1e-12);
  CHECK(basis->problem().interpolation_error <= tolerance);
  const auto model = basis->model();
  CHECK(model.is_estimate());
  reduced::ReducedModel::Workspace work(model);
  for (const auto& mu : f.others(8)) {
    const auto result = model.solve(mu, work);
    auto difference = f.fem(mu);
    linear::add_scaled(-1.0, basis->lift(result.coefficients, result.liftings), difference);
    const double error = basis->product().norm(difference);
    INFO("error " << error << ", basis " << result.basis_bound << ", operator " << result.operator_error << ", load "
                  << result.rhs_error);
    CHECK(result.is_estimate);
    CHECK(result.bound >= error);
    CHECK(result.operator_error > 0.0);
    CHECK(result.rhs_error > 0.0);
  }
}

TEST_CASE("There may be more ranks than cells", "[reduced]") {
  Fixture f(with(graetz, "cells = [8, 4]", "cells = [2, 2]"));
  const auto separated = f.by_entries();
  CHECK(separated.operators.size() <= 4);
  CHECK(separated.interpolation_error <= 1e-13);
}

TEST_CASE("Parameters move the mesh and back; those that fold it are named on all ranks and change nothing",
          "[reduced]") {
  Fixture f(graetz);
  const auto at_two = f.fem({0.1, 2.0});
  const auto points = f.problem.mesh().points;
  const auto at_one = f.fem({0.1, 1.0});
  CHECK(f.problem.mesh().points == f.problem.map().points_before());
  CHECK(f.problem.mesh().comm.max(at_one == at_two ? std::int64_t{0} : std::int64_t{1}) == 1);
  CHECK_THROWS_WITH(f.problem.set_parameters(std::vector{0.1, -1.0}), Catch::Contains("is inverted or degenerate"));
  CHECK(f.problem.parameters() == std::vector{0.1, 1.0});
  try {
    f.problem.set_parameters(std::vector{0.1, -1.0});
  } catch (const sdk::Error& error) {
    CHECK(error.where().find("length = -1") != std::string::npos);
    CHECK(error.where().find("diffusion") == std::string::npos);
  }
  const auto again = f.fem({0.1, 2.0});  // parallel MUMPS gives other last bits from run to run
  for (std::size_t i = 0; i < again.size(); ++i) CHECK(again[i] == Approx(at_two[i]).margin(1e-12));
  CHECK(f.problem.mesh().points == points);
}

TEST_CASE("Equations that are not linear have no entries", "[reduced]") {
  Fixture f(with(thermal_block, R"t("1 + k1*k2*x")t", R"t("temperature^2")t"));
  const reduced::EntriesProblem entries{f.problem.form(), f.problem.dirichlet(), [](std::span<const double>) {},
                                        solvers::patch_setting(f.problem), f.problem.map().points_before()};
  CHECK_FALSE(reduced::separate_by_entries(entries, f.box, f.reason, {}));
  CHECK(f.reason.find("not linear") != std::string::npos);
}
