#!/usr/bin/python3
# timeout: 300
# labels: slow
"""Derivatives of quantities by parameters: closed forms, Taylor's test on the cases, ranks and units."""

import csv
import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

BAR = """
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0], cells = [20], cell = "interval" }}
[physics.diffusion]
conductivity = "k"
source       = "f"
boundary     = [{{ on = "left", temperature = "a" }}, {{ on = "right", {right} }}]
[parameters]
k = {{ range = [0.5, 4.0], default = 2.0, unit = "W/(m K)" }}
f = {{ range = [0.0, 9.0], default = 3.0, unit = "W/m^3" }}
a = {{ range = [0.0, 2.0], default = 0.7, unit = "K" }}
h = {{ range = [0.1, 9.0], default = 1.5 }}
[solver]
order = 2
[quantities]
middle   = {{ point = "temperature", at = [0.5] }}
mean     = {{ mean = "temperature" }}
square   = {{ integral = "k*temperature^2" }}
norm     = {{ norm = "temperature" }}
spread   = {{ deviation = "temperature" }}
flux     = {{ point = "flux_x", at = [0.375] }}
entering = {{ reaction = "temperature", on = "left" }}
warmest  = {{ maximum = "temperature" }}
ratio    = {{ formula = "k*middle/mean", unit = "1" }}
[study]
type = "gradient"
"""

ROBIN = 'transfer_coefficient = "h", ambient = 0.0'

IN_TIME = """
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0], cells = [12], cell = "interval" }}
[physics.diffusion]
capacity     = "c"
conductivity = "k*(1 + 0.2*temperature)"
source       = "f*(1 + t)"
boundary     = [{{ on = "left", temperature = "a*(1 + sin(3*t))" }}, {{ on = "right", temperature = 0.0 }}]
[initial]
temperature = "a*(1 - x) + b*x*(1 - x)"
[parameters]
a = {{ range = [0.0, 2.0], default = 0.7, unit = "K" }}
b = {{ range = [0.0, 2.0], default = 1.1, unit = "K" }}
c = {{ range = [0.5, 2.0], default = 1.3 }}
f = {{ range = [0.0, 9.0], default = 3.0, unit = "W/m^3" }}
k = {{ range = [0.5, 4.0], default = 0.9, unit = "W/(m K)" }}
[time]
end = 0.02
{time}
[linear]
newton_relative_tolerance = 1e-12
[quantities]
middle = {{ point = "temperature", at = [0.5] }}
mean   = {{ mean = "temperature" }}
square = {{ integral = "temperature^2" }}
later  = {{ over_time = "mean", of = "mean" }}
[study]
type  = "gradient"
check = true
"""

METHODS = {
    "backward_euler": 'method = "backward_euler"\nstep = 0.002',
    "crank_nicolson": 'method = "crank_nicolson"\nstep = 0.002',
    "rk4": 'method = "rk4"\nstep = 2e-4',
    "esdirk": 'method = "esdirk4"\nrelative_tolerance = 1e-4',
    "sdirk": 'method = "sdirk2"\nrelative_tolerance = 1e-4',
}


def slopes(result):
    """{(quantity, parameter): derivative} of a summary."""
    found = {}
    for name, entry in result.summary["quantities"].items():
        match = re.fullmatch(r"d\((.*)\)/d\((.*)\)", name)
        if match:
            found[match.groups()] = entry["value"]
    return found


def ratios(result):
    """{quantity: ratio of Taylor's remainders, or None where they are round-off}."""
    found, on = {}, False
    for line in result.process.stdout.splitlines():
        if "Taylor's test" in line:
            on = True
        elif on:
            words = line.split()
            if len(words) != 6:
                break
            found[words[0]] = None if words[5] == "round-off" else float(words[5])
    return found


