#include <fmt/format.h>

#include "engine/reduced/weak_greedy.hpp"
#include "engine/study/case_parser.hpp"
#include "engine/reduced/reduced_basis.hpp"
#include "engine/study/reduced_settings.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

constexpr int num_functions = 20;
constexpr int points_per_parameter = 5;
constexpr std::size_t num_online = 10'000;

/// The thermal block of 2 by 2 as pyMOR defines it.
std::string thermal_block(const Options& options) {
  return fmt::format(R"toml(
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0, 1.0], cells = [{}, {}], cell = "triangle", pattern = "crossed" }}
[physics.diffusion]
conductivity = {{ by_block = [2, 2], values = ["k1", "k2", "k3", "k4"] }}
source       = 1.0
boundary     = [{{ on = "all", temperature = 0.0 }}]
[parameters]
k1 = {{ range = [0.1, 1.0], default = 1.0 }}
k2 = {{ range = [0.1, 1.0], default = 1.0 }}
k3 = {{ range = [0.1, 1.0], default = 1.0 }}
k4 = {{ range = [0.1, 1.0], default = 1.0 }}
[solver]
type = "reduced_basis"
)toml",
                     options.cells[0], options.cells[1]);
}

}  // namespace

void run_reduced(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed = study::parse_case(thermal_block(options), "thermal_block/case.toml", {}, registry, comm);
  const reduced::ParameterBox box(study::parameter_ranges(parsed));
  const auto training = sample(box, {.method = "grid", .grid = std::vector<int>(box.dimension(), points_per_parameter)});
  std::unique_ptr<study::Problem> problem;
  std::unique_ptr<reduced::ReducedBasis> basis;
  record.time_repeated("offline", options.repetitions, [&] {
    basis.reset();
    problem = std::make_unique<study::Problem>(parsed, registry, comm);
    problem->form().set_constrained(problem->dirichlet().constrained());
    std::string reason;
    auto separated = reduced::separate(problem->form(), problem->dirichlet(), box.ranges(), reason);
    basis = std::make_unique<reduced::ReducedBasis>(problem->form(), std::move(separated.value()), box.ranges(),
                                                    study::reference_parameters(parsed), linear::KrylovOptions{});
    reduced::WeakGreedy surrogate(*basis, comm);
    reduced::greedy(surrogate, training, {.tolerance = 1e-300, .max_extensions = num_functions});
  });
  const auto test = sample(box, {.method = "random", .size = num_online, .seed = 1000});
  const auto model = basis->model();
  reduced::ReducedModel::Workspace work(model);
  double largest_bound = 0.0;
  record.time_repeated("online", options.repetitions, [&] {
    for (std::size_t i = 0; i < test.size(); ++i) largest_bound = std::max(largest_bound, model.solve(test[i], work).bound);
  });
  record.time_repeated("full", options.repetitions, [&] { basis->snapshot(test[0]); });
  record.set("unknowns", problem->dofs().num_global());
  record.set("functions", basis->size());
  record.set("online_solves", num_online);
  record.set("largest_bound", largest_bound);
  record.print();
}

}  // namespace ansatz::bench
