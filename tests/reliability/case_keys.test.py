#!/usr/bin/python3
# timeout: 600
"""What describes the keys of a case is what reads them: the JSON schema takes what the reader takes, and the page names all."""

import concurrent.futures
import copy
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
report = false
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


# A body on a mesh with vectors, to train a reduced model of.
TRAINING = """
plugins = ["elasticity"]
[mesh]
box = { size = [1.0, 1.0, 1.0], cells = [2, 2, 2] }
[physics.elasticity]
youngs_modulus = { by_block = [2, 1, 1], values = ["E", 2.0] }
poisson_ratio = 0.3
body_force = [0.0, 0.0, -1.0]
boundary = [{ on = "left", displacement = 0.0 }, { on = "right", traction = [1.0, 0.0, 0.0] }, { on = "top", displacement_z = 0.0 }]
[parameters.E]
range = [0.5, 2.0]
default = 1.0
[solver]
type = "reduced_basis"
[reduced]
method = "pod"
pod = "incremental"
training = { sobol = 10 }
reference = { E = 1.0 }
interpolation = { points = "s_opt", points_per_term = 2.0 }
[study]
type = "sweep"
points = { values = { E = [1.0, 1.5] } }
file = "table.h5"
[quantities]
sag = { mean = "displacement_z" }
pull = { reaction = "displacement_x", on = "left" }
[output]
fields = ["displacement"]
"""

BASES = {"full": FULL, "study": STUDY, "training": TRAINING}

