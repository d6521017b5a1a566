#!/usr/bin/python3
"""Where no bound exists, held-out solves say how far answers are off, and queries that are unlike what was learned are told."""

import csv
import json
import os
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

PLUGINS = {"ANSATZ_PLUGIN_PATH": str(ansatz_test.BUILD / "tests/plugins")}

# The defaults are the middle of the ranges, where the norm of calibrations is taken.
ROD = """
title   = "A rod whose conductivity varies along it"
plugins = ["diffusion", "toys", "pod_regression"]

[mesh]
box = { size = [1.0], cells = [8] }

[physics.diffusion]
conductivity = "a + b * x"
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters]
a = { range = [0.1, 1.1], default = 0.6 }
b = { range = [0.0, 4.0], default = 2.0 }

[solver]
type = "pod_regression"

[solver.pod_regression]
samples = { sobol = 20 }
model   = "model.h5"

[certify]
policy      = "off"
calibration = 30

[quantities]
mean = { mean = "temperature" }
"""

HEAT = """
title   = "A rod that is heated"
plugins = ["diffusion", "pod_regression"]

[mesh]
box = { size = [1.0], cells = [8] }

[physics.diffusion]
conductivity = "a"
source       = "1 + t"
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters]
a = { range = [0.1, 1.1], default = 0.6 }

[time]
method = "backward_euler"
step   = 0.02
end    = 0.2

[solver]
type = "pod_regression"

[solver.pod_regression]
samples = { sobol = 8 }
model   = "model.h5"

[certify]
policy      = "off"
calibration = 12

[quantities]
mean = { mean = "temperature" }
"""

def write_solutions(path, parameters, cells=8):
    """Linear elements on the rod, by this script alone: -((a + b x) u')' = 1 with zero at both ends."""
    h = 1.0 / cells
    middles = (numpy.arange(cells) + 0.5) * h
    fields = numpy.zeros((len(parameters), cells + 1))
    for row, (a, b) in zip(fields, parameters):
        k = (a + b * middles) / h
        matrix = numpy.diag(k[:-1] + k[1:]) - numpy.diag(k[1:-1], 1) - numpy.diag(k[1:-1], -1)
        row[1:-1] = numpy.linalg.solve(matrix, numpy.full(cells - 1, h))
    with h5py.File(path, "w") as file:
        table = file.create_dataset("parameters", data=numpy.array(parameters))
        table.attrs["names"] = ["a", "b"]
        file["mesh/points"] = numpy.linspace(0.0, 1.0, cells + 1)[:, None]
        file["fields/temperature"] = fields


