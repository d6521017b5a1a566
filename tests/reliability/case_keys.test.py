#!/usr/bin/python3
# timeout: 600
"""What describes the keys of a case is what reads them: the JSON schema takes what the reader takes, and the page names all."""

import json
import os
import pathlib
import re
import sys
import tomllib

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from ansatz_test import ansatz

CASES = sorted(path.parent for path in (ansatz_test.SOURCE / "cases").glob("*/case.toml"))

# Each section that a case with an equation may have.
FULL = """
title = "everything"
plugins = ["diffusion"]
[mesh]
box = { origin = [0.0, 0.0], size = [1.0, 1.0], cells = [4, 4], cell = "triangle", pattern = "right", periodic = [false, false] }
refine = 0
scale = 1.0
map = ["x", "y"]
[physics.diffusion]
conductivity = "k + 0*c*ramp(t)"
source = { by_region = { block_0 = 1.0 }, default = 2.0 }
capacity = { by_block = [2, 1], values = [1.0, 2.0] }
boundary = [{ on = "left", temperature = 0.0 }, { on = ["right"], heat_flux = "1 + t" }]
[parameters.k]
range = [0.5, 2.0]
default = 1.0
extrapolate = false
logarithmic = true
unit = "W/(m K)"
doc = "conductivity"
[constants]
c = 2.0
[regions.block_0]
r = 1.0
[tables.ramp]
x = [0.0, 1.0]
y = [0.0, 1.0]
[solver]
type = "fem"
order = 1
quadrature_degree = 4
stabilisation = "none"
[linear]
solver = "cg"
preconditioner = "jacobi"
relative_tolerance = 1e-10
absolute_tolerance = 0.0
max_iterations = 100
newton_relative_tolerance = 1e-9
newton_absolute_tolerance = 0.0
newton_correction_tolerance = 1e-12
newton_max_iterations = 20
line_search = "monotone"
jacobian = "exact"
petsc = ""
[reduced]
method = "greedy"
training = { sobol = 10, seed = 3 }
adaptive = false
tolerance = 1e-4
max_size = 10
reference = { k = 1.0 }
interpolation = { tolerance = 1e-6, max_terms = 5, training = { grid = 3 }, points = "s_opt", points_per_term = 1.5, pick = "sum" }
separation = "automatic"
product = "h1"
length = 1.0
stability = "automatic"
residual = "basis"
outputs = ["mean"]
dual = "mean"
output_tolerance = 1e-4
model = "models/m.h5"
[time]
method = "esdirk4"
start = 0.0
end = 1.0
relative_tolerance = 1e-4
absolute_tolerance = { temperature = 1e-6 }
weights = { temperature = 1.0 }
controller = "h211b"
limits = "arkode_7"
first_step = 0.01
min_step = 1e-9
max_step = "0.5 + t"
stops = [0.5]
jacobian = "exact"
events = "mean"
mass = "consistent"
[initial]
temperature = "x"
[quantities]
mean = { mean = "temperature", region = "block_0", unit = "K" }
flux = { integral = "grad_temperature_x", on = "left" }
there = { point = "temperature", at = [0.5, 0.5] }
pull = { reaction = "temperature", on = "left" }
size = { norm = "temperature", type = "l2" }
most = { maximum = "temperature" }
least = { minimum = "temperature" }
twice = { formula = "2*mean" }
peak = { over_time = "maximum", of = "mean", after = 0.1 }
[output]
fields = ["temperature"]
layout = "single"
every = 2
at = [0.5]
[checkpoint]
every = 10
minutes = 5.0
"""

