#pragma once
/// A case file as typed data. Text stays text here: expressions are compiled when the mesh and the physics are known.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/parameters.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/input/toml/location.hpp"
#include "engine/mesh/generation/box.hpp"

namespace ansatz::input {

/// A coefficient: a value everywhere, then by region or by block of a lattice over the bounding box.
struct CoefficientSpec {
  Location at;
  std::optional<Value> everywhere;
  std::vector<std::pair<std::string, Value>> by_region;  ///< key `by_region = { steel = 50, ... }`
  std::vector<int> blocks;                               ///< key `by_block = [2, 2]`, x fastest
  std::vector<Value> block_values;                       ///< key `values`
};

/// One entry of `boundary`: which sets, and the value of each key (a field, a component or a boundary coefficient).
struct BoundarySpec {
  Location at;
  std::vector<std::string> on;
  std::vector<std::pair<std::string, Value>> values;
};

/// `[system.NAME]`: ordinary differential equations of a plugin, in place of mesh and physics.
struct SystemSpec {
  Location at;
  std::string name;
  sdk::ParameterSet parameters;
  std::map<std::string, double> initial;  ///< `[initial]`: components that start elsewhere
};

struct PhysicsSpec {
  Location at;
  std::string name;
  std::map<std::string, std::string> options;
  std::map<std::string, CoefficientSpec> coefficients;
  std::vector<BoundarySpec> boundary;
};

struct MeshSpec {
  Location at;
  std::optional<mesh::BoxOptions> box;
  std::string file;         ///< relative to the case file; empty with a box
  std::string reader;       ///< plugin's reader name; empty: by file name ending
  int geometry_degree = 0;  ///< 0: as in the file
  double size_factor = 1.0;
  int refine = 0;            ///< uniform refinements after reading
  double scale = 1.0;        ///< multiplies all coordinates, for files in mm
  std::optional<Value> map;  ///< expressions of x, y, z and parameters: new coordinates
};

struct ParameterSpec {
  Location at;
  double low = 0, high = 0;
  double initial = 0;        ///< key `default`
  bool extrapolate = false;  ///< `default` may be outside of the range
  bool logarithmic = false;  ///< samples are even in the logarithm
  std::string unit = "1";
  std::string doc;
};

struct TableSpec {
  Location at;
  std::vector<double> x, y;  ///< or key `file`: two columns of numbers, read by the parser
};

/// `[data.NAME] file = "run/fields.hdf.series", field = "temperature", component = 0, time = 3.0`
struct DataSpec {
  Location at;
  std::string file, field;
  int component = 0;
  std::optional<double> time;  ///< default: the last step
};

struct SolverSpec {
  Location at;
  std::string type = "fem";
  sdk::SolverInfo info = finite_elements_info();     ///< of this type; no key
  std::map<std::string, sdk::ParameterSet> options;  ///< of ansaetze that declare some: [solver.NAME]
  int order = 1;
  std::optional<int> quadrature_degree;
  bool stabilise = false;  ///< key `stabilisation = "supg" | "none"`
  struct Continuation {
    Location at;
    std::string parameter;
    double from = 0.0;
  };
  std::optional<Continuation> continuation;  ///< of steady states: the parameter goes from here to its value
};

struct LinearSpec {
  Location at;
  std::string solver;          ///< "" (automatic), "cg", "minres", "gmres", "fgmres", "richardson", "direct"
  std::string preconditioner;  ///< "" (automatic), "hypre", "gamg", "jacobi", "ilu", "none", "mumps", offered
  std::string tuner;           ///< of its knobs; "": none
  std::optional<double> relative_tolerance;  ///< absent: 1e-10, in Newton's method for nonlinear problems as
                                             /// < NewtonOptions::inexact, at least 1e-5
  double absolute_tolerance = 0.0;
  int max_iterations = 1000;
  double newton_relative_tolerance = 1e-9;     ///< of residuals, those of systems scaled field by field
  double newton_absolute_tolerance = 0.0;      ///< of residuals, in their unit
  double newton_correction_tolerance = 1e-12;  ///< of a full correction over the solution
  int newton_max_iterations = 30;
  std::string line_search = "nonmonotone";  ///< or "monotone", "none"
  bool lagged_jacobian = false;             ///< key `jacobian = "exact" | "lagged"`
  std::string petsc;                        ///< further PETSc options as on PETSc's command line, applied last
  std::optional<sdk::ParameterSet> preconditioner_options, tuner_options;  ///< of offered ones
};

/// Parameters to train a reduced model with.
struct TrainingSpec {
  Location at;
  std::string kind = "grid";  ///< the key: "grid", "random", "latin_hypercube", "sobol", "halton", "lattice"
  int count = 5;              ///< points per parameter of a grid, otherwise all points
  int seed = 1;               ///< of all kinds but grids
};

/// `interpolation` of `[reduced]`: of coefficients and prescribed values that do not separate, or of assembled entries.
struct InterpolationSpec {
  Location at;
  double tolerance = 1e-8;                        ///< relative remainder on the training set
  int max_terms = 50;                             ///< of each function
  TrainingSpec training = {{}, "sobol", 256, 1};  ///< the corners of the box are added
  std::string points = "eim";                     ///< "eim", "q_deim", "s_opt"
  double points_per_term = 1.0;                   ///< above 1 with "s_opt" only
  std::string pick = "largest";                   ///< "largest", "sum", "square"
};

/// `[reduced]`, for solver.type = "reduced_basis".
struct ReducedSpec {
  Location at;
  std::string method =
      "greedy";  ///< "greedy": by the error bound; of solutions at all training parameters: "strong_greedy", "pod"
  std::string pod = "direct";  ///< how modes are computed with "pod": "direct", "incremental", "randomised"
  TrainingSpec training;
  bool adaptive = false;    ///< the training set is validated on random points and refined where they fail
  double tolerance = 1e-6;  ///< of the largest bound (greedy), or of the energy of the snapshots (pod), relative
  int max_size = 50;
  std::map<std::string, double>
      reference;  ///< of the inner product X = A(reference); others: their defaults when it is trained
  InterpolationSpec interpolation;
  std::string separation;  ///< "": automatic, "expressions": of coefficients, "entries": of what is assembled
  std::string product =
      "automatic";        ///< X: "energy" where A(reference) is coercive, else "h1"; "energy", "h1_semi", "h1"
  double length = 0.0;    ///< of product "h1": |grad u|^2 + |u|^2 / length^2 [m]; 0: the size of the domain
  std::string stability;  ///< "": automatic, "min_theta", "scm", "inf_sup", "interpolated"
  std::vector<std::pair<std::string, std::string>> pairs;  ///< real and imaginary part of complex fields
  std::string residual = "basis";  ///< its norm: "basis", or "interpolated" from norms at some training parameters
  std::optional<std::vector<std::string>> outputs;  ///< quantities that get error bounds; absent: all that are linear
  std::vector<std::string> dual;                    ///< outputs that get a dual basis
  std::optional<double> output_tolerance;           ///< relative, of the bounds of dual bases; absent: tolerance
  Location outputs_at, dual_at;
  std::string model;  ///< key `model`: path of the model file; "": models/NAME.h5
};

/// `[study]` with type = "sweep" or "limits": the parameters of the table.
struct SweepSpec {
  Location at;
  TrainingSpec points;  ///< key `points`, of the parameters that are not fixed
  std::map<std::string, std::vector<double>>
      values;  ///< `points = { values = { k1 = [...] } }` instead: lists of equal lengths
  std::map<std::string, double>
      fixed;                      ///< parameters that keep a value; default: with `values` their defaults, else none
  std::string file = "sweep.h5";  ///< relative to the run folder; of limits by default "limits.h5"
};

/// `[study]` with type = "limits": inverse and log-determinant from factorisations at a few parameters.
struct LimitsSpec {
  int degree = 4;                        ///< of the powers of the matrix whose sums are exact
  std::optional<TrainingSpec> training;  ///< to pick from; the corners of the box are added. Absent: as many as needed
  std::vector<std::string> of = {"log_determinant", "inverse"};
  int validation = 5;               ///< held-out parameters
  std::optional<double> tolerance;  ///< of the largest error there, relative; absent: no check

