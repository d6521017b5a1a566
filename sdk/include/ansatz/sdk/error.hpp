#pragma once
/// The one list of error kinds, their exit codes, and the exception that carries them.

#include <stdexcept>
#include <string>

/// X(kind, exit code, text).
#define ANSATZ_ERROR_KINDS(X)                                 \
  X(verification, 1, "verification or certificate failed")    \
  X(usage, 2, "wrong use of the command")                     \
  X(case_file, 2, "error in the case file")                   \
  X(parameter, 2, "parameter missing or out of range")        \
  X(plugin, 3, "plugin cannot be loaded or used")             \
  X(plugin_abi, 3, "plugin was built for another Ansatz")     \
  X(mesh, 4, "mesh file or mesh unusable")                    \
  X(state, 4, "result, model or restart file unusable")       \
  X(solver, 5, "solver failed")                               \
  X(not_finite, 5, "value is not finite or out of its range") \
  X(stopped, 6, "stopped on request, checkpoint written")     \
  X(out_of_time, 7, "out of time, checkpoint written")        \
  X(output, 8, "output cannot be written")                    \
  X(internal, 70, "internal error, please report it")

namespace ansatz::sdk {

enum class ErrorKind : int {
#define ANSATZ_ERROR_ENUM(kind, code, text) kind,
  ANSATZ_ERROR_KINDS(ANSATZ_ERROR_ENUM)
#undef ANSATZ_ERROR_ENUM
};

/// Exit code of the process for this kind of error.
int exit_code(ErrorKind kind);
/// One-line description of the kind.
const char* text(ErrorKind kind);
/// Identifier of the kind as written in the list, for example "case_file".
const char* name(ErrorKind kind);

/// An error that says where, what and how to fix it.
///
///   throw Error(ErrorKind::mesh, "boundary \"lft\" does not exist", "case.toml:12:5", "did you mean \"left\"?");
class Error : public std::runtime_error {
 public:
  /// \param what  one sentence
  /// \param where file:line:column, cell and time, or function; may be empty
  /// \param hint  how to fix it; may be empty
  Error(ErrorKind kind, const std::string& what, std::string where = {}, std::string hint = {});
  ~Error() override;

  ErrorKind kind() const { return kind_; }
  const std::string& where() const { return where_; }
  const std::string& hint() const { return hint_; }

  /// Text for people: "error: where: what" and a line "help: hint" where there is one.
  std::string report() const;

 private:
  ErrorKind kind_;
  std::string where_;
  std::string hint_;
};

}  // namespace ansatz::sdk
