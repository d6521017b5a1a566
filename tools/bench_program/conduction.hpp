#pragma once
/// The physics `test`: what a user writes, compiled into this program instead of a plugin.

#include "ansatz/sdk/plugin.hpp"

namespace ansatz::bench {

void register_conduction(sdk::Registrar& registrar);

}  // namespace ansatz::bench
