#include "ansatz/sdk/plugin.hpp"

namespace {
const ansatz::sdk::PluginDescriptor descriptor{sizeof(ansatz::sdk::PluginDescriptor),
                                               ansatz::sdk::plugin_magic,
                                               ansatz::sdk::api_major,
                                               ansatz::sdk::api_minor,
                                               "compiler=clang-99;cxx11_abi=0;mpi=mpich-4.0;torch=1.13;",
                                               "wrong_fingerprint",
                                               "1.0.0",
                                               "Ada",
                                               "BSD-3-Clause",
                                               "is refused",
                                               [](ansatz::sdk::Registrar&) {},
                                               1};
}  // namespace

ANSATZ_PLUGIN_EXPORT const ansatz::sdk::PluginDescriptor* ansatz_plugin_descriptor() { return &descriptor; }