class Gradients(ansatz_test.TestCase):
    def assert_slope(self, found, quantity, parameter, expected, relative=1e-9):
        self.assertLessEqual(abs(found[quantity, parameter] - expected), relative * max(abs(expected), 1e-3),
                             f"d({quantity})/d({parameter}) = {found[quantity, parameter]!r}, expected {expected!r}")

    def assert_second_order(self, result):
        found = ratios(result)
        self.assertTrue(found, result.process.stdout)
        for name, ratio in found.items():
            if ratio is not None:
                self.assertTrue(3.7 < ratio < 4.4, f"{name}: {ratio}\n{result.process.stdout}")
        return found

    def test_a_bar_between_walls_has_its_closed_form(self):
        # u = a (1 - x) + f x (1 - x) / (2 k): exact with order 2.
        found = slopes(self.run_case(self.write_case(BAR.format(right="temperature = 0.0"))))
        k, f, a = 2.0, 3.0, 0.7
        self.assert_slope(found, "middle", "k", -f / (8 * k * k))
        self.assert_slope(found, "middle", "f", 1 / (8 * k))
        self.assert_slope(found, "middle", "a", 0.5)
        self.assert_slope(found, "middle", "h", 0.0)
        self.assert_slope(found, "mean", "k", -f / (12 * k * k))
        s = f / (2 * k)  # int u^2 = a^2/3 + a s/6 + s^2/30
        self.assert_slope(found, "square", "a", k * (2 * a / 3 + s / 6))
        square, by_s = a * a / 3 + a * s / 6 + s * s / 30, a / 6 + s / 15
        self.assert_slope(found, "square", "k", square - k * by_s * s / k)
        self.assert_slope(found, "norm", "f", by_s / (2 * k) / (2 * math.sqrt(square)))
        mean = a / 2 + s / 6
        spread = math.sqrt(square - mean * mean)
        self.assert_slope(found, "spread", "a", (2 * a / 3 + s / 6 - mean) / (2 * spread))
        # The flux is -k u' = k a - f (1 - 2 x) / 2, and what enters on the left is that at 0.
        self.assert_slope(found, "flux", "k", a)
        self.assert_slope(found, "flux", "f", -0.125)
        self.assert_slope(found, "entering", "k", a)
        self.assert_slope(found, "entering", "a", k)
        self.assert_slope(found, "entering", "f", -0.5)
        middle = a / 2 + s / 4
        self.assert_slope(found, "ratio", "a", k * (0.5 * mean - middle * 0.5) / mean**2)

    def test_a_bar_with_an_exchange_of_heat_has_its_closed_form(self):
        # -k u'(1) = h u(1), u(0) = a: u = a + b x - f x^2 / (2 k), b = (f (1 + h / (2 k)) - h a) / (k + h).
        case = self.write_case(BAR.format(right=ROBIN))
        found = slopes(self.run_case(case))
        k, f, a, h = 2.0, 3.0, 0.7, 1.5

        def mean(k, f, a, h):
            return a + (f * (1 + h / (2 * k)) - h * a) / (2 * (k + h)) - f / (6 * k)

        def difference(of, which, step=1e-3):
            def at(e):
                point = [k, f, a, h]
                point[which] += e
                return of(*point)
            return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)

        for which, name in enumerate("kfah"):
            self.assert_slope(found, "mean", name, difference(mean, which), 1e-9)

    def test_an_elastic_bar_has_its_closed_form(self):
        # Uniform tension, plane stress, Poisson's ratio 0: u(1) = T / E.
        case = self.write_case("""
plugins = ["elasticity"]
[mesh]
box = { size = [1.0, 0.2], cells = [6, 2], cell = "quadrilateral" }
[physics.elasticity]
model = "plane_stress"
poisson_ratio = 0.0
youngs_modulus = "E"
boundary = [{ on = "left", displacement = [0.0, 0.0] }, { on = "right", traction = ["T", 0.0] }]
[parameters]
E = { range = [1.0, 9.0], default = 4.0, unit = "Pa" }
T = { range = [0.0, 1.0], default = 0.3, unit = "Pa" }
[quantities]
tip    = { point = "displacement_x", at = [1.0, 0.1] }
stress = { mean = "von_mises" }
hold   = { reaction = "displacement_x", on = "left" }
[study]
type = "gradient"
""")
        found = slopes(self.run_case(case))
        self.assert_slope(found, "tip", "E", -0.3 / 16)
        self.assert_slope(found, "tip", "T", 0.25)
        self.assert_slope(found, "stress", "T", 1.0)
        self.assert_slope(found, "stress", "E", 0.0)
        self.assert_slope(found, "hold", "T", -0.2)

    def test_ranks_and_millimetres_change_nothing(self):
        text = BAR.format(right=ROBIN)
        case = self.write_case(text)
        one = slopes(self.run_case(case))
        small = text
        for here, there in {"[1.0]": "[1000.0]", '"k"': '"1e6*k"', '"h"': '"1e3*h"', "[0.5]": "[500.0]", "[0.375]": "[375.0]"}.items():
            small = small.replace(here, there)
        for (quantity, parameter), value in slopes(self.run_case(self.write_case(small, "small.toml"))).items():
            if quantity in ("middle", "mean", "spread", "ratio", "warmest"):
                self.assertAlmostEqual(value, one[quantity, parameter], delta=1e-9 * max(1.0, abs(value)), msg=quantity)
        for ranks in (2, 3, 4):
            for key, value in slopes(self.run_case(case, ranks)).items():
                self.assertAlmostEqual(value, one[key], delta=1e-10 * max(1.0, abs(one[key])), msg=f"{key} on {ranks}")

    def test_the_mesh_may_move(self):
        # A bar of length l = 1 + m: u(l / 2) = f l^2 / (8 k).
        case = self.write_case("""
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [20], cell = "interval" }
map = ["x*(1 + m)"]
[physics.diffusion]
conductivity = 2.0
source = 3.0
boundary = [{ on = "all", temperature = 0.0 }]
[parameters]
m = { range = [0.0, 0.5], default = 0.2 }
[solver]
order = 2
[quantities]
total = { integral = "temperature" }
[study]
type = "gradient"
check = true
""")
        result = self.run_case(case)
        self.assert_slope(slopes(result), "total", "m", 3.0 * 3 * 1.2**2 / 24, 1e-9)
        self.assert_second_order(result)

    def test_steps_in_time_are_differentiated_as_they_were_taken(self):
        for name, time in METHODS.items():
            with self.subTest(name):
                result = self.run_case(self.write_case(IN_TIME.format(time=time)))
                self.assertIn("later", result.process.stdout)
                self.assertIn("not differentiable: statistics over time", result.process.stdout)
                self.assertEqual(len(slopes(result)), 15)
                found = self.assert_second_order(result)
                self.assertEqual(set(found), {"middle", "mean", "square"})
                self.assertIsNotNone(found["square"])

    def test_a_method_without_an_adjoint_says_which_have_one(self):
        case = self.write_case(IN_TIME.format(time='method = "bdf2"\nstep = 0.002'))
        self.assert_error(ansatz_test.run(case, out=self.folder / "out"), 2, "the method bdf2 has no adjoint",
                          "backward_euler, crank_nicolson")

    def test_quantities_of_the_cases_pass_taylors_test(self):
        coarse = {
            "thermal_block": ["mesh.box.cells=[12, 12]"],
            "elastic_block": ["mesh.box.cells=[12, 12]"],
            "gaussian_source": [],
            "graetz": [],
            "layered_wall": [],
        }
        for name, settings in coarse.items():
            with self.subTest(name):
                words = [w for s in [*settings, "study.type=gradient", "study.check=true"] for w in ("--set", s)]
                self.assert_second_order(self.run_case(name, 1, *words))

    def test_a_reduced_solution_has_the_derivatives_of_its_equations(self):
        words = [w for s in ("mesh.box.cells=[8, 8]", "study.type=gradient", "reduced.training={ grid = 3 }") for w in ("--set", s)]
        full = slopes(self.run_case("thermal_block", 1, *words))
        result = self.run_case("thermal_block", 1, *words, "--set", "solver.type=reduced_basis")
        self.assertIn("linearised at the solution of the ansatz", result.process.stdout)
        for key, value in slopes(result).items():
            self.assertAlmostEqual(value, full[key], delta=1e-4 * abs(full[key]))

    def test_the_table_is_in_a_file(self):
        result = self.run_case(self.write_case(BAR.format(right=ROBIN)))
        with open(result.folder / "gradient.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0][:2], ["quantity", "parameter"])
        self.assertEqual(len(rows), 1 + 9 * 4)


if __name__ == "__main__":
    ansatz_test.main()
