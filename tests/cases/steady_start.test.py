#!/usr/bin/python3
# timeout: 120
# ranks: 2
"""Runs in time that start from a steady state, as it is or perturbed, against exact solutions."""

import csv
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# Steady for the data at t = 2: u = 7 + x (1 - x). A sine decays with the rate 0.1 pi^2.
ROD = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [16], cell = "interval" }
[physics.diffusion]
conductivity = 0.1
source = "0.1 * t"
boundary = [{ on = "all", temperature = 7.0 }]
[initial]
start = "steady"
[initial.perturbation]
temperature = "0.5 * sin(pi * x)"
[time]
method = "crank_nicolson"
start = 2.0
end = 3.0
step = 0.02
[output]
every = 50
[solver]
order = 2
[quantities]
middle = { point = "temperature", at = [0.5] }
end = { point = "temperature", at = [1.0] }
start_error = { norm = "temperature - (7 + x * (1 - x))" }
"""
# A driven flow in a closed vessel, so with a pressure that is determined up to a constant.
VESSEL = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [5, 5], cell = "quadrilateral" }
[parameters]
reynolds = { range = [1.0, 500.0], default = 200.0 }
[physics.navier_stokes]
viscosity = "1 / reynolds"
boundary = [
  { on = "top", velocity = ["16 * x^2 * (1 - x)^2", 0.0] },
  { on = ["left", "right", "bottom"], velocity = [0.0, 0.0] },
]
[initial]
start = "steady"
[time]
method = "bdf2"
end = 2.0
step = 0.5
[solver]
order = 2
continuation = { parameter = "reynolds", from = 50.0 }
[linear]
newton_relative_tolerance = 1e-12
[quantities]
u = { point = "velocity_x", at = [0.4, 0.3] }
v = { point = "velocity_y", at = [0.4, 0.3] }
p = { point = "pressure", at = [0.9, 0.9] }
"""


# Heat that leaves by radiation at both ends, from a start at 0 K where the radiation has no slope.
RADIATION = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [10], cell = "interval" }
[physics.diffusion]
conductivity = 50.0
source = 1000.0
boundary = [{ on = "all", heat_flux = "5.67e-8 * (300^4 - temperature^4)" }]
[quantities]
end = { point = "temperature", at = [0.0] }
middle = { point = "temperature", at = [0.5] }
"""
CUBE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [10], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "1e-24 - temperature^3"
[quantities]
mean = { mean = "temperature" }
"""


class SteadyStart(ansatz_test.TestCase):
    def run_text(self, text, ranks=1, *arguments):
        return self.run_case(self.write_case(text), ranks, *arguments)

    def rows(self, run):
        """quantities.csv: a list of dictionaries by name, without units."""
        with open(run.folder / "quantities.csv") as file:
            return [{key.split()[0]: float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    def test_a_perturbed_rod_returns_to_its_steady_state_with_the_rate_of_the_eigenmode(self):
        text = ROD.replace('"0.1 * t"', "0.2")
        for ranks in (1, 2):
            rows = self.rows(self.run_text(text, ranks))
            self.assertEqual(rows[0]["time"], 2.0)
            for row in rows:
                exact = 7.25 + 0.5 * math.exp(-0.1 * math.pi**2 * (row["time"] - 2.0))
                self.assertAlmostEqual(row["middle"], exact, delta=1e-5)

    def test_data_are_those_at_the_initial_time_and_prescribed_values_hold_at_once(self):
        # -0.1 u'' = 0.1 t at t = 2, and 7 at the ends: 7 + x (1 - x). The perturbation does not vanish at x = 1.
        text = ROD.replace('0.5 * sin(pi * x)', '3 * x^40').replace("end = 3.0", "end = 2.02")
        rows = self.rows(self.run_text(text))
        self.assertAlmostEqual(rows[0]["middle"], 7.25 + 3 * 0.5**40, delta=1e-9)
        self.assertAlmostEqual(rows[0]["end"], 7.0, delta=1e-12)
        rows = self.rows(self.run_text(text.replace("3 * x^40", "0")))
        self.assertLess(rows[0]["start_error"], 1e-9)

    def test_an_unperturbed_nonlinear_flow_stays_where_it_is(self):
        for ranks in (1, 2):
            run = self.run_text(VESSEL, ranks)
            self.assertIn("reynolds = 50", run.process.stdout)
            rows = self.rows(run)
            self.assertGreater(abs(rows[0]["u"]), 0.01)
            for row in rows:
                for name in ("u", "v", "p", "kinetic_energy"):
                    self.assertAlmostEqual(row[name], rows[0][name], delta=1e-8)
        # The same as the steady problem gives.
        start, end = VESSEL.index("[initial]"), VESSEL.index("[solver]")
        steady = self.run_text(VESSEL[:start] + VESSEL[end:])
        for name in ("u", "v", "p"):
            self.assertAlmostEqual(steady.value(name), rows[0][name], delta=1e-9)

    def test_a_start_where_the_equations_have_no_slope_finds_its_level(self):
        for ranks in (1, 2):
            run = self.run_text(RADIATION, ranks)
            self.assert_value(run, "end", (300.0**4 + 500.0 / 5.67e-8) ** 0.25, relative=1e-9)
            self.assert_value(run, "middle", (300.0**4 + 500.0 / 5.67e-8) ** 0.25 + 1000.0 / (8 * 50.0), relative=1e-9)
        for level in (1e-8, 2.0, -3e5):
            run = self.run_text(CUBE.replace("1e-24", repr(level**3)))
            self.assert_value(run, "mean", level, relative=1e-8)

    def test_a_steady_state_that_is_not_unique_is_refused(self):
        text = ROD.replace('boundary = [{ on = "all", temperature = 7.0 }]', "")
        path = self.write_case(text)
        process = ansatz_test.run(path, 2, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 2, "temperature up to a constant", f"{path}:", "give initial values")


if __name__ == "__main__":
    ansatz_test.main()
