#include "ansatz/sdk/plugin.hpp"

ANSATZ_PLUGIN("wrong_petsc", "1.0.0", "Ada", "BSD-3-Clause", "is refused", [](ansatz::sdk::Registrar&) {})
