#define ANSATZ_PLUGIN_AUTHOR "Ansatz developers"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include "bodies.hpp"
#include "orbits.hpp"
#include "published.hpp"

using namespace ansatz;

namespace {

void register_all(sdk::Registrar& registrar) {
  sdk::add_ode_system<nbody::Bodies>(registrar, "bodies", "point masses that attract each other, given by the case");
  sdk::add_ode_system<nbody::Pleiades>(registrar, "pleiades",
                                       "seven stars in a plane, masses 1 to 7; test set for initial-value problems");
  sdk::add_ode_system<nbody::Arenstorf>(registrar, "arenstorf",
                                        "satellite of earth and moon in the turning frame, on a closed orbit");
  sdk::add_ode_system<nbody::FigureEight>(registrar, "figure_eight",
                                          "three equal masses that follow each other along an eight");
  sdk::add_ode_system<nbody::ThreeBody>(registrar, "three_body",
                                        "three solar masses in a plane at places drawn by a seed, T = 0.09188 years");
  sdk::add_ode_system<nbody::Kepler>(registrar, "kepler", "planet around a fixed sun, period 2 pi");
}

}  // namespace

ANSATZ_PLUGIN("nbody", "1.0.0", ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE, "bodies that attract each other",
              register_all)
