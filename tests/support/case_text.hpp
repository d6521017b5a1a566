#pragma once
/// A small valid case for the physics of the tests, and how tests parse it.

#include <string>
#include <vector>

#include "engine/input/case_parser.hpp"
#include "tests/support/fake_physics.hpp"

namespace ansatz::test {

/// Lines 1 to 6; further lines begin at 7.
inline const std::string small_case = R"(title = "Block"
[mesh]
box = { size = [1.0, 2.0], cells = [4, 8] }
[physics.heat]
conductivity = 3.5
boundary = [{ on = "all", temperature = 0.0 }]
)";

/// Every section and every form of value.
inline const std::string full_case = R"toml(title   = "Full \"case\""
plugins = []

[mesh]
box    = { origin = [-1.0, 0.0], size = [1.0, 2.0], cells = [4, 8], cell = "triangle", pattern = "crossed", periodic = [false, true] }
refine = 1
scale  = 1e-3
map    = ["x + k1*y", "y"]

[physics.heat]
assumption   = "plane_stress"
conductivity = { by_block = [2, 2], values = ["k1", 2.0, [1.0, "k2"], [[1.0, 0.1], [0.1, 2.0]]] }
capacity     = { by_region = { steel = 3.0, "cast iron" = "1 + t" }, default = 0.1 }
body_force   = [0.0, "-9.81*capacity0"]
expansion    = [1e-5, 1e-5, 2e-5]
boundary     = [
  { on = "left", temperature = "sin(pi*y)", displacement = [0.0, "free"] },
  { on = ["right", "top"], displacement_y = 0.0, film = 10.0, flux = "10*t", traction_x = 1e6 },
]

[parameters]
k1 = { range = [0.1, 1.0], default = 0.3, unit = "W/(m K)", doc = "left half" }
k2 = { range = [2, 3], default = 2 }

[constants]
capacity0 = 0.1

[regions.steel]
carbon = 0.02

[tables.curve]
x = [0.0, 1.0, 2.5]
y = [1.0, 0.1, -3.0]

[data.before]
file      = "old/fields.hdf.series"
field     = "temperature"
component = 0
time      = 3.0

[solver]
order = 2
quadrature_degree = 5

[linear]
solver = "cg"
preconditioner = "hypre"
relative_tolerance = 1e-12
petsc = "-ksp_monitor"

[time]
method = "bdf2"
end = 1.0
step = 0.1

[initial]
temperature = 293.15
displacement_x = "before"

[quantities]
tip   = { point = "stress_yy", at = [0.5, 1.0], region = "steel", unit = "MPa" }
mean  = { mean = "temperature" }
heat  = { reaction = "temperature", on = "left" }
power = { integral = "heat_flux_x", on = "right" }
size  = { norm = "temperature", type = "h1_semi" }
high  = { maximum = "temperature" }
low   = { minimum = "temperature" }

[output]
fields = ["temperature", "stress"]
layout = "single"
every  = 5
)toml";

/// Parses a text with the physics of the tests; the file is called case.toml. *Collective.*
inline input::Case parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, {});
  registry.add_built_in("fake", "for tests", register_fake_physics);
  return input::parse_case(text, "case.toml", overrides, registry, comm);
}

/// The error of a text, as printed for the user.
inline std::string report_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return error_of([&] { parse(text, overrides); }).report();
}

}  // namespace ansatz::test
