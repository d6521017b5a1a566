#include "ansatz/sdk/plugin.hpp"

namespace {
const ansatz::sdk::PluginDescriptor descriptor{sizeof(ansatz::sdk::PluginDescriptor),
                                               12345,
                                               ansatz::sdk::api_major,
                                               ansatz::sdk::api_minor,
                                               ansatz::sdk::build_fingerprint,
                                               "no_magic",
                                               "1.0.0",
                                               "Ada",
                                               "BSD-3-Clause",
                                               "is refused",
                                               [](ansatz::sdk::Registrar&) {},
                                               1};
}  // namespace

ANSATZ_PLUGIN_EXPORT const ansatz::sdk::PluginDescriptor* ansatz_plugin_descriptor() { return &descriptor; }
