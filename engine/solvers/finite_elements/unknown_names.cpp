#include "engine/solvers/finite_elements/unknown_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ansatz::solvers {

std::string field_of_unknown(const fem::DiscreteProblem& discrete, std::size_t unknown) {
  return discrete.dofs().fields()[discrete.fields().of[unknown]].name;
}

std::string describe_unknown(const fem::DiscreteProblem& discrete, std::optional<std::size_t> unknown) {
  const auto& dofs = discrete.dofs();
  std::string text;
  if (unknown) {
    const auto name = field_of_unknown(discrete, *unknown);
    const int f = discrete.fields().of[*unknown];
    const auto& field = dofs.fields()[f];
    const auto x = fem::node_coordinates(dofs.mesh(), *field.nodes);
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      const auto first = static_cast<std::size_t>(dofs.node_dofs(f)[n]);
      if (*unknown < first || *unknown >= first + field.components) continue;
      const double* p = x.data() + std::size_t(n) * dofs.mesh().dim;
      text = fmt::format("{} at ({:.6g})", name, fmt::join(p, p + dofs.mesh().dim, ", "));
    }
  }
  const auto& comm = discrete.comm();
  const auto owner = comm.max(unknown ? std::int64_t{comm.rank()} : std::int64_t{0});
  return comm.broadcast(text, static_cast<int>(owner));
}

}  // namespace ansatz::solvers
