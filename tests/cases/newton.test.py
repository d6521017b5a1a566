#!/usr/bin/python3
# timeout: 240
# ranks: 1
"""Nonlinear solves from bad starts, at round-off, and starts of unknowns without a rate, against values from elsewhere."""

import csv
import math
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# Cook's membrane in 3-D with free sides. deal.II's step of the code gallery and a NumPy program of 8-node bricks give the
# tip 13.6078 on 8 x 8 x 1 bricks.
COOK = """
plugins = ["hyperelastic"]
[mesh]
box = { size = [1.0, 1.0, 1.0], cells = [8, 8, 1], cell = "hexahedron" }
map = ["48 * x", "44 * x + y * (44 - 28 * x)", "z"]
[parameters]
load = { range = [0.0, 1.0], default = 0.0625 }
[physics.hyperelastic]
energy = "isochoric"
young = 1.0985
poisson = 0.3
boundary = [{ on = "left", displacement = [0.0, 0.0, 0.0] }, { on = "right", traction = [0.0, "load", 0.0] }]
[linear]
solver = "direct"
[quantities]
tip = { point = "displacement_y", at = [48.0, 60.0, 0.0] }
size = { norm = "displacement_y" }
"""
# One half longer, sides free: the strain is the same everywhere.
STRETCH = """
plugins = ["hyperelastic"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "triangle" }
[physics.hyperelastic]
young = 210.0
poisson = 0.3
boundary = [
  { on = "left", displacement_x = 0.0 },
  { on = "bottom", displacement_y = 0.0 },
  { on = "right", displacement_x = 0.5 },
]
[solver]
order = 2
[quantities]
force = { reaction = "displacement_x", on = "right" }
ratio = { mean = "volume_ratio" }
lateral = { minimum = "displacement_y" }
"""
HIDDEN = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [20], cell = "interval" }
[physics.diffusion]
PHYSICS
[quantities]
flux = { reaction = "temperature", on = "right" }
"""
# u'' + L exp(u) = 0 on (0, 1), u = 0 at both ends: solutions for L < 3.513830719.
BRATU = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [32], cell = "interval" }
[parameters]
L = { range = [0.0, 10.0], default = 3.5 }
[physics.diffusion]
conductivity = 1.0
source = "L * exp(temperature)"
boundary = [{ on = "all", temperature = 0.0 }]
[solver]
order = 2
[quantities]
middle = { point = "temperature", at = [0.5] }
"""
INTERFACE = """
plugins = ["phase_separation"]
[mesh]
box = { size = [2.0], origin = [-1.0], cells = [40], cell = "interval" }
[physics.phase_separation]
gamma = 0.005
[initial]
concentration = "0.5 * (1 + tanh(4 * x))"
[solver]
order = 2
[time]
method = "sdirk2"
end = 2.0
relative_tolerance = 1e-3
absolute_tolerance = 1e-5
[quantities]
error = { norm = "concentration - 0.5 * (1 + tanh(10 * x))" }
start = { point = "potential", at = [0.25] }
"""
# A velocity that is not free of divergence in an open channel.
CHANNEL = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [4, 4], cell = "quadrilateral" }
[physics.navier_stokes]
viscosity = 0.1
boundary = [
  { on = "left", velocity = ["4 * y * (1 - y)", 0.0] },
  { on = ["top", "bottom"], velocity = [0.0, 0.0] },
]
[initial]
velocity = ["VELOCITY", 0.0]
[solver]
order = 2
[time]
method = "METHOD"
end = 0.02
step = 0.01
[quantities]
divergence = { norm = "velocity_x", unit = "m" }
pressure = { point = "pressure", at = [0.5, 0.5] }
"""

SLAB = """
plugins = ["diffusion"]
[mesh]
box = { size = [SIZE, SIZE], cells = [4, 4], cell = "quadrilateral" }
[physics.diffusion]
conductivity = "CONDUCTIVITY"
source = SOURCE
boundary = [{ on = "left", temperature = 0.0 }]
[initial]
temperature = "START"
[quantities]
wall = { reaction = "temperature", on = "left" }
largest = { maximum = "temperature" }
[linear]
"""
RADIATOR = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = 10.0
source = SOURCE
boundary = [{ on = "right", heat_flux = "-5.670374419e-8 * temperature^4" }]
[initial]
temperature = START
[quantities]
end = { point = "temperature", at = [1.0] }
"""


