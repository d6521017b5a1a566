#define ANSATZ_PLUGIN_AUTHOR "your name"
#define ANSATZ_PLUGIN_LICENCE "your licence"
#include "new_plugin.hpp"

ANSATZ_PHYSICS(NewPlugin, "new_plugin", "0.1.0", "diffusion with a cubic reaction")
