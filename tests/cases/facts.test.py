#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""Facts from structure, end to end: no bound where a term is indefinite, no symmetric solver where the equation is not symmetric."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events

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
        self.assert_error(asked, 2, "min-theta is no bound", "is not positive semidefinite")
        found = self.bar(*fault)
        self.assertNotIn("by min-theta", found.stdout)
        self.assertIn("is not positive semidefinite", found.stdout)


if __name__ == "__main__":
    ansatz_test.main()
