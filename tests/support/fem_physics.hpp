#pragma once
/// Physics of the plugins in tests, and tables of their coefficients from names and texts.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "ansatz/sdk/physics_interface.hpp"
#include "engine/base/communicator.hpp"
#include "engine/plugin/loader.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::test {

/// A physics of a plugin with the library that it lives in. *Collective* to make.
struct LoadedPhysics {
  explicit LoadedPhysics(const std::string& name, const std::string& option = {}, const std::string& choice = {})
      : registry(base::Communicator(MPI_COMM_WORLD), plugin::search_path()) {
    registry.load(name);
    physics = registry.make_physics(name);
    if (!option.empty()) physics->set_option(option, choice);
  }
  const sdk::Physics& operator*() const { return *physics; }
  const sdk::Physics* operator->() const { return physics.get(); }

  plugin::Registry registry;
  std::unique_ptr<sdk::Physics> physics;
};

using Texts = std::map<std::string, std::string>;  ///< coefficient or its component -> expression

inline std::string component(const std::string& name, sdk::Shape shape, int dim, int k) {
  const auto suffix = sdk::component_name(shape, dim, k);
  return suffix.empty() ? name : name + "_" + suffix;
}

/// x, y, z, t, the components of the fields and these parameters.
inline sdk::SymbolTable symbols_of(const sdk::Physics& physics, int dim,
                                   const std::vector<std::string>& parameters = {}) {
  auto symbols = sdk::SymbolTable::space_time(dim);
  int index = 0;
  for (const auto& field : physics.info().fields) {
    const int n = sdk::num_components(field.shape, dim);
    for (int k = 0; k < n; ++k) symbols.add_field(component(field.name, field.shape, dim, k), index++);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) symbols.add_parameter(parameters[i], static_cast<int>(i));
  return symbols;
}

/// All coefficient components: "name" sets a scalar, every component of a vector or the diagonal of a tensor, "name_x"
/// one component; the rest has its default.
inline std::vector<sdk::Expression> coefficients(const sdk::Physics& physics, int dim, const Texts& texts,
                                                 const std::vector<std::string>& parameters = {}) {
  const auto symbols = symbols_of(physics, dim, parameters);
  std::vector<sdk::Expression> table;
  std::size_t used = 0;
  for (const auto& info : physics.info().coefficients) {
    const bool tensor = info.shape == sdk::Shape::tensor;
    used += texts.count(info.name);
    for (int k = 0; k < sdk::num_components(info.shape, dim); ++k) {
      const auto name = component(info.name, info.shape, dim, k);
      const bool zero = tensor && k / dim != k % dim;
      const auto own = texts.find(name), whole = texts.find(info.name);
      if (own != texts.end()) {
        used += name != info.name;
        table.push_back(sdk::Expression::compile(own->second, symbols, "test"));
      } else if (whole != texts.end()) {
        table.push_back(zero ? sdk::Expression(0.0) : sdk::Expression::compile(whole->second, symbols, "test"));
      } else {
        table.emplace_back(zero || info.initial.empty() ? 0.0 : info.initial[0]);
      }
    }
  }
  if (used != texts.size()) throw sdk::Error(sdk::ErrorKind::internal, "a test names a coefficient that is not there");
  return table;
}

}  // namespace ansatz::test
