// Reduced bases of problems whose coefficients do not separate, against finite-element solutions and closed formulas.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "engine/reduced/stability/coercivity.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using test::fem_solution;

namespace {

const std::string gaussian_source = test::gaussian_source(8);

struct Fixture : test::Fixture {
  using test::Fixture::Fixture;

  std::optional<reduced::SeparatedProblem> separate(double tolerance) {
    auto options = solvers::interpolation_options(parsed);
    options.tolerance = tolerance;
    options.max_terms = 200;
    return reduced::separate(problem.form(), problem.dirichlet(), box, reason, options);
  }
  std::unique_ptr<reduced::ReducedBasis> basis(double tolerance) {
    return std::make_unique<reduced::ReducedBasis>(problem.form(), *separate(tolerance), box, reference,
                                                   linear::KrylovOptions{});
  }
};

std::string with(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

std::vector<std::vector<double>> random_parameters(int count) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  std::vector<std::vector<double>> all;
  for (int k = 0; k < count; ++k) {
    const double first = uniform(random);
    all.push_back({first, uniform(random)});
  }
  return all;
}

double gaussian(double x, double y, double mx, double my) {
  return std::exp(-2.0 * ((x - mx) * (x - mx) + (y - my) * (y - my)));
}

}  // namespace

TEST_CASE("A source that does not separate is interpolated to the tolerance at other parameters too", "[reduced]") {
  Fixture f(gaussian_source);
  const auto separated = f.separate(1e-6);
  REQUIRE(separated);
  CHECK(separated->operators.size() == 1);
  REQUIRE(separated->interpolations.size() == 1);
  CHECK(separated->interpolation_error <= 1e-5);
  CHECK(separated->interpolation_error > 1e-12);
  const auto& function = *separated->interpolations[0];
  CHECK(function.remainder <= 1e-6);
  CHECK(function.size() > function.terms);
  CHECK(separated->rhs.num_columns() == function.size());
  double worst = 0.0;
  std::vector<double> few(function.size()), all(function.size()), scratch(function.scratch_size());
  for (const auto& mu : random_parameters(40)) {
    function.weights(mu, scratch, few, all);
    for (double x = -1.0; x <= 1.0; x += 0.125) {
      for (double y = -1.0; y <= 1.0; y += 0.125) {
        double sum = 0.0;
        for (int m = 0; m < function.size(); ++m)
          sum += few[m] * gaussian(x, y, function.parameters[2 * m], function.parameters[2 * m + 1]);
        worst = std::max(worst, std::abs(sum - gaussian(x, y, mu[0], mu[1])));
      }
    }
  }
  INFO("largest error " << worst << " with " << function.terms << " terms");
  CHECK(worst <= 3e-6);
  CHECK(worst > 1e-9);
}

TEST_CASE("Weights of an interpolated function are a unit vector at its own parameters", "[reduced]") {
  Fixture f(gaussian_source);
  const auto separated = f.separate(1e-5);
  REQUIRE(separated);
  const auto& function = *separated->interpolations[0];
  std::vector<double> few(function.size()), all(function.size()), scratch(function.scratch_size());
  for (int m = 0; m < function.terms; ++m) {
    function.weights(std::span(function.parameters).subspan(2 * m, 2), scratch, few, all);
    for (int k = 0; k < function.size(); ++k) {
      CHECK(few[k] == Approx(k == m ? 1.0 : 0.0).margin(1e-9));
      CHECK(all[k] == Approx(k == m ? 1.0 : 0.0).margin(1e-7));
    }
  }
}