# A steady case with each key of [study].
STUDY = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = "k"
boundary = [{ on = "left", temperature = 0.0 }]
[parameters]
k = { range = [0.5, 2.0], default = 1.0 }
s = { range = [0.5, 2.0], default = 1.0 }
[study]
type = "limits"
points = { sobol = 10, seed = 3 }
fixed = { s = 1.0 }
file = "l.h5"
degree = 2
training = { grid = 5 }
of = ["log_determinant", "inverse"]
validation = 2
tolerance = 0.5
[quantities]
mean = { mean = "temperature" }
"""

# A key, and what is wrong with it: its type, its range, its words, its name.
WRONG = [
    ("title", "3"), ("plugins", "[]"), ("mesh.box.size", "1.0"), ("mesh.box.size", "[-1.0, 1.0]"), ("mesh.box.cells", "[1.5, 2]"),
    ("mesh.box.cells", "[0, 2]"), ("mesh.box.cell", "\"cube\""), ("mesh.box.pattern", "\"up\""), ("mesh.box.periodic", "[1, 0]"),
    ("mesh.box.sides", "3"), ("mesh.refine", "-1"), ("mesh.refine", "13"), ("mesh.scale", "0.0"), ("mesh.colour", "1"),
    ("physics.diffusion.conductivity", "-1.0"), ("physics.diffusion.colour", "1"), ("physics.diffusion.source", "{ by_region = 3 }"),
    ("physics.diffusion.capacity", "{ by_block = [2, 1] }"), ("physics.diffusion.boundary", "[{ temperature = 0.0 }]"),
    ("physics.diffusion.boundary", "[{ on = \"left\", colour = 0.0 }]"), ("parameters.k.range", "[1.0]"), ("parameters.k.default", "\"a\""),
    ("parameters.k.colour", "1"), ("constants.c", "\"a\""), ("regions.block_0.r", "\"a\""), ("tables.ramp.x", "1.0"), ("tables.ramp.z", "[1.0]"),
    ("solver.type", "\"dg\""), ("solver.order", "3"), ("solver.quadrature_degree", "0"), ("solver.stabilisation", "\"gls\""),
    ("solver.continuation", "{ parameter = \"k\" }"), ("linear.solver", "\"lu\""), ("linear.relative_tolerance", "1.0"),
    ("linear.absolute_tolerance", "-1.0"), ("linear.max_iterations", "0"), ("linear.line_search", "\"armijo\""), ("linear.petsc", "1"),
    ("reduced.method", "\"rb\""), ("reduced.pod", "\"fast\""), ("reduced.training", "{ grid = 1 }"), ("reduced.training", "{ cubes = 3 }"), ("reduced.adaptive", "1"),
    ("reduced.tolerance", "0.0"), ("reduced.max_size", "0"), ("reduced.interpolation", "{ terms = 3 }"), ("reduced.length", "0.0"),
    ("reduced.interpolation", "{ points = \"deim\" }"), ("reduced.interpolation.points_per_term", "0.0"),
    ("reduced.interpolation.points_per_term", "10.5"), ("reduced.interpolation.pick", "\"most\""),
    ("reduced.pairs", "[[\"a\"]]"), ("reduced.outputs", "3"), ("study.type", "\"run\""), ("study.degree", "0"), ("study.of", "\"inverses\""), ("study.training", "{ cubes = 3 }"),
    ("study.validation", "-1"), ("study.tolerance", "0.0"), ("study.points", "{ grid = 1 }"), ("time.method", "\"euler\""), ("time.end", "\"x\""),
    ("time.step", "0.0"), ("time.relative_tolerance", "1.0"), ("time.absolute_tolerance", "0.0"), ("time.weights", "{ temperature = -1.0 }"),
    ("time.controller", "\"fast\""), ("time.controller", "{ type = \"fast\" }"), ("time.limits", "\"none\""), ("time.stops", "0.5"),
    ("time.events", "3"), ("time.mass", "\"none\""), ("initial.start", "\"cold\""), ("quantities.mean", "{ median = \"temperature\" }"),
    ("quantities.mean", "{ mean = \"temperature\", at = [0.5, 0.5] }"), ("quantities.there", "{ point = \"temperature\" }"),
    ("quantities.size", "{ norm = \"temperature\", type = \"l1\" }"), ("quantities.peak", "{ over_time = \"median\", of = \"mean\" }"),
    ("output.every", "0"), ("output.layout", "\"vtk5\""), ("output.at", "0.5"), ("checkpoint.every", "-1"), ("checkpoint.minutes", "-1.0"),
    ("colour", "1"),
]


def set_key(case, path, value):
    *above, last = path.split(".")
    for name in above:
        case = case.setdefault(name, {})
    case[last] = tomllib.loads("x = " + value)["x"]


class CaseKeys(ansatz_test.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schemas = {}

    def validator(self, physics):
        if physics not in self.schemas:
            schema = json.loads(ansatz("describe", physics, "--schema").stdout)
            jsonschema.Draft202012Validator.check_schema(schema)
            self.schemas[physics] = schema
        return jsonschema.Draft202012Validator(self.schemas[physics])

    def messages(self, case, physics="diffusion"):
        return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in self.validator(physics).iter_errors(case)]

    def assert_fits(self, case, name):
        if "system" in case:  # a schema of its own; sections that both kinds of cases have are those of any physics
            system, values = next(iter(case.pop("system").items()))
            schema = json.loads(ansatz("describe", system, "--schema").stdout)
            self.assertEqual(list(jsonschema.Draft202012Validator(schema).iter_errors(values)), [], name)
            initial = case.pop("initial", {})
            self.assertTrue(all(isinstance(value, (int, float)) for value in initial.values()), name)
            schema = {**self.validator("diffusion").schema, "required": ["plugins"]}
            self.assertEqual(list(jsonschema.Draft202012Validator(schema).iter_errors(case)), [], name)
            return
        self.assertEqual(self.messages(case, next(iter(case["physics"]))), [], name)

    def test_every_case_fits_the_schema(self):
        for folder in CASES:
            self.assert_fits(tomllib.loads((folder / "case.toml").read_text(encoding="utf-8")), folder.name)

    def test_every_effective_case_fits_the_schema(self):
        for path in sorted((ansatz_test.SOURCE / "tests/golden").glob("*.txt")):
            text = path.read_text()
            if ".run" in path.name or "[system" in text:
                continue
            text = text.split("\n==== ")[0]
            self.assert_fits(tomllib.loads(text), path.name)

    def test_every_example_of_the_readme_fits_the_schema(self):
        count = 0
        for block in re.findall(r"```toml\n(.*?)```", (ansatz_test.SOURCE / "README.md").read_text(), re.DOTALL):
            example = tomllib.loads(block)
            if "system" in example:
                continue
            physics = next(iter(example.get("physics", {"diffusion": None})))
            schema = {**self.validator(physics).schema, "required": []}  # some show one section
            errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(example)]
            self.assertEqual(errors, [], block)
            count += 1
        self.assertGreater(count, 3)

    def test_a_case_with_every_section_is_right_for_both(self):
        self.assertEqual(self.messages(tomllib.loads(FULL)), [])
        self.assert_exit(ansatz("check", self.write_case(FULL)), 0)

    def test_the_case_of_this_test_has_every_key(self):
        """But those that exclude others: files, steps of one length, sweeps, continuation, policies."""
        case = tomllib.loads(FULL)
        properties = self.validator("diffusion").schema["properties"]
        missing = {f"{section}.{key}" for section in ("mesh", "solver", "linear", "reduced", "time", "output", "checkpoint")
                   for key in properties[section]["properties"] if key not in case.get(section, {})}
        self.assertEqual(missing, {"mesh.file", "mesh.reader", "mesh.geometry_degree", "mesh.size_factor", "solver.continuation",
                                   "reduced.pairs", "reduced.pod", "time.step", "time.end_event"})

    def test_a_case_with_every_key_of_a_study_is_right_for_both(self):
        case = tomllib.loads(STUDY)
        self.assertEqual(set(case["study"]), set(self.validator("diffusion").schema["properties"]["study"]["properties"]))
        self.assertEqual(self.messages(case), [])
        self.assert_exit(ansatz("check", self.write_case(STUDY)), 0)
        out = self.run_case(self.write_case(STUDY)).folder
        effective = tomllib.loads((out / "effective.toml").read_text())
        self.assertEqual(effective["study"], case["study"])
        self.assertEqual(self.messages(effective), [])

    def test_what_is_wrong_for_the_schema_is_wrong_for_the_reader(self):
        for path, value in WRONG:
            text = STUDY if path.startswith("study.") else FULL
            case = self.write_case(text)
            wrong = tomllib.loads(text)
            set_key(wrong, path, value)
            self.assertNotEqual(self.messages(wrong), [], f"the schema takes {path} = {value}")
            process = ansatz("check", case, "--set", f"{path}={value}")
            self.assertEqual(process.returncode, 2, f"the reader takes {path} = {value}\n{process.stderr}")

    def test_the_reference_page_is_what_the_command_writes(self):
        page = ansatz("describe", "case", "--markdown").stdout
        path = ansatz_test.SOURCE / "cases/REFERENCE.md"
        if "ANSATZ_WRITE_GOLDEN" in os.environ:
            path.write_text(page)
        self.assertEqual(page, path.read_text())

    def test_the_page_names_kinds_functions_and_sides(self):
        text = ansatz("describe", "case").stdout
        for word in ("over_time", "reaction", "atan2", "front", "visual_writer", "[checkpoint]", "newton_correction_tolerance"):
            self.assertIn(word, text)
        self.assert_error(ansatz("describe", "diffusion", "--markdown"), 2, 'made of "case" only')


if __name__ == "__main__":
    ansatz_test.main()
