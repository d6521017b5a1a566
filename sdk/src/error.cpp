#include "ansatz/sdk/error.hpp"

#include <array>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::sdk {
namespace {

struct KindEntry {
  const char* name;
  int exit_code;
  const char* text;
};

constexpr std::array kinds{
#define ANSATZ_ERROR_ENTRY(kind, code, text) KindEntry{#kind, code, text},
    ANSATZ_ERROR_KINDS(ANSATZ_ERROR_ENTRY)
#undef ANSATZ_ERROR_ENTRY
};

const KindEntry& entry(ErrorKind kind) { return kinds.at(static_cast<std::size_t>(kind)); }

}  // namespace

int exit_code(ErrorKind kind) { return entry(kind).exit_code; }
const char* text(ErrorKind kind) { return entry(kind).text; }
const char* name(ErrorKind kind) { return entry(kind).name; }

Error::Error(ErrorKind kind, const std::string& what, std::string where, std::string hint)
    : std::runtime_error(what), kind_(kind), where_(std::move(where)), hint_(std::move(hint)) {}

Error::~Error() = default;

std::string Error::report() const {
  std::string out = where_.empty() ? "error: " : where_ + ": error: ";
  out += what();
  if (!hint_.empty()) out += "\n  help: " + hint_;
  return printable(out);
}

}  // namespace ansatz::sdk
