#include "tools/bench_program/step_problems.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/time/systems/ode_time_system.hpp"
#include "tests/support/step_families.hpp"

namespace ansatz::bench {
namespace {

constexpr std::uint64_t first_tuning_seed = 2000, first_test_seed = 1000;
constexpr std::uint64_t tuning_seeds = 16, test_a_seeds = 64, three_body_seeds = 10, unseen_seeds = 4;
constexpr double margin = 0.5;           // digits of tolerances: of trainings beyond the ends of the range of tests
constexpr double shortening = 0.25;      // of the ends of families
constexpr double family_floor = 0.1;     // all their components have the size 1 or more
constexpr double least_stiff_mu = 12.0;  // of van der Pol's oscillator

/// Numbers from 0 to 1.
auto uniform_of(std::mt19937_64& generator) {
  return [&generator] { return static_cast<double>(generator() >> 11) * 0x1p-53; };
}

std::vector<StepMethod> plain_methods() { return {{"dormand_prince54", 3.0, 9.0}, {"bogacki_shampine32", 3.0, 9.0}}; }
std::vector<StepMethod> stiff_methods() { return {{"esdirk4", 3.0, 7.5}, {"ms3a", 3.0, 6.0}}; }

/// u' = D u_xx + 20 exp(-((x - c(t)) / 0.05)^2) on (0, 1) with u = 0 at the ends, D = 0.1, c = 0.5 + 0.3 sin(2 pi t):
/// a source that moves, differences on 40 inner points.
struct MovingSource {
  static constexpr int points = 40;

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info{.initial = std::vector<double>(points, 0.0), .end = 1.0, .band = sdk::OdeInfo::Band{1, 1}};
    info.components.resize(points);
    return info;
  }
  explicit MovingSource(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> u, std::span<S> f) const {
    using std::exp, std::sin;
    const S centre = 0.5 + 0.3 * sin(6.283185307179586 * t);
    for (int i = 0; i < points; ++i) {
      const S distance = ((i + 1) / (points + 1.0) - centre) / 0.05;
      S sum = -2.0 * u[i];
      if (i > 0) sum += u[i - 1];
      if (i + 1 < points) sum += u[i + 1];
      f[i] = 0.1 * (points + 1.0) * (points + 1.0) * sum + 20.0 * exp(-distance * distance);
    }
  }
};

/// What makes a system of its own for each integration, as it keeps its Jacobian.
CountedSystem counted(std::shared_ptr<const sdk::OdeSystem> ode) {
  struct Owned {
    explicit Owned(std::shared_ptr<const sdk::OdeSystem> given) : ode(std::move(given)), system(*ode) {}
    std::shared_ptr<const sdk::OdeSystem> ode;
    time::OdeTimeSystem system;
  };
  const auto owned = std::make_shared<Owned>(std::move(ode));
  const auto& band = owned->ode->info().band;
  const double n = static_cast<double>(owned->ode->size()),
               columns = band ? std::min(n, band->lower + band->upper + 1.0) : n;
  return {std::shared_ptr<sdk::TimeSystem>(owned, &owned->system), [columns, owned = owned.get()] {
            const auto& work = owned->system.work();
            return static_cast<double>(work.evaluations + work.solves + work.factorisations) +
                   columns * static_cast<double>(work.jacobians);
          }};
}

StepCase of_system(std::string name, bool stiff, std::shared_ptr<const sdk::OdeSystem> ode, double floor) {
  StepCase problem{.problem = std::move(name), .stiff = stiff, .end = ode->info().end, .y0 = ode->info().initial};
  problem.methods = stiff ? stiff_methods() : plain_methods();
  problem.floor.assign(problem.y0.size(), floor);
  problem.make = [ode] { return counted(ode); };
  return problem;
}

StepCase of_family(const test::Family& family, const std::array<double, 3>& p, std::vector<double> y0) {
  StepCase problem{.problem = family.name, .end = shortening * family.end, .y0 = std::move(y0)};
  problem.methods = plain_methods();
  problem.floor.assign(problem.y0.size(), family_floor);
  problem.make = [f = family.f, p, size = problem.y0.size()]() -> CountedSystem {
    const auto system = std::make_shared<test::ParametricSystem>(size, p, f);
    return {system, [system = system.get()] { return static_cast<double>(system->evaluations); }};
  };
  return problem;
}

const test::Family& unseen_family(const std::string& name) {
  for (const auto& family : test::unseen_families()) {
    if (family.name == name) return family;
  }
  throw sdk::Error(sdk::ErrorKind::internal, "there is no family " + name, "step problems");
}

}  // namespace

time::Tolerances StepCase::tolerances(double relative) const {
  time::Tolerances tolerances{relative, floor, {}};
  for (double& a : tolerances.absolute) a *= relative;
  return tolerances;
}

double StepCase::error(std::span<const double> y, std::span<const double> reference) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = (y[i] - reference[i]) / (floor[i] + std::abs(reference[i]));
    sum += e * e;
  }
  return std::sqrt(sum / static_cast<double>(y.size()));
}

