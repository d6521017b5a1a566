#pragma once
/// What KrylovSolver makes of its options: names, the automatic choice, and a private database of PETSc options.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/petsc.hpp"
#include "engine/linear/solvers/krylov.hpp"

namespace ansatz::linear {

/// Facts about a system that the automatic choice depends on.
struct SystemTraits {
  int dimension = 2;  ///< of the mesh
  std::int64_t num_unknowns = 0;
  std::int64_t num_nonzeros = 0;
  bool symmetric = false;
  bool vector_valued = false;                             ///< block size > 1 or near-null space given
  bool singular = false;                                  ///< null space given
  bool constrained = false;                               ///< has multipliers
  bool has_operators = false;                             ///< for a preconditioner of constraints
  std::optional<sdk::PreconditionerTraits> offered = {};  ///< of an offered preconditioner
};

/// Names as in KrylovOptions, none empty.
struct SolverChoice {
  std::string solver;
  std::string preconditioner;
  bool after_failure = false;  ///< took over from a chosen method
};

/// \throws sdk::Error of kind parameter for an unknown name, a combination that makes no sense, or a bad number.
void check(const KrylovOptions& options);
/// What a KrylovSolver with an offered preconditioner and a tuner would throw when it is made. *Collective.*
void check_offer(const base::Communicator& comm, const KrylovOptions& options);
/// \throws sdk::Error of kind parameter where the solver cannot use such a preconditioner.
void check_offered(const KrylovOptions& options, const sdk::PreconditionerTraits& traits);
std::vector<std::string> own_preconditioners();
/// Names that no plugin's preconditioner or tuner may have: those, and the other keys of [linear] beside [linear.NAME].
std::vector<std::string> reserved_names();
std::vector<std::string> solver_names();
/// \param constrained the system has multipliers \throws sdk::Error of kind parameter where the preconditioner needs
/// them
void check_preconditioner(const std::string& name, bool constrained);

/// Work of a direct solver over that of one sweep through the matrix: the largest front of nested dissection, with
/// n^(1 - 1/d) (z/n)^(1/d) unknowns for n unknowns and z nonzeros in d dimensions, to the third power, over z.
double elimination_work(const SystemTraits& traits);

/// Fills in what is empty in the options (see KrylovOptions).
SolverChoice choose(const KrylovOptions& options, const SystemTraits& traits);

/// PETSc options of one solver, apart from those of the process.
class OptionsDatabase {
 public:
  /// \throws sdk::Error of kind parameter when `text` is not a list of "-name" and "-name value".
  explicit OptionsDatabase(const std::string& text);

  /// Sets what `text` has and the user's text has not. Not counted by unread().
  void insert_defaults(const std::string& text);
  /// The user's options that nothing has read, as "-name value".
  std::vector<std::string> unread() const;

  /// Makes a database the one that PETSc reads, for a scope.
  class Scope {
   public:
    explicit Scope(const OptionsDatabase& database);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };

 private:
  bool is_users(const std::string& name) const;

  std::vector<std::string> user_names_;  ///< lower case, with the dash
  base::OptionsHandle options_;
};

/// What a failed solve says about its reason, and what may help.
struct FailureWords {
  std::string reason;
  std::string hint;
};
FailureWords words(KSPConvergedReason reason, PCFailedReason pc_reason, const SolverChoice& used,
                   const SystemTraits& traits, int iterations);

}  // namespace ansatz::linear
