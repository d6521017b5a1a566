#!/usr/bin/python3
# timeout: 400
# ranks: 1
"""Reduced bases from case files: model files on any number of ranks, and what is refused."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import reduced_case
from reduced_case import COARSE, events


class ReducedBasis(reduced_case.ReducedCase):
    def test_a_model_trained_on_three_ranks_gives_the_same_numbers_on_one_to_four(self):
        model = self.folder / "three.h5"
        self.train(model, 3)
        values = {}
        for ranks in (1, 2, 3, 4):
            result = self.use(model, ranks, "--set", "parameters.k2.default=0.37")
            self.assertEqual(events(result, "greedy"), [])  # nothing was trained
            values[ranks] = (result.value("mean_temperature"), events(result, "certificate")[0]["bound"])
        for ranks in (2, 3, 4):
            self.assertLessEqual(abs(values[ranks][0] - values[1][0]), 1e-12 * values[1][0])
            self.assertEqual(values[ranks][1], values[1][1])

    def test_modes_of_solutions_are_the_same_however_they_are_computed(self):
        # From 2^4 solutions; what a basis leaves out is below the tolerance of their energy, and the bound holds.
        fem = self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[12,12]", "--set", "parameters.k2.default=0.37")
        values = {}
        for pod in ("direct", "incremental", "randomised"):
            model = self.folder / f"{pod}.h5"
            settings = ("--set", "reduced.method=pod", "--set", "reduced.training={grid=2}", "--set", "reduced.tolerance=1e-4")
            trained = self.train(model, 2, *settings, *(() if pod == "direct" else ("--set", f"reduced.pod={pod}")))
            self.assertEqual("pod = " in (trained.folder / "effective.toml").read_text(), pod != "direct")
            result = self.use(model, 1, "--set", "parameters.k2.default=0.37")
            error = abs(result.value("mean_temperature") - fem.value("mean_temperature"))
            self.assertLessEqual(error, events(result, "certificate")[0]["bound"])
            values[pod] = (len(events(trained, "mode")), result.value("mean_temperature"))
        self.assertEqual(values["incremental"][0], values["direct"][0])
        self.assertLessEqual(values["randomised"][0], values["direct"][0] + 8)  # a block more at most
        for pod in ("incremental", "randomised"):
            self.assertAlmostEqual(values[pod][1], values["direct"][1], delta=1e-4 * values["direct"][1])
        self.assert_error(self.refusal(*COARSE, "--set", "reduced.pod=incremental"), 2, 'for method = \"pod\"')

    def test_a_model_of_another_problem_is_refused_with_the_difference(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        result = self.refusal(*COARSE, "--set", f"reduced.model={model}", "--set", "physics.diffusion.source=2.0")
        self.assert_error(result, 4, 'it is of "source = 1', "study.type=train")

    def test_a_model_that_was_trained_with_other_settings_is_used_and_says_which(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        same = self.use(model, 1)
        self.assertNotIn("other settings", same.process.stdout + same.process.stderr)
        other = self.use(model, 2, "--set", "reduced.max_size=9", "--set", "reduced.interpolation.points=s_opt")
        said = other.process.stdout + other.process.stderr
        self.assertIn("the model was trained with other settings, and is used as it is: interpolation.points was the default, is \"s_opt\"; "
                      "max_size was 30, is 9; train again with --set study.type=train", said)
        self.assertEqual(other.value("mean_temperature"), same.value("mean_temperature"))
        told = ansatz_test.ansatz("info", model).stdout
        self.assertIn("training\n", told)
        self.assertIn("  tolerance = 1e-07\n", told)

    def test_a_parameter_leaves_its_range_only_where_it_is_allowed_to_and_the_bound_still_holds(self):
        outside = ("--set", "parameters.k1.default=2.5")
        refused = self.refusal(*COARSE, *outside)
        self.assert_error(refused, 2, "outside of its range [0.1, 1]", "extrapolate = true")
        allowed = (*outside, "--set", "parameters.k1.extrapolate=true")
        model = self.folder / "model.h5"
        self.train(model, 1)
        result = self.use(model, 1, *allowed)
        self.assertIn("k1 = 2.5 is outside of [0.1, 1]", result.process.stdout + result.process.stderr)
        fem = self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[12,12]", *allowed)
        error = abs(result.value("mean_temperature") - fem.value("mean_temperature"))
        self.assertLessEqual(error, events(result, "certificate")[0]["bound"] / 4.4)
        self.assertLess(error, 1e-4)

    def test_wrong_settings_name_their_line_and_what_to_do(self):
        for settings, message in (
            (("--set", "study.type=train"), "the ansatz fem needs no training"),
            (("--set", "solver.type=reduced_basis", "--set", "parameters.k1.range=[0.3,0.3]"), "needs a range of k1"),
            (("--set", "solver.type=reduced_basis", "--set", "parameters.k1.range=[1.0,0.1]"), "must be [low, high]"),
            (("--set", "parameters.k1.range=[0.0,1.0]", "--set", "parameters.k1.logarithmic=true"), "which has no logarithm"),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.training.sobl=9"), 'did you mean "sobol"?'),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.reference.k9=1.0"), 'did you mean "k'),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.reference.k1=3.0"), "[0.1, 1]"),
            (("--set", "solver.type=reduced_basis", "--set", 'mesh.map=["k1 * x", "y"]', "--set",
              'reduced.separation="expressions"'), "mesh.map depends on parameters"),
            (("--set", "solver.type=reduced_basis", "--set", 'physics.diffusion.conductivity="k1 + temperature"'), "not linear"),
            (("--set", "solver.type=reduced_basis", "--set", 'physics.diffusion.capacity="k1"', "--set",
              'physics.diffusion.velocity=["k2", 0.0]', "--set", 'reduced.separation="expressions"'), "not affine"),
            (("--set", "solver.type=reduced_basis", "--set", 'reduced.separation="entry"'), 'entries'),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.interpolation.max_term=9"), 'did you mean "max_terms"?'),
            (("--set", "solver.type=reduced_basis", "--set", 'physics.diffusion.source="log(k1 - x)"'), "log(k1 - x)"),
        ):
            with self.subTest(message):
                self.assertIn(message, self.refusal(*settings).stderr)


SIMPLE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [16], cell = "interval" }
[physics.diffusion]
conductivity = "k"
source = "SOURCE"
boundary = [{ on = "all", temperature = 0.0 }]
[parameters]
k = { range = [0.5, 2.0], default = 1.0 }
[solver]
type = "reduced_basis"
[reduced]
training = { grid = 5 }
tolerance = 1e-8
model = "model.h5"
[quantities]
mean = { mean = "temperature" }
middle = { point = "temperature", at = [0.5] }
"""


