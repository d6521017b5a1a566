#!/usr/bin/python3
# timeout: 300
# ranks: 2
# labels: slow
"""Trainings of reduced bases that are killed go on where they were, with the same model."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import reduced_case
from reduced_case import events

SIZE = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[50,50]", "--set", "study.type=train")


class Interrupted(reduced_case.ReducedCase):
    def kill_after(self, picks, ranks, *settings):
        """Starts a training and kills all its processes after so many picks."""
        out = self.folder / "killed"
        command = [*ansatz_test.mpirun(ranks), ansatz_test.ANSATZ, "run", ansatz_test.case_path("thermal_block"), "--out", out, *settings]
        with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd=self.folder, start_new_session=True) as process:
            end = time.monotonic() + 60 * ansatz_test.TIME_FACTOR
            log = out / "log.jsonl"
            while time.monotonic() < end and not (log.exists() and log.read_text().count('"greedy"') >= picks):
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)
        # mpirun's children are not always in its group.
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if str(out).encode() in entry.read_bytes():
                    os.kill(int(entry.parent.name), signal.SIGKILL)

    def assert_same_after_a_kill(self, ranks, *settings):
        whole, resumed = self.folder / "whole.h5", self.folder / "resumed.h5"
        steps = events(self.run_case("thermal_block", ranks, *SIZE, *settings, "--set", f"reduced.model={whole}"), "greedy")
        settings = (*SIZE, *settings, "--set", f"reduced.model={resumed}")
        self.kill_after(6, ranks, *settings)
        self.assertFalse(resumed.exists())
        self.assertTrue((self.folder / "resumed.h5.training").exists())
        result = self.run_case("thermal_block", ranks, *settings)
        known = events(result, "resumed")[0]["steps"]
        self.assertGreaterEqual(known, 6)
        picks = [step["index"] for step in events(result, "greedy")]
        self.assertEqual(picks, [step["index"] for step in steps[known:]])
        self.assertGreater(len(picks), 3)
        self.assertFalse((self.folder / "resumed.h5.training").exists())
        difference = ansatz_test.execute(["h5diff", whole, resumed])
        self.assertEqual((difference.returncode, difference.stdout), (0, ""))

    def test_a_killed_training_goes_on_to_the_same_model_bit_by_bit(self):
        self.assert_same_after_a_kill(1, "--set", "reduced.training.grid=4")

    def test_so_does_one_on_two_ranks_with_an_adaptive_training_set(self):
        self.assert_same_after_a_kill(2, "--set", "reduced.training.grid=2", "--set", "reduced.adaptive=true",
                                      "--set", "linear.solver=cg")

    def test_the_record_of_another_training_is_not_used_and_the_log_says_so(self):
        model = self.folder / "model.h5"
        settings = (*SIZE, "--set", f"reduced.model={model}", "--set", "reduced.max_size=8")
        self.kill_after(3, 1, *settings)
        self.assertTrue((self.folder / "model.h5.training").exists())
        result = self.run_case("thermal_block", 1, *settings, "--set", "reduced.training.grid=3")
        self.assertEqual(events(result, "resumed"), [])
        self.assertIn("of another training, or damaged", result.process.stdout)
        (self.folder / "model.h5.training").write_text('{"key": 3')
        self.assertIn("damaged", self.run_case("thermal_block", 1, *settings).process.stdout)


if __name__ == "__main__":
    ansatz_test.main()
