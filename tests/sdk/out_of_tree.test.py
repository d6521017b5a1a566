#!/usr/bin/python3
# ranks: 1
# timeout: 1800
# labels: slow
"""Plugins built outside of the source tree, against the installed SDK alone. Kernels of physics compile for long."""

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

    def build_alone(self, prefix, name):
        """Builds a copy of plugins/NAME instead of the installed plugin; returns the folder of the library."""
        source = shutil.copytree(ansatz_test.SOURCE / "plugins" / name, self.folder / name)
        (prefix / f"lib/ansatz/plugins/{name}.ansatz.so").unlink()
        sdk_tree.build(self, prefix, source, *(sdk_tree.vtk_options() if name == "vtk" else []))
        process = sdk_tree.execute(["env", f"ANSATZ_PLUGIN_PATH={source}/build", "ansatz", "plugins"], prefix)
        self.assert_exit(process, 0)
        self.assertRegex(process.stdout, rf"(?m)^{name} \d")
        self.assertIn(f"file    {source}/build/{name}.ansatz.so\n", process.stdout)
        return source / "build"

    def test_every_plugin_of_the_project_builds_alone_and_gives_the_same_numbers(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        built = {path.name.split(".")[0] for path in (prefix / "lib/ansatz/plugins").iterdir()}
        folders = {path.parent.name for path in (ansatz_test.SOURCE / "plugins").glob("*/CMakeLists.txt")}
        self.assertLessEqual(folders - built, {"gmsh", "rl_stepping", "vtk"}, "only these may be missing, where their libraries are")
        paths = [self.build_alone(prefix, name) for name in sorted(folders & built)]
        for case, quantity, plugins in (("thermal_block", "mean_temperature", {"diffusion"}),
                                        ("nafems_le1", "sigma_yy_D", {"elasticity", "gmsh"})):
            if not plugins <= built:
                continue
            out = self.folder / f"run_{case}"
            process = sdk_tree.execute(["env", f"ANSATZ_PLUGIN_PATH={':'.join(map(str, paths))}", "ansatz", "run",
                                        prefix / "share/ansatz/cases" / case, "--verify", "--out", out], prefix)
            self.assert_exit(process, 0)
            alone = ansatz_test.read_summary(out)["quantities"][quantity]["value"]
            self.assertEqual(alone, self.run_case(case).value(quantity))


if __name__ == "__main__":
    ansatz_test.main()
