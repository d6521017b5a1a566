#pragma once
/// How an author writes a physics: declarations and one function object, templated on the scalar.
///
/// The weak form is  int f0 . v + f1 : grad v = 0  with f0 = r[field].value and f1 = r[field].flux. Example:
///
///   struct Diffusion {
///     Coefficient conductivity{"conductivity", "W/(m K)", positive, "heat conductivity"};
///     Coefficient source{"source", "W/m^3", any, "heat source", 0.0};
///     ScalarField temperature{"temperature", "K"};
///
///     template <class S, int dim>
///     void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
///       const auto u = p[temperature];
///       r[temperature].value = u.dt - source(p);
///       r[temperature].flux = conductivity(p) * u.grad;
///     }
///   };
///   ANSATZ_PHYSICS(Diffusion, "diffusion", "1.0.0", "heat conduction")
///
/// Optional members of the same kind: `boundary(p, r)`; `stabilise(p, R, r)` with the strong residual R[field];
/// `derived(p, out)`; `quantities(p, out)`; `peclet(p)`; `energy(p)` and `boundary_energy(p)`, which return densities
/// whose derivatives by u and grad u are f0 and f1 of the steady weak form and of boundary(); the constants
/// `near_null_space`, `dimensions`, and `has_nonstiff_terms = true` where the weak form writes r.nonstiff.
///
/// A function is evaluated at eight points at once, with derivatives, and for what it depends on. So an unknown is no
/// double: functions are written without std:: (exp(u), pow(2.0, u), max(u, 0.0), hypot, log1p, sign, ..., see
/// functions.hpp; a Table, see table.hpp), and a choice is select(u > 0.0, a, b), not `if`. What is thrown on a
/// condition is `if (any_of(u < 0.0)) throw Error(...)`. Vectors and matrices have + - * / and +=, dot, double_dot,
/// length, trace, transpose, symmetric, outer, det and inverse (tensor.hpp).
///
/// What the weak form or boundary() throws, or computes that is not finite, ends the run on all ranks with the physics'
/// name, region, cell, position and time: a std::exception with exit code 3, an Error with that of its kind.

#include <optional>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/functions.hpp"
#include "ansatz/sdk/physics_interface.hpp"
#include "ansatz/sdk/plugin.hpp"
#include "ansatz/sdk/tensor.hpp"

namespace ansatz::sdk {

inline constexpr int max_components = 8;     ///< field components of one physics
inline constexpr int max_coefficients = 48;  ///< coefficient components of one physics

class Option;

namespace detail {

/// Declarations of a physics, collected while its members are constructed.
struct Declarations {
  PhysicsInfo info;
  std::vector<Option*> options;
};

/// The physics under construction on this thread.
inline thread_local Declarations* collecting = nullptr;

/// Collects into `target` for a scope.
class Collecting {
 public:
  explicit Collecting(Declarations& target) { collecting = &target; }
  ~Collecting() { collecting = nullptr; }
  Collecting(const Collecting&) = delete;
  Collecting& operator=(const Collecting&) = delete;
};

inline Declarations& current() {
  if (collecting == nullptr) throw Error(ErrorKind::internal, "fields and coefficients are members of a physics");
  return *collecting;
}
inline PhysicsInfo& current_info() { return current().info; }

/// Position of a member's first component among those of its kind: scalars + dim * vectors + dim^2 * tensors + ...
struct Offset {
  int scalars = 0, vectors = 0, tensors = 0, symmetric = 0;

  template <class Infos>
  static Offset after(const Infos& infos) {
    Offset o;
    for (const auto& info : infos) {
      (info.shape == Shape::scalar   ? o.scalars
       : info.shape == Shape::vector ? o.vectors
       : info.shape == Shape::tensor ? o.tensors
                                     : o.symmetric) += 1;
    }
    return o;
  }
  int at(int dim) const { return scalars + dim * vectors + dim * dim * tensors + 6 * symmetric; }
};

}  // namespace detail

/// Scalar unknown: name, unit, and the degree of its element relative to the order of the solver.
class ScalarField {
 public:
  ScalarField(const char* name, const char* unit, int relative_order = 0)
      : offset_(detail::Offset::after(detail::current_info().fields)) {
    detail::current_info().fields.push_back({name, unit, Shape::scalar, relative_order});
  }
  int offset(int dim) const { return offset_.at(dim); }

 private:
  detail::Offset offset_;
};

/// Vector unknown with dim components.
class VectorField {
 public:
  VectorField(const char* name, const char* unit, int relative_order = 0)
      : offset_(detail::Offset::after(detail::current_info().fields)) {
    detail::current_info().fields.push_back({name, unit, Shape::vector, relative_order});
  }
  int offset(int dim) const { return offset_.at(dim); }

