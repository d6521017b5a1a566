#!/usr/bin/python3
# timeout: 300
# ranks: 1
# labels: slow
"""Cases of ordinary differential equations: events, invariants, restarts, and step controllers that are trained and used."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from reduced_case import events
from restart_case import forget_end

LOTKA = """
plugins = ["reaction_kinetics", "rl_stepping"]
[system.brusselator_0d]
[time]
method = "dormand_prince54"
end = 10.0
relative_tolerance = 1e-6
absolute_tolerance = 1e-8
[policy]
learner = "dqn"
options = { episodes = 4, width = 8, validation_count = 2, validate_every = 2 }
"""

KEPLER = """
plugins = ["nbody"]
[system.kepler]
eccentricity = 0.3
[time]
method = "METHOD"
end = 20.0
TIME
[checkpoint]
every = 20
minutes = 0
"""


class Systems(ansatz_test.TestCase):
    def setUp(self):
        super().setUp()
        if not list(ansatz_test.BUILD.glob("lib/ansatz/plugins/rl_stepping*")):
            self.skipTest("rl_stepping was not built: LibTorch is missing")

    def test_a_trained_controller_is_used_by_its_case_and_refused_where_its_file_is_no_policy(self):
        case = self.write_case(LOTKA)
        trained = ansatz_test.run(case, 1, "--set", "study.type=train", out=self.folder / "train", cwd=self.folder)
        self.assert_exit(trained, 0)
        effective = (self.folder / "train/effective.toml").read_text()
        for text in ('[study]\ntype = "train"\n', '[policy]\nlearner = "dqn"\nsteps = 200\n', "[policy.options]\n", "episodes = 4\n"):
            self.assertIn(text, effective)
        self.assert_exit(ansatz_test.ansatz("check", self.folder / "train/effective.toml"), 0)
        policy = self.folder / "train/models/steps.h5"
        plain = self.run_case(case)
        learned = self.run_case(case, 2, "--set", f"time.controller={{type='rl',model='{policy}'}}")
        bandit = self.run_case(case, 1, "--set", f"time.controller={{type='bandit',model='{policy}',seed=3}}")
        for result in (learned, bandit):
            for name in ("u", "v", "w"):
                # The error test is that of every controller.
                self.assertAlmostEqual(result.value(name), plain.value(name), delta=1e-4)
            self.assertNotEqual(events(result, "end")[0]["accepted"], 0)
        info = ansatz_test.ansatz("info", policy)
        self.assert_exit(info, 0)
        self.assertIn("dqn", info.stdout)
        policy.write_bytes(policy.read_bytes()[:-50])
        process = ansatz_test.run(case, 1, "--set", f"time.controller={{type='rl',model='{policy}'}}", out=self.folder / "x", cwd=self.folder)
        self.assert_error(process, 4)

    def test_wrong_policies_and_events_say_what_is_wrong(self):
        case = self.write_case(LOTKA)
        for settings, text in (
            (("--set", "policy.learner=dqm"), 'did you mean "dqn"?'),
            (("--set", "policy.options.with=8"), "width"),
            (("--set", "time.controller={type='rl'}"), "model"),
            (("--set", "time.end_event=apsis"), "has no events"),
        ):
            with self.subTest(settings):
                self.assert_error(ansatz_test.run(case, 1, *settings, out=self.folder / "x", cwd=self.folder), 2, text)

    def test_events_of_a_planet_are_at_half_and_full_periods_and_may_end_the_run(self):
        case = self.write_case(KEPLER.replace("METHOD", "dormand_prince54").replace("TIME", "relative_tolerance = 1e-10\nabsolute_tolerance = 1e-12"))
        found = events(self.run_case(case), "event")
        self.assertEqual(len(found), 6)
        for k, event in enumerate(found):
            self.assertAlmostEqual(event["time"], 3.141592653589793 * (k + 1), delta=1e-6)
        ended = self.run_case(case, 1, "--set", "time.end_event=apsis")
        last = (ended.folder / "quantities.csv").read_text().splitlines()[-1]
        self.assertAlmostEqual(float(last.split(",")[0]), 3.141592653589793, delta=1e-6)
        self.assertLess(ended.value("drift_energy"), 1e-8)
        silent = self.run_case(case, 1, "--set", "time.end=2.0")
        self.assertIn("never changed its sign", silent.process.stderr)

    def test_systems_restart_bit_by_bit_with_methods_of_every_kind(self):
        adaptive = "relative_tolerance = 1e-7\nabsolute_tolerance = 1e-9"
        for method, keys in (("dormand_prince54", adaptive), ("bdf", adaptive), ("esdirk4", adaptive), ("rodas4", adaptive),
                             ("ms3a", adaptive + "\njacobian = \"frozen\""), ("hermite4", adaptive), ("etd_rk4", adaptive),
                             ("blanes_moan6", "step = 0.02"), ("generalised_alpha", "step = 0.02"),
                             ("tsitouras54", adaptive + "\ncontroller = { type = \"bandit\", seed = 2 }")):
            with self.subTest(method):
                case = self.write_case(KEPLER.replace("METHOD", method).replace("TIME", keys))
                whole = self.run_case(case)
                resumed = self.folder / f"resumed_{method}"
                shutil.copytree(whole.folder, resumed)
                forget_end(resumed)
                self.assert_exit(ansatz_test.run(case, 1, "--restart", "latest", out=resumed, cwd=self.folder), 0)
                self.assertEqual((whole.folder / "quantities.csv").read_text(), (resumed / "quantities.csv").read_text())


if __name__ == "__main__":
    ansatz_test.main()
