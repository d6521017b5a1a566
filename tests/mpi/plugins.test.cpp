#include <fmt/format.h>
#include <petscversion.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/plugin/registry.hpp"
#include "tests/support/fake_physics.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using test::error_of;
namespace fs = std::filesystem;

namespace {

const fs::path folder = ANSATZ_TEST_PLUGINS;

fs::path file_of(const std::string& name) { return folder / (name + plugin::file_suffix); }

plugin::Registry registry() { return {base::Communicator(MPI_COMM_WORLD), {folder}}; }

/// A folder that all ranks see and that is gone at the end.
class SharedFolder {
 public:
  SharedFolder() : comm_(MPI_COMM_WORLD) {
    std::string name = (fs::temp_directory_path() / "ansatz_plugins_XXXXXX").string();
    if (comm_.is_root() && !mkdtemp(name.data())) name.clear();
    path_ = comm_.broadcast(name);
  }
  ~SharedFolder() {
    comm_.barrier();
    if (comm_.is_root()) fs::remove_all(path_);
  }
  const fs::path& path() const { return path_; }
  const base::Communicator& comm() const { return comm_; }

 private:
  base::Communicator comm_;
  fs::path path_;
};

}  // namespace

TEST_CASE("a plugin loads on all ranks and its reader works", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  REQUIRE(plugins.plugins().size() == 1);
  const auto& good = plugins.plugins()[0];
  CHECK(good.name == "good");
  CHECK(good.version == "1.2.3");
  CHECK(good.author == "Ada");
  CHECK(good.licence == "BSD-3-Clause");
  CHECK(good.purpose == "a plugin that works");
  CHECK(good.path == fs::canonical(file_of("good")).string());
  CHECK(plugins.make_mesh_reader("triangle")->read("any.tri", {}).points[3] == 2.5);
  CHECK(plugins.make_mesh_reader_for("some/file.tri")->extensions() == std::vector<std::string>{".tri"});
}

TEST_CASE("loading the same file again changes nothing", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  plugins.load("good");
  plugins.load(file_of("good").string());
  plugins.load((folder / ".." / folder.filename() / ("good" + std::string(plugin::file_suffix))).string());
  CHECK(plugins.plugins().size() == 1);
  CHECK(plugins.offers().mesh_readers.size() == 1);
}

TEST_CASE("an error thrown inside a plugin keeps its kind outside", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  const auto error = error_of([&] { plugins.make_mesh_reader("triangle")->read("missing", {}); });
  CHECK(error.kind() == sdk::ErrorKind::mesh);
  CHECK(error.where() == "missing");
}

