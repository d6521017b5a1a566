// Every integrator on the semi-discrete Burgers equation, a partial differential equation with a nonstiff part.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/study/case_parser.hpp"
#include "engine/study/form_in_time.hpp"
#include "engine/study/problem.hpp"
#include "engine/time/methods.hpp"
#include "engine/time/stepper.hpp"

using namespace ansatz;

namespace {

const std::string burgers = R"toml(
plugins = ["burgers"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.burgers]
viscosity = 0.02
boundary = [{ on = "left", velocity = "LEFT" }, { on = "right", velocity = 0.0 }]
[initial]
velocity = "sin(pi*x)"
[time]
method = "backward_euler"
end = 0.5
step = 0.1
)toml";

/// The problem, discretised; `left` prescribes the velocity there.
class Discretised {
 public:
  explicit Discretised(const std::string& left)
      : comm(MPI_COMM_WORLD),
        registry_(comm, plugin::search_path()),
        parsed_(study::parse_case(with(left), "/tmp/burgers/case.toml", {}, registry_, comm)),
        problem(parsed_, registry_, comm),
        discrete_(problem.form(), problem.dirichlet(), {}),
        system(discrete_, newton()) {}

  base::Communicator comm;

 private:
  static std::string with(const std::string& left) {
    auto text = burgers;
    text.replace(text.find("LEFT"), 4, left);
    return text;
  }
  static linear::NewtonOptions newton() {
    linear::NewtonOptions options;
    options.relative_tolerance = 1e-13;
    return options;
  }
  plugin::Registry registry_;
  study::Case parsed_;

 public:
  study::Problem problem;

 private:
  fem::DiscreteProblem discrete_;

 public:
  study::FormInTime system;

  std::vector<double> end(const std::string& method, int steps) {
    time::StepperOptions options;
    options.fixed_step = 0.5 / steps;
    time::Stepper stepper(system, time::make_time_method(method, system), 0.0, problem.initial_state(), options);
    while (stepper.time() < 0.5) stepper.advance(0.5);
    return {stepper.state().begin(), stepper.state().end()};
  }
  double distance(std::span<const double> a, std::span<const double> b) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(comm.sum(sum));
  }
};

struct Orders {
  double observed = 0.0, error = 0.0;
};

const std::vector<std::string> one_of_each_kind{"bogacki_shampine32", "ms2a", "crank_nicolson", "sdirk2", "ark3", "ros34pw2"};

std::map<std::string, Orders> observed_orders(const std::string& left) {
  Discretised problem(left);
  const auto reference = problem.end("dormand_prince54", problem.comm.size() > 1 ? 64 : 512);
  std::map<std::string, Orders> orders;
  for (const auto& entry : time::time_methods()) {
    if (!time::suits(entry.info, problem.system.traits()) || entry.info.name == "bdf") continue;  // its order varies
    // Direct solves of nine unknowns on several ranks cost milliseconds: one method of each kind there.
    const bool is_one_of_a_kind = std::ranges::count(one_of_each_kind, entry.info.name) > 0;
    if (problem.comm.size() > 1 && !is_one_of_a_kind) continue;
    // Error constants differ by factors of 1000: steps until the error is small, above that of the reference.
    int steps = 6;
    double coarse = 0.0, fine = problem.distance(problem.end(entry.info.name, steps), reference);
    do {
      steps *= 2;
      coarse = fine;
      fine = problem.distance(problem.end(entry.info.name, steps), reference);
    } while (fine > 2e-5 && steps < 190);
    orders[entry.info.name] = {std::log2(coarse / fine), fine};
  }
  return orders;
}

}  // namespace

TEST_CASE("Integrators reach their orders on a partial differential equation", "[time][slow]") {
  for (const auto& [name, order] : observed_orders("0.0")) {
    const int p = time::find_time_method(name).info.order;
    INFO(name << ": observed order " << order.observed << " of " << p << ", error " << order.error);
    CHECK((order.observed > p - 0.25 || order.error < 1e-10));
  }
}

TEST_CASE("With boundary data that change in time they reach the order of their stages and one more", "[time][slow]") {
  for (const auto& [name, order] : observed_orders("0.3*sin(4*t)")) {
    const auto& info = time::find_time_method(name).info;
    INFO(name << ": observed order " << order.observed << " of " << info.order << ", stage order " << info.stage_order);
    CHECK((order.observed >= std::min(info.order, info.stage_order + 1) - 0.2 || order.error < 1e-10));
  }
}

TEST_CASE("The method of variable order and the others agree within their tolerances", "[time][mpi]") {
  Discretised problem("0.3*sin(4*t)");
  const auto reference = problem.end("dormand_prince54", problem.comm.size() > 1 ? 64 : 512);
  for (const char* name : {"bdf", "esdirk4", "ros34pw2", "ark4", "tsitouras54"}) {
    time::Stepper stepper(problem.system, time::make_time_method(name, problem.system), 0.0, problem.problem.initial_state(),
                          {1e-7, {1e-9}},
                          std::make_unique<time::StepController>(time::controller_law("h211b"), time::limit_preset("arkode_7")));
    while (stepper.time() < 0.5) stepper.advance(0.5);
    const double error = problem.distance(stepper.state(), reference);
    INFO(name << ": error " << error << ", " << stepper.work().accepted << " steps");
    CHECK(error < 2e-5);
    CHECK(stepper.work().accepted < 400);
  }
}

TEST_CASE("A lumped mass changes the solution by what the mesh resolves, and needs no solves", "[time][mpi]") {
  Discretised consistent("0.0"), lumped("0.0");
  lumped.system.lump_mass();
  const auto a = consistent.end("rk4", 64), b = lumped.end("rk4", 64);
  const double difference = consistent.distance(a, b);
  CHECK(difference > 1e-4);
  CHECK(difference < 0.2);
}

TEST_CASE("The rate of change of prescribed values is exact", "[time][mpi]") {
  Discretised problem("0.3*sin(4*t)");
  std::vector<double> rates(problem.system.size(), 7.0);
  problem.system.prescribe_rates(0.2, rates);
  double largest = 0.0;
  for (const double rate : rates) largest = std::max(largest, rate == 7.0 || rate == 0.0 ? 0.0 : rate);
  CHECK(problem.comm.max(largest) == Approx(1.2 * std::cos(0.8)).epsilon(1e-14));
}
