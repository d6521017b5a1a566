#include "engine/linear/solvers/saddle.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
constexpr int mass_sweeps = 6;

using IndexHandle = base::Handle<IS, ISDestroy>;

IndexHandle index_set(MPI_Comm comm, const std::vector<PetscInt>& indices) {
  IndexHandle set;
  petsc_check(
      ISCreateGeneral(comm, static_cast<PetscInt>(indices.size()), indices.data(), PETSC_COPY_VALUES, set.put()),
      "numbering a block");
  return set;
}

base::MatHandle block(Mat matrix, const IndexHandle& rows, const IndexHandle& columns) {
  base::MatHandle part;
  petsc_check(MatCreateSubMatrix(matrix, rows.get(), columns.get(), MAT_INITIAL_MATRIX, part.put()), "taking a block");
  return part;
}

base::KspHandle solver_of(MPI_Comm comm, Mat matrix, KSPType method, PCType preconditioner) {
  base::KspHandle solver;
  PC pc = nullptr;
  petsc_check(KSPCreate(comm, solver.put()), "creating the solver of a block");
  petsc_check(KSPSetOperators(solver.get(), matrix, matrix), "creating the solver of a block");
  petsc_check(KSPSetType(solver.get(), method), "creating the solver of a block");
  petsc_check(KSPGetPC(solver.get(), &pc), "creating the solver of a block");
  petsc_check(PCSetType(pc, preconditioner), "creating the solver of a block");
  return solver;
}

base::KspHandle multigrid(MPI_Comm comm, Mat matrix, const char* prefix) {
  auto solver = solver_of(comm, matrix, KSPPREONLY, PCHYPRE);
  petsc_check(KSPSetOptionsPrefix(solver.get(), prefix), "applying PETSc options to a block");
  petsc_check(KSPSetFromOptions(solver.get()), "applying PETSc options to a block");
  petsc_check(KSPSetUp(solver.get()), "setting up the solver of a block");
  return solver;
}

/// The largest row sum of diag(M)^-1 M, which bounds its eigenvalues where no entry is negative.
double largest_row_sum(Mat mass) {
  base::VecHandle sums, diagonal;
  double largest = 0.0;
  petsc_check(MatCreateVecs(mass, sums.put(), diagonal.put()), "creating a vector");
  petsc_check(MatGetRowSum(mass, sums.get()), "bounding a mass matrix");
  petsc_check(MatGetDiagonal(mass, diagonal.get()), "bounding a mass matrix");
  petsc_check(VecPointwiseDivide(sums.get(), sums.get(), diagonal.get()), "bounding a mass matrix");
  petsc_check(VecMax(sums.get(), nullptr, &largest), "bounding a mass matrix");
  return largest;
}

/// The eigenvalues of diag(M)^-1 M lie in [1/4, 5/2] for Lagrange elements of degree 1 on intervals, triangles,
/// quadrilaterals and tetrahedra, in [1/8, 27/8] on hexahedra (Wathen, IMA Journal of Numerical Analysis 7, 1987):
/// (3/2)^d and (1/2)^d for products of intervals, and in [1/4, 3] on prisms: [1/2, 2] of triangles times [1/2, 3/2].
/// The largest row sum is the largest eigenvalue of a cell.
base::KspHandle mass_polynomial(MPI_Comm comm, Mat mass) {
  const double highest = std::max(largest_row_sum(mass), 2.5);
  const double lowest = highest / std::max(10.0, std::pow(highest, std::log(3.0) / std::log(1.5)));
  auto solver = solver_of(comm, mass, KSPCHEBYSHEV, PCJACOBI);
  KSP ksp = solver.get();
  petsc_check(KSPChebyshevSetEigenvalues(ksp, highest, lowest), "creating the solver of a mass matrix");
  petsc_check(KSPSetTolerances(ksp, 0.0, 0.0, PETSC_DEFAULT, mass_sweeps), "creating the solver of a mass matrix");
  petsc_check(KSPSetNormType(ksp, KSP_NORM_NONE), "creating the solver of a mass matrix");
  petsc_check(KSPSetUp(ksp), "setting up the solver of a mass matrix");
  return solver;
}

}  // namespace

