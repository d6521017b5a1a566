#!/usr/bin/python3
# labels: slow
# ranks: 1
# timeout: 300
"""The conformance suite: the plugins of the project pass it, and each fault of a plugin that is wrong is found."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

PROGRAM = ansatz_test.BUILD / "bin/ansatz-conformance"
PLUGINS = ansatz_test.BUILD / "lib/ansatz/plugins"
NONCONFORMING = ansatz_test.BUILD / "tests/plugins/nonconforming.ansatz.so"
MSH = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
1 7 "left"
2 9 "plate"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
$EndNodes
$Elements
3
1 1 2 7 1 1 4
2 2 2 9 1 1 2 3
3 2 2 9 1 1 3 4
$EndElements
"""
CASE = """plugins = ["diffusion", "gmsh"]
[mesh]
file = "plate.msh"
refine = 2
[physics.diffusion]
conductivity = 1.0
source = "x"
boundary = [{ on = "left", temperature = 0.0 }]
[quantities]
mean = { mean = "temperature" }
"""


def conformance(*arguments, env=None):
    return ansatz_test.execute([PROGRAM, *arguments], timeout=200, env=env)


class Conformance(ansatz_test.TestCase):
    def assert_conforms(self, process, *checks):
        """All checks passed, among them these."""
        self.assert_exit(process, 0)
        self.assertNotIn("FAIL", process.stdout)
        for check in checks:
            self.assertRegex(process.stdout, rf"(?m)^  ok    .*{re.escape(check)}")

    def test_the_physics_of_the_project_conform_in_every_dimension_and_option(self):
        process = conformance("diffusion", "--case", ansatz_test.case_path("thermal_block"))
        self.assert_conforms(process, "diffusion, 1 dimension: strong form against weak form", "3 dimensions: stabilisation Jacobian",
                             "2 dimensions: Jacobian against residual", "quantities are the same on 1 rank and on 2 ranks",
                             "fields are the same on 1 rank and on 2 ranks", "a saved result is read back as it was")
        self.assert_conforms(conformance("elasticity"), "model = plane_stress, 2 dimensions: Jacobian against residual",
                             "objects are destroyed without a trace")

    def test_the_systems_of_the_project_conform(self):
        self.assert_conforms(conformance("nbody"), "pleiades: Jacobian against differences", "arenstorf: accelerations and jerk",
                             "bodies: invariants are constant along the motion", "kepler: initial state")
        self.assert_conforms(conformance("reaction_kinetics"), "brusselator_1d: band of the Jacobian", "brusselator_1d: linear part",
                             "kpr: derivative by time against differences", "ring_modulator: Jacobian against differences",
                             "pollu: invariants are constant along the motion", "kpr: stiff and nonstiff parts add up")

    def test_the_gmsh_reader_conforms_on_a_mesh_and_on_a_geometry(self):
        if not (PLUGINS / "gmsh.ansatz.so").exists():
            self.skipTest("built without gmsh")
        (self.folder / "plate.msh").write_text(MSH)
        process = conformance("gmsh", "--case", self.write_case(CASE), "--ranks", "3")
        self.assert_conforms(process, "a mesh is read, twice the same, and sound", "a mesh file that is cut off is refused",
                             "a missing, empty or damaged file is refused", "fields are the same on 1 rank and on 3 ranks")
        self.assert_conforms(conformance("gmsh", "--case", ansatz_test.case_path("nafems_le1")), "a mesh is read, twice")

    def test_the_plugin_vtk_conforms_on_one_and_two_ranks(self):
        if not (PLUGINS / "vtk.ansatz.so").exists():
            self.skipTest("built without VTK")
        process = conformance(PLUGINS / "vtk.ansatz.so")
        self.assert_conforms(process, "visual writer vtu: two steps are written, also where a rank has no cells")
        self.assertEqual(process.stdout.count("visual writer vtu: two steps"), 2)

    def test_the_learner_of_rl_stepping_conforms(self):
        if not (PLUGINS / "rl_stepping.ansatz.so").exists():
            self.skipTest("built without LibTorch")
        process = conformance("rl_stepping")
        self.assert_conforms(process, "policy learner dqn: with its defaults it learns", "a second training gives the same model",
                             "models without arrays, or of another learner, are refused")

    def test_an_ansatz_that_trains_and_one_that_keeps_states_conform(self):
        toys = ansatz_test.BUILD / "tests/plugins/toys.ansatz.so"
        case = """plugins = ["diffusion", "toys"]
[mesh]
box = { size = [1.0], cells = [8] }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = 0.0 }]
[quantities]
mean = { mean = "temperature" }
"""
        for ansatz, more, words in (("epochs", "", "a stored model gives the same quantities on 2 ranks"),
                                    ("walk", '[time]\nmethod = "backward_euler"\nstep = 0.25\nend = 1.0\n',
                                     "a run goes on from its state, bit for bit")):
            path = self.folder / f"{ansatz}.toml"
            path.write_text(case + f'[solver]\ntype = "{ansatz}"\n' + more)
            process = conformance(toys, "--case", path)
            self.assert_exit(process, 0)
            self.assertIn(words, process.stdout)

    def test_each_fault_of_wrong_preconditioners_and_tuners_is_found_on_one_and_two_ranks(self):
        process = conformance(ansatz_test.BUILD / "tests/plugins/preconditioners.ansatz.so")
        self.assert_exit(process, 1)
        for ranks, check, reason in [(2, "secretly_leaning: symmetric and positive definite", "(B r, s) is"),
                                     (2, "secretly_normed: linear where it says so", "differ by"),
                                     (2, "hoarding: a set-up does not depend on earlier matrices", "after another matrix"),
                                     (2, "failing: finite", "no licence for this matrix"),
                                     (1, "escaping: proposals are within the ranges", "which is not in [1, 1.9]"),
                                     (1, "forgetful: from its stored state", "proposes something else")]:
            self.assertGreaterEqual(len(re.findall(rf"(?m)^  FAIL  .*{re.escape(check)}.*{re.escape(reason)}", process.stdout)), ranks, check)
        for check in ("leaning: symmetric and positive definite", "normed: linear where it says so", "hoarding: linear", "forgetful: another object"):
            self.assertRegex(process.stdout, rf"(?m)^  ok    .* {check}")

    def test_each_fault_of_a_wrong_plugin_is_found(self):
        process = conformance(NONCONFORMING)
        self.assert_exit(process, 1)
        for check, reason in [("vague: everything has a text", 'coefficient "conductivity" has no text'),
                              ("vague: ranges, defaults", "the default -1 of \"conductivity\" is not in its range > 0"),
                              ("frozen, 1 dimension: Jacobian against residual", "falls with h^1.00, not h^2"),
                              ("frozen, 1 dimension: Jacobian times vector", "from differences"),
                              ("frozen, 1 dimension: strong form against weak form", "from differences"),
                              ("throws, 1 dimension: states that are not finite", "not an ansatz::sdk::Error: no licence key"),
                              ("frozen_rates: everything has a text", 'parameter "rate" has no text'),
                              ("frozen_rates: Jacobian against differences", "the rate of amount by amount is 0, by differences -1"),
                              ("askew: band of the Jacobian", "the rate of a depends on c, which is outside of the band"),
                              ("askew: Jacobian against differences", "the rate of a by c is 0, by differences 1"),
                              ("askew: invariants are constant", '"sum" is not an invariant'),
                              ("headwind: accelerations and jerk", "it must say velocity_dependent"),
                              ("blind: its error estimate sees", "on a linear equation the error is"),
                              ("plus: its error estimate falls", "falls with h^1."),
                              ("flipped: its error estimate falls", "the estimate has the wrong sign"),
                              ("stubborn: a restart forgets", "restart() must forget all history"),
                              ("eager: it knows no rate", "end_rate() gives 0 before the first step"),
                              ("undeclared, 1 dimension: nonstiff terms", "does not say has_nonstiff_terms = true"),
                              ("odd_units: everything has a text and a unit", '"furlong/fortnight", which is not a unit'),
                              ("careless: file name endings", 'the ending "tri" does not begin with a dot'),
                              ("careless: a missing, empty or damaged file", "throws no ansatz::sdk::Error"),
                              ("silent: its path leads to a file", "/nowhere/at/all"),
                              ("silent: a folder that cannot be made", "throws no ansatz::sdk::Error")]:
            self.assertRegex(process.stdout, rf"(?m)^  FAIL  .*{re.escape(check)}.*{re.escape(reason)}")
        for check in ("odd_units, 1 dimension: strong form against weak form", "vague, 1 dimension: Jacobian against residual", "frozen: everything has a text", "askew: f has no memory",
                      "headwind: Jacobian against differences"):
            self.assertRegex(process.stdout, rf"(?m)^  ok    .*{check}")
        ok, failed, skipped = map(int, re.search(r"(\d+) ok, (\d+) failed, (\d+) skipped\n$", process.stdout).groups())
        self.assertEqual(failed, process.stdout.count("\n  FAIL"))
        self.assertEqual(ok, process.stdout.count("\n  ok"))
        self.assertEqual(skipped, process.stdout.count("\n  skip"))

    def test_a_case_that_fails_is_a_failure_with_its_message(self):
        case = self.write_case('plugins = ["diffusion"]\n[mesh]\nbox = { size = [1.0], cells = [4], cell = "interval" }\n'
                               '[physics.diffusion]\nconductivity = 1.0\nsource = 1.0\n[linear]\nsolver = "cg"\nmax_iterations = 1\n')
        process = conformance("diffusion", "--case", case)
        self.assert_exit(process, 1)
        self.assertRegex(process.stdout, r"(?m)^  FAIL  the case runs on 1 rank: ended with 2")

    def test_wrong_use_ends_with_2_and_no_such_plugin_with_3(self):
        self.assert_error(conformance("difusion"), 3, 'did you mean "diffusion"?')
        self.assert_error(conformance(), 2, "PLUGIN is required")
        self.assert_error(conformance("diffusion", "--case", self.folder / "none"), 2, "there is no such case")
        self.assert_error(conformance("diffusion", env={"OMPI_COMM_WORLD_SIZE": "2"}), 2, "run it without mpirun")
        process = conformance("--help")
        self.assertEqual(process.returncode, 0)
        self.assertIn("Examples:", process.stdout)


if __name__ == "__main__":
    ansatz_test.main()
