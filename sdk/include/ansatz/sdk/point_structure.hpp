#pragma once
/// What is known of the forms of a physics without a number: by abstract evaluation. Included by physics.hpp.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "ansatz/sdk/point_forms.hpp"
#include "ansatz/sdk/residue.hpp"
#include "ansatz/sdk/trace.hpp"

namespace ansatz::sdk::detail {

/// The part of the kernels that evaluates the forms with Trace, Residue and Dimensional in place of numbers.
template <class P, int dim>
class PointStructure : public PointKernels, protected PointForms<P, dim> {
  using Forms = PointForms<P, dim>;
  using R = Dual<Residue, 1 + dim>;
  template <class S>
  using E = Evaluation<S, dim>;

 protected:
  using Forms::physics_, Forms::info_, Forms::components_, Forms::coefficients_, Forms::slots_;
  using Forms::volume, Forms::boundary, Forms::stabilisation;

 public:
  using Forms::Forms;

  FormStructure structure(CoefficientTable table) const override {
    auto s = traced(table, [&](E<Trace>& e) { volume(e, Part::all); });
    s.symmetric = is_symmetric(table, [&](E<R>& e) { volume(e, Part::all); });
    return s;
  }
  FormStructure boundary_structure(CoefficientTable table) const override {
    auto s = traced(table, [&](E<Trace>& e) { boundary(e); });
    s.symmetric = is_symmetric(table, [&](E<R>& e) { boundary(e); });
    return s;
  }
  FormStructure stabilisation_structure(CoefficientTable table) const override {
    auto s = traced(table, [&](E<Trace>& e) { trace_stabilisation(e); });
    s.uniform = false;
    return s;
  }

  bool is_energy([[maybe_unused]] CoefficientTable table) const override {
    if constexpr (Forms::has_energy)
      return is_gradient(
          table, [&](E<R>& e) { volume(e, Part::all); }, [&](E<R>& e) { return physics_.energy(e.point); });
    return false;
  }
  bool is_boundary_energy([[maybe_unused]] CoefficientTable table) const override {
    if constexpr (Forms::has_boundary && Forms::has_boundary_energy)
      return is_gradient(
          table, [&](E<R>& e) { boundary(e); }, [&](E<R>& e) { return physics_.boundary_energy(e.point); });
    return !Forms::has_boundary;
  }

  bool affine_in(CoefficientTable table, std::span<const std::uint8_t> marked) const override {
    return traced_affine(table, marked, [&](E<Trace>& e) { volume(e, Part::all); });
  }
  bool boundary_affine_in(CoefficientTable table, std::span<const std::uint8_t> marked) const override {
    return traced_affine(table, marked, [&](E<Trace>& e) { boundary(e); });
  }
  bool stabilisation_affine_in(CoefficientTable table, std::span<const std::uint8_t> marked) const override {
    return traced_affine(table, marked, [&](E<Trace>& e) { trace_stabilisation(e); });
  }

  std::vector<DerivedStructure> derived_structure(
      [[maybe_unused]] CoefficientTable table, [[maybe_unused]] std::span<const std::uint8_t> marked) const override {
    std::vector<DerivedStructure> structure;
    if constexpr (has_derived) {
      std::vector<Trace> values(width_of(info_.derived), Trace(0.0));
      E<Trace> e;
      load_trace(e);
      for (int k = 0; k < coefficients_; ++k) e.coefficients[k] = traced_coefficient(table[k]);
      Outputs<Trace, dim> out{values.data()};
      physics_.derived(e.point, out);
      for (const Trace& value : values) structure.push_back({.linear = !value.nonlinear});
      load_marked(e, table, marked);
      std::ranges::fill(values, Trace(0.0));
      physics_.derived(e.point, out);
      for (std::size_t i = 0; i < values.size(); ++i) {
        structure[i].affine = !values[i].nonlinear;
        structure[i].marked = values[i].slots;
      }
    }
    return structure;
  }

  FormDimensions dimensions(std::span<const Dimensional> fields,
                            std::span<const Dimensional> coefficients) const override {
    E<Dimensional> e;
    const Dimensional metre(Dimensional::Powers{1}), second(Dimensional::Powers{0, 0, 1});
    e.point.t = second;
    e.point.x.v.fill(metre);
    e.point.cell_size = metre;
    for (int c = 0; c < components_; ++c) {
      e.values[c] = fields[c];
      e.rates[c] = fields[c] / second;
      for (int j = 0; j < dim; ++j) e.gradients[c * dim + j] = fields[c] / metre;
    }
    std::ranges::copy(coefficients, e.coefficients.begin());
    volume(e, Part::all);
    FormDimensions found;
    for (int c = 0; c < components_; ++c) {
      found.form.push_back(e.f0[c]);
      for (int j = 0; j < dim; ++j) found.form.push_back(e.f1[c * dim + j]);
    }
    if constexpr (has_quantities) {
      found.densities.assign(info_.quantities.size(), Dimensional(0.0));
      Outputs<Dimensional, dim> out{found.densities.data()};
      physics_.quantities(e.point, out);
    }
    return found;
  }

