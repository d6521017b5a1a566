#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""Quantities have right values or none: between steps and at kinks, of a physics by name, at points of sweeps, and not finite."""

import csv
import json
import math
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

STEADY = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = 2.0
boundary = [{ on = "all", temperature = 0.0 }]
[quantities]
"""

# The same everywhere: u = 2 t; the heat is that of capacity 3 on a domain of length 1.
RAMP = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [2], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
capacity = 3.0
source = 6.0
[time]
method = "METHOD"
end = 1.75
stops = [1.0]
CONTROL
events = ["full", "empty", "touch", "far"]
[quantities]
mean = { mean = "temperature" }
tent = { formula = "2 - abs(heat/3 - 1.3)" }
jump = { formula = "if(t < 1, mean, 10)" }
full = { formula = "heat - 4.5" }
empty = { formula = "mean + 1e-3 - 1e-3" }
touch = { formula = "(mean - 1)^2" }
far = { formula = "jump - 5" }
top = { over_time = "maximum", of = "tent" }
hottest = { over_time = "maximum", of = "heat" }
late = { over_time = "mean", of = "jump", after = 0.9 }
"""

SWEEP = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [16], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "la*exp(temperature)"
boundary = [{ on = "all", temperature = 0.0 }]
[quantities]
mean = { mean = "temperature" }
twice = { formula = "2*heat" }
[parameters]
la = { range = [0.0, 5.0], default = 1.0 }
[study]
type = "sweep"
points = { values = { la = [1.0, 2.0, 4.0, 3.0] } }
"""

# u(0.5) = k / 8.
LINEAR_SWEEP = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "k"
boundary = [{ on = "all", temperature = 0.0 }]
[reduced]
training = { grid = 2 }
model = "model.h5"
[parameters]
k = { range = [1.0, 8.0], default = 1.0 }
[quantities]
middle = { point = "temperature", at = [0.5] }
level = { formula = "log(0.75 - middle)" }
[study]
type = "sweep"
points = { values = { k = [2.0, 4.0, 8.0] } }
"""


