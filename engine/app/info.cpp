#include "ansatz/sdk/error.hpp"
#include "engine/app/commands.hpp"

namespace ansatz::app {

int info(const std::string& file, const base::Communicator&) {
  throw sdk::Error(sdk::ErrorKind::state, "result files cannot be described yet", file);
}

}  // namespace ansatz::app
