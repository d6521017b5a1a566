#include "engine/reduced/separation/initial_values.hpp"

#include <algorithm>

#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/reduced/separation/coefficient_split.hpp"

namespace ansatz::reduced {

std::optional<SeparatedInitial> separate_initial(const fem::Form& form, std::span<const fem::InitialValue> values,
                                                 double start, std::string& reason) {
  const auto& dofs = form.dofs();
  const auto& comm = dofs.mesh().comm;
  std::vector<Split> splits;
  std::vector<Factor> factors;
  for (const auto& [field, component, value] : values) {
    auto parts = split_of(sdk::substitute(value, sdk::SymbolKind::time, std::vector{start}), {});
    if (!parts) {
      reason = "\"" + value.text() + "\" is not a sum of products of functions of parameters and of space";
      return std::nullopt;
    }
    add_distinct(factors, *parts);
    splits.push_back(std::move(*parts));
  }
  SeparatedInitial result{{}, Block(dofs.num_owned())};
  for (const auto& factor : factors) {
    std::vector<double> term(dofs.num_owned(), 0.0);
    base::agree(comm, [&] {
      for (std::size_t k = 0; k < values.size(); ++k) {
        const auto& nodes = *dofs.fields()[values[k].field].nodes;
        const auto nodal = fem::interpolate(dofs.mesh(), nodes, part_of(splits[k], factor), start,
                                            form.definition().parameters, form.definition().data);
        for (std::int32_t n = 0; n < nodes.num_owned; ++n)
          term[dofs.node_dofs(values[k].field)[n] + values[k].component] = nodal[n];
      }
    });
    double size = 0.0;
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (form.constrained()[i] != 0) term[i] = 0.0;
      size = std::max(size, std::abs(term[i]));
    }
    if (comm.max(size) == 0.0) continue;
    result.terms.append(term);
    result.thetas.add_term(factor.add_to(result.thetas));
  }
  return result;
}

}  // namespace ansatz::reduced