 private:
  detail::Offset offset_;
};

/// Unknown scalar at a point.
template <class S, int dim>
struct ScalarState {
  S value;
  Vec<S, dim> grad;
  S dt;
};

/// Unknown vector at a point; grad[i][j] = d u_i / d x_j.
template <class S, int dim>
struct VectorState {
  Vec<S, dim> value;
  Mat<S, dim> grad;
  Vec<S, dim> dt;
};

/// A point of evaluation.
template <class S, int dim>
struct Point {
  Vec<S, dim> x;          ///< [m]
  S t;                    ///< [s]
  Vec<S, dim> normal;     ///< outward unit normal, in boundary() only
  S cell_size;            ///< h [m], in stabilise() and peclet() only
  const S* values;        ///< (components)
  const S* gradients;     ///< (components, dim)
  const S* rates;         ///< (components)
  const S* coefficients;  ///< (coefficient components)

  ScalarState<S, dim> operator[](const ScalarField& field) const {
    const int c = field.offset(dim);
    ScalarState<S, dim> u;
    u.value = values[c];
    u.dt = rates[c];
    for (int j = 0; j < dim; ++j) u.grad[j] = gradients[c * dim + j];
    return u;
  }
  VectorState<S, dim> operator[](const VectorField& field) const {
    const int c = field.offset(dim);
    VectorState<S, dim> u;
    for (int i = 0; i < dim; ++i) {
      u.value[i] = values[c + i];
      u.dt[i] = rates[c + i];
      for (int j = 0; j < dim; ++j) u.grad[i][j] = gradients[(c + i) * dim + j];
    }
    return u;
  }
};

namespace detail {

class CoefficientBase {
 public:
  CoefficientBase(CoefficientInfo info) : offset_(Offset::after(current_info().coefficients)) {
    current_info().coefficients.push_back(std::move(info));
  }

 protected:
  Offset offset_;
};

inline std::vector<double> optional_value(std::optional<double> x) {
  return x ? std::vector<double>{*x} : std::vector<double>{};
}

}  // namespace detail

/// Scalar coefficient; without a default the case must give it.
class Coefficient : detail::CoefficientBase {
 public:
  Coefficient(const char* name, const char* unit, Range range, const char* doc, std::optional<double> initial = {})
      : CoefficientBase({name, unit, Shape::scalar, range, doc, detail::optional_value(initial), false}) {}
  template <class S, int dim>
  const S& operator()(const Point<S, dim>& p) const {
    return p.coefficients[offset_.at(dim)];
  }
};

/// Vector coefficient with dim components.
class VectorCoefficient : detail::CoefficientBase {
 public:
  VectorCoefficient(const char* name, const char* unit, const char* doc, std::optional<double> initial = {},
                    bool on_boundary = false)
      : CoefficientBase({name, unit, Shape::vector, any, doc, detail::optional_value(initial), on_boundary}) {}
  template <class S, int dim>
  Vec<S, dim> operator()(const Point<S, dim>& p) const {
    Vec<S, dim> r;
    for (int i = 0; i < dim; ++i) r[i] = p.coefficients[offset_.at(dim) + i];
    return r;
  }
};

/// Tensor coefficient with dim x dim components; a case may give one number, the diagonal or all. `range` is that of
/// the diagonal.
class TensorCoefficient : detail::CoefficientBase {
 public:
  TensorCoefficient(const char* name, const char* unit, Range range, const char* doc,
                    std::optional<double> initial = {})
      : CoefficientBase({name, unit, Shape::tensor, range, doc, detail::optional_value(initial), false}) {}
  template <class S, int dim>
  Mat<S, dim> operator()(const Point<S, dim>& p) const {
    Mat<S, dim> r;
    const S* first = p.coefficients + offset_.at(dim);
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) r[i][j] = first[i * dim + j];
    }
    return r;
  }
};

/// Scalar given per boundary entry of the case; 0 where it is not given.
class BoundaryCoefficient : detail::CoefficientBase {
 public:
  BoundaryCoefficient(const char* name, const char* unit, Range range, const char* doc)
      : CoefficientBase({name, unit, Shape::scalar, range, doc, {0.0}, true}) {}
  template <class S, int dim>
  const S& operator()(const Point<S, dim>& p) const {
    return p.coefficients[offset_.at(dim)];
  }
};

/// Vector given per boundary entry of the case; 0 where it is not given.
class BoundaryVector : public VectorCoefficient {
 public:
  BoundaryVector(const char* name, const char* unit, const char* doc) : VectorCoefficient(name, unit, doc, 0.0, true) {}
};

