"""A problem written in other units has the same answer with the same effort.
# ranks: 1

Each case is written once, with the unit of every number, and run in several systems of units:
- Every unit changed by a power of two: round-off is the same, so all arrays are the same bits after scaling back, and all
  counts are equal. (The exponents are even: norms are square roots of energies.)
- Millimetres with microseconds, kilometres with years: quantities agree to 1e-9, counts up to one step, Newton iteration or
  basis function, and two Krylov iterations.
A threshold with a unit of its own (1e-9 m, 6e-6 s) changes with one of these.
"""

import itertools
import json
import math
import pathlib

import ansatz_test
import h5py
import numpy


class Units:
    """Numbers in a system of units: a number with the unit "W m^-1 K^-1" is multiplied by the factors of W, 1/m and 1/K."""

    def __init__(self, **factors):
        self.factors = factors
        self.t = f"(t / {self('s')})"
        self.x, self.y = f"(x / {self('m')})", f"(y / {self('m')})"

    def factor(self, unit):
        words = [word.partition("^") for word in unit.split()]
        return math.prod(self.factors.get(name, 1.0) ** int(power or 1) for name, _, power in words)

    def __call__(self, number, unit=None):
        """u(0.3, "W m^-1"), or u("K"): one kelvin."""
        return repr(float(self.factor(number) if unit is None else number * self.factor(unit)))

    def field(self, name, unit):
        """A field in an expression, as the number that it is in SI."""
        return f"({name} / {self(unit)})"


SI = Units()
POWERS = Units(m=2.0**10, s=2.0**-20, K=2.0**-6, W=2.0**14, Pa=2.0**12)
OTHERS = {"millimetres and microseconds": Units(m=1e3, s=1e6, K=1e3, W=1e-3, Pa=1e-6),
          "kilometres and years": Units(m=1e-3, s=1 / 31557600.0, K=1e-2, W=1e2, Pa=1e-9)}


def steady(u):
    """Heat conduction with a conductivity of the temperature, a given flux and a transfer to the air: Newton with GMRES and algebraic multigrid."""
    return f"""
plugins = ["diffusion"]
[mesh]
box = {{ size = [{u(1, "m")}, {u(0.5, "m")}], origin = [{u(-0.25, "m")}, {u(3, "m")}], cells = [12, 7], cell = "triangle" }}
[physics.diffusion]
conductivity = "{u("W m^-1 K^-1")} * (1 + {u.field("temperature", "K")}^2)"
source = "{u("W m^-3")} * 20 * sin(7 * {u.x}) * {u.y}"
boundary = [{{ on = "left", temperature = "{u("K")} * {u.y}" }}, {{ on = "right", heat_flux = {u(3, "W m^-2")} }},
            {{ on = "top", transfer_coefficient = {u(2, "W m^-2 K^-1")}, ambient = {u(0.3, "K")} }}]
[linear]
solver = "gmres"
preconditioner = "gamg"
newton_relative_tolerance = 1e-12
[solver]
order = 2
[quantities]
mean = {{ mean = "temperature", unit = "K" }}
corner = {{ point = "temperature", at = [{u(0.3, "m")}, {u(3.1, "m")}], unit = "K" }}
flux = {{ integral = "flux_x", on = "right", unit = "W m^-1" }}
given = {{ reaction = "temperature", on = "left", unit = "W m^-1" }}
largest = {{ maximum = "temperature", unit = "K" }}
"""


def in_time(method, source):
    def write(u):
        return f"""
plugins = ["diffusion"]
[mesh]
box = {{ size = [{u(1, "m")}], cells = [10], cell = "interval" }}
[physics.diffusion]
conductivity = {u(1, "W m^-1 K^-1")}
capacity = "{u("W s m^-3 K^-1")} * (1 + 0.5 * {u.x})"
source = "{u("W m^-3")} * ({source(u)})"
boundary = [{{ on = "left", temperature = "{u("K")} * 0.1 * {u.t}" }}]
[initial]
temperature = "{u("K")} * 0.1 * {u.x}"
[time]
method = "{method}"
end = {u(0.125, "s")}
relative_tolerance = 1e-5
absolute_tolerance = {u(1e-6, "K")}
[quantities]
mean = {{ mean = "temperature", unit = "K" }}
right = {{ point = "temperature", at = [{u(1, "m")}], unit = "K" }}
given = {{ reaction = "temperature", on = "left", unit = "W m^-2" }}
highest = {{ over_time = "maximum", of = "mean", unit = "K" }}
[output]
every = 20
"""

    return write


