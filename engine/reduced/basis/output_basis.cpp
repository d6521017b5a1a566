#include "engine/reduced/basis/output_basis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"

namespace ansatz::reduced {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double compliant = 1e-10;  // of a vector's size
constexpr double dependence_level =
    1e-14;  // part of a representative outside of the basis of the others that is dropped

/// Each entry of the columns through a function.
template <class Map>
Block mapped(const Block& block, const Map& map) {
  Block out(block.num_rows());
  std::vector<double> column(block.num_rows());
  for (int j = 0; j < block.num_columns(); ++j) {
    std::ranges::transform(block.column(j), column.begin(), map);
    out.append(column);
  }
  return out;
}

Block absolute(const Block& block) {
  return mapped(block, [](double x) { return std::abs(x); });
}
Block squared(const Block& block) {
  return mapped(block, [](double x) { return x * x; });
}

/// The vectors without the rows of constrained unknowns, times a factor.
Block free_parts(const Block& vectors, double factor, const std::vector<std::uint8_t>& constrained) {
  Block out(vectors.num_rows());
  for (int j = 0; j < vectors.num_columns(); ++j) {
    std::vector<double> l(vectors.column(j).begin(), vectors.column(j).end());
    for (std::size_t i = 0; i < l.size(); ++i) l[i] = constrained[i] != 0 ? 0.0 : factor * l[i];
    out.append(l);
  }
  return out;
}

/// A^T = 2 S - A with the symmetric part S of A.
std::shared_ptr<const linear::SparseMatrix> transposed(const linear::SparseMatrix& A, const linear::SparseMatrix& S,
                                                       const std::vector<std::uint8_t>& constrained) {
  auto out = std::make_shared<linear::SparseMatrix>(A.comm(), A.shared_pattern(), A.block_size());
  linear::combine(std::vector{2.0, -1.0}, std::vector<const linear::SparseMatrix*>{&S, &A}, constrained, 0.0, *out);
  return out;
}

double largest_entry(const Dense& m) {
  double value = 0.0;
  for (const double x : m.values) value = std::max(value, std::abs(x));
  return value;
}

/// The largest estimate of what rounding does to the entries of U^T V, its products taken for independent.
double round_off(const InnerProduct& euclidean, const Block& U, const Block& V) {
  return 4.0 * epsilon * std::sqrt(largest_entry(euclidean.gram(squared(U), squared(V))));
}

void add_representatives(ReducedBasis& primal, const Block& free, OutputData& out) {
  Block basis(free.num_rows());
  std::vector<std::vector<double>> columns;
  for (int j = 0; j < free.num_columns(); ++j) {
    auto g = primal.riesz(free.column(j));
    auto parts = orthogonalise(primal.product(), basis, g, dependence_level);
    if (!parts.dependent) {
      basis.append(g);
      parts.coefficients.push_back(parts.remainder);
    }
    columns.push_back(std::move(parts.coefficients));
  }
  out.representatives = Dense(basis.num_columns(), free.num_columns());
  for (std::size_t j = 0; j < columns.size(); ++j) {
    std::ranges::copy(columns[j], out.representatives.column(static_cast<int>(j)).begin());
  }
  out.riesz_level = std::max(primal.model().data().riesz_level, dependence_level);
}

/// The two factors of a term as one text, in an order of their own.
std::string text_of(const Thetas& thetas, int term) {
  auto first = thetas.text(thetas.terms()[term].first), second = thetas.text(thetas.terms()[term].second);
  if (second < first) std::swap(first, second);
  return first + "\n" + second;
}

/// For each term of the functional the right-hand side's term with the same factors; empty where they do not match.
std::vector<int> matching_terms(const Thetas& functional, const Thetas& rhs) {
  std::vector<int> matches;
  if (functional.num_terms() != rhs.num_terms()) return {};
  for (int j = 0; j < functional.num_terms(); ++j) {
    for (int q = 0; q < rhs.num_terms(); ++q) {
      if (text_of(functional, j) != text_of(rhs, q) || std::ranges::find(matches, q) != matches.end()) continue;
      matches.push_back(q);
      break;
    }
  }
  return static_cast<int>(matches.size()) == rhs.num_terms() ? matches : std::vector<int>{};
}

void find_compliance(ReducedBasis& primal, const Block& free, OutputData& out) {
  const auto& problem = primal.problem();
  if (!primal.symmetric_terms().all_symmetric() || !problem.interpolations.empty()) return;
  if (primal.stability().is_inf_sup()) return;  // the residual is not orthogonal to the basis
  const auto matches = matching_terms(out.thetas, problem.rhs_thetas);
  const auto& comm = primal.product().comm();
  double factor = 0.0;
  std::vector<double> defects;
  for (std::size_t j = 0; j < matches.size(); ++j) {
    const auto l = free.column(static_cast<int>(j)), f = problem.rhs.column(matches[j]);
    if (j == 0) factor = linear::dot(comm, l, f) / linear::dot(comm, f, f);
    std::vector<double> difference(l.begin(), l.end());
    linear::add_scaled(-factor, f, difference);
    if (!(linear::norm(comm, difference) <= compliant * linear::norm(comm, l))) return;
    defects.push_back(primal.product().norm(primal.riesz(difference)));
  }
  if (matches.empty() || factor == 0.0) return;
  out.compliance = factor;
  out.defects = std::move(defects);
}

DualData dual_data(const ReducedBasis& primal, const ReducedBasis& dual) {
  DualData out;
  out.model = dual.model().data();
  out.model.stability = out.model.stability.without_numbers();  // those of the primal model serve both
  const auto euclidean = InnerProduct::euclidean(primal.product().comm());
  const auto& problem = primal.problem();
  std::vector<double> product(primal.basis().num_rows());
  for (const auto& A : problem.operators) {
    Block products(product.size()), sizes(product.size());
    for (int i = 0; i < primal.size(); ++i) {
      A->multiply(primal.basis().column(i), product);
      products.append(product);
      A->multiply_absolute(primal.basis().column(i), product);
      sizes.append(product);
    }
    out.operators.push_back(euclidean.gram(dual.basis(), products));
    out.operator_round_off.push_back(round_off(euclidean, dual.basis(), sizes));
  }
  out.rhs = euclidean.gram(dual.basis(), problem.rhs);
  for (int q = 0; q < problem.rhs.num_columns(); ++q) {
    Block one(product.size());
    one.append(problem.rhs.column(q));
    out.rhs_round_off.push_back(round_off(euclidean, dual.basis(), one));
  }
  return out;
}

}  // namespace

