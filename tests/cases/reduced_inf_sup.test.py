#!/usr/bin/python3
# timeout: 300
# ranks: 1
# labels: slow
"""Reduced bases of waves from case files: inf-sup bounds, complex pairs, models on several ranks, and what is refused."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events

SWEEP = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[6,6]", "--set", "reduced.training.grid=60",
         "--set", "parameters.k.range=[2.0, 7.0]")


class InfSup(ansatz_test.TestCase):
    def sweep(self, model, ranks, *more):
        return self.run_case("helmholtz_sweep", ranks, *SWEEP, "--set", f"reduced.model={model}", *more)

    def refusal(self, case, *arguments):
        return ansatz_test.run(case, 1, *arguments, out=self.folder / "refused", cwd=self.folder)

    def test_a_model_of_waves_gives_the_same_on_one_and_four_ranks_and_says_its_norm(self):
        model = self.folder / "model.h5"
        trained = self.sweep(model, 2, "--set", "study.type=train")
        self.assertGreater(len(events(trained, "inf_sup")), 5)
        self.assertIn("no min-theta", trained.process.stdout)
        runs = [self.sweep(model, ranks, "--set", "parameters.k.default=5.1") for ranks in (1, 4)]
        certificates = [events(run, "certificate")[0] for run in runs]
        for certificate in certificates:
            self.assertEqual(certificate["stability_from"], "inf-sup")
            self.assertIn("H1 norm", certificate["norm"])
            self.assertEqual(certificate["estimate"], certificates[0]["estimate"])
            self.assertEqual(certificate["size"] % 2, 0)
        for name in ("centre_re", "centre_im"):
            self.assertAlmostEqual(runs[0].value(name), runs[1].value(name), delta=1e-12)
            fem = self.run_case("helmholtz_sweep", 1, *SWEEP[2:4], "--set", "parameters.k.default=5.1")
            self.assertAlmostEqual(runs[0].value(name), fem.value(name), delta=1e-4)

    def test_interpolated_constants_give_estimates_with_their_safety(self):
        result = self.sweep(self.folder / "model.h5", 1, "--set", "reduced.stability=interpolated")
        certificate = events(result, "certificate")[0]
        self.assertEqual(certificate["stability_from"], "interpolation")
        self.assertGreaterEqual(events(result, "stability")[0]["safety"], 1.0)
        self.assertIn("is interpolated, with the safety", result.process.stdout)

    def test_interpolated_residual_norms_are_estimates_and_stored(self):
        model = self.folder / "model.h5"
        settings = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[8,8]", "--set", "reduced.training.grid=4",
                    "--set", "reduced.max_size=6", "--set", f"reduced.model={model}")
        plain = self.run_case("thermal_block", 1, *settings, "--set", "study.type=train")
        bound = events(plain, "certificate")[0]["bound"]
        trained = self.run_case("thermal_block", 1, *settings, "--set", "study.type=train", "--set", "reduced.residual=interpolated")
        self.assertEqual(len(events(trained, "interpolated_residual")), 1)
        used = self.run_case("thermal_block", 3, *settings)
        for result in (trained, used):
            certificate = events(result, "certificate")[0]
            self.assertNotIn("bound", certificate)
            self.assertEqual(certificate["certifies"], "yes")
            self.assertAlmostEqual(certificate["estimate"], bound, delta=0.2 * bound)

    def test_wrong_settings_say_what_is_meant(self):
        block = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[8,8]")
        for case, settings, message in (
            ("thermal_block", (*block, "--set", "reduced.coercivity=scm"), 'did you mean "stability"?'),
            ("thermal_block", (*block, "--set", "reduced.product=h2"), "h1_semi"),
            ("thermal_block", (*block, "--set", "reduced.product=energy", "--set", "reduced.length=0.1"), 'for the product "h1"'),
            ("thermal_block", (*block, "--set", 'reduced.pairs=["temperature"]'), "a list of pairs"),
            ("thermal_block", (*block, "--set", 'reduced.pairs=[["temperature", "heat"]]'), 'no field "heat"'),
            ("helmholtz_sweep", (*SWEEP, "--set", "reduced.product=energy", "--set", "reduced.length=0.1"), 'for the product "h1"'),
            ("helmholtz_sweep", (*SWEEP, "--set", "reduced.stability=min_theta"), "min-theta is not a bound"),
            ("helmholtz_sweep", (*SWEEP, "--set", "reduced.method=pod"), "pairs are for greedy methods"),
        ):
            with self.subTest(message):
                self.assertIn(message, self.refusal(case, *settings).stderr)


if __name__ == "__main__":
    ansatz_test.main()
