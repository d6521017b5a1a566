#pragma once
/// The benchmarks. Each prints one JSON line on rank 0.

#include <array>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::bench {

struct Options {
  std::string bench;           ///< mesh, assembly, poisson, elasticity, output, thermal_block, multireg, three_bodies,
                               /// < three_bodies_policy, step_training, step_control, strong_form or relaxation
  std::array<int, 3> cells{};  ///< boxes in x, y, z of the unit cube
  std::string physics = "diffusion";  ///< of `assembly`: diffusion, or test
  std::string features = "closest";   ///< of `three_bodies_policy`: closest, or state
  std::vector<std::string> settings;  ///< of `three_bodies_policy`, `step_*`, `integrators` and `relaxation`
  std::string folder;                 ///< of `output`: empty: one of its own in the folder for temporary files;
                                      /// < of `thermal_block` and `multireg`: the folder of the cases;
  /// < of `three_bodies_policy` and `step_training`: where the policy is kept, empty: it is not
  std::string petsc;    ///< PETSc options of `poisson` and `elasticity`
  int repetitions = 5;  ///< of what is measured after a warm-up
};

/// Mesh of tetrahedra, six a box, and its P1 space. *Collective.*
void run_mesh(const base::Communicator& comm, const Options& options);

/// Stiffness matrix and right-hand side of the Poisson problem, assembled again and again. *Collective.*
void run_assembly(const base::Communicator& comm, const Options& options);

/// Strong forms of the physics at points, with derivatives: at one time, and at times and parameters of each point. On
/// one rank.
void run_strong_form(const base::Communicator& comm, const Options& options);

/// The Poisson problem from nothing to its solution. *Collective.*
void run_poisson(const base::Communicator& comm, const Options& options);

/// Linear elasticity from nothing to its solution. *Collective.*
void run_elasticity(const base::Communicator& comm, const Options& options);

/// Steps of a vector field on hexahedra, in turn with bare writes of the same bytes. *Collective.*
void run_output(const base::Communicator& comm, const Options& options);

/// Reduced basis of the thermal block: training, solves with bound, with SCM and with interpolation beside.
/// *Collective.*
void run_thermal_block(const base::Communicator& comm, const Options& options);

/// POD of diffusion and reaction in four materials: training, 1,000 samples with 8 modes. *Collective.*
void run_multireg(const base::Communicator& comm, const Options& options);

/// Three bodies with fixed step parameters, and with random ones. On one rank.
void run_three_bodies(const base::Communicator& comm, const Options& options);

/// The same with the policy of one training. On one rank.
void run_three_bodies_policy(const base::Communicator& comm, const Options& options);

/// Trains one policy for the choice of steps of any integration, and compares its rewards with those of others. On one
/// rank.
void run_step_training(const base::Communicator& comm, const Options& options);

/// Work and achieved errors of step controllers on a set of problems. On one rank.
void run_step_control(const base::Communicator& comm, const Options& options);

/// Relaxation factors that tuners choose beside fixed ones: iterations and times of many solves. On one rank.
void run_relaxation(const base::Communicator& comm, const Options& options);

/// One system by one integrator, ours or a peer's, at several tolerances: errors, times, counts. On one rank.
void run_integrators(const base::Communicator& comm, const Options& options);

}  // namespace ansatz::bench
