#pragma once
/// Batch kernels of a physics in one dimension, derived from its function object. Included by physics.hpp.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ansatz/sdk/point_structure.hpp"

namespace ansatz::sdk::detail {

template <class P, int dim>
class Kernels final : public PointStructure<P, dim>, public SlopeKernels {
  using Forms = PointForms<P, dim>;
  using Structure = PointStructure<P, dim>;
  using Forms::hessian;
  using typename Forms::D;
  using typename Forms::DD;
  using H = Dual<Lanes, 1 + dim + hessian>;
  using Inputs = typename Forms::Inputs;
  template <class S>
  using E = Evaluation<S, dim>;
  using Forms::begin, Forms::evaluate_coefficients, Forms::load, Forms::load_strong, Forms::load_strong_seeded;
  using Forms::physics_, Forms::info_, Forms::components_, Forms::coefficients_, Forms::slots_, Forms::ranges_;
  using Forms::volume, Forms::boundary, Forms::stabilisation, Forms::volume_terms;

  using Structure::has_derived, Structure::has_quantities, Structure::width_of;

 public:
  using Forms::has_boundary, Forms::has_stabilise, Forms::has_energy, Forms::has_boundary_energy;
  using Structure::Structure;

  CoefficientFault residual(const PointBatch& b, Part part, Lanes* f) const override {
    return plain_residual(b, f, [&](E<Lanes>& e) { volume(e, part); });
  }
  CoefficientFault boundary_residual(const PointBatch& b, Lanes* f) const override {
    return plain_residual(b, f, [&](E<Lanes>& e) { boundary(e); });
  }

  void jacobian(const PointBatch& b, Part part, JacobianWeights w, Lanes* d) const override {
    dual_jacobian(b, w, d, [&](E<D>& e) { volume(e, part); });
  }
  void boundary_jacobian(const PointBatch& b, JacobianWeights w, Lanes* d) const override {
    dual_jacobian(b, w, d, [&](E<D>& e) { boundary(e); });
  }

  void jacobian_vector(const PointBatch& b, const Lanes* slots, const Lanes* rates, Lanes* df) const override {
    directional(
        b, df, of_unknowns, [&](E<D>& e) { volume(e, Part::all); },
        [&](E<D>& e, int q) {
          for (int c = 0; c < components_; ++c) {
            const Lanes* s = slots + (q * components_ + c) * (1 + dim);
            e.values[c].d[0] = s[0];
            for (int j = 0; j < dim; ++j) e.gradients[c * dim + j].d[0] = s[1 + j];
            if (rates != nullptr) e.rates[c].d[0] = rates[q * components_ + c];
          }
        });
  }
  void parameter_derivative(const PointBatch& b, int parameter, Lanes* df) const override {
    directional(
        b, df, of_parameters, [&](E<D>& e) { volume(e, Part::all); }, [](E<D>&, int) {}, parameter);
  }
  void boundary_parameter_derivative(const PointBatch& b, int parameter, Lanes* df) const override {
    directional(
        b, df, of_parameters, [&](E<D>& e) { boundary(e); }, [](E<D>&, int) {}, parameter);
  }
  void time_derivative(const PointBatch& b, Lanes* df) const override {
    directional(
        b, df, of_time, [&](E<D>& e) { volume(e, Part::all); }, seed_time);
  }
  void boundary_time_derivative(const PointBatch& b, Lanes* df) const override {
    directional(
        b, df, of_time, [&](E<D>& e) { boundary(e); }, seed_time);
  }

  void coefficient_derivative(const PointBatch& b, CoefficientTable directions, Lanes* df) const override {
    coefficient_directional(b, directions, df, [&](E<D>& e) { volume(e, Part::all); });
  }
  void boundary_coefficient_derivative(const PointBatch& b, CoefficientTable directions, Lanes* df) const override {
    coefficient_directional(b, directions, df, [&](E<D>& e) { boundary(e); });
  }
  void coefficient_jacobian(const PointBatch& b, CoefficientTable directions, JacobianWeights w,
                            Lanes* d) const override {
    mixed_jacobian(b, directions, w, d, [&](E<DD>& e) { volume(e, Part::all); });
  }
  void boundary_coefficient_jacobian(const PointBatch& b, CoefficientTable directions, JacobianWeights w,
                                     Lanes* d) const override {
    mixed_jacobian(b, directions, w, d, [&](E<DD>& e) { boundary(e); });
  }

