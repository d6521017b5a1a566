#pragma once
/// What the engine sees of a physics: its declarations and its batch kernels. Authors include physics.hpp instead.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ansatz/sdk/dimensional.hpp"
#include "ansatz/sdk/expression.hpp"
#include "ansatz/sdk/lanes.hpp"
#include "ansatz/sdk/parameters.hpp"

namespace ansatz::sdk {

inline constexpr int max_parameters = 32;  ///< of a case
inline constexpr int max_data = 8;         ///< fields read from files

enum class Shape : int {
  scalar,            ///< 1 component
  vector,            ///< dim components
  tensor,            ///< dim x dim components, row-major; a case may give a number (times identity) or a diagonal
  symmetric_tensor,  ///< 6 components xx yy zz xy yz xz in any dimension
};

/// Number of components in space dimension `dim`.
int num_components(Shape shape, int dim);
/// Suffix of a component: "" for scalars, "x".. for vectors, "xx".. for tensors.
std::string component_name(Shape shape, int dim, int component);

struct FieldInfo {
  std::string name;
  std::string unit;
  Shape shape = Shape::scalar;
  int relative_order = 0;  ///< degree of this field minus the order of the solver; below 0: a multiplier (pressure)

  /// Multiplier of a constraint: of lower degree, and its equation is the constraint.
  bool is_multiplier() const { return relative_order < 0; }
};

struct CoefficientInfo {
  std::string name;
  std::string unit;
  Shape shape = Shape::scalar;
  Range range;  ///< of each value (of the diagonal for tensors)
  std::string doc;
  std::vector<double> initial;  ///< one number (times identity for tensors), or empty: the case must give it
  bool on_boundary = false;     ///< given per boundary entry of the case; 0 elsewhere
};

struct OptionInfo {
  std::string name;
  std::vector<std::string> choices;  ///< the first is the default
  std::string doc;
};

/// A field computed from the solution at points (stress, heat flux), or a density to integrate.
struct DerivedInfo {
  std::string name;
  std::string unit;
  Shape shape = Shape::scalar;
  std::string doc;
};

enum class NullSpace : int { none, constant, rigid_body };

/// Everything that a physics declares.
struct PhysicsInfo {
  std::string name;
  std::string version;
  std::string purpose;
  std::vector<FieldInfo> fields;
  std::vector<CoefficientInfo> coefficients;
  std::vector<OptionInfo> options;
  std::vector<DerivedInfo> derived;
  std::vector<DerivedInfo> quantities;  ///< densities; the engine integrates them over the domain
  std::vector<int> dimensions;          ///< of space, for example {1, 2, 3}
  bool has_boundary_terms = false;
  bool has_stabilisation = false;
  bool has_nonstiff_terms = false;  ///< the weak form writes r.nonstiff, see Weak
  bool has_energy = false;          ///< a density whose minimisers solve the steady problem; see PointKernels::energy()
  bool has_boundary_energy = false;  ///< the same of boundary(); where has_energy and has_boundary_terms, both are
  NullSpace near_null_space = NullSpace::none;  ///< for algebraic multigrid

