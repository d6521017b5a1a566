#!/usr/bin/python3
# ranks: 1
# timeout: 600
# labels: slow
"""Physics plugins built outside of the source tree, against the installed SDK alone. Their kernels compile for long."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import sdk_tree


class OutOfTree(ansatz_test.TestCase):
    def test_a_new_physics_passes_its_tests_and_can_be_installed(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        folder = sdk_tree.build_new_plugin(self, prefix, "physics", "my_physics")
        self.assert_exit(sdk_tree.execute(["cmake", "--install", folder / "build", "--prefix", prefix], prefix), 0)
        out = self.folder / "run"
        process = sdk_tree.execute([*ansatz_test.mpirun(2), "ansatz", "run", folder, "--verify", "--out", out], prefix)
        self.assert_exit(process, 0)
        mean = ansatz_test.read_summary(out)["quantities"]["mean"]["value"]
        self.assertAlmostEqual(mean, 0.40528473456935109, delta=1e-4)  # 4 / pi^2

    def test_the_plugins_of_the_project_build_alone_and_give_the_same_numbers(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        for name, case, quantity in (("diffusion", "thermal_block", "mean_temperature"), ("elasticity", "nafems_le1", "sigma_yy_D")):
            source = shutil.copytree(ansatz_test.SOURCE / "plugins" / name, self.folder / name)
            (prefix / f"lib/ansatz/plugins/{name}.ansatz.so").unlink()
            sdk_tree.build(self, prefix, source)
            self.assertTrue((source / f"build/{name}.ansatz.so").is_file())
            if case == "nafems_le1" and not (prefix / "lib/ansatz/plugins/gmsh.ansatz.so").exists():
                continue  # its mesh needs Gmsh
            out = self.folder / f"run_{name}"
            process = sdk_tree.execute(["env", f"ANSATZ_PLUGIN_PATH={source}/build", "ansatz", "run",
                                        prefix / "share/ansatz/cases" / case, "--verify", "--out", out], prefix)
            self.assert_exit(process, 0)
            alone = ansatz_test.read_summary(out)["quantities"][quantity]["value"]
            self.assertEqual(alone, self.run_case(case).value(quantity))


if __name__ == "__main__":
    ansatz_test.main()
