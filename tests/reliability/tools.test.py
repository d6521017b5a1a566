#!/usr/bin/env python3
# ranks: 1
"""The commands in tools/ refuse wrong use, and count test cases rightly."""

import json
import sys

import ansatz_test

TOOLS = ansatz_test.SOURCE / "tools"
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOLS))
from benchmarks import common, dolfinx  # noqa: E402

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
