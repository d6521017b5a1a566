#!/usr/bin/python3
# timeout: 400
# labels: slow
# ranks: 2
"""Reduced bases in time from case files: model files on any number of ranks, and what is refused."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import InTimeCase, TIME_COARSE, events, series


class InTime(InTimeCase):
    def refusal(self, *arguments):
        return ansatz_test.ansatz("run", ansatz_test.case_path("heat_parabolic"), "--out", self.folder / "refused",
                                  "--set", "solver.type=reduced_basis", *TIME_COARSE, *arguments, cwd=self.folder)

    def test_a_model_trained_on_three_ranks_gives_the_same_steps_on_one_and_four(self):
        model = self.folder / "three.h5"
        trained = self.use(model, 3)
        self.assertGreater(len(events(trained, "greedy")), 10)
        change = ("--set", "parameters.channel.default=3.7", "--set", "parameters.furnace.default=0.4")
        one, four = (self.use(model, ranks, *change) for ranks in (1, 4))
        self.assertEqual(events(one, "greedy") + events(four, "greedy"), [])  # nothing was trained
        self.assertEqual(events(one, "certificate")[0]["bound"], events(four, "certificate")[0]["bound"])
        self.assertEqual(len(series(one)), 102)
        for ours, others in zip(series(one)[1:], series(four)[1:]):
            self.assertEqual(ours[0], others[0])
            for a, b in zip(ours[1:], others[1:]):
                self.assertLessEqual(abs(float(a) - float(b)), 1e-12)

    def test_statistics_between_steps_are_those_of_finite_elements(self):
        # Two radians a step: the extremes lie far from its ends.
        text = '''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[parameters]
k = { range = [0.5, 2.0], default = 1.0 }
[physics.diffusion]
conductivity = "k"
source = "100*sin(20*t)"
boundary = [{ on = "left", temperature = 0.0 }]
[time]
method = "METHOD"
end = 1.0
step = 0.1
[reduced]
training = { grid = 3 }
tolerance = 1e-9
[quantities]
mean = { mean = "temperature" }
most = { over_time = "maximum", of = "mean" }
least = { over_time = "minimum", of = "mean" }
average = { over_time = "mean", of = "mean" }
'''
        for method in ("crank_nicolson", "backward_euler"):
            case = self.write_case(text.replace("METHOD", method), method + ".toml")
            full = self.run_case(case)
            reduced = self.run_case(case, 1, "--set", 'solver.type="reduced_basis"', "--set", f'reduced.model="{method}.h5"')
            for name in ("most", "least", "average"):
                self.assert_value(reduced, name, full.value(name), absolute=1e-8)

    def test_what_has_no_bound_is_refused_with_what_to_do(self):
        for settings, *messages in (
            (("--set", 'time.method="bdf2"'), "not proved", "crank_nicolson"),
            (("--set", 'physics.diffusion.conductivity="channel*(1 + t)"'), "the operator depends on time", "only the right-hand side"),
            (("--set", 'physics.diffusion.capacity="1 + t"'), "the mass depends on time"),
            (("--set", 'physics.diffusion.conductivity="1 + temperature"'), "not linear"),
            (("--set", 'physics.diffusion.source="exp(-t*x)"'), "exp(-t*x)"),
            (("--set", "reduced.method=pod"), 'reduced.method = "greedy"'),
        ):
            with self.subTest(messages[0]):
                self.assert_error(self.refusal(*settings), 2, *messages)

    def test_a_model_of_other_times_or_initial_values_is_refused(self):
        model = self.folder / "model.h5"
        self.use(model, 1, "--set", "reduced.max_size=2")
        for settings, what in ((("--set", "time.step=0.01"), "step = 0.005"), (("--set", 'initial.temperature="x"'), "sin(pi*x)")):
            with self.subTest(what):
                result = self.refusal("--set", f"reduced.model={model}", *settings)
                self.assert_error(result, 4, f'it is of "', what, "study.type=train")


if __name__ == "__main__":
    ansatz_test.main()