  bool has(const std::string& limit) const { return std::find(of.begin(), of.end(), limit) != of.end(); }
};

/// `[study]` with type = "gradient": derivatives of quantities by parameters.
struct GradientSpec {
  bool check = false;  ///< by differences along a random direction
  int seed = 1;        ///< of the direction
};

/// `[policy]`: a step controller to train, with study.type = "train" and a system.
struct PolicySpec {
  Location at;
  std::string learner;                                    ///< of a plugin, for example "dqn"
  std::optional<sdk::ParameterSet> options;               ///< of the learner
  std::map<std::string, std::pair<double, double>> vary;  ///< parameters of the system, drawn evenly in the logarithm
  int steps = 200;                                        ///< of an episode
  std::string file = "models/steps.h5";                   ///< relative to the run folder
};

struct StudySpec {
  std::string type = "solve";  ///< "solve", "train", "sweep", "limits", "gradient", or of a plugin
  std::map<std::string, sdk::ParameterSet> options;  ///< of studies of plugins: [study.NAME]
  SweepSpec sweep;                                   ///< of limits, too
  LimitsSpec limits;
  GradientSpec gradient;

  bool has_points() const { return type == "sweep" || type == "limits"; }
};

struct TimeSpec {
  Location at;
  std::string method;                                      ///< see time/methods/methods.hpp
  double start = 0, end = 0;                               ///< [s]
  double step = 0;                                         ///< of all steps [s]; 0: by error control
  std::optional<double> relative_tolerance;                ///< of the error of each step; present with error control
  double absolute_tolerance = 1e-9;                        ///< in units of the fields
  std::map<std::string, double> absolute_tolerances = {};  ///< of fields that have their own
  std::map<std::string, double> weights = {};              ///< of fields in the norm of errors, 0: left out; default 1
  std::string controller = "h211b";  ///< see time/control/step_controller.hpp; "rl": learned, "bandit": several in turn
  std::string controller_model;      ///< path of a trained policy, for "rl" and "bandit"
  int controller_seed = 1;           ///< for "bandit"
  std::string limits = "arkode_7";
  double first_step = 0, min_step = 0;  ///< [s]; 0: automatic, none
  std::optional<Value> max_step = {};   ///< [s], may depend on t and parameters
  std::vector<double> stops = {};       ///< times that steps end at [s]
  std::vector<double> jumps = {};       ///< stops where fixed steps end anyway [s]; no key
  double seen_from =
      -std::numeric_limits<double>::infinity();  ///< what depends on time sees no time before it [s]; no key
  std::string jacobian = "exact";                ///< of linearly implicit methods: "exact", "frozen", "stiff"
  std::vector<std::string> events = {};          ///< quantities whose changes of sign are found; systems have their own
  std::string end_event;                         ///< the event that ends the run; empty: none
  bool lumped_mass = false;                      ///< key `mass = "consistent" | "lumped"`, for explicit methods

