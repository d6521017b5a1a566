#pragma once
/// A reduced basis of a case that the project ships, without functions so far.

#include <optional>

#include "engine/input/case_parser.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "tests/support/cases.hpp"

namespace ansatz::test {

class CaseBasis {
 public:
  /// \param name of the case, which must have a separated form
  explicit CaseBasis(const std::string& name)
      : comm(MPI_COMM_WORLD),
        registry_(comm, plugin::search_path()),
        parsed(input::read_case(case_folder(name), {"solver.type=\"reduced_basis\""}, registry_, comm)),
        problem(parsed, registry_, comm),
        box(problem::parameter_ranges(parsed)) {
    std::string reason;
    auto separated = reduced::separate(problem.form(), problem.dirichlet(), box.ranges(), reason);
    if (!separated) throw sdk::Error(sdk::ErrorKind::case_file, reason, name);
    basis.emplace(problem.form(), std::move(*separated), box.ranges(), solvers::reference_parameters(parsed),
                  linear::KrylovOptions{});
  }

  base::Communicator comm;

 private:
  plugin::Registry registry_;

 public:
  input::Case parsed;
  problem::Problem problem;
  sampling::ParameterBox box;
  std::optional<reduced::ReducedBasis> basis;
};

}  // namespace ansatz::test