/// A choice among names, fixed for a run; the first is the default.
class Option {
 public:
  Option(const char* name, std::vector<std::string> choices, const char* doc) {
    detail::current().options.push_back(this);
    detail::current_info().options.push_back({name, std::move(choices), doc});
  }
  Option(const Option&) = delete;
  /// Position of the chosen name in the list.
  int chosen() const { return chosen_; }
  void choose(int position) { chosen_ = position; }

 private:
  int chosen_ = 0;
};

namespace detail {
struct DerivedList {};
struct QuantityList {};

template <class List, Shape shape_of>
class Output {
 public:
  static constexpr Shape shape = shape_of;
  Output(const char* name, const char* unit, const char* doc) : offset_(Offset::after(list())) {
    list().push_back({name, unit, shape, doc});
  }
  int offset(int dim) const { return offset_.at(dim); }

 private:
  static std::vector<DerivedInfo>& list() {
    if constexpr (std::is_same_v<List, DerivedList>) {
      return current_info().derived;
    } else {
      return current_info().quantities;
    }
  }
  Offset offset_;
};
}  // namespace detail

/// Fields computed from the solution, written in derived(): scalar, vector, symmetric tensor (xx yy zz xy yz xz).
using DerivedScalar = detail::Output<detail::DerivedList, Shape::scalar>;
using DerivedVector = detail::Output<detail::DerivedList, Shape::vector>;
using DerivedTensor = detail::Output<detail::DerivedList, Shape::symmetric_tensor>;
/// Density integrated over the domain, written in quantities().
using Quantity = detail::Output<detail::QuantityList, Shape::scalar>;

/// Where derived() and quantities() write.
template <class S, int dim>
struct Outputs {
  S* values;

  template <class List>
  S& operator[](const detail::Output<List, Shape::scalar>& o) const {
    return values[o.offset(dim)];
  }
  VecRef<S, dim> operator[](const DerivedVector& o) const { return VecRef<S, dim>(values + o.offset(dim)); }
  VecRef<S, 6> operator[](const DerivedTensor& o) const { return VecRef<S, 6>(values + o.offset(dim)); }
};

/// Test-function side of a scalar equation.
template <class S, int dim>
struct ScalarWeak {
  S& value;
  VecRef<S, dim> flux;
};

/// Test-function side of a vector equation.
template <class S, int dim>
struct VectorWeak {
  VecRef<S, dim> value;
  MatRef<S, dim> flux;
};

namespace detail {
template <class S, int dim>
struct Accumulator {
  S* values;  ///< (components)
  S* fluxes;  ///< (components, dim)

  ScalarWeak<S, dim> operator[](const ScalarField& f) const {
    const int c = f.offset(dim);
    return {values[c], VecRef<S, dim>(fluxes + c * dim)};
  }
  VectorWeak<S, dim> operator[](const VectorField& f) const {
    const int c = f.offset(dim);
    return {VecRef<S, dim>(values + c), MatRef<S, dim>(fluxes + c * dim)};
  }
};
}  // namespace detail

/// f0 and f1 of every equation, zero at entry. `nonstiff[field]` is a second accumulator for IMEX integrators; every
/// other consumer sees the sum.
template <class S, int dim>
struct Weak : detail::Accumulator<S, dim> {
  detail::Accumulator<S, dim> nonstiff;
};

/// Strong residual f0 - div f1 at a point.
template <class S, int dim>
struct StrongResidual {
  const S* values;

  const S& operator[](const ScalarField& f) const { return values[f.offset(dim)]; }
  Vec<S, dim> operator[](const VectorField& f) const {
    Vec<S, dim> r;
    for (int i = 0; i < dim; ++i) r[i] = values[f.offset(dim) + i];
    return r;
  }
};

}  // namespace ansatz::sdk

#include "ansatz/sdk/physics_of.hpp"

namespace ansatz::sdk {

/// Offers a physics of type P, for plugins with several.
template <class P>
void add_physics(Registrar& registrar, const char* name, const char* version, const char* purpose) {
  registrar.add_physics(name, purpose, [=] { return std::make_unique<detail::PhysicsOf<P>>(name, version, purpose); });
}

}  // namespace ansatz::sdk

/// A plugin with one physics of type `physics_type`; its name is also the plugin's.
#define ANSATZ_PHYSICS(physics_type, physics_name, physics_version, physics_purpose)                         \
  namespace {                                                                                                \
  void ansatz_register_physics(ansatz::sdk::Registrar& registrar) {                                          \
    ansatz::sdk::add_physics<physics_type>(registrar, physics_name, physics_version, physics_purpose);       \
  }                                                                                                          \
  }                                                                                                          \
  ANSATZ_PLUGIN(physics_name, physics_version, ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE, physics_purpose, \
                ansatz_register_physics)