  void coefficient_slopes(const PointBatch& b, Lanes* d) const override {
    slopes_by_coefficient(b, d, [&](E<D>& e) { volume(e, Part::all); });
  }
  void boundary_coefficient_slopes(const PointBatch& b, Lanes* d) const override {
    slopes_by_coefficient(b, d, [&](E<D>& e) { boundary(e); });
  }

  void energy(const PointBatch& b, Lanes* energy) const override {
    at_each_point(b, [&]([[maybe_unused]] E<Lanes>& e, int q) {
      energy[q] = Lanes(0.0);
      if constexpr (Forms::has_energy) energy[q] = physics_.energy(e.point);
    });
  }
  void boundary_energy(const PointBatch& b, Lanes* energy) const override {
    at_each_point(b, [&]([[maybe_unused]] E<Lanes>& e, int q) {
      energy[q] = Lanes(0.0);
      if constexpr (Forms::has_boundary_energy) energy[q] = physics_.boundary_energy(e.point);
    });
  }

  CoefficientFault strong_residual(const PointBatch& b, Lanes* r) const override {
    E<D> e;
    begin(e, b, of_position);
    CoefficientFault fault;
    for (int q = 0; q < b.num_points; ++q) {
      load_strong(e, b, q);
      volume_terms(e, b);
      if (fault.coefficient < 0) fault = check(e, b, q);
      for (int c = 0; c < components_; ++c) r[q * components_ + c] = strong_value(e, c);
    }
    return fault;
  }

  void strong_derivative(const PointBatch& b, JetParts parts, Lanes* d) const override {
    if ((parts & jet_rate) != 0) strong_rate_entries(b, parts, d);
    if ((parts & ~jet_rate) == 0) return;
    E<DD> e;
    begin(e, b, of_position);
    const int entries = jet_size(dim, parts);
    for (int q = 0; q < b.num_points; ++q) {
      for (int in = 0; in < components_; ++in) {
        load_strong_seeded(e, b, q, in, {1.0, 0.0});
        volume_terms(e, b);
        for (int out = 0; out < components_; ++out) {
          Lanes* target = d + ((q * components_ + out) * components_ + in) * entries;
          const auto part = [&](JetParts of) {
            return (parts & of) != 0 ? target + jet_offset(dim, parts, of) : nullptr;
          };
          strong_derivative_entries(e, out, part(jet_value), part(jet_gradient), part(jet_hessian));
        }
      }
    }
  }

  void strong_parameter_derivative(const PointBatch& b, int parameter, Lanes* dr) const override {
    E<DD> e;
    begin(e, b, of_position | of_parameters, parameter);
    for (int q = 0; q < b.num_points; ++q) {
      load_strong(e, b, q);
      volume_terms(e, b);
      for (int c = 0; c < components_; ++c) {
        Lanes r = e.f0[c].d[0].v;
        for (int i = 0; i < dim; ++i) r -= e.f1[c * dim + i].d[0].d[i];
        dr[q * components_ + c] = r;
      }
    }
  }

  void stabilisation_residual(const PointBatch& b, Lanes* f) const override {
    if constexpr (has_stabilise) {
      E<D> strong;
      E<Lanes> e;
      begin(strong, b, of_position);
      begin(e, b, of_unknowns);
      std::array<Lanes, max_components> residual;
      for (int q = 0; q < b.num_points; ++q) {
        load_strong(strong, b, q);
        volume_terms(strong, b);
        for (int c = 0; c < components_; ++c) residual[c] = strong_value(strong, c);
        load(e, b, q);
        evaluate_coefficients(e, b);
        e.point.cell_size = b.cell_size[q];
        stabilisation(e, residual.data());
        store(e, f + q * slots_);
      }
    }
  }

