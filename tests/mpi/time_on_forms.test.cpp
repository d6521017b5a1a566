// Every integrator on the semi-discrete Burgers equation, a partial differential equation with a nonstiff part.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/case_in_time.hpp"

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

/// `left` prescribes the velocity there.
class Discretised : public test::CaseInTime {
 public:
  explicit Discretised(const std::string& left) : CaseInTime(with(left)) {}

  std::vector<double> end(const std::string& method, int steps) { return in_steps(method, 0.5, steps); }

 private:
  static std::string with(const std::string& left) {
    auto text = burgers;
    text.replace(text.find("LEFT"), 4, left);
    return text;
  }
};

struct Orders {
  double observed = 0.0, error = 0.0;
};

const std::vector<std::string> one_of_each_kind{
    "bogacki_shampine32", "ms2a", "crank_nicolson", "sdirk2", "ark3", "ros34pw2"};

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
    time::Stepper stepper(
        problem.system, time::make_time_method(name, problem.system), 0.0, problem.problem.initial_state(),
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

namespace {

/// One free unknown on up to four ranks. Its convection vanishes by symmetry, which leaves u' = -12 nu u, with a lumped
/// mass, too.
const std::string one_unknown = R"toml(
plugins = ["burgers"]
[mesh]
box = { size = [1.0], cells = [2], cell = "interval" }
[physics.burgers]
viscosity = 0.02
boundary = [{ on = "all", velocity = 0.0 }]
[initial]
velocity = "sin(pi*x)"
[time]
method = "backward_euler"
end = 0.5
step = 0.1
)toml";
const double one_unknown_at_end = std::exp(-0.12);

struct Work {
  double error = 0.0;
  std::int64_t steps = 0;
};

/// With two equal steps, or else with error control; from an archive halfway.
Work work_of(test::CaseInTime& problem, const std::string& method, bool controlled) {
  time::StepperOptions options;
  options.fixed_step = 0.25;
  auto stepper = controlled ? problem.controlled(method, {1e-3, {1e-6}})
                            : time::Stepper(problem.system, time::make_time_method(method, problem.system), 0.0,
                                            problem.problem.initial_state(), options);
  stepper.advance(0.5);
  time::MemoryArchive archive;
  stepper.exchange(archive);
  archive.load();
  stepper.exchange(archive);
  while (stepper.time() < 0.5 && stepper.work().accepted < 100) stepper.advance(0.5);
  double largest = 0.0;
  for (const double u : stepper.state()) largest = std::max(largest, u);
  return {std::abs(problem.comm.max(largest) - one_unknown_at_end), stepper.work().accepted};
}

void check_ranks_without_unknowns(const std::vector<std::string>& names) {
  for (const bool lumped : {false, true}) {
    test::CaseInTime problem(one_unknown);
    if (lumped) problem.system.lump_mass();
    for (const auto& name : names) {
      const auto& info = time::find_time_method(name).info;
      if (!time::suits(info, problem.system.traits()) || (lumped && info.needs_jacobian)) continue;
      INFO(name << (lumped ? ", lumped mass" : ""));
      const auto fixed = work_of(problem, name, false);
      CHECK(fixed.steps == 2);
      CHECK(fixed.error < std::min(0.01, 4.0 * std::pow(0.06, name == "bdf" ? 1 : info.order)) + 1e-10);
      if (info.embedded_order == 0) continue;
      const auto controlled = work_of(problem, name, true);
      CHECK(controlled.steps < 60);
      CHECK(controlled.error < 1e-2);
    }
  }
}

}  // namespace

TEST_CASE("Ranks without unknowns take the steps of methods of each kind", "[time][mpi]") {
  check_ranks_without_unknowns(
      {"dormand_prince54", "esdirk4", "ark4", "rodas4", "ms3a", "bdf", "bdf2", "generalised_alpha", "etd_rk4"});
}

TEST_CASE("Ranks without unknowns take the steps of all methods", "[time][slow]") {
  std::vector<std::string> names;
  for (const auto& entry : time::time_methods()) names.push_back(entry.info.name);
  check_ranks_without_unknowns(names);
}