# Mutations that are worth a look each: a base, a key, and a value.
CHOSEN = [
    ("full", "mesh.file", "\"a.msh\""), ("full", "mesh", "{ refine = 1 }"), ("full", "mesh.reader", "\"gmsh\""),
    ("full", "mesh.box.size", "[1.0, 1.0, 1.0, 1.0]"), ("full", "mesh.box.cells", "[4]"), ("full", "mesh.box.cell", "\"hexahedron\""),
    ("full", "mesh.box", "{ size = [1.0, 1.0], cells = [2, 2], cell = \"quadrilateral\", pattern = \"left\" }"), ("full", "mesh.map", "[\"x\", \"y\", \"z\", \"x\"]"),
    ("full", "physics.diffusion.conductivity", "[1.0]"), ("full", "physics.diffusion.conductivity", "[[\"k\", 0.0], [0.0, \"k\"]]"),
    ("full", "physics.diffusion.conductivity", "[[\"k\", 0.0], [0.0, -1.0]]"), ("full", "physics.diffusion.conductivity", "[[\"k\", 0.0]]"),
    ("full", "physics.diffusion.conductivity", "\" \""), ("full", "physics.diffusion.capacity", "{ by_block = [2, 1], values = 1.0 }"),
    ("full", "physics.diffusion.source", "{ by_region = {} }"), ("full", "physics.diffusion.boundary", "[{ on = \"left\" }]"),
    ("full", "physics.diffusion.boundary", "[{ on = [\"left\", \"left\"], temperature = 0.0 }]"), ("full", "physics.diffusion.boundary", "[{ on = \"\", temperature = 0.0 }]"),
    ("full", "parameters.x", "{ range = [0.0, 1.0], default = 0.5 }"), ("full", "parameters.pi", "{ range = [0.0, 1.0], default = 0.5 }"),
    ("full", "parameters.temperature", "{ range = [0.0, 1.0], default = 0.5 }"), ("full", "parameters.2k", "{ range = [0.0, 1.0], default = 0.5 }"),
    ("full", "parameters._k", "{ range = [0.0, 1.0], default = 0.5 }"), ("full", "parameters.e", "{ range = [0.0, 1.0], default = 0.5 }"),
    ("full", "constants.sin", "1.0"), ("full", "constants.and", "1.0"), ("full", "regions.block_0.t", "1.0"), ("full", "tables.max", "{ x = [0.0, 1.0], y = [0.0, 1.0] }"),
    ("full", "parameters.k.range", "[0.0, 2.0]"), ("full", "parameters.k", "{ range = [0.0, 2.0], default = 1.0, logarithmic = false }"),
    ("full", "tables.ramp", "{ x = [0.0], y = [1.0] }"), ("full", "tables.ramp.file", "\"t.txt\""), ("full", "tables.ramp", "{ x = [0.0, 1.0] }"),
    ("full", "policy", "{ learner = \"dqn\" }"), ("full", "system", "{ robertson = {} }"), ("full", "solver.stabilisation", "\"supg\""),
    ("full", "solver.continuation", "{ parameter = \"k\", from = 1.0 }"), ("full", "reduced.training", "{ grid = 3, sobol = 9 }"), ("full", "reduced.training", "{ seed = 2 }"),
    ("full", "reduced.pod", "\"direct\""), ("full", "reduced.product", "\"energy\""), ("full", "reduced.interpolation.points", "\"eim\""),
    ("full", "reduced.interpolation.points_per_term", "1"), ("full", "reduced.pairs", "[[\"a\", \"b\"]]"), ("full", "time.step", "0.1"), ("full", "time.method", "\"bdf2\""),
    ("full", "time.absolute_tolerance", "{ heat = 1.0 }"), ("full", "time.controller", "{ type = \"rl\" }"), ("full", "time.max_step", "[1.0]"),
    ("full", "initial.velocity", "0.0"), ("full", "initial.start", "\"steady\""), ("full", "initial", "{ perturbation = { temperature = 1.0 } }"),
    ("full", "initial", "{ start = \"steady\", perturbation = { temperature = 1.0 } }"), ("full", "quantities.mean", "{ mean = [\"temperature\"] }"),
    ("full", "quantities.mean", "{ mean = [\"temperature\", \"x\"] }"), ("full", "quantities.mean", "{ mean = [[\"temperature\"]] }"), ("full", "quantities.mean", "{ mean = \"temperature\", maximum = \"x\" }"),
    ("full", "quantities.pull", "{ reaction = \"heat\", on = \"left\" }"), ("full", "quantities.heat", "{ mean = \"temperature\" }"),
    ("full", "output.fields", "[\"velocity\"]"), ("full", "output.fields", "\"temperature\""), ("full", "study", "{ type = \"limits\", points = { sobol = 3 } }"), ("full", "solver.type", "\"reduced_basis\""),
    ("study", "study.type", "\"solve\""), ("study", "study", "{ type = \"sweep\" }"), ("study", "study", "{ type = \"train\" }"), ("study", "study.points", "{ values = { k = [] } }"),
    ("study", "study.validation", "0"), ("study", "solver", "{ type = \"reduced_basis\" }"), ("study", "checkpoint", "{ every = 1 }"), ("study", "output", "{ at = [0.5] }"),
    ("study", "quantities.peak", "{ over_time = \"maximum\", of = \"mean\" }"),
    *(("study", "study.file", f"\"{name}\"") for name in ("", "effective.toml", "../a.h5", "sub/a.h5", "a.csv", ".h5", "quantities.h5", "my table.h5")),
    ("training", "study.points.values", "{}"), ("training", "physics.elasticity.body_force", "[0.0, 0.0, 0.0, -1.0, 1.0]"), ("training", "reduced.method", "\"greedy\""),
    ("training", "reduced.adaptive", "true"), ("training", "physics.elasticity.boundary", "[{ on = \"left\", displacement = 0.0, displacement_x = 1.0 }]"),
    ("training", "parameters", "{}"), ("training", "quantities.pull", "{ reaction = [\"displacement_x\"], on = \"left\" }"), ("training", "initial", "{ displacement_y = 1.0 }"),
]

# What no schema says: the mutation, and why. Each must be taken by the schema and refused by the reader.
BEYOND = {
    "study: study.degree = 2.0": "1.0 is an integer for JSON",
    "full: reduced.reference = { q = 1.0 }": "a name is that of a parameter",
    "full: parameters.k.range = [2.0, 1.0]": "numbers are in an order",
    "full: parameters.k.default = 3.0": "a number is within the range of another key",
    "full: tables.ramp.x = [1.0, 0.0]": "numbers are in an order",
    "full: tables.ramp.y = [1.0, 0.0, 1.0]": "lists of equal lengths",
    "full: constants.k = 1.0": "a name is taken in another section",
    "full: physics.diffusion.source = { by_region = { steel = 1.0 } }": "a name is that of a region of the mesh",
    "full: quantities.there.at = [0.5]": "lengths follow the dimension of the mesh",
    "full: output.layout = \"vtu\"": "a plugin of the list offers it",
    "full: physics.diffusion.conductivity = \"k +\"": "what an expression says",
}

