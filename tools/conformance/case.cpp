#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "checks.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/input/solver_infos.hpp"

namespace ansatz::conformance {
namespace {

namespace fs = std::filesystem;

struct Quantity {
  double value = 0.0;
  std::string unit;
};

std::map<std::string, Quantity> read_quantities(const std::string& file) {
  std::ifstream in(file);
  const auto summary = nlohmann::json::parse(in, nullptr, false);
  require(summary.is_object() && summary.contains("quantities"), "no summary of the run in " + file);
  std::map<std::string, Quantity> out;
  for (const auto& [name, entry] : summary["quantities"].items()) {
    require(entry["value"].is_number(), fmt::format("quantity \"{}\" is not a finite number", name));
    out[name] = {entry["value"].get<double>(), entry["unit"].get<std::string>()};
  }
  return out;
}

int dimension_of(const input::Case& parsed, const plugin::Registry& registry) {
  if (parsed.mesh.box) return static_cast<int>(parsed.mesh.box->cells.size());
  const auto file = fs::path(parsed.path).parent_path() / parsed.mesh.file;
  const auto reader = parsed.mesh.reader.empty() ? registry.make_mesh_reader_for(file.string())
                                                 : registry.make_mesh_reader(parsed.mesh.reader);
  return reader->read(file.string(), {}).dimension;
}

}  // namespace

CasePlan plan_case(const std::string& case_path, const std::string& saved, plugin::Registry& registry,
                   const base::Communicator& comm) {
  const auto parsed = input::read_case(case_path, {}, registry, comm);
  CasePlan plan;
  plan.layout = parsed.output.layout;
  if (!parsed.mesh.file.empty())
    plan.mesh_file = fs::absolute(fs::path(parsed.path).parent_path() / parsed.mesh.file).string();
  const auto& info = parsed.solver.info;
  if (info.trains && parsed.solver.options.contains(info.name)) plan.ansatz = info.name;
  plan.keeps_states = parsed.time && info.keeps_states && info.name != input::finite_elements_info().name;
  const int dim = dimension_of(parsed, registry);
  const auto physics = registry.make_physics(parsed.physics.name);
  int k = 0;
  for (const auto& field : physics->info().fields) {
    for (int c = 0; c < sdk::num_components(field.shape, dim) && k < sdk::max_data; ++c, ++k) {
      const auto suffix = sdk::component_name(field.shape, dim, c);
      const auto name = suffix.empty() ? field.name : field.name + "_" + suffix;
      plan.restore.push_back(fmt::format("data.conformance_{}={{ file = \"{}\", field = \"{}\", component = {} }}", k,
                                         saved, field.name, c));
      plan.restore.push_back(fmt::format("quantities.{}{}={{ norm = \"{} - conformance_{}\", unit = \"1\" }}",
                                         difference_name, k, name, k));
      plan.restore.push_back(fmt::format("quantities.{}{}={{ norm = \"{}\", unit = \"1\" }}", size_name, k, name));
    }
  }
  return plan;
}

void compare_summaries(const std::string& one, const std::string& other, double tolerance) {
  const auto a = read_quantities(one), b = read_quantities(other);
  std::map<std::string, double> scale;  // of each unit
  for (const auto& [name, q] : a) scale[q.unit] = std::max(scale[q.unit], std::abs(q.value));
  for (const auto& [name, q] : a) {
    require(b.contains(name), fmt::format("quantity \"{}\" is only in one of the runs", name));
    const double difference = std::abs(q.value - b.at(name).value);
    require(difference <= tolerance * scale[q.unit] + (tolerance > 0.0 ? 1e-12 : 0.0),
            fmt::format("\"{}\" is {:.12g} on one and {:.12g} on the other", name, q.value, b.at(name).value));
  }
}

void check_restored(const std::string& summary, double tolerance) {
  const auto quantities = read_quantities(summary);
  for (int k = 0; quantities.contains(size_name + std::to_string(k)); ++k) {
    const double difference = quantities.at(difference_name + std::to_string(k)).value;
    const double size = quantities.at(size_name + std::to_string(k)).value;
    require(difference <= tolerance * size + 1e-14,
            fmt::format("field component {} differs by {:.2e}, its size is {:.2e} (norms)", k, difference, size));
  }
  require(quantities.contains(size_name + std::string("0")), "nothing was compared");
}

}  // namespace ansatz::conformance
