#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""Levels and motions that little determines, or that only the solution of a nonlinear problem shows."""

import csv
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# A uniform state 300 by a source and a sink that the matrix sees less and less.
LEVEL = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [40, 40], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
reaction     = "r"
source       = "r * (300 + 25 * cos(pi * x))"
[parameters]
r = { range = [0.0, 1.0], default = 1e-6 }
[initial]
temperature = 299.0
[quantities]
mean    = { mean = "temperature" }
highest = { maximum = "temperature" }
[study]
type   = "sweep"
points = { values = { r = [1e-3, 1e-6, 1e-9, 1e-14, 1e-20] } }
"""
# The level at which radiation and its source balance, seen by the matrix by 1e-11 of the conduction.
RADIATION = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [10, 10], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
source = "1e-17 * (300^4 - temperature^4)"
[initial]
temperature = 200.0
[quantities]
mean = { mean = "temperature" }
"""
ROD = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [100], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", transfer_coefficient = 1e-8, ambient = 300.0 }]
[initial]
start = "steady"
[time]
method = "bdf2"
end    = 1.0
step   = 0.1
[quantities]
mean = { mean = "temperature" }
"""
# u = sin(2 pi y) / (4 pi^2 mu), 0 in the mean: any constant velocity can be added.
KOLMOGOROV = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 8], cell = "quadrilateral", periodic = [true, true] }
[solver]
order = 2
[physics.navier_stokes]
viscosity = 0.1
body_force = ["sin(2 * pi * y)", 0.0]
[quantities]
size = { norm = "velocity_x" }
mean = { mean = "velocity_x" }
across = { mean = "velocity_y" }
"""
# u'' = 1/2 - y between walls without friction.
SLIP = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [2.0, 1.0], cells = [3, 3], cell = "quadrilateral", periodic = [true, false] }
[solver]
order = 2
[physics.navier_stokes]
viscosity = 1.0
body_force = ["y - 0.5", 0.0]
boundary = [{ on = ["top", "bottom"], velocity_y = 0.0 }]
[quantities]
top  = { point = "velocity_x", at = [1.0, 1.0] }
mean = { mean = "velocity_x" }
"""
# Loads on springs all around a stiff body: 2 * 6e-3 = 6 * 1e-3 u.
WINKLER = """
plugins = ["elasticity"]
[mesh]
box = { size = [2.0, 1.0], cells = [2, 1], cell = "quadrilateral" }
[physics.elasticity]
model = "plane_stress"
youngs_modulus = 2e6
poisson_ratio = 0.3
body_force = [6e-3, 0.0]
boundary = [{ on = "all", traction = ["-1e-3 * displacement_x", "-1e-3 * displacement_y"] }]
[quantities]
ux = { mean = "displacement_x" }
uy = { mean = "displacement_y" }
"""
# (1 + T) T' = q: T + T^2 / 2 = q x + c.
VARIABLE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [40], cell = "interval" }
[physics.diffusion]
conductivity = "1 + temperature"
boundary = [{ on = "left", heat_flux = -0.2 }, { on = "right", heat_flux = 0.2 }]
[solver]
order = 2
[quantities]
mean  = { mean = "temperature" }
right = { point = "temperature", at = [1.0] }
"""


