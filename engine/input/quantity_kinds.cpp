#include "engine/input/quantity_kinds.hpp"

#include <algorithm>

namespace ansatz::input {

const std::vector<QuantityKind>& quantity_kinds() {
  using Kind = QuantitySpec::Kind;
  constexpr const char* expression = "an expression of fields, gradients, derived fields, coordinates, parameters";
  static const std::vector<QuantityKind> kinds{
      {Kind::point, "point", expression, "value at a point", {"at", "region"}},
      {Kind::mean, "mean", expression, "mean over the domain, a region or a boundary", {"on", "region"}},
      {Kind::integral, "integral", expression, "integral over the domain, a region or a boundary", {"on", "region"}},
      {Kind::deviation,
       "deviation",
       expression,
       "standard deviation from that mean: the root of the mean of (q - mean of q)^2",
       {"on", "region"},
       "not linear"},
      {Kind::reaction,
       "reaction",
       "a field, or a component of one",
       "what it takes to prescribe the field on a boundary: a flux or force, from the equations",
       {"on"},
       "a reaction"},
      {Kind::norm, "norm", expression, "norm over the domain or a region", {"type", "region"}, "not linear"},
      {Kind::maximum, "maximum", expression, "largest value at nodes", {"region"}, "not linear"},
      {Kind::minimum, "minimum", expression, "smallest value at nodes", {"region"}, "not linear"},
      {Kind::formula,
       "formula",
       "an expression of quantities further up and of those that the physics declares",
       "formula of quantities",
       {},
       "a formula"},
      {Kind::over_time,
       "over_time",
       "the statistic",
       "statistic over time of a quantity",
       {"of", "after"},
       "not linear"},
  };
  return kinds;
}

const QuantityKind& quantity_kind(QuantitySpec::Kind kind) {
  return *std::ranges::find(quantity_kinds(), kind, &QuantityKind::kind);
}

KeyInfo quantity_key(const std::string& name) {
  static const std::vector<KeyInfo> keys{
      {.name = "at", .type = KeyType::numbers, .doc = "the position", .unit = "m", .least = 1, .most = 3},
      {.name = "on", .type = KeyType::text, .doc = "a boundary"},
      {.name = "region", .type = KeyType::text, .doc = "a region", .initial = "the whole domain"},
      {.name = "type",
       .type = KeyType::word,
       .doc = "of the norm; h1_semi is that of the gradient",
       .words = {"l2", "h1_semi"},
       .initial = "\"l2\"",
       .is_value = true},
      {.name = "of",
       .type = KeyType::text,
       .doc = "the name of a quantity further up, or of one that the physics declares"},
      {.name = "after", .type = KeyType::number, .doc = "from this time on", .unit = "s", .initial = "the start"},
      {.name = "over_time",
       .type = KeyType::word,
       .doc = "the statistic",
       .words = {"maximum", "minimum", "mean", "peak_to_peak", "frequency"}},
      {.name = "unit",
       .type = KeyType::text,
       .doc =
           "its unit, where it is not known, or another (integrals of a slice of some depth); values are not converted",
       .initial = "that of the expression, where known"},
  };
  return *std::ranges::find(keys, name, &KeyInfo::name);
}

}  // namespace ansatz::input
