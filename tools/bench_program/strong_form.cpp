#include "ansatz/sdk/strong_form.hpp"

#include <fmt/format.h>

#include <cmath>

#include "engine/plugin/registry.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

constexpr int num_points = 4096;
constexpr int rounds = 5;  ///< of all points in one measurement

/// A physics with coefficients of one kind: constants, or expressions of position, parameter and time.
struct Subject {
  const char* physics;
  int dim;
  const char* label;
  const char* coefficient;  ///< expression of the first coefficient; the rest has its default, or 1
};

constexpr Subject subjects[] = {{"burgers", 1, "burgers 1-D", "0.01"},
                                {"diffusion", 2, "diffusion 2-D", "1.5"},
                                {"diffusion", 2, "diffusion 2-D, k(u, mu)", "1 + mu * temperature^2"},
                                {"diffusion", 3, "diffusion 3-D", "1.5"},
                                {"diffusion", 3, "diffusion 3-D, k(u, mu)", "1 + mu * temperature^2"},
                                {"elasticity", 3, "elasticity 3-D", "1 + mu * x * y"},
                                {"navier_stokes", 2, "navier_stokes 2-D", "1 + mu * t"},
                                {"navier_stokes", 3, "navier_stokes 3-D", "1 + mu * t"}};

std::vector<sdk::Expression> coefficients(const sdk::Physics& physics, const Subject& subject) {
  auto symbols = sdk::SymbolTable::space_time(subject.dim);
  symbols.add_parameter("mu", 0);
  int component = 0;
  for (const auto& field : physics.info().fields) {
    const int n = sdk::num_components(field.shape, subject.dim);
    for (int k = 0; k < n; ++k) {
      const auto suffix = sdk::component_name(field.shape, subject.dim, k);
      symbols.add_field(field.name + (suffix.empty() ? "" : "_" + suffix), component++);
    }
  }
  std::vector<sdk::Expression> table;
  for (const auto& c : physics.info().coefficients) {
    for (int k = 0; k < sdk::num_components(c.shape, subject.dim); ++k) {
      const bool off_diagonal = c.shape == sdk::Shape::tensor && k / subject.dim != k % subject.dim;
      const bool first = &c == &physics.info().coefficients.front();
      const double initial = c.initial.empty() ? (c.name == "poisson_ratio" ? 0.3 : 1.0) : c.initial[0];
      table.push_back(off_diagonal ? sdk::Expression(0.0)
                      : first      ? sdk::Expression::compile(subject.coefficient, symbols, "bench")
                                   : sdk::Expression(initial));
    }
  }
  return table;
}

/// Numbers between 0.5 and 1.5.
std::vector<double> numbers(std::size_t n) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 1.0 + 0.5 * std::cos(0.3 + 1.7 * double(i));
  return x;
}

}  // namespace

void run_strong_form(const base::Communicator& comm, const Options& options) {
  plugin::Registry registry(comm, plugin::search_path());
  Record record(comm);
  record.set("points", std::int64_t{num_points} * rounds);
  for (const auto& subject : subjects) {
    registry.load(subject.physics);
    const auto physics = registry.make_physics(subject.physics);
    const auto table = coefficients(*physics, subject);
    const sdk::StrongForm form(*physics, {.name = subject.label, .coefficients = table}, subject.dim, 1);
    sdk::PointSet points;
    points.positions = numbers(std::size_t(num_points) * subject.dim);
    const auto jets = numbers(std::size_t(num_points) * form.width()), times = numbers(num_points);
    const auto w = numbers(std::size_t(num_points) * form.rows());
    std::vector<double> R(w.size()), back(jets.size());
    for (const bool own : {false, true}) {
      const auto count = own ? std::size_t(num_points) : std::size_t{1};
      const sdk::StrongForm::At at{std::span(times).first(count), std::span(times).first(count)};
      const auto name = [&](const char* what) {
        return fmt::format("{}, {}, {}", subject.label, what, own ? "own times" : "one time");
      };
      const auto measure = [&](const char* what, const auto& work) {
        record.time_repeated(name(what), options.repetitions, [&] {
          for (int i = 0; i < rounds; ++i) work();
        });
      };
      measure("residual", [&] { form.residual(points, at, jets, R); });
      measure("forward", [&] { form.push_forward(points, at, jets, jets, R); });
      measure("back", [&] { form.pull_back(points, at, jets, w, back); });
    }
  }
  record.print();
}

}  // namespace ansatz::bench
