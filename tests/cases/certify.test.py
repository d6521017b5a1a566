#!/usr/bin/python3
"""Answers of any ansatz are checked: bounds hold, wrong ones are caught and repaired, and what is no proof is called an estimate."""

import csv
import json
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

PLUGINS = {"ANSATZ_PLUGIN_PATH": str(ansatz_test.BUILD / "tests/plugins")}

BLOCK = """
title   = "Four blocks"
plugins = ["diffusion", "toys", "pod_regression"]

[mesh]
box = { size = [SIZE, SIZE], cells = [12, 12], cell = "triangle", pattern = "crossed" }

[physics.diffusion]
conductivity = { by_block = [2, 2], values = ["k1", "k2", "k3", "k4"] }
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
k3 = { range = [0.1, 1.0], default = 0.5 }
k4 = { range = [0.1, 1.0], default = 0.9 }

[quantities]
mean = { mean = "temperature" }
"""

ROD = """
title   = "Heat in a rod"
plugins = ["diffusion", "toys"]

[mesh]
box = { size = [1.0], cells = [400] }

[physics.diffusion]
conductivity = "CONDUCTIVITY"
reaction     = REACTION
source       = 40.0
boundary     = [BOUNDARY]

[quantities]
mean = { mean = "temperature" }
"""

HEAT = """
title   = "Heat in a rod, in time"
plugins = ["diffusion", "toys"]

[mesh]
box = { size = [1.0], cells = [16] }

[physics.diffusion]
conductivity = "k"
source       = "10 * (1 + 0.1 * sin(5 * t))"
boundary     = [{ on = "all", temperature = "0.3 * sin(3 * t)" }]

[parameters.k]
range   = [1.0, 4.0]
default = 2.0

[time]
method = "backward_euler"
step   = 0.01
end    = 0.5

[quantities]
mean = { mean = "temperature" }
"""


def rod(conductivity="1.0", reaction="0.0", boundary='{ on = "all", temperature = 0.0 }'):
    return ROD.replace("CONDUCTIVITY", conductivity).replace("REACTION", reaction).replace("BOUNDARY", boundary)


