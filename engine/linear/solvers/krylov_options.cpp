#include "engine/linear/solvers/krylov_options.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <sstream>

#include "engine/linear/solvers/offered_preconditioner.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr std::int64_t small_system = 5000;
// Work of elimination up to which a direct solver is chosen before gmres with pcd in 1-D, 2-D (about 50,000 unknowns of
// P2/P1) and 3-D, where the work is the number of unknowns. One rank, seconds directly and by gmres: ducts of 21,816
// unknowns (hexahedra) 3.9 and 4.4, 44,508 (tetrahedra) 10.2 and 7.3, 69,163 (hexahedra) 21.4 and 16.1.
// `tools/bench flow` prints both around them.
constexpr std::array most_saddle_work{1.1e3, 1.1e3, 4e4};
constexpr std::array solvers{"cg", "minres", "gmres", "fgmres", "richardson", "direct"};
constexpr std::array preconditioners{"hypre", "gamg", "pcd", "jacobi", "ilu", "none", "mumps"};

template <class Names>
void check_name(const char* what, const std::string& name, const Names& names) {
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
  std::string list;
  for (const char* known : names) list += (list.empty() ? "" : ", ") + std::string(known);
  throw Error(ErrorKind::parameter, std::string(what) + " \"" + name + "\" does not exist", "linear",
              "one of " + list + ", or leave it out for an automatic choice");
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_option_name(const std::string& token) {
  PetscBool valid = PETSC_FALSE;
  petsc_check(PetscOptionsValidKey(token.c_str(), &valid), "reading PETSc options");
  return valid == PETSC_TRUE;
}

struct Option {
  std::string name, value;
};

std::vector<Option> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<Option> options;
  for (std::string token; stream >> token;) {
    if (is_option_name(token)) {
      options.push_back({token.starts_with("--") ? token.substr(1) : token, {}});
    } else if (!options.empty() && options.back().value.empty()) {
      options.back().value = token;
    } else {
      throw Error(
          ErrorKind::parameter, "\"" + token + "\" is neither a PETSc option nor the value of one", "linear.petsc",
          "write options as on PETSc's command line: \"-ksp_gmres_restart 50 -ksp_view\"; a value has no spaces");
    }
  }
  return options;
}

void set(PetscOptions options, const Option& option) {
  petsc_check(PetscOptionsSetValue(options, option.name.c_str(), option.value.empty() ? nullptr : option.value.c_str()),
              "setting a PETSc option");
}

}  // namespace

void check(const KrylovOptions& options) {
  check_name("linear solver", options.solver, solvers);
  if (!options.make_preconditioner) check_name("preconditioner", options.preconditioner, preconditioners);
  if (options.solver == "direct" && !options.preconditioner.empty() && options.preconditioner != "mumps") {
    throw Error(ErrorKind::parameter, "a direct solver has no preconditioner \"" + options.preconditioner + "\"",
                "linear", "leave out the preconditioner, or choose a Krylov solver such as cg or gmres");
  }
  if (!(options.relative_tolerance >= 0.0 && options.relative_tolerance < 1.0) ||
      !(options.absolute_tolerance >= 0.0)) {
    throw Error(ErrorKind::parameter,
                "tolerances of a linear solver must lie in [0, 1) (relative) and be >= 0 (absolute)", "linear",
                "the defaults are 1e-10 and 0");
  }
  if (options.max_iterations < 1) {
    throw Error(ErrorKind::parameter, "a linear solver needs at least one iteration", "linear",
                "set max_iterations >= 1");
  }
}

void check_offered(const KrylovOptions& options, const sdk::PreconditionerTraits& traits) {
  const auto& solver = options.solver;
  const auto refuse = [&](const char* what, const char* hint) {
    throw Error(ErrorKind::parameter,
                "the preconditioner \"" + options.preconditioner + "\" is not " + what + ", which the solver \"" +
                    solver + "\" needs",
                "linear", hint);
  };
  if (!traits.linear && !solver.empty() && solver != "fgmres") refuse("linear", "use solver \"fgmres\"");
  if (!traits.symmetric && (solver == "cg" || solver == "minres"))
    refuse("symmetric", "use solver \"gmres\", or leave it out for an automatic choice");
}

