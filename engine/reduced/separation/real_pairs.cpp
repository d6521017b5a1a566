#include "engine/reduced/separation/real_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace ansatz::reduced {
namespace {

constexpr double commuting = 1e-12;  // of the largest entries

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
    : empty_(names.empty()), constrained_(form.constrained()) {
  if (empty_) return;
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
        refuse(fmt::format("{} and {} are no two fields of equal spaces", real, imaginary),
               "pair the parts of one complex field");
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
      refuse(fmt::format("{} is in {} pairs", dofs.fields()[other - uses.begin()].name, *other),
             "put every field into one pair");
    }
  });
  exchange(dofs);
}

/// What ghost unknowns need to know.
void RealPairs::exchange(const fem::DofMap& dofs) {
  std::vector<double> partners(dofs.num_local());  // exact below 2^53
  local_signs_.assign(dofs.num_local(), 0.0);
  fields_.assign(dofs.num_local(), 0);
  std::ranges::copy(signs_, local_signs_.begin());
  for (std::int32_t i = 0; i < dofs.num_owned(); ++i)
    partners[i] = static_cast<double>(dofs.first_global() + partners_[i]);
  dofs.update_ghosts(local_signs_);
  dofs.update_ghosts(partners);
  for (const double partner : partners) partner_global_.push_back(static_cast<std::int64_t>(partner));
  for (int f = 0; f < dofs.num_fields(); ++f) {
    for (const auto first : dofs.node_dofs(f)) std::fill_n(fields_.begin() + first, dofs.fields()[f].components, f);
  }
}

std::vector<double> RealPairs::times_i(std::span<const double> v) const {
  std::vector<double> out(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) out[i] = signs_[i] * v[partners_[i]];
  return out;
}

/// |A_ij - (J^T A J)_ij| relative to the largest entry of row i, or of its partner's row, in the field of j; over all
/// of them.
double RealPairs::mismatch(const linear::SparseMatrix& A) const {
  const auto& pattern = A.pattern();
  const auto n = static_cast<std::size_t>(pattern.num_owned);
  const std::size_t num_fields = fields_.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(fields_)) + 1;
  std::map<std::int64_t, double> partner_row;
  std::vector<double> sizes;
  double worst = 0.0;
  const auto row_entries = [&](std::size_t i, const auto& visit) {  // visit(local column, value)
    for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k)
      visit(static_cast<std::size_t>(pattern.diag_columns[k]), A.diagonal_values()[k]);
    for (auto k = pattern.ghost_offsets[i]; k < pattern.ghost_offsets[i + 1]; ++k)
      visit(n + static_cast<std::size_t>(pattern.ghost_columns[k]), A.ghost_values()[k]);
  };
  const auto global = [&](std::size_t j) {
    return j < n ? pattern.first_global + std::int64_t(j) : pattern.ghost_global[j - n];
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (constrained_[i] != 0) continue;
    const auto partner = static_cast<std::size_t>(partners_[i]);
    partner_row.clear();
    sizes.assign(num_fields, 0.0);
    const auto note = [&](int field, double value) { sizes[field] = std::max(sizes[field], std::abs(value)); };
    row_entries(partner, [&](std::size_t j, double value) { partner_row[global(j)] = value; });
    row_entries(i, [&](std::size_t j, double value) {
      note(fields_[j], value);
      const auto other = partner_row.find(partner_global_[j]);
      if (other != partner_row.end()) note(fields_[j], other->second);
    });
    row_entries(i, [&](std::size_t j, double value) {
      if (constrained_[j] != 0) return;
      const auto other = partner_row.find(partner_global_[j]);
      const double rotated = other == partner_row.end() ? 0.0 : signs_[i] * local_signs_[j] * other->second;
      if (value != rotated) worst = std::max(worst, std::abs(value - rotated) / sizes[fields_[j]]);
    });
  }
  return A.comm().max(worst);
}

void RealPairs::require_commuting(const SeparatedProblem& problem, const linear::SparseMatrix& X) const {
  if (empty_) return;
  const auto check = [&](const linear::SparseMatrix& A, const std::string& what) {
    if (mismatch(A) <= commuting) return;
    refuse("this is not a complex-linear problem in these fields: " + what +
               " does not commute with a multiplication by i",
           "remove reduced.pairs, or pair real with imaginary parts");
  };
  for (std::size_t q = 0; q < problem.operators.size(); ++q) {
    check(*problem.operators[q], "the operator's term with the factor " +
                                     problem.operator_thetas.text(problem.operator_thetas.terms()[q].first));
  }
  check(X, "the inner product");
}

}  // namespace ansatz::reduced
