#include "engine/reduced/separation/term_assembly.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/fem/assembly/scatter.hpp"

namespace ansatz::reduced {
namespace {

constexpr double round_off = 1e-14;  // of the sum of sizes

/// y = K x of an element matrix, and |K| |x|.
void multiply(const fem::Lanes* element, const std::vector<fem::Lanes>& x, std::vector<fem::Lanes>& y,
              std::vector<fem::Lanes>& sizes) {
  const std::size_t n = x.size();
  for (std::size_t i = 0; i < n; ++i) {
    y[i] = sizes[i] = fem::Lanes(0.0);
    for (std::size_t j = 0; j < n; ++j) {
      const auto product = element[i * n + j] * x[j];
      y[i] += product;
      sizes[i] += abs(product);
    }
  }
}

}  // namespace

fem::FormState TermAssembly::zero_state() const {
  zero_.assign(form_.dofs().num_local(), 0.0);
  return {0.0, zero_, {}};
}

std::unique_ptr<linear::SparseMatrix> TermAssembly::matrix(const fem::Weights& weights) const {
  const auto& comm = form_.dofs().mesh().comm;
  base::agree(comm, [&] { form_.sparsity(); });
  auto matrix = std::make_unique<linear::SparseMatrix>(comm, form_.sparsity().pattern, form_.dofs().block_size());
  form_.jacobian(zero_state(), weights, *matrix);
  const auto& pattern = matrix->pattern();
  double size = 0.0;
  for (std::int32_t i = 0; i < pattern.num_owned; ++i) {
    if (form_.constrained()[i] != 0) continue;
    for (auto k = pattern.diag_offsets[i]; k < pattern.diag_offsets[i + 1]; ++k)
      size = std::max(size, std::abs(matrix->diagonal_values()[k]));
    for (auto k = pattern.ghost_offsets[i]; k < pattern.ghost_offsets[i + 1]; ++k)
      size = std::max(size, std::abs(matrix->ghost_values()[k]));
  }
  if (comm.max(size) == 0.0) matrix.reset();
  return matrix;
}

std::optional<std::vector<double>> TermAssembly::load() const {
  const auto& comm = form_.dofs().mesh().comm;
  std::vector<double> F(form_.dofs().num_owned());
  base::agree(comm, [&] { form_.residual(zero_state(), F); });
  std::int64_t any = 0;
  for (double& value : F) {
    any |= value != 0.0;
    value = -value;
  }
  return comm.max(any) == 0 ? std::nullopt : std::optional(std::move(F));
}

std::vector<std::optional<std::vector<double>>> TermAssembly::of_liftings(const Block& liftings,
                                                                          const fem::Weights& weights) const {
  const auto& dofs = form_.dofs();
  const auto& comm = dofs.mesh().comm;
  const int count = liftings.num_columns();
  std::vector<std::vector<double>> local(count), products(count), sizes(count);
  for (int k = 0; k < count; ++k) {
    local[k].assign(dofs.num_local(), 0.0);
    std::ranges::copy(liftings.column(k), local[k].begin());
    dofs.update_ghosts(local[k]);
    products[k].assign(dofs.num_owned(), 0.0);
    sizes[k] = products[k];
  }
  std::vector<fem::Lanes> x(dofs.dofs_per_cell()), y(x.size()), size(x.size());
  base::agree(comm, [&] {
    if (count == 0) return;
    form_.visit_element_matrices(zero_state(), weights, [&](const fem::Batch& batch, const fem::Lanes* element) {
      for (int k = 0; k < count; ++k) {
        gather_from_vector(dofs, batch, local[k], x.data());
        multiply(element, x, y, size);
        add_to_vector(dofs, batch, y.data(), products[k]);
        add_to_vector(dofs, batch, size.data(), sizes[k]);
      }
    });
  });
  std::vector<std::optional<std::vector<double>>> out(count);
  for (int k = 0; k < count; ++k) {
    std::int64_t any = 0;
    for (std::int32_t i = 0; i < dofs.num_owned(); ++i) {
      products[k][i] = form_.constrained()[i] != 0 ? 0.0 : -products[k][i];
      any |= !(std::abs(products[k][i]) <= round_off * sizes[k][i]);
    }
    if (comm.max(any) != 0) out[k] = std::move(products[k]);
  }
  return out;
}

}  // namespace ansatz::reduced
