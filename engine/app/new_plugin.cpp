#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/show.hpp"

namespace ansatz::app {
namespace {

namespace fs = std::filesystem;
using sdk::Error;
using sdk::ErrorKind;

/// The names that the templates use, in both spellings.
constexpr const char* template_name = "new_plugin";
constexpr const char* template_type = "NewPlugin";

/// share/ansatz/template of the tree that this program is in.
fs::path template_folder() {
  return fs::path(boost::dll::program_location().string()).parent_path().parent_path() / "share/ansatz/template";
}

/// "allen_cahn" -> "AllenCahn".
std::string type_name(const std::string& name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    if (c != '_') out += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = c == '_';
  }
  return out;
}

void check_name(const std::string& name) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; };
  const bool valid =
      !name.empty() && is_lower(name.front()) && name.back() != '_' && std::ranges::all_of(name, allowed);
  constexpr std::array reserved{"all", "clean", "help", "install", "package", "test"};  // targets of CMake
  if (valid && std::ranges::find(reserved, name) == reserved.end()) return;
  throw Error(
      ErrorKind::usage, fmt::format("\"{}\" is not a name for a plugin", name), "ansatz new-plugin",
      "it begins with a lower-case letter, then lower-case letters, digits and underscores, for example allen_cahn; "
      "a target of CMake (all, test, ...) it cannot be");
}

void check_kind(const std::string& kind) {
  const auto kinds = plugin_kinds();
  if (std::ranges::find(kinds, kind) != kinds.end()) return;
  if (kinds.empty()) {
    throw Error(ErrorKind::usage, "the templates of plugins are not installed", template_folder().string(),
                "install the SDK beside the command (Debian: ansatz-sdk)");
  }
  const auto meant = sdk::did_you_mean(kind, kinds);
  throw Error(ErrorKind::usage, fmt::format("there is no kind of plugin \"{}\"", kind), "ansatz new-plugin",
              meant.empty() ? fmt::format("kinds: {}", fmt::join(kinds, ", ")) : meant);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// One file of a template with the new names in its text; its own name is `target`'s already.
void write_file(const fs::path& source, const fs::path& target, const std::string& name) {
  std::ifstream in(source, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  std::ofstream out(target, std::ios::binary);
  out << replaced(replaced(text.str(), template_name, name), template_type, type_name(name));
  if (!in || !out.flush()) throw Error(ErrorKind::output, "cannot write the file", target.string());
}

/// All files of `from`, with its folders where `deep`, under `to`.
void copy_template(const fs::path& from, const fs::path& to, const std::string& name, bool deep) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const auto target = to / replaced(entry.path().filename().string(), template_name, name);
    if (entry.is_regular_file()) write_file(entry.path(), target, name);
    if (!deep || !entry.is_directory()) continue;
    fs::create_directory(target);
    copy_template(entry.path(), target, name, deep);
  }
}

void make(const std::string& kind, const std::string& name, const fs::path& folder) {
  check_kind(kind);
  check_name(name);
  if (fs::exists(folder)) {
    throw Error(ErrorKind::usage, "the folder exists already", folder.string(),
                "choose another name, or another place with --in DIR");
  }
  if (!fs::is_directory(folder.parent_path())) {
    throw Error(ErrorKind::usage, "there is no such folder", folder.parent_path().string(), "make it first: mkdir -p");
  }
  try {
    fs::create_directory(folder);
    copy_template(template_folder(), folder, name, false);
    copy_template(template_folder() / kind, folder, name, true);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::output, fmt::format("cannot make the plugin: {}", error.code().message()), folder.string(),
                "check that you may write there");
  }
}

}  // namespace

std::vector<std::string> plugin_kinds() {
  std::vector<std::string> kinds;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(template_folder(), missing)) {
    if (entry.is_directory()) kinds.push_back(entry.path().filename().string());
  }
  std::ranges::sort(kinds);
  return kinds;
}

int new_plugin(const std::string& kind, const std::string& name, const std::string& parent,
               const base::Communicator& comm) {
  const fs::path shown = parent == "." ? fs::path(name) : fs::path(parent) / name;
  base::agree(comm, [&] {
    if (comm.is_root()) make(kind, name, fs::absolute(parent) / name);
  });
  if (!comm.is_root()) return 0;
  const auto folder = shown.string();
  const bool has_case = fs::exists(fs::absolute(parent) / name / "case.toml");
  show(
      "made {0}: a plugin of kind {1}; read {0}/README.md, then\n"
      "  cmake -S {0} -B {0}/build && cmake --build {0}/build\n"
      "  ctest --test-dir {0}/build\n"
      "  ANSATZ_PLUGIN_PATH={0}/build ansatz {2}\n",
      folder, kind, has_case ? "run " + folder : "describe " + name);
  return 0;
}

}  // namespace ansatz::app