TEST_CASE("The estimate with the errors of an interpolated source is not below the error", "[reduced]") {
  Fixture f(gaussian_source);
  const double tolerance = GENERATE(1e-2, 1e-4);
  const auto basis = f.basis(tolerance);
  for (const double x : {-0.9, -0.3, 0.3, 0.9}) {
    for (const double y : {-0.9, -0.3, 0.3, 0.9}) basis->extend(std::vector{x, y});
  }
  const auto model = basis->model();
  CHECK(model.is_estimate());
  reduced::ReducedModel::Workspace work(model);
  for (const auto& mu : random_parameters(10)) {
    const auto result = model.solve(mu, work);
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, basis->lift(result.coefficients, result.liftings), difference);
    const double error = basis->product().norm(difference);
    INFO("error " << error << ", basis " << result.basis_bound << ", source " << result.rhs_error << ", terms "
                  << basis->problem().interpolations[0]->terms);
    CHECK(result.is_estimate);
    CHECK(result.bound >= error);
    CHECK(result.bound <= 5.0 * error);
    CHECK(result.rhs_error > 0.0);
    CHECK(result.operator_error == 0.0);
    CHECK(result.prescribed_error == 0.0);
    CHECK(result.bound == Approx(result.basis_bound + result.rhs_error).epsilon(1e-12));
  }
}

TEST_CASE("Picks, magic points and reduced solutions are the same on any number of ranks", "[reduced]") {
  Fixture all(gaussian_source), alone(gaussian_source, base::Communicator(MPI_COMM_SELF));
  const auto one = alone.basis(1e-5), many = all.basis(1e-5);
  const auto &f = *one->problem().interpolations[0], &g = *many->problem().interpolations[0];
  CHECK(f.terms == g.terms);
  CHECK(f.keys == g.keys);
  CHECK(f.parameters == g.parameters);
  CHECK(f.points == g.points);
  CHECK(f.interpolation.lower().values == g.interpolation.lower().values);
  for (const auto& mu : random_parameters(6)) {
    one->extend(mu);
    many->extend(mu);
  }
  const auto model_one = one->model(), model_many = many->model();
  reduced::ReducedModel::Workspace work_one(model_one), work_many(model_many);
  const std::vector<double> mu{0.21, -0.77};
  const auto a = model_one.solve(mu, work_one), b = model_many.solve(mu, work_many);
  CHECK(b.bound == Approx(a.bound).epsilon(1e-9));
  CHECK(b.rhs_error == Approx(a.rhs_error).epsilon(1e-9));
  const double norm_one = one->product().norm(one->lift(a.coefficients, a.liftings));
  CHECK(many->product().norm(many->lift(b.coefficients, b.liftings)) == Approx(norm_one).epsilon(1e-10));
}

TEST_CASE("A stored model with interpolations gives the same answers", "[reduced]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  Fixture f(gaussian_source);
  const auto basis = f.basis(1e-4);
  for (const auto& mu : random_parameters(5)) basis->extend(mu);
  const auto model = basis->model();
  const test::TemporaryFolder folder(comm);
  const std::string path = folder.file("model.h5");
  io::write_model(path, {"text", model.data()}, f.problem.dofs(), basis->basis(), basis->problem().liftings);
  const reduced::ReducedModel stored(io::read_model(comm, path).data);
  CHECK(stored.is_estimate());
  reduced::ReducedModel::Workspace work(model), work_stored(stored);
  for (const auto& mu : random_parameters(20)) {
    const auto a = model.solve(mu, work), b = stored.solve(mu, work_stored);
    for (std::size_t i = 0; i < a.coefficients.size(); ++i)
      CHECK(b.coefficients[i] == Approx(a.coefficients[i]).epsilon(1e-12).margin(1e-14));
    CHECK(b.bound == Approx(a.bound).epsilon(1e-10));
    CHECK(b.rhs_error == Approx(a.rhs_error).epsilon(1e-10));
  }
}