class SaddlePreconditioner::Blocks {
 public:
  Blocks(const base::Communicator& comm, Mat matrix, const Constraints& constraints)
      : transport_(constraints.transport), schur_scale_(constraints.schur_scale) {
    PetscInt first = 0, last = 0;
    petsc_check(MatGetOwnershipRange(matrix, &first, &last), "numbering a block");
    std::vector<PetscInt> primary, dual;
    auto next = constraints.multipliers.begin();
    for (PetscInt i = first; i < last; ++i) {
      const bool is_dual = next != constraints.multipliers.end() && *next == i - first;
      (is_dual ? dual : primary).push_back(i);
      if (is_dual) ++next;
    }
    primary_ = index_set(comm.get(), primary);
    dual_ = index_set(comm.get(), dual);
    F_ = block(matrix, primary_, primary_);
    G_ = block(matrix, primary_, dual_);
    petsc_check(MatSetBlockSize(F_.get(), constraints.block_size), "setting a block size");
    petsc_check(MatCreateVecs(G_.get(), p_.put(), u_.put()), "creating a vector");
    petsc_check(MatCreateVecs(G_.get(), s_.put(), nullptr), "creating a vector");
    primary_solver_ = multigrid(comm.get(), F_.get(), "primary_");
    schur_solver_ = multigrid(comm.get(), constraints.laplacian, "schur_");
    mass_solver_ = mass_polynomial(comm.get(), constraints.mass);
  }

  void apply(Vec r, Vec z) {
    const Part r_p(r, dual_), r_u(r, primary_), z_p(z, dual_), z_u(z, primary_);
    schur(r_p.get(), z_p.get());
    petsc_check(MatMult(G_.get(), z_p.get(), u_.get()), "applying a block");
    petsc_check(VecAYPX(u_.get(), -1.0, r_u.get()), "applying a block");
    petsc_check(KSPSolve(primary_solver_.get(), u_.get(), z_u.get()), "solving with a block");
  }

 private:
  /// A part of a vector, for a scope.
  class Part {
   public:
    Part(Vec whole, const IndexHandle& indices) : whole_(whole), indices_(indices.get()) {
      petsc_check(VecGetSubVector(whole_, indices_, &part_), "taking a part of a vector");
    }
    ~Part() { VecRestoreSubVector(whole_, indices_, &part_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    Vec get() const { return part_; }

   private:
    Vec whole_;
    IS indices_;
    Vec part_ = nullptr;
  };

  void schur(Vec r, Vec z) {
    petsc_check(KSPSolve(schur_solver_.get(), r, p_.get()), "solving with a block");
    petsc_check(MatMult(transport_, p_.get(), s_.get()), "applying a block");
    petsc_check(KSPSolve(mass_solver_.get(), s_.get(), z), "solving with a block");
    if (schur_scale_ != 1.0) petsc_check(VecScale(z, 1.0 / schur_scale_), "applying a block");
  }

  Mat transport_;
  double schur_scale_;
  IndexHandle primary_, dual_;
  base::MatHandle F_, G_;
  base::VecHandle u_, p_, s_;
  base::KspHandle primary_solver_, schur_solver_, mass_solver_;
};

SaddlePreconditioner::SaddlePreconditioner(const base::Communicator& comm, Mat matrix, const Constraints& constraints)
    : blocks_(std::make_unique<Blocks>(comm, matrix, constraints)) {}
SaddlePreconditioner::~SaddlePreconditioner() = default;

void SaddlePreconditioner::apply(Vec r, Vec z) { blocks_->apply(r, z); }

void set_saddle_preconditioner(const base::Communicator& comm, PC pc, Mat matrix, const Constraints& constraints) {
  petsc_check(PCSetType(pc, PCSHELL), "choosing a preconditioner");
  petsc_check(PCShellSetName(pc, "pressure convection-diffusion"), "choosing a preconditioner");
  auto blocks = std::make_unique<SaddlePreconditioner>(comm, matrix, constraints);
  petsc_check(PCShellSetApply(pc,
                              [](PC shell, Vec r, Vec z) -> PetscErrorCode {
                                void* context = nullptr;
                                PCShellGetContext(shell, &context);
                                try {
                                  static_cast<SaddlePreconditioner*>(context)->apply(r, z);
                                } catch (const sdk::Error&) {
                                  return PETSC_ERR_LIB;  // nothing may be thrown through PETSc
                                }
                                return 0;
                              }),
              "choosing a preconditioner");
  petsc_check(PCShellSetDestroy(pc,
                                [](PC shell) -> PetscErrorCode {
                                  void* context = nullptr;
                                  PCShellGetContext(shell, &context);
                                  delete static_cast<SaddlePreconditioner*>(context);
                                  return 0;
                                }),
              "choosing a preconditioner");
  petsc_check(PCShellSetContext(pc, blocks.release()), "choosing a preconditioner");
}

}  // namespace ansatz::linear
