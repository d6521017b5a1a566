#!/usr/bin/python3
# timeout: 900
# ranks: 2
# labels: slow
"""Reduced bases in time from case files: the same training on any number of ranks, series as with finite elements."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import InTimeCase, TIME_COARSE, events, series

FOURIER = {"mean_temperature": 0.6358153238, "centre": 0.6881295187, "heater_centre": 1.1359299}  # cases/heat_parabolic/reference.py


class InTime(InTimeCase):
    def test_training_picks_the_same_parameters_on_one_to_four_ranks(self):
        runs = {ranks: self.use(self.folder / f"{ranks}.h5", ranks) for ranks in (1, 2, 3, 4)}
        steps = {ranks: events(result, "greedy") for ranks, result in runs.items()}
        self.assertGreater(len(steps[1]), 10)
        for ranks in (2, 3, 4):
            self.assertEqual([step["index"] for step in steps[ranks]], [step["index"] for step in steps[1]])
            for ours, one in zip(series(runs[ranks])[1:], series(runs[1])[1:]):
                for a, b in zip(ours, one):
                    self.assertLessEqual(abs(float(a) - float(b)), 1e-10)

    def test_its_steps_and_outputs_are_those_of_finite_elements_up_to_its_bound(self):
        reduced = self.use(self.folder / "model.h5", 2)
        fem = self.run_case("heat_parabolic", 2, *TIME_COARSE)
        ours, others = series(reduced), series(fem)
        self.assertEqual(ours[0], others[0])
        self.assertEqual([row[0] for row in ours], [row[0] for row in others])
        certificate = events(reduced, "certificate")[0]
        self.assertGreater(certificate["bound"], 0.0)
        self.assertEqual(certificate["norm"], "sqrt(e_K^T M e_K + dt sum_k a(e_k, e_k))")
        # |mean of e| <= |e|_M at the end, on the unit square with the capacity 1.
        self.assertLessEqual(abs(float(ours[-1][1]) - float(others[-1][1])), certificate["bound"])
        self.assertLess(certificate["bound"], 1e-2)
        outputs = [sorted(path.name for path in result.folder.glob("fields*")) for result in (reduced, fem)]
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual([event["time"] for event in events(reduced, "output")], [event["time"] for event in events(fem, "output")])

    def test_finite_elements_and_reduced_basis_reach_a_fourier_series(self):
        for settings in ((), ("--set", "solver.type=reduced_basis", "--set", f"reduced.model={self.folder / 'fine.h5'}",
                              "--set", "reduced.training.grid=2", "--set", "reduced.max_size=20")):
            result = self.run_case("heat_parabolic", 1, "--set", "parameters.channel.default=1.0", *settings)
            for name, value in FOURIER.items():
                self.assert_value(result, name, value, relative=1e-3)


if __name__ == "__main__":
    ansatz_test.main()