class WeaklyDetermined(ansatz_test.TestCase):
    def run_text(self, text, ranks=1, *arguments):
        return self.run_case(self.write_case(text), ranks, *arguments)

    def test_a_reaction_of_any_size_determines_the_level(self):
        # -u'' + r u = r (300 + 25 cos(pi x)): u = 300 + 25 r cos(pi x) / (r + pi^2).
        result = self.run_text(LEVEL, 2)
        with open(result.folder / "sweep.csv") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 5)
        for row in rows:
            values = {name.split()[0]: float(value) for name, value in row.items()}
            self.assertAlmostEqual(values["mean"], 300.0, delta=1e-6, msg=values)
            r = values["r"]
            self.assertAlmostEqual(values["highest"], 300.0 + 25.0 * r / (r + math.pi**2), delta=1e-5, msg=values)

    def test_a_heat_transfer_of_any_size_determines_the_level(self):
        text = LEVEL[: LEVEL.index("[parameters]")].replace("reaction ", "# ").replace("source ", "# ") + """boundary = [
  { on = "left", transfer_coefficient = 1e-9, ambient = 300.0 }, { on = "right", heat_flux = 1e-7 }]
[quantities]
mean = { mean = "temperature" }
"""
        for h in (1e-4, 1e-9, 1e-15):
            q = 100.0 * h
            result = self.run_text(text.replace("1e-9", repr(h)).replace("1e-7", repr(q)), 1)
            self.assert_value(result, "mean", 400.0 + q / 2, absolute=4e-6)

    def test_a_nonlinear_balance_that_the_matrix_hardly_sees_determines_the_level(self):
        self.assert_value(self.run_text(RADIATION, 2), "mean", 300.0, absolute=1e-6)

    def test_a_steady_start_is_found_where_little_determines_its_level(self):
        self.assert_value(self.run_text(ROD), "mean", 300.0, absolute=1e-6)

    def test_a_flow_that_may_drift_has_the_mean_zero(self):
        for ranks in (1, 2):
            result = self.run_text(KOLMOGOROV, ranks)
            self.assert_value(result, "size", math.sqrt(0.5) / (4.0 * math.pi**2 * 0.1), relative=1e-3)
            self.assert_value(result, "mean", 0.0, absolute=1e-10)
            self.assert_value(result, "across", 0.0, absolute=1e-10)
        result = self.run_text(SLIP, 2)
        self.assert_value(result, "top", 1.0 / 24.0, relative=1e-3)
        self.assert_value(result, "mean", 0.0, absolute=1e-10)

    def test_a_force_that_nothing_stops_is_refused_with_its_motion(self):
        path = self.write_case(KOLMOGOROV.replace("sin(2 * pi * y)", "1.0"))
        process = ansatz_test.run(path, 2, out=self.folder / "bad", cwd=self.folder)
        self.assertIn(process.returncode, (2, 5))
        self.assertIn("velocity is determined up to a motion along x", process.stderr)
        self.assertIn("net source -", process.stderr)

    def test_springs_of_any_stiffness_hold_a_body(self):
        for modulus in ("2e3", "2e6", "2e9", "2e11"):
            result = self.run_text(WINKLER.replace("2e6", modulus))
            self.assert_value(result, "ux", 2.0, relative=1e-6)
            self.assert_value(result, "uy", 0.0, absolute=2e-6)
        # A couple: 1e-3 * 2 / 3 = 4.5e-3 times the angle, by the moments of the springs.
        turned = WINKLER.replace("[6e-3, 0.0]", '[0.0, "1e-3 * (x - 1)"]').replace('"displacement_y" }', '"displacement_y", on = "right" }')
        for modulus in ("2e6", "2e11"):
            self.assert_value(self.run_text(turned.replace("2e6", modulus)), "uy", 4.0 / 27.0, relative=1e-6)
        # On one side only, whose balance of moments asks for no turn: 2 * 6e-3 = 1e-3 u.
        left = WINKLER.replace('on = "all"', 'on = "left"')
        self.assert_value(self.run_text(left, 2), "ux", 12.0, relative=1e-6)

    def test_a_nonlinear_problem_without_a_level_is_solved_at_the_mean_zero(self):
        # The mean of sqrt(2 q x + c) - 1 is 0.
        low, high = 0.5, 1.5
        for _ in range(60):
            c = 0.5 * (low + high)
            low, high = (c, high) if ((c + 0.4) ** 1.5 - c**1.5) / 0.6 < 1.0 else (low, c)
        result = self.run_text(VARIABLE)
        self.assert_value(result, "mean", 0.0, absolute=1e-9)
        self.assert_value(result, "right", math.sqrt(0.4 + c) - 1.0, absolute=1e-6)


if __name__ == "__main__":
    ansatz_test.main()
