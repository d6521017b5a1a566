#include "solver.hpp"

#include <catch2/catch.hpp>

#include "bar.hpp"

using namespace pod_regression;
using ansatz::sdk::Error;
using ansatz::sdk::ParameterSet;
using ansatz::sdk::Sampling;

namespace {

ParameterSet options(std::int64_t samples, std::int64_t validation = 0) {
  ParameterSet set(solver_info().options);
  set.set("samples", Sampling{"random", samples, 1});
  set.set("validation", validation);
  return set;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0, size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(sum / size);
}

bool says(const bar::Notes& notes, const std::string& text) {
  return std::any_of(notes.lines.begin(), notes.lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("A bar of two materials: the scaling is confirmed by the equations, taken out, and said") {
  const bar::Bar problem;
  PodRegression solver(problem, options(20, 30));
  bar::Notes notes;
  solver.train(notes);
  CHECK(says(notes, "a common factor c of k1, k2 gives c^-1 by the equations"));
  CHECK(says(notes, "taken out"));
  CHECK_FALSE(says(notes, "gives c^1 "));
  CHECK_FALSE(says(notes, "gives c^0 "));
  CHECK(notes.events["true_error"]["mean"] < 5e-4);
  CHECK(notes.events["left_out"]["one_mean"] > 0.5 * notes.events["true_error"]["mean"]);
}

TEST_CASE("The solution is that of the truth, with an indicator, also from a model that was stored") {
  const bar::Bar problem;
  PodRegression solver(problem, options(25));
  bar::Notes notes;
  solver.train(notes);
  const std::vector<double> mu{0.3, 0.8};
  const auto solution = solver.solve({.parameters = mu}, notes);
  const auto exact = bar::solved(bar::matrix(mu, 1.0, 0.0), bar::load(0.0));
  CHECK(distance(solution.values, exact) < 5e-4);
  CHECK(solution.values.front() == 0.0);
  REQUIRE(solution.certificate);
  CHECK(solution.certificate->kind == ansatz::sdk::Certificate::Kind::indicator);
  CHECK(solution.certificate->value > 0.0);
  CHECK(solution.certificate->value < 1e-2);
  REQUIRE(notes.solutions.size() == 1);
  CHECK(notes.solutions[0].values == solution.values);

  PodRegression other(problem, options(25));
  other.use(solver.model());
  const auto again = other.solve({.parameters = mu}, notes);
  CHECK(again.values == solution.values);
  CHECK(again.certificate->value == solution.certificate->value);

  auto damaged = solver.model();
  damaged.vectors["modes_temperature"].pop_back();
  CHECK_THROWS_AS(other.use(damaged), Error);
  damaged = solver.model();
  damaged.arrays.erase("settings");
  CHECK_THROWS_AS(other.use(damaged), Error);
}

TEST_CASE("In time each step has its coefficients") {
  std::vector<double> times;
  for (int j = 0; j <= 12; ++j) times.push_back(0.05 * j);
  const bar::Bar problem(times);
  PodRegression solver(problem, options(30, 20));
  bar::Notes notes;
  solver.train(notes);
  CHECK(notes.events["true_error"]["mean"] < 1e-3);
  const std::vector<double> mu{0.2, 0.9};
  solver.solve({.parameters = mu}, notes);
  bar::Notes exact;
  problem.make_solver("fem")->solve({.parameters = mu}, exact);
  REQUIRE(notes.solutions.size() == times.size());
  for (std::size_t j = 1; j < times.size(); ++j) {
    CHECK(notes.solutions[j].time == times[j]);
    CHECK(distance(notes.solutions[j].values, exact.solutions[j].values) < 1e-2);
  }
}

TEST_CASE("Solutions of a file are learned like computed ones; a model of another file is refused") {
  bar::Bar problem;
  ParameterSet set(solver_info().options);
  set.set("file", std::string("solutions.h5"));
  PodRegression solver(problem, set);
  bar::Notes notes;
  solver.train(notes);
  CHECK(says(notes, "25 solutions of solutions.h5"));
  const std::vector<double> mu{0.3, 0.8};
  const auto exact = bar::solved(bar::matrix(mu, 1.0, 0.0), bar::load(0.0));
  CHECK(distance(solver.solve({.parameters = mu}, notes).values, exact) < 1e-4);
  PodRegression other(problem, set);
  other.use(solver.model());
  problem.file_size = 26;
  CHECK_THROWS_AS(other.use(solver.model()), Error);
}

TEST_CASE("A parameter that the model does not depend on keeps its default") {
  const bar::Bar problem;
  auto set = options(20);
  set.set("parameters", std::vector<std::string>{"k2"});
  PodRegression solver(problem, set);
  bar::Notes notes;
  solver.train(notes);
  const std::vector<double> mu{0.5, 0.8}, other{0.4, 0.8};
  const auto exact = bar::solved(bar::matrix(mu, 1.0, 0.0), bar::load(0.0));
  CHECK(distance(solver.solve({.parameters = mu}, notes).values, exact) < 1e-4);
  CHECK_THROWS_AS(solver.solve({.parameters = other}, notes), Error);
}

TEST_CASE("A few solves that fail are left out with a warning, many end the training") {
  bar::Bar problem({}, 0.97);
  PodRegression solver(problem, options(60));
  bar::Notes notes;
  solver.train(notes);
  CHECK(notes.warnings.size() >= 1);
  problem.breaks_above = 0.5;
  CHECK_THROWS_AS(PodRegression(problem, options(60)).train(notes), Error);
}

TEST_CASE("Options that contradict each other or the case are refused") {
  const bar::Bar problem;
  const auto refused = [&](const std::string& name, const ansatz::sdk::ParameterValue& value) {
    auto set = options(20);
    set.set(name, value);
    CHECK_THROWS_AS(PodRegression(problem, set), Error);
  };
  refused("parameters", std::vector<std::string>{"k3"});
  refused("parameters", std::vector<std::string>{"k1", "k1"});
  refused("homogeneous", std::vector<std::string>{"k3"});
  refused("truth", std::string("pod_regression"));
  refused("file", std::string("solutions.h5"));  // beside samples
}