class Newton(ansatz_test.TestCase):
    ENV = {"ANSATZ_PLUGIN_PATH": f"{ansatz_test.BUILD / 'tests' / 'plugins'}:{os.environ['ANSATZ_PLUGIN_PATH']}"}

    def process(self, text, ranks, *arguments):
        return ansatz_test.run(self.write_case(text), ranks, *arguments, out=self.folder / "out", cwd=self.folder, env=self.ENV)

    def result(self, text, ranks=1, *arguments):
        process = self.process(text, ranks, *arguments)
        self.assert_exit(process, 0)
        return ansatz_test.CaseResult(process, self.folder / "out")

    def rows(self, run):
        with open(run.folder / "quantities.csv") as file:
            return [{key.split()[0]: float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    def iterations(self, run):
        return max(map(int, re.findall(r"Newton +(\d+):", run.process.stdout)))

    def test_a_start_far_from_the_solution_is_no_measure_of_it(self):
        # The residual of 1000 K between walls of 1 K and -1 K is 1e10: a thousand-millionth of it is no solution.
        case = self.write_case('''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [40], cell = "interval" }
[physics.diffusion]
conductivity = "1 + temperature^2"
boundary = [{ on = "left", temperature = 1.0 }, { on = "right", temperature = -1.0 }]
[initial]
temperature = 1000.0
[quantities]
mean = { mean = "temperature" }
flux = { reaction = "temperature", on = "left" }
''')
        result = self.run_case(case)
        self.assert_value(result, "mean", 0.0, absolute=1e-9)
        self.assert_value(result, "flux", 2.0 * (1.0 + 1.0 / 3.0), relative=1e-9)  # u + u^3/3 is linear in x

    def test_neither_a_start_of_1e15_nor_a_load_of_1e_minus_60_decides_what_a_linear_problem_gives(self):
        # The balance of heat: what flows in through the wall is the source times the area. Along x -k u'' = q.
        for conductivity, source, size, start, linear in (
            ("1 + y", 1.0, 1.0, "1e15 * sin(20 * x)", ""), ("1 + y", 1.0, 1.0, "1e15 * sin(20 * x)", 'solver = "cg"\npreconditioner = "jacobi"'),
            ("1e-60", 1e-60, 1.0, "0", ""), ("1.0", 1.0, 1e-30, "0", ""), ("1e-40", 1e-52, 1.0, "0", 'solver = "cg"\npreconditioner = "jacobi"'),
        ):
            with self.subTest(f"{conductivity}, {source}, {size}, {linear}"):
                result = self.run_case(self.write_case(SLAB.replace("CONDUCTIVITY", conductivity).replace("SOURCE", str(source))
                                                       .replace("SIZE", str(size)).replace("START", start) + linear))
                self.assert_value(result, "wall", -source * size**2, relative=1e-9)
                if "y" not in conductivity:
                    self.assert_value(result, "largest", source * size**2 / (2.0 * float(conductivity)), relative=1e-9)

    def test_what_single_equations_hardly_feel_is_followed_until_it_stands_still(self):
        # A good conductor from 1000 K or 5000 K on: in the end it radiates what its source gives.
        for source, start, *options in ((1e-6, 1000.0), (1e-9, 5000.0), (1e-6, 1000.0, "--set", "linear.relative_tolerance=1e-10")):
            case = self.write_case(RADIATOR.replace("SOURCE", str(source)).replace("START", str(start)))
            self.assert_value(self.run_case(case, 1, *options), "end", (source / 5.670374419e-8) ** 0.25, relative=1e-6)

    def test_large_terms_in_some_equations_hide_nothing_in_others(self):
        # A transfer coefficient for a prescribed value, and a good conductor, beside what is nonlinear. By Kirchhoff's
        # transform the fluxes are 300 + 450 / 2 * 2 and (1 + 1/3) / 0.5; the third is that of u = 1 prescribed.
        penalty = '{ on = "left", transfer_coefficient = 1e12, ambient = %s }'
        for name, physics, flux in (
            ("penalty", 'conductivity = "1 + temperature / 300"\nboundary = [%s, { on = "right", temperature = 300.0 }]' % (penalty % 600.0), -750.0),
            ("conductor", 'conductivity = "x < 0.5 ? 1e9 : 1 + temperature^2"\nboundary = [{ on = "left", temperature = 1.0 }, { on = "right", temperature = 0.0 }]', -8.0 / 3.0),
            ("source", 'conductivity = 1.0\nsource = "10 * (1 - temperature^5)"\nboundary = [%s, { on = "right", temperature = 0.0 }]' % (penalty % 1.0), None),
        ):
            with self.subTest(name):
                if flux is None:
                    prescribed = physics.replace(penalty % 1.0, '{ on = "left", temperature = 1.0 }')
                    flux = self.run_case(self.write_case(HIDDEN.replace("PHYSICS", prescribed))).value("flux")
                result = self.run_case(self.write_case(HIDDEN.replace("PHYSICS", physics)))
                self.assert_value(result, "flux", flux, relative=1e-8)

    def test_a_linear_solve_holds_in_the_equations_of_a_bad_conductor_too(self):
        # Linear on the left; -u'' = 1, u(1/2) = 1, u(1) = 0 on the right: u = 1 - 7/4 s - s^2/2.
        text = HIDDEN.replace("PHYSICS", 'conductivity = "x < 0.5 ? 1e12 : 1"\nsource = "x < 0.5 ? 0 : 1"\n'
                              'boundary = [{ on = "left", temperature = 1.0 }, { on = "right", temperature = 0.0 }]')
        text = text.replace("[1.0], cells = [20], cell = \"interval\"", "[1.0, 1.0], cells = [20, 4], cell = \"triangle\"")
        result = self.run_case(self.write_case(text + '[linear]\nsolver = "cg"\npreconditioner = "jacobi"\n'))
        self.assert_value(result, "flux", -2.25, relative=1e-8)

    def test_bending_that_first_raises_the_residual_converges_in_a_few_iterations(self):
        run = self.result(COOK, 2)
        self.assert_value(run, "tip", 13.60775, absolute=2e-4)
        self.assertLessEqual(self.iterations(run), 10)
        self.assertNotIn("following", run.process.stdout)

    def test_a_body_without_loads_rests_and_tiny_loads_act_linearly(self):
        run = self.result(COOK, 1, "--set", "parameters.load.default=0")
        self.assertLess(run.value("size"), 1e-11)
        self.assertLessEqual(self.iterations(run), 2)
        tiny = self.result(COOK, 1, "--set", "parameters.load.default=6.25e-12")
        small = self.result(COOK, 1, "--set", "parameters.load.default=6.25e-8")
        self.assertAlmostEqual(tiny.value("tip") / small.value("tip"), 1e-4, delta=1e-8)

    def test_prescribed_values_that_turn_cells_inside_out_are_reached(self):
        # P(l) = mu (l - 1/l) + lambda ln(J) / l in a bar whose sides carry nothing: mu (m^2 - 1) + lambda ln(l m) = 0.
        E, nu, l = 210.0, 0.3, 1.5
        mu, lam = E / (2 * (1 + nu)), E * nu / ((1 + nu) * (1 - 2 * nu))
        low, high = 0.1, 1.0
        for _ in range(200):
            m = 0.5 * (low + high)
            low, high = (m, high) if mu * (m * m - 1) + lam * math.log(l * m) < 0 else (low, m)
        force = mu * l + (lam * math.log(l * m) - mu) / l
        for ranks in (1, 2):
            run = self.result(STRETCH, ranks)
            self.assert_value(run, "force", force, relative=1e-9)
            self.assert_value(run, "ratio", l * m, relative=1e-9)
            self.assert_value(run, "lateral", m - 1, relative=1e-9)

    def test_a_problem_without_a_solution_says_how_far_its_path_goes(self):
        run = self.result(BRATU)
        # u = -2 ln(cosh(a (x - 1/2)) / cosh(a / 2)) with a^2 = L cosh^2(a / 2) / 2, the smaller root.
        a = 2.0
        for _ in range(2000):
            a = math.sqrt(0.5 * 3.5) * math.cosh(0.5 * a)
        self.assert_value(run, "middle", 2 * math.log(math.cosh(0.5 * a)), relative=2e-4)
        process = self.process(BRATU, 1, "--set", "parameters.L.default=4")
        self.assert_error(process, 5, "could be followed to s = ", "there may be no solution")
        self.assertRegex(process.stderr, r"s = 0\.\d+")

    def test_line_searches_and_residual_tolerances_mean_what_their_names_say(self):
        few = self.result(BRATU, 1, "--set", "linear.newton_absolute_tolerance=1e-2")
        all_ = self.result(BRATU)
        self.assertLess(self.iterations(few), self.iterations(all_))
        residual = float(re.findall(r"residual (\d\S*)", few.process.stdout)[-1])
        self.assertLessEqual(residual, 1e-2)
        for search in ("monotone", "none"):
            self.assert_value(self.result(BRATU, 1, "--set", f"linear.line_search={search}"), "middle", all_.value("middle"),
                              relative=1e-8)
        self.assertIn('line_search = "none"', (self.folder / "out" / "effective.toml").read_text())

    def test_unknowns_without_a_rate_start_where_their_equations_hold(self):
        # mu = f'(c) - gamma c'' at x = 1/4 for c = (1 + tanh 4x) / 2: with T = tanh 1, f' = -T (1 - T^2) / 2 and
        # c'' = -16 T (1 - T^2).
        T = math.tanh(1.0)
        potential = -0.5 * T * (1 - T * T) + 0.005 * 16 * T * (1 - T * T)
        for method in ("sdirk2", "sdirk4", "bdf"):
            run = self.result(INTERFACE, 2 if method == "sdirk2" else 1, "--set", f"time.method={method}")
            self.assertIn("potential at t = 0 s is made consistent", run.process.stdout)
            rows = self.rows(run)
            self.assertAlmostEqual(rows[0]["start"], potential, delta=2e-3)
            self.assertLess(rows[-1]["error"], rows[0]["error"])

    def test_unknowns_without_a_rate_follow_what_jumps_at_a_stop(self):
        # As above with another gamma from the stop on, before c has moved.
        T = math.tanh(1.0)
        before, after = ((16 * gamma - 0.5) * T * (1 - T * T) for gamma in (0.005, 0.02))
        text = INTERFACE.replace("0.005", '"t < 2e-5 ? 0.005 : 0.02"').replace("end = 2.0\nrelative_tolerance = 1e-3\nabsolute_tolerance = 1e-5",
                                                                             "end = 3e-5\nstep = 1e-5\nstops = [2e-5]")
        for ranks in (1, 3):
            run = self.result(text, ranks)
            self.assertIn("potential at t = 2e-05 s is made consistent", run.process.stdout)
            for row, value in zip(self.rows(run), (before, before, after, after), strict=True):
                self.assertAlmostEqual(row["start"], value, delta=2e-3)

    def test_a_velocity_is_projected_to_no_divergence_and_the_pressure_follows(self):
        # The parabola is the steady flow, with the pressure 8 mu (1 - x): nothing changes.
        steady = self.result(CHANNEL.replace("VELOCITY", "4 * y * (1 - y)").replace("METHOD", "bdf2"))
        self.assertNotIn("velocity at t = 0 s is made consistent", steady.process.stdout)
        for row in self.rows(steady):
            self.assertAlmostEqual(row["pressure"], 0.4, delta=1e-9)
        # From rest: the first values are those of a step of no length.
        values = {}
        for ranks in (1, 2):
            run = self.result(CHANNEL.replace("VELOCITY", "0").replace("METHOD", "bdf2"), ranks)
            self.assertIn("velocity at t = 0 s is made consistent", run.process.stdout)
            values[ranks] = self.rows(run)[0]["divergence"]
        self.assertAlmostEqual(values[1], values[2], delta=1e-9)


if __name__ == "__main__":
    ansatz_test.main()
