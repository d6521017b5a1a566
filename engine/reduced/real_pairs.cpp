#include "engine/reduced/real_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/hash.hpp"
#include "engine/linear/vector.hpp"

namespace ansatz::reduced {
namespace {

constexpr double commuting = 1e-12;  // of |A| |v|

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::case_file, what, "reduced.pairs", hint);
}

int field_number(const fem::DofMap& dofs, const std::string& name) {
  const auto& fields = dofs.fields();
  const auto at = std::ranges::find(fields, name, &fem::FieldSpace::name);
  if (at == fields.end()) {
    std::string names;
    for (const auto& field : fields) names += (names.empty() ? "" : ", ") + field.name;
    refuse("there is no field \"" + name + "\"", "its fields are: " + names);
  }
  return static_cast<int>(at - fields.begin());
}

}  // namespace

RealPairs::RealPairs(const fem::Form& form, const std::vector<std::pair<std::string, std::string>>& names)
    : first_global_(form.dofs().first_global()), constrained_(form.constrained()) {
  if (names.empty()) return;
  const auto& dofs = form.dofs();
  partners_.assign(dofs.num_owned(), -1);
  signs_.assign(dofs.num_owned(), 1.0);
  base::agree(dofs.mesh().comm, [&] {
    std::vector<int> uses(dofs.num_fields(), 0);
    for (const auto& [real, imaginary] : names) {
      const int a = field_number(dofs, real), b = field_number(dofs, imaginary);
      ++uses[a];
      ++uses[b];
      const auto &first = dofs.fields()[a], &second = dofs.fields()[b];
      if (a == b || first.components != second.components || first.nodes->degree != second.nodes->degree) {
        refuse(fmt::format("{} and {} are no two fields of equal spaces", real, imaginary), "pair the parts of one complex field");
      }
      for (std::int32_t n = 0; n < first.nodes->num_owned; ++n) {
        for (int c = 0; c < first.components; ++c) {
          const auto i = dofs.node_dofs(a)[n] + c, j = dofs.node_dofs(b)[n] + c;
          if (constrained_[i] != constrained_[j]) {
            refuse(fmt::format("{} has a prescribed value where {} has none", constrained_[i] ? real : imaginary,
                               constrained_[i] ? imaginary : real),
                   "prescribe both parts, or neither");
          }
          partners_[i] = j;
          partners_[j] = i;
          signs_[i] = -1.0;
        }
      }
    }
    const auto other = std::ranges::find_if(uses, [](int count) { return count != 1; });
    if (other != uses.end()) {
      refuse(fmt::format("{} is in {} pairs", dofs.fields()[other - uses.begin()].name, *other), "put every field into one pair");
    }
  });
}

std::vector<double> RealPairs::times_i(std::span<const double> v) const {
  std::vector<double> out(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) out[i] = signs_[i] * v[partners_[i]];
  return out;
}

void RealPairs::require_commuting(const SeparatedProblem& problem, const linear::SparseMatrix& X) const {
  if (empty()) return;
  const auto& comm = X.comm();
  std::vector<double> v(X.pattern().num_owned), a(v.size()), b(v.size()), size(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = constrained_[i] != 0 ? 0.0 : base::hashed(first_global_ + std::int64_t(i)) - 0.5;
  const auto rotated = times_i(v);
  const auto check = [&](const linear::SparseMatrix& A, const std::string& what) {
    A.multiply(v, a);
    A.multiply(rotated, b);
    A.multiply_absolute(v, size);
    linear::add_scaled(-1.0, times_i(a), b);
    if (linear::norm(comm, b) <= commuting * linear::norm(comm, size)) return;
    refuse("this is no complex-linear problem in these fields: " + what + " does not commute with a multiplication by i",
           "remove reduced.pairs, or pair real with imaginary parts");
  };
  for (std::size_t q = 0; q < problem.operators.size(); ++q) {
    check(*problem.operators[q],
          "the operator's term with the factor " + problem.operator_thetas.text(problem.operator_thetas.terms()[q].first));
  }
  check(X, "the inner product");
}

}  // namespace ansatz::reduced
