#pragma once
/// The SDK's communicator, under the names that the engine uses.

#include "ansatz/sdk/communicator.hpp"

namespace ansatz::base {

using sdk::agree;
using sdk::agree_on;
using sdk::Communicator;
using sdk::current_error;

}  // namespace ansatz::base