TEST_CASE("Prescribed values and boundary terms that do not separate are interpolated", "[reduced]") {
  const std::string boundary =
      R"t([{ on = "left", temperature = "sin(2*mu_x*y)" }, { on = "right", heat_flux = "exp(mu_y*y)" }, { on = "top", temperature = 0.5 }])t";
  Fixture f(with(with(gaussian_source, R"t([{ on = "all", temperature = 0.0 }])t", boundary),
                 R"t("exp(-2*((x - mu_x)^2 + (y - mu_y)^2))")t", "1.0"));
  const auto basis = f.basis(1e-7);
  CHECK(basis->problem().interpolations.size() == 2);
  for (const auto& mu : random_parameters(20)) basis->extend(mu);
  const auto model = basis->model();
  reduced::ReducedModel::Workspace work(model);
  for (const std::vector<double>& mu : {std::vector{0.5, -0.3}, {-0.8, 0.9}}) {
    const auto result = model.solve(mu, work);
    auto difference = fem_solution(f, mu);
    double scale = 0.0, largest = 0.0, prescribed = 0.0;
    for (const double v : difference) scale = std::max(scale, std::abs(v));
    linear::add_scaled(-1.0, basis->lift(result.coefficients, result.liftings), difference);
    for (std::size_t i = 0; i < difference.size(); ++i) {
      largest = std::max(largest, std::abs(difference[i]));
      if (f.problem.form().constrained()[i] != 0) prescribed = std::max(prescribed, std::abs(difference[i]));
    }
    CHECK(largest <= 1e-5);
    CHECK(prescribed <= result.prescribed_error + 1e-14);
    CHECK(result.prescribed_error <= 1e-6);
    CHECK(result.rhs_error > 0.0);
  }
}

TEST_CASE("Equal coefficients of several regions share an interpolation", "[reduced]") {
  Fixture f(with(gaussian_source, R"t("exp(-2*((x - mu_x)^2 + (y - mu_y)^2))")t",
                 R"t({ by_block = [2, 1], values = ["exp(mu_x*x)", "exp(mu_x * x)"] })t"));
  const auto separated = f.separate(1e-6);
  REQUIRE(separated);
  CHECK(separated->interpolations.size() == 1);
  CHECK(separated->interpolation_error <= 1e-6);
}

TEST_CASE("An interpolated operator has no min-theta bound, and estimates by SCM", "[reduced][slow]") {
  Fixture f(with(with(gaussian_source, "conductivity = 1.0", R"t(conductivity = "1.5 + sin(mu_x*x)")t"),
                 R"t("exp(-2*((x - mu_x)^2 + (y - mu_y)^2))")t", R"t("1 + mu_y*x")t"));
  const auto basis = f.basis(1e-3);
  CHECK(basis->problem().interpolation_error <= 1e-3);
  CHECK(basis->min_theta_objection().find("interpolation") != std::string::npos);
  const auto training =
      sampling::sample(sampling::ParameterBox(f.box), {.method = "sobol", .size = 40, .scrambling = "shift"});
  basis->set_stability(
      reduced::train_scm(basis->symmetric_terms(), basis->problem().operator_thetas, f.box, basis->X(), training));
  for (int k = 0; k < 8; ++k) basis->extend(training[k]);
  const auto model = basis->model();
  reduced::ReducedModel::Workspace work(model);
  for (const auto& mu : random_parameters(8)) {
    const auto result = model.solve(mu, work);
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, basis->lift(result.coefficients, result.liftings), difference);
    const double error = basis->product().norm(difference);
    INFO("error " << error << ", basis " << result.basis_bound << ", operator " << result.operator_error);
    CHECK(result.is_estimate);
    CHECK(result.bound >= error);
    CHECK(result.bound <= 20.0 * error);
    CHECK(result.operator_error > 0.0);
    CHECK(result.rhs_error == 0.0);
  }
}

TEST_CASE("Interpolation does not make an equation affine", "[reduced]") {
  Fixture f(with(gaussian_source, "conductivity = 1.0",
                 "conductivity = 1.0\ncapacity = \"exp(mu_x*x)\"\nvelocity = [\"sin(mu_y*y)\", 0.0]"));
  CHECK_FALSE(f.separate(1e-6));
  CHECK(f.reason.find("not affine") != std::string::npos);
}

TEST_CASE("A coefficient that is not finite somewhere in the box is named", "[reduced]") {
  Fixture f(with(gaussian_source, R"t("exp(-2*((x - mu_x)^2 + (y - mu_y)^2))")t", R"t("log(mu_x + 0.5*x)")t"));
  CHECK_THROWS_WITH(f.separate(1e-6), Catch::Contains("log"));
}
