#!/usr/bin/python3
# timeout: 200
# ranks: 2
"""Events of runs on meshes: zeros of quantities between steps, against exact solutions; ends of runs; wrong use."""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import forget_end

# The same everywhere: u = 0.1 + sin(t).
SWING = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 2], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
source = "cos(t)"
[initial]
temperature = 0.1
[time]
method = "esdirk4"
end = 10.0
relative_tolerance = 1e-8
absolute_tolerance = 1e-10
events = ["over"]
end_event = "long_enough"
[quantities]
mean = { mean = "temperature" }
over = { formula = "mean - 0.6" }
long_enough = { formula = "t - 2.85" }
never = { formula = "mean + 3" }
largest = { over_time = "maximum", of = "mean" }
"""

# Heat comes in from the left, where the temperature is given.
ROD = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [10], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = "1 - cos(3*t)" }]
[time]
method = "esdirk4"
end = 2.0
relative_tolerance = 1e-7
absolute_tolerance = 1e-9
[quantities]
right = { point = "temperature", at = [1.0] }
warm = { formula = "right - 0.5" }
entering = { reaction = "temperature", on = "left" }
"""

# T = t exactly.
CLOCK = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [1] }
[physics.diffusion]
conductivity = 1.0
source = 1.0
[time]
method = "rk4"
step = 0.25
end = 1.0
events = ["pair", "mixed", "pole", "cusp", "last"]
[quantities]
T = { mean = "temperature" }
pair = { formula = "(T-0.31)*(T-0.3102)" }
mixed = { formula = "(T-0.2)*(T-0.4)^2*(T-0.41)" }
pole = { formula = "1/(T-0.523)" }
cusp = { formula = "abs(T-0.444)^0.5" }
last = { formula = "T-1" }
"""
# Nothing is known of the wall's temperature after the end, where it is 0.
RAMP = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4] }
[tables.ramp]
x = [0.0, 1.0, 2.0]
y = [0.0, 1.0, 0.0]
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = "WALL" }]
[time]
method = "backward_euler"
step = 0.25
end = 2.0
events = ["wall"]
[quantities]
wall = { point = "temperature", at = [0.0] }
"""
ZEROS = {
    "pair": [(0.31, "falling"), (0.3102, "rising")],
    "mixed": [(0.2, "falling"), (0.4, "touching"), (0.41, "rising")],
    "cusp": [(0.444, "touching")],
    "last": [(1.0, "rising")],
}


def events_of(result):
    lines = [json.loads(line) for line in (result.folder / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == "event"]


class Events(ansatz_test.TestCase):
    def test_zeros_of_quantities_are_found_between_steps_and_one_ends_the_run(self):
        case = self.write_case(SWING)
        for ranks in (1, 3):
            result = self.run_case(case, ranks)
            found = [(event["name"], event["rising"]) for event in events_of(result)]
            self.assertEqual(found, [("over", 1), ("over", 0), ("long_enough", 1)])
            for event, time in zip(events_of(result), (math.pi / 6, math.pi - math.pi / 6, 2.85)):
                self.assertAlmostEqual(event["time"], time, delta=1e-6)
            self.assertIn("event over at t = 0.5235", result.process.stdout)
            # The end of the run, its files and its statistics are those of the event.
            self.assert_value(result, "mean", 0.1 + math.sin(2.85), absolute=1e-7)
            self.assert_value(result, "largest", 1.1, absolute=1e-3)
            last = (result.folder / "quantities.csv").read_text().splitlines()[-1]
            self.assertAlmostEqual(float(last.split(",")[0]), 2.85, delta=1e-12)

    def test_zeros_of_a_clock_are_told_apart_and_a_pole_is_none_whatever_the_method(self):
        case = self.write_case(CLOCK)
        implicit = ("--set", 'time.method="backward_euler"', "--set", "time.step=0.1")
        for change in ((), implicit):
            result = self.run_case(case, 1, *change)
            for name, zeros in ZEROS.items():
                found = [event for event in events_of(result) if event["name"] == name]
                self.assertEqual([event["kind"] for event in found], [kind for _, kind in zeros], name)
                for event, (time, _) in zip(found, zeros):
                    self.assertAlmostEqual(event["time"], time, delta=1e-9)
            self.assertNotIn("pole", [event["name"] for event in events_of(result)])
            self.assertIn("pole goes through infinity near t = 0.523: that is not a zero", result.process.stdout + result.process.stderr)
        # At the end of a step the quantity is one of the results.
        process = ansatz_test.run(case, 1, "--set", 'quantities.pole.formula="1/(t-0.5)"', out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 5, "the quantity pole has no finite value")

    def test_data_that_end_with_the_run_at_a_zero_are_no_error(self):
        for wall in ("ramp(t)", "sqrt(2 - t)"):
            run = self.run_case(self.write_case(RAMP.replace("WALL", wall)))
            self.assert_value(run, "wall", 0.0, absolute=0.0)

    def test_fluxes_at_an_event_are_those_of_a_run_that_ends_there(self):
        case = self.write_case(ROD)
        event = self.run_case(case, 1, "--set", 'time.end_event="warm"')
        time = events_of(event)[0]["time"]
        self.assert_value(event, "right", 0.5, absolute=1e-12)
        there = self.run_case(case, 1, "--set", f"time.end={time}")
        self.assert_value(there, "right", 0.5, absolute=1e-5)
        self.assert_value(event, "entering", there.value("entering"), relative=1e-4)

    def test_an_event_that_never_comes_is_a_warning(self):
        result = self.run_case(self.write_case(SWING), 2, "--set", 'time.events=["never"]')
        self.assertIn("never never changed its sign from t = 0 to 2.85, nor touched zero: the nearest was 0.756", result.process.stdout + result.process.stderr)

    def test_events_go_on_after_a_restart(self):
        out = self.folder / "out"
        stop = ("--set", "time.step=0.1", "--set", 'time.method="crank_nicolson"', "--set", "checkpoint.every=5")
        fixed = self.write_case(SWING.replace("relative_tolerance = 1e-8\nabsolute_tolerance = 1e-10\n", ""), "fixed.toml")
        self.assert_exit(ansatz_test.run(fixed, 1, *stop, "--set", 'time.events=["never", "over"]', out=out, cwd=self.folder), 0)
        forget_end(out)
        process = ansatz_test.run(fixed, 1, *stop, "--set", 'time.events=["never", "over"]', "--restart", "latest", out=out,
                                  cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertIn("event long_enough at t = 2.85", process.stdout)
        # It was found before the checkpoint.
        self.assertNotIn("over never changed", process.stdout + process.stderr)
        process = ansatz_test.run(fixed, 1, *stop, "--restart", "latest", out=out, cwd=self.folder)
        self.assert_error(process, 2, "another problem", "events")

    def test_what_is_no_event_is_refused(self):
        for change, texts in ((("--set", 'time.end_event="oven"'), ('"oven" is not a quantity', "over")),
                              (("--set", 'time.events=["largest"]'), ('"largest" has one value only', "formulas")),
                              (("--set", 'time.events=[1]'), ("events",))):
            process = ansatz_test.run(self.write_case(SWING), 2, *change, out=self.folder / "out", cwd=self.folder)
            self.assert_error(process, 2, *texts)


if __name__ == "__main__":
    ansatz_test.main()
