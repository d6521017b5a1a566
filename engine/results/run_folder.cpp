#include "engine/results/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <petscversion.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "ansatz/sdk/terminal.hpp"
#include "engine/base/version.hpp"

namespace ansatz::results {
namespace {

namespace fs = std::filesystem;

/// What the table says of the error of a quantity.
std::string bound_text(const quantities::QuantityValue& q) {
  if (q.margin && q.margin->problem.empty())
    return fmt::format("  +- {:.2e} (estimate: mesh {:.2e}, ansatz {:.2e})", q.margin->value(), q.margin->mesh,
                       q.margin->ansatz);
  if (q.margin) return "  (no estimate: " + q.margin->problem + ")";
  if (!q.bound) return q.no_bound.empty() ? "" : "  (no bound: " + q.no_bound + ")";
  if (!std::isfinite(*q.bound)) return "  (no bound: no positive stability constant is known here)";
  return fmt::format("  +- {:.3e} ({} {})", *q.bound, q.bound_kind, sdk::name(q.certified));
}

constexpr const char* owner = "/.case";  // holds the path of the case file

/// \throws sdk::Error of kind usage where another case file of this name has its results there.
void refuse_folder_of_another(const std::string& folder, const std::string& path) {
  std::ifstream file(folder + owner);
  std::string other;
  std::error_code code;
  if (!std::getline(file, other) || !fs::exists(other, code) || fs::equivalent(other, path, code)) return;
  throw sdk::Error(sdk::ErrorKind::usage,
                   fmt::format("the folder {} holds the results of another case, {}", folder, other), path,
                   "give this one a folder of its own with --out");
}

}  // namespace

std::string headline(const input::Case& parsed, const std::string& what) {
  return fmt::format("{}  ({})", sdk::printable_line(parsed.title.empty() ? parsed.name : parsed.title), what);
}

std::string version_text() { return base::version() + " (" + base::commit() + ")"; }

namespace {

/// Keeps the folder for this process until it ends. File systems without locks give none.
/// \throws sdk::Error of kind output where another process has it.
void lock(const std::string& folder) {
  static std::set<std::pair<dev_t, ino_t>> held;
  const int id = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat about {};
  if (id < 0 || ::fstat(id, &about) != 0) return;  // what is wrong with it shows when it is written into
  if (held.contains({about.st_dev, about.st_ino})) return (void)::close(id);
  if (::flock(id, LOCK_EX | LOCK_NB) == 0) return (void)held.insert({about.st_dev, about.st_ino});
  const bool is_taken = errno == EWOULDBLOCK;
  ::close(id);
  if (!is_taken) return;
  throw sdk::Error(sdk::ErrorKind::output, "another run is writing into this folder", folder,
                   "wait for it to end, or give another folder with --out");
}

}  // namespace

std::string make_run_folder(const input::Case& parsed, const std::string& out, const base::Communicator& comm) {
  const std::string folder = out.empty() ? "runs/" + parsed.name : out;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    if (out.empty()) refuse_folder_of_another(folder, parsed.path);
    std::error_code code;
    fs::create_directories(folder, code);
    if (!code) lock(folder);
    std::ofstream effective(folder + "/effective.toml"), of_case(folder + owner);
    effective << parsed.effective_toml;
    of_case << fs::absolute(parsed.path).lexically_normal().string() << '\n';
    if (code || !effective.flush() || !of_case.flush()) {
      throw sdk::Error(sdk::ErrorKind::output, "cannot write into the folder " + folder, {},
                       "give a folder that you may write to with --out");
    }
  });
  return folder;
}

std::vector<Reference> references_of(const input::Case& parsed, const base::Communicator& comm) {
  std::vector<Reference> references;
  base::agree(comm, [&] {
    std::map<std::string, double> parameters;
    for (const auto& [name, spec] : parsed.parameters) parameters[name] = spec.initial;
    const auto path = (fs::absolute(parsed.path).parent_path() / "reference.toml").lexically_normal().string();
    if (!fs::exists(path)) {
      throw sdk::Error(sdk::ErrorKind::case_file, "--verify needs the references of the case, and it has no such file",
                       path,
                       "write it: a table [[reference]] with quantity, value, tolerance and source for each; or "
                       "leave out --verify");
    }
    references = applicable(read_references(path), parameters);
  });
  return references;
}