  int num_field_components(int dim) const;
  int num_coefficient_components(int dim) const;
};

/// Values of one coefficient component in one region or on one boundary.
using CoefficientTable = std::span<const Expression>;  ///< (num_coefficient_components)

/// What a jet holds of one field component at a point, in this order, as bits of a set.
///
/// The last two are reserved: no form sees them yet.
using JetParts = unsigned;
inline constexpr JetParts jet_value = 1, jet_rate = 2, jet_gradient = 4, jet_hessian = 8, jet_second_rate = 16,
                          jet_rate_gradient = 32, jet_all = jet_value | jet_rate | jet_gradient | jet_hessian;

/// Numbers in the jet of one component: u, du/dt, grad u (dim), second derivatives (dim (dim + 1) / 2).
constexpr int jet_size(int dim, JetParts parts = jet_all) {
  int size = 0;
  for (const auto& [part, n] : {std::pair{jet_value, 1}, std::pair{jet_rate, 1}, std::pair{jet_gradient, dim},
                                std::pair{jet_hessian, dim * (dim + 1) / 2}, std::pair{jet_second_rate, 1},
                                std::pair{jet_rate_gradient, dim}}) {
    if ((parts & part) != 0) size += n;
  }
  return size;
}
/// Where `part` begins in a jet of these parts.
constexpr int jet_offset(int dim, JetParts parts, JetParts part) { return jet_size(dim, parts & (part - 1)); }

/// Up to num_lanes cells times num_points points. Arrays are [point][...] of Lanes; a lane is a cell.
///
/// Slots: every field component has 1 + dim of them, its value and its gradient, in this order; num_slots = components
/// times (1 + dim). Second derivatives have num_hessian = dim (dim + 1) / 2 entries per component: xx, then in
/// 2-D yy, xy; in 3-D yy, zz, xy, yz, xz.
struct PointBatch {
  int num_points = 0;
  int num_active = num_lanes;             ///< cells in this batch; the other lanes repeat a valid cell
  double time = 0.0;                      ///< [s]
  const Lanes* times = nullptr;           ///< (num_points) [s] of each point; null: `time` everywhere
  const Lanes* position = nullptr;        ///< (num_points, dim) [m]
  const Lanes* slots = nullptr;           ///< (num_points, num_slots) u and grad u
  const Lanes* rates = nullptr;           ///< (num_points, components) du/dt; null: zero
  const Lanes* hessians = nullptr;        ///< (num_points, components, num_hessian); null: zero
  const Lanes* normal = nullptr;          ///< (num_points, dim) outward unit normal, boundary terms only
  const Lanes* cell_size = nullptr;       ///< (num_points) h of the cell [m], stabilisation only
  const Lanes* data = nullptr;            ///< (num_points, num_data) fields read from files
  const Lanes* data_gradients = nullptr;  ///< (num_points, num_data, dim); needed by the strong residual only
  int num_data = 0;
  CoefficientTable coefficients;
  std::span<const double> parameters;
  const Lanes* parameters_at = nullptr;  ///< (num_points, parameters.size()) of each point; null: `parameters`
};

/// A coefficient value that is not finite or out of its declared range.
struct CoefficientFault {
  int coefficient = -1;  ///< flat component index; -1: none
  int point = 0;
  int lane = 0;
  double value = 0.0;
};

/// Which of the two accumulators of the weak form: IMEX integrators see them apart, everything else their sum.
enum class Part : int { all, stiff, nonstiff };

/// What is known of a weak form without evaluating it, given which coefficients vary.
///
/// Bit i < num_slots of a mask: slot i; bit num_slots + c: rate of component c.
struct FormStructure {
  std::vector<std::uint64_t> depends;  ///< (num_slots) what each entry of f0, f1 depends on
  bool linear = false;                 ///< affine in the unknowns and their rates
  bool uniform = false;                ///< its derivatives do not depend on position (within a cell)
  bool time_dependent = false;         ///< its derivatives depend on time by themselves
  bool transient = false;              ///< a rate occurs
  bool tests_gradient = false;         ///< an entry of f1 is not zero
  /// dF/du and dF/du' are symmetric in test and trial function for all values of the unknowns and of coefficients that
  /// vary, which are the same where their expressions are. False where that is not known.
  bool symmetric = false;
  std::uint64_t mass_depends = 0;    ///< what dF/du' depends on, as in `depends`
  bool mass_time_dependent = false;  ///< dF/du' depends on time by itself
};

/// What is known of a component of a derived field without evaluating it.
struct DerivedStructure {
  bool linear = false;       ///< affine in the unknowns and their rates
  bool affine = false;       ///< affine in the marked coefficients together, at fixed unknowns
  std::uint64_t marked = 0;  ///< bit per marked coefficient component that occurs
};

/// Dimensions of what a physics computes, from those of what it is given.
struct FormDimensions {
  std::vector<Dimensional> form;       ///< (num_slots) f0 in the value slots and f1 in the gradient slots
  std::vector<Dimensional> densities;  ///< (number of quantities)
};

/// Weights of a Jacobian: state * dF/du + rate * dF/du'.
struct JacobianWeights {
  double state = 1.0;
  double rate = 0.0;
};

/// Batch kernels of one physics in one space dimension. Everything derives from the one weak form
/// int f0 . v + f1 : grad v. Not collective; const and free of side effects, so threads may share one.
class PointKernels {
 public:
  virtual ~PointKernels();