class StoredModels(ansatz_test.TestCase):
    def test_a_model_holds_for_other_defaults_and_for_cases_that_differ_in_other_things_only(self):
        text = SIMPLE.replace("SOURCE", "1 + k*x")
        self.run_case(self.write_case(text))
        stored = (self.folder / "model.h5").read_bytes()

        def mean(k):
            """-k u'' = 1 + k x with u(0) = u(1) = 0, less h^2/12 times the source: nodal values are exact."""
            return 1 / (12 * k) + 1 / 24 - (1 / k + 0.5) / 12 / 16**2

        result = self.run_case(self.write_case(text), 1, "--set", "parameters.k.default=1.7")
        self.assert_value(result, "mean", mean(1.7), relative=1e-10)
        self.assertIn("its reference is k = 1, as when it was trained", result.process.stdout)
        (self.folder / "elsewhere").mkdir()
        case = self.write_case(text, "elsewhere/case.toml")
        moved = self.run_case(case, 2, "--set", f"reduced.model={self.folder}/model.h5", "--set", 'plugins=["diffusion","vtk"]',
                              "--set", "output.layout=vtu", "--set", "parameters.k.default=0.6", "--set", "title=other")
        self.assert_value(moved, "mean", mean(0.6), relative=1e-10)
        self.assertEqual((self.folder / "model.h5").read_bytes(), stored)
        refused = ansatz_test.run(self.write_case(text), 1, "--set", "reduced.reference.k=0.9", out=self.folder / "out", cwd=self.folder)
        self.assert_error(refused, 4, "reference", "k = 0.9")

    def test_a_model_of_a_zero_solution_is_read_and_swept(self):
        case = self.write_case(SIMPLE.replace("SOURCE", "0"))
        for ranks, settings in ((1, ()), (2, ("--set", "parameters.k.default=1.5")), (1, ("--set", "study.type=sweep", "--set", "study.points.grid=3"))):
            result = self.run_case(case, ranks, *settings)
            if settings[-1:] == ("study.points.grid=3",):
                continue
            for name in ("mean", "middle"):
                self.assertEqual(result.value(name), 0.0)
                self.assertEqual(result.summary["quantities"][name]["bound"], 0.0)
        rows = (result.folder / "sweep.csv").read_text().splitlines()[1:]
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertEqual([float(word) for word in row.split(",")[1:3]], [0.0, 0.0])


