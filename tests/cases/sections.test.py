#!/usr/bin/python3
# ranks: 1
# timeout: 200
"""Sections of a case do what they say: data from files, tables, constants, periodic sides, time, options of PETSc."""

import csv
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

LINEAR = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 5], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = "x + 2*y" }]
[solver]
order = 2
[quantities]
mean = { mean = "temperature" }
"""


class Sections(ansatz_test.TestCase):
    def run_text(self, text, ranks, name="case.toml", *arguments):
        return self.run_case(self.write_case(text, name), ranks, *arguments)

    def test_a_field_of_another_run_serves_as_boundary_value_initial_value_and_source(self):
        first = self.run_text(LINEAR, 3)
        data = f'[data.T0]\nfile = "{first.folder}/fields.hdf.series"\nfield = "temperature"\n'
        text = LINEAR.replace('"x + 2*y" }]', '"T0" }]\nsource = "T0 - x - 2*y"') + data
        text += '[initial]\ntemperature = "T0"\n[time]\nmethod = "backward_euler"\nend = 1.0\nstep = 0.5\n'
        second = self.run_text(text, 2, "second.toml")
        # The data are the steady solution, so nothing changes: the mean of x + 2 y.
        self.assert_value(second, "mean", 1.5, relative=1e-9)
        with open(second.folder / "quantities.csv") as file:
            rows = list(csv.reader(file))
        self.assertEqual([float(row[0]) for row in rows[1:]], [0.0, 0.5, 1.0])
        for row in rows[1:]:
            self.assertAlmostEqual(float(row[1]), 1.5, delta=1e-9)

    def test_tables_and_constants_are_used_in_expressions(self):
        text = LINEAR.replace('"x + 2*y"', '"shape(x) * height"') + "[constants]\nheight = 3.0\n[tables.shape]\nx = [0.0, 1.0]\ny = [1.0, 2.0]\n"
        # 3 (1 + x) is harmonic: its mean is 4.5.
        self.assert_value(self.run_text(text, 2), "mean", 4.5, relative=1e-9)

    def test_a_value_outside_of_a_table_is_an_error(self):
        text = LINEAR.replace('"x + 2*y"', '"shape(x)"') + "[tables.shape]\nx = [0.0, 0.5]\ny = [1.0, 2.0]\n"
        process = ansatz_test.run(self.write_case(text), 2, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 5, "prescribed value", "all")

    def test_a_periodic_box_has_the_periodic_solution(self):
        # -u'' = (2 pi)^2 sin(2 pi x) in x, periodic in x, u = sin(2 pi x) on the other sides.
        text = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 0.5], cells = [N, 12], cell = "quadrilateral", periodic = [true, false] }
[physics.diffusion]
conductivity = 1.0
source = "(2*pi)^2 * sin(2*pi*x)"
boundary = [{ on = ["bottom", "top"], temperature = "sin(2*pi*x)" }]
[solver]
order = 2
[quantities]
error = { norm = "temperature - sin(2*pi*x)" }
seam = { point = "temperature", at = [1.0, 0.25] }
"""
        for ranks in (1, 3):
            coarse, fine = (self.run_text(text.replace("N,", f"{n},"), ranks) for n in (24, 48))
            self.assertAlmostEqual(math.log2(coarse.value("error") / fine.value("error")), 3.0, delta=0.1)
            self.assertLess(abs(fine.value("seam")), 1e-5)

    def test_transient_runs_reach_the_order_of_their_method(self):
        # u = exp(-t) x (1 - x) lies in the quadratic space: the error is that of the time integration alone.
        text = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 0.1
source = "exp(-t) * (0.2 - x*(1 - x))"
boundary = [{ on = "all", temperature = 0.0 }]
[initial]
temperature = "x*(1 - x)"
[time]
method = "METHOD"
end = 1.0
step = STEP
[solver]
order = 2
[quantities]
error = { norm = "temperature - exp(-t)*x*(1 - x)" }
"""
        for method, order in (("backward_euler", 1.0), ("crank_nicolson", 2.0), ("bdf2", 2.0)):
            errors = [self.run_text(text.replace("METHOD", method).replace("STEP", str(step)), 1).value("error")
                      for step in (0.05, 0.025)]
            self.assertAlmostEqual(math.log2(errors[0] / errors[1]), order, delta=0.1, msg=method)

    def test_reactions_balance_the_source(self):
        text = LINEAR.replace('"x + 2*y"', "0.0").replace("conductivity = 1.0", "conductivity = 1.0\nsource = 2.0")
        text += 'out = { reaction = "temperature", on = "all" }\n'
        # All heat produced, 2 W over the unit square, leaves through the boundary.
        self.assert_value(self.run_text(text, 2), "out", -2.0, relative=1e-9)

    def test_an_unread_option_of_petsc_is_an_error(self):
        text = LINEAR + '[linear]\npetsc = "-ksp_typo 1"\n'
        process = ansatz_test.run(self.write_case(text), 1, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 5, "ksp_typo")


if __name__ == "__main__":
    ansatz_test.main()
