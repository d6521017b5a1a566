#!/usr/bin/python3
# timeout: 900
"""Every case reaches its published or refined-mesh reference values, and gives the same on any number of ranks."""

import math
import os
import pathlib
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

SLOW = {"dfg_2d2", "dfg_3d1z"}  # see flow_slow.test.py
CASES = sorted({path.parent.name for path in (ansatz_test.SOURCE / "cases").glob("*/case.toml")} - SLOW)
# These are compared on 1, 2, 3 and 4 ranks in the fast tier; references_slow.test.py does so with all.
SMALL = {"thermal_block", "nafems_t3", "nafems_le1"}


def read(case):
    return tomllib.loads((ansatz_test.SOURCE / "cases" / case / "case.toml").read_text())


def tight(case):
    """Solver tolerances for comparisons between rank counts: the solve must not be what is compared."""
    if "system" in read(case):
        return []  # Systems of ordinary differential equations have no [linear].
    return ["--set", "linear.relative_tolerance=1e-13", "--set", "linear.newton_relative_tolerance=1e-12"]


class References(ansatz_test.TestCase):
    def test_thermal_block_converges_to_the_refined_mesh_with_order_two(self):
        # Biquadratic elements on 200 x 200 cells (cases/reference_blocks.py), to all its digits.
        errors = [abs(self.run_case("thermal_block", 1, "--set", f"mesh.box.cells=[{n}, {n}]").value("mean_temperature")
                      - 0.0626118472) for n in (40, 80)]
        self.assertAlmostEqual(math.log2(errors[0] / errors[1]), 2.0, delta=0.1)


class RankCounts(ansatz_test.TestCase):
    def scale(self, result):
        """Largest value of a quantity of each unit: the scale of the fields in that unit."""
        scales = {}
        for entry in result.summary["quantities"].values():
            scales[entry["unit"]] = max(scales.get(entry["unit"], 0.0), abs(entry["value"]))
        return scales


def add_tests(case):
    def within(self):
        out = self.folder / "run"
        process = ansatz_test.run(case, 2, "--verify", out=out, timeout=300, cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertIn("reference", process.stdout)
        ansatz_test.assert_golden(self, f"{case}.run.txt", ansatz_test.traces(out))

    def reduced(self):
        result = self.run_case(case, 2, "--set", 'solver.type="reduced_basis"', "--set", "reduced.max_size=2")
        ansatz_test.assert_golden(self, f"{case}.run.reduced_basis.txt", ansatz_test.traces(result.folder))

    def equal(self):
        one = self.run_case(case, 1, *tight(case), timeout=300)
        scales = self.scale(one)
        for ranks in (2, 3, 4):
            other = self.run_case(case, ranks, *tight(case), timeout=300)
            for name, entry in one.summary["quantities"].items():
                # 1e-10 of the scale, and what round-off of the solve may add: c kappa eps with kappa up to 1e7.
                allowed = (1e-10 + 1e-9) * scales[entry["unit"]]
                self.assertLessEqual(abs(other.value(name) - entry["value"]), allowed, f"{name} on {ranks} ranks")

    def bitwise(self):
        first = self.run_case(case, 2, "--set", "linear.solver=gmres", "--set", "linear.preconditioner=hypre", timeout=300)
        second = self.run_case(case, 2, "--set", "linear.solver=gmres", "--set", "linear.preconditioner=hypre", timeout=300)
        self.assertEqual(first.summary["quantities"], second.summary["quantities"])

    setattr(References, f"test_{case}_is_within_the_tolerance_of_its_references", within)
    if ALL_RANKS and "reduced" in read(case):
        setattr(References, f"test_{case}_leaves_the_same_events_and_keys_as_before_with_a_reduced_basis", reduced)
    if case in SMALL or ALL_RANKS:
        setattr(RankCounts, f"test_{case}_gives_the_same_on_any_number_of_ranks", equal)
    if case == "thermal_block":
        setattr(RankCounts, f"test_{case}_repeats_itself_bitwise_with_a_krylov_solver", bitwise)


ALL_RANKS = "ANSATZ_ALL_RANKS" in os.environ

for name in CASES:
    add_tests(name)

if __name__ == "__main__":
    ansatz_test.main()
