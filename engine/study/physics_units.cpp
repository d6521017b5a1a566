#include "engine/study/physics_units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>

namespace ansatz::study {
namespace {

using sdk::Lanes;
using sdk::Unit;
using Dimensions = Unit::Dimensions;

constexpr double factor = 4096.0;  // of units; its roots are exact
constexpr double nearly = 1e-9;    // round-off of what scales
const std::array<std::string, 7> base_units{"m", "kg", "s", "K", "A", "mol", "cd"};
constexpr int length = 0;

/// Different numbers between 0.5 and 1.5.
double sample(int i) {
  const double x = 0.6180339887498949 * (i + 1);
  return 0.5 + (x - std::floor(x));
}

/// A value within a range, near 1 where that is possible.
double sample_of(const sdk::Range& range, int i) {
  const double x = sample(i);
  if (range.contains(x) && std::isinf(range.high)) return x;
  if (std::isinf(range.low) && std::isinf(range.high)) return x;
  if (std::isinf(range.high)) return range.low + x;
  if (std::isinf(range.low)) return range.high - x;
  return range.low + (range.high - range.low) * 0.5 * x;
}

/// What kernels are evaluated with, in units that are factor^change times the base units.
class Samples {
 public:
  Samples(const sdk::PhysicsInfo& info, int dim, const std::vector<Unit>& coefficients, const std::vector<Unit>& fields,
          const Dimensions& change)
      : change_(change) {
    int i = 0;
    const auto at = [&](const Dimensions& unit, double value) { return value / size(unit); };
    const auto lanes = [&](const Dimensions& unit) {
      Lanes x;
      for (int lane = 0; lane < sdk::num_lanes; ++lane) x.set(lane, at(unit, sample(i++)));
      return x;
    };
    const Dimensions metre = Unit::symbol("m").dimensions(), second = Unit::symbol("s").dimensions();
    for (int k = 0; k < dim; ++k) position_.push_back(lanes(metre));
    for (const auto& unit : fields) {
      slots_.push_back(lanes(unit.dimensions()));
      for (int k = 0; k < dim; ++k) slots_.push_back(lanes((unit / Unit::symbol("m")).dimensions()));
      rates_.push_back(lanes((unit / Unit::symbol("s")).dimensions()));
    }
    cell_size_ = lanes(metre);
    int c = 0;
    for (const auto& coefficient : info.coefficients) {
      const int n = sdk::num_components(coefficient.shape, dim);
      for (int k = 0; k < n; ++k, ++c) {
        const bool off_diagonal = coefficient.shape == sdk::Shape::tensor && k / dim != k % dim;
        const double value = off_diagonal ? 0.1 * sample(c) : sample_of(coefficient.range, c);
        table_.emplace_back(at(coefficients[c].dimensions(), value));
      }
    }
    batch_.num_points = 1;
    batch_.time = at(second, 1.3);
    batch_.position = position_.data();
    batch_.slots = slots_.data();
    batch_.rates = rates_.data();
    batch_.cell_size = &cell_size_;
    batch_.coefficients = table_;
  }
  Samples(const Samples&) = delete;

  const sdk::PointBatch& batch() const { return batch_; }

 private:
  /// What a unit grows by.
  double size(const Dimensions& unit) const {
    double exponent = 0.0;
    for (std::size_t i = 0; i < unit.size(); ++i) exponent += unit[i] * change_[i];
    return std::pow(factor, exponent);
  }

  Dimensions change_;
  std::vector<Lanes> position_, slots_, rates_;
  Lanes cell_size_;
  std::vector<sdk::Expression> table_;
  sdk::PointBatch batch_;
};

/// Units of entries, from their values in the base units and where each of them is `factor` times as large.
class Entries {
 public:
  void add(const std::vector<Lanes>& values) { values_.push_back(values); }

  bool is_zero(int k) const {
    for (int lane = 0; lane < sdk::num_lanes; ++lane) {
      if (values_[0][k][lane] != 0.0) return false;
    }
    return true;
  }
  /// Nothing where it is no power.
  std::optional<Dimensions> dimensions(int k) const {
    Dimensions found{};
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (int lane = 0; lane < sdk::num_lanes; ++lane) {
        const double power = -std::log(values_[i + 1][k][lane] / values_[0][k][lane]) / std::log(factor);
        const double twice = std::round(2.0 * power);
        if (!(std::abs(2.0 * power - twice) <= nearly) || (lane > 0 && found[i] != 0.5 * twice)) return std::nullopt;
        found[i] = 0.5 * twice;
      }
    }
    return found;
  }

 private:
  std::vector<std::vector<Lanes>> values_;
};

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
  try {
    if (coherent_) find_dimensions();
  } catch (...) {  // a physics that cannot be evaluated anywhere: its faults are reported where it is solved
    coherent_ = false;
  }
}

void PhysicsUnits::find_dimensions() {
  const int components = info_.num_field_components(dim_), width = 1 + dim_;
  std::vector<Unit> fields;
  for (const auto& unit : fields_) fields.push_back(*unit);
  Entries form, densities;
  for (int i = -1; i < 7; ++i) {
    Dimensions change{};
    if (i >= 0) change[i] = 1.0;
    const Samples samples(info_, dim_, coefficients_, fields, change);
    std::vector<Lanes> f(std::size_t(components) * width), q(info_.quantities.size());
    kernels_.residual(samples.batch(), sdk::Part::all, f.data());
    if (!q.empty()) kernels_.quantities(samples.batch(), q.data());
    form.add(f);
    densities.add(q);
  }
  for (int c = 0; c < components; ++c) {
    std::optional<Dimensions> equation;
    for (int k = 0; k < width; ++k) {
      if (form.is_zero(c * width + k)) continue;
      auto entry = form.dimensions(c * width + k);
      if (entry && k > 0) entry = times_metres(*entry, -1.0);
      coherent_ &= entry && (!equation || *equation == *entry);
      equation = entry;
    }
    equations_.push_back(equation);
  }
  for (std::size_t k = 0; k < info_.quantities.size(); ++k) {
    const int i = static_cast<int>(k);
    densities_.push_back(densities.is_zero(i) ? std::nullopt : densities.dimensions(i));
  }
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

}  // namespace ansatz::study
