#include "new_plugin.hpp"

#include <ansatz/sdk/plugin.hpp>

namespace {

void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_study(NewPlugin::description(),
                      [](const ansatz::sdk::Problem& problem,
                         const ansatz::sdk::ParameterSet& options) -> std::unique_ptr<ansatz::sdk::Study> {
                        return std::make_unique<NewPlugin>(problem, options);
                      });
}

}  // namespace

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "a study", register_all)
