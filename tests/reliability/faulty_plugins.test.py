#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""A plugin that throws or computes what is not finite ends the run with its name, the cell, the position and the time."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

CASE = """plugins = ["faulty"]
[mesh]
box = { size = [1.0, 0.1], cells = [40, 4], cell = "triangle" }
[physics.faulty]
fault = "FAULT"
boundary = [{ on = "left", temperature = 0.0 }, { on = "top", heat_flux = 1.0 }]
"""
TIME = '[time]\nmethod = "METHOD"\nend = 0.5\nstep = 0.1\n'


class FaultyPlugins(ansatz_test.TestCase):
    def run_text(self, text, ranks):
        env = {"ANSATZ_PLUGIN_PATH": f"{ansatz_test.BUILD / 'tests' / 'plugins'}:{os.environ['ANSATZ_PLUGIN_PATH']}"}
        return ansatz_test.run(self.write_case(text), ranks, out=self.folder / "out", timeout=60, cwd=self.folder, env=env)

    def messages(self, text, code, *parts):
        """Messages of runs on 1 and on 3 ranks, which must end soon with this code and one message with these parts."""
        messages = []
        for ranks in (1, 3):
            process = self.run_text(text, ranks)
            self.assert_error(process, code, *parts)
            self.assertLess(process.seconds, 5.0 * ansatz_test.TIME_FACTOR, f"{ranks} ranks")
            messages.append(process.stderr)
        return messages

    def assert_ends(self, fault, code, *parts, more=""):
        return self.messages(CASE.replace("FAULT", fault) + more, code, *parts)

    def assert_ends_beyond(self, fault, code, *parts):
        """The same for faults where x > 0.9, which one rank of three meets: position and cell are named and agree."""
        for message in self.assert_ends(fault, code, 'region "', *parts):
            x, y = map(float, re.search(r"position \(([-\d.e]+), ([-\d.e]+)\)", message).groups())
            self.assertTrue(0.9 < x <= 1.0 and 0.0 <= y <= 0.1, message)
            cell = int(re.search(r"cell (\d+)", message)[1])
            # Two triangles a square, 40 squares a row: the cell holds the position.
            self.assertEqual(cell // 2, int(x * 40 - 1e-9) + 40 * int(y * 40 - 1e-9), message)

    def test_without_a_fault_it_runs(self):
        self.assert_exit(self.run_text(CASE.replace("FAULT", "none"), 3), 0)

    def test_a_constructor_that_throws_is_reported_once_with_the_name_of_its_plugin(self):
        text = CASE.replace("faulty", "throws_when_made").replace('fault = "FAULT"\n', "")
        self.messages(text, 3, 'plugin "throws_when_made" failed to make its physics', "no file steam.tab")

    def test_describing_a_physics_whose_constructor_throws_names_the_plugin(self):
        plugin = ansatz_test.BUILD / "tests" / "plugins" / "throws_when_made.ansatz.so"
        self.assert_error(ansatz_test.ansatz("describe", plugin, ranks=3, timeout=60), 3, "throws_when_made", "no file steam.tab")

    def test_a_residual_that_throws_on_one_rank_ends_all(self):
        self.assert_ends_beyond("residual", 3, 'physics "faulty" failed: the table ends at 0.9', "time 0")

    def test_a_jacobian_that_throws_on_one_rank_ends_all(self):
        self.assert_ends_beyond("jacobian", 3, 'physics "faulty" failed: no derivative beyond 0.9', "time 0")

    def test_an_error_of_the_sdk_keeps_its_kind_and_hint(self):
        self.assert_ends_beyond("sdk_error", 4, 'physics "faulty"', "the law has no state", "law.cpp", "help: give it one")

    def test_an_exception_of_any_type_is_reported(self):
        self.assert_ends_beyond("unknown", 3, 'physics "faulty" failed with an exception that says nothing')

    def test_a_boundary_term_that_throws_is_reported_with_its_boundary(self):
        for message in self.assert_ends("boundary", 3, 'physics "faulty" failed: no wall there', 'boundary "top"', 'region "', ", 0.1)"):
            self.assertGreater(float(re.search(r"position \(([\d.]+)", message)[1]), 0.9)

    def test_what_is_computed_from_a_solution_and_throws_on_one_rank_ends_all(self):
        name = 'physics "faulty" failed: '
        self.assert_ends("quantity", 3, name + "no heat there", "quantities")
        for more in ('[quantities]\nq = { mean = "glow" }', '[quantities]\nq = { maximum = "glow" }',
                     '[quantities]\nq = { point = "glow", at = [0.97, 0.03] }', '[output]\nfields = ["glow"]'):
            with self.subTest(more):
                self.assert_ends("derived", 3, name + "nothing glows there", "derived fields", more=more)

    def test_a_kernel_that_always_throws_is_named(self):
        self.assert_ends("everywhere", 3, 'physics "faulty" failed: the table is empty', 'region "')

    def test_a_residual_that_is_not_finite_is_reported_with_its_place(self):
        self.assert_ends_beyond("value", 5, 'physics "faulty" gives the value', "nan in the equation of temperature", "time 0")

    def test_a_derivative_that_is_not_finite_is_reported_with_its_place(self):
        # d sqrt(u) / du is infinite at u = 0, while the residual is finite.
        self.assert_ends("derivative", 5, 'physics "faulty" gives the derivative', 'region "', ", cell ", "position (")

    def test_the_time_of_a_later_fault_is_that_of_its_step(self):
        for method in ("backward_euler", "crank_nicolson", "bdf2"):
            self.assert_ends("later", 5, 'physics "faulty" gives the value', "time 0.4", more=TIME.replace("METHOD", method))

    def test_a_residual_that_is_not_finite_along_the_whole_correction_is_reported_with_its_place(self):
        self.assert_ends("search", 5, 'physics "faulty" gives the value', "nan in the equation of temperature", ", cell ")


if __name__ == "__main__":
    ansatz_test.main()