LINE = """
title = "line"
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0], cells = [100], cell = "interval" }}
[physics.diffusion]
{physics}
[parameters]
k = {{ range = {box}, default = {k} }}
[solver]
type = "reduced_basis"
[reduced]
training = {{ grid = 9 }}
tolerance = 1e-7
max_size = 12
reference = {{ k = {reference} }}
[quantities]
m = {{ mean = "temperature" }}
"""
HELD = 'boundary = [{ on = "right", temperature = 0.0 }]'


class HardToSee(ansatz_test.TestCase):
    """Exact means over (0, 1); linear elements with h = 1/100 are within 1e-4 of them."""

    def mean(self, physics, box, k, reference):
        folder = self.folder / f"case{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        case = folder / "case.toml"
        case.write_text(LINE.format(physics=physics, box=box, k=k, reference=reference))
        return self.run_case(case, 1, "--set", f'reduced.model="{folder / "model.h5"}"')

    def test_constants_of_clustered_spectra_bound_the_error(self):
        for physics, box, k, reference, exact in (
            # -u'' + k u = k with u'(0) = u(1) = 0: the mean is 1 - tanh(s) / s, s = sqrt(k)
            ('conductivity = 1.0\nreaction = "k"\nsource = "k"', "[0.0, 1.0]", 0.5, 0.0, 1.0 - math.tanh(0.5**0.5) / 0.5**0.5),
            # -u'' - k u = 1, singular from k = (pi / 2)^2 = 2.467 on: tan(s) / s^3 - 1 / s^2
            ('conductivity = 1.0\nreaction = "-k"\nsource = 1.0', "[0.0, 2.4]", 2.39, 0.3,
             math.tan(2.39**0.5) / 2.39**1.5 - 1.0 / 2.39),
        ):
            with self.subTest(physics):
                result = self.mean(physics + "\n" + HELD, box, k, reference)
                self.assert_value(result, "m", exact, relative=3e-3 if k > 2 else 1e-4)
                self.assertIn("at most", result.process.stdout)

    def test_levels_that_a_matrix_hardly_holds_come_from_the_balance(self):
        for physics, box, k, reference, exact, bound in (
            ('conductivity = "1 + k"\nreaction = "1e-8 * k"\nsource = 1e-8\nboundary = []', "[0.1, 1.0]", 0.5, 0.3, 2.0, 1e-8),
            ('conductivity = "1 + k"\nreaction = "1e-8 * k"\nsource = "x - 0.5 + 1e-8"\nboundary = []', "[0.1, 1.0]", 0.5, 0.3, 2.0, 1e-2),
            # 1 = k^2 (u(1) - 1 / k), and 1 / 3 above u(1) in the mean; its entries are interpolated
            ('conductivity = 1.0\nsource = 1.0\nboundary = [{ on = "right", transfer_coefficient = "k^2", ambient = "1 / k" }]',
             "[0.001, 10]", 0.0017, 1.0, 1.0 / 0.0017**2 + 1.0 / 0.0017 + 1.0 / 3.0, 1.0),
            ('conductivity = 1.0\nsource = 1.0\nboundary = [{ on = "right", transfer_coefficient = "k * 1e-12", ambient = 2.0 }]',
             "[0.5, 2.0]", 0.7, 1.0, 1.0 / 0.7e-12 + 2.0 + 1.0 / 3.0, 1e3),
        ):
            with self.subTest(physics):
                result = self.mean(physics, box, k, reference)
                certificate = events(result, "certificate")[0]
                size = certificate.get("bound", certificate.get("estimate"))
                self.assertLessEqual(abs(result.value("m") - exact), size)
                self.assertLessEqual(size, bound)

    def test_a_box_with_a_parameter_that_leaves_a_level_open_is_refused_with_it(self):
        case = self.write_case(LINE.format(physics='conductivity = 1.0\nreaction = "k"\nsource = 1.0\nboundary = []',
                                           box="[0.0, 1.0]", k=0.5, reference=0.5))
        self.assert_error(ansatz_test.ansatz("run", case, cwd=self.folder), 2, "at k = 0")


if __name__ == "__main__":
    ansatz_test.main()
