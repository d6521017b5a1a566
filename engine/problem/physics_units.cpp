#include "engine/problem/physics_units.hpp"

#include <array>

namespace ansatz::problem {
namespace {

using sdk::Dimensional;
using sdk::Unit;
using Dimensions = Unit::Dimensions;

const std::array<std::string, 7> base_units{"m", "kg", "s", "K", "A", "mol", "cd"};
constexpr int length = 0;

std::optional<Unit> coherent_unit(const std::string& text) {
  auto unit = Unit::parse(text);
  return unit && unit->scale() == 1.0 ? unit : std::nullopt;
}

Dimensions times_metres(Dimensions dimensions, double exponent) {
  dimensions[length] += exponent;
  return dimensions;
}

}  // namespace

PhysicsUnits::PhysicsUnits(const sdk::Physics& physics, int dim)
    : info_(physics.info()), kernels_(physics.kernels(dim)), dim_(dim) {
  for (const auto& field : info_.fields) {
    const auto unit = coherent_unit(field.unit);
    coherent_ &= unit.has_value();
    fields_.insert(fields_.end(), sdk::num_components(field.shape, dim), Unit::parse(field.unit));
  }
  for (const auto& derived : info_.derived) {
    derived_.insert(derived_.end(), sdk::num_components(derived.shape, dim), Unit::parse(derived.unit));
  }
  for (const auto& coefficient : info_.coefficients) {
    const auto unit = coherent_unit(coefficient.unit);
    coherent_ &= unit.has_value();
    coefficients_.insert(coefficients_.end(), sdk::num_components(coefficient.shape, dim), unit.value_or(Unit()));
  }
  if (coherent_) find_dimensions();
}

void PhysicsUnits::find_dimensions() {
  const int width = 1 + dim_;
  std::vector<Dimensional> fields, coefficients;
  for (const auto& unit : fields_) fields.emplace_back(unit->dimensions());
  for (const auto& unit : coefficients_) coefficients.emplace_back(unit.dimensions());
  const auto found = kernels_.dimensions(fields, coefficients);
  for (std::size_t c = 0; c < fields.size(); ++c) {
    std::optional<Dimensions> equation;
    for (int k = 0; k < width; ++k) {
      const auto& entry = found.form[c * width + k];
      if (entry.zero) continue;
      auto unit = entry.powers;
      if (unit && k > 0) unit = times_metres(*unit, -1.0);
      coherent_ &= unit && (!equation || *equation == *unit);
      equation = unit;
    }
    equations_.push_back(equation);
  }
  for (const auto& density : found.densities) densities_.push_back(density.zero ? std::nullopt : density.powers);
}

std::optional<Unit> PhysicsUnits::measure(int dimension) const {
  return coherent_ ? std::optional(power(Unit::symbol("m"), dimension)) : std::nullopt;
}

std::optional<Unit> PhysicsUnits::of_symbol(sdk::SymbolKind kind, int index) const {
  if (kind == sdk::SymbolKind::position) return measure(1);
  if (kind == sdk::SymbolKind::time && coherent_) return Unit::symbol("s");
  if (kind != sdk::SymbolKind::field) return std::nullopt;
  const int components = static_cast<int>(fields_.size());
  if (index < components) return fields_[index];
  index -= components;
  if (index < components * dim_) {
    const auto& field = fields_[index / dim_];
    return coherent_ && field ? std::optional(*field / Unit::symbol("m")) : std::nullopt;
  }
  index -= components * dim_;
  return index < static_cast<int>(derived_.size()) ? derived_[index] : Unit();  // normals
}

std::string PhysicsUnits::declared(const std::string& name) const {
  const auto is = [&](const std::string& base, sdk::Shape shape) {
    if (name == base) return true;
    for (int k = 0; k < sdk::num_components(shape, dim_); ++k) {
      if (name == base + "_" + sdk::component_name(shape, dim_, k)) return true;
    }
    return false;
  };
  for (const auto& field : info_.fields) {
    if (is(field.name, field.shape)) return field.unit;
  }
  for (const auto& derived : info_.derived) {
    if (is(derived.name, derived.shape)) return derived.unit;
  }
  return {};
}

/// With the symbols of a declared unit of the same kind, where there is one.
std::optional<Unit> PhysicsUnits::spelled(const Dimensions& dimensions) const {
  for (const auto& unit : coefficients_) {
    if (unit.dimensions() == dimensions) return unit;
  }
  Unit unit;
  for (std::size_t i = 0; i < dimensions.size(); ++i) unit = unit * power(Unit::symbol(base_units[i]), dimensions[i]);
  return unit;
}

std::optional<Unit> PhysicsUnits::reaction(int component) const {
  if (!coherent_ || !equations_[component]) return std::nullopt;
  return *spelled(*equations_[component]) * power(Unit::symbol("m"), dim_);
}

std::string PhysicsUnits::quantity(int k) const {
  const auto& declared = info_.quantities[k].unit;
  const auto unit = Unit::parse(declared);
  if (!coherent_ || !unit || unit->scale() != 1.0 || !densities_[k]) return declared;
  const auto integral = times_metres(*densities_[k], dim_);
  const double missing = integral[length] - unit->dimensions()[length];
  if (missing == 0.0 || integral != times_metres(unit->dimensions(), missing)) return declared;
  return (*unit * power(Unit::symbol("m"), missing)).text();
}

}  // namespace ansatz::problem