  /// f: (num_points, num_slots), f0 in the value slots and f1 in the gradient slots. Checks the coefficients.
  virtual CoefficientFault residual(const PointBatch& batch, Part part, Lanes* f) const = 0;
  /// d: (num_points, num_slots out, num_slots in).
  virtual void jacobian(const PointBatch& batch, Part part, JacobianWeights weights, Lanes* d) const = 0;
  /// df = state dF/du [slots, rates]: (num_points, num_slots). Directions as in PointBatch; `rates` may be null.
  virtual void jacobian_vector(const PointBatch& batch, const Lanes* slots, const Lanes* rates, Lanes* df) const = 0;
  /// dF/d parameter: (num_points, num_slots).
  virtual void parameter_derivative(const PointBatch& batch, int parameter, Lanes* df) const = 0;
  /// dF/dt at fixed u and du/dt: (num_points, num_slots).
  virtual void time_derivative(const PointBatch& batch, Lanes* df) const = 0;

  /// d/de F(c + e g) at e = 0 for coefficients c, the batch's, and directions g: (num_points, num_slots).
  virtual void coefficient_derivative(const PointBatch& batch, CoefficientTable directions, Lanes* df) const = 0;
  /// The same of the Jacobian: (num_points, num_slots out, num_slots in).
  virtual void coefficient_jacobian(const PointBatch& batch, CoefficientTable directions, JacobianWeights weights,
                                    Lanes* d) const = 0;

  /// dF/d coefficient, of each component by itself: (num_points, num_slots, num_coefficient_components).
  virtual void coefficient_slopes(const PointBatch& batch, Lanes* d) const = 0;

  /// Strong residual f0 - div f1: (num_points, components). Needs `hessians`. The fluxes f1 must not depend on rates
  /// (structure() tells): their divergence would need grad du/dt. Checks the coefficients.
  virtual CoefficientFault strong_residual(const PointBatch& batch, Lanes* r) const = 0;
  /// Its derivatives: d (num_points, components out, components in, jet_size(dim, parts)).
  /// \param parts of the jet, none of the reserved ones; rates cost a pass of their own
  virtual void strong_derivative(const PointBatch& batch, JetParts parts, Lanes* d) const = 0;
  /// Its derivative with respect to one parameter: (num_points, components).
  virtual void strong_parameter_derivative(const PointBatch& batch, int parameter, Lanes* dr) const = 0;

  /// Boundary integrand int g . v (value slots) + h : grad v: as residual(); needs `normal`.
  virtual CoefficientFault boundary_residual(const PointBatch& batch, Lanes* f) const = 0;
  virtual void boundary_jacobian(const PointBatch& batch, JacobianWeights weights, Lanes* d) const = 0;
  virtual void boundary_parameter_derivative(const PointBatch& batch, int parameter, Lanes* df) const = 0;
  virtual void boundary_time_derivative(const PointBatch& batch, Lanes* df) const = 0;
  virtual void boundary_coefficient_derivative(const PointBatch& batch, CoefficientTable directions,
                                               Lanes* df) const = 0;
  virtual void boundary_coefficient_jacobian(const PointBatch& batch, CoefficientTable directions,
                                             JacobianWeights weights, Lanes* d) const = 0;

  virtual void boundary_coefficient_slopes(const PointBatch& batch, Lanes* d) const = 0;

  /// Energy density e(u, grad u) of the volume [energy / m^dim] and of the boundary [energy / m^(dim - 1)]:
  /// (num_points). Its derivatives by the slots are f0 and f1 at du/dt = 0 where is_energy() says so; 0 without one.
  virtual void energy(const PointBatch& batch, Lanes* e) const = 0;
  virtual void boundary_energy(const PointBatch& batch, Lanes* e) const = 0;

