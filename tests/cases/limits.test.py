#!/usr/bin/python3
# timeout: 200
"""Limits of matrix powers: log-determinants and solutions over parameters against closed forms and runs of their own."""

import csv
import json
import math
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events

LAYERS = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.6], cells = [16], cell = "interval" }
scale = 1.0
[physics.diffusion]
conductivity = { by_block = [2], values = ["k1", "k2"] }
source       = "q"
boundary     = [{ on = "left", temperature = "t0" }, { on = "right", temperature = 0.0 }]
[parameters]
k1 = { range = [0.5, 2.0], default = 0.7, unit = "W/(m K)" }
k2 = { range = [0.5, 2.0], default = 1.3, unit = "W/(m K)" }
q  = { range = [0.0, 5.0], default = 2.0, unit = "W/m^3" }
t0 = { range = [-1.0, 1.0], default = 1.0, unit = "K" }
[quantities]
middle = { point = "temperature", at = [0.8] }
mean   = { mean = "temperature" }
double = { formula = "2*middle + k1", unit = "K" }
square = { integral = "temperature^2" }
[study]
type   = "limits"
degree = 8
points = { values = { k1 = [0.5, 0.9, 2.0, 1.7], k2 = [2.0, 1.1, 0.5, 0.6], q = [0.0, 1.0, 2.0, 5.0], t0 = [1.0, 0.5, -1.0, 0.0] } }
"""

BAR = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [20], cell = "interval" }
[physics.diffusion]
conductivity = "k"
reaction     = "s"
source       = 1.0
boundary     = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = 0.0 }]
[parameters]
k = { range = [1.0, 1.6], default = 1.2 }
s = { range = [0.0, 8.0], default = 2.0 }
[quantities]
mean = { mean = "temperature" }
[study]
type   = "limits"
degree = 8
points = { grid = 3 }
"""


def chain(n1, c1, n2, c2):
    """log det of n1 conductances c1 and n2 conductances c2 in series, both ends held (Kirchhoff)."""
    return n1 * numpy.log(c1) + n2 * numpy.log(c2) + numpy.log(n1 / c1 + n2 / c2)


def bar(k, s, n=20):
    """log |det| and sign of K - P1 stiffness times k - plus mass times s on n cells of the unit interval, by its eigenvalues."""
    h, cosine = 1.0 / n, numpy.cos(math.pi * numpy.arange(1, n) / n)
    values = k / h * (2 - 2 * cosine) + s * h / 6 * (4 + 2 * cosine)
    return numpy.log(abs(values)).sum(), numpy.prod(numpy.sign(values))


def table(result, name="limits.h5"):
    with h5py.File(result.folder / name) as file:
        columns = list(file["quantities"].attrs["names"].astype(str))
        out = {column: file["quantities"][:, i] for i, column in enumerate(columns)}
        out.update({key: file[key][:] for key in file if key != "quantities"})
        out["facts"] = dict(file.attrs)
        return out


def sets(*settings):
    return [word for setting in settings for word in ("--set", setting)]


