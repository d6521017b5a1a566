#pragma once
/// The forms of a physics at one point, for any scalar, with inputs from a batch. Included by physics.hpp.

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include "ansatz/sdk/dual.hpp"
#include "ansatz/sdk/evaluation.hpp"

namespace ansatz::sdk::detail {

template <class S>
constexpr bool is_plain = std::is_same_v<S, Lanes>;

/// What the derivatives of an evaluation are with respect to: a bit of each SymbolKind.
using Seeds = unsigned;
constexpr Seeds seed(SymbolKind kind) { return 1U << static_cast<int>(kind); }
constexpr Seeds of_unknowns = seed(SymbolKind::field), of_time = seed(SymbolKind::time),
                of_parameters = seed(SymbolKind::parameter),
                of_position = seed(SymbolKind::position) | seed(SymbolKind::data) | seed(SymbolKind::field);

/// Loads points of batches into an Evaluation and evaluates the volume form, the boundary form and the stabilisation.
template <class P, int dim>
class PointForms {
 public:
  PointForms(const P& physics, const PhysicsInfo& info)
      : physics_(physics),
        info_(info),
        components_(info.num_field_components(dim)),
        coefficients_(info.num_coefficient_components(dim)),
        slots_(components_ * (1 + dim)) {
    for (const auto& coefficient : info.coefficients) {
      const int n = num_components(coefficient.shape, dim);
      for (int i = 0; i < n; ++i) {
        const bool off_diagonal = coefficient.shape == Shape::tensor && i / dim != i % dim;
        ranges_.push_back(off_diagonal ? any : coefficient.range);
      }
    }
  }

  static constexpr bool has_stabilise =
      requires(const P& p, const Point<Lanes, dim>& x, const StrongResidual<Lanes, dim>& r, Weak<Lanes, dim>& w) {
    p.stabilise(x, r, w);
  };
  // Functions, and no coefficients of these names, which can be called with a point, too.
  static constexpr bool has_energy = requires(const P& p, const Point<Lanes, dim>& x) { p.energy(x); }
  &&!requires { requires std::is_member_object_pointer_v<decltype(&P::energy)>; };
  static constexpr bool has_boundary_energy = requires(const P& p, const Point<Lanes, dim>& x) { p.boundary_energy(x); }
  &&!requires { requires std::is_member_object_pointer_v<decltype(&P::boundary_energy)>; };
  static constexpr bool has_peclet = requires(const P& p, const Point<Lanes, dim>& x) { p.peclet(x); }
  &&!requires { requires std::is_member_object_pointer_v<decltype(&P::peclet)>; };
  static constexpr bool has_boundary = requires(const P& p, const Point<Lanes, dim>& x, Weak<Lanes, dim>& w) {
    p.boundary(x, w);
  };

 protected:
  using D = Dual<Lanes, dim + 1>;
  using DD = Dual<D, dim + 1>;
  static constexpr int hessian = num_hessian(dim);
  template <class S>
  using E = Evaluation<S, dim>;

  /// Evaluates the volume form into e.f0, e.f1.
  template <class S>
  void volume(E<S>& e, Part part) const {
    auto weak = e.weak(components_);
    physics_(e.point, weak);
    if (part == Part::all) return add_nonstiff(e);
    if (part == Part::stiff) return;
    std::copy_n(e.g0.begin(), components_, e.f0.begin());
    std::copy_n(e.g1.begin(), components_ * dim, e.f1.begin());
  }

  template <class S>
  void boundary(E<S>& e) const {
    auto weak = e.weak(components_);
    if constexpr (has_boundary) physics_.boundary(e.point, weak);
    add_nonstiff(e);
  }

  /// Evaluates the stabilisation for this strong residual, shape (components).
  template <class S>
  void stabilisation(E<S>& e, [[maybe_unused]] const S* residual) const {
    auto weak = e.weak(components_);
    if constexpr (has_stabilise) physics_.stabilise(e.point, StrongResidual<S, dim>{residual}, weak);
    add_nonstiff(e);
  }

  /// What is the same for all points of the batch: time, parameters, coefficients that do not vary in the cell.
  /// \param seeds what load() and others give derivatives to
  template <class S>
  void begin(E<S>& e, const PointBatch& b, [[maybe_unused]] Seeds seeds, int seeded_parameter = -1) const {
    e.point.t = S(b.time);
    const auto n = std::min<std::size_t>(b.parameters.size(), max_parameters);
    for (std::size_t i = 0; i < n; ++i) e.parameters[i] = S(b.parameters[i]);
    if constexpr (!is_plain<S>) {
      if (seeded_parameter >= 0) e.parameters[seeded_parameter].d[0] = 1.0;
    }
    for (int k = 0; k < coefficients_; ++k) {
      const Expression& expression = b.coefficients[k];
      if (expression.is_constant()) {
        e.coefficients[k] = S(*expression.constant_value());
      } else if (is_plain<S> || expression.depends_on_any(seeds)) {
        e.varying[e.num_varying++] = k;
      } else {
        e.given[e.num_given++] = k;
      }
    }
  }

  /// Coefficients at a point that was loaded. What has no derivatives is evaluated in plain numbers: it may be steep (a
  /// root at 0).
  template <class S>
  void evaluate_coefficients(E<S>& e, const PointBatch& b) const {
    if constexpr (!is_plain<S>) {
      if (e.num_given > 0) evaluate_given(e, b);
    }
    if (e.num_varying == 0) return;
    std::array<S, 3> x;
    for (int i = 0; i < 3; ++i) x[i] = i < dim ? e.point.x[i] : S(0.0);
    const ExpressionInputs<S> inputs{x.data(), e.point.t, e.parameters.data(), e.values.data(), e.data.data()};
    for (int i = 0; i < e.num_varying; ++i)
      e.coefficients[e.varying[i]] = b.coefficients[e.varying[i]].evaluate(inputs);
  }

