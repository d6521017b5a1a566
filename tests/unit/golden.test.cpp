// What every case says once it is read, and what restarts and models know it by: texts that stored files depend on.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "engine/input/case_parser.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/problem/problem.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "tests/support/cases.hpp"

using namespace ansatz;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replace_all(std::string& text, const std::string& before, const std::string& after) {
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + after.size())) {
    text.replace(at, before.size(), after);
  }
}

/// The texts without what differs from machine to machine: the folder, and the last bits of points of meshes.
std::string portable(std::string text) {
  replace_all(text, test::case_folder(""), "CASES/");
  const std::string checksum = "with the checksum ";
  for (auto at = text.find(checksum); at != std::string::npos; at = text.find(checksum, at + 1)) {
    text.replace(at + checksum.size(), 16, 16, '.');
  }
  return text;
}

/// effective.toml of a case with an ansatz, and the fingerprints of its restarts and models, as far as it has them.
std::string texts(const std::string& name, const std::string& ansatz, const base::Communicator& comm) {
  plugin::Registry registry(comm, plugin::search_path());
  std::vector<std::string> overrides;
  if (!ansatz.empty()) overrides = {"solver.type=" + ansatz};
  const auto parsed = input::read_case(test::case_folder(name), overrides, registry, comm);
  std::string text = parsed.effective_toml;
  if (parsed.system) return portable(text);
  const problem::Problem problem(parsed, registry, comm);
  if (parsed.time && ansatz == "fem") text += "\n==== restarts\n" + problem::restart_fingerprint(problem, registry);
  if (ansatz == "reduced_basis") text += "\n==== models\n" + solvers::reduced_fingerprint(problem, registry);
  return portable(text);
}

}  // namespace

TEST_CASE("Every case has the effective text and the fingerprints that are stored in tests/golden", "[study]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const fs::path golden = fs::path(test::case_folder("")).parent_path().parent_path() / "tests/golden";
  const bool writes = std::getenv("ANSATZ_WRITE_GOLDEN") != nullptr;
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(test::case_folder(""))) {
    if (fs::exists(entry.path() / "case.toml")) names.insert(entry.path().filename());
  }
  REQUIRE(names.size() >= 24);
  for (const auto& name : names) {
    plugin::Registry registry(comm, plugin::search_path());
    const auto parsed = input::read_case(test::case_folder(name), {}, registry, comm);
    std::vector<std::string> ansaetze{""};
    if (!parsed.system) ansaetze = {"fem"};
    if (read(fs::path(test::case_folder(name)) / "case.toml").find("\n[reduced]") != std::string::npos)
      ansaetze.push_back("reduced_basis");
    for (const auto& ansatz : ansaetze) {
      INFO(name << ' ' << ansatz << "; where the change is wanted: ANSATZ_WRITE_GOLDEN=1, and the commit says that "
                << "stored models and checkpoints are of another problem");
      const auto path = golden / (name + (ansatz.empty() ? "" : "." + ansatz) + ".txt");
      const auto text = texts(name, ansatz, comm);
      if (writes) std::ofstream(path) << text;
      CHECK(text == read(path));
    }
  }
}
