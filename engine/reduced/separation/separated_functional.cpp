#include "engine/reduced/separation/separated_functional.hpp"

#include <algorithm>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/separation/coefficient_split.hpp"

namespace ansatz::reduced {
namespace {

class FunctionalSeparation {
 public:
  FunctionalSeparation(const fem::FormDefinition& definition, const FieldQuantity& quantity)
      : definition_(definition), quantity_(quantity), comm_(definition.dofs->mesh().comm) {
    definition_.check_ranges = false;
    result_.vectors = Block(definition.dofs->num_owned());
  }

  std::optional<SeparatedFunctional> run(std::string& reason) {
    const fem::Evaluator evaluator(definition_);
    if (!evaluator.is_affine(quantity_.expression)) {
      reason = "not linear: \"" + quantity_.expression.text() + "\" is not affine in fields as it is written";
      return std::nullopt;
    }
    const auto terms = sdk::separate(quantity_.expression);
    if (!terms) {
      reason = "not separable: \"" + quantity_.expression.text() +
               "\" is not a sum of products of functions of parameters and of space";
      return std::nullopt;
    }
    const auto used = evaluator.derived_used(quantity_.expression);
    if (!used.empty()) {
      reason = objection_to_derived(used);
      if (!reason.empty()) return std::nullopt;
      split_coefficients();
    }
    measure_ = quantity_.mean ? evaluator.integrate(sdk::Expression(1.0), zero_state(), quantity_.domain) : 1.0;
    for (const auto& term : *terms) add(term);
    return std::move(result_);
  }

 private:
  fem::FormState zero_state() {
    zero_.assign(definition_.dofs->num_local(), 0.0);
    return {0.0, zero_, {}};
  }

  /// Whether the domain touches each region. *Collective.*
  std::vector<bool> regions() const {
    const auto& mesh = definition_.dofs->mesh();
    std::vector<bool> touched(definition_.coefficients.size(), !quantity_.domain.region && !quantity_.domain.facets);
    if (quantity_.domain.region) touched[*quantity_.domain.region] = true;
    if (!quantity_.domain.facets || quantity_.domain.region) return touched;
    for (std::size_t r = 0; r < touched.size(); ++r) {
      const bool here = std::ranges::any_of(*quantity_.domain.facets, [&](const auto& facet) {
        return mesh.cell_region[facet.cell] == static_cast<int>(r);
      });
      touched[r] = comm_.max(std::int64_t{here}) != 0;
    }
    return touched;
  }

  /// Why these components of derived fields are not affine in the unknowns and in the coefficients; empty where they
  /// are. *Collective.*
  std::string objection_to_derived(const std::vector<int>& components) const {
    const auto touched = regions();
    const auto& kernels = definition_.physics->kernels(definition_.dofs->mesh().dim);
    for (std::size_t r = 0; r < touched.size(); ++r) {
      const auto& table = definition_.coefficients[r];
      std::vector<std::uint8_t> marked;
      for (const auto& expression : table) marked.push_back(varies(expression) ? 1 : 0);
      if (!touched[r]) continue;
      const auto structure = kernels.derived_structure(table, marked);
      for (const int k : components) {
        if (!structure[k].linear) return "not linear: a derived field is not affine in the unknowns by its formula";
        if (!structure[k].affine) {
          return "not separable: a derived field is not affine, by its formula, in coefficients that depend on "
                 "parameters";
        }
        for (std::size_t c = 0; c < table.size(); ++c) {
          if ((structure[k].marked >> c & 1U) == 0 || split_of(table[c], {})) continue;
          return "not separable: derived fields depend on \"" + table[c].text() + "\", which is interpolated";
        }
      }
    }
    return {};
  }

  /// Factors of the coefficients that derived fields may use. Those that do not separate are used by none, and count as
  /// 0.
  void split_coefficients() {
    for (const auto& table : definition_.coefficients) {
      for (const auto& expression : table) {
        if (!varies(expression)) continue;
        has_varying_ = true;
        if (const auto parts = split_of(expression, {})) add_distinct(factors_, *parts);
      }
    }
  }

  /// The functional of g with the parts of one factor in place of the coefficients that depend on parameters (none:
  /// zero).
  fem::Functional functional(const sdk::Expression& g, const Factor* factor) const {
    auto definition = definition_;
    for (auto& table : definition.coefficients) {
      for (auto& expression : table) {
        if (!has_varying_ || !varies(expression)) continue;
        const auto parts = split_of(expression, {});
        expression = factor == nullptr || !parts ? sdk::Expression(0.0) : part_of(*parts, *factor);
      }
    }
    const fem::Evaluator evaluator(definition);
    auto out = quantity_.point ? evaluator.linear_at_point(g, *quantity_.point, quantity_.domain.region)
                               : evaluator.linear_integral(g, quantity_.domain);
    for (double& value : out.vector) value /= measure_;
    out.constant /= measure_;
    return out;
  }

  void add(const sdk::SeparatedTerm& term) {
    const bool is_one = term.theta.constant_value() == 1.0;
    const auto base = functional(term.g, nullptr);
    append(base, is_one ? -1 : result_.thetas.add_factor(term.theta), -1);
    for (const auto& factor : factors_) {
      auto part = functional(term.g, &factor);
      linear::add_scaled(-1.0, base.vector, part.vector);
      part.constant -= base.constant;
      append(part, is_one ? -1 : result_.thetas.add_factor(term.theta), factor.add_to(result_.thetas));
    }
  }

  void append(const fem::Functional& part, int first, int second) {
    const bool is_zero =
        part.constant == 0.0 && std::ranges::all_of(part.vector, [](double value) { return value == 0.0; });
    if (comm_.max(std::int64_t{!is_zero}) == 0) return;
    result_.vectors.append(part.vector);
    result_.constants.push_back(part.constant);
    result_.thetas.add_term(first, second);
  }

  fem::FormDefinition definition_;
  const FieldQuantity& quantity_;
  const base::Communicator& comm_;
  std::vector<Factor> factors_;  ///< of the coefficients; none where no derived field is used
  bool has_varying_ = false;     ///< coefficients that derived fields may use
  std::vector<double> zero_;
  double measure_ = 1.0;
  SeparatedFunctional result_;
};

}  // namespace

std::optional<SeparatedFunctional> separate_functional(const fem::FormDefinition& definition,
                                                       const FieldQuantity& quantity, std::string& reason) {
  reason.clear();
  return FunctionalSeparation(definition, quantity).run(reason);
}

}  // namespace ansatz::reduced
