#include "engine/linear/tuning/built_in.hpp"

#include "engine/linear/tuning/chebyshev_tuner.hpp"
#include "engine/linear/tuning/tsallis_tuner.hpp"

namespace ansatz::linear {
namespace {

template <class T>
std::unique_ptr<sdk::Tuner> make(std::span<const sdk::Knob> knobs, const sdk::ParameterSet& options) {
  return std::make_unique<T>(knobs, options);
}

}  // namespace

void register_tuners(sdk::Registrar& registrar) {
  registrar.add_tuner("tsallis_inf", "a bandit over a few values of each knob, with `bins` also by context",
                      TsallisTuner::options(), make<TsallisTuner>);
  registrar.add_tuner("cheb_cb",
                      "a contextual bandit: costs of a few values of each knob as polynomials of the context",
                      ChebyshevTuner::options(), make<ChebyshevTuner>);
}

}  // namespace ansatz::linear
