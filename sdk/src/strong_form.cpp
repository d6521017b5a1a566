#include "ansatz/sdk/strong_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ansatz/sdk/dual.hpp"
#include "ansatz/sdk/error.hpp"
#include "strong_block.hpp"

namespace ansatz::sdk {
namespace {

/// A prescribed value at a point of a batch, with its derivative by a parameter where there is one (not -1).
Dual<Lanes, 1> given(const Expression& g, const PointBatch& b, int q, int dim, int parameter) {
  using D = Dual<Lanes, 1>;
  std::array<D, 3> x;
  std::array<D, max_parameters> parameters;
  std::array<D, max_data> data;
  for (int i = 0; i < 3; ++i) x[i] = i < dim ? D(b.position[q * dim + i]) : D(0.0);
  for (std::size_t k = 0; k < b.parameters.size(); ++k) {
    parameters[k] = b.parameters_at != nullptr ? D(b.parameters_at[q * b.parameters.size() + k]) : D(b.parameters[k]);
  }
  if (parameter >= 0) parameters[parameter].d[0] = Lanes(1.0);
  for (int k = 0; k < b.num_data; ++k) data[k] = D(b.data[q * b.num_data + k]);
  const D t = b.times != nullptr ? D(b.times[q]) : D(b.time);
  return g.evaluate(ExpressionInputs<D>{x.data(), t, parameters.data(), nullptr, data.data()});
}

}  // namespace

bool StrongForm::fluxes_have_rates(const FormStructure& structure, int dim) {
  const auto num_slots = static_cast<int>(structure.depends.size());
  for (int k = 0; k < num_slots; ++k) {
    if (k % (1 + dim) != 0 && structure.depends[k] >> num_slots != 0) return true;
  }
  return false;
}

StrongForm::StrongForm(const Physics& physics, Site site, int dim, int num_parameters)
    : physics_(&physics),
      kernels_(&physics.kernels(dim)),
      site_(std::move(site)),
      dim_(dim),
      components_(physics.info().num_field_components(dim)),
      num_parameters_(num_parameters) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::case_file, fmt::format("the physics {} has no strong form: {}", physics.info().name, why),
                site_.name.empty() ? std::string() : "site " + site_.name,
                "solve it in the weak form, by finite elements");
  };
  const auto regard = [&](CoefficientTable table) {
    const auto structure = kernels_->structure(table);
    transient_ |= structure.transient;
    if (fluxes_have_rates(structure, dim_)) refuse("its fluxes depend on du/dt");
  };
  regard(site_.coefficients);
  if (site_.kind == Site::Kind::interface) regard(site_.other_coefficients);
  if (site_.kind != Site::Kind::volume) transient_ = false;  // fluxes have no rates
  for (const auto& table : site_.boundary_terms) {
    const auto structure = kernels_->boundary_structure(table);
    if (structure.tests_gradient) refuse("its boundary terms test gradients");
    transient_ |= structure.transient;
  }
}

template <class Work>
void StrongForm::for_blocks(const PointSet& points, const At& at, std::span<const double> jets, Work work) const {
  const std::size_t n = points.size(dim_);
  const bool times = at.times.size() == 1 || at.times.size() == n;
  const bool parameters = at.parameters.size() == std::size_t(num_parameters_) ||
                          at.parameters.size() == n * static_cast<std::size_t>(num_parameters_);
  const bool normals = site_.kind == Site::Kind::volume || points.normals.size() == points.positions.size();
  if (jets.size() != n * width() || !times || !parameters || !normals) {
    throw Error(
        ErrorKind::internal,
        fmt::format("{} points need jets of {} numbers each, one time or one a point, {} parameters or as many a "
                    "point, and normals on facets",
                    n, width(), num_parameters_),
        "sdk::StrongForm");
  }
  if (n == 0) return;
  Block block(*this, points, at, jets);
  for (std::size_t first = 0; first < n; first += block_size) {
    block.load(first);
    work(block);
  }
}

void StrongForm::evaluate(Block& block) const {
  const int n = block.num_points();
  if (site_.kind == Site::Kind::volume) {
    throw_fault(kernels_->strong_residual(block.batch(site_.coefficients), block.value.data()), block);
    return;
  }
  std::ranges::fill(block.value, Lanes(0.0));
  for (int side = 0; side < sides(); ++side) {
    const auto table = side == 0 ? site_.coefficients : site_.other_coefficients;
    throw_fault(kernels_->residual(block.batch(table, side), Part::all, block.f.data()), block);
    add_normal_fluxes(block, side == 0 ? 1.0 : -1.0);
  }
  for (const auto& table : site_.boundary_terms) {
    throw_fault(kernels_->boundary_residual(block.batch(table), block.f.data()), block);
    for (int i = 0; i < n * components_; ++i) block.value[i] += block.f[i * (1 + dim_)];
  }
  for (std::size_t c = 0; c < site_.prescribed.size(); ++c) {
    if (!site_.prescribed[c]) continue;
    const auto b = block.batch(site_.coefficients);
    for (int q = 0; q < n; ++q) {
      block.value[q * components_ + c] =
          b.slots[(q * components_ + c) * (1 + dim_)] - given(*site_.prescribed[c], b, q, dim_, -1).v;
    }
  }
}

