#include "engine/linear/solvers/offered_preconditioner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/linear/solvers/krylov_options.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

static_assert(sizeof(PetscInt) == sizeof(std::int32_t), "views of matrices have PETSc's own numbers");

/// Runs a plugin's own code; errors get its name. *Collective.*
void run_named(const base::Communicator& comm, const std::string& who, const std::function<void()>& work) {
  base::agree(comm, [&] {
    try {
      work();
    } catch (const Error& error) {
      if (!error.where().empty()) throw;
      throw Error(error.kind(), error.what(), who, error.hint());
    } catch (const std::exception& error) {
      throw Error(ErrorKind::plugin, who + " failed: " + error.what());
    } catch (...) {
      throw Error(ErrorKind::plugin, who + " failed");
    }
  });
}

bool all_finite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double x) { return std::isfinite(x); });
}

void check_knob(const std::string& who, const sdk::Knob& knob) {
  const bool is_sound = !knob.name.empty() && std::isfinite(knob.low) && std::isfinite(knob.high) &&
                        knob.low < knob.high && knob.initial >= knob.low && knob.initial <= knob.high &&
                        (!knob.logarithmic || knob.low > 0.0);
  if (is_sound) return;
  throw Error(ErrorKind::plugin,
              fmt::format("{} declares the knob \"{}\" from {} to {}, at first {}{}, which makes no sense", who,
                          knob.name, knob.low, knob.high, knob.initial, knob.logarithmic ? ", logarithmic" : ""));
}

}  // namespace

double stiffness(const SparseMatrix& matrix, std::span<const std::int32_t> without) {
  const auto& pattern = matrix.pattern();
  const auto values = matrix.diagonal_values(), ghosts = matrix.ghost_values();
  std::array<double, 2> sums{};  // trace, all entries
  auto next = without.begin();
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    if (next != without.end() && *next == row) {
      ++next;
      continue;
    }
    sums[0] += values[pattern.diagonal_position(row)];
    for (auto k = pattern.diag_offsets[row]; k < pattern.diag_offsets[row + 1]; ++k) sums[1] += values[k];
    for (auto k = pattern.ghost_offsets[row]; k < pattern.ghost_offsets[row + 1]; ++k) sums[1] += ghosts[k];
  }
  const auto all = matrix.comm().sum(sums);
  if (all[1] == 0.0) return 1.0;
  return std::min(1.0, 0.25 * std::log10(1.0 + std::abs(all[0] / all[1])));
}

sdk::MatrixView view_of(const SparseMatrix& matrix, bool symmetric) {
  const auto& pattern = matrix.pattern();
  return {.first_global = pattern.first_global,
          .block_size = matrix.block_size(),
          .symmetric = symmetric,
          .offsets = pattern.diag_offsets,
          .columns = pattern.diag_columns,
          .values = matrix.diagonal_values(),
          .ghost_offsets = pattern.ghost_offsets,
          .ghost_columns = pattern.ghost_columns,
          .ghost_values = matrix.ghost_values(),
          .ghost_global = pattern.ghost_global};
}

OfferedPreconditioner::OfferedPreconditioner(const base::Communicator& comm, const KrylovOptions& options)
    : comm_(comm), name_("preconditioner \"" + options.preconditioner + "\""), tuner_name_("the tuner") {
  run_named(comm_, name_, [&] { preconditioner_ = options.make_preconditioner(comm_); });
  run_named(comm_, name_, [&] {
    traits_ = preconditioner_->traits();
    knobs_ = preconditioner_->knobs();
    for (const auto& knob : knobs_) check_knob(name_, knob);
    values_.resize(knobs_.size());
    reset_knobs();
  });
  base::agree(comm_, [&] { check_offered(options, traits_); });
  if (!options.make_tuner) return;
  base::agree(comm_, [&] {
    if (!knobs_.empty()) return;
    throw Error(ErrorKind::parameter, name_ + " has no knobs that a tuner could choose", "linear.tuner",
                "choose one that has, such as sor or ssor, or leave out the tuner");
  });
  run_named(comm_, tuner_name_, [&] { tuner_ = options.make_tuner(knobs_); });
}

