#pragma once
/// The tuners of the engine, offered as a plugin would.

#include "ansatz/sdk/plugin.hpp"

namespace ansatz::linear {

/// "tsallis_inf" and "cheb_cb".
void register_tuners(sdk::Registrar& registrar);

}  // namespace ansatz::linear