def reduced(u):
    """Two blocks with an absorption: a greedy basis by the error bound, then a solution by the model."""
    return f"""
plugins = ["diffusion"]
[mesh]
box = {{ size = [{u(1, "m")}, {u(1, "m")}], cells = [8, 6], cell = "triangle" }}
[physics.diffusion]
conductivity = {{ by_block = [2, 1], values = ["k", {u(1, "W m^-1 K^-1")}] }}
reaction = "r"
source = {u(1, "W m^-3")}
boundary = [{{ on = "left", temperature = {u(0.5, "K")} }}, {{ on = "right", heat_flux = {u(1, "W m^-2")} }}]
[parameters]
k = {{ range = [{u(0.125, "W m^-1 K^-1")}, {u(8, "W m^-1 K^-1")}], default = {u(0.3, "W m^-1 K^-1")} }}
r = {{ range = [{u(0.125, "W m^-3 K^-1")}, {u(8, "W m^-3 K^-1")}], default = {u(2.3, "W m^-3 K^-1")} }}
[solver]
type = "reduced_basis"
[reduced]
training = {{ grid = 6 }}
tolerance = 1e-4
[quantities]
mean = {{ mean = "temperature", unit = "K" }}
"""


def flow(u):
    """A lid that is set in motion; the velocity and the pressure have their own tolerances."""
    return f"""
plugins = ["navier_stokes"]
[mesh]
box = {{ size = [{u(1, "m")}, {u(1, "m")}], cells = [4, 4], cell = "quadrilateral" }}
[physics.navier_stokes]
density = {u(1, "Pa s^2 m^-2")}
viscosity = {u(0.02, "Pa s")}
boundary = [{{ on = "top", velocity = ["{u("m s^-1")} * 16 * {u.t}^2 * {u.x} * (1 - {u.x})", 0.0] }},
            {{ on = ["left", "right", "bottom"], velocity = [0.0, 0.0] }}]
[solver]
order = 2
[time]
method = "sdirk2"
end = {u(0.5, "s")}
relative_tolerance = 1e-3
absolute_tolerance = {{ velocity = {u(1e-4, "m s^-1")}, pressure = {u(1e-4, "Pa")} }}
weights = {{ pressure = 0 }}
[quantities]
kinetic = {{ integral = "velocity_x^2 + velocity_y^2", unit = "m^4 s^-2" }}
pressure = {{ maximum = "pressure", unit = "Pa" }}
[output]
every = 10
"""


def vortices(linear=""):
    """Decaying vortices without walls, from a velocity that is not free of divergence on the mesh."""

    def write(u):
        u0 = u("m s^-1")
        x, y = f"(6.283185307179586 * {u.x})", f"(6.283185307179586 * {u.y})"
        return f"""
plugins = ["navier_stokes"]
[mesh]
box = {{ size = [{u(1, "m")}, {u(1, "m")}], cells = [4, 4], cell = "quadrilateral", periodic = [true, true] }}
[physics.navier_stokes]
density = {u(1, "Pa s^2 m^-2")}
viscosity = {u(0.01, "Pa s")}
[initial]
velocity = ["{u0} * cos({x}) * sin({y})", "-{u0} * sin({x}) * cos({y})"]
[solver]
order = 2
[time]
method = "sdirk4"
end = {u(2.0**-5, "s")}
relative_tolerance = 1e-4
absolute_tolerance = {{ velocity = {u(1e-6, "m s^-1")}, pressure = {u(1e-6, "Pa")} }}
weights = {{ pressure = 0 }}
{linear}
[quantities]
fastest = {{ maximum = "velocity_x", unit = "m s^-1" }}
pressure = {{ maximum = "pressure", unit = "Pa" }}
[output]
every = 10
"""

    return write


# Momentum, continuity, velocity and pressure in units that differ by many orders of magnitude.
FLOW_UNITS = {"a large unit of mass": Units(Pa=2.0**-30), "a large unit of time": Units(s=2.0**-30, Pa=2.0**60),
              "a small unit of time": Units(s=2.0**30, Pa=2.0**-60), "a small unit of length": Units(m=2.0**10, Pa=2.0**-10)}
CASES = {"steady": steady, "reduced": reduced, "flow": flow, "vortices": vortices(),
         "vortices by gmres": vortices('[linear]\nsolver = "gmres"\npreconditioner = "pcd"'),
         "explicit": in_time("dormand_prince54", lambda u: f"sin(20 * {u.t})"),
         "rosenbrock": in_time("rodas4", lambda u: f"10 * sin(40 * {u.t}) - {u.field('temperature', 'K')}^3")}
FIELDS = {"temperature": "K", "velocity": "m s^-1", "pressure": "Pa"}


