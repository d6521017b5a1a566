#pragma once
/// Problems that are not coercive, for tests of inf-sup constants.

#include "engine/reduced/stability/inf_sup.hpp"
#include "tests/mpi/reduced_problems.hpp"

namespace ansatz::test::infsup {

// -lap u + b u_x - s u = 1: indefinite for s above the first eigenvalue 2 pi^2 = 19.7; the second is 49.3.
inline const std::string indefinite = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 1.0
velocity     = ["b", 0.0]
reaction     = "-s"
source       = "1 + x"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
b = { range = [0.0, 4.0], default = 0.0 }
s = { range = [26.0, 36.0], default = 30.0 }
)toml";

// Waves in a box with an absorbing side, a hard one and two soft ones: no resonance at real wave numbers.
inline const std::string waves = R"toml(
plugins = ["helmholtz"]
[mesh]
box = { size = [1.0, 1.0], cells = [5, 5], cell = "triangle", pattern = "crossed" }
[physics.helmholtz]
wave_number = 1.0
index       = "k^2"
source_re   = "x"
source_im   = "k * y"
boundary    = [{ on = "right", impedance = "k" }, { on = ["bottom", "top"], u_re = 0.0, u_im = 0.0 }]
[parameters]
k = { range = [1.0, 6.0], default = 2.0 }
)toml";

inline sampling::TrainingSet points(const Fixture& f, const std::string& method, std::size_t size, std::uint64_t seed) {
  return sampling::sample(sampling::ParameterBox(f.box), {.method = method, .size = size, .seed = seed});
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline reduced::ReducedBasis basis_of(Fixture& f, const Pairs& pairs = {}, double length = 0.2) {
  reduced::BasisOptions options;
  options.product.kind = "h1";
  options.product.length = length;
  options.pairs = pairs;
  return {f.problem.form(), *f.separate(), f.box, f.reference, {}, options};
}

inline reduced::SingularValues singular_values(const reduced::ReducedBasis& basis) {
  return {basis.problem(), basis.symmetric_terms(), basis.made_product().matrix};
}

inline std::vector<double> copy(std::span<const double> mu) { return {mu.begin(), mu.end()}; }

/// Error of a reduced solution in the norm of X.
inline double error_at(Fixture& f, const reduced::ReducedBasis& basis, std::span<const double> mu,
                       const reduced::ReducedModel::Result& result) {
  auto difference = fem_solution(f, copy(mu));
  linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), difference);
  return basis.product().norm(difference);
}

}  // namespace ansatz::test::infsup
