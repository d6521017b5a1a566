#pragma once
/// Symplectic methods for q'' = a(t, q) as sequences of kicks and drifts.

#include <span>
#include <string>
#include <vector>

namespace ansatz::time {

/// A step of length h from (t, q, v):
///
///   v += kicks[0] h a(t, q)
///   q += drifts[i] h v,  t += drifts[i] h,  v += kicks[i + 1] h a(t, q)   for i = 0, 1, ...
///
/// The last a of a step is the first of the next: one evaluation a drift. Methods are symmetric, so a step of -h undoes
/// one of h. They have their order where a does not depend on v (Nystroem methods).
struct SymplecticComposition {
  std::string name;
  int order = 0;
  std::vector<double> kicks;  ///< one more than drifts
  std::vector<double> drifts;
  std::string source;

  int num_evaluations() const { return static_cast<int>(drifts.size()); }
};

/// All compositions, by name.
std::span<const SymplecticComposition> symplectic_compositions();
/// \throws sdk::Error of kind case_file with a suggestion.
const SymplecticComposition& symplectic_composition(const std::string& name);

}  // namespace ansatz::time
