#!/usr/bin/python3
# ranks: 1
# timeout: 300
"""The installed tree works from anywhere, with nothing of the source tree or the environment."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import sdk_tree


class Installed(ansatz_test.TestCase):
    def test_a_moved_tree_runs_a_case_with_its_own_plugins(self):
        first = sdk_tree.install(self.folder / "first")
        prefix = self.folder / "else where/ansatz"
        prefix.parent.mkdir()
        first.rename(prefix)
        process = sdk_tree.execute([prefix / "bin/ansatz", "plugins"], prefix, cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertIn(str(prefix / "lib/ansatz/plugins/diffusion.ansatz.so"), process.stdout)
        self.assertNotIn(str(ansatz_test.BUILD), process.stdout)
        process = sdk_tree.execute([*ansatz_test.mpirun(2), prefix / "bin/ansatz", "run",
                                    prefix / "share/ansatz/cases/thermal_block", "--verify", "--out", self.folder / "run"],
                                   prefix, cwd=self.folder)
        self.assert_exit(process, 0)
        mean = ansatz_test.read_summary(self.folder / "run")["quantities"]["mean_temperature"]["value"]
        self.assertAlmostEqual(mean, 0.0626118472, delta=5e-4 * 0.0626118472)

    def test_no_installed_file_points_into_the_source_or_build_tree(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        for path in [*prefix.glob("bin/*"), *prefix.glob("lib/*.so"), *prefix.glob("lib/ansatz/plugins/*")]:
            dynamic = ansatz_test.execute(["readelf", "-d", path]).stdout
            runpath = re.findall(r"R(?:UN)?PATH.*\[(.*)\]", dynamic)
            self.assertTrue(runpath, path)
            self.assertTrue(runpath[0].startswith("$ORIGIN"), f"{path}: {runpath}")
            self.assertNotIn(str(ansatz_test.BUILD.resolve()), runpath[0])
            linked = sdk_tree.execute(["ldd", path], prefix).stdout
            self.assertNotIn("not found", linked, path)
            self.assertNotIn(str(ansatz_test.BUILD.resolve()), linked)
        for path in prefix.glob("lib/cmake/AnsatzSDK/*"):
            self.assertNotIn(str(ansatz_test.SOURCE), path.read_text(), path)

    def test_the_sdk_is_found_by_its_prefix_and_another_version_is_not(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        project = self.folder / "project"
        project.mkdir()
        for version, found in (("0.1", True), ("0.2", False), ("99", False)):
            (project / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.25)\nproject(x LANGUAGES CXX)\n"
                f"find_package(AnsatzSDK {version} REQUIRED)\nmessage(STATUS \"tree ${{AnsatzSDK_DIR}}\")\n")
            process = sdk_tree.execute(["cmake", "-S", project, "-B", self.folder / f"build{version}"], prefix)
            self.assertEqual(process.returncode == 0, found, process.stderr)
            if found:
                self.assertIn(f"tree {prefix}/lib/cmake/AnsatzSDK", process.stdout)

    def test_the_headers_are_installed_whole(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        names = sorted(path.name for path in (ansatz_test.SOURCE / "sdk/include/ansatz/sdk").iterdir())
        self.assertEqual(sorted(os.listdir(prefix / "include/ansatz/sdk")), names)


if __name__ == "__main__":
    ansatz_test.main()