void write_summary(const std::string& folder, const input::Case& parsed, const plugin::Registry& registry,
                   const base::Communicator& comm, const Summary& found) {
  nlohmann::ordered_json summary{
      {"case", parsed.name}, {"ranks", comm.size()}, {"ansatz", parsed.system ? "ode" : parsed.solver.type}};
  summary["quantities"] = nlohmann::ordered_json::object();
  for (const auto& q : found.quantities) {
    auto& entry = summary["quantities"][q.name];
    entry = {{"value", q.value}, {"unit", q.unit}};
    if (!q.problem.empty()) entry["problem"] = q.problem;  // the value is null then
    if (q.margin && q.margin->problem.empty())
      entry["estimate_of_error"] = {
          {"value", q.margin->value()}, {"mesh", q.margin->mesh}, {"ansatz", q.margin->ansatz}};
    if (!q.bound || !std::isfinite(*q.bound)) continue;
    entry[sdk::name(q.certified)] = *q.bound;
    entry["bound_kind"] = q.bound_kind;
  }
  if (found.certificate) {
    const auto& certificate = *found.certificate;
    auto& entry = summary["certificate"];
    entry = {{"kind", sdk::name(certificate.kind)},
             {"against", sdk::name(certificate.against)},
             {"value", certificate.value},
             {"norm", certificate.norm},
             {"parts", nlohmann::ordered_json::object()}};
    for (const auto& [name, value] : certificate.parts) entry["parts"][name] = value;
  }
  if (found.mesh_certificate) {
    summary["mesh_certificate"] = {{"kind", sdk::name(found.mesh_certificate->kind)},
                                   {"against", sdk::name(found.mesh_certificate->against)},
                                   {"value", found.mesh_certificate->value},
                                   {"norm", found.mesh_certificate->norm},
                                   {"parts", nlohmann::ordered_json::object()}};
    for (const auto& [name, value] : found.mesh_certificate->parts) summary["mesh_certificate"]["parts"][name] = value;
  }
  if (!found.certify.empty()) summary["certify"] = found.certify;
  summary["work"] = found.work;
  const auto seconds = [&](const char* name) {
    const auto timing = found.timings.find(name);
    return timing == found.timings.end() ? 0.0 : timing->second;
  };
  summary["costs"] = {{"training", seconds("training")}, {"solve", seconds("solve")}, {"output", seconds("output")}};
  summary["timings"] = found.timings;
  summary["versions"] = {
      {"ansatz", version_text()},
      {"petsc", fmt::format("{}.{}.{}", PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR)}};
  for (const auto& plugin : registry.plugins()) summary["versions"][plugin.name] = plugin.version;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    std::ofstream file(folder + "/summary.json");
    file << summary.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    if (!file.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + folder + "/summary.json");
  });
}

bool report_quantities(RunLog& log, const base::Communicator& comm,
                       const std::vector<quantities::QuantityValue>& quantities,
                       const std::vector<Reference>* references) {
  log.result("");
  for (const auto& q : quantities)
    log.result(fmt::format("  {:<28} {:>18.10g} {}{}", q.name, q.value, sdk::printable_line(q.unit), bound_text(q)));
  bool all_within = true;
  if (references != nullptr) {
    std::string table;
    base::agree(comm, [&] { table = compare_with(*references, quantities, all_within); });
    log.result("\n" + table);
  }
  return all_within;
}

void fail_verification() {
  throw sdk::Error(sdk::ErrorKind::verification, "a quantity is out of the tolerance of its reference", {},
                   "see the table above; a finer mesh, a higher order or tighter tolerances may be needed");
}

}  // namespace ansatz::results
