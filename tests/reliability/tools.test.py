#!/usr/bin/env python3
# ranks: 1
"""The commands in tools/ refuse wrong use, and count test cases rightly."""

import contextlib
import io
import json
import re
import shutil
import sys
from unittest import mock

import ansatz_test

TOOLS = ansatz_test.SOURCE / "tools"
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOLS))
from benchmarks import common, dolfinx, integrators  # noqa: E402

PEER_OUTPUT = """UnitCube (78x78x79) to be refined 0 times
  Num cells:       2883816 (2.88 million)
  Total degrees of freedom:               499280 (499 thousand)
[MPI_MAX] Summary of timings                 |  reps   wall avg   wall tot
---------------------------------------------------------------------------
Build dofmap data                            |     2   0.109351   0.218702
ZZZ Assemble matrix                          |     1   1.065754   1.065754
*** Number of Krylov iterations: 12
*** Solution norm:  150.341
"""


class Tools(ansatz_test.TestCase):
    def count(self, entries, ctest_status):
        results = self.folder / "results.xml"
        results.write_text(f"<testsuite>{entries}</testsuite>")
        return ansatz_test.execute(["/usr/bin/python3", TOOLS / "count_tests.py", results, ctest_status])

    def closing_line(self, process):
        return process.stdout.splitlines()[-1]

    def test_run_refuses_a_case_that_does_not_exist(self):
        self.assert_error(ansatz_test.execute([TOOLS / "run", "no_such_case"]), 2, 'there is no case "no_such_case"')

    def test_run_refuses_zero_ranks(self):
        self.assert_error(ansatz_test.execute([TOOLS / "run", "-n", "0"]), 2, "number of ranks")

    def test_setup_refuses_an_unknown_group(self):
        self.assert_error(ansatz_test.execute([TOOLS / "setup", "--group", "nope"]), 1, 'there is no group "nope"')

    def test_bench_refuses_an_unknown_name(self):
        process = ansatz_test.execute([TOOLS / "bench", "--no-setup", "nope"])
        self.assert_exit(process, 2)
        self.assertIn("there is no bench nope", process.stderr)

    def test_all_that_is_installed_is_built_by_the_target_that_run_builds(self):
        needed = set()
        for script in ansatz_test.BUILD.rglob("cmake_install.cmake"):
            for name in re.findall(r'FILES "([^"]*)"', script.read_text()):
                if name.startswith((f"{ansatz_test.BUILD}/bin/", f"{ansatz_test.BUILD}/lib/")):
                    needed.add(name.removeprefix(f"{ansatz_test.BUILD}/"))
        self.assertTrue({"bin/ansatz", "bin/ansatz-conformance", "lib/ansatz/plugins/diffusion.ansatz.so"} <= needed, needed)
        query = ansatz_test.execute(["/usr/bin/ninja", "-C", ansatz_test.BUILD, "-t", "query", "ansatz_installed"])
        self.assert_exit(query, 0)
        self.assertEqual(needed - set(map(str.strip, query.stdout.splitlines())), set())
        self.assertIn("targets=(ansatz_installed)", (TOOLS / "setup").read_text())

    def toy_project(self, *packages):
        """A copy of tools/setup with another list of packages, all of which are installed, and a project that counts configurations."""
        (self.folder / "tools").mkdir(exist_ok=True)
        shutil.copy(TOOLS / "setup", self.folder / "tools")
        (self.folder / "tools/packages.txt").write_text("[build]\n" + "".join(f"{name}\n" for name in packages))
        (self.folder / "CMakePresets.json").write_text(json.dumps({"version": 6, "configurePresets": [
            {"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/${presetName}"}]}))
        (self.folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(toy NONE)\nadd_custom_target(ansatz_installed)\n"
            'file(APPEND ${PROJECT_SOURCE_DIR}/count.txt "x")\n')

    def configurations(self):
        process = ansatz_test.execute([self.folder / "tools/setup", "--quiet"], cwd=self.folder)
        self.assert_exit(process, 0)
        return len((self.folder / "count.txt").read_text())

    def test_new_packages_cause_a_new_configuration_and_nothing_else_does(self):
        self.toy_project("bash")
        self.assertEqual([self.configurations(), self.configurations()], [1, 1])
        self.toy_project("bash", "coreutils")
        self.assertEqual([self.configurations(), self.configurations()], [2, 2])
        self.toy_project("bash")  # as if it were removed
        self.assertEqual([self.configurations(), self.configurations()], [3, 3])

    def bench(self, report):
        """Exit code and output of tools/bench with one bench, which gives this report."""
        program = (f"import pathlib, runpy, sys\nsys.path.insert(0, {str(TOOLS)!r})\nfrom benchmarks import common, poisson\n"
                   f"poisson.run = lambda settings: ({report})\nsys.argv = ['bench', '--no-setup', 'poisson']\n"
                   f"runpy.run_path({str(TOOLS / 'bench')!r}, run_name='__main__')\n")
        process = ansatz_test.execute(["/usr/bin/python3", "-B", "-c", program])
        lines = [line for line in process.stdout.splitlines() if line.startswith("RESULT ")]
        self.assertEqual(len(lines), 1, process.stdout + process.stderr)
        return process, json.loads(lines[0].removeprefix("RESULT "))["figures"]

    def test_a_figure_whose_peer_did_not_run_is_not_measured_and_no_target_is_met(self):
        report = ("[r := common.Report('b', 't', 'p'), r.add('a', [1.0], [2.0], target=1.0), "
                  "r.add_not_measured('c', 'cvode did not run', target=1.0)][0]")
        process, figures = self.bench(report)
        self.assert_exit(process, 2)
        self.assertEqual([figure["met"] for figure in figures], [True, False])
        self.assertEqual((figures[1]["not_measured"], figures[1]["peer"], figures[1]["ratio"]), ("cvode did not run", None, None))
        self.assertRegex(process.stdout, r"c +- .* not measured\n")
        self.assertNotIn("MISSED", process.stdout)

    def test_a_bench_whose_program_is_missing_is_not_measured_and_the_others_run(self):
        process, figures = self.bench("(_ for _ in ()).throw(common.BenchError('there is no peer'))")
        self.assert_exit(process, 2)
        self.assertEqual(figures, [])
        self.assertIn("poisson: not measured: there is no peer", process.stderr)

    def test_integrators_are_not_compared_with_the_peers_that_are_left(self):
        points = [{"error": 10.0**-k, "seconds": 2.0**k, "evaluations": 2.0**k} for k in range(2, 8)]

        def ours(settings, what, cells, extra=()):
            if "solver=cvode" in extra and "problem=hires" in extra:
                raise common.BenchError("exit code 2 of ansatz_bench\nerror: this program was built without SUNDIALS")
            if "solver=petsc_bdf" in extra:
                raise common.NoSolution("exit code 5 of ansatz_bench")
            return {"points": points}

        with mock.patch.object(common, "ours", ours), contextlib.redirect_stdout(io.StringIO()) as out:
            report = integrators.run(common.Settings(1, 1, None))
        met = {figure.name.split(",")[0]: figure.met() for figure in report.figures}
        self.assertEqual(met, {"rober": True, "hires": False, "brusselator": True, "heat": True})
        self.assertFalse(report.measured())
        self.assertIn("built without SUNDIALS", out.getvalue())
        self.assertEqual({figure.not_measured for figure in report.figures}, {"", "cvode did not run"})

    def test_test_cases_of_all_entries_are_added_up(self):
        counted = '<testcase name="a" status="run"><system-out>x\n3 ranks: 5 passed, 0 failed\n</system-out></testcase>'
        plain = '<testcase name="b" status="run"><system-out>fine</system-out></testcase>'
        process = self.count(counted + plain, 0)
        self.assert_exit(process, 0)
        self.assertEqual(self.closing_line(process), "6 passed, 0 failed")

    def test_an_entry_that_died_counts_as_a_failure_beside_what_it_passed(self):
        died = '<testcase name="a" status="fail"><system-out>4 passed, 0 failed\nSegmentation fault</system-out></testcase>'
        process = self.count(died, 8)
        self.assert_exit(process, 1)
        self.assertEqual(self.closing_line(process), "4 passed, 1 failed")

    def test_a_run_without_tests_is_a_failure(self):
        process = self.count("", 0)
        self.assert_exit(process, 1)
        self.assertEqual(self.closing_line(process), "0 passed, 0 failed")

    def test_the_output_of_the_peer_is_understood(self):
        run = dolfinx.parse(PEER_OUTPUT)
        self.assertEqual(run["cells_xyz"], (78, 78, 79))
        self.assertEqual((run["unknowns"], run["cells"], run["iterations"]), (499280, 2883816, 12))
        self.assertEqual(run["seconds"], {"Build dofmap data": 0.218702, "Assemble matrix": 1.065754})

    def test_a_figure_is_the_median_of_the_ratios_of_pairs(self):
        figure = common.Figure("f", ours=[1.0, 2.0, 1.0], peer=[4.0, 6.0, 2.0], target=3.0)
        self.assertEqual(figure.ratio(), 3.0)
        self.assertEqual(json.loads(json.dumps(figure.as_json())), {
            "name": "f", "ours": 1.0, "peer": 4.0, "unit": "s", "ratio": 3.0, "target": 3.0, "met": True})


if __name__ == "__main__":
    ansatz_test.main()
