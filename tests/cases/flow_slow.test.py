#!/usr/bin/python3
# timeout: 3600
# ranks: 2
# labels: slow
"""Flow benchmarks that take minutes: parameters other than the defaults, the vortex street, orders in time."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test


class Benchmarks(ansatz_test.TestCase):
    def verify(self, case, ranks, *arguments, timeout=600):
        process = ansatz_test.run(case, ranks, "--verify", *arguments, out=self.folder / "run", timeout=timeout, cwd=self.folder)
        self.assert_exit(process, 0)

    def test_the_cavity_reaches_its_references_at_all_reynolds_numbers(self):
        for reynolds in (400, 1000):
            for ranks in (1, 2):
                self.verify("cavity", ranks, "--set", f"parameters.reynolds.default={reynolds}")

    def test_the_heated_cavity_reaches_its_references_at_all_rayleigh_numbers(self):
        for rayleigh in ("1e3", "1e5", "1e6"):
            for ranks in (1, 2):
                self.verify("heated_cavity", ranks, "--set", f"parameters.rayleigh.default={rayleigh}")

    def test_the_vortex_street_reaches_its_references(self):
        self.verify("dfg_2d2", 2, timeout=2400)
        ansatz_test.assert_golden(self, "dfg_2d2.run.txt", ansatz_test.traces(self.folder / "run"))

    def test_the_cylinder_in_a_duct_reaches_its_references(self):
        self.verify("dfg_3d1z", 2)
        ansatz_test.assert_golden(self, "dfg_3d1z.run.txt", ansatz_test.traces(self.folder / "run"))

    def test_taylor_green_vortices_have_order_two_in_time(self):
        fine = ["--set", "mesh.box.cells=[48, 48]"]
        errors = [self.run_case("taylor_green", 2, *fine, "--set", f"time.step={h}").value("error_u") for h in (0.2, 0.1)]
        self.assertAlmostEqual(math.log2(errors[0] / errors[1]), 2.0, delta=0.2)

    def test_taylor_green_vortices_have_orders_three_and_two_in_space(self):
        runs = [self.run_case("taylor_green", 2, "--set", f"mesh.box.cells=[{n}, {n}]", "--set", "time.end=0.02",
                              "--set", "time.step=0.002") for n in (16, 32)]
        self.assertAlmostEqual(math.log2(runs[0].value("error_u") / runs[1].value("error_u")), 3.0, delta=0.25)
        self.assertGreater(math.log2(runs[0].value("error_p") / runs[1].value("error_p")), 1.8)


if __name__ == "__main__":
    ansatz_test.main()
