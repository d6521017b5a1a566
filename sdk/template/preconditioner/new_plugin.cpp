#include "new_plugin.hpp"

#include <ansatz/sdk/plugin.hpp>

namespace {

using namespace ansatz::sdk;

void register_all(Registrar& registrar) {
  // Options that a case may give in [linear.new_plugin] are added to this schema, and read from the ParameterSet.
  registrar.add_preconditioner("new_plugin", "division by the diagonal", ParameterSchema(),
                               [](const Communicator&, const ParameterSet&) { return std::make_unique<NewPlugin>(); });
}

}  // namespace

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "a preconditioner", register_all)
