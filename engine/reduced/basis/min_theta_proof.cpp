#include "engine/reduced/basis/min_theta_proof.hpp"

namespace ansatz::reduced {
namespace {

bool is_known_semidefinite(const SeparatedProblem& problem, int q) {
  const auto& facts = problem.operator_facts;
  return static_cast<std::size_t>(q) < facts.size() && facts[q].semidefinite != fem::Semidefinite::unknown;
}

/// \param shifts out, of the terms that were looked at
std::string find_objection(const SeparatedProblem& problem, const SymmetricTerms& terms, const Product& product,
                           std::span<const sampling::ParameterRange> box, std::span<const double> reference_thetas,
                           std::vector<double>& shifts) {
  const auto says = [&](int q, const std::string& what) {
    return "the operator's term with the factor " +
           problem.operator_thetas.text(problem.operator_thetas.terms()[q].first) + " " + what;
  };
  if (terms.nonzero().empty()) return "the operator has no symmetric part";
  for (const int q : terms.nonzero()) {
    if (!(problem.operator_thetas.range(q, box).first > 0.0))
      return says(q, "is not positive for all parameters of the box");
  }
  if (product.factors.empty()) return "the inner product is not a sum of the operator's terms with factors >= 0";
  for (const int q : terms.nonzero()) {
    const bool is_known = is_known_semidefinite(problem, q);
    shifts.push_back(is_known ? 0.0 : MinThetaProof::semidefinite_shift);
    if (!is_known && !terms.is_above(q, reference_thetas[q], *product.matrix, MinThetaProof::semidefinite_shift)) {
      return says(q, "is not positive semidefinite");
    }
  }
  return {};
}

}  // namespace

MinThetaProof::MinThetaProof(const SeparatedProblem& problem, const SymmetricTerms& terms, const Product& product,
                             std::span<const sampling::ParameterRange> box, std::span<const double> reference_thetas)
    : objection_(find_objection(problem, terms, product, box, reference_thetas, shifts_)) {
  if (!objection_.empty()) return;
  auto shifts = shifts_;
  for (std::size_t k = 0; k < shifts.size(); ++k) shifts[k] /= reference_thetas[terms.nonzero()[k]];
  stability_ = Stability::min_theta(terms.nonzero(), product.factors, std::move(shifts));
}

}  // namespace ansatz::reduced
