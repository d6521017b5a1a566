#pragma once
/// Finding plugin files and opening them: search path, checksum, handshake. Nothing here communicates.

#include <boost/dll/shared_library.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ansatz/sdk/plugin.hpp"

namespace ansatz::plugin {

/// File name ending of plugins: plugin NAME is the file NAME.ansatz.so.
inline constexpr const char* file_suffix = ".ansatz.so";

/// Folders searched for plugins, in this order: those of ANSATZ_PLUGIN_PATH (separated by colons), lib/ansatz/plugins
/// beside the folder of the executable and in the folder of libansatz, then `case_folder` where it is not empty.
std::vector<std::filesystem::path> search_path(const std::filesystem::path& case_folder = {});

/// Names of all plugins in `folders`, sorted, each once.
std::vector<std::string> discover(const std::vector<std::filesystem::path>& folders);

/// File of a plugin. A `name` with a slash is a path, taken as it is; otherwise the first folder that has it wins.
/// \throws Error of kind plugin with every path tried and a suggestion.
/// \param where for the error, may be empty
std::filesystem::path resolve(const std::string& name, const std::vector<std::filesystem::path>& folders,
                              const std::string& where = {});

/// FNV-1a of the bytes of a file. \throws Error of kind plugin if it cannot be read.
std::uint64_t checksum(const std::filesystem::path& file);

/// Compares the plain struct with this engine before any C++ crosses the boundary.
/// \throws Error of kind plugin if it is none of Ansatz's, of kind plugin_abi with a table of every differing entry.
void check_handshake(const sdk::PluginDescriptor* descriptor, const std::filesystem::path& file);

/// An open library and its accepted descriptor. The code stays in the process when this object is gone.
struct Library {
  boost::dll::shared_library handle;
  const sdk::PluginDescriptor* descriptor = nullptr;
};

/// Opens with RTLD_NOW | RTLD_LOCAL and checks the handshake. \throws Error of kind plugin or plugin_abi.
Library open(const std::filesystem::path& file);

}  // namespace ansatz::plugin