TEST_CASE("a plugin may outlive the registry that loaded it", "[plugin]") {
  std::unique_ptr<sdk::MeshReader> reader;
  {
    auto plugins = registry();
    plugins.load("good");
    reader = plugins.make_mesh_reader("triangle");
  }
  CHECK(reader->read("x.tri", {}).cells == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("a missing plugin names every path tried and a near name", "[plugin]") {
  plugin::Registry plugins(base::Communicator(MPI_COMM_WORLD), {"/nowhere/at/all", folder});
  const auto error = error_of([&] { plugins.load("goood", "case.toml:2:11"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin);
  CHECK(sdk::exit_code(error.kind()) == 3);
  CHECK(error.where() == "case.toml:2:11");
  CHECK_THAT(error.what(), Contains("plugin \"goood\" not found") && Contains("/nowhere/at/all/goood.ansatz.so") &&
                               Contains((folder / "goood.ansatz.so").string()));
  CHECK(error.hint() == "did you mean \"good\"?");
  const auto far = error_of([&] { plugins.load("qqqqqqqq"); });
  CHECK_THAT(far.hint(), Contains("ANSATZ_PLUGIN_PATH") && Contains("good") && Contains("wrong_api"));
  CHECK_THAT(error_of([&] { plugins.load("./goood"); }).what(), Contains("tried\n    ./goood"));
  CHECK_THROWS_AS(plugins.load(""), sdk::Error);
}

TEST_CASE("a plugin for another API is refused with both versions", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("wrong_api"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin_abi);
  CHECK(sdk::exit_code(error.kind()) == 3);
  CHECK(error.where() == fs::canonical(file_of("wrong_api")).string());
  CHECK_THAT(error.what(), Contains("built for another Ansatz") && Contains("sdk api") &&
                               Contains(fmt::format("{}.{}", sdk::api_major, sdk::api_minor)) && Contains("77.3"));
  CHECK_THAT(error.what(), !Contains("compiler="));
  CHECK_THAT(error.hint(), Contains("cmake --build"));
  CHECK(plugins.plugins().empty());
}

TEST_CASE("a plugin of another build shows both columns of every differing entry", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("wrong_fingerprint"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin_abi);
  const std::string text = error.what();
  const auto line_of = [&](const std::string& key) {
    const auto at = text.find("\n    " + key + " ");
    return at == std::string::npos ? std::string() : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  };
  CHECK_THAT(line_of("key"), Contains("engine") && Contains("plugin"));
  CHECK_THAT(line_of("compiler"), Contains("gcc-" + std::to_string(__GNUC__)) && Contains("clang-99"));
  CHECK_THAT(line_of("cxx11_abi"), Contains("1  ") && Contains("0"));
  CHECK_THAT(line_of("mpi"), Contains("openmpi-4.1") && Contains("mpich-4.0"));
  CHECK_THAT(line_of("torch"), Contains("(none)") && Contains("1.13"));
  CHECK_THAT(line_of("scalar"), Contains("double") && Contains("(none)"));
  CHECK(line_of("sdk api").empty());
}

TEST_CASE("a plugin compiled with another PETSc is refused with both versions and nothing else", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("wrong_petsc"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin_abi);
  const std::string ours = std::to_string(PETSC_VERSION_MAJOR) + "." + std::to_string(PETSC_VERSION_MINOR);
  const std::string gap(6 - ours.size() + 2, ' ');
  CHECK(std::string(error.what()) ==
        "plugin was built for another Ansatz, compiler or machine:\n    key    engine  plugin\n    petsc  " + ours +
            gap + "3.99");
}

TEST_CASE("a plugin without a fingerprint is refused with every entry of the engine's", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("no_fingerprint"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin_abi);
  const std::string ours = sdk::build_fingerprint, text = error.what();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1 + std::count(ours.begin(), ours.end(), ';'));
  CHECK_THAT(text, Contains("gcc-" + std::to_string(__GNUC__)) && Contains("openmpi-4.1") && Contains("(none)"));
}

TEST_CASE("an older, shorter descriptor is compared without reading beyond it", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("wrong_size"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin_abi);
  CHECK_THAT(error.what(),
             Contains("descriptor size") && Contains(std::to_string(sizeof(sdk::PluginDescriptor))) && Contains("32"));
}

TEST_CASE("libraries that are no plugins are told apart", "[plugin]") {
  auto plugins = registry();
  const auto symbol = error_of([&] { plugins.load("no_symbol"); });
  CHECK(symbol.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(symbol.what(), Contains("not an Ansatz plugin") && Contains("ansatz_plugin_descriptor"));
  const auto magic = error_of([&] { plugins.load("no_magic"); });
  CHECK(magic.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(magic.what(), Contains("not an Ansatz plugin") && Contains("magic"));
  const auto unresolved = error_of([&] { plugins.load("unresolved"); });
  CHECK(unresolved.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(unresolved.what(), Contains("cannot be loaded") && Contains("function_that_nobody_has"));
}

TEST_CASE("a corrupt or truncated plugin file is an error, at whatever length", "[plugin]") {
  SharedFolder shared;
  const auto whole = fs::file_size(file_of("good"));
  const std::vector<std::uintmax_t> sizes{0,   3,    40,        63,        64,           100,
                                          700, 2000, whole / 4, whole / 2, whole - 4096, whole - 1};
  if (shared.comm().is_root()) {
    std::ofstream(shared.path() / "text.ansatz.so")
        << "this is no library, but longer than the header of one would be, at least 64";
    for (const auto size : sizes) {
      const auto cut = shared.path() / ("cut" + std::to_string(size) + plugin::file_suffix);
      fs::copy_file(file_of("good"), cut);
      fs::resize_file(cut, size);
    }
  }
  shared.comm().barrier();
  plugin::Registry plugins(shared.comm(), {shared.path()});
  const auto text = error_of([&] { plugins.load("text"); });
  CHECK(text.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(text.what(), Contains("cannot be loaded") && Contains("not a shared library"));
  CHECK_THAT(text.where(), Contains("text.ansatz.so"));
  for (const auto size : sizes) {
    const auto error = error_of([&] { plugins.load("cut" + std::to_string(size)); });
    CHECK(error.kind() == sdk::ErrorKind::plugin);
    CHECK_THAT(error.what(), Contains("cannot be loaded"));
  }
}

TEST_CASE("a name offered twice is an error with both libraries, and nothing of the second stays", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  const auto error = error_of([&] { plugins.load("duplicate_reader"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(error.what(), Contains("mesh reader \"triangle\" is offered twice") &&
                               Contains(file_of("good").filename().string()) &&
                               Contains(file_of("duplicate_reader").filename().string()));
  CHECK(plugins.plugins().size() == 1);
  CHECK(plugins.offers().mesh_readers.size() == 1);
}

TEST_CASE("two files with the same plugin name are an error with both paths", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  const auto error = error_of([&] { plugins.load("same_plugin"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(error.what(), Contains("plugin \"good\" exists twice") && Contains(file_of("good").filename().string()) &&
                               Contains(file_of("same_plugin").filename().string()));
}

TEST_CASE("a plugin that throws while it registers leaves nothing behind", "[plugin]") {
  auto plugins = registry();
  const auto error = error_of([&] { plugins.load("throws"); });
  CHECK(error.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(error.what(), Contains("plugin \"throws\" failed to register: no licence key"));
  CHECK(plugins.plugins().empty());
  CHECK(plugins.offers().mesh_readers.empty());
}

TEST_CASE("the checksum of a file is FNV-1a of its bytes", "[plugin]") {
  SharedFolder shared;
  if (shared.comm().is_root()) {
    std::ofstream(shared.path() / "empty");
    std::ofstream(shared.path() / "word") << "foobar";
  }
  shared.comm().barrier();
  CHECK(plugin::checksum(shared.path() / "empty") == 0xcbf29ce484222325);
  CHECK(plugin::checksum(shared.path() / "word") == 0x85944171f73967e8);
  CHECK(error_of([&] { plugin::checksum(shared.path() / "none"); }).kind() == sdk::ErrorKind::plugin);
}

TEST_CASE("factories by an unknown name suggest a known one", "[plugin]") {
  auto plugins = registry();
  plugins.load("good");
  plugins.add_built_in("core", "of the tests", test::register_fake_physics);
  CHECK(plugins.make_physics("heat")->info().fields.size() == 2);
  const auto physics = error_of([&] { plugins.make_physics("hat"); });
  CHECK(physics.kind() == sdk::ErrorKind::plugin);
  CHECK_THAT(physics.what(), Contains("no physics named \"hat\""));
  CHECK(physics.hint() == "did you mean \"heat\"?");
  CHECK_THAT(error_of([&] { plugins.make_mesh_reader("qqqqq"); }).hint(), Contains("known: triangle"));
  const auto ending = error_of([&] { plugins.make_mesh_reader_for("mesh.xyz"); });
  CHECK(ending.kind() == sdk::ErrorKind::mesh);
  CHECK_THAT(ending.hint(), Contains(".tri"));
  CHECK_THROWS_AS(plugins.add_built_in("core", "again", [](sdk::Registrar&) {}), sdk::Error);
  CHECK_THROWS_AS(plugins.add_built_in("other", "again", test::register_fake_physics), sdk::Error);
}

TEST_CASE("the search path begins with ANSATZ_PLUGIN_PATH and ends with the folder of the case", "[plugin]") {
  const char* old = std::getenv("ANSATZ_PLUGIN_PATH");
  const std::string saved = old ? old : "";
  setenv("ANSATZ_PLUGIN_PATH", "/first/one::/second", 1);
  const auto folders = plugin::search_path("/the/case");
  REQUIRE(folders.size() >= 4);
  CHECK(folders[0] == "/first/one");
  CHECK(folders[1] == "/second");
  CHECK_THAT(folders[2].string(), Catch::Matchers::EndsWith("lib/ansatz/plugins"));
  CHECK(folders.back() == "/the/case");
  if (old) {
    setenv("ANSATZ_PLUGIN_PATH", saved.c_str(), 1);
  } else {
    unsetenv("ANSATZ_PLUGIN_PATH");
  }
}
