#include "engine/compare/side.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/input/solver_infos.hpp"
#include "engine/solvers/run_monitor.hpp"
#include "engine/solvers/table/prepare.hpp"
#include "engine/solvers/table/table.hpp"

namespace ansatz::compare {
namespace {

constexpr double bytes_per_entry = 12.0, vectors = 8.0;
constexpr int most_coarsenings = 3;

/// Keeps lines of solves out of the log, for a scope.
class Quiet {
 public:
  explicit Quiet(results::RunLog& log) : log_(log), was_(log.is_quiet()) { log_.set_quiet(true); }
  ~Quiet() { log_.set_quiet(was_); }
  Quiet(const Quiet&) = delete;

 private:
  results::RunLog& log_;
  bool was_;
};

}  // namespace

Side::Side(const solvers::CaseProblem& of_case, std::string ansatz, double time_limit)
    : of_case_(of_case), name_(ansatz), ansatz_(std::move(ansatz)), solver_(solvers::make_ansatz(of_case, ansatz_)) {
  solvers::prepare(of_case, ansatz_, *solver_, time_limit);
  if (is_classical()) {
    name_ = mesh_name(of_case.parsed());
    measure_matrix();
    return;
  }
  const auto cost = solvers::training_cost(of_case, ansatz_);
  offline_ = cost.seconds;
  bytes_ = cost.bytes;
}

Side::Side(const solvers::CaseProblem& of_case, input::Case parsed, std::string name)
    : of_case_(of_case), name_(std::move(name)), ansatz_(input::finite_elements_info().name) {
  parsed.solver.type = ansatz_;
  parsed.solver.info = input::finite_elements_info();
  parsed_ = std::make_unique<const input::Case>(std::move(parsed));
  problem_ = std::make_unique<problem::Problem>(*parsed_, of_case.registry(), of_case.problem().mesh().comm);
  own_ = std::make_unique<solvers::CaseProblem>(*problem_, of_case.registry(), of_case.log(), of_case.folder(),
                                                of_case.linear_options(), solvers::make_ansatz);
  solver_ = solvers::make_ansatz(*own_, ansatz_);
  measure_matrix();
}

bool Side::is_classical() const { return ansatz_ == input::finite_elements_info().name; }

void Side::measure_matrix() {
  const auto& form = of_case().problem().form();
  base::agree(of_case().comm(), [&] { form.sparsity(); });
  const auto& pattern = *form.sparsity().pattern;
  const auto entries = static_cast<double>(pattern.diag_columns.size() + pattern.ghost_columns.size());
  const auto unknowns = static_cast<double>(pattern.num_owned);
  bytes_ = of_case().comm().sum(bytes_per_entry * entries + 8.0 * vectors * unknowns);
}

Side::Answer Side::solve(std::span<const double> parameters) {
  const Quiet quiet(of_case_.log());
  const auto& comm = of_case_.comm();
  solvers::RunMonitor monitor(of_case().problem(), of_case_.log(), of_case_.folder());
  comm.barrier();
  const double start = of_case_.log().seconds();
  Answer answer{.solution = solvers::solve(of_case(), ansatz_, *solver_, {.parameters = parameters}, monitor)};
  answer.seconds = comm.max(of_case_.log().seconds() - start);
  return answer;
}

input::Case finer(const input::Case& parsed) {
  auto fine = parsed;
  if (parsed.solver.order == 1) {
    fine.solver.order = 2;
  } else if (fine.mesh.box) {
    for (auto& count : fine.mesh.box->cells) count *= 2;
  } else {
    ++fine.mesh.refine;
  }
  return fine;
}

namespace {

/// Blocks of coefficients along an axis, which no cell may cross.
int blocks_along(const input::Case& parsed, std::size_t axis) {
  int blocks = 1;
  for (const auto& [name, spec] : parsed.physics.coefficients) {
    if (axis < spec.blocks.size()) blocks = std::lcm(blocks, spec.blocks[axis]);
  }
  return blocks;
}

}  // namespace

std::vector<input::Case> coarser(const input::Case& parsed) {
  constexpr int fewest = 3;  // cells along an axis: as few as periodic ones need
  std::vector<input::Case> cases;
  auto coarse = parsed;
  for (int k = 1; k <= most_coarsenings; ++k) {
    if (coarse.mesh.refine > 0) {
      --coarse.mesh.refine;
    } else if (coarse.mesh.box) {
      auto& cells = coarse.mesh.box->cells;
      for (std::size_t axis = 0; axis < cells.size(); ++axis) {
        const int blocks = blocks_along(parsed, axis);
        cells[axis] = blocks * static_cast<int>(std::lround(0.5 * cells[axis] / blocks));
      }
      if (std::ranges::any_of(cells, [](int count) { return count < fewest; })) break;
    } else {
      break;
    }
    cases.push_back(coarse);
  }
  return cases;
}

std::string mesh_name(const input::Case& parsed) {
  std::string mesh;
  if (parsed.mesh.box) mesh = fmt::format(", {} cells", fmt::join(parsed.mesh.box->cells, " x "));
  if (parsed.mesh.refine > 0 || !parsed.mesh.box)
    mesh += parsed.mesh.refine > 0 ? fmt::format(", refined {} times", parsed.mesh.refine) : ", mesh as in the file";
  return fmt::format("fem{}, order {}", mesh, parsed.solver.order);
}

}  // namespace ansatz::compare