def events_of(result):
    lines = [json.loads(line) for line in (result.folder / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == "event"]


class QuantityValues(ansatz_test.TestCase):
    def refused(self, text, *texts, ranks=1, arguments=(), name="case.toml"):
        out = self.folder / "out"
        process = ansatz_test.run(self.write_case(text, name), ranks, *arguments, out=out, cwd=self.folder)
        self.assert_error(process, 5, *texts)
        return process, out

    def test_statistics_and_events_hold_between_steps_and_at_kinks(self):
        for method, control in (("backward_euler", "step = 0.25"), ("esdirk4", "relative_tolerance = 1e-6\nabsolute_tolerance = 1e-8")):
            result = self.run_case(self.write_case(RAMP.replace("METHOD", method).replace("CONTROL", control)), 1)
            self.assert_value(result, "top", 2.0, absolute=1e-6)
            self.assert_value(result, "hottest", 10.5, absolute=1e-6)
            # From 0.9 to 1: 1.9 on average; then 10.
            self.assert_value(result, "late", (0.1 * 1.9 + 0.75 * 10.0) / 0.85, absolute=1e-6)
            found = [(e["name"], e["kind"]) for e in events_of(result)]
            self.assertEqual(found, [("touch", "touching"), ("full", "rising"), ("far", "rising")])
            for event, time in zip(events_of(result), (0.5, 0.75, 1.0)):
                self.assertAlmostEqual(event["time"], time, delta=1e-6)
            self.assertIn("empty is zero at the start", result.process.stdout)

    def test_reactions_are_events_and_have_statistics(self):
        # u = x^2 t / 2 + x t^2 / 2: both ends given, the flux through the right one is (2 x t + t^2) / 2 = t + t^2 / 2.
        text = STEADY.replace("source = 2.0", 'source = "x^2/2 + x*t - t"').replace(
            'boundary = [{ on = "all", temperature = 0.0 }]',
            'boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = "t/2 + t^2/2" }]')
        text = text.replace("cells = [4]", "cells = [2]") + """
entering = { reaction = "temperature", on = "right" }
enough = { formula = "entering - 1.5" }
most = { over_time = "maximum", of = "entering", after = 0.25 }
average = { over_time = "mean", of = "entering" }
[solver]
order = 2
[time]
method = "esdirk4"
end = 2.0
relative_tolerance = 1e-7
absolute_tolerance = 1e-9
end_event = "enough"
"""
        result = self.run_case(self.write_case(text), 2)
        self.assertAlmostEqual(events_of(result)[0]["time"], 1.0, delta=1e-5)
        self.assert_value(result, "most", 1.5, absolute=1e-5)
        self.assert_value(result, "average", 0.5 + 1.0 / 6.0, absolute=1e-4)

    def test_what_is_not_finite_ends_with_its_name_and_the_other_numbers_are_kept(self):
        process, out = self.refused(STEADY + 'big = { norm = "exp(1000*x)" }\nmean = { mean = "temperature" }\n'
                                    'no = { formula = "log(-mean)" }\n', "quantity big", 'of "exp(1000*x)"', "quantity no", "mean = 0.1", ranks=2)
        summary = ansatz_test.read_summary(out)["quantities"]
        self.assertIsNone(summary["big"]["value"])
        self.assertIn("it is", summary["big"]["problem"])
        self.assertGreater(summary["mean"]["value"], 0.1)
        self.refused(STEADY + 'low = { minimum = "sqrt(temperature - 0.1)" }\n', "quantity low", "not a number", ranks=2)
        self.refused(STEADY + '[output]\nfields = ["temperature", "heat_flux"]\n'.replace("heat_flux", "flux"), "field flux",
                     arguments=("--set", 'physics.diffusion.conductivity="1/x"'))
        self.assertEqual(list((self.folder / "out").glob("fields/*.hdf")), [])

    def test_a_quantity_that_is_not_finite_at_one_time_ends_the_run_there(self):
        ramp = RAMP.replace("METHOD", "backward_euler").replace("CONTROL", "step = 0.25")
        self.refused(ramp + 'bad = { formula = "log(2 - heat)" }\n', "quantity bad", "t = 0.5", "heat = 3")
        self.refused(ramp.replace("late = ", 'bad = { formula = "1/(mean - 0.7)" }\nlate = ').replace('of = "jump"', 'of = "bad"'),
                     "quantity late", "grows beyond all bounds near t = 0.3", arguments=("--set", "quantities.late.after=0.1"))
        process, out = self.refused(ramp + 'often = { over_time = "frequency", of = "mean" }\n', "quantity often", "no frequency", "1 time")
        self.assertAlmostEqual(ansatz_test.read_summary(out)["quantities"]["top"]["value"], 2.0, places=6)

    def test_a_sweep_keeps_its_other_points(self):
        tables = []
        for ranks in (1, 3):
            process, out = self.refused(SWEEP, "1 of 4 points of the sweep have no result", "point 3, la = 4", ranks=ranks)
            rows = list(csv.reader((out / "sweep.csv").read_text().splitlines()))
            self.assertEqual(rows[0][:4] + rows[0][-1:], ["la [1]", "mean [K]", "twice", "heat [J/m^2]"] + ["problem"])
            self.assertEqual([row[1] == "nan" for row in rows[1:]], [False, False, True, False])
            self.assertEqual([row[-1] != "" for row in rows[1:]], [False, False, True, False])
            for row in (rows[1], rows[2], rows[4]):
                self.assertAlmostEqual(float(row[2]), 2.0 * float(row[1]), places=12)
            with h5py.File(out / "sweep.h5") as file:
                tables.append(file["quantities"][:])
                self.assertEqual([text != b"" for text in file["problems"][:]], [False, False, True, False])
        numpy.testing.assert_allclose(tables[0], tables[1], rtol=1e-9)

    def test_a_quantity_without_a_value_at_one_point_is_marked_by_every_ansatz(self):
        for solver in ("fem", "reduced_basis"):
            process, out = self.refused(LINEAR_SWEEP, "1 of 3 points", "k = 8", "level", ranks=2,
                                        arguments=("--set", f"solver.type={solver}"))
            with h5py.File(out / "sweep.h5") as file:
                values = file["quantities"][:]
                numpy.testing.assert_allclose(values[:, 0], [0.25, 0.5, 1.0], rtol=1e-9)
                numpy.testing.assert_allclose(values[:2, 1], [math.log(0.5), math.log(0.25)], rtol=1e-7)
                self.assertTrue(math.isnan(values[2, 1]))

    def test_verification_fails_where_there_is_no_number_to_compare(self):
        (self.folder / "reference.toml").write_text('[[reference]]\nquantity = "no"\nvalue = 1.0\ntolerance = 1.0\nsource = "none"\n')
        self.refused(STEADY + 'mean = { mean = "temperature" }\nno = { formula = "log(-mean)" }\n', "quantity no", arguments=("--verify",))
        (self.folder / "reference.toml").write_text('[[reference]]\nquantity = "no"\nvalue = 1.0\ntolerance = inf\nsource = "none"\n')
        process = ansatz_test.run(self.write_case(STEADY + 'no = { formula = "0" }\n'), 1, "--verify", out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 2, "must be finite")

    def test_names_of_the_physics_are_taken(self):
        process = ansatz_test.run(self.write_case(STEADY + 'heat = { mean = "temperature" }\n'), 1, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 2, 'the name "heat" is taken')


# u = LEVEL + x / WIDTH.
SLOPE = """
plugins = ["diffusion"]
[mesh]
box = { size = [WIDTH, WIDTH], cells = [6, 4], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = LEVEL }, { on = "right", temperature = "LEVEL + 1" }]
[quantities]
all = { deviation = "temperature" }
top = { deviation = "temperature", on = "top" }
left = { deviation = "temperature", on = "left" }
slope = { deviation = "grad_temperature_x" }
twice = { deviation = "2*temperature" }
"""


class Deviation(ansatz_test.TestCase):
    """The standard deviation of a uniform distribution on [0, 1] is 1/sqrt(12)."""

    def test_it_is_that_of_a_linear_field_on_any_number_of_ranks_whatever_its_size_and_level(self):
        for width, level, ranks in (("1.0", "0.0", 1), ("1e-3", "-2.0", 2), ("1e-6", "1e6", 3)):
            result = self.run_case(self.write_case(SLOPE.replace("WIDTH", width).replace("LEVEL", level)), ranks,
                                   "--set", "linear.relative_tolerance=1e-14")
            round_off = 1e-13 * max(1.0, abs(float(level)))
            for name, expected in (("all", 12**-0.5), ("top", 12**-0.5), ("left", 0.0), ("twice", 3**-0.5)):
                self.assertAlmostEqual(result.value(name), expected, delta=1e-8 + 1e3 * round_off, msg=f"{name}, {width}, {level}")
            self.assertAlmostEqual(result.value("slope") * float(width), 0.0, delta=1e-8 + 1e3 * round_off)
            self.assertEqual(result.summary["quantities"]["twice"]["unit"], "")
            self.assertEqual(result.summary["quantities"]["all"]["unit"], "K")

    def test_a_reduced_model_says_that_it_has_no_bound(self):
        case = LINEAR_SWEEP.split("[study]")[0].replace("level =", "spread = { deviation = \"temperature\" }\nlevel =")
        result = self.run_case(self.write_case(case), 1, "--set", "solver.type=reduced_basis")
        # u = k x (1 - x) / 2 at the nodes of four cells: 0, 3/32, 1/8, linear between; mean 5/64, mean square 121/15360... by hand:
        nodes = [0.0, 3 / 32, 1 / 8, 3 / 32, 0.0]
        mean = sum((a + b) / 2 for a, b in zip(nodes, nodes[1:])) / 4
        square = sum((a * a + a * b + b * b) / 3 for a, b in zip(nodes, nodes[1:])) / 4
        self.assertAlmostEqual(result.value("spread"), math.sqrt(square - mean**2), delta=1e-9)
        self.assertNotIn("bound", result.summary["quantities"]["spread"])
        self.assertIn("not linear", result.process.stdout)


if __name__ == "__main__":
    ansatz_test.main()
