#!/usr/bin/python3
# timeout: 400
# labels: slow
# ranks: 1
"""Sweeps: one table by finite elements and by reduced models, on any number of ranks."""

import csv
import math
import pathlib
import sys
import xml.dom.minidom

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events

CASE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [10], cell = "interval" }
[physics.diffusion]
conductivity = "k"
source       = "q"
boundary     = [{ on = "left", temperature = "t0" }, { on = "right", temperature = 0.0 }]
[parameters]
k  = { range = [0.2, 2.0], default = 1.0, unit = "W/(m K)" }
q  = { range = [0.0, 5.0], default = 2.0, unit = "W/m^3" }
t0 = { range = [-1.0, 1.0], default = 0.5, unit = "K" }
[reduced]
training = { grid = 3 }
model    = "model.h5"
[quantities]
flux   = { integral = "flux_x * normal_x", on = "right", unit = "W" }
middle = { point = "temperature", at = [0.5] }
sum    = { formula = "middle + k", unit = "K" }
[study]
type   = "sweep"
points = { sobol = 12 }
"""


def table(result, name="sweep.h5"):
    with h5py.File(result.folder / name) as file:
        return {key: (file[key][:], {k: list(v.astype(str)) if isinstance(v, numpy.ndarray) else v for k, v in file[key].attrs.items()})
                for key in file}


class Sweep(ansatz_test.TestCase):
    def test_samples_of_a_logarithmic_parameter_are_even_in_its_logarithm(self):
        case = self.write_case(CASE.replace("k  = { range = [0.2, 2.0], default = 1.0,", "k  = { range = [1e-3, 1e3], default = 1.0, logarithmic = true,"))
        settings = ("--set", "study.points={ grid = 4 }", "--set", "study.fixed={ q = 2.0, t0 = 0.5 }")
        values = table(self.run_case(case, 1, *settings))["parameters"][0][:, 0]
        numpy.testing.assert_allclose(values, [1e-3, 0.1, 10.0, 1e3], rtol=1e-12)

    def test_finite_elements_and_reduced_models_give_the_same_table_within_its_bounds(self):
        case = self.write_case(CASE)
        fem = table(self.run_case(case, 2))
        runs = {ranks: table(self.run_case(case, ranks, "--set", "solver.type=reduced_basis")) for ranks in (1, 3, 4)}
        reduced = runs[1]
        parameters, attributes = reduced["parameters"]
        self.assertEqual(parameters.shape, (12, 3))
        self.assertEqual(attributes["names"], ["k", "q", "t0"])
        self.assertEqual(attributes["units"], ["W/(m K)", "W/m^3", "K"])
        self.assertEqual(reduced["quantities"][1]["names"], ["flux", "middle", "sum"])
        self.assertEqual(reduced["quantities"][1]["units"], ["W", "K", "K"])
        self.assertEqual(reduced["bounds"][1]["kind"].decode() if isinstance(reduced["bounds"][1]["kind"], bytes)
                         else reduced["bounds"][1]["kind"], "bound")
        self.assertEqual(reduced["solution_bound"][0].shape, (12,))
        self.assertTrue((reduced["seconds"][0] > 0).all())
        self.assertNotIn("bounds", fem)
        numpy.testing.assert_array_equal(fem["parameters"][0], parameters)
        # Linear elements are exact at the nodes of this problem: -k T'' = q, T(0) = t0, T(1) = 0.
        k, q, t0 = parameters.T
        numpy.testing.assert_allclose(fem["quantities"][0][:, 1], t0 / 2 + q / (8 * k), rtol=1e-9, atol=1e-11)
        numpy.testing.assert_allclose(reduced["quantities"][0][:, 1], t0 / 2 + q / (8 * k), rtol=1e-9, atol=1e-11)
        # What the physics declares is no output of a model: only finite elements have its column, as all others are outputs.
        self.assertEqual(fem["quantities"][1]["names"], ["flux", "middle", "sum", "heat"])
        self.assertEqual(reduced["quantities"][0].shape, (12, 3))
        difference = abs(fem["quantities"][0][:, :3] - reduced["quantities"][0])
        self.assertTrue((difference[:, :2] <= reduced["bounds"][0][:, :2] + 1e-11).all())
        self.assertTrue(numpy.isinf(reduced["bounds"][0][:, 2]).all())  # a formula
        numpy.testing.assert_allclose(reduced["quantities"][0][:, 2], reduced["quantities"][0][:, 1] + k, rtol=1e-15)
        for ranks in (3, 4):
            numpy.testing.assert_allclose(runs[ranks]["quantities"][0], reduced["quantities"][0], rtol=1e-12, atol=1e-13)
            numpy.testing.assert_allclose(runs[ranks]["bounds"][0], reduced["bounds"][0], rtol=1e-12)

    def test_lists_of_values_leave_the_other_parameters_alone_and_the_text_has_the_same_numbers(self):
        case = self.write_case(CASE)
        result = self.run_case(case, None, "--set", "study.points={values = {k = [0.5, 2.0, 1.0], q = [1.0, 0.0, 4.0]}}", "--set",
                               "study.fixed.t0=-0.25", "--set", "study.file=mine.h5")
        numbers = table(result, "mine.h5")
        expected = [[0.5, 1.0, -0.25], [2.0, 0.0, -0.25], [1.0, 4.0, -0.25]]
        self.assertEqual(numbers["parameters"][0].tolist(), expected)
        with open(result.folder / "mine.csv", encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        self.assertEqual(head, ["k [W/(m K)]", "q [W/m^3]", "t0 [K]", "flux [W]", "middle [K]", "sum [K]", "heat [J/m^2]", "seconds [s]"])
        self.assertEqual([[float(word) for word in row[:7]] for row in rows],
                         numpy.hstack([numbers["parameters"][0], numbers["quantities"][0]]).tolist())
        self.assertEqual(list(result.folder.glob("*.svg")), [])
        described = ansatz_test.ansatz("info", result.folder / "mine.h5")
        for text in ("ansatz  fem", "points  3", "k [W/(m K)]: 0.5 to 2", "middle [K]: "):
            self.assertIn(text, described.stdout)

    def test_a_sweep_of_one_parameter_is_drawn_for_each_unit(self):
        case = self.write_case(CASE)
        result = self.run_case(case, None, "--set", "study.points={grid = 4}", "--set", "study.fixed={q = 1.0, t0 = 0.0}")
        self.assertEqual(table(result)["parameters"][0][:, 0].tolist(), [0.2, 0.8, 1.4, 2.0])
        titles = []
        for name, count in (("sweep.svg", 1), ("sweep_2.svg", 2)):  # W, then K
            groups = xml.dom.minidom.parse(str(result.folder / name)).getElementsByTagName("g")
            series = [group for group in groups if group.getAttribute("class") == "series"]
            self.assertEqual(len(series), count)

    def test_quantities_that_are_not_linear_come_from_lifted_fields_which_is_said_once(self):
        case = self.write_case(CASE)
        settings = ("--set", "quantities.square.integral=temperature^2", "--set", "study.points={sobol = 5}")
        fem = table(self.run_case(case, None, *settings))
        result = self.run_case(case, 2, "--set", "solver.type=reduced_basis", *settings)
        self.assertEqual(result.process.stdout.count("from lifted fields"), 1)
        reduced = table(result)
        column = reduced["quantities"][1]["names"].index("square")
        self.assertTrue(numpy.isinf(reduced["bounds"][0][:, column]).all())
        numpy.testing.assert_allclose(reduced["quantities"][0], fem["quantities"][0], rtol=1e-9, atol=1e-10)

    def test_the_order_of_the_points_does_not_change_their_values(self):
        case = self.write_case(CASE.replace('"q"', '"q"\nvelocity = ["3 * t0"]'))
        values = []
        for order in ([0.0, 0.6, -0.8], [-0.8, 0.6, 0.0]):  # without convection the matrix is symmetric
            result = self.run_case(case, None, "--set", f"study.points={{values = {{t0 = {order}}}}}")
            values.append(table(result)["quantities"][0])
        numpy.testing.assert_array_equal(values[0], values[1][::-1])

    def test_wrong_sweeps_are_refused(self):
        case = self.write_case(CASE)
        for settings, text in (
            (("study.points={values = {k = [1.0], q = [1.0, 2.0]}}",), "lists of equal lengths"),
            (("study.points={values = {kk = [1.0]}}",), 'there is no parameter "kk"'),
            (("study.points={values = {k = [7.0]}}",), "[0.2, 2]"),
            (("study.points={values = {k = [1.0]}}", "study.fixed.k=1.0"), "is fixed and has values"),
            (("study.points={sobl = 3}",), 'did you mean "sobol"?'),
            (("study.fixed={k = 1.0, q = 1.0, t0 = 0.0}",), "all parameters are fixed"),
            (("study.type=solve",), "belongs to sweeps"),
            (("time.method=bdf2", "time.end=1.0", "time.step=0.1"), "error: sweeps are of steady problems so far"),
            (("study.type=swep",), 'did you mean "sweep"?'),
        ):
            with self.subTest(text):
                words = [word for setting in settings for word in ("--set", setting)]
                result = ansatz_test.run(case, None, *words, out=self.folder / "refused", cwd=self.folder)
                self.assert_error(result, 2, text)
        result = ansatz_test.run(case, None, "--verify", out=self.folder / "refused", cwd=self.folder)
        self.assert_error(result, 2, "reference.toml: error: --verify needs the references of the case, and it has no such file", "help: write it")
        self.assertNotIn(":0:0", result.stderr)

    def test_the_table_is_a_file_of_its_own_in_the_run_folder(self):
        for name in ("", "effective.toml", "../a.h5", "sub/a.h5", "a.csv", ".h5", "quantities.h5", "a.h5/", "a" * 300 + ".h5"):
            with self.subTest(name):
                text = CASE.replace('"sweep"', f'"sweep"\nfile = "{name}"', 1)
                self.assertNotEqual(text, CASE)
                line = text[:text.index("\nfile = ")].count("\n") + 2
                result = ansatz_test.ansatz("check", self.write_case(text))
                self.assert_error(result, 2, f'case.toml:{line}:8: error: "study.file" cannot be "{name}"', "ending in .h5")
        own = self.run_case(self.write_case(CASE), 2, "--set", "study.file=my table.h5").folder
        self.assertTrue((own / "my table.h5").is_file() and (own / "my table.csv").is_file())

    def test_progress_and_the_end_are_in_the_log(self):
        result = self.run_case(self.write_case(CASE), None)
        self.assertEqual(events(result, "sweep")[0]["points"], 12)
        self.assertIn("12 of 12 points  eta 0 s", result.process.stdout)
        self.assertTrue(math.isfinite(events(result, "sweep")[0]["seconds_taken"]))


if __name__ == "__main__":
    ansatz_test.main()