void StrongForm::differentiate(Block& block) const {
  const int n = block.num_points(), num_slots = components_ * (1 + dim_), jet = jet_size(dim_, jet_all);
  const auto row = [&](int q, int c) { return &block.slope[std::size_t(q * components_ + c) * width()]; };
  if (site_.kind == Site::Kind::volume) {
    if (transient_) return kernels_->strong_derivative(block.batch(site_.coefficients), jet_all, block.slope.data());
    const int entries = jet_size(dim_, jet_all & ~jet_rate);
    block.steady.resize(std::size_t(block_points) * components_ * components_ * entries);
    kernels_->strong_derivative(block.batch(site_.coefficients), jet_all & ~jet_rate, block.steady.data());
    for (std::size_t k = 0; k < std::size_t(n) * components_ * components_; ++k) {
      const Lanes* from = &block.steady[k * entries];
      Lanes* to = &block.slope[k * jet];
      to[0] = from[0];
      to[1] = Lanes(0.0);
      std::copy_n(from + 1, entries - 1, to + 2);
    }
    return;
  }
  std::ranges::fill(block.slope, Lanes(0.0));
  const int gradient = jet_offset(dim_, jet_all, jet_gradient), rate = jet_offset(dim_, jet_all, jet_rate);
  for (int side = 0; side < sides(); ++side) {
    const auto table = side == 0 ? site_.coefficients : site_.other_coefficients;
    kernels_->jacobian(block.batch(table, side), Part::all, {1.0, 0.0}, block.d.data());
    for (int q = 0; q < n; ++q) {
      for (int c = 0; c < components_; ++c) {
        Lanes* to = row(q, c) + side * components_ * jet;
        for (int j = 0; j < dim_; ++j) {
          const Lanes* from = &block.d[std::size_t(q * num_slots + c * (1 + dim_) + 1 + j) * num_slots];
          const Lanes normal = side == 0 ? block.normals()[q * dim_ + j] : -block.normals()[q * dim_ + j];
          for (int in = 0; in < components_; ++in) {
            to[in * jet] += from[in * (1 + dim_)] * normal;
            for (int k = 0; k < dim_; ++k) to[in * jet + gradient + k] += from[in * (1 + dim_) + 1 + k] * normal;
          }
        }
      }
    }
  }
  for (const auto& table : site_.boundary_terms) {
    for (const bool of_rate : {false, true}) {
      if (of_rate && !transient_) continue;
      kernels_->boundary_jacobian(block.batch(table), {of_rate ? 0.0 : 1.0, of_rate ? 1.0 : 0.0}, block.d.data());
      for (int q = 0; q < n; ++q) {
        for (int c = 0; c < components_; ++c) {
          const Lanes* from = &block.d[std::size_t(q * num_slots + c * (1 + dim_)) * num_slots];
          Lanes* to = row(q, c);
          for (int in = 0; in < components_; ++in) {
            to[in * jet + (of_rate ? rate : 0)] += from[in * (1 + dim_)];
            for (int k = 0; !of_rate && k < dim_; ++k) to[in * jet + gradient + k] += from[in * (1 + dim_) + 1 + k];
          }
        }
      }
    }
  }
  for (std::size_t c = 0; c < site_.prescribed.size(); ++c) {
    if (!site_.prescribed[c]) continue;
    for (int q = 0; q < n; ++q) {
      Lanes* to = row(q, static_cast<int>(c));
      std::fill_n(to, width(), Lanes(0.0));
      to[c * jet] = Lanes(1.0);
    }
  }
}

