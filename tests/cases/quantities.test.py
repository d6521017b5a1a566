#!/usr/bin/python3
# timeout: 200
# ranks: 3
"""Quantities of cases: extrema over regions, reactions of parts and over time, facets inside the domain, units, refusals."""

import csv
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# Linear between 300 and 400 K, with the blocks on the left and on the right.
BLOCKS = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [10, 10], cell = "triangle" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = [1.0, 1.0] }
boundary = [{ on = "left", temperature = 300.0 }, { on = "right", temperature = 400.0 }]
[parameters]
rate = { range = [0.0, 10.0], default = 2.0, unit = "W/K" }
[constants]
one = 1.0
[quantities]
low_everywhere = { minimum = "temperature" }
low_right = { minimum = "temperature", region = "block_1" }
high_left = { maximum = "temperature", region = "block_0" }
high_of_negative_right = { maximum = "-temperature", region = "block_1" }
flux_right = { maximum = "flux_x", region = "block_1" }
flux_left = { minimum = "2 * flux_x - 1", region = "block_0" }
area = { integral = "1" }
moment = { integral = "temperature * x" }
wall = { integral = "flux_x * normal_x", on = "right" }
power = { integral = "rate * temperature", on = "left" }
size = { norm = "temperature" }
slope = { norm = "temperature", type = "h1_semi" }
gradient = { mean = "grad_temperature_x" }
square = { maximum = "temperature^2" }
scaled = { maximum = "1000 * temperature" }
constant = { maximum = "one * temperature" }
reaction = { reaction = "temperature", on = "right" }
labelled = { integral = "temperature", unit = "K, times area" }
between = { formula = "low_right - low_everywhere" }
dense = { formula = "rate * reaction / area" }
above = { formula = "low_right - 300" }
twice = { formula = "labelled + labelled" }
[output]
fields = ["temperature"]
"""
UNITS = {"low_right": "K", "high_of_negative_right": "K", "flux_right": "W/m^2", "flux_left": "", "area": "m^2",
         "moment": "K m^3", "wall": "W/m", "power": "W m", "size": "K m", "slope": "K", "gradient": "K/m", "square": "K^2",
         "scaled": "", "constant": "", "reaction": "W/m", "labelled": "K, times area", "heat": "J/m",
         "between": "K", "dense": "W^2/(K m^3)", "above": "", "twice": ""}

PARTS = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [16, 16], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 1.0
source = 4.0
boundary = [{ on = "all", temperature = 0.0 }]
[quantities]
left = { reaction = "temperature", on = "left" }
right = { reaction = "temperature", on = "right" }
top = { reaction = "temperature", on = "top" }
bottom = { reaction = "temperature", on = "bottom" }
every = { reaction = "temperature", on = "all" }
sum = { formula = "left + right + top + bottom" }
"""

# u = x^2 sin t, held by quadratic elements: the flux into the right end is 2 sin t.
IN_TIME = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "x^2*cos(t) - 2*sin(t)"
boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = "sin(t)" }]
[solver]
order = 2
[time]
method = "crank_nicolson"
end = 1.0
step = 0.1
[quantities]
r = { reaction = "temperature", on = "right" }
"""


class Quantities(ansatz_test.TestCase):
    def run_text(self, text, *changes, ranks=1, name="case"):
        return self.run_case(self.write_case(text, f"{name}.toml"), ranks, *[w for c in changes for w in ("--set", c)])

    def series(self, run):
        with open(run.folder / "quantities.csv", newline="") as file:
            return [[float(x) for x in row] for row in list(csv.reader(file))[1:]]

    def test_extrema_over_regions_are_those_of_their_nodes_and_units_multiply_out(self):
        for ranks, order in ((1, 1), (3, 2)):
            run = self.run_text(BLOCKS, f"solver.order={order}", ranks=ranks)
            for name, value in (("low_everywhere", 300), ("low_right", 350), ("high_left", 350), ("high_of_negative_right", -350),
                                ("flux_right", -100), ("flux_left", -201), ("area", 1), ("wall", -100), ("reaction", 100)):
                self.assert_value(run, name, value, relative=1e-8)
            self.assertEqual((run.folder / "log.jsonl").read_text().count("no units, but labels"), 1)
            for name, unit in UNITS.items():
                self.assertEqual(run.summary["quantities"][name]["unit"], unit, name)

    def test_reactions_of_parts_are_equal_where_they_are_by_symmetry_and_add_up_to_the_whole(self):
        for ranks in (1, 3):
            run = self.run_text(PARTS, ranks=ranks)
            for side in ("left", "right", "top", "bottom"):
                self.assert_value(run, side, -1.0, absolute=1e-10)
            self.assert_value(run, "every", -4.0, absolute=1e-10)
            self.assertLess(abs(run.value("sum") - run.value("every")), 1e-10)

    def test_reactions_over_time_are_of_order_two_and_right_at_the_start(self):
        for method in ("crank_nicolson", "bdf2"):
            runs = [self.run_text(IN_TIME, f"time.method={method}", f"time.step={h}") for h in (0.05, 0.025)]
            errors = [abs(run.value("r") - 2 * math.sin(1.0)) for run in runs]
            self.assertGreater(math.log2(errors[0] / errors[1]), 1.9, method)
            for run in runs:
                self.assertLess(abs(self.series(run)[0][1]), 1e-12)

    def refused(self, text, *words):
        process = ansatz_test.ansatz("check", self.write_case(text, "bad.toml"), cwd=self.folder)
        self.assert_exit(process, 2)
        for word in words:
            self.assertIn(word, process.stderr + process.stdout)

    def test_what_has_no_meaning_is_refused_by_name(self):
        def with_quantity(text):
            return BLOCKS + "[quantities.bad]\n" + text
        self.refused(with_quantity('reaction = "temperature"\non = "top"\n'), "nothing is prescribed", "top")
        self.refused(with_quantity('norm = "2 * temperature"\ntype = "h1_semi"\n'), "h1_semi", "2 * temperature")
        self.refused(with_quantity('integral = "1"\non = "left"\nregion = "block_1"\n'), "left", "block_1")


if __name__ == "__main__":
    ansatz_test.main()
