// The separated form that interpolation finds in the assembled entries of an affine problem is the declared one.
#include <catch2/catch.hpp>

#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/reduced/interpolation/matrix_eim.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"

using namespace ansatz;

namespace {

const std::string thermal_block = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 2], values = ["k1", "k2", "k3", 0.5] }
source       = "1 + k1*k2*x"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
k3 = { range = [0.1, 1.0], default = 0.5 }
)toml";

/// Entries of operator and right-hand side on the free unknowns, as assembled for any parameters.
class Assembled {
 public:
  explicit Assembled(fem::Form& form)
      : form_(form), dofs_(form.dofs()), matrix_(dofs_.mesh().comm, form.sparsity().pattern, 1) {
    const auto& nodes = *dofs_.fields()[0].nodes;
    numbers_ = mesh::canonical_numbers(dofs_.mesh().comm, std::span(nodes.keys).first(nodes.num_owned));
    std::vector<double> local(dofs_.num_local());
    std::ranges::copy(numbers_, local.begin());
    dofs_.update_ghosts(local);
    ghosts_.assign(local.begin() + dofs_.num_owned(), local.end());
  }

  std::vector<std::int64_t> matrix_keys() const {
    return reduced::entry_keys(matrix_.pattern(), numbers_, ghosts_, dofs_.num_global());
  }
  const std::vector<std::int64_t>& vector_keys() const { return numbers_; }

  const linear::SparseMatrix& matrix(std::span<const double> mu) {
    form_.set_parameters({mu.begin(), mu.end()});
    const std::vector<double> zero(dofs_.num_local());
    form_.jacobian({0.0, zero, {}}, {}, matrix_);
    matrix_.begin_values();
    for (std::int32_t i = 0; i < dofs_.num_owned(); ++i) {
      if (form_.constrained()[i] != 0) matrix_.diagonal_values()[matrix_.pattern().diagonal_position(i)] = 0.0;
    }
    matrix_.end_values();
    return matrix_;
  }

  std::vector<double> rhs(std::span<const double> mu) {
    form_.set_parameters({mu.begin(), mu.end()});
    const std::vector<double> zero(dofs_.num_local());
    std::vector<double> F(dofs_.num_owned());
    form_.residual({0.0, zero, {}}, F);
    for (double& value : F) value = -value;
    return F;
  }

 private:
  fem::Form& form_;
  const fem::DofMap& dofs_;
  linear::SparseMatrix matrix_;
  std::vector<std::int64_t> numbers_, ghosts_;
};

/// Weights of what is interpolated, from the values that a new assembly has at the magic entries. *Collective.*
std::vector<double> weights(const reduced::Eim& eim, std::span<const double> entries) {
  reduced::Block one(entries.size());
  one.append(entries);
  const auto values = eim.at_magic(one);
  std::vector<double> beta(eim.terms());
  reduced::OperatorEim(eim, eim.terms()).beta(values.column(0), beta);
  return beta;
}

}  // namespace

TEST_CASE("Interpolation of assembled entries finds the terms of an affine problem and the same reduced model",
          "[reduced]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed = input::parse_case(thermal_block, "case.toml", {}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  auto& form = problem.form();
  form.set_constrained(problem.dirichlet().constrained());
  const auto box = problem::parameter_ranges(parsed);
  std::string reason;
  auto declared = reduced::separate(form, problem.dirichlet(), box, reason);
  REQUIRE(declared);
  const auto num_operators = static_cast<int>(declared->operators.size());
  const int num_rhs = declared->rhs.num_columns();
  CHECK(num_operators == 4);
  CHECK(num_rhs == 2);

  Assembled assembled(form);
  const auto training =
      sampling::sample(sampling::ParameterBox(box), {.method = "sobol", .size = 32, .scrambling = "shift"});
  reduced::Block matrices(assembled.matrix_keys().size()), vectors(assembled.vector_keys().size());
  for (std::size_t j = 0; j < training.size(); ++j) {
    matrices.append(reduced::entry_values(assembled.matrix(training[j])));
    vectors.append(assembled.rhs(training[j]));
  }
  reduced::Eim A(comm, assembled.matrix_keys()), f(comm, assembled.vector_keys());
  const auto found_A = A.extend(matrices, {.tolerance = 1e-13}), found_f = f.extend(vectors, {.tolerance = 1e-13});
  CHECK(A.terms() == num_operators);
  CHECK(f.terms() == num_rhs);
  CHECK(found_A.remainders.back() <= 1e-13 * found_A.scale);
  CHECK(found_f.remainders.back() <= 1e-13 * found_f.scale);

  reduced::ReducedBasis basis(form, std::move(*declared), box, solvers::reference_parameters(parsed), {});
  for (int j = 0; j < 6; ++j) basis.extend(training[j]);
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  // Projections of the assembled snapshots.
  const auto euclidean = reduced::InnerProduct::euclidean(comm);
  std::vector<reduced::Dense> operators;
  reduced::Block rhs(vectors.num_rows());
  for (int m = 0; m < A.terms(); ++m) {
    const auto& matrix = assembled.matrix(training[A.picks()[m]]);
    reduced::Block products(vectors.num_rows());
    std::vector<double> product(vectors.num_rows());
    for (int j = 0; j < basis.size(); ++j) {
      matrix.multiply(basis.basis().column(j), product);
      products.append(product);
    }
    operators.push_back(euclidean.gram(basis.basis(), products));
  }
  for (int m = 0; m < f.terms(); ++m) rhs.append(vectors.column(f.picks()[m]));
  const auto loads = euclidean.gram(basis.basis(), rhs);

  for (const std::vector<double>& mu : {std::vector{0.15, 0.85, 0.33}, {0.92, 0.11, 0.71}, {0.5, 0.6, 0.99}}) {
    const auto a = weights(A, reduced::entry_values(assembled.matrix(mu)));
    const auto b = weights(f, assembled.rhs(mu));
    reduced::Dense system(basis.size(), basis.size());
    std::vector<double> load(basis.size(), 0.0);
    for (std::size_t m = 0; m < a.size(); ++m) {
      for (std::size_t k = 0; k < system.values.size(); ++k) system.values[k] += a[m] * operators[m].values[k];
    }
    for (std::size_t m = 0; m < b.size(); ++m) {
      for (int i = 0; i < basis.size(); ++i) load[i] += b[m] * loads(i, static_cast<int>(m));
    }
    const auto c = reduced::least_squares(system, load);
    const auto expected = model.solve(mu, work).coefficients;
    double output = 0.0, expected_output = 0.0, difference = 0.0, size = 0.0;
    for (int i = 0; i < basis.size(); ++i) {
      output += load[i] * c[i];
      expected_output += load[i] * expected[i];
      difference = std::max(difference, std::abs(c[i] - expected[i]));
      size = std::max(size, std::abs(expected[i]));
    }
    CHECK(output == Approx(expected_output).epsilon(1e-10));
    CHECK(difference <= 1e-10 * size);
  }
}
