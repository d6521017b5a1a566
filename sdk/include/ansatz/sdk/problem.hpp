#pragma once
/// A case bound to its mesh, as an ansatz sees it. The engine implements it; it outlives every solver.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/cell_types.hpp"
#include "ansatz/sdk/communicator.hpp"
#include "ansatz/sdk/parameters.hpp"
#include "ansatz/sdk/physics_interface.hpp"
#include "ansatz/sdk/sites.hpp"
#include "ansatz/sdk/solution.hpp"
#include "ansatz/sdk/time.hpp"

namespace ansatz::sdk {

class Gradients;
class Solver;
class TimeLoop;

/// A parameter of the case.
struct CaseParameter {
  std::string name, unit;
  double low = 0.0, high = 0.0;  ///< its range; equal where it has none
  double value = 0.0;            ///< default
  bool logarithmic = false;      ///< varies in factors
};

/// Cells of one type, owned ones first, then one layer of ghosts. VTK's orders; ids are canonical: they do not depend
/// on the number of ranks.
struct CellBlock {
  CellType cell = CellType::triangle;
  std::int32_t num_owned = 0;
  std::span<const std::int32_t> points;   ///< (num_cells, points per cell)
  std::span<const std::int64_t> ids;      ///< (num_cells)
  std::span<const std::int32_t> regions;  ///< (num_cells), into MeshView::regions
};

/// One rank's part of the mesh. Views are valid as long as `version` is the mesh's: parameters may move it.
struct MeshView {
  int dim = 2;
  int geometry_degree = 1;
  std::uint64_t version = 0;
  std::span<const double> points;  ///< (num_points, dim) [m]
  std::vector<CellBlock> blocks;   ///< at present one
  std::span<const std::string> regions;
  std::array<double, 3> low{}, high{};  ///< corners of the bounding box of all ranks [m]
  std::array<double, 3> period{};       ///< 0: not periodic [m]
};

/// Unknowns of a field. Unknown of component c at owned node n: first[n] + c.
struct FieldNodes {
  std::string name, unit;
  int components = 1;
  bool is_nodal = true;             ///< unknowns are values at nodes; else other functionals, without coordinates
  std::vector<double> coordinates;  ///< (owned nodes, dim) [m]
  std::vector<std::int32_t> first;  ///< (owned nodes)
};

/// The finite-element space in which every ansatz reports and is checked, with matrices of its own. Vectors are owned
/// unknowns, (num_owned). All members but sizes, comm and version are *collective*.
///
/// Parameters are the problem's: it is at one place at a time, so say yours before what depends on them.
class Discretisation {
 public:
  virtual ~Discretisation();
  virtual const Communicator& comm() const = 0;
  virtual std::int32_t num_owned() const = 0;
  virtual std::int64_t num_global() const = 0;
  virtual int num_history() const = 0;  ///< numbers that a point remembers from step to step; at present 0
  virtual std::vector<FieldNodes> fields() const = 0;

  /// Moves the mesh, too, where [mesh] map depends on them.
  /// \param draw of the case's random fields. \throws Error of kind parameter.
  virtual void set_parameters(std::span<const double> parameters, std::uint64_t draw = 0) = 0;
  /// Writes the prescribed values.
  virtual void prescribe(double t, std::span<double> u) = 0;
  /// `[initial]`, zero where it says nothing.
  virtual std::vector<double> initial() = 0;

  /// F(t, u, u') of the discrete equations, 0 at prescribed unknowns.
  /// \param rate empty: a steady state
  virtual void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) = 0;
  /// J = state dF/du + rate dF/du' at (t, u, u'), for what follows.
  virtual void linearise(double t, std::span<const double> u, std::span<const double> rate,
                         JacobianWeights weights) = 0;
  /// Jv; the identity at prescribed unknowns, here and in the next two.
  virtual void apply(std::span<const double> v, std::span<double> Jv) = 0;
  virtual void apply_transposed(std::span<const double> v, std::span<double> Jtv) = 0;
  /// x = J^-1 b, by `[linear]`. \throws Error of kind solver.
  virtual void solve(std::span<const double> b, std::span<double> x) = 0;

  /// The Euclidean inner product over all ranks.
  virtual double dot(std::span<const double> a, std::span<const double> b) = 0;
  /// Mu with the mass matrix of each field, int u . v: (Mu) . v is the L2 product, of a field alone where only its
  /// unknowns are not 0.
  virtual void mass(std::span<const double> u, std::span<double> Mu) = 0;
  /// Xu with the H1 product of each field, int grad u . grad v + u . v / L^2 with L the size of the domain.
  virtual void h1(std::span<const double> u, std::span<double> Xu) = 0;
  /// z = X^-1 F on unknowns that are not prescribed, 0 elsewhere: sqrt(F . z) is the dual norm.
  virtual void riesz(std::span<const double> F, std::span<double> z) = 0;
  /// Values and gradients at points of this rank's cells.
  /// \param out (n, components of all fields, 1 + dim)
  virtual void evaluate(std::span<const double> u, const PointSet& at, std::span<double> out) = 0;