 protected:
  static constexpr bool has_derived = requires(const P& p, const Point<Lanes, dim>& x, Outputs<Lanes, dim>& o) {
    p.derived(x, o);
  };
  static constexpr bool has_quantities = requires(const P& p, const Point<Lanes, dim>& x, Outputs<Lanes, dim>& o) {
    p.quantities(x, o);
  };

  static int width_of(const std::vector<DerivedInfo>& infos) {
    int width = 0;
    for (const auto& info : infos) width += num_components(info.shape, dim);
    return width;
  }

 private:
  /// div f1 depends on what f1 does.
  void trace_stabilisation(E<Trace>& e) const {
    volume(e, Part::all);
    std::array<Trace, max_components> residual;
    for (int c = 0; c < components_; ++c) {
      residual[c] = e.f0[c];
      for (int i = 0; i < dim; ++i) residual[c] += e.f1[c * dim + i];
    }
    e.point.cell_size = e.point.x[0];
    stabilisation(e, residual.data());
  }

  /// Places, times and unknowns that vary.
  void load_trace(E<Trace>& e) const {
    Trace place;
    place.varies = in_space;
    e.point.t.varies = in_time;
    e.point.x.v.fill(place);
    e.point.normal.v.fill(place);
    for (int c = 0; c < components_; ++c) {
      e.values[c].slots = std::uint64_t{1} << (c * (1 + dim));
      e.rates[c].slots = std::uint64_t{1} << (slots_ + c);
      e.rates[c].rate = true;
      for (int j = 0; j < dim; ++j) e.gradients[c * dim + j].slots = std::uint64_t{1} << (c * (1 + dim) + 1 + j);
    }
  }

  Trace traced_coefficient(const Expression& expression) const {
    if (expression.is_constant()) return Trace(*expression.constant_value());
    Trace coefficient;
    if (expression.depends_on(SymbolKind::position) || expression.depends_on(SymbolKind::data))
      coefficient.varies |= in_space;
    if (expression.depends_on(SymbolKind::time)) coefficient.varies |= in_time;
    if (!expression.depends_on(SymbolKind::field)) return coefficient;
    for (const int c : expression.indices_used(SymbolKind::field))
      coefficient.slots |= std::uint64_t{1} << (c * (1 + dim));
    coefficient.nonlinear = true;
    coefficient.varies |= in_space;
    return coefficient;
  }

  template <class Terms>
  FormStructure traced(CoefficientTable table, Terms terms) const {
    E<Trace> e;
    load_trace(e);
    for (int k = 0; k < coefficients_; ++k) e.coefficients[k] = traced_coefficient(table[k]);
    terms(e);
    FormStructure s{.depends = std::vector<std::uint64_t>(slots_), .linear = true, .uniform = true};
    const std::uint64_t rates = ~std::uint64_t{0} << slots_;
    for (int c = 0; c < components_; ++c) {
      for (int k = 0; k <= dim; ++k) {
        const Trace& f = k == 0 ? e.f0[c] : e.f1[c * dim + k - 1];
        s.depends[c * (1 + dim) + k] = f.slots;
        s.linear &= !f.nonlinear;
        s.uniform &= (f.slope_varies & in_space) == 0;
        s.time_dependent |= (f.slope_varies & in_time) != 0;
        s.transient |= (f.slots & rates) != 0;
        s.tests_gradient |= k > 0 && !f.zero;
        s.mass_depends |= f.mass_slots;
        s.mass_time_dependent |= (f.mass_varies & in_time) != 0;
      }
    }
    s.uniform &= s.linear;
    return s;
  }

