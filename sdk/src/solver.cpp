#include "ansatz/sdk/solver.hpp"

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/gradients.hpp"
#include "ansatz/sdk/problem.hpp"
#include "ansatz/sdk/study.hpp"

namespace ansatz::sdk {

Monitor::~Monitor() = default;
Discretisation::~Discretisation() = default;
TimeLoop::~TimeLoop() = default;
SolutionFile::~SolutionFile() = default;
Problem::~Problem() = default;
Gradients::~Gradients() = default;
Solver::~Solver() = default;
StudyRun::~StudyRun() = default;
Study::~Study() = default;

// Where the implementation is a stand-in.
void Discretisation::solve_transposed(std::span<const double> /*b*/, std::span<double> /*x*/) {
  throw Error(ErrorKind::internal, "this discretisation has no transposed solves");
}
std::unique_ptr<Gradients> Problem::make_gradients() const {
  throw Error(ErrorKind::internal, "this problem has no derivatives");
}

std::optional<Tabulation> Solver::tabulate(std::span<const double> /*points*/, Monitor& /*monitor*/) {
  return std::nullopt;
}
void Solver::train(Monitor& /*monitor*/) {}
Record Solver::model() const { return {}; }
void Solver::use(const Record& /*model*/) {}
std::vector<std::string> Solver::options_of_solving() const { return {}; }

const char* name(Certificate::Kind kind) {
  switch (kind) {
    case Certificate::Kind::bound:
      return "bound";
    case Certificate::Kind::estimate:
      return "estimate";
    case Certificate::Kind::indicator:
      break;
  }
  return "indicator";
}

const char* name(Certificate::Against against) {
  return against == Certificate::Against::equation ? "equation" : "finite_elements";
}

}  // namespace ansatz::sdk
