#include "engine/reduced/batch.hpp"

namespace ansatz::reduced {

BatchResult evaluate_batch(const base::Communicator& comm, const ReducedModel& model, const std::vector<OutputModel>& outputs,
                           const TrainingSet& points) {
  ReducedModel::Workspace work(model);
  std::vector<OutputModel::Workspace> output_work;
  for (const auto& output : outputs) output_work.emplace_back(output);
  const std::size_t first = points.size() * comm.rank() / comm.size(), end = points.size() * (comm.rank() + 1) / comm.size();
  const std::size_t count = end - first, columns = outputs.size();
  BatchResult mine{std::vector<double>(count * columns), std::vector<double>(count * columns), std::vector<double>(count),
                   std::vector<double>(count), model.is_estimate()};
  base::agree(comm, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      const double start = MPI_Wtime();
      const auto mu = points[first + i];
      const auto result = model.solve(mu, work);
      mine.solution_bounds[i] = result.bound;
      for (std::size_t k = 0; k < columns; ++k) {
        const auto output = outputs[k].evaluate(mu, result, work, output_work[k]);
        mine.values[i * columns + k] = output.value;
        mine.bounds[i * columns + k] = output.bound;
      }
      mine.seconds[i] = MPI_Wtime() - start;
    }
  });
  const auto all = [&](const std::vector<double>& part) { return comm.gather_all(std::span<const double>(part)); };
  return {all(mine.values), all(mine.bounds), all(mine.solution_bounds), all(mine.seconds), mine.is_estimate};
}

}  // namespace ansatz::reduced