class Certify(ansatz_test.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, case):
        (self.folder / "case.toml").write_text(case)

    def run_with(self, ansatz, *settings, out="out", ranks=None, code=0):
        arguments = [f"solver.type={ansatz}", *settings]
        process = ansatz_test.ansatz("run", "case.toml", *[word for entry in arguments for word in ("--set", entry)], "--out", out,
                                     ranks=ranks, cwd=self.folder, env=PLUGINS)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        return process

    def summary(self, out="out"):
        return json.loads((self.folder / out / "summary.json").read_text())

    def mean(self, out="out"):
        return self.summary(out)["quantities"]["mean"]["value"]

    def outcome(self, out="out"):
        counts = self.summary(out)["certify"]
        return {name: int(counts[name]) for name in ("accepted", "polished", "fell_back", "unknown", "failed")}

    def test_bounds_are_above_the_true_errors_of_every_ansatz(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        for ansatz, settings in (("reduced_basis", []), ("pod_regression", []), ("spoiled", []), ("spoiled", ["solver.spoiled.kind=region"])):
            self.run_with(ansatz, "study={ type = 'effectivities', effectivities = { points = 60 } }", "certify.policy=check", *settings)
            with (self.folder / "out/effectivities.csv").open() as file:
                rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
            self.assertEqual(len(rows), 60)
            for certificate, error, is_bound in rows:
                self.assertEqual(is_bound, 1.0)
                self.assertGreaterEqual(certificate, error)
                # The blocks differ from the defaults by a factor of 10 at most, and the norm by its root.
                self.assertLess(certificate, 12 * error)

    def test_every_answer_ends_within_the_tolerance_and_counters_tell_how(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        self.run_with("pod_regression", "study={ type = 'effectivities', effectivities = { points = 40 } }", "certify.tolerance=1e-6")
        with (self.folder / "out/effectivities.csv").open() as file:
            rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
        self.assertTrue(all(error <= 1e-6 for _, error, _ in rows))

    def test_wrong_answers_are_caught_and_replaced(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        self.run_with("fem", out="fem")
        truth = self.mean("fem")
        for kind in ("random", "not_finite", "boundary", "region", "noise"):
            self.run_with("spoiled", f"solver.spoiled.kind={kind}", "certify.tolerance=1e-6", out=kind)
            self.assertAlmostEqual(self.mean(kind) / truth, 1.0, places=9, msg=kind)
            found = self.outcome(kind)
            self.assertEqual((found["accepted"], found["polished"] + found["fell_back"], found["failed"]), (0, 1, 0), kind)
            certificate = self.summary(kind)["certificate"]
            self.assertEqual((certificate["kind"], certificate["against"]), ("bound", "finite_elements"))
            self.assertLess(certificate["value"], 1e-9)
        self.assertEqual(self.outcome("not_finite")["fell_back"], 1)
        self.run_with("spoiled", "solver.spoiled.kind=region", 'certify={ tolerance = 1e-6, policy = "fallback" }')
        self.assertEqual(self.outcome()["fell_back"], 1)

    def test_a_right_answer_is_accepted_as_it_is(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        self.run_with("spoiled", "solver.spoiled.share=1e-9", "certify.tolerance=1e-6")
        self.assertEqual(self.outcome()["accepted"], 1)
        self.assertEqual(self.summary()["costs"]["training"], 0.0)

    def test_what_nobody_asked_to_repair_is_said_and_what_misses_a_tolerance_fails(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        process = self.run_with("spoiled")
        self.assertRegex(process.stdout, r"accepted: difference to the finite-element solution on this mesh at most [0-9.e-]+ in the energy norm")
        self.assertEqual(self.summary()["certificate"]["kind"], "bound")
        self.run_with("spoiled", 'certify={ tolerance = 1e-6, policy = "check" }', code=1)
        self.assertEqual(self.outcome()["failed"], 1)
        self.run_with("spoiled", "certify.policy=off")
        self.assertEqual(self.summary()["certificate"]["norm"], "a lie")
        self.assertNotIn("certify", self.summary())

    def test_other_units_and_more_ranks_say_the_same(self):
        shares = []
        for size, ranks in (("1.0", None), ("1000.0", None), ("1.0e6", None), ("1.0", 3)):
            self.write(BLOCK.replace("SIZE", size))
            self.run_with("spoiled", "solver.spoiled.kind=region", "certify.policy=check", ranks=ranks)
            event = [json.loads(line) for line in (self.folder / "out/log.jsonl").read_text().splitlines()]
            event = [entry for entry in event if entry["event"] == "certified"][0]
            shares.append(event["value"] / event["size"])
        for share in shares[1:]:
            self.assertAlmostEqual(share / shares[0], 1.0, places=9)

    def test_an_indefinite_term_never_carries_the_word_bound(self):
        self.write(rod(reaction="-4.0"))  # coercive, since pi^2 > 4, but not point by point
        process = self.run_with("spoiled", "certify.policy=check")
        self.assertEqual(self.summary()["certificate"]["kind"], "estimate")
        self.assertIn("a term is indefinite", process.stdout)
        self.assertNotIn("at most", process.stdout)
        self.run_with("spoiled", "certify.tolerance=1e-6")
        self.run_with("fem", out="fem")
        self.assertAlmostEqual(self.mean() / self.mean("fem"), 1.0, places=9)
        self.run_with("spoiled", 'certify={ policy = "check", norm = "energy" }', code=2)

    def test_the_estimate_of_a_linear_problem_is_its_error(self):
        # 5 % on half of u = 20 x (1 - x): |e|_H1^2 = 0.0025 int_1/2^1 ((20 - 40 x)^2 + u^2) without the jump of e, which
        # the mesh spreads over one cell of length h: (0.05 * 5)^2 / h.
        self.write(rod())
        self.run_with("spoiled", "solver.spoiled.kind=region", "solver.spoiled.share=0.05", 'certify={ policy = "check", norm = "h1" }')
        found = self.summary()["certificate"]
        self.assertEqual(found["kind"], "estimate")
        self.assertAlmostEqual(found["value"] / (0.25**2 * 400) ** 0.5, 1.0, delta=0.01)

    def test_newton_and_kantorovich_are_asked_of_nonlinear_problems(self):
        self.write(rod(conductivity="1 + temperature^2"))
        self.run_with("fem", out="fem")
        process = self.run_with("spoiled", "solver.spoiled.kind=region", "solver.spoiled.share=1e-3", "certify.policy=check")
        found = self.summary()
        self.assertEqual(found["certificate"]["kind"], "estimate")
        self.assertLess(found["certify"]["kantorovich"], 0.5)
        self.assertIn("an estimate, no bound: the equations are nonlinear", process.stdout)
        # The jump of the spoiled half at x = 1/2, spread over one cell, is nearly all of the error: |u(1/2)| from the exact
        # solution v = u + u^3 / 3 = 20 x (1 - x) of (k u')' = -40, v(1/2) = 5.
        middle = 2.0
        for _ in range(50):
            middle -= (middle + middle**3 / 3 - 5.0) / (1 + middle**2)
        self.assertAlmostEqual(found["certificate"]["value"] / (1e-3 * middle * 400**0.5), 1.0, delta=0.02)
        self.run_with("spoiled", "solver.spoiled.kind=random", "solver.spoiled.share=10.0", "certify.tolerance=1e-6")
        self.assertAlmostEqual(self.mean() / self.mean("fem"), 1.0, places=8)
        self.assertEqual(self.outcome()["failed"], 0)

    def test_what_the_equations_leave_undetermined_has_the_mean_zero(self):
        self.write(rod(boundary='{ on = "all", heat_flux = -20.0 }'))  # what the source brings in flows out
        self.run_with("spoiled", "solver.spoiled.kind=boundary", "certify.tolerance=1e-6")
        self.assertLess(abs(self.mean()), 1e-9)
        self.assertEqual(self.outcome()["unknown"], 0)

    def test_sweeps_count_what_became_of_their_answers(self):
        self.write(BLOCK.replace("SIZE", "1.0"))
        process = self.run_with("spoiled", "study={ type = 'sweep', points = { random = 5 } }", "certify.tolerance=1e-6")
        found = self.outcome()
        self.assertEqual(found["polished"] + found["fell_back"], 5)
        self.assertIn("answers: 0 accepted", process.stdout)

    def test_steps_have_the_bound_of_the_reduced_basis_which_has_it_from_its_model(self):
        for method in ("backward_euler", "crank_nicolson"):
            self.write(HEAT)
            process = self.run_with("reduced_basis", f"time.method={method}", "certify.policy=check")
            own = float(re.search(r"integral of a\(e, e\)\) at most ([0-9.e-]+)", process.stdout).group(1))
            found = self.summary()["certificate"]
            self.assertEqual(found["kind"], "bound")
            self.assertAlmostEqual(found["value"] / own, 1.0, delta=0.003)
            shutil.rmtree(self.folder / "models")

    def test_steps_that_are_wrong_are_taken_anew(self):
        self.write(HEAT)
        for method in ("backward_euler", "crank_nicolson"):
            settings = [f"time.method={method}"]
            self.run_with("fem", *settings, out="fem")
            truth = (self.folder / "fem/quantities.csv").read_text().splitlines()[1:]
            for ansatz, kinds in (("ramp", {"fell_back"}), ("walk", {"fell_back"}), ("truth", {"accepted"}), ("short_lived", {"fell_back", "accepted"})):
                self.run_with(ansatz, *settings, "certify.tolerance=1e-6", out=ansatz)
                lines = (self.folder / ansatz / "quantities.csv").read_text().splitlines()[1:]
                self.assertEqual(len(lines), len(truth))
                for line, right in zip(lines, truth):
                    for a, b in zip(line.split(","), right.split(",")):
                        self.assertAlmostEqual(float(a), float(b), delta=1e-9)
                counts = self.outcome(ansatz)
                self.assertEqual({kind for kind in ("accepted", "polished", "fell_back") if counts[kind] > 0}, kinds)
                self.assertEqual(sum(counts[kind] for kind in ("accepted", "polished", "fell_back")), 51)

    def test_steps_of_nonlinear_problems_are_estimated(self):
        self.write(HEAT.replace('"k"', '"k * (1 + temperature^2)"'))
        self.run_with("ramp", "certify.policy=check")
        self.assertEqual(self.summary()["certificate"]["kind"], "estimate")
        self.run_with("ramp", "certify.tolerance=1e-6")
        self.run_with("fem", out="fem")
        self.assertAlmostEqual(self.mean() / self.mean("fem"), 1.0, places=8)

    def test_a_run_that_goes_on_counts_on(self):
        self.write(HEAT)
        settings = ["certify.tolerance=1e-6", "checkpoint.every=10"]
        self.run_with("walk", *settings, out="whole")
        self.run_with("walk", *settings, "time.end=0.3")
        arguments = [word for entry in ["solver.type=walk", *settings] for word in ("--set", entry)]
        process = ansatz_test.ansatz("run", "case.toml", *arguments, "--out", "out", "--restart", "latest", cwd=self.folder, env=PLUGINS)
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertEqual(self.outcome(), self.outcome("whole"))
        self.assertEqual(self.summary()["certificate"], self.summary("whole")["certificate"])

    def test_what_cannot_be_checked_in_time_is_refused(self):
        self.write(HEAT)
        process = self.run_with("truth", "certify.tolerance=1e-6", "time.method=sdirk2", code=2)
        self.assertIn("backward_euler or crank_nicolson", process.stderr)
        self.run_with("truth", "time.method=sdirk2")


if __name__ == "__main__":
    ansatz_test.main()