void check_offer(const base::Communicator& comm, const KrylovOptions& options) {
  if (options.make_preconditioner) (void)OfferedPreconditioner(comm, options);
}

std::vector<std::string> own_preconditioners() { return {preconditioners.begin(), preconditioners.end()}; }
std::vector<std::string> reserved_names() {
  auto names = own_preconditioners();
  names.insert(names.end(),
               {"automatic", "solver", "preconditioner", "tuner", "relative_tolerance", "absolute_tolerance",
                "max_iterations", "newton_relative_tolerance", "newton_absolute_tolerance",
                "newton_correction_tolerance", "newton_max_iterations", "line_search", "jacobian", "petsc"});
  return names;
}
std::vector<std::string> solver_names() { return {solvers.begin(), solvers.end()}; }

double elimination_work(const SystemTraits& traits) {
  if (traits.num_unknowns == 0 || traits.num_nonzeros == 0) return 0.0;
  const double d = traits.dimension, n = static_cast<double>(traits.num_unknowns),
               z = static_cast<double>(traits.num_nonzeros);
  const double front = std::pow(n, 1.0 - 1.0 / d) * std::pow(z / n, 1.0 / d);
  return front * front * front / z;
}

void check_preconditioner(const std::string& name, bool constrained) {
  if (constrained || name != "pcd") return;
  throw Error(ErrorKind::parameter,
              "the preconditioner \"pcd\" is for systems with constraints, such as incompressible flow", "linear",
              "choose another one, or leave it out for an automatic choice");
}

SolverChoice choose(const KrylovOptions& options, const SystemTraits& traits) {
  SolverChoice choice{options.solver, options.preconditioner};
  if (choice.solver.empty()) {
    const bool is_cheap = !traits.constrained ? traits.num_unknowns < small_system
                                              : !traits.has_operators || elimination_work(traits) <
                                                                             most_saddle_work.at(traits.dimension - 1);
    const bool direct = is_cheap && !traits.singular && choice.preconditioner.empty();
    const auto offered = traits.offered.value_or(sdk::PreconditionerTraits{});
    choice.solver = direct                                                         ? "direct"
                    : !offered.linear                                              ? "fgmres"
                    : traits.symmetric && !traits.constrained && offered.symmetric ? "cg"
                                                                                   : "gmres";
  }
  if (choice.preconditioner.empty()) {
    if (choice.solver == "direct") {
      choice.preconditioner = "mumps";
    } else if (traits.constrained) {
      choice.preconditioner = "pcd";
    } else if (choice.solver == "minres") {
      choice.preconditioner = "jacobi";
    } else {
      choice.preconditioner = traits.symmetric && traits.vector_valued ? "gamg" : "hypre";
    }
  }
  return choice;
}

OptionsDatabase::OptionsDatabase(const std::string& text) {
  petsc_check(PetscOptionsCreate(options_.put()), "creating PETSc options");
  for (const Option& option : split(text)) {
    set(options_.get(), option);
    user_names_.push_back(lower(option.name));
  }
}

bool OptionsDatabase::is_users(const std::string& name) const {
  return std::find(user_names_.begin(), user_names_.end(), lower(name)) != user_names_.end();
}

void OptionsDatabase::insert_defaults(const std::string& text) {
  for (const Option& option : split(text)) {
    if (!is_users(option.name)) set(options_.get(), option);
  }
}

std::vector<std::string> OptionsDatabase::unread() const {
  PetscInt count = 0;
  char **names = nullptr, **values = nullptr;
  petsc_check(PetscOptionsLeftGet(options_.get(), &count, &names, &values), "reading PETSc options");
  std::vector<std::string> out;
  for (PetscInt i = 0; i < count; ++i) {
    const std::string name = std::string("-") + names[i];
    if (is_users(name)) out.push_back(values[i] == nullptr ? name : name + " " + values[i]);
  }
  petsc_check(PetscOptionsLeftRestore(options_.get(), &count, &names, &values), "reading PETSc options");
  return out;
}