  bool adaptive() const { return relative_tolerance.has_value(); }
};

/// `[checkpoint]`: the state of a run in time, for --restart.
struct CheckpointSpec {
  int every = 0;          ///< steps between them; 0: by time only
  double minutes = 15.0;  ///< of wall time between them; 0: by steps only
};

/// `[certify]`: how wrong the answer of the ansatz is, and what is done about it.
struct CertifySpec {
  Location at;
  std::optional<double> tolerance = {};  ///< of the error to the finite-element solution, relative to the solution
  std::string norm;                      ///< "" (energy where there is one), "energy", "h1"
  std::string policy;                    ///< "check", "polish", "fallback", "off"
  bool discretisation = true;            ///< also the error of the finite-element solution itself is estimated
  int calibration = 0;                   ///< held-out solves that errors of an ansatz that trains are learned from
  double coverage = 0.9;                 ///< share of parameters at which the error is at most the calibrated radius

  /// Which of n sorted errors the radius is, from 1 on: ceil((n + 1) coverage), more than n where n is too small.
  static int rank(int n, double coverage) {
    return static_cast<int>(std::ceil((n + 1) * coverage * (1.0 - 1e-12)));  // 10 * 0.9 is 9
  }
};

/// `[compare]`: for study.type = "compare", which `ansatz compare` sets.
struct CompareSpec {
  Location at;
  std::vector<std::string> solvers;  ///< ansaetze beside finite elements; empty: that of the case
  TrainingSpec points{{}, "random", 20, 1};
};

/// Fields at the start; zero where nothing is said.
struct InitialSpec {
  Location at;
  bool steady = false;  ///< key `start = "steady"`: the steady state for the data at the initial time
  std::vector<std::pair<std::string, Value>> values;        ///< field or component -> value
  std::vector<std::pair<std::string, Value>> perturbation;  ///< the same, added to the steady state
};

/// A number computed from the solution.
struct QuantitySpec {
  enum class Kind { point, mean, integral, deviation, reaction, norm, maximum, minimum, formula, over_time };
  Location at;
  std::string name;
  Kind kind = Kind::mean;
  std::string expression;     ///< of fields and derived fields; for formulas of quantities further up
  std::vector<double> point;  ///< key `at`, for Kind::point
  std::string region;         ///< restricts to a region; for points: averages its adjacent cells
  std::string on;             ///< restricts integrals and means to a boundary; required for reactions
  std::string norm = "l2";    ///< "l2" or "h1" (semi-norm)
  std::string statistic;      ///< for Kind::over_time: "maximum", "minimum", "mean", "peak_to_peak", "frequency"
  std::string of;             ///< for Kind::over_time: a quantity further up
  double after = 0.0;         ///< for Kind::over_time: from this time on [s]
  std::string unit;           ///< "" : that of the expression where known
};

struct OutputSpec {
  Location at;
  std::vector<std::string> fields;  ///< fields and derived fields; empty: all fields
  std::string layout = "series";    ///< "series", "single", "vtu"
  int every = 1;                    ///< steps between outputs; 0: none. Step 0 and the last are always written
  std::vector<double> times = {};   ///< key `at`: times that steps end at and that are written [s]
  bool report = true;               ///< report.html in the run folder
};

struct Case {
  std::string path;  ///< of the case file
  std::string name;  ///< of its folder, with that of the file where it is not case.toml
  std::string title;
  std::vector<std::string> plugins;
  MeshSpec mesh;
  PhysicsSpec physics;
  std::optional<PolicySpec> policy;
  std::optional<SystemSpec> system;  ///< then there is neither mesh nor physics
  std::map<std::string, ParameterSpec> parameters;
  std::map<std::string, double> constants;                                ///< `[constants]`
  std::map<std::string, std::map<std::string, double>> region_constants;  ///< `[regions.NAME]`
  std::map<std::string, TableSpec> tables;
  std::map<std::string, DataSpec> data;
  SolverSpec solver;
  LinearSpec linear;
  ReducedSpec reduced;
  StudySpec study;
  std::optional<TimeSpec> time;
  InitialSpec initial;
  std::vector<QuantitySpec> quantities;
  OutputSpec output;
  CheckpointSpec checkpoint;
  std::optional<CertifySpec> certify = {};
  std::optional<CompareSpec> compare = {};
  std::string effective_toml;  ///< the case after overrides and with all defaults

  /// Of `parameters`, in their order.
  std::vector<double> default_parameters() const {
    std::vector<double> values;
    for (const auto& [name_of, spec] : parameters) values.push_back(spec.initial);
    return values;
  }
};

}  // namespace ansatz::input
