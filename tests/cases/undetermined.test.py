#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""What equations leave undetermined: one answer on any number of ranks, or an error that names the part and the motion."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# Two squares that share no nodes (8 and 9 lie on 2 and 5).
UNTIED = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
4
2 1 "cold"
2 2 "hot"
1 3 "west"
1 4 "east"
$EndPhysicalNames
$Nodes
8
1 0 0 0
2 1 0 0
3 2 0 0
4 0 1 0
5 1 1 0
6 2 1 0
8 1 0 0
9 1 1 0
$EndNodes
$Elements
6
1 2 2 1 1 1 2 5
2 2 2 1 1 1 5 4
3 2 2 2 2 8 3 6
4 2 2 2 2 8 6 9
5 1 2 3 3 1 4
6 1 2 4 4 3 6
$EndElements
"""
PARTS = """
plugins = ["diffusion", "gmsh"]
[mesh]
file = "untied.msh"
[physics.diffusion]
conductivity = 1.0
source   = { by_region = { hot = "x - 1.5" }, default = 0.0 }
boundary = [{ on = "west", temperature = 5.0 }]
[quantities]
mean = { mean = "temperature" }
hot  = { mean = "temperature", region = "hot" }
cold = { mean = "temperature", region = "cold" }
"""
# Two squares that share the vertex (1, 1) only; the second is pulled along x.
HINGE = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
5
2 1 "lower"
2 2 "upper"
1 3 "west"
1 4 "east"
1 5 "middle"
$EndPhysicalNames
$Nodes
7
1 0 0 0
2 1 0 0
3 0 1 0
4 1 1 0
5 2 1 0
6 1 2 0
7 2 2 0
$EndNodes
$Elements
7
1 2 2 1 1 1 2 4
2 2 2 1 1 1 4 3
3 2 2 2 2 4 5 7
4 2 2 2 2 4 7 6
5 1 2 3 3 1 3
6 1 2 4 4 5 7
7 1 2 5 5 4 6
$EndElements
"""
BODY = """
plugins = ["elasticity"]
[mesh]
box = { size = [2.0, 1.0], cells = [8, 4], cell = "quadrilateral" }
[physics.elasticity]
model = "plane_stress"
youngs_modulus = 1000.0
poisson_ratio  = 0.3
boundary = [{ on = "left", traction = [-10.0, 0.0] }, { on = "right", traction = [10.0, 0.0] }]
[quantities]
error  = { maximum = "abs(displacement_x - 0.01 * (x - 1)) + abs(displacement_y + 0.003 * (y - 0.5))" }
ux     = { mean = "displacement_x", on = "right" }
uy     = { mean = "displacement_y" }
stress = { mean = "stress_xx" }
"""
SOLID = """
plugins = ["elasticity"]
[mesh]
box = { size = [2.0, 1.0, 1.0], cells = [2, 1, 1], cell = "hexahedron" }
[physics.elasticity]
youngs_modulus = 1000.0
poisson_ratio  = 0.3
boundary = [{ on = "left", traction = [-10.0, 0.0, 0.0] }, { on = "right", traction = [10.0, 0.0, 0.0] }]
[quantities]
error = { maximum = "abs(displacement_x - 0.01 * (x - 1)) + abs(displacement_y + 0.003 * (y - 0.5))" }
"""
# Heated from above through the walls of a closed vessel: at rest, T = y - 1/2, and the pressure carries the buoyancy.
VESSEL = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [4, 4], cell = "quadrilateral" }
[physics.boussinesq]
viscosity    = 1.0
expansion    = 2.0
gravity      = [0.0, -3.0]
conductivity = 4.0
boundary     = [{ on = "all", velocity = [0.0, 0.0] }, { on = "top", heat_flux = 4.0 }, { on = "bottom", heat_flux = -4.0 }]
[solver]
order = 2
[quantities]
mean = { mean = "temperature" }
top  = { mean = "temperature", on = "top" }
pressure = { mean = "pressure" }
error = { maximum = "abs(temperature - y + 0.5)" }
"""
COPPER = """
plugins = ["diffusion"]
[mesh]
box = { size = [0.1], cells = [1000], cell = "interval" }
[physics.diffusion]
conductivity = 400.0
capacity     = 3.45e6
[initial]
temperature = "300 + 10 * cos(pi * x / 0.1)"
[time]
method = "bdf"
end    = 86400
relative_tolerance = 1e-6
absolute_tolerance = 1e-6
[quantities]
mean = { mean = "temperature" }
"""
CHIP = """
plugins = ["diffusion"]
[mesh]
box = { size = [1e-4], cells = [100], cell = "interval" }
[physics.diffusion]
conductivity = 150.0
capacity     = 1.66e6
source       = "t < 0.1 ? 1e7 : 0"
[initial]
temperature = 300.0
[time]
method = "backward_euler"
end    = 10.0
step   = 0.1
[quantities]
mean = { mean = "temperature" }
"""
# Balanced forces on a periodic medium: (lambda + 2 mu) u'' = -sin(2 pi x).
PERIODIC = """
plugins = ["elasticity"]
[mesh]
box = { size = [1.0, 1.0], cells = [12, 12], cell = "triangle", periodic = [true, true] }
[physics.elasticity]
youngs_modulus = 1000.0
poisson_ratio  = 0.0
body_force     = ["sin(2 * pi * x)", 0.0]
[solver]
order = 2
[quantities]
highest = { maximum = "displacement_x" }
mean    = { mean = "displacement_x" }
"""
NEUMANN = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "triangle" }
[physics.diffusion]
conductivity = "k"
boundary = [{ on = "left", heat_flux = 1.0 }, { on = "right", heat_flux = -1.0 }]
[parameters]
k = { range = [0.5, 2.0], default = 1.0 }
[solver]
type = "reduced_basis"
"""