  /// x = J^-T b, by `[linear]`. Since API 4.2. \throws Error of kind solver.
  virtual void solve_transposed(std::span<const double> b, std::span<double> x);
};

/// The engine's integrator with the case's [time], for a system of the solver's own (weights, latent states).
class TimeLoop {
 public:
  virtual ~TimeLoop();
  virtual double time() const = 0;
  /// One accepted step, not beyond `stop`; returns the time after it. *Collective.*
  virtual double advance(double stop) = 0;
  virtual std::span<const double> state() const = 0;
  /// The state at a time of the last step. *Collective.*
  virtual void interpolate(double t, std::span<double> state) = 0;
  virtual void exchange(StateArchive& archive) = 0;
};

/// Solutions of the case that another program has computed, see engine/io/snapshots.
class SolutionFile {
 public:
  virtual ~SolutionFile();
  virtual std::int64_t size() const = 0;
  /// (size, parameters), in the order of the case.
  virtual std::span<const double> parameters() const = 0;
  /// Of each of them [s]; empty: steady.
  virtual std::span<const double> times() const = 0;
  /// That of a number from 0 on: one at each of the times, or the steady one. *Collective.*
  /// \throws Error of kind state for a value that is not finite
  virtual std::vector<Solution> read(std::int64_t number) const = 0;
  /// Of parameters, times and what is in the fields, so that a model knows whether it was trained by this file.
  /// *Collective.*
  virtual std::uint64_t checksum() const = 0;
};

/// The case.
class Problem {
 public:
  virtual ~Problem();
  virtual const Communicator& comm() const = 0;
  virtual const Physics& physics() const = 0;
  virtual MeshView mesh() const = 0;  ///< *Collective.*
  virtual std::span<const CaseParameter> parameters() const = 0;
  /// Points in their ranges, even in the logarithm where they are logarithmic; (n, parameters), the same on all ranks.
  /// \throws Error of kind parameter for a parameter without a range
  virtual std::vector<double> sample_parameters(const Sampling& sampling) const = 0;
  /// Of problems in time the start, the ends of steps (with error control the output times), and the end [s]; empty:
  /// steady.
  virtual std::span<const double> times() const = 0;
  /// F is affine in u and u' for all parameters, by structure.
  virtual bool is_linear() const = 0;
  /// Names of the quantities of the case.
  virtual std::vector<std::string> quantities() const = 0;
  /// `[initial]` by component; none: zero. Fields of files (`[data]`) have no expression.
  virtual std::vector<std::optional<Expression>> initial() const = 0;

  /// Regions, parts of the boundary with one condition each, and interfaces between regions; the same on all ranks.
  /// *Collective.*
  virtual std::span<const Site> sites() const = 0;
  /// This rank's share of points of a site, with equal weights but for curved cells; which points there are does not
  /// depend on the number of ranks. *Collective.* \throws Error of kind parameter.
  virtual PointSet sample(int site, const Sampling& sampling) const = 0;
  /// Points of a quadrature rule that is exact for this degree on affine cells. *Collective.*
  virtual PointSet quadrature(int site, int degree) const = 0;
  /// The points of this rank's cells among positions (n, dim), which all ranks give alike; each on one rank.
  /// \param numbers out: which of the positions they are
  /// \throws Error of kind parameter, on all ranks, for a position outside of the mesh. *Collective.*
  virtual PointSet locate(std::span<const double> positions, std::vector<std::int64_t>& numbers) const = 0;

  /// One with matrices of its own. *Collective.*
  virtual std::unique_ptr<Discretisation> make_discretisation() const = 0;
  /// Another ansatz for this case, "fem" for data: what it takes is counted as training. *Collective.*
  /// \throws Error of kind parameter for an unknown name.
  virtual std::unique_ptr<Solver> make_solver(const std::string& name) const = 0;
  /// The system must outlive it. *Collective.*
  virtual std::unique_ptr<TimeLoop> make_time_loop(TimeSystem& system, std::vector<double> start) const = 0;
  /// Solutions of another program, to learn from.
  /// \param path relative to the case. \throws Error of kind state: a file that is none or of other nodes, fields or
  /// parameters than those of the case. *Collective.*
  virtual std::unique_ptr<SolutionFile> open_solutions(const std::string& path) const = 0;

  /// Derivatives by the parameters, see gradients.hpp. Since API 4.2. *Collective.*
  virtual std::unique_ptr<Gradients> make_gradients() const;
};

}  // namespace ansatz::sdk
