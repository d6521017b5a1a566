#include "reader.hpp"

ANSATZ_PLUGIN("good", "9.9.9", "Eve", "BSD-3-Clause", "has the name of another plugin", [](ansatz::sdk::Registrar&) {})