OptionsDatabase::Scope::Scope(const OptionsDatabase& database) {
  petsc_check(PetscOptionsPush(database.options_.get()), "making PETSc options current");
}

OptionsDatabase::Scope::~Scope() { PetscOptionsPop(); }

namespace {

/// What could be tried instead of what was used: never that itself.
std::string other_solver(const SolverChoice& used, const SystemTraits& traits) {
  if (used.solver == "richardson")
    return traits.symmetric ? "use solver \"cg\", which converges where plain iteration does not"
                            : "use solver \"gmres\"";
  if (used.solver != "direct") return "use solver \"direct\"";
  if (used.after_failure) return "take a coarser mesh or smaller steps";
  if (traits.constrained) return "use solver \"gmres\" with preconditioner \"pcd\"";
  return traits.symmetric ? "use solver \"cg\" or \"gmres\"" : "use solver \"gmres\"";
}

bool is_weak(const SolverChoice& used, const SystemTraits& traits) {
  const auto& name = used.preconditioner;
  return traits.offered.has_value() || name == "none" || name == "jacobi" || name == "ilu";
}

FailureWords words_of_preconditioner(PCFailedReason reason, const SolverChoice& used, const SystemTraits& traits) {
  const std::string conditions = "check for missing boundary conditions and for unknowns that no equation determines";
  switch (reason) {
    case PC_FACTOR_NUMERIC_ZEROPIVOT:
    case PC_FACTOR_STRUCT_ZEROPIVOT:
      return {"the factorisation met a zero pivot, so the matrix is singular", conditions};
    case PC_FACTOR_OUTMEMORY:
      return {"the factorisation ran out of memory",
              (used.solver == "direct" ? other_solver(used, traits) : "use a preconditioner that keeps less") +
                  ", or more ranks on more machines"};
    default:
      return {"the preconditioner could not be set up", conditions};
  }
}

}  // namespace

FailureWords words(KSPConvergedReason reason, PCFailedReason pc_reason, const SolverChoice& used,
                   const SystemTraits& traits, int iterations) {
  const std::string other = other_solver(used, traits);
  const std::string indefinite_hint =
      used.solver + " needs " +
      (used.solver == "cg" ? "a symmetric positive definite matrix" : "a symmetric positive definite preconditioner") +
      ": use solver " +
      (used.solver == "gmres"    ? "\"direct\""
       : used.solver == "direct" ? "\"gmres\""
                                 : "\"gmres\" or \"direct\"") +
      ", or check for missing boundary conditions";
  switch (reason) {
    case KSP_DIVERGED_ITS:
      return {"the limit of " + std::to_string(iterations) + " iterations was reached",
              is_weak(used, traits)
                  ? std::string("use a stronger preconditioner (") + (traits.constrained ? "pcd" : "hypre, gamg") +
                        "), more iterations, or solver \"direct\""
                  : "allow more iterations, loosen the tolerance, or " + other};
    case KSP_DIVERGED_DTOL:
      return {"the residual grows", other + " or another preconditioner; check the signs of the coefficients"};
    case KSP_DIVERGED_INDEFINITE_MAT:
      return {"the matrix is not positive definite", indefinite_hint};
    case KSP_DIVERGED_INDEFINITE_PC:
      return {"the preconditioner is not positive definite", indefinite_hint};
    case KSP_DIVERGED_BREAKDOWN:
    case KSP_DIVERGED_BREAKDOWN_BICG:
      return {"the Krylov method broke down", other + "; the matrix may be singular"};
    case KSP_DIVERGED_PC_FAILED:
      return words_of_preconditioner(pc_reason, used, traits);
    case KSP_DIVERGED_NANORINF:
      return {"a value that is not finite appeared",
              other + (used.solver == "direct" ? "" : " or another preconditioner")};
    default:
      if (reason < 0) return {std::string("PETSc says ") + KSPConvergedReasons[reason], other};
      return {"the residual stagnates above the tolerance",
              other +
                  "; the matrix may be singular or very badly conditioned: check for missing boundary conditions and "
                  "extreme coefficients, or loosen the tolerance"};
  }
}

}  // namespace ansatz::linear