class Limits(ansatz_test.TestCase):
    def test_layers_have_the_determinant_of_a_chain_and_their_exact_temperatures(self):
        case = self.write_case(LAYERS)
        result = self.run_case(case, None)
        values = table(result)
        k1, k2, q, t = values["parameters"].T
        estimates = values["bounds"]
        difference = abs(values["log_determinant"] - chain(8, k1 / 0.1, 8, k2 / 0.1))
        self.assertLess(difference.max(), 2e-2)
        self.assertGreater(difference.max(), 1e-8)  # it is an approximation
        middle = (k1 * t / 0.8 + q * 0.8) / (k1 / 0.8 + k2 / 0.8)
        self.assertLess(abs(values["middle"] - middle).max(), 1e-2)
        numpy.testing.assert_allclose(values["double"], 2 * values["middle"] + k1, rtol=1e-14)
        self.assertTrue((values["amplification"] >= 1 - 1e-12).all())
        self.assertTrue((values["amplification"] < 100).all())
        self.assertEqual(values["facts"]["factorisations"], 45)
        self.assertEqual(values["facts"]["unknowns"], 15)
        self.assertEqual(values["facts"]["determinant_sign"], 1)
        # What is not linear is left out, and said; the estimates are the largest errors that were seen.
        self.assertNotIn("square", values)
        self.assertIn("quantity square: left out, not linear", result.process.stdout)
        held_out = values["held_out_parameters"]
        self.assertEqual(held_out.shape, (5, 4))
        self.assertEqual(values["held_out_errors"].shape, (5, 4))
        self.assertIn("estimates, no bounds", result.process.stdout)
        for entry, column in zip(events(result, "estimate"), estimates[0]):
            self.assertEqual(entry["error"], column)
        numpy.testing.assert_allclose(values["held_out_errors"][:, 0].max() * 15, estimates[0, 0], rtol=1e-12)
        self.assertEqual(result.summary["quantities"]["middle"]["estimate"], estimates[0, 1])
        self.assertAlmostEqual(result.value("log_determinant"), chain(8, 7.0, 8, 13.0), delta=1e-2)
        described = ansatz_test.ansatz("info", result.folder / "limits.h5").stdout
        for text in ("ansatz  limits", "degree 8, from 45 factorisations of the matrix on 15 free unknowns", "determinant: positive",
                     "held-out parameters", "middle [K]: "):
            self.assertIn(text, described)
        self.assertNotIn("bound", described.replace("/bounds", ""))
        with open(result.folder / "limits.csv", encoding="utf-8", newline="") as file:
            head = next(csv.reader(file))
        self.assertEqual(head[4:], ["log_determinant", "middle [K]", "mean [K]", "double [K]", "log_determinant estimate",
                                    "middle estimate [K]", "mean estimate [K]", "double estimate [K]", "amplification", "seconds [s]"])

    def test_the_same_on_any_number_of_ranks_and_as_runs_of_finite_elements(self):
        case = self.write_case(BAR)
        few = sets("study.degree=2", "study.validation=1")
        one = table(self.run_case(case, None, *few))
        for ranks in (2, 3, 4):
            other = table(self.run_case(case, ranks, *few))
            for name in ("log_determinant", "mean", "amplification", "bounds", "held_out_parameters"):
                numpy.testing.assert_allclose(other[name], one[name], rtol=1e-9, atol=1e-11, err_msg=f"{name} on {ranks} ranks")
        for k, s in ((1.0, 0.0), (1.23, 7.1), (1.6, 8.0)):
            run = self.run_case(self.write_case(BAR.split("[study]")[0], "solve.toml"), None, *sets(f"parameters.k.default={k}",
                                                                                                f"parameters.s.default={s}"))
            limits = self.run_case(case, None, *sets(f"parameters.k.default={k}", f"parameters.s.default={s}"))
            self.assert_value(limits, "mean", run.value("mean"), relative=1e-5)
            self.assert_value(limits, "log_determinant", bar(k, s)[0], absolute=1e-3)

    def test_two_more_degrees_divide_the_errors_by_about_ten(self):
        case = self.write_case(LAYERS)
        errors = []
        for degree in (2, 4, 6, 8):
            values = table(self.run_case(case, None, *sets(f"study.degree={degree}", "study.points={grid = 9}", "study.fixed={q = 2.0, t0 = 1.0}")))
            k1, k2, q, t = values["parameters"].T
            errors.append((abs(values["log_determinant"] - chain(8, k1 / 0.1, 8, k2 / 0.1)).max(),
                           abs(values["middle"] - (k1 * t / 0.8 + q * 0.8) / (k1 / 0.8 + k2 / 0.8)).max()))
        for column in numpy.array(errors).T:
            self.assertTrue((column[:-1] / column[1:] > 4).all(), column)
            self.assertGreater((column[0] / column[-1]) ** (1 / 3), 6, column)
            self.assertLess((column[0] / column[-1]) ** (1 / 3), 20, column)

    def test_another_unit_of_length_shifts_the_logarithm_by_that_of_its_scale(self):
        case = self.write_case(LAYERS)
        metres = table(self.run_case(case, None))
        for scale in (1e-3, 1e-6):
            # Stiffness is k / h; the sources keep their size of temperatures.
            settings = sets(f"mesh.scale={scale}", f"quantities.middle.at=[{0.8 * scale}]")
            other = table(self.run_case(case, None, *settings))
            numpy.testing.assert_allclose(other["log_determinant"], metres["log_determinant"] - 15 * math.log(scale), rtol=1e-12)
            numpy.testing.assert_allclose(other["bounds"][:, 0], metres["bounds"][:, 0], rtol=1e-6, atol=1e-10)
            numpy.testing.assert_allclose(other["amplification"], metres["amplification"], rtol=1e-9)

    def test_an_indefinite_matrix_has_its_sign_and_one_that_becomes_singular_is_refused(self):
        indefinite = self.write_case(BAR.replace("range = [0.0, 8.0], default = 2.0", "range = [-25.0, -20.0], default = -22.0"))
        result = self.run_case(indefinite, None)
        values = table(result)
        self.assertEqual(values["facts"]["determinant_sign"], -1)
        expected = [bar(k, s) for k, s in values["parameters"]]
        self.assertEqual({sign for _, sign in expected}, {-1.0})
        numpy.testing.assert_allclose(values["log_determinant"], [size for size, _ in expected], atol=2e-2)
        singular = self.write_case(BAR.replace("range = [0.0, 8.0], default = 2.0", "range = [-25.0, 0.0], default = -2.0"))
        for ranks in (None, 3):
            process = ansatz_test.run(singular, ranks, out=self.folder / "refused", cwd=self.folder)
            self.assert_error(process, 2, "the matrix is singular at parameters within the ranges", "negative eigenvalue", "help: choose ranges")
        zero = self.write_case(BAR.replace("range = [1.0, 1.6], default = 1.2", "range = [0.0, 1.6], default = 1.2"))
        for ranks in (None, 2):
            process = ansatz_test.run(zero, ranks, out=self.folder / "refused", cwd=self.folder)
            self.assert_error(process, 2, "the matrix is singular at k = 0, s = 0", "help: choose ranges")

    def test_a_matrix_that_is_not_symmetric_is_factorised_as_such(self):
        case = self.write_case(BAR.replace('source       = 1.0', 'source       = 1.0\nvelocity = ["s"]'))
        result = self.run_case(case, None)
        self.assertIn("factorisations of the matrix on 19 free unknowns", result.process.stdout)
        for k, s, size in zip(*table(result)["parameters"].T, table(result)["log_determinant"]):
            h = 1 / 20
            diagonal, lower, upper = 2 * k / h + s * h * 2 / 3, -k / h - s / 2 + s * h / 6, -k / h + s / 2 + s * h / 6
            matrix = diagonal * numpy.eye(19) + lower * numpy.eye(19, k=-1) + upper * numpy.eye(19, k=1)
            self.assertAlmostEqual(size, numpy.linalg.slogdet(matrix)[1], delta=1e-2)

    def test_a_tolerance_that_is_missed_ends_with_1_and_leaves_the_table(self):
        case = self.write_case(LAYERS)
        out = self.folder / "missed"
        process = ansatz_test.run(case, None, *sets("study.degree=2", "study.tolerance=1e-4"), out=out, cwd=self.folder)
        self.assert_error(process, 1, "the largest relative error at held-out parameters", "is above the tolerance 1.000e-04", "study.degree")
        self.assertTrue((out / "limits.h5").is_file())
        self.assertTrue(json.loads((out / "summary.json").read_text())["quantities"])
        self.run_case(case, None, *sets("study.tolerance=0.1"))

    def test_what_is_asked_for_is_in_the_table(self):
        case = self.write_case(LAYERS)
        values = table(self.run_case(case, None, *sets("study.of=log_determinant", "study.validation=0")))
        self.assertNotIn("middle", values)
        self.assertNotIn("bounds", values)
        values = table(self.run_case(case, None, *sets('study.of=["inverse"]', "study.file=mine.h5")), "mine.h5")
        self.assertNotIn("log_determinant", values)
        self.assertNotIn("determinant_sign", values["facts"])
        # A matrix without parameters is factorised once, and the loads are exact.
        result = self.run_case(case, None, *sets("study.points={values = {q = [1.0, 3.0]}}", "study.tolerance=1e-10"))
        values = table(result)
        self.assertEqual(values["facts"]["factorisations"], 1)
        numpy.testing.assert_allclose(values["middle"], [(0.7 / 0.8 + q * 0.8) / (2.0 / 0.8) for q in (1.0, 3.0)], rtol=1e-12)

    def test_limits_of_no_unknown_and_a_restart_are_refused(self):
        one_cell = self.write_case(BAR)
        process = ansatz_test.run(one_cell, 2, "--set", "mesh.box.cells=[1]", out=self.folder / "refused", cwd=self.folder)
        self.assert_error(process, 2, "all unknowns are prescribed", "use a finer mesh")
        process = ansatz_test.run(one_cell, None, "--restart", "latest", out=self.folder / "refused", cwd=self.folder)
        self.assert_error(process, 2, "this case has no states to go on from")

    def test_wrong_limits_are_refused_with_what_to_do(self):
        case = self.write_case(LAYERS)
        for settings, code, text in (
            (("study.degree=13",), 2, "is out of its range: 1 to 12"),
            (("study.of=determinant",), 2, 'there is no limit "determinant"'),
            (("study.of=[]",), 2, "the list is empty"),
            (("study.points={values = {k1 = [3.0]}}",), 2, "[0.5, 2]"),
            (("parameters.k1.extrapolate=true", "study.points={values = {k1 = [3.0]}}"), 2, "[0.5, 2]"),
            (("study.tolerance=1e-3", "study.validation=0"), 2, "there are none"),
            (("study.type=sweep",), 2, '"degree" belongs to limits'),
            (("solver.type=reduced_basis",), 2, "limits are of the matrix of finite elements"),
            (("time.method=bdf2", "time.end=1.0", "time.step=0.1"), 2, "limits are of steady problems so far"),
            (("study.training={sobol = 3}",), 2, "7 parameters for 45 monomials"),
            (("physics.diffusion.source=temperature^2",), 2, "limits are for linear equations"),
            (("physics.diffusion.conductivity=1 + exp(-k1*x)",), 2, "the problem has no separated form"),
            (("mesh.map=['x*k1']",), 2, "mesh.map depends on parameters"),
            (("quantities.log_determinant.mean=temperature",), 2, "rename the quantity"),
        ):
            with self.subTest(text):
                process = ansatz_test.run(case, None, *sets(*settings), out=self.folder / "refused", cwd=self.folder)
                self.assert_error(process, code, text)
                self.assertTrue("help: " in process.stderr or "range" in process.stderr, process.stderr)
        insulated = self.write_case(LAYERS.replace('boundary     = [{ on = "left", temperature = "t0" }, { on = "right", temperature = 0.0 }]', ""))
        process = ansatz_test.run(insulated, 2, out=self.folder / "refused", cwd=self.folder)
        self.assert_error(process, 2, "the equations determine temperature up to a constant only", "the matrix is singular")

    def test_too_few_parameters_to_pick_from_give_no_result_where_errors_are_amplified(self):
        case = self.write_case(BAR)
        # 45 random points and the corners of the box for 45 monomials of degree 8.
        out = self.folder / "amplified"
        settings = ("study.training={random = 41}", "study.degree=8", "study.validation=1")
        process = ansatz_test.run(case, None, *sets(*settings), out=out, cwd=self.folder)
        with h5py.File(out / "limits.h5") as file:
            large = file["amplification"][:] > 1000
            numpy.testing.assert_array_equal(numpy.isnan(file["quantities"][:, 0]), large)
        self.assert_exit(process, 5 if large.any() else 0)


if __name__ == "__main__":
    ansatz_test.main()
