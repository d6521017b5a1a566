#!/usr/bin/python3
"""Ansaetze side by side: errors against a finer reference, classical solvers among them, verdicts that can be lost."""

import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

PLUGINS = {"ANSATZ_PLUGIN_PATH": str(ansatz_test.BUILD / "tests/plugins")}

CASE = """
title   = "Two blocks"
plugins = ["diffusion", "pod_regression", "toys"]

[mesh]
box = { size = [1.0, 1.0], cells = [24, 24], cell = "triangle", pattern = "crossed" }

[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k1", "k2"] }
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }

[quantities]
mean = { mean = "temperature" }

[compare]
solvers = ["reduced_basis", "pod_regression"]
points  = { random = 6 }
"""


class Compare(ansatz_test.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "case.toml").write_text(CASE)

    def compare(self, *settings, out="out", ranks=None, code=0):
        process = ansatz_test.ansatz("compare", "case.toml", *[word for entry in settings for word in ("--set", entry)], "--out", out,
                                     ranks=ranks, cwd=self.folder, env=PLUGINS)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        found = json.loads((self.folder / out / "compare.json").read_text()) if code == 0 else None
        return process.stdout, found and {row["name"]: row for row in found["rows"]}

    def test_errors_are_those_of_the_mesh_and_of_the_ansatz(self):
        _, rows = self.compare()
        self.assertEqual(list(rows), ["reduced_basis", "pod_regression", "fem, 24 x 24 cells, order 1", "fem, 12 x 12 cells, order 1",
                                      "fem, 6 x 6 cells, order 1", "fem, 4 x 3 cells, order 1"])
        errors = [rows[name]["error"]["mean"] for name in rows if rows[name]["classical"]]
        for fine, coarse in zip(errors[:2], errors[1:3]):
            self.assertAlmostEqual(coarse / fine, 4.0, delta=0.4)  # second order in L2
        # A reduced basis to 1e-6 is as wrong as its mesh, and its bounds are above its distance to finite elements.
        self.assertAlmostEqual(rows["reduced_basis"]["error"]["mean"] / errors[0], 1.0, delta=1e-3)
        for name in ("reduced_basis", "pod_regression"):
            self.assertEqual(rows[name]["certificate"], "bound")
            self.assertGreaterEqual(rows[name]["effectivity"]["least"], 1.0)
            self.assertGreater(rows[name]["offline_seconds"], 0.0)
            self.assertGreater(rows[name]["bytes"], 1000)
            error = rows[name]["error"]
            self.assertTrue(error["least"] <= error["mean"] <= error["percent_95"] <= error["worst"])

    def test_the_table_is_the_same_on_two_ranks_and_what_training_took_is_remembered(self):
        _, first = self.compare()
        for ranks in (1, 2):
            _, again = self.compare(ranks=ranks)
            for name, row in first.items():
                for of in ("error", "quantity_error"):
                    for key, value in row[of].items():
                        self.assertAlmostEqual(again[name][of][key] / value, 1.0, places=6, msg=f"{name} {of} {key}")
                self.assertEqual(again[name]["offline_seconds"], row["offline_seconds"])

    def test_a_learned_ansatz_that_loses_is_reported_as_losing(self):
        text, rows = self.compare('compare.solvers=["spoiled"]', "solver.spoiled.share=0.3")
        row = rows["spoiled"]
        self.assertIn("loses", row["verdict"])
        self.assertIn("spoiled: loses: finite elements of equal error", text)
        # Its answers cost what those of finite elements cost, which it asks first, and are worse.
        self.assertLess(row["seconds_of_equal_error"], row["seconds"])
        self.assertGreater(row["error"]["mean"], 0.02)

    def test_answers_that_fail_stay_in_the_table(self):
        text, rows = self.compare('compare.solvers=["spoiled"]', "solver.spoiled.kind=not_finite")
        self.assertEqual(len(rows["spoiled"]["failed_points"]), 6)
        self.assertEqual(rows["spoiled"]["verdict"], "fails at some parameters")
        self.assertIn("no answer at 6 parameters", text)

    def test_what_cannot_be_compared_is_refused(self):
        process = ansatz_test.ansatz("compare", "case.toml", "--set", 'compare.solvers=["reduced_bases"]', cwd=self.folder, env=PLUGINS)
        self.assertEqual(process.returncode, 2)
        self.assertIn('there is no ansatz "reduced_bases"', process.stderr)
        self.assertIn('did you mean "reduced_basis"', process.stderr)
        self.compare("time={ method = 'backward_euler', step = 0.1, end = 1.0 }", code=2)


if __name__ == "__main__":
    ansatz_test.main()
