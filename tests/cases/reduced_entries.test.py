#!/usr/bin/python3
# timeout: 600
# ranks: 1
# labels: slow
"""Reduced bases from assembled entries, from case files: the Graetz problem on its moving mesh, and affine problems undeclared."""

import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import COARSE, ReducedCase, events

GRAETZ = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[16,8]", "--set", "reduced.training.sobol=40")
OTHER = ("--set", "parameters.length.default=7.3", "--set", "parameters.diffusion.default=0.4")


class Graetz(ansatz_test.TestCase):
    def test_a_model_trained_on_three_ranks_holds_on_one_and_four_for_other_lengths(self):
        model = ("--set", f"reduced.model={self.folder / 'graetz.h5'}")
        training = self.run_case("graetz", 3, *GRAETZ, *model, "--set", "study.type=train", timeout=400)
        found = {event["function"]: event for event in events(training, "interpolated")}
        self.assertEqual(found["entries of the operator"]["terms"], 4)  # k, k / length, k length, convection
        for event in found.values():
            self.assertEqual(event["exact"], "yes")
            self.assertLessEqual(event["remainder"], 1e-13)
        fem = self.run_case("graetz", 1, "--set", "mesh.box.cells=[16,8]", *OTHER)
        runs = {ranks: self.run_case("graetz", ranks, *GRAETZ, *model, *OTHER) for ranks in (1, 4)}
        for result in runs.values():
            self.assertEqual(events(result, "greedy"), [])  # nothing was trained
            self.assertIn("estimate", events(result, "certificate")[0])  # seen at some parameters, not shown for all
            for name in ("mean_temperature", "outlet_temperature"):
                self.assert_value(result, name, fem.value(name), relative=2e-3)
        one, four = (events(runs[ranks], "certificate")[0]["estimate"] for ranks in (1, 4))
        self.assertEqual(one, four)
        for name in ("mean_temperature", "outlet_temperature"):
            self.assert_value(runs[4], name, runs[1].value(name), relative=1e-12)

    def test_a_sweep_over_lengths_is_that_of_finite_elements(self):
        sweep = ("--set", "study.type=sweep", "--set", "study.points={ values = { length = [0.5, 2.0, 6.0] } }", "--set", "mesh.box.cells=[16,8]")
        tables = {}
        for kind in ("fem", "reduced_basis"):
            out = self.folder / kind
            process = ansatz_test.run("graetz", 1, *GRAETZ, *sweep, "--set", f"solver.type={kind}", "--set",
                                      f"reduced.model={self.folder / 'sweep.h5'}", out=out, cwd=self.folder, timeout=300)
            self.assert_exit(process, 0)
            with (out / "sweep.csv").open(encoding="utf-8", newline="") as table:
                tables[kind] = [float(row["mean_temperature [K]"]) for row in csv.DictReader(table)]
        self.assertEqual(len(tables["fem"]), 3)
        for reduced, exact in zip(tables["reduced_basis"], tables["fem"]):
            self.assertLessEqual(abs(reduced - exact), 2e-3 * exact)

    def test_a_model_of_another_geometry_is_refused(self):
        model = ("--set", f"reduced.model={self.folder / 'graetz.h5'}")
        self.run_case("graetz", 1, *GRAETZ, *model, "--set", "study.type=train")
        result = ansatz_test.run("graetz", 1, *GRAETZ, *model, "--set", 'mesh.map=["x < 1 ? x : 1 + length * (x - 1)", "2 * y"]',
                                 out=self.folder / "refused", cwd=self.folder)
        self.assert_error(result, 4, "2 * y", "study.type=train")


class Undeclared(ReducedCase):
    def test_the_thermal_block_by_its_entries_is_the_declared_one(self):
        scm = ("--set", "reduced.stability=scm", "--set", "reduced.tolerance=1e-8")
        by_entries = ("--set", "reduced.separation=entries")
        declared = self.train(self.folder / "declared.h5", 1, *scm)
        found = self.train(self.folder / "entries.h5", 1, *scm, *by_entries)
        terms = {event["function"]: event for event in events(found, "interpolated")}
        self.assertEqual(terms["entries of the operator"]["terms"], 4)
        self.assertEqual(terms["entries of the right-hand side"]["terms"], 1)
        for event in terms.values():
            self.assertLessEqual(event["remainder"], 1e-13)
            self.assertEqual(event["exact"], "yes")
        self.assertIn("estimate", events(found, "certificate")[0])
        self.assert_value(found, "mean_temperature", declared.value("mean_temperature"), relative=1e-10)

    def test_products_of_coefficients_are_separated_by_entries_without_being_asked(self):
        change = ("--set", 'physics.diffusion.capacity="k1"', "--set", 'physics.diffusion.velocity=["k2", 0.0]')
        result = self.train(self.folder / "model.h5", 1, *change)
        self.assertIn("not affine", result.process.stdout)
        self.assertIn("entries of the operator", result.process.stdout)
        fem = self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[12,12]", *change)
        self.assert_value(result, "mean_temperature", fem.value("mean_temperature"), relative=1e-5)


if __name__ == "__main__":
    ansatz_test.main()