StepProblems::StepProblems(plugin::Registry& registry) : registry_(registry) {
  registry_.load("nbody");
  registry_.load("reaction_kinetics");
}

StepCase StepProblems::of_plugin(const Published& published,
                                 const std::map<std::string, sdk::ParameterValue>& parameters) const {
  for (const auto& offer : registry_.offers().ode_systems) {
    if (offer.name != published.system) continue;
    sdk::ParameterSet set(offer.parameters);
    for (const auto& [name, value] : parameters) set.set(name, value);
    auto problem =
        of_system(published.system, published.stiff, registry_.make_ode_system(published.system, set), published.floor);
    if (published.end > 0.0) problem.end = published.end;
    return problem;
  }
  throw sdk::Error(sdk::ErrorKind::plugin, std::string("no plugin offers the system ") + published.system);
}

StepCase StepProblems::of_seed(std::uint64_t seed) const {
  const auto& families = test::training_families();
  const auto& family = families[seed % families.size()];
  std::mt19937_64 generator(seed);
  const auto uniform = uniform_of(generator);
  const auto drawn = family.draw_parameters(uniform);
  auto problem = of_family(family, drawn, family.draw_start(uniform));
  const std::string name = family.name;
  if (name == "van der pol") {
    const double mu = std::pow(1000.0, uniform());
    if (mu < least_stiff_mu) {
      problem = of_family(family, {mu, 0.0, 0.0}, problem.y0);
    } else {
      problem = of_plugin({"vdpol", true, 0.0, family_floor}, {{"epsilon", 1.0 / (mu * mu)}});
      problem.problem = "van der pol, stiff";
    }
  } else if (name == "brusselator") {
    const double diffusivity = 0.01 * std::pow(10.0, uniform());
    problem = of_plugin({"brusselator_1d", true, 5.0 + 5.0 * uniform(), family_floor},
                        {{"points", std::int64_t{20}}, {"diffusivity", diffusivity}});
  }
  problem.seed = seed;
  return problem;
}

time::StepProblem StepProblems::episode(std::uint64_t seed, CountedSystem& system) const {
  const auto problem = of_seed(seed);
  std::mt19937_64 generator(~seed);  // what of_seed() draws is not drawn again
  const auto uniform = uniform_of(generator);
  const auto& method = problem.methods[generator() % problem.methods.size()];
  const double range = method.most_digits - method.least_digits + 2.0 * margin;
  const double digits = method.least_digits - margin + range * uniform();
  system = problem.make();
  return {system.system, method.name, 0.0, problem.end, problem.y0, problem.tolerances(std::pow(10.0, -digits))};
}

/// Instances of published problems differ by their ends.
std::vector<StepCase> StepProblems::unseen() const {
  std::vector<StepCase> cases;
  for (std::uint64_t seed = first_test_seed; seed < first_test_seed + three_body_seeds; ++seed) {
    cases.push_back(of_plugin({"three_body", false, 100.0, 0.1}, {{"seed", static_cast<std::int64_t>(seed)}}));
    cases.back().seed = seed;
  }
  for (std::uint64_t seed = first_test_seed; seed < first_test_seed + unseen_seeds; ++seed) {
    std::mt19937_64 generator(seed);
    const auto uniform = uniform_of(generator);
    const auto add = [&](StepCase problem) {
      problem.seed = seed;
      problem.end *= 0.6 + 0.4 * uniform();
      cases.push_back(std::move(problem));
    };
    for (const Published& published : {Published{"pleiades", false, 0.0, 0.1},
                                       {"arenstorf", false, 0.0, 0.1},
                                       {"hires", true, 0.0, 1e-4},
                                       {"orego", true, 0.0, 1e-3},
                                       {"pollu", true, 0.0, 1e-6},
                                       {"ring_modulator", true, 2e-5, 1e-2}}) {
      add(of_plugin(published, {}));
    }
    auto& ring = cases.back();
    std::fill(ring.floor.begin() + 7, ring.floor.end(), 1e-5);  // A, where voltages are about 1
    ring.methods[1] = {"esdirk3", 3.0, 6.0};                    // ms3a would need millions of right-hand sides
    add(of_system("moving source", true, sdk::make_ode_system<MovingSource>("moving source"), 0.1));
    for (const char* name : {"double pendulum", "switched force"}) {
      const auto& family = unseen_family(name);
      const auto p = family.draw_parameters(uniform);
      add(of_family(family, p, family.draw_start(uniform)));
    }
  }
  return cases;
}

std::vector<StepCase> StepProblems::set(const std::string& name) const {
  if (name == "test_b") return unseen();
  if (name != "tuning" && name != "test_a") {
    throw sdk::Error(sdk::ErrorKind::usage, "there are no problems " + name, "--set", "tuning, test_a or test_b");
  }
  const auto first = name == "tuning" ? first_tuning_seed : first_test_seed,
             count = name == "tuning" ? tuning_seeds : test_a_seeds;
  std::vector<StepCase> cases;
  for (std::uint64_t seed = first; seed < first + count; ++seed) cases.push_back(of_seed(seed));
  return cases;
}

}  // namespace ansatz::bench