void OfferedPreconditioner::set_up(const SparseMatrix& matrix, bool symmetric, std::span<const std::int32_t> without) {
  run_named(comm_, name_, [&] { preconditioner_->set_up(view_of(matrix, symmetric)); });
  if (tuner_) stiffness_ = stiffness(matrix, without);
}

void OfferedPreconditioner::attach(PC pc) {
  petsc_check(PCSetType(pc, PCSHELL), "choosing a preconditioner");
  petsc_check(PCShellSetName(pc, name_.c_str()), "choosing a preconditioner");
  petsc_check(PCShellSetContext(pc, this), "choosing a preconditioner");
  petsc_check(PCShellSetApply(pc,
                              [](PC shell, Vec r, Vec z) -> PetscErrorCode {
                                void* context = nullptr;
                                PCShellGetContext(shell, &context);
                                try {
                                  static_cast<OfferedPreconditioner*>(context)->apply(r, z);
                                } catch (...) {
                                  return PETSC_ERR_LIB;  // nothing may be thrown through PETSc
                                }
                                return 0;
                              }),
              "choosing a preconditioner");
}

/// After an error z is no number, which ends the solve in an orderly way.
void OfferedPreconditioner::apply(Vec r, Vec z) {
  PetscInt size = 0;
  const double* from = nullptr;
  double* to = nullptr;
  petsc_check(VecGetLocalSize(r, &size), "applying a preconditioner");
  petsc_check(VecGetArrayRead(r, &from), "applying a preconditioner");
  petsc_check(VecGetArrayWrite(z, &to), "applying a preconditioner");
  const std::span given(from, static_cast<std::size_t>(size));
  const std::span result(to, static_cast<std::size_t>(size));
  try {
    if (!failure_) {
      run_named(comm_, name_, [&] {
        preconditioner_->apply(given, result);
        if (all_finite(result) || !all_finite(given)) return;
        throw Error(ErrorKind::not_finite, name_ + " gave a value that is not finite", "linear solver",
                    "use another preconditioner, or check the coefficients for extreme values");
      });
    }
  } catch (const Error& error) {
    failure_ = error;
  }
  if (failure_) std::ranges::fill(result, std::numeric_limits<double>::quiet_NaN());
  petsc_check(VecRestoreArrayWrite(z, &to), "applying a preconditioner");
  petsc_check(VecRestoreArrayRead(r, &from), "applying a preconditioner");
}

void OfferedPreconditioner::throw_failure() {
  if (const auto failure = std::exchange(failure_, std::nullopt)) throw Error(*failure);
}

void OfferedPreconditioner::propose(double digits) {
  run_named(comm_, tuner_name_, [&] {
    std::array<double, sdk::num_contexts> context{};
    context[sdk::stiffness] = stiffness_;
    context[sdk::digits] = std::clamp(digits / 16.0, 0.0, 1.0);
    tuner_->propose(context, values_);
    for (std::size_t k = 0; k < knobs_.size(); ++k) {
      if (values_[k] >= knobs_[k].low && values_[k] <= knobs_[k].high) continue;
      throw Error(ErrorKind::plugin, fmt::format("{} proposes {} = {}, which is not in [{}, {}]", tuner_name_,
                                                 knobs_[k].name, values_[k], knobs_[k].low, knobs_[k].high));
    }
    set_knobs(values_);
  });
}

void OfferedPreconditioner::reset_knobs() {
  for (std::size_t k = 0; k < knobs_.size(); ++k) values_[k] = knobs_[k].initial;
  set_knobs(values_);
}

void OfferedPreconditioner::set_knobs(std::span<const double> values) {
  if (!values.empty()) preconditioner_->set_knobs(values);
}

std::string OfferedPreconditioner::knobs_text() const {
  std::string text;
  for (std::size_t k = 0; k < knobs_.size(); ++k)
    text += fmt::format("{}{} = {:.4g}", k > 0 ? ", " : "", knobs_[k].name, values_[k]);
  return text;
}

void OfferedPreconditioner::exchange(sdk::StateArchive& archive) {
  if (tuner_) tuner_->exchange(archive);
}

}  // namespace ansatz::linear
