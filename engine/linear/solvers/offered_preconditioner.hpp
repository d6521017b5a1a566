#pragma once
/// A preconditioner of a plugin in a Krylov solver, and the tuner of its knobs. Private to engine/linear/solvers.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/tuner.hpp"
#include "engine/base/communicator.hpp"
#include "engine/base/petsc.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "engine/linear/solvers/krylov.hpp"

namespace ansatz::linear {

class OfferedPreconditioner {
 public:
  /// Of options with `make_preconditioner`. \throws sdk::Error what the factories throw, and of kind parameter for
  /// knobs that make no sense and tuners without knobs. *Collective.*
  OfferedPreconditioner(const base::Communicator& comm, const KrylovOptions& options);

  sdk::PreconditionerTraits traits() const { return traits_; }
  /// Sets up the preconditioner. \throws sdk::Error on all ranks. *Collective.*
  /// \param without rows that count for no context: owned, ascending
  void set_up(const SparseMatrix& matrix, bool symmetric, std::span<const std::int32_t> without);
  /// Makes `pc` a shell around this, which must outlive the last use of `pc`. *Collective.*
  void attach(PC pc);
  /// The error of an apply() since the last call. Such a solve was told that values are not finite. Not collective, but
  /// equal on all ranks.
  void throw_failure();

  bool is_tuned() const { return tuner_ != nullptr; }
  /// Lets the tuner choose.
  /// \param digits to gain by the solve
  void propose(double digits);
  void learn(std::int64_t iterations, bool converged) { tuner_->learn(iterations, converged); }
  void reset_knobs();
  /// "omega = 1.2"; of several "a = 1, b = 2".
  std::string knobs_text() const;
  /// State of the tuner; nothing without one.
  void exchange(sdk::StateArchive& archive);

 private:
  void apply(Vec r, Vec z);
  void set_knobs(std::span<const double> values);

  base::Communicator comm_;
  std::string name_, tuner_name_;
  std::unique_ptr<sdk::Preconditioner> preconditioner_;
  sdk::PreconditionerTraits traits_;
  std::vector<sdk::Knob> knobs_;
  std::vector<double> values_;  ///< of the knobs
  std::unique_ptr<sdk::Tuner> tuner_;
  double stiffness_ = 0.0;
  std::optional<sdk::Error> failure_;
};

/// log10(1 + |trace(A)| / |sum of all entries|) / 4, at most 1: sdk::SolveContext::stiffness. *Collective.*
double stiffness(const SparseMatrix& matrix, std::span<const std::int32_t> without);

/// The rows of a matrix as a plugin sees them.
sdk::MatrixView view_of(const SparseMatrix& matrix, bool symmetric);

}  // namespace ansatz::linear
