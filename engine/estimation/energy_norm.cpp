#include "engine/estimation/energy_norm.hpp"

#include "engine/fem/forms/form_facts.hpp"
#include "engine/fem/forms/multiplier_fields.hpp"
#include "engine/fem/forms/product_matrix.hpp"

namespace ansatz::estimation {
namespace {

std::string names_of(const fem::DofMap& dofs, const std::vector<std::uint8_t>& counts, bool counted) {
  std::string text;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    if ((counts[f] != 0) == counted) text += (text.empty() ? "" : ", ") + dofs.fields()[f].name;
  }
  return text;
}

}  // namespace

EnergyNorm::EnergyNorm(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights)
    : form_(form), weights_(weights), counts_(form.dofs().num_fields(), 1) {
  const auto& dofs = form.dofs();
  for (const int f : fem::multiplier_fields(form)) counts_[f] = 0;
  const auto without = names_of(dofs, counts_, false);
  of_form_ = is_semidefinite(state);
  of_jacobian_ = of_form_ && without.empty();
  size_ = fem::domain_size(dofs.mesh());
  name_ = of_form_ ? "energy norm" + (without.empty() ? "" : " without " + without)
                   : "H1 norm of " + names_of(dofs, counts_, true);
  int counted = 0;
  for (const auto c : counts_) counted += c;
  if (!of_form_ && counted > 1) {
    throw sdk::Error(sdk::ErrorKind::parameter,
                     "no energy norm is known of these equations, and the fields " + names_of(dofs, counts_, true) +
                         " have no common H1 norm",
                     "estimation::EnergyNorm", "leave the discretisation estimate off");
  }
}

bool EnergyNorm::is_semidefinite(const fem::FormState& state) const {
  const auto& dofs = form_.dofs();
  const int dim = dofs.mesh().dim, slots = dofs.num_components() * (1 + dim);
  std::vector<int> rows, kinds;
  for (int f = 0, slot = 0; f < dofs.num_fields(); ++f) {
    for (int c = 0; c < dofs.fields()[f].components; ++c) {
      for (int j = 0; j <= dim; ++j, ++slot) {
        if (counts_[f] == 0) continue;
        rows.push_back(slot);
        kinds.push_back(2 * f + (j > 0 ? 1 : 0));
      }
    }
  }
  std::vector<double> small(rows.size() * rows.size());
  bool known = false, holds = true, any = false;
  const auto visit = [&](const fem::Batch& batch, int num_points, const fem::Lanes* d) {
    for (int q = 0; q < num_points && holds; ++q, d += std::size_t(slots) * slots) {
      for (int lane = 0; lane < batch.num_active && holds; ++lane) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          for (std::size_t j = 0; j < rows.size(); ++j) {
            const double entry = 0.5 * (d[rows[i] * slots + rows[j]][lane] + d[rows[j] * slots + rows[i]][lane]);
            small[i * rows.size() + j] = entry;
            any = any || entry != 0.0;
          }
        }
        holds = fem::is_semidefinite(small, kinds);
      }
    }
  };
  base::agree(dofs.mesh().comm, [&] { known = form_.visit_point_matrices(state, weights_.of_kernels(), visit); });
  const auto& comm = dofs.mesh().comm;
  return comm.max(std::int64_t{!known || !holds}) == 0 && comm.max(std::int64_t{any}) == 1;
}

std::vector<double> EnergyNorm::squares(const fem::FormState& state, std::span<const double> v) const {
  const auto& dofs = form_.dofs();
  const auto& mesh = dofs.mesh();
  const int n = dofs.dofs_per_cell();
  std::vector<double> local(dofs.num_local()), of_cell(n), result(mesh.num_owned_cells, 0.0);
  std::ranges::copy(v.first(dofs.num_owned()), local.begin());
  dofs.update_ghosts(local);
  const auto add = [&](const fem::Batch& batch, const fem::Lanes* element) {
    for (int lane = 0; lane < batch.num_active; ++lane) {
      const auto cell = batch.cells[lane];
      if (cell >= mesh.num_owned_cells) continue;
      int row = 0;
      for (int f = 0; f < dofs.num_fields(); ++f) {
        for (int a = 0; a < dofs.nodes_per_cell(f); ++a) {
          const auto first = dofs.node_dofs(f)[dofs.cell_node(f, cell, a)];
          for (int k = 0; k < dofs.fields()[f].components; ++k)
            of_cell[row++] = counts_[f] != 0 ? local[first + k] : 0.0;
        }
      }
      double sum = 0.0;
      for (int i = 0; i < n; ++i) {
        double part = 0.0;
        for (int j = 0; j < n; ++j) part += element[i * n + j][lane] * of_cell[j];
        sum += of_cell[i] * part;
      }
      result[cell] += sum;
    }
  };
  base::agree(mesh.comm, [&] {
    if (of_form_) {
      form_.visit_element_matrices(state, weights_, add);
    } else {
      fem::visit_product_matrices(form_, 1.0, 1.0 / (size_ * size_), add);
    }
  });
  return result;
}

}  // namespace ansatz::estimation