  template <class S>
  void load(E<S>& e, const PointBatch& b, int q) const {
    if (b.times != nullptr) plain(e.point.t) = b.times[q];
    if (b.parameters_at != nullptr) {
      const auto n = b.parameters.size();
      for (std::size_t i = 0; i < n; ++i) plain(e.parameters[i]) = b.parameters_at[q * n + i];
    }
    for (int i = 0; i < dim; ++i) e.point.x[i] = S(b.position[q * dim + i]);
    for (int c = 0; c < components_; ++c) {
      const Lanes* s = b.slots + (q * components_ + c) * (1 + dim);
      e.values[c] = S(s[0]);
      for (int j = 0; j < dim; ++j) e.gradients[c * dim + j] = S(s[1 + j]);
      e.rates[c] = b.rates != nullptr ? S(b.rates[q * components_ + c]) : S(0.0);
    }
    for (int k = 0; k < b.num_data; ++k) e.data[k] = S(b.data[q * b.num_data + k]);
    if (b.normal != nullptr) {
      for (int i = 0; i < dim; ++i) e.point.normal[i] = S(b.normal[q * dim + i]);
    }
  }

  /// As load(), with every input differentiated along x in the innermost dual.
  template <class S>
  void load_strong(E<S>& e, const PointBatch& b, int q) const {
    load(e, b, q);
    for (int i = 0; i < dim; ++i) {
      spatial(e.point.x[i]).d[i] = Lanes(1.0);
      for (int c = 0; c < components_; ++c) {
        spatial(e.values[c]).d[i] = spatial(e.gradients[c * dim + i]).v;
        for (int j = 0; j < dim && b.hessians != nullptr; ++j) {
          spatial(e.gradients[c * dim + j]).d[i] =
              b.hessians[(q * components_ + c) * hessian + hessian_entry(dim, i, j)];
        }
      }
      for (int k = 0; k < b.num_data && b.data_gradients != nullptr; ++k) {
        spatial(e.data[k]).d[i] = b.data_gradients[(q * b.num_data + k) * dim + i];
      }
    }
  }

  /// load_strong() with outer seeds on u_in (0) and its gradient (1 + j).
  void load_strong_seeded(E<DD>& e, const PointBatch& b, int q, int in, JacobianWeights w) const {
    load_strong(e, b, q);
    e.values[in].d[0].v = Lanes(w.state);
    e.rates[in].d[0].v = Lanes(w.rate);
    for (int j = 0; j < dim; ++j) {
      e.gradients[in * dim + j].d[1 + j].v = Lanes(w.state);
      e.values[in].d[1 + j].d[j] = Lanes(w.state);
    }
  }

  /// Plain values of the symbols of expressions.
  struct Inputs {
    std::array<Lanes, 3> x;
    std::array<Lanes, max_parameters> parameters;
    std::array<Lanes, max_components> values;
    std::array<Lanes, max_data> data;
    Lanes time;

    ExpressionInputs<Lanes> of_expressions() const {
      return {x.data(), time, parameters.data(), values.data(), data.data()};
    }
  };
  /// At the point that was loaded.
  template <class S>
  void load_inputs(const E<S>& e, const PointBatch& b, Inputs& inputs) const {
    inputs.time = value(e.point.t);
    for (int i = 0; i < 3; ++i) inputs.x[i] = i < dim ? value(e.point.x[i]) : Lanes(0.0);
    const auto n = std::min<std::size_t>(b.parameters.size(), max_parameters);
    for (std::size_t i = 0; i < n; ++i) inputs.parameters[i] = value(e.parameters[i]);
    for (int c = 0; c < components_; ++c) inputs.values[c] = value(e.values[c]);
    for (int k = 0; k < b.num_data; ++k) inputs.data[k] = value(e.data[k]);
  }

  template <class S>
  void volume_terms(E<S>& e, const PointBatch& b) const {
    evaluate_coefficients(e, b);
    volume(e, Part::all);
  }

  const P& physics_;
  const PhysicsInfo& info_;
  int components_;
  int coefficients_;
  int slots_;
  std::vector<Range> ranges_;

 private:
  template <class S>
  void evaluate_given(E<S>& e, const PointBatch& b) const {
    Inputs inputs;
    load_inputs(e, b, inputs);
    for (int i = 0; i < e.num_given; ++i) {
      e.coefficients[e.given[i]] = S(b.coefficients[e.given[i]].evaluate(inputs.of_expressions()));
    }
  }

  template <class S>
  void add_nonstiff(E<S>& e) const {
    for (int c = 0; c < components_; ++c) e.f0[c] += e.g0[c];
    for (int c = 0; c < components_ * dim; ++c) e.f1[c] += e.g1[c];
  }

  /// The number in a scalar, without its derivatives.
  static Lanes& plain(Lanes& x) { return x; }
  template <class T, int n>
  static Lanes& plain(Dual<T, n>& x) {
    return plain(x.v);
  }

  /// Innermost spatial dual of a scalar: itself for D, the value part for DD.
  static D& spatial(D& x) { return x; }
  static D& spatial(DD& x) { return x.v; }
};

}  // namespace ansatz::sdk::detail
