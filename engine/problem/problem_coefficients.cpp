/// Coefficients of a case, region by region.
#include <fmt/format.h>

#include <cmath>

#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/problem/mesh_names.hpp"
#include "engine/problem/problem_binder.hpp"

namespace ansatz::problem {

sdk::SymbolTable Problem::Binder::coefficient_symbols(const std::string& region) const {
  auto symbols = case_symbols(case_, dim_, region);
  int c = 0;
  for (const auto& field : info_.fields) {
    for (int k = 0; k < sdk::num_components(field.shape, dim_); ++k, ++c) {
      symbols.add_field(
          field.name + (field.shape == sdk::Shape::scalar ? "" : "_" + sdk::component_name(field.shape, dim_, k)), c);
    }
  }
  return symbols;
}

void Problem::Binder::check_region_names() {
  for (const auto& [coefficient, spec] : case_.physics.coefficients) {
    for (const auto& [region, value] : spec.by_region) collect([&] { region_named(p_.mesh_, region, value.at); });
  }
  for (const auto& [region, constants] : case_.region_constants)
    collect([&] { region_named(p_.mesh_, region, {case_.path, 0, 0}); });
}

/// The value of a coefficient in a region, or null.
const input::Value* Problem::Binder::value_in_region(const std::string& coefficient, std::size_t region) const {
  const auto found = case_.physics.coefficients.find(coefficient);
  if (found == case_.physics.coefficients.end()) return nullptr;
  const auto& spec = found->second;
  if (!spec.blocks.empty()) return &spec.block_values.at(region);
  for (const auto& [name, value] : spec.by_region) {
    if (name == p_.mesh_.region_names[region]) return &value;
  }
  return spec.everywhere ? &*spec.everywhere : nullptr;
}

void Problem::Binder::append_constant(const sdk::CoefficientInfo& info, double value,
                                      std::vector<sdk::Expression>& table) const {
  const int n = sdk::num_components(info.shape, dim_);
  for (int k = 0; k < n; ++k) {
    const bool off_diagonal = info.shape == sdk::Shape::tensor && k / dim_ != k % dim_;
    table.emplace_back(off_diagonal ? 0.0 : value);
  }
}

/// Compiles the components of a coefficient and checks constants against its range.
void Problem::Binder::append(const sdk::CoefficientInfo& info, const input::Value& value,
                             const sdk::SymbolTable& symbols, std::vector<sdk::Expression>& table, Place place) const {
  const auto first = table.size();
  for (const auto& text : input::expand_components(value, info.shape, dim_, info.name)) {
    table.push_back(compile(text, symbols, value.at, place));
    const auto constant = table.back().constant_value();
    const auto k = static_cast<int>(table.size() - 1 - first);
    const bool checked = info.shape != sdk::Shape::tensor || k / dim_ == k % dim_;
    if (constant && (!std::isfinite(*constant) || (checked && !info.range.contains(*constant)))) {
      throw sdk::Error(
          sdk::ErrorKind::parameter,
          fmt::format("{} = {} {} is out of its range: {}", info.name, *constant, info.unit, info.range.text()),
          value.at.text());
    }
  }
}

std::vector<sdk::Expression> Problem::Binder::region_table(std::size_t region) {
  std::vector<sdk::Expression> table;
  const auto symbols = coefficient_symbols(p_.mesh_.region_names[region]);
  for (const auto& info : info_.coefficients) {
    collect([&] {
      const input::Value* value = info.on_boundary ? nullptr : value_in_region(info.name, region);
      if (value != nullptr) {
        append(info, *value, symbols, table);
      } else if (!info.initial.empty()) {
        append_constant(info, info.initial[0], table);
      } else {
        append_constant(info, 1.0, table);
        throw sdk::Error(sdk::ErrorKind::case_file,
                         fmt::format("coefficient {} [{}] of {} has no value in region \"{}\"", info.name, info.unit,
                                     info_.name, p_.mesh_.region_names[region]),
                         case_.physics.at.text(), "give \"" + info.name + "\" in [physics." + info_.name + "]");
      }
    });
  }
  return table;
}

}  // namespace ansatz::problem
