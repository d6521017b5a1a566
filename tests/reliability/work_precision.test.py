#!/usr/bin/env python3
# ranks: 1
"""Work of two solvers at equal achieved error, as `tools/bench rl_stepping` compares it: curves with known answers."""

import math
import sys

import ansatz_test

sys.dont_write_bytecode = True
sys.path.insert(0, str(ansatz_test.SOURCE / "tools"))
from benchmarks import step_control, work_precision  # noqa: E402


def power_law(constant, order, works):
    """[work, error] with error = constant work^-order."""
    return [[work, constant * work**-order] for work in works]


class WorkPrecision(ansatz_test.TestCase):
    def test_a_factor_in_work_is_found_whatever_the_errors_at_which_curves_were_measured(self):
        baseline = power_law(1e6, 5.0, [40.0, 90.0, 200.0, 500.0])
        dearer = [[1.3 * work, error] for work, error in power_law(1e6, 5.0, [60.0, 75.0, 310.0])]
        self.assertAlmostEqual(work_precision.log_ratio(dearer, baseline), math.log(1.3), places=12)
        self.assertAlmostEqual(work_precision.log_ratio(baseline, dearer), -math.log(1.3), places=12)

    def test_curves_of_other_orders_are_compared_by_the_mean_over_the_errors_that_both_reach(self):
        # ln W = (ln C - ln e) / p: between e = 1e-6 and 1e-2 the mean of the difference is that at the middle, e = 1e-4.
        fifth = [[(1e2 / error) ** (1 / 5), error] for error in (1e-2, 1e-4, 1e-7)]
        third = [[(1e2 / error) ** (1 / 3), error] for error in (1e-1, 1e-2, 1e-6)]
        expected = math.log(1e6) * (1 / 3 - 1 / 5)
        self.assertAlmostEqual(work_precision.log_ratio(third, fifth), expected, places=12)

    def test_failed_and_useless_runs_are_left_out_and_no_common_error_is_no_answer(self):
        good = power_law(1.0, 3.0, [10.0, 30.0, 100.0])
        with_failures = [None, [5.0, 2.0], *good, [1e4, 0.0], None]
        self.assertAlmostEqual(work_precision.log_ratio(with_failures, good), 0.0, places=12)
        self.assertIsNone(work_precision.log_ratio([None, None], good))
        self.assertIsNone(work_precision.log_ratio(power_law(1e-9, 3.0, [10.0, 30.0]), good))

    def test_more_work_for_a_larger_error_does_not_count(self):
        self.assertEqual(work_precision.envelope([(10, -1.0), (30, -3.0), (20, -0.5), (40, -2.0)]), [(10, -1.0), (30, -3.0)])

    def test_problems_count_alike_and_the_worst_is_that_of_the_largest_median(self):
        logs = {"a": {1: [math.log(2.0)], 2: [math.log(2.0)], 3: [math.log(2.0)]},
                "b": {1: [math.log(0.5), math.log(0.5)], 2: [math.log(8.0)]}}
        self.assertAlmostEqual(work_precision.geometric_mean(logs), math.sqrt(2.0 * 2.0), places=12)
        self.assertEqual(work_precision.worst(logs)[1], "a")
        low, high = work_precision.interval(logs)
        self.assertAlmostEqual(low, math.sqrt(2.0 * 0.5), places=12)
        self.assertAlmostEqual(high, math.sqrt(2.0 * 8.0), places=12)

    def test_verdicts(self):
        def of(ratio, worst=1.0):
            return {"ratio": ratio, "worst": worst}

        self.assertEqual(step_control.verdict(of(1.0), of(0.95, 1.10)), "win")
        self.assertEqual(step_control.verdict(of(0.95), of(0.90, 1.11)), "useful")
        self.assertEqual(step_control.verdict(of(0.96), of(0.90, 1.11)), "neutral")


if __name__ == "__main__":
    ansatz_test.main()
