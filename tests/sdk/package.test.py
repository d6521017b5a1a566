#!/usr/bin/python3
# labels: slow
# ranks: 1
# timeout: 300
"""Debian packages: made by cpack, installed by dpkg, and used; the system that runs the tests is left alone.

dpkg installs into a root of its own, with a copy of this system's list of packages: it unpacks, checks every dependency
and configures, without being root.
"""

import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import sdk_tree

STATUS = pathlib.Path("/var/lib/dpkg/status")
CASE = """plugins = ["diffusion", "mine"]
[mesh]
file = "square.mine"
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = 1.0 }, { on = "right", temperature = 2.0 }]
[quantities]
mean = { mean = "temperature" }
"""


def field(package, name):
    return ansatz_test.execute(["dpkg-deb", "-f", package, name]).stdout


def dpkg(root, *arguments):
    process = ansatz_test.execute(["dpkg", f"--root={root}", "--force-not-root", "--force-script-chrootless", *arguments])
    process.stderr = "\n".join(line for line in process.stderr.splitlines() if "files list file" not in line)
    return process


def new_root(root):
    """An empty root whose dpkg believes that it has this system's packages."""
    for folder in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    shutil.copy(STATUS, root / "var/lib/dpkg/status")
    return root


@unittest.skipUnless(STATUS.exists(), "not a Debian system")
class Packages(ansatz_test.TestCase):
    def make(self):
        folder = self.folder / "packages"
        process = ansatz_test.execute(["cpack", "--config", ansatz_test.BUILD / "CPackConfig.cmake", "-B", folder], timeout=200)
        self.assert_exit(process, 0)
        return {path.name.split("_")[0]: path for path in folder.glob("*.deb")}

    def test_packages_have_the_dependencies_of_their_libraries_and_work_where_they_are_installed(self):
        packages = self.make()
        self.assertLessEqual({"ansatz", "ansatz-sdk"}, set(packages))
        version = field(packages["ansatz"], "Version").strip()
        needed = field(packages["ansatz"], "Depends")
        for library in (r"libpetsc-real3\.18", "libhdf5-openmpi-103", r"libboost-filesystem1\.74\.0", "libopenmpi3", "openmpi-bin",
                        r"libstdc\+\+6"):
            self.assertRegex(needed, rf"(^|, ){library}")
        self.assertNotIn("gmsh", needed)  # its licence is the GPL
        for name in sorted(set(packages) - {"ansatz"}):
            self.assertIn(f"ansatz (= {version})", field(packages[name], "Depends"))

        root = new_root(self.folder / "root")
        process = dpkg(root, "-i", packages["ansatz-sdk"])
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("ansatz-sdk depends on ansatz", process.stderr)
        self.assert_exit(dpkg(root, "-i", *packages.values()), 0)
        listed = ansatz_test.execute(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${db:Status-Abbrev}", "ansatz-sdk"])
        self.assertEqual(listed.stdout.strip(), "ii")
        self.use(root / "usr")
        process = dpkg(root, "-r", *packages)
        self.assert_exit(process, 0)
        self.assertEqual([path for path in (root / "usr").rglob("*") if "ansatz" in path.name.lower()], [])

    def use(self, prefix):
        """Runs a case, and builds a plugin with the installed SDK that another case needs."""
        out = self.folder / "run"
        process = sdk_tree.execute([*ansatz_test.mpirun(2), "ansatz", "run", prefix / "share/ansatz/cases/thermal_block",
                                    "--verify", "--out", out], prefix)
        self.assert_exit(process, 0)
        mean = ansatz_test.read_summary(out)["quantities"]["mean_temperature"]["value"]
        self.assertAlmostEqual(mean, 0.0626118472, delta=5e-4 * 0.0626118472)
        self.assert_exit(sdk_tree.execute(["ansatz", "new-plugin", "mesh_reader", "mine", "--in", self.folder], prefix), 0)
        source = self.folder / "mine"
        self.assert_exit(sdk_tree.execute(["cmake", "-S", source, "-B", source / "build"], prefix), 0)
        self.assert_exit(sdk_tree.execute(["cmake", "--build", source / "build", "--target", "mine"], prefix), 0)
        (source / "case.toml").write_text(CASE)
        process = sdk_tree.execute(["env", f"ANSATZ_PLUGIN_PATH={source}/build", "ansatz", "run", source, "--out", out], prefix)
        self.assert_exit(process, 0)
        self.assertAlmostEqual(ansatz_test.read_summary(out)["quantities"]["mean"]["value"], 1.5, delta=1e-9)


if __name__ == "__main__":
    ansatz_test.main()
