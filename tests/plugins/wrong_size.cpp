#include "ansatz/sdk/plugin.hpp"

namespace {
const ansatz::sdk::PluginDescriptor descriptor{32,
                                               ansatz::sdk::plugin_magic,
                                               ansatz::sdk::api_major,
                                               0,
                                               nullptr,
                                               "wrong_size",
                                               "1.0.0",
                                               "Ada",
                                               "BSD-3-Clause",
                                               "is refused",
                                               [](ansatz::sdk::Registrar&) {},
                                               1};
}  // namespace

ANSATZ_PLUGIN_EXPORT const ansatz::sdk::PluginDescriptor* ansatz_plugin_descriptor() { return &descriptor; }