void StrongForm::differentiate(Block& block, int parameter) const {
  const int n = block.num_points();
  if (site_.kind == Site::Kind::volume) {
    return kernels_->strong_parameter_derivative(block.batch(site_.coefficients), parameter, block.value.data());
  }
  std::ranges::fill(block.value, Lanes(0.0));
  for (int side = 0; side < sides(); ++side) {
    const auto table = side == 0 ? site_.coefficients : site_.other_coefficients;
    kernels_->parameter_derivative(block.batch(table, side), parameter, block.f.data());
    add_normal_fluxes(block, side == 0 ? 1.0 : -1.0);
  }
  for (const auto& table : site_.boundary_terms) {
    kernels_->boundary_parameter_derivative(block.batch(table), parameter, block.f.data());
    for (int i = 0; i < n * components_; ++i) block.value[i] += block.f[i * (1 + dim_)];
  }
  for (std::size_t c = 0; c < site_.prescribed.size(); ++c) {
    if (!site_.prescribed[c]) continue;
    const auto b = block.batch(site_.coefficients);
    for (int q = 0; q < n; ++q)
      block.value[q * components_ + c] = -given(*site_.prescribed[c], b, q, dim_, parameter).d[0];
  }
}

/// Adds f1 . n of block.f to the rows.
void StrongForm::add_normal_fluxes(Block& block, double sign) const {
  for (int q = 0; q < block.num_points(); ++q) {
    for (int c = 0; c < components_; ++c) {
      const Lanes* f1 = &block.f[(q * components_ + c) * (1 + dim_) + 1];
      for (int j = 0; j < dim_; ++j)
        block.value[q * components_ + c] += f1[j] * block.normals()[q * dim_ + j] * Lanes(sign);
    }
  }
}

void StrongForm::residual(const PointSet& points, const At& at, std::span<const double> jets,
                          std::span<double> R) const {
  for_blocks(points, at, jets, [&](Block& block) {
    evaluate(block);
    block.store_rows(R);
  });
}

void StrongForm::parameter_derivative(const PointSet& points, const At& at, std::span<const double> jets, int parameter,
                                      std::span<double> dR) const {
  for_blocks(points, at, jets, [&](Block& block) {
    differentiate(block, parameter);
    block.store_rows(dR);
  });
}

void StrongForm::derivative(const PointSet& points, const At& at, std::span<const double> jets,
                            std::span<double> out) const {
  const std::size_t size = std::size_t(rows()) * width();
  for_blocks(points, at, jets, [&](Block& block) {
    differentiate(block);
    for (std::size_t i = 0; i < block.count; ++i) {
      const Lanes* from = &block.slope[i / num_lanes * size];
      for (std::size_t k = 0; k < size; ++k) out[(block.first + i) * size + k] = from[k][i % num_lanes];
    }
  });
}

void StrongForm::push_forward(const PointSet& points, const At& at, std::span<const double> jets,
                              std::span<const double> v, std::span<double> out) const {
  std::vector<Lanes> direction(width());
  for_blocks(points, at, jets, [&](Block& block) {
    differentiate(block);
    for (int q = 0; q < block.num_points(); ++q) {
      block.load_point(v, q, direction);
      for (int r = 0; r < rows(); ++r) {
        const Lanes* slope = &block.slope[std::size_t(q * rows() + r) * width()];
        Lanes sum(0.0);
        for (int k = 0; k < width(); ++k) sum += slope[k] * direction[k];
        block.value[q * rows() + r] = sum;
      }
    }
    block.store_rows(out);
  });
}

void StrongForm::pull_back(const PointSet& points, const At& at, std::span<const double> jets,
                           std::span<const double> w, std::span<double> out) const {
  std::vector<Lanes> weights(rows()), sum(width());
  for_blocks(points, at, jets, [&](Block& block) {
    differentiate(block);
    for (int q = 0; q < block.num_points(); ++q) {
      block.load_point(w, q, weights);
      std::ranges::fill(sum, Lanes(0.0));
      for (int r = 0; r < rows(); ++r) {
        const Lanes* slope = &block.slope[std::size_t(q * rows() + r) * width()];
        for (int k = 0; k < width(); ++k) sum[k] += slope[k] * weights[r];
      }
      block.store_point(sum, q, out);
    }
  });
}

void StrongForm::throw_fault(const CoefficientFault& fault, const Block& block) const {
  if (fault.coefficient < 0) return;
  const std::size_t i = block.index(std::size_t(fault.point) * num_lanes + fault.lane);
  int first = 0;
  for (const auto& coefficient : physics_->info().coefficients) {
    const int n = num_components(coefficient.shape, dim_);
    first += n;
    if (fault.coefficient >= first) continue;
    throw Error(ErrorKind::not_finite,
                fmt::format("coefficient {} of {} has the value {} {}; admissible: {}", coefficient.name,
                            physics_->info().name, fault.value, coefficient.unit, coefficient.range.text()),
                fmt::format("site {}, position ({:.6g}), time {:.6g} s", site_.name,
                            fmt::join(block.position_of(i), ", "), block.time(i)));
  }
}

}  // namespace ansatz::sdk
