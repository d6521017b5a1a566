// Splits expressions into sum_j theta_j(parameters) g_j(everything else).
//
// An expression is expanded into a polynomial whose atoms are subtrees that depend on parameters alone or on anything
// but parameters. Grouping its monomials by their parameter part gives the terms.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

using namespace detail;

constexpr std::size_t most_monomials = 64;  // that an expansion of products may give
constexpr int highest_expanded_power = 16;  // of a sum
constexpr int highest_exponent = 1000;      // of an atom

struct Factor {
  NodePtr atom;
  std::string key;
  int up = 0;    // exponent in the numerator
  int down = 0;  // and in the denominator; they are not cancelled, so that 0/0 stays visible
};

/// Product of powers of atoms, sorted by key.
struct Monomial {
  std::vector<Factor> factors;
  std::string key;

  bool is_one() const { return factors.empty(); }
  void update_key() {
    key.clear();
    for (const Factor& f : factors) key += f.key + '^' + std::to_string(f.up) + '/' + std::to_string(f.down) + ' ';
  }
};

struct Term {
  double coefficient = 1.0;
  Monomial theta;
  Monomial g;
};

using Polynomial = std::vector<Term>;
using Result = std::optional<Polynomial>;

Result expand(const NodePtr& node);

Polynomial constant_polynomial(double value) { return {Term{value, {}, {}}}; }

/// An expression that is not taken apart; null where it mixes parameters with other symbols.
Result atom(const NodePtr& node) {
  if (is_constant(node)) return constant_polynomial(node->value);
  if (depends_on_parameters(node) && depends_on_others(node)) return std::nullopt;
  Term term;
  Monomial& part = depends_on_parameters(node) ? term.theta : term.g;
  part.factors.push_back({node, key(node), 1, 0});
  part.update_key();
  return Polynomial{term};
}

Monomial product(const Monomial& a, const Monomial& b) {
  Monomial out = a;
  for (const Factor& factor : b.factors) {
    const auto at = std::lower_bound(out.factors.begin(), out.factors.end(), factor,
                                     [](const Factor& x, const Factor& y) { return x.key < y.key; });
    if (at != out.factors.end() && at->key == factor.key) {
      at->up += factor.up;
      at->down += factor.down;
    } else {
      out.factors.insert(at, factor);
    }
  }
  out.update_key();
  return out;
}

/// Adds a term; terms that cancel disappear.
void add_to(Polynomial& sum, Term term) {
  const auto same = [&](const Term& t) { return t.theta.key == term.theta.key && t.g.key == term.g.key; };
  const auto at = std::find_if(sum.begin(), sum.end(), same);
  if (at == sum.end()) {
    sum.push_back(std::move(term));
  } else if ((at->coefficient += term.coefficient) == 0.0) {
    sum.erase(at);
  }
}

Result sum(Result a, Result b, double sign_of_b) {
  if (!a || !b) return std::nullopt;
  for (Term& term : *b) {
    term.coefficient *= sign_of_b;
    add_to(*a, std::move(term));
  }
  return a;
}

Result product(const Result& a, const Result& b) {
  if (!a || !b) return std::nullopt;
  Polynomial out;
  for (const Term& s : *a) {
    for (const Term& t : *b) add_to(out, {s.coefficient * t.coefficient, product(s.theta, t.theta), product(s.g, t.g)});
    if (out.size() > std::max({most_monomials, a->size(), b->size()})) return std::nullopt;
  }
  return out;
}

/// a^n of a one-term polynomial.
Result power_of_term(Term term, int n) {
  term.coefficient = integer_power(term.coefficient, n);
  for (Monomial* part : {&term.theta, &term.g}) {
    for (Factor& factor : part->factors) {
      if (n < 0) std::swap(factor.up, factor.down);
      factor.up *= std::abs(n);
      factor.down *= std::abs(n);
      if (std::max(factor.up, factor.down) > highest_exponent) return std::nullopt;
    }
    part->update_key();
  }
  if (!std::isfinite(term.coefficient)) return std::nullopt;
  return Polynomial{std::move(term)};
}

// --- back to trees ---------------------------------------------------------------------------------------------------

NodePtr times(const NodePtr& a, const NodePtr& b) { return a ? make_binary(Op::multiply, a, b) : b; }

NodePtr power_node(const NodePtr& a, int n) { return make_power(a, make_constant(n)); }

/// coefficient * monomial.
NodePtr build(double coefficient, const Monomial& monomial) {
  const bool negative = coefficient < 0.0;
  const double size = std::abs(coefficient);
  NodePtr top;
  NodePtr bottom;
  if (size != 1.0) top = make_constant(size);
  for (const Factor& f : monomial.factors) {
    if (f.up > 0) top = times(top, power_node(f.atom, f.up));
    if (f.down > 0) bottom = times(bottom, power_node(f.atom, f.down));
  }
  if (!top) top = make_constant(1.0);
  if (bottom) top = make_binary(Op::divide, top, bottom);
  return negative ? make_unary(Op::negate, top) : top;
}

