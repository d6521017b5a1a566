#!/usr/bin/python3
# timeout: 240
# ranks: 1
# labels: slow
"""Reduced bases for problems without symmetry: libMesh's first example, and successive constraints from a case file."""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# Reaction of both signs: min-theta does not hold.
ABSORPTION = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [10, 10], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 1.0
velocity     = ["b * x", 0.0]
reaction     = "s"
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
b = { range = [0.0, 2.0], default = 1.3 }
s = { range = [-9.0, 1.0], default = -3.7 }
[solver]
type = "reduced_basis"
[reduced]
training  = { grid = 4 }
reference = { b = 0.0, s = 0.0 }
[quantities]
mean = { mean = "temperature" }
"""


def events(result, name):
    lines = (result.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


class Advection(ansatz_test.TestCase):
    def test_bounds_fall_as_those_of_libmesh_from_no_functions_to_twenty(self):
        result = self.run_case("advection_2d", 2, "--set", "solver.type=reduced_basis", "--set", "study.type=train")
        # Its product is (grad u, grad v) with the constant 0.05, ours 0.05 of that with the constant 1.
        first, last = (events(result, name)[0]["bound"] / math.sqrt(0.05) for name in ("greedy", "trained"))
        self.assertAlmostEqual(first, 3.75, delta=0.005)
        self.assertAlmostEqual(last, 0.191, delta=0.001)
        self.assertEqual(len(events(result, "greedy")), 20)
        certificate = events(result, "certificate")[0]
        self.assertEqual(certificate["stability_from"], "min-theta")
        self.assertAlmostEqual(certificate["stability"], 1.0, delta=1e-12)
        self.assertIn("by min-theta", result.process.stdout)
        # Outputs and their bounds as the example prints them, at (-2, 0.79): both are that near to finite elements.
        for name, value in (("upper_right", 0.12248), ("upper_left", 0.370889), ("lower_left", 0.254934), ("lower_right", 0.114764)):
            self.assertAlmostEqual(result.value(name), value, delta=2 * 0.066)

    def test_successive_constraints_are_chosen_where_min_theta_does_not_hold_and_stored(self):
        case, model = self.write_case(ABSORPTION), self.folder / "model.h5"
        trained = self.run_case(case, 2, "--set", f"reduced.model={model}", "--set", "study.type=train")
        self.assertIn("no min-theta: the operator's term with the factor", trained.process.stdout)
        self.assertGreater(len(events(trained, "scm")), 0)
        certificates = [events(trained, "certificate")[0]]
        for ranks in (1, 3):
            used = self.run_case(case, ranks, "--set", f"reduced.model={model}")
            self.assertEqual(events(used, "greedy"), [])
            self.assertAlmostEqual(used.value("mean"), trained.value("mean"), delta=1e-12)
            certificates.append(events(used, "certificate")[0])
        for certificate in certificates:
            self.assertEqual(certificate["stability_from"], "SCM")
            self.assertEqual(certificate["stability"], certificates[0]["stability"])
        # -lap u + b x u_x + s u has the symmetric part -lap + s - b / 2, whose constant in the norm of the gradient is
        # 1 + (s - b / 2) / lambda_1 with lambda_1 of bilinear elements.
        h = 0.1
        first = 12 / h**2 * (1 - math.cos(math.pi * h)) / (2 + math.cos(math.pi * h))
        exact = 1 + (-3.7 - 1.3 / 2) / first
        self.assertLessEqual(certificates[0]["stability"], exact)
        self.assertGreater(certificates[0]["stability"], 0.7 * exact)

    def test_min_theta_is_refused_with_the_reason_where_it_does_not_hold(self):
        case = self.write_case(ABSORPTION)
        result = ansatz_test.run(case, 1, "--set", "reduced.stability=min_theta", out=self.folder / "refused", cwd=self.folder)
        self.assert_error(result, 2, "min-theta is not a bound", "is not positive")

    def test_a_box_on_which_the_problem_is_not_coercive_has_no_bound_by_scm_and_is_refused_with_a_place(self):
        case = self.write_case(ABSORPTION.replace("[-9.0", "[-30.0"))
        result = ansatz_test.run(case, 1, "--set", "reduced.stability=scm", out=self.folder / "refused", cwd=self.folder)
        self.assert_error(result, 2, "not coercive at b = ", "s = -")

    def test_where_it_is_not_coercive_the_bound_goes_on_to_the_inf_sup_constant_and_holds(self):
        text = ABSORPTION.replace("[-9.0", "[-30.0")
        case = self.write_case(text)
        point = ("--set", "parameters.s.default=-27", "--set", "parameters.b.default=0.4")
        reduced = ansatz_test.run(case, 1, *point, out=self.folder / "reduced", cwd=self.folder)
        self.assert_exit(reduced, 0)
        self.assertIn("by inf-sup", reduced.stdout)
        full = ansatz_test.run(case, 1, "--set", "solver.type=fem", *point, out=self.folder / "full", cwd=self.folder)
        self.assert_exit(full, 0)
        mean, exact = (ansatz_test.read_summary(self.folder / name)["quantities"]["mean"] for name in ("reduced", "full"))
        self.assertLessEqual(abs(mean["value"] - exact["value"]), mean["bound"])


if __name__ == "__main__":
    ansatz_test.main()
