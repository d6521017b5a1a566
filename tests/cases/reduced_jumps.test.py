#!/usr/bin/python3
# timeout: 200
# ranks: 1
"""Reduced bases where sources and prescribed values jump in time, against the steps of the method itself; what training says."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import numpy as np
from reduced_case import events, series

ROD = '''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[parameters]
c = { range = [0.1, 10.0], default = 1.0, logarithmic = true }
j = { range = [0.2, 0.8], default = 0.5 }
w = { range = [-3.0, 3.0], default = 1.0 }
[physics.diffusion]
conductivity = "x<0.5?c:1.0"
capacity = "x<0.5?1:c"
source = "SOURCE"
boundary = [{ on = "left", temperature = "GIVEN" }]
[initial]
temperature = "w*x"
[time]
method = "METHOD"
end = 1.0
step = 0.1
[quantities]
m = { mean = "temperature" }
p = { point = "temperature", at = [1.0] }
most = { over_time = "maximum", of = "m" }
least = { over_time = "minimum", of = "p" }
average = { over_time = "mean", of = "m" }
[solver]
type = "reduced_basis"
[reduced]
model = "NAME.h5"
training = { grid = 3 }
tolerance = 1e-9
max_size = 30
reference = { c = 1.0, j = 0.5, w = 1.0 }
'''


def rod(method, source, given, name):
    text = ROD
    for key, value in (("METHOD", method), ("SOURCE", source), ("GIVEN", given), ("NAME", name)):
        text = text.replace(key, value)
    return text


def steps(theta, c, w, source, given, jumps):
    """(t, m, p) at the ends of all steps. A step that ends at a jump sees the values just before it, the next one those behind."""
    cells, dt = 8, 0.1
    h = 1.0 / cells
    x = np.linspace(0.0, 1.0, cells + 1)
    mass, stiffness, load = np.zeros((cells + 1, cells + 1)), np.zeros((cells + 1, cells + 1)), np.zeros(cells + 1)
    for e in range(cells):
        k, capacity = (c, 1.0) if e < cells // 2 else (1.0, c)
        stiffness[e:e + 2, e:e + 2] += k / h * np.array([[1, -1], [-1, 1]])
        mass[e:e + 2, e:e + 2] += capacity * h / 6 * np.array([[2, 1], [1, 2]])
        load[e:e + 2] += h / 2
    u = w * x
    u[0] = given(0.0)
    rows = [(0.0, np.sum(load * u), u[-1])]
    for k in range(1, 11):
        begin, end = round(0.1 * (k - 1), 12), round(0.1 * k, 12)
        before = math.nextafter(end, 0.0) if end in jumps else end
        A = mass / dt + theta * stiffness
        b = mass @ u / dt - (1 - theta) * stiffness @ u + (theta * source(before) + (1 - theta) * source(begin)) * load
        A[0], b[0] = np.eye(cells + 1)[0], given(before)
        u = np.linalg.solve(A, b)
        u[0] = given(end)
        rows.append((end, np.sum(load * u), u[-1]))
    return rows


class Jumps(ansatz_test.TestCase):
    def solve(self, case, *more):
        return self.run_case(case, 1, *more)

    def assert_steps(self, result, expected):
        rows = series(result)
        at = [next(k for k, title in enumerate(rows[0]) if title.split()[0] == name) for name in ("m", "p")]
        self.assertEqual(len(rows) - 1, len(expected))
        for row, (t, m, p) in zip(rows[1:], expected):
            self.assertAlmostEqual(float(row[0]), t, delta=1e-14)
            for k, value in zip(at, (m, p)):
                self.assertAlmostEqual(float(row[k]), value, delta=1e-9)
        self.assertLess(events(result, "certificate")[0]["bound"], 1e-7)

    def set_to(self, **values):
        return [x for name, value in values.items() for x in ("--set", f"parameters.{name}.default={value}")]

    def test_a_source_that_jumps_at_the_end_of_a_step_is_that_from_before_in_this_step(self):
        for method, theta in (("backward_euler", 1.0), ("crank_nicolson", 0.5)):
            case = self.write_case(rod(method, "t<0.5?w:0", "w*t", method), method + ".toml")
            # The first run trains, the second one has the stored model alone.
            for c, w in ((1.0, 1.0), (0.17, -2.3)):
                with self.subTest(method, c=c):
                    result = self.solve(case, *self.set_to(c=c, w=w))
                    self.assert_steps(result, steps(theta, c, w, lambda t: w if t < 0.5 else 0.0, lambda t: w * t, (0.5,)))
                    if method == "backward_euler" and c == 1.0:
                        self.assertAlmostEqual(float(series(result)[6][1]), 0.670718, delta=1e-6)

    def test_prescribed_values_that_jump_have_no_rate_there_and_statistics_see_both_sides(self):
        for method, theta in (("backward_euler", 1.0), ("crank_nicolson", 0.5)):
            case = self.write_case(rod(method, "0.0", "t<0.5?w:2*w", method), method + ".toml")
            c, w = 0.17, -2.3
            settings = self.set_to(c=c, w=w)
            with self.subTest(method):
                result = self.solve(case, *settings)
                self.assert_steps(result, steps(theta, c, w, lambda t: 0.0, lambda t: w if t < 0.5 else 2 * w, (0.5,)))
                full = self.solve(case, *settings, "--set", "solver.type=fem")
                for name in ("most", "least", "average"):
                    self.assert_value(result, name, full.value(name), absolute=1e-7)

    def test_the_time_of_a_jump_may_depend_on_a_parameter(self):
        case = self.write_case(rod("crank_nicolson", "t<j?w:-w", "t<=0.3?w:w*cos(t)", "late"))
        c, w = 0.4, 1.7
        # At the end of a step, and within one, where the method does not look.
        for j in (0.7, 0.43):
            with self.subTest(j=j):
                result = self.solve(case, *self.set_to(c=c, w=w, j=j))
                # "t <= 0.3" is true at 0.3 itself, which the step that ends there sees.
                expected = steps(0.5, c, w, lambda t: w if t < j else -w, lambda t: w if t < 0.3 else w * math.cos(t), (j, 0.3))
                self.assert_steps(result, expected)
        refused = ansatz_test.ansatz("run", case, "--out", self.folder / "refused", *self.set_to(j=0.5000000001), cwd=self.folder)
        self.assert_error(refused, 2, "a condition on t changes at 0.5000000001", "the end of step 5", "fem")

    def test_a_condition_that_changes_at_the_end_is_seen_as_by_finite_elements(self):
        for source in ("t<1?w:5*w", "t<=1?w:5*w"):
            case = self.write_case(rod("backward_euler", source, "0.0", "end").replace("tolerance = 1e-9", "tolerance = 1e-7"))
            with self.subTest(source):
                full = self.solve(case, "--set", "solver.type=fem")
                result = self.solve(case, "--set", "study.type=train")
                self.assert_value(result, "m", full.value("m"), absolute=1e-6)

    def test_a_training_whose_bounds_certify_nothing_goes_on_and_says_what_it_misses(self):
        text = '''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "quadrilateral" }
[parameters]
k = { range = [1e-6, 1e6], default = 1.0, logarithmic = true }
[physics.diffusion]
conductivity = { by_block = [2, 2], values = ["k", 1.0, 1.0, "1/k"] }
source = 1.0
boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = "y" }]
[solver]
type = "reduced_basis"
[reduced]
training = { grid = 7 }
tolerance = 1e-3
max_size = SIZE
'''
        short = self.solve(self.write_case(text.replace("SIZE", "2")))
        self.assertEqual(len(events(short, "greedy")), 2)
        self.assertIn("the tolerance was not reached", short.process.stderr)
        self.assertIn("reduced.max_size = 2", short.process.stderr)

    def test_where_no_bound_of_the_inf_sup_constant_is_found_its_values_are_interpolated(self):
        result = self.solve(self.write_case('''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 0.7], cells = [3, 3], cell = "triangle" }
[parameters]
b = { range = [-40.0, 40.0], default = 5.0 }
[physics.diffusion]
conductivity = 1.0
velocity = ["b*y", "b*(x-0.2)"]
source = "1+x"
boundary = [{ on = "left", temperature = 1.0 }, { on = "top", heat_flux = "b" }]
[solver]
type = "reduced_basis"
[reduced]
training = { grid = 3 }
stability = "interpolated"
tolerance = 1e-2
max_size = 3
'''))
        self.assertIn("those of the inf-sup condition are interpolated", result.process.stdout)
        self.assertIn("estimate", events(result, "certificate")[0])


if __name__ == "__main__":
    ansatz_test.main()
