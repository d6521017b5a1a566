#include "new_plugin.hpp"

#include <ansatz/sdk/plugin.hpp>

namespace {

using namespace ansatz::sdk;

void register_all(Registrar& registrar) {
  registrar.add_tuner("new_plugin", "the value that was cheapest so far, and now and then another",
                      NewPlugin::options(), [](std::span<const Knob> knobs, const ParameterSet& options) {
                        return std::make_unique<NewPlugin>(knobs, options);
                      });
}

}  // namespace

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "a tuner of preconditioners", register_all)
