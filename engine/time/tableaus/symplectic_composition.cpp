#include "engine/time/tableaus/symplectic_composition.hpp"

#include <numeric>

#include "engine/time/tableaus/named_table.hpp"

namespace ansatz::time {
namespace {

/// The whole of a symmetric sequence of sum 1 from its first half without the middle, which follows from the sum:
/// one middle entry, or a pair of equal ones.
std::vector<double> symmetric(std::vector<double> half, int middle_entries) {
  const double middle = (1.0 - 2.0 * std::accumulate(half.begin(), half.end(), 0.0)) / middle_entries;
  const std::vector<double> mirrored(half.rbegin(), half.rend());
  half.insert(half.end(), middle_entries, middle);
  half.insert(half.end(), mirrored.begin(), mirrored.end());
  return half;
}

const std::vector<SymplecticComposition>& methods() {
  static const std::vector<SymplecticComposition> table{
      {.name = "leapfrog", .order = 2, .kicks = {0.5, 0.5}, .drifts = {1.0}, .source = "Stoermer, 1907; Verlet, 1967"},
      {.name = "blanes_moan4",
       .order = 4,
       .kicks = symmetric({0.0829844064174052, 0.396309801498368, -0.0390563049223486}, 1),
       .drifts = symmetric({0.245298957184271, 0.604872665711080}, 2),
       .source = "SRKN 6b, Blanes and Moan, J. Comput. Appl. Math. 142, 2002"},
      {.name = "blanes_moan6",
       .order = 6,
       .kicks = symmetric(
           {0.0414649985182624, 0.198128671918067, -0.0400061921041533, 0.0752539843015807, -0.0115113874206879}, 2),
       .drifts = symmetric(
           {0.123229775946271, 0.290553797799558, -0.127049212625417, -0.246331761062075, 0.357208872795928}, 1),
       .source = "SRKN 11b, Blanes and Moan, J. Comput. Appl. Math. 142, 2002"}};
  return table;
}

}  // namespace

std::span<const SymplecticComposition> symplectic_compositions() { return methods(); }

const SymplecticComposition& symplectic_composition(const std::string& name) {
  return named_entry(symplectic_compositions(), name, "symplectic method");
}

}  // namespace ansatz::time
