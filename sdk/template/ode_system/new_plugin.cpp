#define ANSATZ_PLUGIN_AUTHOR "your name"
#define ANSATZ_PLUGIN_LICENCE "your licence"
#include "new_plugin.hpp"

ANSATZ_ODE_SYSTEM(NewPlugin, "new_plugin", "0.1.0", "predators and their prey")