class Result:
    """Arrays, quantities and counts of a run, the numbers as they are in SI."""

    def __init__(self, case, u, folder):
        self.quantities, self.bits, self.counts = {}, [], []
        text = case(u)
        units = dict(line.split(" = ", 1) for line in text.splitlines() if "unit = " in line)
        summary = ansatz_test.read_summary(folder)["quantities"]
        for name, line in units.items():
            unit = line.rpartition('unit = "')[2].partition('"')[0]
            for key in {"value", "bound"} & set(summary[name]):
                self.quantities[f"{name} {key}"] = summary[name][key] / u.factor(unit)
        for path in sorted(folder.glob("fields-*.hdf")):
            with h5py.File(path) as file:
                self.bits.append(file["/ansatz"].attrs["time"] / u.factor("s"))
                self.bits.append(file["/VTKHDF/Points"][:] / u.factor("m"))
                for name, values in file["/VTKHDF/PointData"].items():
                    self.bits.append(values[:] / u.factor(FIELDS[name]))
        for line in (folder / "log.jsonl").read_text().splitlines():
            self.count(json.loads(line))

    def count(self, event):
        names = {"step": ("step", "rejections", "newton", "linear_iterations"), "greedy": ("size", "index"),
                 "newton": ("iteration", "linear_iterations"), "integration": ("accepted", "rejected", "failed"),
                 "trained": ("size",)}
        for name in names.get(event["event"], ()):
            if name in event:
                self.counts.append((event["event"], name, event[name]))

    def series(self, name):
        """All values of a count, in their order."""
        return [value for _, found, value in self.counts if found == name]


class Scaling(ansatz_test.TestCase):
    def result(self, name, label, u):
        folder = self.folder / f"{name} in {label}".replace(" ", "_")
        folder.mkdir()
        (folder / "case.toml").write_text(CASES[name](u))
        process = ansatz_test.ansatz("run", folder / "case.toml", "--out", folder / "run", cwd=folder)
        self.assert_exit(process, 0)
        return Result(CASES[name], u, folder / "run")

    def assert_same_bits(self, name, expected, label="powers of two", units=POWERS):
        found = self.result(name, label, units)
        different = [pair for pair in itertools.zip_longest(found.counts, expected.counts) if pair[0] != pair[1]]
        self.assertFalse(different, f"{len(different)} counts differ")
        for a, b in zip(found.bits, expected.bits, strict=True):
            self.assertTrue(numpy.array_equal(a, b), f"arrays differ by {numpy.max(numpy.abs(a - b))}")
        for key, value in expected.quantities.items():
            self.assertEqual(found.quantities[key], value, key)

    def assert_equal_answer(self, name, label, u, expected):
        found = self.result(name, label, u)
        for key, value in expected.quantities.items():
            self.assertLessEqual(abs(found.quantities[key] - value), 1e-9 * abs(value), f"{key}: {value}")
        for count, allowed in (("accepted", 1), ("newton", 1), ("linear_iterations", 2)):
            for a, b in zip(found.series(count), expected.series(count)):
                self.assertLessEqual(abs(a - b), allowed, count)
        for count in ("step", "iteration", "size"):  # one more or one less of each
            self.assertLessEqual(abs(len(found.series(count)) - len(expected.series(count))), 1, count)

    def compare(self, name):
        expected = self.result(name, "SI", SI)
        self.assertTrue(expected.quantities and expected.bits)
        with self.subTest("every unit times a power of two"):
            self.assert_same_bits(name, expected)
        for label, u in OTHERS.items():
            with self.subTest(label):
                self.assert_equal_answer(name, label, u, expected)
        return expected

    def test_a_steady_nonlinear_problem(self):
        expected = self.compare("steady")
        self.assertEqual(expected.quantities["largest value"], 3.5)  # prescribed at the upper left corner

    def test_an_explicit_method(self):
        self.compare("explicit")

    def test_a_rosenbrock_method(self):
        self.compare("rosenbrock")

    def test_a_reduced_basis(self):
        self.compare("reduced")

    def test_a_flow_in_time(self):
        self.compare("flow")

    def test_a_flow_whose_equations_have_units_far_from_each_other(self):
        for name in ("vortices", "vortices by gmres"):
            expected = self.result(name, "SI", SI)
            self.assertGreater(len(expected.series("step")), 3)
            for label, units in FLOW_UNITS.items():
                if name == "vortices" or "mass" in label:
                    with self.subTest(f"{name} in {label}"):
                        self.assert_same_bits(name, expected, label, units)


if __name__ == "__main__":
    ansatz_test.main()
