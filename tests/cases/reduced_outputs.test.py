#!/usr/bin/python3
# timeout: 400
# labels: slow
# ranks: 1
"""Outputs of reduced bases from case files: bounds in table and summary, one model file anywhere, and what is refused."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events

CASE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k", 0.5] }
velocity     = ["b", 0.0]
source       = "1 + x"
boundary     = [{ on = "left", temperature = "t0" }, { on = "right", temperature = 0.0 }]
[parameters]
b  = { range = [-1.0, 1.0], default = 0.3 }
k  = { range = [0.2, 1.0], default = 0.7 }
t0 = { range = [-1.0, 1.0], default = 0.5 }
[solver]
type = "reduced_basis"
[reduced]
training  = { grid = 3 }
tolerance = 1e-3
dual      = ["flux"]
model     = "model.h5"
[quantities]
mean    = { mean = "temperature" }
flux    = { integral = "flux_x * normal_x", on = "right" }
square  = { integral = "temperature^2" }
largest = { maximum = "temperature" }
twice   = { formula = "2 * mean" }
"""
CHANGED = ("--set", "parameters.k.default=0.43", "--set", "parameters.b.default=-0.6")


class Outputs(ansatz_test.TestCase):
    def entry(self, result, name):
        return result.summary["quantities"][name]

    def test_values_carry_bounds_that_hold_and_one_model_gives_them_on_any_number_of_ranks(self):
        case = self.write_case(CASE)
        trained = self.run_case(case, 3, *CHANGED)
        fem = self.run_case(case, None, "--set", "solver.type=fem", *CHANGED)
        for name, kind in (("mean", "simple"), ("flux", "dual")):
            entry = self.entry(trained, name)
            self.assertEqual(entry["bound_kind"], kind)
            self.assertLessEqual(abs(entry["value"] - fem.value(name)), entry["bound"])
            self.assertLess(entry["bound"], 1e-2)
            self.assertRegex(trained.process.stdout, rf"{name} .*\+- \S+ \({kind} bound\)")
        self.assertLess(self.entry(trained, "flux")["bound"], 1e-4)
        for name in ("square", "largest"):
            self.assertNotIn("bound", self.entry(trained, name))
            self.assertRegex(trained.process.stdout, rf"{name} .*\(no bound: not linear\)")
        self.assertAlmostEqual(trained.value("twice"), 2 * trained.value("mean"), delta=1e-15)
        for ranks in (None, 2, 4):
            used = self.run_case(case, ranks, *CHANGED)
            self.assertEqual(events(used, "greedy"), [])
            for name in ("mean", "flux"):
                for key in ("value", "bound"):
                    ours, expected = self.entry(used, name)[key], self.entry(trained, name)[key]
                    self.assertLessEqual(abs(ours - expected), 1e-12 * abs(expected), (ranks, name, key))

    def test_a_quantity_that_is_defined_otherwise_than_in_the_model_comes_from_the_field(self):
        case = self.write_case(CASE)
        self.run_case(case, None)
        other = self.run_case(case, None, "--set", 'quantities.mean={mean="3 * temperature"}', "--set", 'reduced.dual=["mean"]')
        self.assertIn("(no bound: not in the model", other.process.stdout)
        self.assertIn("no dual basis for mean: train again", other.process.stdout)
        self.assertNotIn("bound", self.entry(other, "mean"))
        self.assertAlmostEqual(other.value("mean"), 3 * self.run_case(case, None).value("mean"), delta=1e-12)

    def test_only_the_outputs_that_a_case_names_get_bounds(self):
        result = self.run_case(self.write_case(CASE), None, "--set", "reduced.outputs=[]")
        self.assertNotIn("bound", self.entry(result, "mean"))
        self.assertIn("bound", self.entry(result, "flux"))
        self.assertIn("(no bound: not in reduced.outputs)", result.process.stdout)

    def test_with_interpolated_coefficients_the_word_is_estimate(self):
        case = self.write_case(CASE.replace('"1 + x"', '"exp(-(x - k)^2)"'))
        result = self.run_case(case, 2, *CHANGED)
        fem = self.run_case(case, None, "--set", "solver.type=fem", *CHANGED)
        for name, kind in (("mean", "simple"), ("flux", "dual")):
            entry = self.entry(result, name)
            self.assertNotIn("bound", entry)
            self.assertEqual(entry["bound_kind"], kind)
            self.assertLessEqual(abs(entry["value"] - fem.value(name)), entry["estimate"])
            self.assertRegex(result.process.stdout, rf"{name} .*\({kind} estimate\)")

    def test_names_that_are_no_linear_quantities_are_refused(self):
        case = self.write_case(CASE)
        for settings, texts in (
            (('reduced.dual=["flx"]',), ('there is no quantity "flx"', 'did you mean "flux"?')),
            (('reduced.outputs=["temp"]',), ('there is no quantity "temp"', "the quantities are: ")),
            (('reduced.dual=["largest"]',), ('"largest" has no dual problem: not linear',)),
            (('reduced.dual=["square"]',), ('"square" has no dual problem: not linear: "temperature^2"',)),
            (('reduced.outputs=["square"]',), ('"square" has no error bound: not linear',)),
            (('reduced.dual=["mean"]', 'quantities.mean={mean="exp(b*x)*temperature"}'), ("not separable",)),
        ):
            with self.subTest(settings):
                words = [word for setting in settings for word in ("--set", setting)]
                result = ansatz_test.run(case, None, *words, out=self.folder / "refused", cwd=self.folder)
                self.assert_error(result, 2, *texts)
                self.assertFalse((self.folder / "model.h5").exists())

    def test_info_tells_what_a_model_holds(self):
        self.run_case(self.write_case(CASE), 2)
        for ranks in (None, 2):
            result = ansatz_test.ansatz("info", self.folder / "model.h5", ranks=ranks)
            self.assert_exit(result, 0)
            for text in ("reduced basis", "b: -1 to 1, reference 0.3", "min-theta", "operator         3", "  k\n", "liftings         1",
                         'mean [K]: mean of "temperature"', "simple bound; factors: 1", "dual basis of",
                         'square [K^2 m^2]: integral of "temperature^2"', 'largest [K]: maximum of "temperature"',
                         'twice: formula of "2 * mean"', "no bound: not linear", "cells = [8, 8]", "fingerprint"):
                self.assertEqual(result.stdout.count(text) > 0, True, text + " is missing in\n" + result.stdout)


if __name__ == "__main__":
    ansatz_test.main()
