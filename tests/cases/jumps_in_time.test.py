#!/usr/bin/python3
# ranks: 1
# timeout: 200
"""Coefficients and prescribed values that jump at stops, other units of time, steps that are too long."""

import math
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import forget_end

ADAPTIVE = "relative_tolerance = 1e-6\nabsolute_tolerance = 1e-8"

BAR = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [10], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
PHYSICS
[initial]
temperature = 0.0
[time]
method = "METHOD"
end = 1.0
TIME
[quantities]
mean_temperature = { mean = "temperature" }
wall = { point = "temperature", at = [0.0] }
[checkpoint]
every = 1
"""

# The velocity of all walls is (WALL, 0), which carries as much fluid in as out.
CAVITY = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "quadrilateral" }
[physics.navier_stokes]
viscosity = 1.0
boundary = [{ on = "all", velocity = ["WALL", 0.0] }]
[initial]
velocity = [0.0, 0.0]
[solver]
order = 2
[time]
method = "METHOD"
TIME
[quantities]
u = { point = "velocity_x", at = [0.5, 0.5] }
kinetic = { integral = "velocity_x^2 + velocity_y^2" }
pressure = { maximum = "pressure" }
"""

CAPACITY = 'capacity = "t < 0.5 ? 1.0 : 10.0"\nsource = 1.0'
WALL = 'boundary = [{ on = "left", temperature = "t < 0.5 ? 1.0 : -2.0" }]'


def heating(wall, time):
    """Mean temperature of a bar of length 1 whose left end jumps from 0 to `wall` at time 0, by its Fourier series."""
    series = sum(2.0 / k**2 * math.exp(-(k**2) * time) for k in ((n + 0.5) * math.pi for n in range(200)))
    return wall * (1.0 - series)