SeparatedProblem dual_problem(const ReducedBasis& primal, const SeparatedFunctional& functional) {
  const auto& problem = primal.problem();
  const auto& terms = primal.symmetric_terms();
  SeparatedProblem dual;
  dual.operator_thetas = problem.operator_thetas;
  for (std::size_t q = 0; q < problem.operators.size(); ++q) {
    const int term = static_cast<int>(q);
    dual.operators.push_back(terms.is_symmetric(term)
                                 ? problem.operators[q]
                                 : transposed(*problem.operators[q], terms[term], terms.constrained()));
  }
  dual.operator_facts = problem.operator_facts;  // of the symmetric parts, which are the same
  dual.rhs_thetas = functional.thetas;
  dual.rhs = free_parts(functional.vectors, -1.0, terms.constrained());
  dual.liftings = Block(dual.rhs.num_rows());
  dual.interpolation_error = problem.interpolation_error;
  dual.interpolations = problem.interpolations;
  return dual;
}

OutputData output_data(ReducedBasis& primal, const SeparatedFunctional& functional, std::string name,
                       const ReducedBasis* dual) {
  const auto euclidean = InnerProduct::euclidean(primal.product().comm());
  const auto& problem = primal.problem();
  OutputData out;
  out.name = std::move(name);
  out.thetas = functional.thetas;
  out.constants = functional.constants;
  out.basis = euclidean.gram(functional.vectors, primal.basis());
  out.liftings = euclidean.gram(functional.vectors, problem.liftings);
  const auto sizes = absolute(functional.vectors);
  out.lifting_sizes = euclidean.gram(sizes, absolute(problem.liftings));
  const auto basis_sizes = euclidean.gram(sizes, absolute(primal.basis()));
  for (int j = 0; j < out.thetas.num_terms(); ++j) {
    double largest = 0.0;
    for (int i = 0; i < basis_sizes.columns; ++i) largest = std::max(largest, basis_sizes(j, i));
    out.round_off.push_back(8.0 * epsilon * largest);
  }
  const auto free = free_parts(functional.vectors, 1.0, primal.symmetric_terms().constrained());
  add_representatives(primal, free, out);
  find_compliance(primal, free, out);
  if (dual != nullptr) out.dual = std::make_shared<const DualData>(dual_data(primal, *dual));
  return out;
}

}  // namespace ansatz::reduced