  /// The marked coefficients take the place of the unknowns, which are fixed.
  void load_marked(E<Trace>& e, CoefficientTable table, std::span<const std::uint8_t> marked) const {
    load_trace(e);
    const auto fix = [](Trace& x) {
      x = Trace();
      x.varies = in_space | in_time;
    };
    for (int c = 0; c < components_; ++c) {
      fix(e.values[c]);
      fix(e.rates[c]);
      for (int j = 0; j < dim; ++j) fix(e.gradients[c * dim + j]);
    }
    for (int k = 0; k < coefficients_; ++k) {
      e.coefficients[k] = traced_coefficient(table[k]);
      e.coefficients[k].slots = 0;
      e.coefficients[k].nonlinear = false;
      if (marked[k] == 0) continue;
      e.coefficients[k].slots = std::uint64_t{1} << k;
      e.coefficients[k].zero = false;
    }
  }

  template <class Terms>
  bool traced_affine(CoefficientTable table, std::span<const std::uint8_t> marked, Terms terms) const {
    E<Trace> e;
    load_marked(e, table, marked);
    terms(e);
    for (int c = 0; c < components_; ++c) {
      if (e.f0[c].nonlinear) return false;
      for (int j = 0; j < dim; ++j) {
        if (e.f1[c * dim + j].nonlinear) return false;
      }
    }
    return true;
  }

  /// The derivatives of the energy by value and gradient of each component are the terms', at du/dt = 0.
  template <class Terms, class Energy>
  bool is_gradient(CoefficientTable table, Terms terms, Energy energy) const {
    if (std::ranges::any_of(table, [](const auto& c) { return c.depends_on(SymbolKind::field); })) return false;
    E<R> e;
    for (int c = 0; c < components_; ++c) {
      load_symbols(e, table, c, false);
      for (auto& rate : e.rates) rate = R(0.0);
      terms(e);
      const R density = energy(e);
      if (density.d[0].v != e.f0[c].v.v) return false;
      for (int j = 0; j < dim; ++j) {
        if (density.d[1 + j].v != e.f1[c * dim + j].v.v) return false;
      }
    }
    return true;
  }

  /// Everything that varies is a symbol; equal expressions are one.
  void load_symbols(E<R>& e, CoefficientTable table, int in, bool of_rate) const {
    const auto symbol = [](const char* name, int i = 0) {
      return R(Residue::symbol(name, static_cast<std::uint64_t>(i)));
    };
    e.point.t = symbol("time");
    e.point.cell_size = symbol("cell size");
    for (int i = 0; i < dim; ++i) {
      e.point.x[i] = symbol("position", i);
      e.point.normal[i] = symbol("normal", i);
    }
    for (int c = 0; c < components_; ++c) {
      e.values[c] = symbol("value", c);
      e.rates[c] = symbol("rate", c);
      for (int j = 0; j < dim; ++j) e.gradients[c * dim + j] = symbol("gradient", c * dim + j);
    }
    if (of_rate) {
      e.rates[in].d[0] = Residue(1.0);
    } else {
      e.values[in].d[0] = Residue(1.0);
      for (int j = 0; j < dim; ++j) e.gradients[in * dim + j].d[1 + j] = Residue(1.0);
    }
    for (int k = 0; k < coefficients_; ++k) {
      const Expression& expression = table[k];
      if (expression.is_constant()) {
        e.coefficients[k] = R(*expression.constant_value());
        continue;
      }
      e.coefficients[k] = R(Residue::symbol(expression.text()));
      if (of_rate || !expression.depends_on(SymbolKind::field)) continue;
      for (const int c : expression.indices_used(SymbolKind::field)) {
        if (c == in) e.coefficients[k].d[0] = Residue::symbol(expression.text(), static_cast<std::uint64_t>(1 + c));
      }
    }
  }

  template <class Terms>
  bool is_symmetric(CoefficientTable table, Terms terms) const {
    E<R> e;
    for (const bool of_rate : {false, true}) {
      std::vector<std::uint64_t> d(std::size_t(slots_) * slots_, 0);
      for (int in = 0; in < components_; ++in) {
        load_symbols(e, table, in, of_rate);
        terms(e);
        for (int out = 0; out < components_; ++out) {
          for (int s = 0; s <= dim; ++s) {
            const R& f = s == 0 ? e.f0[out] : e.f1[out * dim + s - 1];
            const std::size_t row = out * (1 + dim) + s;
            for (int k = 0; k <= (of_rate ? 0 : dim); ++k) d[row * slots_ + in * (1 + dim) + k] = f.d[k].v;
          }
        }
      }
      for (int i = 0; i < slots_; ++i) {
        for (int j = 0; j < i; ++j) {
          if (d[std::size_t(i) * slots_ + j] != d[std::size_t(j) * slots_ + i]) return false;
        }
      }
    }
    return true;
  }
};

}  // namespace ansatz::sdk::detail
