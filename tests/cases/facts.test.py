#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""Facts from structure, end to end: no bound where a term is indefinite, no symmetric solver where the equation is not symmetric."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

# The reaction is negative on a tenth of the domain, which four vectors did not see.
BAR = """
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0], cells = [200], cell = "interval" }}
[parameters]
k = {{ range = [{low}, {high}], default = {default}, unit = "1" }}
[physics.diffusion]
conductivity = 1.0
reaction = "{reaction}"
source = 1.0
boundary = [{{ on = "right", temperature = 0.0 }}]
[quantities]
mean_temperature = {{ mean = "temperature" }}
at_left = {{ point = "temperature", at = [0.0] }}
[solver]
type = "reduced_basis"
[reduced]
training = {{ grid = 10 }}
tolerance = 1e-3
max_size = 3
reference = {{ k = {reference} }}
"""

SWITCHED = """
plugins = ["diffusion"]
[mesh]
box = {{ size = [1.0, 1.0], cells = [{cells}, {cells}], cell = "triangle" }}
[physics.diffusion]
conductivity = 1.0
velocity = ["{velocity}", "0"]
source = 1.0
boundary = [{{ on = "all", temperature = 0.0 }}]
[quantities]
mean_temperature = {{ mean = "temperature" }}
"""

IN_TIME = """
[time]
method = "backward_euler"
end = 1.0
step = 0.1
"""


class Semidefinite(ansatz_test.TestCase):
    def bar(self, low, high, default, reaction, reference, *settings):
        case = self.write_case(BAR.format(low=low, high=high, default=default, reaction=reaction, reference=reference))
        return ansatz_test.run(case, 1, *settings, out=self.folder / f"run{len(list(self.folder.iterdir()))}", cwd=self.folder)

    def test_an_indefinite_term_has_no_bound_by_min_theta(self):
        fault = (0.1, 1.0, 0.3526, "k*3000*(x - 0.1)", 0.2)
        fem = self.bar(*fault, "--set", "solver.type=fem")
        self.assert_exit(fem, 0)
        self.assertRegex(fem.stdout, r"at_left *-535\.9")
        self.assertRegex(fem.stdout, r"mean_temperature *-79\.4")
        asked = self.bar(*fault, "--set", "reduced.stability=min_theta")
        self.assert_error(asked, 2, "min-theta is not a bound", "is not positive semidefinite")
        found = self.bar(*fault)
        self.assertNotIn("by min-theta", found.stdout)
        self.assertIn("is not positive semidefinite", found.stdout)

    def test_a_term_is_affine_by_its_expression_though_the_parameter_reaches_3000(self):
        asked = self.bar(1.0, 3000.0, 1000.0, "k*(x - 0.1)", 500.0, "--set", "reduced.stability=min_theta")
        self.assert_error(asked, 2, "min-theta is not a bound", "is not positive semidefinite")
        self.assertNotIn("not affine", asked.stdout + asked.stderr)

    def test_where_the_reaction_is_harmless_its_bound_holds(self):
        harmless = (1.0, 100.0, 40.0, "k*(x - 0.1)", 10.0)
        fem = self.bar(*harmless, "--set", "solver.type=fem")
        self.assert_exit(fem, 0)
        found = self.bar(*harmless, "--set", "reduced.max_size=6")
        self.assert_exit(found, 0)
        self.assertIn("by SCM", found.stdout)
        runs = sorted(self.folder.glob("run*"), key=lambda folder: folder.stat().st_mtime)
        reference, model = (ansatz_test.read_summary(folder)["quantities"] for folder in runs)
        for name in ("mean_temperature", "at_left"):
            self.assertLessEqual(abs(model[name]["value"] - reference[name]["value"]), model[name]["bound"])


class Symmetric(ansatz_test.TestCase):
    def switched(self, cells, velocity, *settings, in_time=True):
        case = self.write_case(SWITCHED.format(cells=cells, velocity=velocity) + (IN_TIME if in_time else ""))
        return self.run_case(case, 1, *settings)

    def test_a_velocity_that_begins_later_is_not_solved_as_symmetric(self):
        result = self.switched(100, "t > 0.5 ? 20.0 : 0.0")
        self.assert_value(result, "mean_temperature", 0.0162973146, relative=1e-8)

    def test_the_first_matrix_does_not_choose_the_solver(self):
        for velocity in ("t > 0.5 ? 20 : 0", "t > 0.5 ? 20 : 1e-6", "20*max(0, t - 0.5)"):
            values = [self.switched(16, velocity, "--set", f"linear.solver={solver}").value("mean_temperature")
                      for solver in ("direct", "gmres")]
            with self.subTest(velocity):
                self.assertAlmostEqual(values[0], values[1], delta=1e-8 * abs(values[1]))


if __name__ == "__main__":
    ansatz_test.main()
