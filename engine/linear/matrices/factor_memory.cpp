#include "engine/linear/matrices/factor_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace ansatz::linear {
namespace {

using base::petsc_check;

constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr const char* analysing = "predicting the memory of a direct solver";

/// The number in the first word of a file; infinite where there is none.
double number_in(const std::string& path) {
  std::ifstream file(path);
  double value = 0.0;
  return file >> value ? value : unlimited;
}

double free_of_node() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    double kibibytes = 0.0;
    if (words >> name >> kibibytes && name == "MemAvailable:") return 1024.0 * kibibytes;
  }
  return unlimited;
}

/// Sum of the ranks on this node.
double sum_on_node(const base::Communicator& comm, double value) {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, comm.rank(), MPI_INFO_NULL, &node);
  double sum = 0.0;
  MPI_Allreduce(&value, &sum, 1, MPI_DOUBLE, MPI_SUM, node);
  MPI_Comm_free(&node);
  return sum;
}

}  // namespace

double free_memory() {
  const double limit = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  const double of_group = limit < unlimited && used < unlimited ? std::max(limit - used, 0.0) : unlimited;
  return std::min(of_group, free_of_node());
}

Memory predicted_factor(const base::Communicator& comm, Mat matrix, bool symmetric) {
  base::MatHandle factor;
  const auto type = symmetric ? MAT_FACTOR_CHOLESKY : MAT_FACTOR_LU;
  petsc_check(MatGetFactor(matrix, MATSOLVERMUMPS, type, factor.put()), analysing);
  petsc_check(MatMumpsSetIcntl(factor.get(), 14, 60), analysing);
  MatFactorInfo info;
  petsc_check(MatFactorInfoInitialize(&info), analysing);
  petsc_check(symmetric ? MatCholeskyFactorSymbolic(factor.get(), matrix, nullptr, &info)
                        : MatLUFactorSymbolic(factor.get(), matrix, nullptr, nullptr, &info),
              analysing);
  PetscInt megabytes = 0;
  petsc_check(MatMumpsGetInfo(factor.get(), 15, &megabytes), analysing);
  return {comm.max(sum_on_node(comm, 1e6 * static_cast<double>(megabytes))), comm.min(free_memory())};
}

}  // namespace ansatz::linear
