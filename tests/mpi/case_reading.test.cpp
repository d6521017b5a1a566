#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/case_text.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using test::error_of;
namespace fs = std::filesystem;

namespace {

/// A folder with files that only rank 0 wrote; on other ranks of a cluster they need not exist.
class CaseFolder {
 public:
  CaseFolder() : comm_(MPI_COMM_WORLD) {
    std::string name = (fs::temp_directory_path() / "ansatz_case_XXXXXX").string();
    if (comm_.is_root() && !mkdtemp(name.data())) name.clear();
    path_ = comm_.broadcast(name);
  }
  ~CaseFolder() {
    comm_.barrier();
    if (comm_.is_root()) fs::remove_all(path_);
  }
  void write(const std::string& name, const std::string& text) const {
    if (comm_.is_root()) std::ofstream(path_ / name) << text;
    comm_.barrier();
  }
  /// Only rank 0 knows the path: the others must get everything from it.
  input::Case read(const std::vector<std::string>& overrides = {}) const {
    plugin::Registry registry(comm_, {ANSATZ_TEST_PLUGINS});
    registry.add_built_in("fake", "for tests", test::register_fake_physics);
    return input::read_case(comm_.is_root() ? path_.string() : "/does/not/exist", overrides, registry, comm_);
  }
  const fs::path& path() const { return path_; }

 private:
  base::Communicator comm_;
  fs::path path_;
};

}  // namespace

TEST_CASE("every rank reads the same case from rank 0, with its plugins and table files", "[case]") {
  CaseFolder folder;
  folder.write("curve.txt", "# T  k\n0.0, 1.5\n10 2.5e0 # comment\n\n20\t4\n");
  folder.write("case.toml", "plugins = [\"good\"]\n" + test::small_case.substr(test::small_case.find("[mesh]")) +
                                "[tables.k]\nfile = \"curve.txt\"\n");
  const auto parsed = folder.read({"solver.order=2"});
  CHECK(parsed.path == (folder.path() / "case.toml").string());
  CHECK(parsed.name == folder.path().filename().string());
  CHECK(parsed.title == parsed.name);
  CHECK(parsed.plugins == std::vector<std::string>{"good"});
  CHECK(parsed.solver.order == 2);
  CHECK(parsed.tables.at("k").x == std::vector<double>{0, 10, 20});
  CHECK(parsed.tables.at("k").y == std::vector<double>{1.5, 2.5, 4});
}

TEST_CASE("every rank throws the same error of a case", "[case]") {
  CaseFolder folder;
  const auto missing = error_of([&] { folder.read(); });
  CHECK(missing.kind() == sdk::ErrorKind::case_file);
  CHECK(missing.where() == (folder.path() / "case.toml").string());
  folder.write("case.toml", test::small_case + "[solvr]\n");
  const auto unknown = error_of([&] { folder.read(); });
  CHECK(unknown.where() == (folder.path() / "case.toml").string() + ":7:2");
  CHECK_THAT(unknown.what(), Contains("unknown key \"solvr\""));
  folder.write("case.toml", "plugins = [\"good\", \"wrong_api\"]\n");
  CHECK(error_of([&] { folder.read(); }).kind() == sdk::ErrorKind::plugin_abi);
  folder.write("words.txt", "0 1\n1 two\n");
  folder.write("case.toml", test::small_case + "[tables.k]\nfile = \"words.txt\"\n");
  CHECK_THAT(error_of([&] { folder.read(); }).what(), Contains("words.txt:2: expected two numbers"));
}
