#include "engine/base/version.hpp"

namespace ansatz::base {

std::string version() { return ANSATZ_VERSION; }
std::string commit() { return ANSATZ_COMMIT; }

}  // namespace ansatz::base
