#!/usr/bin/python3
# ranks: 1
# timeout: 300
"""Bad input ends with one message that says where, what and how to fix it, and with the exit code of its kind."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

GOOD = """title   = "Small block"
plugins = ["diffusion"]

[mesh]
box = { size = [1.0, 1.0], cells = [4, 4], cell = "triangle" }

[physics.diffusion]
conductivity = "k"
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]

[parameters]
k = { range = [0.1, 1.0], default = 0.3, unit = "W/(m K)" }

[quantities]
mean_temperature = { mean = "temperature" }
"""


class BadInput(ansatz_test.TestCase):
    def run_text(self, text, ranks=2, *arguments):
        case = self.write_case(text)
        return ansatz_test.ansatz("run", case, "--out", self.folder / "out", *arguments, ranks=ranks, timeout=60, cwd=self.folder)

    def test_the_good_case_runs(self):
        self.assert_exit(self.run_text(GOOD), 0)

    def test_an_unknown_key_is_refused_with_its_place_and_a_suggestion(self):
        self.assert_error(self.run_text(GOOD.replace("source ", "sourc ")), 2, "case.toml:9:1", "unknown key \"sourc\"",
                          "did you mean \"source\"")

    def test_mistakes_beside_boundary_coefficients_are_named(self):
        text = GOOD.replace('"k"', '"k_steal"').replace('{ on = "all", temperature = 0.0 }', '{ on = "left", heat_flux = "normal_x" }')
        self.assert_error(self.run_text(text), 2, "case.toml:8", "k_steal")

    def test_a_wrong_type_is_refused(self):
        self.assert_error(self.run_text(GOOD.replace("cells = [4, 4]", 'cells = "many"')), 2, "case.toml:5", "cells")

    def test_a_parameter_default_out_of_its_range_is_refused(self):
        self.assert_error(self.run_text(GOOD.replace("default = 0.3", "default = 3.0")), 2, "case.toml:13", "0.1", "3")

    def test_a_parameter_set_out_of_its_range_on_the_command_line_is_refused(self):
        self.assert_error(self.run_text(GOOD, 2, "--set", "parameters.k.default=7"), 2, "7", "parameters.k")

    def test_a_missing_plugin_is_refused_with_the_paths_tried(self):
        self.assert_error(self.run_text(GOOD.replace('["diffusion"]', '["difusion"]')), 3, "difusion", "diffusion")

    def test_a_missing_mesh_is_refused(self):
        text = GOOD.replace('box = { size = [1.0, 1.0], cells = [4, 4], cell = "triangle" }', 'file = "nowhere.msh"')
        self.assert_error(self.run_text(text.replace('["diffusion"]', '["diffusion", "gmsh"]')), 4, "nowhere.msh")

    def test_a_truncated_mesh_is_refused(self):
        (self.folder / "cut.msh").write_text("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\n1 4 1 4\n2 1 0 4\n1\n2\n")
        text = GOOD.replace('box = { size = [1.0, 1.0], cells = [4, 4], cell = "triangle" }', 'file = "cut.msh"')
        self.assert_error(self.run_text(text.replace('["diffusion"]', '["diffusion", "gmsh"]')), 4, "cut.msh")

    def test_a_boundary_that_does_not_exist_is_refused_with_the_known_ones(self):
        self.assert_error(self.run_text(GOOD.replace('on = "all"', 'on = "lft"')), 2, "case.toml:10", "lft", "left")

    def test_a_coefficient_that_is_not_finite_is_refused_with_its_cell_and_position(self):
        self.assert_error(self.run_text(GOOD.replace("source       = 1.0", 'source = "1 / (x - x)"')), 5, "source", "cell",
                          "position")

    def test_an_argument_outside_of_a_table_is_named_with_the_table_and_its_range(self):
        text = GOOD.replace("source       = 1.0", 'source = "law(2 * x)"') + "[tables.law]\nx = [0.0, 1.5]\ny = [1.0, 2.0]\n"
        self.assert_error(self.run_text(text), 5, "source", 'the table "law" reaches from 0 to 1.5, its argument is 1.', "cell", "position")
        text = GOOD.replace("temperature = 0.0", 'temperature = "law(2 * x)"') + "[tables.law]\nx = [0.0, 1.5]\ny = [1.0, 2.0]\n"
        self.assert_error(self.run_text(text, 1), 5, "temperature", 'the table "law" reaches from 0 to 1.5, its argument is 2', 'boundary "all"')

    def test_check_looks_at_methods_and_solvers_with_the_place(self):
        time = '[time]\nmethod = "{}"\nend = 1.0\nstep = 0.1\n'
        linear = '[linear]\nsolver = "{}"\npreconditioner = "{}"\n'
        for more, parts in [(time.format("backward_euler") + 'mass = "lumped"\n', ["a lumped one is for explicit methods", "case.toml:17"]),
                            (time.format("leapfrog"), ["needs a system of second order"]),
                            (time.format("bdf2").replace("0.1", "0.3"), ["is not a whole number of steps"]),
                            (linear.format("cg", "pcd"), ['"pcd" is for systems with constraints', "case.toml:17"]),
                            (linear.format("direct", "ilu"), ['has no preconditioner "ilu"', "case.toml:17"])]:
            case = self.write_case(GOOD + more)
            self.assert_error(ansatz_test.ansatz("check", case, timeout=60, cwd=self.folder), 2, *parts)

    def test_a_failure_on_one_rank_of_three_ends_all_ranks_within_five_seconds_with_one_message(self):
        # Only the rank with the cells at the upper right corner meets it.
        text = GOOD.replace("source       = 1.0", 'source = "if(x + y > 1.9, sqrt(x - 2), 1)"')
        process = self.run_text(text, 3)
        self.assert_error(process, 5, "source", "position (0.9")
        self.assertLess(process.seconds, 5.0 * ansatz_test.TIME_FACTOR)

    def test_a_coefficient_out_of_its_range_is_refused_with_its_value(self):
        self.assert_error(self.run_text(GOOD.replace('"k"', '"x - 0.5"')), 5, "conductivity", "> 0", "position")

    def test_a_constant_coefficient_out_of_its_range_is_refused(self):
        self.assert_error(self.run_text(GOOD.replace('"k"', "-2.0")), 2, "conductivity", "-2", "> 0")

    def test_an_output_folder_that_cannot_be_written_is_refused(self):
        (self.folder / "file").write_text("")
        case = self.write_case(GOOD)
        process = ansatz_test.ansatz("run", case, "--out", self.folder / "file" / "below", ranks=2, timeout=60)
        self.assert_error(process, 8, "file/below", "--out")

    def test_a_wrong_option_of_the_command_is_refused(self):
        process = ansatz_test.ansatz("run", self.write_case(GOOD), "--outt", "x", ranks=2, timeout=60)
        self.assertEqual(process.returncode, 2)

    def test_a_solver_that_does_not_converge_is_an_error_with_its_history(self):
        text = GOOD + "\n[linear]\nsolver = \"cg\"\npreconditioner = \"none\"\nmax_iterations = 1\n"
        self.assert_error(self.run_text(text), 5, "the limit of 1 iterations was reached", "last of 2 norms", "help:")

    def test_an_expression_with_an_unknown_name_is_refused_with_a_suggestion(self):
        self.assert_error(self.run_text(GOOD.replace('"k"', '"kk"')), 2, "case.toml:8", "kk", "k")

    def test_all_errors_of_a_case_are_reported_at_once(self):
        text = GOOD.replace("source ", "sourc ").replace("default = 0.3", "default = 3.0")
        process = self.run_text(text)
        self.assertEqual(process.returncode, 2)
        self.assertIn("sourc", process.stderr)
        self.assertIn("case.toml:13", process.stderr)


if __name__ == "__main__":
    ansatz_test.main()
