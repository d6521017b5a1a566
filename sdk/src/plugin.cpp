#include "ansatz/sdk/plugin.hpp"

namespace ansatz::sdk {

Registrar::~Registrar() = default;

}  // namespace ansatz::sdk
