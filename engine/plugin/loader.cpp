#include "engine/plugin/loader.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::plugin {
namespace {

namespace fs = std::filesystem;
using sdk::Error;
using sdk::ErrorKind;

bool is_plugin_file(const fs::path& path) {
  const auto name = path.filename().string();
  const std::string suffix = file_suffix;
  return name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

fs::path folder_of_this_library() { return fs::path(boost::dll::this_line_location().string()).parent_path(); }

/// The dynamic loader maps a truncated library and then dies of a bus error: refuse it before.
void check_complete(const fs::path& file) {
  const auto damaged = [&](const char* what) {
    return Error(ErrorKind::plugin, fmt::format("plugin cannot be loaded: {}", what), file.string(),
                 "build or copy it again");
  };
  const auto size = fs::file_size(file);
  std::ifstream in(file, std::ios::binary);
  Elf64_Ehdr header{};
  if (!in.read(reinterpret_cast<char*>(&header), sizeof header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    throw damaged("the file is not a shared library");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr)) {
    throw damaged("the file is for another kind of machine");
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  in.seekg(static_cast<std::streamoff>(header.e_phoff));
  const auto bytes = static_cast<std::streamsize>(segments.size() * sizeof(Elf64_Phdr));
  if (!in.read(reinterpret_cast<char*>(segments.data()), bytes)) throw damaged("the file is truncated");
  for (const auto& segment : segments) {
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) throw damaged("the file is truncated");
  }
  if (header.e_shoff > size || std::uintmax_t{header.e_shnum} * header.e_shentsize > size - header.e_shoff) {
    throw damaged("the file is truncated");
  }
}

std::string last_dl_error() {
  const char* text = dlerror();
  return text ? text : "unknown error of the dynamic loader";
}

}  // namespace

std::vector<fs::path> search_path(const fs::path& case_folder) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& folder) {
    const auto normal = fs::weakly_canonical(fs::absolute(folder));
    if (std::find(folders.begin(), folders.end(), normal) == folders.end()) folders.push_back(normal);
  };
  if (const char* variable = std::getenv("ANSATZ_PLUGIN_PATH")) {
    std::istringstream entries(variable);
    for (std::string entry; std::getline(entries, entry, ':');) {
      if (!entry.empty()) add(entry);
    }
  }
  add(fs::path(boost::dll::program_location().string()).parent_path().parent_path() / "lib/ansatz/plugins");
  add(folder_of_this_library() / "ansatz/plugins");
  if (!case_folder.empty()) add(case_folder);
  return folders;
}

std::vector<std::string> discover(const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const auto& folder : folders) {
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
      if (!is_plugin_file(entry.path())) continue;
      const auto name = entry.path().filename().string();
      names.insert(name.substr(0, name.size() - std::string(file_suffix).size()));
    }
  }
  return {names.begin(), names.end()};
}

fs::path resolve(const std::string& name, const std::vector<fs::path>& folders, const std::string& where) {
  std::vector<fs::path> tried;
  if (name.find('/') != std::string::npos) {
    tried.push_back(name);
  } else {
    for (const auto& folder : folders) tried.push_back(folder / (name + file_suffix));
  }
  std::string list;
  for (const auto& path : tried) {
    std::error_code none;
    if (!name.empty() && fs::is_regular_file(path, none)) return fs::canonical(path);
    list += "\n    " + path.string();
  }
  const auto known = discover(folders);
  auto hint = sdk::did_you_mean(name, known);
  if (hint.empty()) {
    hint = "set ANSATZ_PLUGIN_PATH to the folder that has the plugin; found there now: ";
    hint += known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "));
  }
  throw Error(ErrorKind::plugin, "plugin \"" + name + "\" not found; tried" + list, where, hint);
}

std::uint64_t checksum(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw Error(ErrorKind::plugin, "plugin file cannot be read", file.string(), "check that every rank sees this file");
  std::uint64_t hash = 0xcbf29ce484222325;
  std::vector<char> block(1 << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    for (std::streamsize i = 0; i < in.gcount(); ++i)
      hash = (hash ^ static_cast<unsigned char>(block[i])) * 0x100000001b3;
  }
  return hash;
}

Library open(const fs::path& file) {
  namespace dll = boost::dll;
  const auto mode =
      dll::load_mode::rtld_now | dll::load_mode::rtld_local | static_cast<dll::load_mode::type>(RTLD_NODELETE);
  check_complete(file);
  Library library;
  dll::fs::error_code failed;
  library.handle.load(file.string(), failed, mode);
  if (failed) {
    throw Error(ErrorKind::plugin, "plugin cannot be loaded: " + last_dl_error(), file.string(),
                "a library that it needs is missing, or it was built for another machine or Ansatz: rebuild it");
  }
  if (!library.handle.has(sdk::plugin_symbol)) {
    throw Error(ErrorKind::plugin, fmt::format("not an Ansatz plugin: it does not export \"{}\"", sdk::plugin_symbol),
                file.string(), "end one source file of the plugin with ANSATZ_PLUGIN(...)");
  }
  library.descriptor = library.handle.get<const sdk::PluginDescriptor*()>(sdk::plugin_symbol)();
  check_handshake(library.descriptor, file);
  return library;
}

}  // namespace ansatz::plugin