  void stabilisation_jacobian(const PointBatch& b, JacobianWeights w, Lanes* d) const override {
    if constexpr (has_stabilise) {
      E<DD> strong;
      E<H> e;
      begin(strong, b, of_position);
      begin(e, b, of_unknowns);
      constexpr int entries = 1 + dim + hessian;
      std::array<H, max_components> residual;
      for (int q = 0; q < b.num_points; ++q) {
        for (int in = 0; in < components_; ++in) {
          load_strong_seeded(strong, b, q, in, w);
          volume_terms(strong, b);
          for (int c = 0; c < components_; ++c) {
            residual[c].v = strong_value_of(strong, c);
            Lanes* entry = residual[c].d.data();
            strong_derivative_entries(strong, c, entry, entry + 1, entry + 1 + dim);
          }
          load(e, b, q);
          e.values[in].d[0] = Lanes(w.state);
          e.rates[in].d[0] = Lanes(w.rate);
          for (int j = 0; j < dim; ++j) e.gradients[in * dim + j].d[1 + j] = Lanes(w.state);
          evaluate_coefficients(e, b);
          e.point.cell_size = H(b.cell_size[q]);
          stabilisation(e, residual.data());
          for (int out = 0; out < components_; ++out) {
            for (int s = 0; s <= dim; ++s) {
              const H& value = s == 0 ? e.f0[out] : e.f1[out * dim + s - 1];
              Lanes* target = d + ((q * slots_ + out * (1 + dim) + s) * components_ + in) * entries;
              for (int k = 0; k < entries; ++k) target[k] = value.d[k];
            }
          }
        }
      }
    }
  }

  void stabilisation_time_derivative([[maybe_unused]] const PointBatch& b, [[maybe_unused]] Lanes* df) const override {
    if constexpr (has_stabilise) {
      E<DD> strong;
      E<D> e;
      begin(strong, b, of_position | of_time);
      begin(e, b, of_time);
      std::array<D, max_components> residual;
      for (int q = 0; q < b.num_points; ++q) {
        load_strong(strong, b, q);
        strong.point.t.d[0].v = Lanes(1.0);
        volume_terms(strong, b);
        for (int c = 0; c < components_; ++c) residual[c] = strong_slope(strong, c);
        load(e, b, q);
        seed_time(e, q);
        evaluate_coefficients(e, b);
        e.point.cell_size = D(b.cell_size[q]);
        stabilisation(e, residual.data());
        store_slope(e, df + q * slots_);
      }
    }
  }

  void stabilisation_parameter_derivative([[maybe_unused]] const PointBatch& b, [[maybe_unused]] int parameter,
                                          [[maybe_unused]] Lanes* df) const override {
    if constexpr (has_stabilise) {
      E<DD> strong;
      E<D> e;
      begin(strong, b, of_position | of_parameters, parameter);
      begin(e, b, of_parameters, parameter);
      std::array<D, max_components> residual;
      for (int q = 0; q < b.num_points; ++q) {
        load_strong(strong, b, q);
        volume_terms(strong, b);
        for (int c = 0; c < components_; ++c) residual[c] = strong_slope(strong, c);
        load(e, b, q);
        evaluate_coefficients(e, b);
        e.point.cell_size = D(b.cell_size[q]);
        stabilisation(e, residual.data());
        store_slope(e, df + q * slots_);
      }
    }
  }

  void output_slopes(const PointBatch& b, Lanes* d) const override {
    E<D> e;
    begin(e, b, of_unknowns);
    const int width = num_outputs();
    std::vector<D> values(width);
    for (int q = 0; q < b.num_points; ++q) {
      for (int in = 0; in < components_; ++in) {
        load(e, b, q);
        e.values[in].d[0] = Lanes(1.0);
        for (int j = 0; j < dim; ++j) e.gradients[in * dim + j].d[1 + j] = Lanes(1.0);
        evaluate_coefficients(e, b);
        evaluate_outputs(e, values);
        for (int k = 0; k < width; ++k) {
          for (int s = 0; s <= dim; ++s) d[(q * width + k) * slots_ + in * (1 + dim) + s] = values[k].d[s];
        }
      }
    }
  }
  void output_parameter_derivative(const PointBatch& b, int parameter, Lanes* d) const override {
    E<D> e;
    begin(e, b, of_parameters, parameter);
    const int width = num_outputs();
    std::vector<D> values(width);
    for (int q = 0; q < b.num_points; ++q) {
      load(e, b, q);
      evaluate_coefficients(e, b);
      evaluate_outputs(e, values);
      for (int k = 0; k < width; ++k) d[q * width + k] = values[k].d[0];
    }
  }