class Undetermined(ansatz_test.TestCase):
    def run_text(self, text, ranks=1, *arguments):
        return self.run_case(self.write_case(text), ranks, *arguments)

    def refused(self, text, *words, ranks=1, arguments=()):
        process = ansatz_test.run(self.write_case(text), ranks, *arguments, out=self.folder / "bad", cwd=self.folder)
        self.assert_error(process, 2, *words)

    def test_a_part_that_shares_no_nodes_with_what_is_prescribed_has_the_mean_zero(self):
        (self.folder / "untied.msh").write_text(UNTIED)
        for ranks in (1, 2):
            result = self.run_text(PARTS, ranks)
            self.assertIn('temperature is determined up to a constant in region "hot"', result.process.stdout)
            self.assert_value(result, "mean", 2.5, absolute=1e-12)
            self.assert_value(result, "hot", 0.0, absolute=1e-12)
            self.assert_value(result, "cold", 5.0, absolute=1e-12)
        self.refused(PARTS.replace("x - 1.5", "x - 1.4"), "temperature", 'in region "hot"', "net source -0.1", ranks=2)

    def test_insulated_bodies_keep_and_gain_their_heat_over_any_time(self):
        self.assert_value(self.run_text(COPPER), "mean", 300.0, absolute=1e-6)
        heated = COPPER.replace('"300 + 10 * cos(pi * x / 0.1)"', "300.0").replace("[initial]", "source = 1000.0\n[initial]")
        heated = heated[: heated.index("[time]")] + '[time]\nmethod = "backward_euler"\nend = 864000\nstep = 86400\n' + \
            heated[heated.index("[quantities]"):]
        self.assert_value(self.run_text(heated), "mean", 300.0 + 1000.0 * 864000 / 3.45e6, absolute=4e-5)
        # Heat for 0.1 s by one step of backward Euler, which ends where the source does; by the balance of heat.
        self.assert_value(self.run_text(CHIP), "mean", 300.0 + 1e7 * 0.1 / 1.66e6, absolute=1e-6)

    def test_a_free_body_under_balanced_loads_has_one_answer_without_motions(self):
        for ranks in (1, 2):
            result = self.run_text(BODY, ranks)
            self.assertIn("displacement is determined up to a rotation", result.process.stdout)
            self.assert_value(result, "error", 0.0, absolute=1e-12)
            self.assert_value(result, "stress", 10.0, relative=1e-10)
        held = BODY.replace('{ on = "left", traction = [-10.0, 0.0] }', '{ on = "left", displacement_x = 0.0 }')
        for ranks in (1, 2):
            result = self.run_text(held, ranks)
            self.assertIn("displacement is determined up to a motion along y", result.process.stdout)
            self.assertNotIn("rotation", result.process.stdout)
            self.assert_value(result, "ux", 0.02, relative=1e-10)
            self.assert_value(result, "uy", 0.0, absolute=1e-14)

    def test_loads_that_would_move_a_free_body_are_refused_with_the_motion(self):
        self.refused(BODY.replace("[-10.0, 0.0]", "[-9.0, 0.0]"), "displacement", "a motion along x", "net source")
        couple = BODY.replace("[-10.0, 0.0]", "[0.0, -1.0]").replace("[10.0, 0.0]", "[0.0, 1.0]")
        self.refused(couple, "displacement", "a rotation", ranks=2)
        # Thermal forces are far larger, but no motion feels them.
        heated = BODY.replace('"left", traction = [-10.0, 0.0]', '"left", displacement_x = 0.0')
        heated = heated.replace('"right", traction = [10.0, 0.0]', '"right", displacement_x = 0.0')
        heated = heated.replace("poisson_ratio  = 0.3", 'poisson_ratio = 0.3\nexpansion = 1e-5\ntemperature = "100"')
        self.assert_value(self.run_text(heated), "stress", -1.0, relative=1e-9)
        loaded = heated.replace("boundary = [", 'boundary = [{ on = "top", traction = [0.0, 1e-7] }, ')
        self.refused(loaded, "displacement", "a motion along y", "net source -2e-07")

    def test_lengths_do_not_matter(self):
        micro = BODY.replace("[2.0, 1.0]", "[2e-6, 1e-6]").replace("1000.0", "1e9").replace("0.01 * (x - 1)", "1e-8 * (x - 1e-6)")
        micro = micro.replace("0.003 * (y - 0.5)", "3e-9 * (y - 5e-7)")
        self.assert_value(self.run_text(micro), "error", 0.0, absolute=1e-24)

    def test_a_periodic_medium_may_move_but_not_turn(self):
        for ranks in (1, 3):
            result = self.run_text(PERIODIC, ranks)
            self.assertEqual(result.process.stdout.count("displacement is determined up to a motion along"), 2)
            self.assertNotIn("rotation", result.process.stdout)
            self.assert_value(result, "mean", 0.0, absolute=1e-16)
            self.assert_value(result, "highest", 1.0 / (1000.0 * 4.0 * math.pi**2), relative=2e-3)

    def test_reduced_bases_of_undetermined_problems_are_refused(self):
        self.refused(NEUMANN, "temperature up to a constant", "one solution")

    def test_six_motions_of_a_solid_are_free_with_more_ranks_than_cells(self):
        result = self.run_text(SOLID, 4)
        self.assertEqual(result.process.stdout.count("displacement is determined up to"), 6)
        self.assert_value(result, "error", 0.0, absolute=1e-12)

    def test_blocks_that_share_a_vertex_only_may_turn_about_it(self):
        (self.folder / "untied.msh").write_text(HINGE)
        text = BODY[: BODY.index("[quantities]")].replace('box = { size = [2.0, 1.0], cells = [8, 4], cell = "quadrilateral" }',
                                                         'file = "untied.msh"').replace('"elasticity"]', '"elasticity", "gmsh"]')
        text = text.replace('on = "left"', 'on = "middle"').replace('on = "right"', 'on = "east"')
        text = text.replace("boundary = [", 'boundary = [{ on = "west", displacement = [0.0, 0.0] }, ')
        text += '[quantities]\nstress = { mean = "stress_xx", region = "upper" }\nstill = { mean = "displacement_x", region = "lower" }\n'
        for ranks in (1, 3):
            result = self.run_text(text, ranks)
            self.assertIn("displacement is determined up to a rotation", result.process.stdout)
            self.assert_value(result, "stress", 10.0, relative=1e-10)
            self.assert_value(result, "still", 0.0, absolute=1e-13)
        self.refused(text.replace("[10.0, 0.0]", "[0.0, 10.0]"), "a rotation")

    def test_the_level_of_a_temperature_in_a_closed_vessel_goes_with_a_linear_pressure(self):
        for ranks in (1, 2):
            result = self.run_text(VESSEL, ranks)
            self.assertIn("temperature with pressure is determined up to a constant", result.process.stdout)
            self.assert_value(result, "mean", 0.0, absolute=1e-10)
            self.assert_value(result, "pressure", 0.0, absolute=1e-10)
            self.assert_value(result, "error", 0.0, absolute=1e-8)
        self.refused(VESSEL.replace("-4.0", "-3.0"), "temperature", "net source")


if __name__ == "__main__":
    ansatz_test.main()
