// Interpolations at other points and by other norms than the default, against finite-element solutions and functions.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "engine/reduced/separation/entries_problem.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/solvers/reduced_basis/reduced_separation.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using reduced::InterpolationOptions;
using reduced::Pick;
using reduced::PointRule;
using test::fem_solution;

namespace {

const std::string gaussian_source = test::gaussian_source(6) + R"toml([reduced]
interpolation = { tolerance = 1e-2, max_terms = 60, training = { sobol = 100 } }
)toml";

const std::string graetz = test::graetz + R"toml([reduced]
interpolation = { tolerance = 1e-8, max_terms = 30, training = { sobol = 40 } }
)toml";

struct Choice {
  PointRule points = PointRule::eim;
  double points_per_term = 1.0;
  Pick pick = Pick::largest;
  double most = 10.0;  ///< of the estimate over the error
};

InterpolationOptions with(InterpolationOptions options, const Choice& choice) {
  options.points = choice.points;
  options.points_per_term = choice.points_per_term;
  options.pick = choice.pick;
  return options;
}

std::vector<std::vector<double>> others(const std::vector<sampling::ParameterRange>& box, int count) {
  std::mt19937 random(5);
  std::vector<std::vector<double>> all(count);
  for (auto& mu : all) {
    for (const auto& range : box)
      mu.push_back(range.low + std::generate_canonical<double, 53>(random) * (range.high - range.low));
  }
  return all;
}

std::unique_ptr<reduced::ReducedBasis> basis(test::Fixture& f, const Choice& choice) {
  auto separated = reduced::separate(f.problem.form(), f.problem.dirichlet(), f.box, f.reason,
                                     with(solvers::interpolation_options(f.parsed), choice));
  REQUIRE(separated);
  return std::make_unique<reduced::ReducedBasis>(f.problem.form(), std::move(*separated), f.box, f.reference,
                                                 linear::KrylovOptions{});
}

/// Points of a line, dealt out to the ranks but the last, if there are several.
reduced::SamplePoints line(const base::Communicator& comm, int count) {
  reduced::SamplePoints points;
  const int ranks = std::max(comm.size() - 1, 1);
  for (int i = comm.rank(); i < count && comm.rank() < ranks; i += ranks) {
    points.keys.push_back(i);
    points.positions.insert(points.positions.end(), {count > 1 ? i / (count - 1.0) : 0.5, 0.0, 0.0});
  }
  return points;
}

sdk::Expression of_x_and_a(const std::string& text) {
  sdk::SymbolTable symbols = sdk::SymbolTable::space_time(1);
  symbols.add_parameter("a", 0);
  return sdk::Expression::compile(text, symbols, "test");
}

const std::vector<Choice> choices{{PointRule::q_deim},
                                  {PointRule::s_opt, 1.5},
                                  {PointRule::s_opt, 0.8},
                                  {PointRule::eim, 0.5},
                                  {PointRule::s_opt, 3.0, Pick::sum}};

}  // namespace

TEST_CASE("Whatever the points and the norm, the estimate is above the error, and a stored model answers alike",
          "[reduced][slow]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto choice =
      GENERATE(Choice{PointRule::q_deim}, Choice{PointRule::s_opt}, Choice{PointRule::s_opt, 1.5},
               Choice{PointRule::eim, 0.8}, Choice{PointRule::q_deim, 0.8}, Choice{PointRule::s_opt, 0.8},
               Choice{PointRule::eim, 1.0, Pick::sum}, Choice{PointRule::s_opt, 1.5, Pick::square});
  test::Fixture f(gaussian_source);
  const auto trained = basis(f, choice);
  for (const double x : {-0.9, -0.3, 0.3, 0.9}) {
    for (const double y : {-0.9, -0.3, 0.3, 0.9}) trained->extend(std::vector{x, y});
  }
  const auto& function = *trained->problem().interpolations.at(0);
  const auto expected = static_cast<int>(std::ceil(choice.points_per_term * function.terms - 1e-9));
  CHECK(function.num_points_of_terms() == expected);
  const auto model = trained->model();
  const test::TemporaryFolder folder(comm);
  io::write_model(folder.file("model.h5"), {"text", model.data()}, f.problem.dofs(), trained->basis(),
                  trained->problem().liftings);
  const reduced::ReducedModel stored(io::read_model(comm, folder.file("model.h5")).data);
  reduced::ReducedModel::Workspace work(model), work_stored(stored);
  for (const auto& mu : others(f.box, 8)) {
    const auto result = model.solve(mu, work), again = stored.solve(mu, work_stored);
    CHECK(again.bound == Approx(result.bound).epsilon(1e-10));
    for (std::size_t i = 0; i < result.coefficients.size(); ++i)
      CHECK(again.coefficients[i] == Approx(result.coefficients[i]).epsilon(1e-12).margin(1e-14));
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, trained->lift(result.coefficients, result.liftings), difference);
    const double error = trained->product().norm(difference);
    INFO("rule " << static_cast<int>(choice.points) << ", " << choice.points_per_term << " points a term, pick "
                 << static_cast<int>(choice.pick) << ": error " << error << ", basis " << result.basis_bound
                 << ", source " << result.rhs_error << ", " << function.terms << " terms, remainder "
                 << function.remainder);
    CHECK(result.is_estimate);
    CHECK(result.bound >= error);
    CHECK(result.bound <= choice.most * error);
  }
}