  void cell_peclet(const PointBatch& b, Lanes* peclet) const override {
    peclet[0] = Lanes(0.0);
    if constexpr (Forms::has_peclet) {
      at_each_point(b, [&](E<Lanes>& e, int q) {
        e.point.cell_size = b.cell_size[q];
        peclet[0] = max(peclet[0], physics_.peclet(e.point));
      });
    }
  }

  void derived_fields([[maybe_unused]] const PointBatch& b, [[maybe_unused]] Lanes* values) const override {
    if constexpr (has_derived) {
      write_outputs(b, info_.derived, values, [&](const auto& p, auto& out) { physics_.derived(p, out); });
    }
  }
  void quantities([[maybe_unused]] const PointBatch& b, [[maybe_unused]] Lanes* values) const override {
    if constexpr (has_quantities) {
      write_outputs(b, info_.quantities, values, [&](const auto& p, auto& out) { physics_.quantities(p, out); });
    }
  }

 private:
  static Lanes strong_value(const E<D>& e, int c) {
    Lanes r = e.f0[c].v;
    for (int i = 0; i < dim; ++i) r -= e.f1[c * dim + i].d[i];
    return r;
  }
  static Lanes strong_value_of(const E<DD>& e, int c) {
    Lanes r = e.f0[c].v.v;
    for (int i = 0; i < dim; ++i) r -= e.f1[c * dim + i].v.d[i];
    return r;
  }
  /// The strong residual with its derivative along the first outer seed.
  static D strong_slope(const E<DD>& e, int c) {
    D r(strong_value_of(e, c));
    r.d[0] = e.f0[c].d[0].v;
    for (int i = 0; i < dim; ++i) r.d[0] -= e.f1[c * dim + i].d[0].d[i];
    return r;
  }
  /// Entries of the derivative, weighted as seeded, where they are asked for (not null).
  static void strong_derivative_entries(const E<DD>& e, int c, Lanes* of_value, Lanes* of_gradient, Lanes* of_hessian) {
    for (int s = 0; s <= dim; ++s) {
      Lanes* entry = s == 0 ? of_value : of_gradient;
      if (entry == nullptr) continue;
      Lanes r = e.f0[c].d[s].v;
      for (int i = 0; i < dim; ++i) r -= e.f1[c * dim + i].d[s].d[i];
      entry[std::max(s - 1, 0)] = r;
    }
    if (of_hessian == nullptr) return;
    for (int k = 0; k < hessian; ++k) of_hessian[k] = Lanes(0.0);
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) of_hessian[hessian_entry(dim, i, j)] -= e.f1[c * dim + i].d[1 + j].v;
    }
  }

  /// The entries of rates, df0/d(du/dt), for as many components at once as there are derivatives.
  void strong_rate_entries(const PointBatch& b, JetParts parts, Lanes* d) const {
    E<D> e;
    begin(e, b, 0);
    const int entries = jet_size(dim, parts), entry = jet_offset(dim, parts, jet_rate);
    for (int q = 0; q < b.num_points; ++q) {
      for (int first = 0; first < components_; first += 1 + dim) {
        const int n = std::min(1 + dim, components_ - first);
        load(e, b, q);
        for (int k = 0; k < n; ++k) e.rates[first + k].d[k] = Lanes(1.0);
        volume_terms(e, b);
        for (int out = 0; out < components_; ++out) {
          for (int k = 0; k < n; ++k)
            d[((q * components_ + out) * components_ + first + k) * entries + entry] = e.f0[out].d[k];
        }
      }
    }
  }

  template <class Terms>
  void slopes_by_coefficient(const PointBatch& b, Lanes* d, Terms terms) const {
    E<D> e;
    begin(e, b, 0);
    for (int q = 0; q < b.num_points; ++q) {
      for (int first = 0; first < coefficients_; first += 1 + dim) {
        const int n = std::min(1 + dim, coefficients_ - first);
        load(e, b, q);
        evaluate_coefficients(e, b);
        for (int k = 0; k < n; ++k) e.coefficients[first + k].d[k] = Lanes(1.0);
        terms(e);
        for (int k = 0; k < n; ++k) e.coefficients[first + k].d[k] = Lanes(0.0);
        for (int c = 0; c < components_; ++c) {
          for (int s = 0; s <= dim; ++s) {
            const D& value = s == 0 ? e.f0[c] : e.f1[c * dim + s - 1];
            std::copy_n(value.d.begin(), n, d + (q * slots_ + c * (1 + dim) + s) * coefficients_ + first);
          }
        }
      }
    }
  }

  template <class Terms>
  CoefficientFault plain_residual(const PointBatch& b, Lanes* f, Terms terms) const {
    E<Lanes> e;
    begin(e, b, 0);
    CoefficientFault fault;
    for (int q = 0; q < b.num_points; ++q) {
      load(e, b, q);
      evaluate_coefficients(e, b);
      if (fault.coefficient < 0) fault = check(e, b, q);
      terms(e);
      store(e, f + q * slots_);
    }
    return fault;
  }

  template <class S>
  CoefficientFault check(const E<S>& e, const PointBatch& b, int q) const {
    for (int i = 0; i < e.num_varying + e.num_given; ++i) {
      const int k = i < e.num_varying ? e.varying[i] : e.given[i - e.num_varying];
      const Lanes values = value(e.coefficients[k]);
      if (admissible(ranges_[k], values)) continue;
      for (int lane = 0; lane < b.num_active; ++lane) {
        const double x = values[lane];
        if (!std::isfinite(x) || !ranges_[k].contains(x)) return {k, q, lane, x};
      }
    }
    return {};
  }

  /// All lanes are finite and in the range; false may be a false alarm.
  static bool admissible(const Range& range, const Lanes& x) {
    constexpr double largest = std::numeric_limits<double>::max();
    const Lanes low(std::max(range.low, -largest)), high(std::min(range.high, largest));
    const Mask inside = (range.low_open ? x > low : x >= low) && (range.high_open ? x < high : x <= high);
    return !any_of(!inside);
  }

  void store(const E<Lanes>& e, Lanes* f) const {
    for (int c = 0; c < components_; ++c) {
      f[c * (1 + dim)] = e.f0[c];
      for (int j = 0; j < dim; ++j) f[c * (1 + dim) + 1 + j] = e.f1[c * dim + j];
    }
  }

  template <class Terms>
  void dual_jacobian(const PointBatch& b, JacobianWeights w, Lanes* d, Terms terms) const {
    E<D> e;
    begin(e, b, of_unknowns);
    for (int q = 0; q < b.num_points; ++q) {
      for (int in = 0; in < components_; ++in) {
        load(e, b, q);
        e.values[in].d[0] = Lanes(w.state);
        e.rates[in].d[0] = Lanes(w.rate);
        for (int j = 0; j < dim; ++j) e.gradients[in * dim + j].d[1 + j] = Lanes(w.state);
        evaluate_coefficients(e, b);
        terms(e);
        for (int out = 0; out < components_; ++out) {
          for (int s = 0; s <= dim; ++s) {
            const D& value = s == 0 ? e.f0[out] : e.f1[out * dim + s - 1];
            Lanes* target = d + (q * slots_ + out * (1 + dim) + s) * slots_ + in * (1 + dim);
            for (int k = 0; k <= dim; ++k) target[k] = value.d[k];
          }
        }
      }
    }
  }

  template <class Terms, class Seed>
  void directional(const PointBatch& b, Lanes* df, Seeds seeds, Terms terms, Seed seed, int parameter = -1) const {
    E<D> e;
    begin(e, b, seeds, parameter);
    for (int q = 0; q < b.num_points; ++q) {
      load(e, b, q);
      seed(e, q);
      evaluate_coefficients(e, b);
      terms(e);
      store_slope(e, df + q * slots_);
    }
  }

  static void seed_time(E<D>& e, int) { e.point.t.d[0] = Lanes(1.0); }

  void store_slope(const E<D>& e, Lanes* df) const {
    for (int c = 0; c < components_; ++c) {
      df[c * (1 + dim)] = e.f0[c].d[0];
      for (int j = 0; j < dim; ++j) df[c * (1 + dim) + 1 + j] = e.f1[c * dim + j].d[0];
    }
  }

  /// Calls visit(k, value at the point that was loaded) for the directions that are not the number 0.
  template <class S, class Visit>
  void for_directions(const E<S>& e, const PointBatch& b, CoefficientTable directions, Visit visit) const {
    Inputs inputs;
    this->load_inputs(e, b, inputs);
    for (int k = 0; k < coefficients_; ++k) {
      if (directions[k].constant_value() == 0.0) continue;
      visit(k, directions[k].evaluate(inputs.of_expressions()));
    }
  }

  template <class Terms>
  void coefficient_directional(const PointBatch& b, CoefficientTable directions, Lanes* df, Terms terms) const {
    E<D> e;
    begin(e, b, 0);
    for (int q = 0; q < b.num_points; ++q) {
      load(e, b, q);
      evaluate_coefficients(e, b);
      for_directions(e, b, directions, [&](int k, Lanes g) { e.coefficients[k].d[0] = g; });
      terms(e);
      store_slope(e, df + q * slots_);
    }
  }

  /// The outer duals are those of dual_jacobian(), the first inner one is along the directions.
  template <class Terms>
  void mixed_jacobian(const PointBatch& b, CoefficientTable directions, JacobianWeights w, Lanes* d,
                      Terms terms) const {
    E<DD> e;
    begin(e, b, of_unknowns);
    for (int q = 0; q < b.num_points; ++q) {
      for (int in = 0; in < components_; ++in) {
        load(e, b, q);
        e.values[in].d[0].v = Lanes(w.state);
        e.rates[in].d[0].v = Lanes(w.rate);
        for (int j = 0; j < dim; ++j) e.gradients[in * dim + j].d[1 + j].v = Lanes(w.state);
        evaluate_coefficients(e, b);
        for_directions(e, b, directions, [&](int k, Lanes g) { e.coefficients[k].v.d[0] = g; });
        terms(e);
        for (int out = 0; out < components_; ++out) {
          for (int s = 0; s <= dim; ++s) {
            const DD& value = s == 0 ? e.f0[out] : e.f1[out * dim + s - 1];
            Lanes* target = d + (q * slots_ + out * (1 + dim) + s) * slots_ + in * (1 + dim);
            for (int k = 0; k <= dim; ++k) target[k] = value.d[k].d[0];
          }
        }
      }
    }
  }

  template <class Work>
  void at_each_point(const PointBatch& b, Work work) const {
    E<Lanes> e;
    begin(e, b, 0);
    for (int q = 0; q < b.num_points; ++q) {
      load(e, b, q);
      evaluate_coefficients(e, b);
      work(e, q);
    }
  }

  int num_outputs() const { return width_of(info_.derived) + width_of(info_.quantities); }
  void evaluate_outputs([[maybe_unused]] const E<D>& e, std::vector<D>& values) const {
    std::fill(values.begin(), values.end(), D(0.0));
    if constexpr (has_derived) {
      Outputs<D, dim> out{values.data()};
      physics_.derived(e.point, out);
    }
    if constexpr (has_quantities) {
      Outputs<D, dim> out{values.data() + width_of(info_.derived)};
      physics_.quantities(e.point, out);
    }
  }

  template <class Infos, class Work>
  void write_outputs(const PointBatch& b, const Infos& infos, Lanes* values, Work work) const {
    const int width = width_of(infos);
    at_each_point(b, [&](E<Lanes>& e, int q) {
      Outputs<Lanes, dim> out{values + q * width};
      for (int k = 0; k < width; ++k) out.values[k] = Lanes(0.0);
      work(e.point, out);
    });
  }
};

}  // namespace ansatz::sdk::detail