class Calibration(ansatz_test.TestCase):
    def run_with(self, case, *settings, out="out", ranks=None, code=0, timeout=120):
        (self.folder / "case.toml").write_text(case)
        words = [word for entry in settings for word in ("--set", entry)]
        process = ansatz_test.ansatz("run", "case.toml", *words, "--out", out, ranks=ranks, cwd=self.folder, env=PLUGINS, timeout=timeout)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        return process

    def summary(self, out="out"):
        return json.loads((self.folder / out / "summary.json").read_text())

    def events(self, name, out="out"):
        lines = (self.folder / out / "log.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def radius(self, out="out"):
        return self.summary(out)["certify"]["radius"]

    def test_so_many_of_fresh_errors_are_within_the_radius(self):
        # The share covered is Beta(n + 1 - l, l) with l = (n + 1) / 10, what is seen of it binomial: their variances add.
        count = int(os.environ.get("ANSATZ_CALIBRATION", "1000"))
        process = self.run_with(ROD, f"certify.calibration={count}", f"study={{ type = 'effectivities', effectivities = {{ points = {count} }} }}",
                                timeout=600)
        radius = self.events("calibrated")[0]["radius"]
        with (self.folder / "out/relative.csv").open() as file:
            rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
        self.assertEqual(len(rows), count)
        share = sum(error <= radius for _, error in rows) / count
        print(f"{count} calibration and {count} test solves: radius {radius:.4g}, {100 * share:.1f} % within it", flush=True)
        self.assertLess(abs(share - 0.9), 3 * (2 * 0.09 / count) ** 0.5)
        # Certificates of answers are the radius, unless their parameters are unlike what was learned.
        said = [certificate for certificate, _ in rows]
        self.assertGreater(sum(abs(value / radius - 1) < 1e-12 for value in said) / count, 0.9)
        self.assertRegex(process.stdout, r"calibrated by \d+ held-out solves: with probability 0\.9 over parameters drawn evenly from their ranges")

    def test_the_radius_is_stored_with_the_model(self):
        self.run_with(ROD)
        first = self.radius()
        certificate = self.summary()["certificate"]
        self.assertEqual((certificate["kind"], certificate["value"]), ("estimate", first))
        self.assertIn("with probability 0.9 over parameters drawn evenly from their ranges, relative, energy norm", certificate["norm"])
        self.assertEqual(self.events("calibration")[0]["solves"], 30)
        for settings, ranks in (([], None), (["parameters.a.default=0.4"], None), ([], 2)):
            self.run_with(ROD, *settings, ranks=ranks, out="again")
            self.assertEqual(self.events("calibration", "again"), [])
            self.assertEqual(self.radius("again"), first)
        self.run_with(ROD, "certify.coverage=0.5", out="narrow")
        self.assertEqual(self.events("calibration", "narrow"), [])
        self.assertLess(self.radius("narrow"), first)
        self.run_with(ROD, "certify.calibration=40", out="more")
        self.assertEqual(self.events("calibration", "more")[0]["solves"], 10)
        self.run_with(ROD, "study.type=train", "certify.calibration=40", out="anew")
        self.assertEqual(self.events("calibration", "anew")[0]["solves"], 40)
        self.assertAlmostEqual(self.radius("anew") / self.radius("more"), 1.0, places=9)
        self.run_with(ROD, "certify.calibration=40", "certify.norm=h1", out="other")
        self.assertEqual(self.events("calibration", "other")[0]["solves"], 40)
        self.assertIn("H1", self.summary("other")["certificate"]["norm"])

    def test_a_model_without_one_is_calibrated_when_it_is_asked_for(self):
        plain = ROD.replace("calibration = 30", "").replace('[solver.pod_regression]\nsamples = { sobol = 20 }\nmodel   = "model.h5"', "").replace(
            'type = "pod_regression"', 'type = "epochs"\n[solver.epochs]\nmodel = "epochs.h5"')
        self.run_with(plain)
        self.assertNotIn("certify", self.summary())
        with h5py.File(self.folder / "epochs.h5") as file:
            self.assertNotIn("beside", file)  # as in models of before
        process = self.run_with(plain, "certify.calibration=12", out="later")
        self.assertNotIn("training", process.stdout)
        self.assertIn("where the ansatz has learned is not known", process.stdout)
        self.assertEqual(self.events("calibration", "later")[0]["solves"], 12)
        self.assertGreater(self.radius("later"), 1.0)  # it is no solution
        self.run_with(plain, out="still")
        self.run_with(plain, "certify.calibration=12", out="known")
        self.assertEqual(self.events("calibration", "known"), [])
        self.assertEqual(self.radius("known"), self.radius("later"))
        self.run_with(plain, "certify.calibration=12", "parameters.a.default=2.0", "parameters.a.extrapolate=true", out="outside")
        self.assertEqual(self.summary("outside")["certify"]["out_of_distribution"], 1.0)

    def test_a_gap_in_what_was_learned_is_told(self):
        points = numpy.random.default_rng(3).uniform((0.1, 0.0), (1.1, 4.0), (160, 2))
        unit = (points - (0.1, 0.0)) / (1.0, 4.0)
        points = points[numpy.abs(unit - 0.5).max(axis=1) > 0.25]  # the middle half of both is left out
        write_solutions(self.folder / "solutions.h5", points)
        case = ROD.replace("samples = { sobol = 20 }", 'file = "solutions.h5"')
        for a, b, is_gap in ((0.6, 2.0, True), (0.55, 2.2, True), (0.2, 0.5, False), (0.9, 3.5, False)):
            process = self.run_with(case, f"parameters.a.default={a}", f"parameters.b.default={b}")
            found = self.summary()["certify"]
            self.assertEqual(found["out_of_distribution"], float(is_gap), (a, b, found))
            self.assertEqual(found["learned_at"], len(points))
            nearest = numpy.linalg.norm((points - (a, b)) / (1.0, 4.0), axis=1).min()
            self.assertAlmostEqual(found["distance"] / nearest, 1.0, places=9)
            self.assertEqual("with probability" in self.summary()["certificate"]["norm"], not is_gap)
            self.assertEqual("out of distribution" in process.stderr, is_gap)
            self.assertEqual(len(self.events("out_of_distribution")), int(is_gap))
            if is_gap:
                self.assertIn("does not hold there", process.stderr)

    def test_few_parameters_of_an_even_sample_are_called_unlike(self):
        self.run_with(ROD, "study={ type = 'sweep', points = { random = 200 } }")
        found = self.summary()["certify"]
        self.assertLess(found["out_of_distribution"], 10)
        self.assertEqual(found["calibration"], 30)

    def test_errors_in_time_are_the_largest_of_all_steps(self):
        self.run_with(HEAT)
        certificate = self.summary()["certificate"]
        self.assertIn("L2 norm, the largest over the steps", certificate["norm"])
        self.assertGreater(certificate["value"], 0.0)
        self.assertLess(certificate["value"], 0.1)

    def test_what_cannot_be_calibrated_is_refused_with_its_line(self):
        for settings, words in ((["solver.type=fem"], "does not train"), (["solver.type=reduced_basis"], "a bound of its own"),
                                (["certify.calibration=8"], "at least 9 are needed"), (["certify.coverage=0.99"], "at least 99 are needed")):
            process = self.run_with(ROD, *settings, code=2)
            self.assertIn(words, process.stderr)
        process = self.run_with(ROD.replace("calibration = 30", "coverage = 0.5"), code=2)
        self.assertRegex(process.stderr, r"case\.toml:\d+")
        self.assertIn("give certify.calibration", process.stderr)
        process = self.run_with(HEAT.replace("step   = 0.02", "relative_tolerance = 1e-4"), code=2)
        self.assertIn("give time.step", process.stderr)


if __name__ == "__main__":
    ansatz_test.main()