/// One part (theta or g) of a group of terms that share the other part.
struct Group {
  Monomial shared;
  std::vector<std::pair<double, Monomial>> sum;

  NodePtr node() const {
    NodePtr out;
    for (const auto& [coefficient, monomial] : sum) {
      if (!out) {
        out = build(coefficient, monomial);
      } else {
        out = make_binary(coefficient < 0.0 ? Op::subtract : Op::add, out, build(std::abs(coefficient), monomial));
      }
    }
    return out ? out : make_constant(0.0);
  }
};

/// Groups by one of the two parts, in the order of first occurrence.
std::vector<Group> group(const Polynomial& polynomial, Monomial Term::*shared, Monomial Term::*summed) {
  std::vector<Group> groups;
  for (const Term& term : polynomial) {
    const auto same = [&](const Group& g) { return g.shared.key == (term.*shared).key; };
    auto at = std::find_if(groups.begin(), groups.end(), same);
    if (at == groups.end()) at = groups.insert(groups.end(), Group{term.*shared, {}});
    at->sum.emplace_back(term.coefficient, term.*summed);
  }
  return groups;
}

// --- functions -------------------------------------------------------------------------------------------------------

/// base^(sum) = base^(parameter terms) * base^(other terms): f makes a power from an exponent.
template <class F>
Result power_of_sum(const Result& exponent, F&& f) {
  if (!exponent) return std::nullopt;
  Polynomial of_parameters;
  Polynomial of_others;
  for (const Term& term : *exponent) {
    if (!term.theta.is_one() && !term.g.is_one()) return std::nullopt;
    (term.theta.is_one() ? of_others : of_parameters).push_back(term);
  }
  const auto total = [](const Polynomial& p, Monomial Term::*part, Monomial Term::*other) {
    const std::vector<Group> groups = group(p, other, part);
    return groups.empty() ? make_constant(0.0) : groups.front().node();
  };
  return product(atom(f(total(of_parameters, &Term::theta, &Term::g))),
                 atom(f(total(of_others, &Term::g, &Term::theta))));
}

/// theta * (sum of g) or (sum of theta) * g as one term with the sum as an atom, where the polynomial has this form.
std::optional<Term> single_term(const Polynomial& a) {
  if (a.size() == 1) return a.front();
  for (const bool by_theta : {true, false}) {
    const auto shared = by_theta ? &Term::theta : &Term::g;
    const std::vector<Group> groups = group(a, shared, by_theta ? &Term::g : &Term::theta);
    if (groups.size() != 1) continue;
    Term term = atom(groups.front().node())->front();
    term.*shared = product(term.*shared, groups.front().shared);
    return term;
  }
  return std::nullopt;
}

Result integer_power_of(const Result& a, int n) {
  if (!a) return std::nullopt;
  if (const auto term = single_term(*a)) return power_of_term(*term, n);
  if (n < 0 || n > highest_expanded_power) return std::nullopt;
  Result out = a;
  for (int i = 1; i < n; ++i) out = product(out, a);
  return out;
}

/// abs and sign of one term are those of its parts.
Result multiplicative(Op op, const Result& a) {
  const auto single = a ? single_term(*a) : std::nullopt;
  if (!single) return std::nullopt;
  const Term& term = *single;
  return product(atom(make_unary(op, build(term.coefficient, term.g))), atom(make_unary(op, build(1.0, term.theta))));
}

/// if(c, sum_j theta_j a_j, sum_j theta_j b_j) = sum_j theta_j if(c, a_j, b_j), or the same with the parts exchanged.
Result choice(const NodePtr& condition, const Result& a, const Result& b, Monomial Term::*shared,
              Monomial Term::*chosen) {
  if (!a || !b) return std::nullopt;
  struct Branches {
    Monomial shared;
    NodePtr a, b;
  };
  std::vector<Branches> all;
  for (const Group& g : group(*a, shared, chosen)) all.push_back({g.shared, g.node(), make_constant(0.0)});
  for (const Group& g : group(*b, shared, chosen)) {
    const auto same = [&](const Branches& branches) { return branches.shared.key == g.shared.key; };
    const auto at = std::find_if(all.begin(), all.end(), same);
    if (at == all.end()) {
      all.push_back({g.shared, make_constant(0.0), g.node()});
    } else {
      at->b = g.node();
    }
  }
  Polynomial out;
  for (const Branches& branches : all) {
    Result chosen_atom = atom(make_choose(condition, branches.a, branches.b));
    Term term = chosen_atom->front();
    term.*shared = product(term.*shared, branches.shared);
    add_to(out, std::move(term));
  }
  return out;
}