# The same of mutations that are taken in turn: names and expressions that mean nothing, lengths that follow the dimension.
BEYOND_IN_TURN = {"full: constants missing", "full: quantities.size.norm of an unknown word", "study: physics.diffusion.conductivity of an unknown word",
                  "training: physics.elasticity.body_force of a wrong type"}


def set_key(case, path, value):
    *above, last = path.split(".")
    for name in above:
        case = case.setdefault(name, {})
    case[last] = tomllib.loads("x = " + value)["x"]


def toml_value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def toml_text(case):
    return "".join(f"{json.dumps(key)} = {toml_value(value)}\n" for key, value in case.items())


def paths_of(table, above=()):
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from paths_of(value, (*above, key))


def changed(case, path, change):
    """A copy in which the table that holds the key was changed."""
    case = copy.deepcopy(case)
    table = case
    for name in path[:-1]:
        table = table[name]
    change(table, path[-1])
    return case


def one_key_mutations(base, case):
    """Each key missing, of a wrong type, out of range, of an unknown word or length; each table with an unknown key."""
    for path in paths_of(case):
        def mutated(kind, change):
            return f"{base}: {'.'.join(path)} {kind}", changed(case, path, change)
        value = case
        for name in path:
            value = value[name]
        yield mutated("missing", lambda table, key: table.pop(key))
        yield mutated("of a wrong type", lambda table, key: table.update({key: 3 if isinstance(value, (bool, dict, list)) else True}))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield mutated("= -1", lambda table, key: table.update({key: -1}))
        if isinstance(value, str):
            yield mutated("of an unknown word", lambda table, key: table.update({key: "no such word"}))
        if isinstance(value, list):
            yield mutated("empty", lambda table, key: table.update({key: []}))
            yield mutated("longer", lambda table, key: table.update({key: [*value, value[-1]]}))
        if isinstance(value, dict):
            yield mutated("with an unknown key", lambda table, key: table[key].update({"colour": 1}))


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
        self.assertEqual(self.messages(case, "case"), [], name)
        if "system" not in case:
            self.assertEqual(self.messages(case, next(iter(case["physics"]))), [], name)
            return
        system, values = next(iter(case["system"].items()))
        schema = json.loads(ansatz("describe", system, "--schema").stdout)
        self.assertEqual(list(jsonschema.Draft202012Validator(schema).iter_errors(values)), [], name)

    def test_every_case_fits_the_schema(self):
        for folder in CASES:
            self.assert_fits(tomllib.loads((folder / "case.toml").read_text(encoding="utf-8")), folder.name)

    def test_every_effective_case_fits_the_schema(self):
        for path in sorted((ansatz_test.SOURCE / "tests/golden").glob("*.txt")):
            text = path.read_text()
            if ".run" in path.name:
                continue
            text = text.split("\n==== ")[0]
            self.assert_fits(tomllib.loads(text), path.name)

    def test_every_example_of_the_readme_fits_the_schema(self):
        count = 0
        for block in re.findall(r"```toml\n(.*?)```", (ansatz_test.SOURCE / "README.md").read_text(), re.DOTALL):
            example = tomllib.loads(block)
            if "system" in example:
                continue
            physics = next(iter(example.get("physics", {"case": None})))
            # Some show one section, without what it demands of others.
            schema = {key: value for key, value in self.validator(physics).schema.items() if key not in ("required", "allOf")}
            errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(example)]
            self.assertEqual(errors, [], block)
            count += 1
        self.assertGreater(count, 3)

    def test_a_case_with_every_section_is_right_for_both(self):
        self.assertEqual(self.messages(tomllib.loads(FULL)), [])
        self.assert_exit(ansatz("check", self.write_case(FULL)), 0)

    def test_the_case_of_this_test_has_every_key(self):
        """But those that exclude others (files, steps of one length, sweeps, continuation, policies), and what plugins offer."""
        case = tomllib.loads(FULL)
        properties = self.validator("diffusion").schema["properties"]
        missing = {f"{section}.{key}" for section in ("mesh", "solver", "linear", "reduced", "time", "output", "checkpoint")
                   for key in properties[section]["properties"] if key not in case.get(section, {})}
        self.assertEqual(missing, {"mesh.file", "mesh.reader", "mesh.geometry_degree", "mesh.size_factor", "solver.continuation",
                                   "solver.pod_regression", "linear.tuner", "linear.sor", "linear.ssor", "linear.tsallis_inf",
                                   "linear.cheb_cb", "reduced.pairs", "reduced.pod", "time.step", "time.end_event"})

    def test_a_case_with_every_key_of_a_study_is_right_for_both(self):
        case = tomllib.loads(STUDY)
        keys = set(self.validator("diffusion").schema["properties"]["study"]["properties"])
        self.assertEqual(set(case["study"]), keys - {"check", "seed"})  # of gradients
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

    def verdicts(self, mutations):
        """Of the schema and of the reader, for each (label, case)."""
        def of(mutation):
            label, case = mutation
            section = case.get("physics")
            physics = next(iter(section), None) if isinstance(section, dict) else None
            physics = physics if physics in self.schemas else "diffusion"
            file = folder / (re.sub(r"\W", "_", label)[:80] + f"_{abs(hash(label))}.toml")
            file.write_text(toml_text(case), encoding="utf-8")
            process = ansatz("check", file)
            self.assertIn(process.returncode, (0, 2, 3, 4), f"{label}\n{process.stderr}")
            return label, not self.messages(case, physics), process.returncode == 0, process.stderr
        for base in BASES.values():
            self.validator(next(iter(tomllib.loads(base)["physics"])))
        folder = pathlib.Path(self.write_case(FULL)).parent
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(of, mutations))

    def test_the_schema_takes_what_the_reader_takes_and_no_more(self):
        """One key of a case is changed at a time; ANSATZ_EVERY_MUTATION takes all of them, which lasts minutes."""
        cases = {base: tomllib.loads(text) for base, text in BASES.items()}
        mutations = []
        for base, path, value in CHOSEN:
            case = copy.deepcopy(cases[base])
            set_key(case, path, value)
            mutations.append((f"{base}: {path} = {value}", case))
        every = [mutation for base, case in cases.items() for mutation in one_key_mutations(base, case)]
        mutations += every if "ANSATZ_EVERY_MUTATION" in os.environ else every[::13]
        self.assertGreater(len(mutations), 90)
        different = [f"{label}: the schema {'takes' if schema else 'refuses'} it, the reader does not agree\n{text}"
                     for label, schema, reader, text in self.verdicts(mutations) if schema != reader and (label not in BEYOND_IN_TURN or reader)]
        self.assertEqual(different, [], "\n".join(different))

    def test_what_no_schema_says_is_refused_by_the_reader_alone(self):
        mutations = []
        for label in BEYOND:
            base, change = label.split(": ", 1)
            case = tomllib.loads(BASES[base])
            set_key(case, *change.split(" = ", 1))
            mutations.append((label, case))
        for label, schema, reader, text in self.verdicts(mutations):
            self.assertEqual((schema, reader), (True, False), f"{label}\n{text}")
        for sentence in self.validator("diffusion").schema["description"], ansatz("describe", "case", "--schema").stdout:
            self.assertIn("What a schema cannot say is left to `ansatz check`", sentence)

    def test_a_key_that_is_given_twice_is_no_toml(self):
        text = STUDY.replace('type = "limits"', 'type = "limits"\ntype = "limits"')
        self.assertRaises(tomllib.TOMLDecodeError, tomllib.loads, text)
        self.assert_error(ansatz("check", self.write_case(text)), 2, "type")

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