  /// Stabilisation, int R . (test operator), in the form of residual(); needs `hessians` and `cell_size`.
  virtual void stabilisation_residual(const PointBatch& batch, Lanes* f) const = 0;
  /// d: (num_points, num_slots out, components in, 1 + dim + num_hessian).
  virtual void stabilisation_jacobian(const PointBatch& batch, JacobianWeights weights, Lanes* d) const = 0;
  /// d/dt at fixed u and du/dt: (num_points, num_slots).
  virtual void stabilisation_time_derivative(const PointBatch& batch, Lanes* df) const = 0;
  /// Largest cell Peclet number per lane over the points, for the warning: (1).
  virtual void cell_peclet(const PointBatch& batch, Lanes* peclet) const = 0;

  /// Structure of the volume form for these coefficients, by abstract evaluation.
  virtual FormStructure structure(CoefficientTable coefficients) const = 0;
  /// The same for the boundary form.
  virtual FormStructure boundary_structure(CoefficientTable coefficients) const = 0;
  /// The same for the stabilisation; `uniform` and `symmetric` are false.
  virtual FormStructure stabilisation_structure(CoefficientTable coefficients) const = 0;

  /// There is an energy, and its derivatives are the steady volume form for these coefficients, identically: by
  /// abstract evaluation. False where a coefficient depends on an unknown.
  virtual bool is_energy(CoefficientTable coefficients) const = 0;
  /// The same for the boundary form. True without boundary terms.
  virtual bool is_boundary_energy(CoefficientTable coefficients) const = 0;

  /// The volume form is affine in the marked coefficients together, at fixed unknowns, by abstract evaluation.
  /// \param marked (num_coefficient_components), not 0 for those that count
  virtual bool affine_in(CoefficientTable coefficients, std::span<const std::uint8_t> marked) const = 0;
  virtual bool boundary_affine_in(CoefficientTable coefficients, std::span<const std::uint8_t> marked) const = 0;
  virtual bool stabilisation_affine_in(CoefficientTable coefficients, std::span<const std::uint8_t> marked) const = 0;

  /// Derived fields: (num_points, sum of their components); densities: (num_points, number of quantities).
  virtual void derived_fields(const PointBatch& batch, Lanes* values) const = 0;
  virtual void quantities(const PointBatch& batch, Lanes* values) const = 0;

  /// Structure of the derived fields by component, by abstract evaluation.
  /// \param marked as in affine_in()
  virtual std::vector<DerivedStructure> derived_structure(CoefficientTable coefficients,
                                                          std::span<const std::uint8_t> marked) const = 0;
  /// Dimensions of the volume form and the quantities, by abstract evaluation.
  /// \param fields,coefficients by component
  virtual FormDimensions dimensions(std::span<const Dimensional> fields,
                                    std::span<const Dimensional> coefficients) const = 0;
};

/// Derivatives that kernels have beside PointKernels since API 4.2. Those of plugins that were built before do not: ask
/// by dynamic_cast.
class SlopeKernels {
 public:
  virtual ~SlopeKernels();
  /// d(stabilisation)/d parameter: (num_points, num_slots). Needs what stabilisation_residual() needs.
  virtual void stabilisation_parameter_derivative(const PointBatch& batch, int parameter, Lanes* df) const = 0;
  /// Of the components of derived fields, then of the densities, by the slots, at fixed rates:
  /// (num_points, outputs, num_slots).
  virtual void output_slopes(const PointBatch& batch, Lanes* d) const = 0;
  /// The same by a parameter: (num_points, outputs).
  virtual void output_parameter_derivative(const PointBatch& batch, int parameter, Lanes* d) const = 0;
};

/// A physics as the engine holds it. Options are set once, before kernels() is first called.
class Physics {
 public:
  virtual ~Physics();
  virtual const PhysicsInfo& info() const = 0;
  /// \throws Error of kind parameter for an unknown option or choice.
  virtual void set_option(const std::string& name, const std::string& choice) = 0;
  /// \param dim one of info().dimensions. The reference lives as long as this object.
  virtual const PointKernels& kernels(int dim) const = 0;
};

}  // namespace ansatz::sdk
