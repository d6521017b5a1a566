#!/usr/bin/python3
# timeout: 400
# ranks: 1
# labels: slow
"""Trainings of reduced bases from case files: on any number of ranks, adaptive, with pictures, from damaged files."""

import math
import pathlib
import sys
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import reduced_case
from reduced_case import COARSE, events


def markers(picture):
    """The markers of each series in a chart, by series."""
    groups = xml.dom.minidom.parse(str(picture)).getElementsByTagName("g")
    return [[shape for shape in group.childNodes if shape.nodeType == shape.ELEMENT_NODE and shape.getAttribute("class") == "marker"]
            for group in groups if group.getAttribute("class") == "series"]


class Training(reduced_case.ReducedCase):
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

    def test_the_strong_greedy_algorithm_trains_by_true_errors_and_bounds_are_above_them(self):
        result = self.train(self.folder / "strong.h5", 2, "--set", "reduced.method=strong_greedy")
        steps, weak = events(result, "greedy"), events(self.train(self.folder / "weak.h5", 1), "greedy")
        self.assertGreater(len(steps), 10)
        for ours, bound in zip(steps, weak):
            self.assertLess(ours["error"], bound["bound"] * 1.5)
        self.assertLessEqual(events(result, "trained")[0]["error"], 1e-7 * steps[0]["error"])

    def test_a_run_without_a_model_trains_one(self):
        model = self.folder / "new" / "model.h5"
        first = self.use(model, 2)
        self.assertIn("no model yet", first.process.stdout)
        self.assertTrue(model.is_file())
        again = self.use(model, 2)
        self.assertEqual(first.summary["quantities"], again.summary["quantities"])

    def test_the_picture_of_a_greedy_training_has_a_marker_at_each_bound(self):
        result = self.train(self.folder / "model.h5", 2, "--set", 'title="<blocks> & \\"more\\""')
        picture = result.folder / "bound.svg"
        self.assertIn(f"picture: {picture}", result.process.stdout)
        bounds = [event["bound"] for event in events(result, "greedy") + events(result, "trained")]
        drawn, errors = markers(picture)
        self.assertEqual(len(drawn), len(bounds))
        heights = [float(marker.getAttribute("cy")) for marker in drawn]
        decade = (heights[-1] - heights[0]) / math.log10(bounds[0] / bounds[-1])
        self.assertGreater(decade, 30.0)
        for height, bound in zip(heights, bounds):
            self.assertAlmostEqual(height, heights[0] + decade * math.log10(bounds[0] / bound), delta=0.03)
        self.assertEqual(len(errors), len(bounds) - 1)  # squares, at the parameters of the bounds and below these
        for marker, height in zip(errors, heights):
            self.assertGreaterEqual(float(marker.getAttribute("y")) + 3.5, height)
        self.assertNotIn("bound.svg", self.use(self.folder / "model.h5", 1, "--set", 'title="used"').process.stdout)

    def test_the_picture_of_a_pod_has_a_marker_for_each_singular_value(self):
        result = self.train(self.folder / "model.h5", 2, "--set", "reduced.method=pod")
        self.assertIn(f"picture: {result.folder / 'singular_values.svg'}", result.process.stdout)
        kept, left_out = markers(result.folder / "singular_values.svg")
        self.assertEqual(len(kept), len(events(result, "mode")))
        self.assertEqual(len(kept) + len(left_out), 81)  # as many as snapshots
        self.assertFalse((result.folder / "bound.svg").exists())

    def test_a_picture_that_cannot_be_written_is_an_error_after_the_model_is_safe(self):
        model, out = self.folder / "model.h5", self.folder / "out"
        (out / "bound.svg").mkdir(parents=True)
        result = ansatz_test.run("thermal_block", 2, *COARSE, "--set", f"reduced.model={model}", out=out, cwd=self.folder)
        self.assert_error(result, 8, "bound.svg")
        self.assertEqual(events(self.use(model, 1), "greedy"), [])

    def test_a_damaged_model_is_refused(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        content = model.read_bytes()
        for damaged in (content[: len(content) // 2], b"", b"no HDF5 at all"):
            model.write_bytes(damaged)
            result = self.refusal(*COARSE, "--set", f"reduced.model={model}")
            self.assert_error(result, 4, "model.h5")

    def test_one_flipped_bit_anywhere_in_a_model_is_an_error_and_not_another_result(self):
        model = self.folder / "model.h5"
        self.train(model, 1)
        content = model.read_bytes()
        for place in range(7, len(content), len(content) // 12):
            model.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
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


if __name__ == "__main__":
    ansatz_test.main()
