#include "ansatz/sdk/plugin.hpp"

namespace {
const ansatz::sdk::PluginDescriptor descriptor{sizeof(ansatz::sdk::PluginDescriptor),
                                               ansatz::sdk::plugin_magic,
                                               77,
                                               3,
                                               ansatz::sdk::build_fingerprint,
                                               "wrong_api",
                                               "1.0.0",
                                               "Ada",
                                               "BSD-3-Clause",
                                               "is refused",
                                               [](ansatz::sdk::Registrar&) {},
                                               1};
}  // namespace

ANSATZ_PLUGIN_EXPORT const ansatz::sdk::PluginDescriptor* ansatz_plugin_descriptor() { return &descriptor; }
