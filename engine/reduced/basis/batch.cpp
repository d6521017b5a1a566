#include "engine/reduced/basis/batch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {
namespace {

/// One text a point, of all ranks in their order.
std::vector<std::string> gather(const base::Communicator& comm, const std::vector<std::string>& mine) {
  std::string text;
  for (const auto& one : mine) text += one + '\n';
  const auto all = comm.gather_all(std::span<const char>(text));
  std::vector<std::string> lines(1);
  for (const char c : all) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  lines.pop_back();
  return lines;
}

}  // namespace

BatchResult evaluate_batch(const base::Communicator& comm, const ReducedModel& model,
                           const std::vector<OutputModel>& outputs, const sampling::TrainingSet& points) {
  ReducedModel::Workspace work(model);
  std::vector<OutputModel::Workspace> output_work;
  for (const auto& output : outputs) output_work.emplace_back(output);
  const std::size_t first = points.size() * comm.rank() / comm.size(),
                    end = points.size() * (comm.rank() + 1) / comm.size();
  const std::size_t count = end - first, columns = outputs.size();
  BatchResult mine{std::vector<double>(count * columns), std::vector<double>(count * columns),
                   std::vector<double>(count), std::vector<double>(count), model.is_estimate()};
  mine.problems.resize(count);
  const auto solve = [&](std::size_t i) {
    const auto mu = points[first + i];
    const auto result = model.solve(mu, work);
    mine.solution_bounds[i] = result.bound;
    for (std::size_t k = 0; k < columns; ++k) {
      const auto output = outputs[k].evaluate(mu, result, work, output_work[k]);
      mine.values[i * columns + k] = output.value;
      mine.bounds[i * columns + k] = output.bound;
    }
    if (!std::ranges::all_of(result.coefficients, [](double c) { return std::isfinite(c); }) ||
        std::isnan(result.bound)) {
      throw sdk::Error(sdk::ErrorKind::not_finite, "the reduced solution is not finite");
    }
  };
  base::agree(comm, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      const double start = MPI_Wtime();
      try {
        solve(i);
      } catch (const sdk::Error& error) {
        if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
        mine.problems[i] = error.what();
        std::fill_n(mine.values.begin() + i * columns, columns, std::numeric_limits<double>::quiet_NaN());
        std::fill_n(mine.bounds.begin() + i * columns, columns, std::numeric_limits<double>::infinity());
        mine.solution_bounds[i] = std::numeric_limits<double>::infinity();
      }
      mine.seconds[i] = MPI_Wtime() - start;
    }
  });
  const auto all = [&](const std::vector<double>& part) { return comm.gather_all(std::span<const double>(part)); };
  return {all(mine.values),  all(mine.bounds), all(mine.solution_bounds),
          all(mine.seconds), mine.is_estimate, gather(comm, mine.problems)};
}

}  // namespace ansatz::reduced
