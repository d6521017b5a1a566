#!/usr/bin/python3
# timeout: 240
# ranks: 1
"""Reduced bases from case files: training, model files, use, the same on any number of ranks, and what is refused."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

COARSE = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[12,12]", "--set", "reduced.training.grid=3",
          "--set", "reduced.tolerance=1e-7")


def events(result, name):
    lines = (result.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


class ReducedBasis(ansatz_test.TestCase):
    def train(self, model, ranks, *more):
        return self.run_case("thermal_block", ranks, *COARSE, "--set", "study.type=train", "--set", f"reduced.model={model}", *more)

    def use(self, model, ranks, *more):
        return self.run_case("thermal_block", ranks, *COARSE, "--set", f"reduced.model={model}", *more)

    def refusal(self, *arguments):
        return ansatz_test.run("thermal_block", 1, *arguments, out=self.folder / "refused", cwd=self.folder)

    def test_training_picks_the_same_parameters_on_one_to_four_ranks(self):
        runs = {ranks: self.train(self.folder / f"{ranks}.h5", ranks) for ranks in (1, 2, 3, 4)}
        steps = {ranks: events(result, "greedy") for ranks, result in runs.items()}
        self.assertGreater(len(steps[1]), 10)
        for ranks in (2, 3, 4):
            self.assertEqual([step["index"] for step in steps[ranks]], [step["index"] for step in steps[1]])
            for ours, one in zip(steps[ranks], steps[1]):
                self.assertLessEqual(abs(ours["bound"] - one["bound"]), 1e-10)
            mean, expected = (result.value("mean_temperature") for result in (runs[ranks], runs[1]))
            self.assertLessEqual(abs(mean - expected), 1e-10 * expected)

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

    def test_the_reduced_solution_is_as_near_to_finite_elements_as_its_bound_says(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        change = ("--set", "parameters.k1.default=0.93", "--set", "parameters.k4.default=0.11")
        reduced = self.use(model, 1, *change)
        fem = self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[12,12]", *change)
        error = abs(reduced.value("mean_temperature") - fem.value("mean_temperature"))
        bound = events(reduced, "certificate")[0]["bound"]
        # The mean is bounded by the H1 semi-norm on the unit square with the constant 1 / (sqrt(2) pi).
        self.assertLessEqual(error, bound / 4.4)
        self.assertLess(bound, 1e-5)
        self.assertGreater(bound, 0.0)

    def test_an_adaptive_training_set_grows_until_random_parameters_meet_the_tolerance(self):
        settings = ("--set", "reduced.training.grid=2", "--set", "reduced.tolerance=1e-5")
        runs = [self.train(self.folder / "model.h5", 1, *settings, *more) for more in ((), ("--set", "reduced.adaptive=true"))]
        plain, adaptive = (events(result, "trained")[0] for result in runs)
        first = events(runs[0], "greedy")[0]["bound"]
        self.assertEqual(plain["parameters"], 16)
        self.assertGreater(adaptive["parameters"], 16)
        self.assertGreater(adaptive["size"], plain["size"])
        self.assertLessEqual(adaptive["validation"], 1e-5 * first)

    def test_a_run_without_a_model_trains_one(self):
        model = self.folder / "new" / "model.h5"
        first = self.use(model, 2)
        self.assertIn("no model yet", first.process.stdout)
        self.assertTrue(model.is_file())
        again = self.use(model, 2)
        self.assertEqual(first.summary["quantities"], again.summary["quantities"])

    def test_a_model_of_another_problem_is_refused_with_the_difference(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        result = self.refusal(*COARSE, "--set", f"reduced.model={model}", "--set", "physics.diffusion.source=2.0")
        self.assert_error(result, 4, 'it was trained for "source = 1', "study.type=train")

    def test_a_damaged_model_is_refused(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        content = model.read_bytes()
        for damaged in (content[: len(content) // 2], b"", b"no HDF5 at all"):
            model.write_bytes(damaged)
            result = self.refusal(*COARSE, "--set", f"reduced.model={model}")
            self.assert_error(result, 4, "model.h5")

    def test_a_source_that_does_not_separate_is_interpolated_and_the_bound_is_an_estimate(self):
        model, source = self.folder / "model.h5", ("--set", 'physics.diffusion.source="exp(k1 * x)"')
        trained = self.train(model, 2, *source)
        interpolated = events(trained, "interpolated")
        self.assertEqual([event["function"] for event in interpolated], ["exp(k1*x)"])
        self.assertLessEqual(interpolated[0]["remainder"], 1e-8)
        used = self.use(model, 3, *source)
        for result in (trained, used):
            certificate = events(result, "certificate")[0]
            self.assertNotIn("bound", certificate)
            self.assertGreater(certificate["rhs_error"], 0.0)
        fem = self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[12,12]", *source)
        self.assertLessEqual(abs(used.value("mean_temperature") - fem.value("mean_temperature")), certificate["estimate"])

    def test_wrong_settings_name_their_line_and_what_to_do(self):
        for settings, message in (
            (("--set", "study.type=train"), "finite elements need no training"),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.training.sobl=9"), 'did you mean "sobol"?'),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.reference.k9=1.0"), 'did you mean "k'),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.reference.k1=3.0"), "[0.1, 1]"),
            (("--set", "solver.type=reduced_basis", "--set", "reduced.interpolation.max_term=9"), 'did you mean "max_terms"?'),
            (("--set", "solver.type=reduced_basis", "--set", 'physics.diffusion.source="log(k1 - x)"'), "log(k1 - x)"),
        ):
            with self.subTest(message):
                self.assertIn(message, self.refusal(*settings).stderr)


if __name__ == "__main__":
    ansatz_test.main()
