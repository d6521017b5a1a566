#include "engine/reduced/basis/weak_motions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::reduced {
namespace {

constexpr double motion_round_off = 256.0 * std::numeric_limits<double>::epsilon();  // of |A_q| |m|

}  // namespace

void remove_round_off(const linear::SparseMatrix& A, std::span<const double> motion, std::span<double> product) {
  std::vector<double> terms(product.size());
  A.multiply_absolute(motion, terms);
  for (std::size_t i = 0; i < product.size(); ++i) {
    if (std::abs(product[i]) <= motion_round_off * terms[i]) product[i] = 0.0;
  }
}

std::vector<double> product_of_motion(const SeparatedProblem& problem, std::span<const double> values,
                                      std::span<const double> motion) {
  std::vector<double> sum(motion.size(), 0.0), part(motion.size());
  for (std::size_t q = 0; q < values.size(); ++q) {
    problem.operators[q]->multiply(motion, part);
    remove_round_off(*problem.operators[q], motion, part);
    linear::add_scaled(values[q], part, sum);
  }
  return sum;
}

UnseenMotions compare_motions(const SeparatedProblem& problem, std::span<const double> values,
                              const WeakMotions& weak) {
  const std::size_t n = weak.motions.size();
  double difference = 0.0, transposed = 0.0, size = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const auto sum = product_of_motion(problem, values, weak.motions[k].vector);
    for (std::size_t j = 0; j < n; ++j) {
      const double here = linear::dot(problem.operators.front()->comm(), weak.motions[j].test, sum);
      const int row = static_cast<int>(j), column = static_cast<int>(k);
      size = std::max(size, std::abs(weak.seen(row, column)));
      difference = std::max(difference, std::abs(here - weak.seen(row, column)));
      transposed = std::max(transposed, std::abs(here - weak.seen(column, row)));  // of dual problems
    }
  }
  return {std::min(difference, transposed), size};
}

void MotionProducts::add(std::size_t q, int column, std::size_t num_terms, const Block& products) {
  if (q == 0) columns_.push_back(column);
  const Block none(products.num_rows());
  products_.resize(num_terms, none);
  transposed_.resize(num_terms, none);
  products_[q].append(products.column(0));
  transposed_[q].append(products.column(products.num_columns() - 1));
}

void MotionProducts::improve_last(const base::Communicator& comm, std::size_t q, std::span<const double> v,
                                  Dense& reduced) const {
  const int last = reduced.rows - 1;
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const int m = columns_[k], column = static_cast<int>(k);
    reduced(last, m) = linear::dot(comm, v, products_[q].column(column));
    reduced(m, last) = linear::dot(comm, v, transposed_[q].column(column));
  }
}

}  // namespace ansatz::reduced