TEST_CASE("Points, fits and weights are bit by bit the same on any number of ranks", "[reduced]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const auto c = of_x_and_a("1 / (0.05 + (x - a)^2)");
  const std::vector<sampling::ParameterRange> box{{"a", -0.2, 1.2}};
  for (const auto& choice : choices) {
    const auto options = with({.tolerance = 1e-5, .max_terms = 40}, choice);
    const auto one = reduced::interpolated_function(self, c, line(self, 201), box, options),
               many = reduced::interpolated_function(comm, c, line(comm, 201), box, options);
    CHECK(many.keys == one.keys);
    CHECK(many.points == one.points);
    CHECK(many.parameters == one.parameters);
    CHECK(many.remainder == one.remainder);
    REQUIRE(many.fits.has_value());
    CHECK(many.fits->basis.values == one.fits->basis.values);
    std::vector<double> few(one.size()), all(few), few_many(few), all_many(few), scratch(one.scratch_size());
    for (const double a : {-0.13, 0.371, 0.9}) {
      one.weights({&a, 1}, scratch, few, all);
      many.weights({&a, 1}, scratch, few_many, all_many);
      CHECK(few_many == few);
      CHECK(all_many == all);
      // What is left at any x is about what the further terms change, as they are for that.
      double error = 0.0;
      for (double x = 0.0; x <= 1.0; x += 0.005) {
        double sum = -1.0 / (0.05 + (x - a) * (x - a));
        for (int m = 0; m < one.terms; ++m) sum += few[m] / (0.05 + (x - one.parameters[m]) * (x - one.parameters[m]));
        error = std::max(error, std::abs(sum));
      }
      const double change = one.change({&a, 1}, scratch);
      INFO("points " << static_cast<int>(choice.points) << ", " << choice.points_per_term << " a term: error " << error
                     << ", change " << change);
      CHECK(error <= 1.1 * change + 1e-12);
      CHECK(change <= 1000.0 * error + 1e-10);
    }
  }
}

TEST_CASE("Functions with no term, one, few samples or few points are interpolated at any points", "[reduced]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::vector<sampling::ParameterRange> box{{"a", 0.5, 2.0}};
  for (const auto& choice : choices) {
    const auto options = with({.tolerance = 1e-8, .max_terms = 20}, choice);
    const auto trained = [&](const std::string& text, int count, InterpolationOptions how) {
      return reduced::interpolated_function(comm, of_x_and_a(text), line(comm, count), box, how);
    };
    const auto value = [&](const reduced::InterpolatedFunction& function, double a, const auto& c) {
      std::vector<double> few(function.size()), all(few), scratch(function.scratch_size());
      function.weights({&a, 1}, scratch, few, all);
      double sum = 0.0;
      for (int m = 0; m < function.size(); ++m) sum += few[m] * c(function.parameters[m]);
      return sum;
    };
    const auto zero = trained("a * x > 100 ? 1 : 0", 30, options);
    CHECK(zero.size() == 0);
    CHECK(zero.num_points() == 0);
    CHECK_FALSE(zero.fits);
    const auto constant = trained("sin(a * x)^2 + cos(a * x)^2", 30, options);
    CHECK(constant.terms == 1);
    CHECK(constant.num_points() == static_cast<int>(std::ceil(choice.points_per_term)));
    CHECK(value(constant, 1.3, [](double) { return 1.0; }) == Approx(1.0).epsilon(1e-13));

    auto few_samples = options;
    few_samples.training = {.method = "sobol", .size = 1, .scrambling = "shift"};
    const auto three = trained("exp(a * x)", 30, few_samples);  // and the two ends of the range
    CHECK(three.size() == 3);
    CHECK(three.num_points() >= 1);
    CHECK(std::isfinite(three.remainder));

    const auto of_two = trained("exp(a * x)", 2, options);  // two numbers have two terms
    CHECK(of_two.size() == 2);
    CHECK(of_two.num_points() <= 2);
    if (choice.points_per_term >= 1.0) {
      CHECK(value(of_two, 1.7, [](double a) { return std::exp(a); }) == Approx(std::exp(1.7)).epsilon(1e-12));
    }
    const auto of_one = trained("exp(a * x)", 1, options);
    CHECK(of_one.num_points() == 1);
    CHECK(value(of_one, 1.7, [](double a) { return std::exp(0.5 * a); }) == Approx(std::exp(0.85)).epsilon(1e-12));
  }
}

