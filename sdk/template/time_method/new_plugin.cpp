#include "new_plugin.hpp"

#include <ansatz/sdk/plugin.hpp>

namespace {

void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_time_method(NewPlugin::description(),
                            [](ansatz::sdk::TimeSystem& system) -> std::unique_ptr<ansatz::sdk::TimeMethod> {
                              return std::make_unique<NewPlugin>(system);
                            });
}

}  // namespace

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "a time-stepping method", register_all)
