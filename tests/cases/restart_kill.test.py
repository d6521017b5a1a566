#!/usr/bin/python3
# timeout: 600
# ranks: 2
# labels: slow
"""Runs whose ranks are killed at random moments, while they step and while they write, go on from their checkpoints."""

import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import RestartCase


class Killed(RestartCase):
    def assert_goes_on(self, everything, seed):
        case = self.heat("crank_nicolson", "step = 1e-4")
        settings = ("--set", "checkpoint.every=1", "--set", "output.every=100000")
        out = self.folder / "killed"
        moments = random.Random(seed)
        steps = 0
        for _ in range(10):
            arguments = ("--restart", "latest") if (out / "checkpoints" / "latest").exists() else ()
            file = out / "checkpoints" / "latest"
            latest = lambda: file.read_text() if file.exists() else ""
            at_start = latest()
            process = self.start(case, 2, out, *settings, *arguments)
            # Every step writes: a kill meets a step or a file.
            self.wait_for(lambda: process.poll() is not None or latest() != at_start)
            time.sleep(moments.uniform(0.0, 0.3))
            self.assertIsNone(process.poll(), process.communicate()[1] if process.poll() is not None else "")
            self.kill(process, out, everything)
            self.assertTrue((out / "checkpoints" / latest().strip()).exists())
            steps = int(latest().strip()[len("checkpoint-"):-len(".h5")])
        end = 1e-4 * (steps + 5)
        process = ansatz_test.run(case, 2, "--restart", "latest", *settings, "--set", f"time.end={end}", out=out, cwd=self.folder)
        self.assert_exit(process, 0)
        whole = self.folder / "whole"
        self.assert_exit(ansatz_test.run(case, 2, "--set", "output.every=100000", "--set", f"time.end={end}", out=whole, cwd=self.folder), 0)
        self.assertEqual((whole / "quantities.csv").read_text(), (out / "quantities.csv").read_text())

    def test_after_one_rank_was_killed(self):
        self.assert_goes_on(False, 1)

    def test_after_all_ranks_were_killed(self):
        self.assert_goes_on(True, 2)


if __name__ == "__main__":
    ansatz_test.main()