Result expand_choice(const Node& node) {
  const NodePtr& condition = node.args[0];
  const Result a = expand(node.args[1]);
  const Result b = expand(node.args[2]);
  if (!depends_on_parameters(condition)) return choice(condition, a, b, &Term::theta, &Term::g);
  if (!depends_on_others(condition)) return choice(condition, a, b, &Term::g, &Term::theta);
  return std::nullopt;
}

bool is_product(Op op) { return op == Op::multiply || op == Op::divide || op == Op::negate || op == Op::integer_power; }

Result expand_operation(const NodePtr& node) {
  const auto& args = node->args;
  switch (node->op) {
    case Op::add:
      return sum(expand(args[0]), expand(args[1]), 1.0);
    case Op::subtract:
      return sum(expand(args[0]), expand(args[1]), -1.0);
    case Op::negate:
      return product(expand(args[0]), constant_polynomial(-1.0));
    case Op::multiply:
      return product(expand(args[0]), expand(args[1]));
    case Op::divide:
      return product(expand(args[0]), integer_power_of(expand(args[1]), -1));
    case Op::integer_power:
      return integer_power_of(expand(args[0]), node->index);
    case Op::exp:
      return power_of_sum(expand(args[0]), [](const NodePtr& a) { return make_unary(Op::exp, a); });
    case Op::power:
      if (!is_constant(args[0]) || args[0]->value <= 0.0) return std::nullopt;
      return power_of_sum(expand(args[1]), [&](const NodePtr& a) { return make_power(args[0], a); });
    case Op::abs:
    case Op::sign:
      return multiplicative(node->op, expand(args[0]));
    case Op::choose:
      return expand_choice(*node);
    default:
      return std::nullopt;
  }
}

Result expand(const NodePtr& node) {
  const bool mixed = depends_on_parameters(node) && depends_on_others(node);
  Result parts;
  if (mixed || is_product(node->op)) parts = expand_operation(node);
  return parts || mixed ? parts : atom(node);
}

// --- terms -----------------------------------------------------------------------------------------------------------

/// g of one theta with its first coefficient taken out, and a key that is equal for proportional g.
struct ScaledGroup {
  Group g;
  double scale = 1.0;
  std::string key;
};

ScaledGroup scaled(Group g) {
  ScaledGroup out{std::move(g), 1.0, {}};
  auto& sum = out.g.sum;
  std::sort(sum.begin(), sum.end(), [](const auto& a, const auto& b) { return a.second.key < b.second.key; });
  if (sum.front().first != 0.0) out.scale = sum.front().first;
  for (const auto& [coefficient, monomial] : sum)
    out.key += monomial.key + ':' + print_number(coefficient / out.scale) + '+';
  return out;
}

/// Merges groups with proportional g: theta_1 c_1 g + theta_2 c_2 g = (c_1 theta_1 + c_2 theta_2) g.
std::vector<SeparatedTerm> merged(std::vector<Group> groups) {
  std::vector<std::vector<ScaledGroup>> families;
  for (Group& g : groups) {
    ScaledGroup candidate = scaled(std::move(g));
    const auto same = [&](const std::vector<ScaledGroup>& family) { return family.front().key == candidate.key; };
    const auto at = std::find_if(families.begin(), families.end(), same);
    if (at == families.end()) {
      families.push_back({std::move(candidate)});
    } else {
      at->push_back(std::move(candidate));
    }
  }
  std::vector<SeparatedTerm> terms;
  for (std::vector<ScaledGroup>& family : families) {
    Group theta;
    for (const ScaledGroup& member : family) theta.sum.emplace_back(member.scale, member.g.shared);
    Group g = std::move(family.front().g);
    if (family.size() == 1) {
      theta.sum.front().first = 1.0;
    } else {
      for (auto& [coefficient, monomial] : g.sum) coefficient /= family.front().scale;
    }
    const NodePtr theta_node = theta.node();
    const NodePtr g_node = g.node();
    terms.push_back({Expression(theta_node, print(theta_node)), Expression(g_node, print(g_node))});
  }
  return terms;
}

}  // namespace

std::optional<std::vector<SeparatedTerm>> separate(const Expression& expression) {
  if (!depends_on_parameters(expression.tree())) return std::vector<SeparatedTerm>{{Expression(1.0), expression}};
  const Result polynomial = expand(expression.tree());
  if (!polynomial) return std::nullopt;
  if (polynomial->empty()) return std::vector<SeparatedTerm>{{Expression(1.0), Expression(0.0)}};
  return merged(group(*polynomial, &Term::theta, &Term::g));
}

}  // namespace ansatz::sdk
