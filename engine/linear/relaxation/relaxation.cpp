#include "engine/linear/relaxation/relaxation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::linear {

sdk::ParameterSchema Relaxation::options() {
  const sdk::Range admissible{0.0, 2.0, true, true};
  sdk::ParameterSchema schema;
  schema.add({.name = "omega", .initial = 1.0, .unit = "1", .doc = "relaxation factor", .range = admissible});
  schema.add({.name = "tuned",
              .initial = std::vector<double>{1.0, 1.95},
              .unit = "1",
              .doc = "least and largest factor that a tuner may choose",
              .range = admissible});
  return schema;
}

Relaxation::Relaxation(Sweeps sweeps, const sdk::ParameterSet& options)
    : is_symmetric_(sweeps == Sweeps::symmetric), omega_(options.number("omega")) {
  const auto& tuned = options.numbers("tuned");
  if (tuned.size() != 2 || !(tuned[0] < tuned[1])) {
    throw sdk::Error(sdk::ErrorKind::parameter, "\"tuned\" must be two factors, the least and the largest",
                     options.where("tuned"), "for example tuned = [1.0, 1.95]");
  }
  knob_ = {"omega", std::min(tuned[0], omega_), std::max(tuned[1], omega_), omega_, false};
}

void Relaxation::set_up(const sdk::MatrixView& matrix) {
  offsets_.assign(matrix.offsets.begin(), matrix.offsets.end());
  columns_.assign(matrix.columns.begin(), matrix.columns.end());
  values_.assign(matrix.values.begin(), matrix.values.end());
  diagonal_.resize(static_cast<std::size_t>(matrix.rows()));
  inverse_.resize(diagonal_.size());
  for (std::int32_t i = 0; i < matrix.rows(); ++i) {
    const double diagonal = matrix.diagonal(i);
    if (diagonal == 0.0) {
      throw sdk::Error(sdk::ErrorKind::solver,
                       fmt::format("row {} of the matrix has a 0 on its diagonal, by which relaxation divides",
                                   matrix.first_global + i),
                       "linear solver", "use another preconditioner, such as hypre or ilu, or solver \"direct\"");
    }
    const auto first = columns_.begin() + offsets_[i], last = columns_.begin() + offsets_[i + 1];
    diagonal_[i] = static_cast<std::int32_t>(std::lower_bound(first, last, i) - columns_.begin());
    inverse_[i] = 1.0 / diagonal;
  }
}

void Relaxation::apply(std::span<const double> r, std::span<double> z) {
  const auto rows = static_cast<std::int32_t>(inverse_.size());
  for (std::int32_t i = 0; i < rows; ++i) {
    double sum = 0.0;
    for (std::int32_t k = offsets_[i]; k < diagonal_[i]; ++k) sum += values_[k] * z[columns_[k]];
    z[i] = (r[i] - omega_ * sum) * inverse_[i];
  }
  const double factor = is_symmetric_ ? omega_ * (2.0 - omega_) : omega_;
  if (!is_symmetric_) {
    for (double& value : z) value *= factor;
    return;
  }
  for (std::int32_t i = rows - 1; i >= 0; --i) {
    double sum = 0.0;
    for (std::int32_t k = diagonal_[i] + 1; k < offsets_[i + 1]; ++k) sum += values_[k] * z[columns_[k]];
    z[i] = factor * z[i] - omega_ * sum * inverse_[i];
  }
}

void register_relaxations(sdk::Registrar& registrar) {
  const auto add = [&](const char* name, const char* doc, Relaxation::Sweeps sweeps) {
    registrar.add_preconditioner(name, doc, Relaxation::options(),
                                 [sweeps](const sdk::Communicator&, const sdk::ParameterSet& options) {
                                   return std::make_unique<Relaxation>(sweeps, options);
                                 });
  };
  add("sor", "successive over-relaxation on each rank, one sweep", Relaxation::Sweeps::forward);
  add("ssor", "successive over-relaxation on each rank, there and back: symmetric", Relaxation::Sweeps::symmetric);
}

}  // namespace ansatz::linear