class JumpsInTime(ansatz_test.TestCase):
    def bar(self, physics, method, time):
        return self.write_case(BAR.replace("PHYSICS", physics).replace("METHOD", method).replace("TIME", time))

    def run_text(self, text):
        return self.run_case(self.write_case(text)).folder

    def steps(self, result):
        """Accepted steps, by the rows of the series."""
        return (result.folder / "quantities.csv").read_text().count("\n") - 2

    def rows(self, folder):
        lines = (folder / "quantities.csv").read_text().splitlines()[1:]
        return [[float(word) for word in line.split(",")] for line in lines]

    def test_a_capacity_that_jumps_at_a_stop(self):
        # 1 W/m^3 for 0.5 s each: 0.5 + 0.5 / 10.
        constant = self.steps(self.run_case(self.bar("source = 1.0", "dormand_prince54", ADAPTIVE)))
        for method, keys in (("dormand_prince54", ADAPTIVE), ("bdf", ADAPTIVE), ("crank_nicolson", "step = 0.1")):
            with self.subTest(method):
                result = self.run_case(self.bar(CAPACITY, method, keys + "\nstops = [0.5]"))
                self.assert_value(result, "mean_temperature", 0.55, relative=1e-8)
                if method == "dormand_prince54":
                    self.assertLessEqual(self.steps(result), constant + 15)

    def test_jumps_at_the_end_and_right_after_the_start(self):
        # Nothing of the jump at the end belongs to the run; what changes with the first number after 0 holds from there on.
        quarter = (math.floor(10 / math.pi) * math.pi / 10, 1.0)  # of the square wave: the last change, and the end
        for name, source, method, keys, mean in (
            ("end", "t < 1 ? 1 : 9", "backward_euler", "step = 0.25", 1.0),
            ("floor", "floor(4*t)", "backward_euler", "step = 0.25", 1.5),
            ("start", "t > 0 ? 1 : 0", "esdirk4", ADAPTIVE, 1.0),
            ("rate at the start", "t > 0 ? 1 : 0", "rk4", "step = 0.001", 1.0),
            ("square wave", "sin(10*t) > 0 ? 1 : -1", "bdf", ADAPTIVE, math.pi / 10 - (quarter[1] - quarter[0])),
        ):
            with self.subTest(name):
                result = self.run_case(self.bar(f'source = "{source}"', method, keys))
                self.assert_value(result, "mean_temperature", mean, relative=1e-7)

    def test_fixed_steps_see_jumps_where_stops_output_times_and_restarts_make_them_end(self):
        # (source, method, end, more; then of the run that goes on: end, more), the step is 0.25.
        out = "output.at=[0.3, 0.6]"
        for name, source, method, first, then in (
            ("output time", "t < 0.3 ? 1 : 0", "crank_nicolson", (1.0, ("--set", out), 0.3), None),
            ("explicit", "t < 0.3 ? 1 : 0", "rk4", (1.0, ("--set", out, "--set", "physics.diffusion.conductivity=1e-3"), 0.3), None),
            ("cut end", "t >= 1 ? 100 : (t > 0 ? 1 : 50)", "crank_nicolson", (1.0, ("--set", out), 1.0), (2.0, ("--set", out), 101.0)),
            ("other output", "t >= 0.5 ? 0 : 1", "crank_nicolson", (0.25, (), 0.25), (1.0, ("--set", "output.at=[0.1]"), 0.5)),
            ("stop behind the end", "t > 1 ? 3 : 1", "bdf2", (1.0, (), 1.0), (2.0, (), 4.0)),
            ("stop at and behind the end", "(t < 1 ? 1 : 0) + (t > 1 ? 3 : 0)", "bdf2", (1.0, (), 1.0), (2.0, (), 4.0)),
            ("controlled", "t > 1 ? 3 : 1", "bdf", (1.0, (), 1.0), (2.0, (), 4.0)),
        ):
            with self.subTest(name):
                case = self.bar(f'source = "{source}"', method, ADAPTIVE if name == "controlled" else "step = 0.25")
                folder = self.folder / name
                for restart, part in (((), first), (("--restart", "latest"), then)):
                    if part is None:
                        continue
                    end, more, mean = part
                    process = ansatz_test.run(case, 1, *restart, "--set", f"time.end={end}", *more, out=folder, cwd=self.folder)
                    self.assert_exit(process, 0)
                    self.assertAlmostEqual(self.rows(folder)[-1][1], mean, delta=1e-9)
                times = [row[0] for row in self.rows(folder)]
                self.assertGreater(min(b - a for a, b in zip(times, times[1:])), 1e-7)

    def test_what_begins_right_after_the_start_is_there_at_the_start(self):
        # As much leaves the channel as comes in, 2/3, and all is as if the inflow had always been there; likewise a source.
        channel = CAVITY.replace('{ on = "all", velocity = ["WALL", 0.0] }', '{ on = ["top", "bottom"], velocity = [0.0, 0.0] }, '
                                 '{ on = "left", velocity = ["WALL", 0.0] }').replace("METHOD", "crank_nicolson")
        channel = channel.replace("TIME", "step = 0.1\nend = 0.2").replace("[quantities]",
                                                                          '[quantities]\nout = { integral = "velocity_x", on = "right" }')
        bar = BAR.replace("METHOD", "crank_nicolson").replace("TIME", "step = 0.25").replace(
            "PHYSICS", 'source = "WALL"\nboundary = [{ on = "left", temperature = 0.0 }]')
        bar = bar.replace("[quantities]", '[quantities]\nentering = { reaction = "temperature", on = "left" }')
        for text, value in ((channel, "4*y*(1-y)"), (bar, "2.0")):
            whole, begun = (self.rows(self.run_text(text.replace("WALL", wall))) for wall in (value, f"t > 0 ? {value} : 0.0"))
            for row, other in zip(whole, begun, strict=True):
                for x, y in zip(row, other, strict=True):
                    self.assertAlmostEqual(x, y, delta=1e-11 * max(1.0, abs(x)))
            if text is channel:
                for row in begun:
                    self.assertAlmostEqual(row[1], 2.0 / 3.0, delta=1e-9)

    def test_a_wall_that_jumps_at_a_stop_takes_its_new_value_there_and_a_restart_there_repeats_the_run(self):
        exact = heating(1.0, 1.0) + heating(-3.0, 0.5)
        case = self.bar(WALL, "rodas4", ADAPTIVE + "\nstops = [0.5]")
        case.write_text(case.read_text().replace("cells = [10]", "cells = [40]"))
        result = self.run_case(case)
        self.assert_value(result, "mean_temperature", exact, absolute=3e-3)
        before, at = [row for row in self.rows(result.folder) if row[0] <= 0.5][-2:]
        self.assertEqual((at[0], before[2], at[2]), (0.5, 1.0, -2.0))

        # Stopped exactly at the stop, and gone on.
        case = self.bar(WALL, "bdf", ADAPTIVE + "\nstops = [0.5]")
        whole = self.run_case(case)
        index = [row[0] for row in self.rows(whole.folder)].index(0.5)
        out = self.folder / "again"
        shutil.copytree(whole.folder, out)
        shutil.rmtree(out / "checkpoints")
        process = ansatz_test.run(case, 1, "--set", f"checkpoint.every={index}", "--set", "time.end=0.50000001", out=out,
                                  cwd=self.folder)
        self.assert_exit(process, 0)
        forget_end(out)
        process = ansatz_test.run(case, 1, "--restart", "latest", out=out, cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertEqual((out / "quantities.csv").read_text(), (whole.folder / "quantities.csv").read_text())

    def test_a_problem_in_microseconds_takes_the_steps_of_its_twin_in_seconds_to_the_same_bits(self):
        # A unit of time of 2^-20 s.
        physics = 'source = "sin(10*t*UNIT) + 0.1*temperature"\ncapacity = "1.0/UNIT"\n' + \
                  'boundary = [{ on = "left", temperature = "0.5*sin(3*t*UNIT)" }, { on = "right", heat_flux = "t*UNIT" }]'
        for method in ("rodas4", "bdf"):
            with self.subTest(method):
                twins = []
                for unit in (1, 2**20):
                    case = self.bar(physics.replace("UNIT", str(unit)), method, ADAPTIVE)
                    case.write_text(case.read_text().replace("end = 1.0", f"end = {1.0 / unit!r}"))
                    twins.append(self.rows(self.run_case(case).folder))
                self.assertEqual(len(twins[0]), len(twins[1]))
                self.assertEqual([row[1:3] for row in twins[0]], [row[1:3] for row in twins[1]])

    def test_fixed_steps_that_are_too_long_end_with_exit_code_5_and_the_step(self):
        kinetics = 'plugins = ["reaction_kinetics"]\n[system.vdpol]\n[time]\nmethod = "dormand_prince54"\nend = 10.0\nstep = 0.1\n'
        process = ansatz_test.run(self.write_case(kinetics), 1, out=self.folder / "kinetics", cwd=self.folder)
        self.assert_error(process, 5, "not finite", "too long")
        self.assertRegex(process.stderr, r"step \d+ of dormand_prince54, from t = ")
        bar = self.bar('source = "1 + temperature^2"', "rk4", "step = 0.1")
        process = ansatz_test.run(bar, 1, "--set", "time.end=10", out=self.folder / "bar", cwd=self.folder)
        self.assert_error(process, 5, "too long")
        self.assertRegex(process.stderr, r"step \d+ of rk4, from t = ")

    def test_conditions_on_t_are_stops_of_their_own(self):
        # Balance of heat: 2 * 0.37 - 5 * 0.63; 6 cells whose steps would pass over the jump.
        for method, keys in (("sdirk2", ADAPTIVE), ("ms3b", ADAPTIVE), ("generalised_alpha", ADAPTIVE)):
            with self.subTest(method):
                result = self.run_case(self.bar('source = "t < 0.37 ? 2 : -5"', method, keys))
                self.assertIn("conditions on t change at t = 0.37: steps end there", result.process.stdout)
                self.assert_value(result, "mean_temperature", -2.41, absolute=2e-5)
        # A wall that jumps without a word about it: the rate is infinite there.
        result = self.run_case(self.bar('boundary = [{ on = "left", temperature = "t < 0.43 ? 0 : 1" }]', "bdf", ADAPTIVE))
        self.assert_value(result, "mean_temperature", heating(1.0, 0.57), absolute=3e-3)
        # Fixed steps that end at a jump: each side has its own values.
        result = self.run_case(self.bar('source = "t < 0.3 ? 2 : -5"', "crank_nicolson", "step = 0.1"))
        self.assert_value(result, "mean_temperature", 2 * 0.3 - 5 * 0.7, absolute=1e-12)

    def test_stops_that_steps_of_equal_length_cannot_reach_are_refused(self):
        process = ansatz_test.run(self.bar(CAPACITY, "bdf2", "step = 0.1\nstops = [0.45]"), 1, out=self.folder / "x", cwd=self.folder)
        self.assert_error(process, 2, "equal length", "0.45")

    def cavity(self, wall, method, time):
        return self.write_case(CAVITY.replace("WALL", wall).replace("METHOD", method).replace("TIME", time))

    def test_walls_of_a_flow_that_start_at_a_stop_are_walls_that_start_with_the_run(self):
        # The fluid is at rest until then: what follows is a run of its own, whose start is made consistent by the same equations.
        for method, keys in (("sdirk2", "step = 0.0625"), ("generalised_alpha", "step = 0.0625"),
                             ("sdirk4", "relative_tolerance = 1e-4\nabsolute_tolerance = 1e-5\nweights = { pressure = 0 }\nfirst_step = 1e-3")):
            for ranks in ((1, 3) if method == "sdirk2" else (1,)):
                with self.subTest(method, ranks=ranks):
                    late = self.run_case(self.cavity("t < 0.125 ? 0 : y", method, keys + "\nstops = [0.125]\nend = 0.375"), ranks)
                    self.assertRegex(late.process.stdout, "velocity at t = 0.125 s is made consistent")
                    early = self.run_case(self.cavity("y", method, keys + "\nend = 0.25"), ranks)
                    rows = [row for row in self.rows(late.folder) if row[0] >= 0.125]
                    if "step" in keys:
                        others = self.rows(early.folder)
                        self.assertEqual(len(rows), len(others))
                    for row, other in zip((rows[0], rows[-1]), (self.rows(early.folder)[0], self.rows(early.folder)[-1])):
                        self.assertAlmostEqual(row[0] - 0.125, other[0], delta=1e-12)
                        for a, b in zip(row[1:], other[1:]):
                            self.assertAlmostEqual(a, b, delta=1e-7 if keys.startswith("step") else 1e-3)

    def test_walls_that_start_at_a_stop_lead_to_the_flow_between_them(self):
        # u = (y, 0) is the steady flow; 2 pi^2 (2 - 0.1) time constants later nothing else is left.
        for method in ("sdirk2", "sdirk4"):
            keys = "relative_tolerance = 1e-4\nabsolute_tolerance = 1e-5\nweights = { pressure = 0 }\nstops = [0.1]\nend = 2.0"
            result = self.run_case(self.cavity("t < 0.1 ? 0 : y", method, keys))
            self.assert_value(result, "u", 0.5, absolute=1e-3)

    def test_methods_that_are_refused_for_a_flow_name_all_that_serve_it(self):
        process = ansatz_test.run(self.cavity("y", "esdirk4", "step = 0.05\nend = 0.25"), 1, out=self.folder / "x", cwd=self.folder)
        self.assert_error(process, 2, "unknowns without a rate")
        for method in ("backward_euler", "bdf", "bdf2", "generalised_alpha", "sdirk2", "sdirk4"):
            self.assertRegex(process.stderr, rf"\b{method}\b")
        self.assertNotIn("rodas4", process.stderr)


if __name__ == "__main__":
    ansatz_test.main()
