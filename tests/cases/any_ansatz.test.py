#!/usr/bin/python3
"""Any ansatz solves a case: those of the engine and of plugins are declared, checked, trained, swept, verified and written alike."""

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

CASE = """
title   = "Heat in a rod"
plugins = ["diffusion", "toys"]

[mesh]
box = { size = [1.0], cells = [16] }

[physics.diffusion]
conductivity = "k"
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters.k]
range   = [1.0, 4.0]
default = 2.0

[quantities]
mean   = { mean = "temperature", unit = "K" }
square = { formula = "mean^2", unit = "K^2" }
"""

TIME = """
[time]
method = "backward_euler"
step   = 0.25
end    = 1.0
"""


class AnyAnsatz(ansatz_test.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "case.toml").write_text(CASE)

    def ansatz(self, *arguments, ranks=None, command="run", **options):
        return ansatz_test.ansatz(command, "case.toml", *arguments, ranks=ranks, cwd=self.folder, env=PLUGINS, **options)

    def run_with(self, ansatz, *settings, out="out", ranks=None, code=0):
        arguments = [f"solver.type={ansatz}", *settings]
        process = self.ansatz(*[word for entry in arguments for word in ("--set", entry)], "--out", out, ranks=ranks)
        self.assertEqual(process.returncode, code, process.stdout + process.stderr)
        return process

    def summary(self, out="out"):
        return json.loads((self.folder / out / "summary.json").read_text())

    def test_files_and_keys_are_the_same_with_every_ansatz(self):
        files, keys = {}, {}
        for name in ("fem", "reduced_basis", "ramp", "truth", "epochs"):
            self.run_with(name, out=name)
            files[name] = sorted(path.name for path in (self.folder / name).iterdir() if path.suffix != ".svg")
            keys[name] = sorted(set(self.summary(name)) - {"certificate", "certify"})
            self.assertEqual(self.summary(name)["ansatz"], name)
            self.assertEqual(sorted(self.summary(name)["costs"]), ["output", "solve", "training"])
        for name in files:
            self.assertEqual(files[name], files["fem"], name)
            self.assertEqual(keys[name], keys["fem"], name)

    def test_quantities_are_those_of_the_field_and_the_certificate_that_of_the_ansatz(self):
        process = self.run_with("ramp", "solver.ramp.slope=3.0", "certify.policy=off")
        found = self.summary()
        self.assertAlmostEqual(found["quantities"]["mean"]["value"], 1.5, places=12)
        self.assertAlmostEqual(found["quantities"]["square"]["value"], 2.25, places=12)
        self.assertEqual(found["certificate"], {"kind": "estimate", "against": "equation", "value": 0.5, "norm": "its own",
                                                "parts": {"one": 0.25, "other": 0.25}})
        self.assertIn("error to the solution of the equations: estimate 5.000e-01 (its own)", process.stdout)
        self.assertIn("misses prescribed values by 1 of the largest value", process.stderr)
        # F of u = 3 x: the load 1/16 at each of 15 inner nodes, since u is linear and its ends are not of the equations.
        self.assertAlmostEqual(found["work"]["residual"], (15 * (1 / 16) ** 2) ** 0.5, places=12)

    def test_the_reduced_basis_has_its_bound_in_the_summary_and_its_training_apart(self):
        self.run_with("reduced_basis")
        found = self.summary()
        certificate = found["certificate"]
        self.assertEqual((certificate["kind"], certificate["against"]), ("bound", "finite_elements"))
        self.assertAlmostEqual(sum(certificate["parts"].values()) / certificate["value"], 1.0, places=9)
        self.assertEqual(found["costs"]["training"], found["timings"]["training"])
        self.assertGreater(found["costs"]["training"], found["costs"]["solve"])

    def test_truth_solves_of_an_ansatz_are_those_of_finite_elements_on_any_number_of_ranks(self):
        self.run_with("fem", out="fem")
        for ranks in (1, 2):
            self.run_with("truth", out="truth", ranks=ranks)
            self.assertAlmostEqual(self.summary("truth")["quantities"]["mean"]["value"],
                                   self.summary("fem")["quantities"]["mean"]["value"], places=13)

    def test_sweeps_ask_any_ansatz(self):
        points = 'study={type = "sweep", points = { grid = 4 }}'
        tables = {}
        for name in ("fem", "truth", "reduced_basis", "ramp"):
            self.run_with(name, points, out=name)
            rows = list(csv.reader((self.folder / name / "sweep.csv").open()))
            column = [entry.split(" ")[0] for entry in rows[0]].index("mean")
            tables[name] = [float(row[column]) for row in rows[1:]]
        self.assertEqual(tables["truth"], tables["fem"])
        self.assertEqual(len(tables["fem"]), 4)
        for a, b in zip(tables["fem"], tables["reduced_basis"]):
            self.assertAlmostEqual(a, b, places=6)
        self.assertTrue(all(abs(value - 1.0) < 1e-12 for value in tables["ramp"]))
        header = (self.folder / "ramp/sweep.csv").read_text().splitlines()
        self.assertIn("solution estimate", header[0])
        self.assertTrue(all(float(line.split(",")[header[0].split(",").index("solution estimate")]) == 0.5 for line in header[1:]))

    def test_in_time_every_step_is_shown_and_statistics_see_within_the_steps(self):
        (self.folder / "case.toml").write_text(CASE + 'largest = { over_time = "mean", of = "mean" }\n' + TIME)
        self.run_with("ramp", "solver.ramp.slope=2.0")
        # The mean of (1 + t)^2 from 0 to 1 is 7/3; that of the lines between the five times is 2.34375.
        self.assertAlmostEqual(self.summary()["quantities"]["largest"]["value"], 7 / 3, places=9)
        rows = list(csv.reader((self.folder / "out/quantities.csv").open()))
        self.assertEqual([float(row[0]) for row in rows[1:]], [0.0, 0.25, 0.5, 0.75, 1.0])
        self.assertEqual([float(row[1]) for row in rows[1:]], [(1 + t / 4) ** 2 for t in range(5)])
        self.run_with("ramp", "solver.ramp.dense=false")
        self.assertAlmostEqual(self.summary()["quantities"]["largest"]["value"], 2.34375, places=9)

    def test_a_run_in_time_goes_on_from_its_states_bit_for_bit(self):
        text = CASE + 'swing = { over_time = "peak_to_peak", of = "mean" }\nlevel = { over_time = "mean", of = "mean" }\n' + TIME
        (self.folder / "case.toml").write_text(text.replace("end    = 1.0", "end    = 3.0"))
        for ranks in (None, 2):
            self.run_with("walk", out="whole", ranks=ranks)
            shutil.rmtree(self.folder / "parts", ignore_errors=True)
            self.run_with("walk", "time.end=1.0", out="parts", ranks=ranks)
            process = self.ansatz("--set", "solver.type=walk", "--restart", "latest", "--out", "parts", ranks=ranks)
            self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
            self.assertIn("restart from", process.stdout)
            self.assertEqual(self.summary("parts")["quantities"], self.summary("whole")["quantities"])
            self.assertEqual((self.folder / "parts/quantities.csv").read_text(),
                             (self.folder / "whole/quantities.csv").read_text())

    def test_a_reaction_is_refused_where_the_ansatz_knows_no_rates(self):
        (self.folder / "case.toml").write_text(CASE + 'inflow = { reaction = "temperature", on = "left" }\n' + TIME)
        self.run_with("ramp")
        process = self.run_with("ramp", "solver.ramp.dense=false", code=2)
        self.assertIn("the quantity inflow needs rates of the fields, which the ansatz ramp does not know", process.stderr)

    def test_a_name_that_no_loaded_plugin_has_is_refused_with_help(self):
        process = self.run_with("rapm", code=2)
        self.assertIn('there is no ansatz "rapm"', process.stderr)
        self.assertIn('did you mean "ramp"?', process.stderr)
        self.assertRegex(process.stderr, r"solver\.type|--set")
        (self.folder / "case.toml").write_text(CASE.replace(', "toys"', ""))
        process = self.run_with("toys", code=2)
        self.assertIn('add its plugin: plugins = ["toys", ...]', process.stderr)

    def test_options_are_checked_with_their_place_and_shown(self):
        text = CASE.replace("[quantities]", '[solver]\ntype = "ramp"\n\n[solver.ramp]\nslop = 1.0\n\n[quantities]')
        (self.folder / "case.toml").write_text(text)
        process = self.ansatz(command="check")
        self.assertEqual(process.returncode, 2)
        line = text.split("\n").index("slop = 1.0") + 1
        self.assertIn(f"case.toml:{line}:", process.stderr)
        self.assertIn('did you mean "slope"?', process.stderr)
        (self.folder / "case.toml").write_text(text.replace("slop =", "slope ="))
        self.assertEqual(self.ansatz("--out", "out").returncode, 0)
        self.assertIn("ramp = { slope = 1", (self.folder / "out/effective.toml").read_text())
        again = ansatz_test.ansatz("check", "out/effective.toml", cwd=self.folder, env=PLUGINS)
        self.assertEqual(again.returncode, 0, again.stderr)
        process = ansatz_test.ansatz("describe", "ramp", env=PLUGINS)
        for words in ("ansatz ramp: u = slope x (1 + t)^2", "steady, in time", "slope", "tells what is within a step"):
            self.assertIn(words, process.stdout)
        schema = json.loads(ansatz_test.ansatz("describe", "ramp", "--schema", env=PLUGINS).stdout)
        self.assertEqual(sorted(schema["properties"]), ["dense", "slope"])

    def test_an_ansatz_refuses_what_it_is_not_for(self):
        (self.folder / "case.toml").write_text(CASE + TIME)
        self.assertIn("the ansatz epochs is for steady problems", self.run_with("epochs", code=2).stderr)
        self.assertIn("--restart is for runs in time that keep states", self.ansatz(
            "--set", "solver.type=ramp", "--restart", "latest").stderr)
        (self.folder / "case.toml").write_text(CASE)
        process = self.ansatz("--set", "solver.type=faulty", "--set", "solver.faulty.kind=constructor", command="check")
        self.assertEqual(process.returncode, 2, process.stderr)
        self.assertIn("this case does not suit it", process.stderr)
        self.assertIn("the ansatz ramp needs no training",
                      self.run_with("ramp", 'study={type = "train"}', code=2).stderr)

    def test_what_goes_wrong_in_an_ansatz_ends_all_ranks_with_its_name(self):
        for kind, code, words in (("short", 3, "vectors that are not of the owned unknowns"),
                                  ("not_finite", 5, "temperature"), ("certificate", 5, "the certificate of the ansatz is nan"),
                                  ("one_rank", 5, "one rank gives up"), ("foreign", 3, "the ansatz faulty failed"),
                                  ("alone", 5, "one rank leaves alone")):
            for ranks in (None, 2):
                process = self.run_with("faulty", f"solver.faulty.kind={kind}", ranks=ranks, code=code)
                self.assertIn(words, process.stderr, (kind, ranks))
                self.assertLess(process.seconds, 20.0)

    def test_a_model_is_stored_used_again_and_belongs_to_its_options(self):
        process = self.run_with("epochs")
        self.assertIn("no model yet in models/", process.stdout)
        first = self.summary()["quantities"]["mean"]["value"]
        model = next((self.folder / "models").glob("*.epochs.h5"))
        for ranks in (1, 2):
            process = self.run_with("epochs", "solver.epochs.pause=0.001", ranks=ranks)
            self.assertNotIn("trained in", process.stdout)
            self.assertAlmostEqual(self.summary()["quantities"]["mean"]["value"], first, places=12)
        process = self.run_with("epochs", "solver.epochs.epochs=21", code=4)
        self.assertIn("other options", process.stderr)
        self.assertIn('it is of "solver.epochs.epochs = 20", the case says "solver.epochs.epochs = 21"', process.stderr)
        process = self.run_with("epochs", "mesh.box.cells=[17]", code=4)
        self.assertIn("cells = [16]", process.stderr)
        self.assertIn("--set study.type=train", process.stderr)
        process = self.run_with("epochs", "physics.diffusion.source=2.0", code=4)
        self.assertIn("source = 2", process.stderr)
        info = ansatz_test.ansatz("info", model)
        for words in ("of the ansatz epochs", "sum", "1 vectors", "epochs"):
            self.assertIn(words, info.stdout)
        damaged = bytearray(model.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        model.write_bytes(damaged)
        self.run_with("epochs", code=4)
        process = self.run_with("epochs", 'study={type = "train"}')
        self.assertIn("trained in", process.stdout)
        self.assertEqual(self.summary()["quantities"]["mean"]["value"], first)

    def test_an_interrupted_training_goes_on_to_the_same_model(self):
        self.run_with("epochs")
        first = self.summary()["quantities"]["mean"]["value"]
        shutil.rmtree(self.folder / "models")
        process = self.ansatz("--set", "solver.type=epochs", "--set", "solver.epochs.pause=0.3", "--time-limit", "4s",
                              "--out", "out")
        self.assertEqual(process.returncode, 7, process.stdout + process.stderr)
        process = self.run_with("epochs")
        self.assertIn("goes on after epoch", process.stdout)
        self.assertEqual(self.summary()["quantities"]["mean"]["value"], first)
        self.assertEqual([path.name for path in (self.folder / "models").iterdir() if path.is_dir()], [])

    def test_a_study_of_a_plugin_has_its_table_and_is_verified(self):
        (self.folder / "reference.toml").write_text(
            '[[reference]]\nquantity = "largest_difference"\nvalue = 0.0\nabsolute = 1e-6\nsource = "the same problem"\n')
        process = self.run_with("reduced_basis", 'study={type = "ends"}')
        rows = list(csv.reader((self.folder / "out/ends.csv").open()))
        self.assertEqual(rows[0], ["parameter [1]", "first [K]", "second [K]"])
        self.assertEqual([float(row[0]) for row in rows[1:]], [1.0, 4.0])
        # u = x (1 - x) / (2 k), of which linear elements have the nodal values: the mean is (1 - 1/256) / (12 k).
        for row, k in zip(rows[1:], (1.0, 4.0)):
            for value in row[1:]:
                self.assertAlmostEqual(float(value), (1 - 1 / 256) / (12 * k), places=7)
        (self.folder / "case.toml").write_text(CASE + TIME)  # each time is shown to the study, by both ansaetze
        self.run_with("fem", 'study={type = "ends", ends = { other = "truth" }}', out="in_time")
        self.assertEqual(self.summary("in_time")["quantities"]["largest_difference"]["value"], 0.0)
        (self.folder / "case.toml").write_text(CASE)
        process = self.ansatz("--set", 'study={type = "ends"}', "--verify", "--out", "out")
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertIn("largest_difference", process.stdout)

    def test_studies_outputs_and_commands_know_no_ansatz_by_name(self):
        names = re.compile(r'"fem"|reduced_basis|ReducedSolve|FemSolve|finite_elements/')
        found = []
        for room in ("study", "results", "app"):
            for path in (ansatz_test.SOURCE / "engine" / room).glob("*.?pp"):
                found += [f"{path.name}: {line}" for line in path.read_text().splitlines() if names.search(line)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    ansatz_test.main()
