"""Runs that are interrupted and go on, for the tests of restarts."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import ansatz_test

HEAT = """
title = "Heat with a nonlinear conductivity and a wall whose temperature changes"
plugins = ["diffusion"]

[mesh]
box = { size = [1.0, 1.0], cells = [12, 10], cell = "triangle" }

[physics.diffusion]
conductivity = "1 + 0.2*temperature^2"
source = "x*cos(3*t)"
boundary = [{ on = "left", temperature = "sin(5*t)" }]

[initial]
temperature = "y*(1 - y)"

[time]
method = "METHOD"
end = 0.4
TIME

[linear]
JACOBIAN

[quantities]
mean = { mean = "temperature" }
centre = { point = "temperature", at = [0.4, 0.6] }
wall = { reaction = "temperature", on = "left" }
largest = { over_time = "maximum", of = "mean" }
average = { over_time = "mean", of = "centre" }

[output]
every = 3

[checkpoint]
every = 4
minutes = 0
"""

ADAPTIVE = "relative_tolerance = 1e-5\nabsolute_tolerance = 1e-7"


def checkpoints(out, folder="checkpoints"):
    """The files, the oldest first."""
    return sorted((out / folder).glob("*.h5"))


def forget_end(out):
    """Removes the checkpoint that a run left at its end, as if it had been ended before."""
    *before, last = checkpoints(out)
    last.unlink()
    (out / "checkpoints" / "latest").write_text(before[-1].name + "\n")


class RestartCase(ansatz_test.TestCase):
    def heat(self, method, time_keys=ADAPTIVE, linear="solver = \"gmres\"\npreconditioner = \"hypre\""):
        text = HEAT.replace("METHOD", method).replace("TIME", time_keys).replace("JACOBIAN", linear)
        folder = self.folder / "case"
        folder.mkdir(exist_ok=True)
        return self.write_case(text, "case/case.toml")

    def whole(self, case, ranks, *arguments):
        """A run without interruption; it leaves its last two checkpoints, the newest at its end."""
        out = self.folder / f"whole{ranks}"
        self.assert_exit(ansatz_test.run(case, ranks, *arguments, out=out, cwd=self.folder), 0)
        return out

    def resumed(self, case, ranks, whole, *arguments, code=0, before_end=True):
        """A run that goes on from the last checkpoint of another one, in a copy of its folder; by default from the last
        one before its end."""
        out = self.folder / "resumed"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(whole, out)
        if before_end:
            forget_end(out)
        process = ansatz_test.run(case, ranks, "--restart", "latest", *arguments, out=out, cwd=self.folder)
        self.assert_exit(process, code)
        return process, out

    def rows(self, folder):
        """quantities.csv as lists of numbers."""
        lines = (folder / "quantities.csv").read_text().splitlines()[1:]
        return [[float(word) for word in line.split(",")] for line in lines]

    def assert_equal_bits(self, whole, resumed):
        self.assertEqual((whole / "quantities.csv").read_text(), (resumed / "quantities.csv").read_text())
        # Statistics, too: what a step that was repeated is between its ends.
        self.assertEqual(*(ansatz_test.read_summary(folder)["quantities"] for folder in (whole, resumed)))
        files = sorted(path.name for path in whole.glob("*.hdf*"))
        self.assertEqual(files, sorted(path.name for path in resumed.glob("*.hdf*")))
        for name in (name for name in files if name.startswith("fields-0")):
            difference = ansatz_test.execute(["h5diff", whole / name, resumed / name, "/VTKHDF/PointData"])
            self.assertEqual((difference.returncode, difference.stdout), (0, ""), name)

    def assert_close(self, whole, resumed, tolerance=1e-10):
        mine, other = self.rows(whole), self.rows(resumed)
        self.assertEqual(len(mine), len(other))
        for a, b in zip(mine, other):
            for x, y in zip(a, b):
                self.assertAlmostEqual(x, y, delta=tolerance * max(1.0, abs(x)))

    def start(self, case, ranks, out, *arguments):
        command = [*ansatz_test.mpirun(ranks), ansatz_test.ANSATZ, "run", case, "--out", out, *arguments]
        return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=self.folder, start_new_session=True)

    def wait_for(self, condition, seconds=60):
        end = time.monotonic() + seconds * ansatz_test.TIME_FACTOR
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the run did not come so far")
            time.sleep(0.01)

    def pids(self, out):
        """Process numbers of the ranks of a run."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = entry.read_bytes().split(b"\0")
                if words[0].endswith(b"/ansatz") and str(out).encode() in words:
                    found.append(int(entry.parent.name))
        return sorted(found)

    def kill(self, process, out, everything):
        """SIGKILL to one rank, or to all and mpirun."""
        victims = self.pids(out)
        if everything:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for pid in victims if everything else victims[-1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=60)
        self.wait_for(lambda: not self.pids(out))
