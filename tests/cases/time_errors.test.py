#!/usr/bin/python3
# timeout: 200
# ranks: 1
"""Runs in time whose error estimate or whose mass is not what it seems: exact solutions, and refusals."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# The first mode of a rod, which its linear elements damp by l = (6/h^2) (1 - cos(pi h)) / (2 + cos(pi h)).
DECAY = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = 0.0 }]
[initial]
temperature = "sin(pi*x)"
[time]
method = "ros3p"
end = 0.3
relative_tolerance = 1e-7
absolute_tolerance = 1e-8
[quantities]
mean = { mean = "temperature" }
"""
MODE = math.cos(math.pi / 8)
DECAYED = math.exp(-0.3 * 6 * 64 * (1 - MODE) / (2 + MODE)) / math.tan(math.pi / 16) / 8

# Insulated: capacity u' = source.
STORE = """
plugins = ["diffusion"]
[mesh]
box = { size = [SIZE], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = CONDUCTIVITY
capacity = "CAPACITY"
source = SOURCE
[initial]
temperature = START
[time]
method = "METHOD"
end = END
relative_tolerance = 1e-6
absolute_tolerance = ABSOLUTE
[quantities]
mean = { mean = "temperature" }
"""


def store(method, capacity, size=1.0, conductivity=1.0, source=1.0, start=0.0, end=1.0, absolute=1e-8):
    text = STORE
    for name, value in (("SIZE", size), ("CONDUCTIVITY", conductivity), ("CAPACITY", capacity), ("SOURCE", source),
                        ("START", start), ("METHOD", method), ("END", end), ("ABSOLUTE", absolute)):
        text = text.replace(name, str(value))
    return text


class TimeErrors(ansatz_test.TestCase):
    def test_errors_of_a_linear_problem_are_within_the_tolerances(self):
        self.assertAlmostEqual(DECAYED, 0.0313145, delta=1e-7)
        case = self.write_case(DECAY)
        for method in ("ros3p", "tr_bdf2"):
            result = self.run_case(case, 1, "--set", f"time.method={method}")
            self.assert_value(result, "mean", DECAYED, absolute=10 * 1e-8)

    def test_heat_goes_where_the_capacity_of_the_moment_says(self):
        steel = store("dormand_prince54", "3.6e6*(1+5e-4*(temperature-300))", 0.1, 40.0, 1e6, 300.0, 3600.0, 1e-3)
        # c (T - 300) + c b (T - 300)^2 / 2 = q t.
        warm = 300 + (math.sqrt(1 + 2 * 5e-4 * 1e6 * 3600 / 3.6e6) - 1) / 5e-4
        self.assertAlmostEqual(warm, 1128.4271, delta=1e-4)
        for text, expected, tolerance in ((store("dormand_prince54", "1 + temperature"), math.sqrt(3) - 1, 1e-6),
                                          (store("tsitouras54", "1 + t"), math.log(2), 1e-6),
                                          (steel, warm, 20 * 2e-3),
                                          (store("etd_rk4", "1 + temperature"), math.sqrt(3) - 1, 20 * 1e-6)):
            result = self.run_case(self.write_case(text))
            self.assert_value(result, "mean", expected, absolute=tolerance)

    def test_linearly_implicit_methods_have_their_order_with_a_capacity_of_the_temperature(self):
        text = store("rodas4", "1 + temperature").replace("relative_tolerance = 1e-6\nabsolute_tolerance = 1e-08", "step = 0.1")
        case = self.write_case(text)
        errors = [abs(self.run_case(case, ranks, "--set", f"time.step={step}").value("mean") - math.sqrt(3) + 1)
                  for step, ranks in ((0.2, 1), (0.1, 3))]
        self.assertGreater(math.log2(errors[0] / errors[1]), 3.5)

    def test_what_has_no_estimate_and_what_has_no_lumped_mass_is_refused(self):
        case = self.write_case(DECAY)
        for change, texts in ((("time.method=singly3",), ("singly3 has no error estimate", "ms3a")),
                              (("time.method=esdirk4", "time.mass=lumped"), ("lumped", "explicit"))):
            words = [word for line in change for word in ("--set", line)]
            process = ansatz_test.run(case, 1, *words, out=self.folder / "out", cwd=self.folder)
            self.assert_error(process, 2, *texts)


if __name__ == "__main__":
    ansatz_test.main()
