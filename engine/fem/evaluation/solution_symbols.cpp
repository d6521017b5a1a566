#include "engine/fem/evaluation/solution_symbols.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "ansatz/sdk/expression_affine.hpp"

namespace ansatz::fem {
namespace {

constexpr std::array<const char*, 3> axis{"x", "y", "z"};

}  // namespace

SolutionSymbols::SolutionSymbols(const FormDefinition& definition)
    : info_(definition.physics->info()),
      dim_(definition.dofs->mesh().dim),
      components_(definition.dofs->num_components()) {
  for (const auto& derived : info_.derived) derived_ += sdk::num_components(derived.shape, dim_);
}

void SolutionSymbols::add_to(sdk::SymbolTable& symbols) const {
  int c = 0;
  for (const auto& field : info_.fields) {
    for (int k = 0; k < sdk::num_components(field.shape, dim_); ++k, ++c) {
      const auto name =
          field.name + (field.shape == sdk::Shape::scalar ? "" : "_" + sdk::component_name(field.shape, dim_, k));
      symbols.add_field(name, c);
      for (int j = 0; j < dim_; ++j) symbols.add_field("grad_" + name + "_" + axis[j], components_ + c * dim_ + j);
    }
  }
  int at = first_derived();
  for (const auto& derived : info_.derived) {
    for (int k = 0; k < sdk::num_components(derived.shape, dim_); ++k, ++at) {
      const auto suffix = sdk::component_name(derived.shape, dim_, k);
      symbols.add_field(derived.name + (suffix.empty() ? "" : "_" + suffix), at);
    }
  }
  for (int i = 0; i < dim_; ++i) symbols.add_field(std::string("normal_") + axis[i], first_normal() + i);
}

bool SolutionSymbols::uses(const sdk::Expression& expression, int first, int last) const {
  const auto used = expression.indices_used(sdk::SymbolKind::field);
  return std::ranges::any_of(used, [&](int i) { return i >= first && i < last; });
}

std::vector<int> SolutionSymbols::derived_used(const sdk::Expression& expression) const {
  std::vector<int> used;
  for (const int i : expression.indices_used(sdk::SymbolKind::field)) {
    if (i >= first_derived() && i < first_normal()) used.push_back(i - first_derived());
  }
  return used;
}

bool SolutionSymbols::is_continuous(const sdk::Expression& expression) const {
  return !uses(expression, components_, std::numeric_limits<int>::max());
}

bool SolutionSymbols::is_affine(const sdk::Expression& expression) const {
  return sdk::is_affine(expression, sdk::SymbolKind::field, first_normal());
}

}  // namespace ansatz::fem
