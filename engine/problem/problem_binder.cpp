#include "engine/problem/problem_binder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/problem/data_fields.hpp"

namespace ansatz::problem {

Problem::Binder::Binder(Problem& problem, const plugin::Registry& registry)
    : p_(problem), registry_(registry), case_(problem.case_), info_(problem.physics_->info()), dim_(problem.dim()) {}

std::shared_ptr<const fem::DofMap> Problem::Binder::dofs() {
  std::vector<fem::FieldSpace> spaces;
  std::map<int, std::shared_ptr<const mesh::NodeMap>> maps;
  for (const auto& field : info_.fields) {
    const int degree = std::max(1, case_.solver.order + field.relative_order);
    if (case_.solver.order + field.relative_order < 1 && !case_.solver.stabilise) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("order {} gives all fields the degree 1, which is not stable for {}",
                                   case_.solver.order, field.name),
                       case_.solver.at.text(), "set solver.order = 2, or solver.stabilisation = \"supg\"");
    }
    auto& nodes = maps[degree];
    if (!nodes) nodes = std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(p_.mesh_, degree));
    spaces.push_back({field.name, sdk::num_components(field.shape, dim_), nodes});
  }
  return std::make_shared<fem::DofMap>(p_.mesh_, std::move(spaces));
}

fem::FormDefinition Problem::Binder::form() {
  fem::FormDefinition definition;
  definition.physics = p_.physics_.get();
  definition.dofs = p_.dofs_;
  definition.parameters = p_.parameters_;
  definition.quadrature_degree = case_.solver.quadrature_degree;
  definition.stabilise = case_.solver.stabilise;
  check_region_names();
  for (std::size_t r = 0; r < p_.mesh_.region_names.size(); ++r) definition.coefficients.push_back(region_table(r));
  for (const auto& spec : case_.physics.boundary) add_boundary(spec, definition);
  definition.data = read_data_fields(case_, p_.mesh_, registry_);
  return definition;
}

std::vector<fem::InitialValue> Problem::Binder::nodal_values(
    const std::vector<std::pair<std::string, input::Value>>& values) {
  std::vector<fem::InitialValue> result;
  const auto symbols = case_symbols(case_, dim_);
  for (const auto& [key, value] : values) {
    collect([&] {
      for (const auto& [field, component, text] : resolve_field(key, value, false)) {
        result.push_back({field, component, compile(text, symbols, value.at)});
      }
    });
  }
  return result;
}

void Problem::Binder::throw_errors() const {
  if (errors_.empty()) return;
  if (errors_.size() == 1) throw errors_.front();
  std::string text = fmt::format("{} errors", errors_.size());
  for (const auto& error : errors_) text += "\n" + error.report();
  throw sdk::Error(errors_.front().kind(), text, case_.path);
}

sdk::Expression Problem::Binder::compile(const std::string& text, sdk::SymbolTable symbols, const input::Location& at,
                                         Place place) const {
  const int first = static_cast<int>(case_.data.size());
  for (int i = 0; i < dim_; ++i) {
    const auto name = fmt::format("normal_{}", "xyz"[i]);
    if (symbols.find(name) == nullptr) symbols.add_data(name, first + i);
  }
  auto expression = sdk::Expression::compile(text, symbols, at.text());
  if (place == Place::elsewhere && has_normals(expression)) {
    throw sdk::Error(sdk::ErrorKind::case_file, "\"" + text + "\" names the normal, which only facets have", at.text(),
                     "boundary coefficients may use it, and quantities that are `on` a boundary");
  }
  return expression;
}

bool Problem::Binder::has_normals(const sdk::Expression& expression) const {
  const auto used = expression.indices_used(sdk::SymbolKind::data);
  return !used.empty() && used.back() >= static_cast<int>(case_.data.size());
}

std::vector<Problem::Binder::Target> Problem::Binder::resolve_field(const std::string& key, const input::Value& value,
                                                                    bool allow_free) const {
  for (std::size_t f = 0; f < info_.fields.size(); ++f) {
    const auto& field = info_.fields[f];
    const int n = sdk::num_components(field.shape, dim_);
    if (key == field.name) {
      std::vector<Target> targets;
      const auto texts = input::expand_components(value, field.shape, dim_, key, allow_free);
      for (int c = 0; c < n; ++c) {
        if (texts[c] != "free") targets.push_back({static_cast<int>(f), c, texts[c]});
      }
      return targets;
    }
    for (int c = 0; c < n; ++c) {
      if (key != field.name + "_" + sdk::component_name(field.shape, dim_, c)) continue;
      if (value.components.size() != 1)
        throw sdk::Error(sdk::ErrorKind::case_file, key + " needs one value", value.at.text());
      return {{static_cast<int>(f), c, value.components[0]}};
    }
  }
  return {};
}

}  // namespace ansatz::problem
