#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include "brusselator_1d.hpp"
#include "oscillators.hpp"
#include "pollu.hpp"
#include "reactions.hpp"
#include "ring_modulator.hpp"

using namespace ansatz;

namespace {

void register_all(sdk::Registrar& registrar) {
  using namespace reaction_kinetics;
  using sdk::add_ode_system;
  add_ode_system<Rober>(registrar, "rober", "three reactions of Robertson, to 1e11 s");
  add_ode_system<Vdpol>(registrar, "vdpol", "oscillator of van der Pol");
  add_ode_system<Orego>(registrar, "orego", "oregonator: limit cycle of the reaction of Belousov and Zhabotinsky");
  add_ode_system<Hires>(registrar, "hires", "high irradiance response of plants, eight reactants");
  add_ode_system<E5>(registrar, "e5", "pyrolysis, concentrations of very different sizes");
  add_ode_system<Pollu>(registrar, "pollu", "air pollution, 20 species; time in minutes");
  add_ode_system<RingModulator>(registrar, "ring_modulator", "electric circuit that mixes two frequencies");
  add_ode_system<Brusselator1d>(registrar, "brusselator_1d", "Brusselator with diffusion along a line");
  add_ode_system<Brusselator0d>(registrar, "brusselator_0d", "Brusselator of three species, tests of SUNDIALS");
  add_ode_system<Kpr>(registrar, "kpr", "equation of Kvaerno, Prothero and Robinson, with a known solution");
}

}  // namespace

ANSATZ_PLUGIN("reaction_kinetics", "1.0.0", ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE,
              "stiff systems of chemistry and electronics", register_all)