TEST_CASE("With fewer points than terms an exact sum has an error, which the estimate tells", "[reduced]") {
  // Four terms at two points; all of them at four tell what is left.
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::vector<sampling::ParameterRange> box{{"a", 0.5, 2.0}};
  const auto options = with({.tolerance = 1e-8, .max_terms = 20}, {PointRule::eim, 0.5});
  const auto c = of_x_and_a("a + a^2 * x + a^3 * x^2 + exp(a) * x^3");
  const auto function = reduced::interpolated_function(comm, c, line(comm, 50), box, options);
  CHECK(function.terms == 4);
  CHECK(function.size() == 4);
  CHECK(function.num_points_of_terms() == 2);
  CHECK(function.num_points() == 4);
  CHECK(function.remainder > 1e-4);
  std::vector<double> few(4), all(4), scratch(function.scratch_size());
  const double a = 1.21;
  function.weights({&a, 1}, scratch, few, all);
  const auto at = [](double x, double p) { return p + p * p * x + p * p * p * x * x + std::exp(p) * x * x * x; };
  double error = 0.0, of_all = 0.0;
  for (double x = 0.0; x <= 1.0; x += 0.02) {
    double left = -at(x, a), left_of_all = -at(x, a);
    for (int m = 0; m < 4; ++m) {
      left += few[m] * at(x, function.parameters[m]);
      left_of_all += all[m] * at(x, function.parameters[m]);
    }
    error = std::max(error, std::abs(left));
    of_all = std::max(of_all, std::abs(left_of_all));
  }
  CHECK(of_all <= 1e-12);
  CHECK(error > 1e-6);
  CHECK(function.change({&a, 1}, scratch) >= error * (1.0 - 1e-9));
}

TEST_CASE("Entries at more points are exact, at fewer points their error is told", "[reduced]") {
  test::Fixture f(graetz);
  const auto separated = [&](const Choice& choice) {
    const reduced::EntriesProblem entries{f.problem.form(),
                                          f.problem.dirichlet(),
                                          [&](std::span<const double> mu) { f.problem.set_parameters(mu); },
                                          solvers::patch_setting(f.problem),
                                          f.problem.map().points_before(),
                                          std::size_t{1} << 28};
    auto found =
        reduced::separate_by_entries(entries, f.box, f.reason, with(solvers::interpolation_options(f.parsed), choice));
    REQUIRE(found);
    return std::move(*found);
  };
  for (const Choice& choice : {Choice{PointRule::s_opt, 1.5}, Choice{PointRule::q_deim, 1.0, Pick::square}}) {
    const auto more = separated(choice);
    CHECK(more.operators.size() == 4);  // k, k / length, k length, convection
    CHECK(more.interpolation_error <= 1e-13);
    for (const auto& function : more.interpolations) {
      CHECK(function->exact);
      CHECK(function->num_points() == static_cast<int>(std::ceil(choice.points_per_term * function->size())));
    }
  }
  const auto fewer = separated({PointRule::eim, 0.5});
  CHECK(fewer.interpolation_error > 1e-6);
  const auto& matrix = *fewer.interpolations.at(0);
  CHECK_FALSE(matrix.exact);
  CHECK(matrix.terms == 4);
  CHECK(matrix.num_points_of_terms() == 2);
  CHECK(matrix.num_points() == 4);
  CHECK(matrix.remainder > 1e-6);
  std::vector<double> scratch(matrix.scratch_size());
  const std::vector<double> mu{0.31, 3.3};
  CHECK(matrix.change(mu, scratch) > 1e-6);
}
