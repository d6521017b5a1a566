#!/usr/bin/python3
# timeout: 300
# ranks: 2
"""Runs in time that stop and go on: equal bits, other rank counts, signals, time limits, damaged files, wrong use."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import ADAPTIVE, RestartCase


class Restart(RestartCase):
    def test_a_restart_repeats_the_run_bit_by_bit_and_to_round_off_on_other_ranks(self):
        case = self.heat("esdirk4")
        whole = self.whole(case, 2)
        _, resumed = self.resumed(case, 2, whole)
        self.assert_equal_bits(whole, resumed)
        # Preconditioners and so what iterations leave depend on ranks: solves to round-off.
        case = self.heat("esdirk4", linear='solver = "gmres"\npreconditioner = "hypre"\nrelative_tolerance = 1e-13\n'
                                           'newton_relative_tolerance = 1e-11')
        whole = self.whole(case, 2)
        for ranks in (1, 3):
            process, resumed = self.resumed(case, ranks, whole)
            self.assertIn("not bit by bit", process.stdout)
            self.assert_close(whole, resumed)

    def test_so_it_does_with_kept_jacobians_and_kept_masses_and_output_times(self):
        lagged = 'solver = "gmres"\npreconditioner = "hypre"\njacobian = "lagged"'
        for method, keys, linear in (("bdf2", "step = 0.02", lagged), ("dormand_prince54", ADAPTIVE, ""),
                                     ("ros34pw2", ADAPTIVE + '\njacobian = "frozen"', "")):
            with self.subTest(method):
                case = self.heat(method, keys, linear)
                times = ("--set", "output.every=3", "--set", "output.at=[0.12,0.38]")
                whole = self.whole(case, 1, *times)
                _, resumed = self.resumed(case, 1, whole, *times)
                self.assert_equal_bits(whole, resumed)
                self.assertIn('"time": 0.38}', (resumed / "fields.hdf.series").read_text())

    def test_checkpoints_do_not_change_the_run(self):
        case = self.heat("ros34pw2")
        often = self.whole(case, 1, "--set", "checkpoint.every=1")
        rows = self.rows(often)
        never = self.whole(case, 1, "--set", "checkpoint.every=0")
        self.assertFalse((never / "checkpoints").exists() and list((never / "checkpoints").glob("*.h5")))
        self.assertEqual(rows, self.rows(never))

    def test_signals_to_mpirun_write_checkpoints_and_stop(self):
        case = self.heat("crank_nicolson", "step = 2e-4")
        out = self.folder / "signalled"
        process = self.start(case, 2, out, "--set", "checkpoint.every=0", "--set", "output.every=100000")
        rows = lambda: (out / "quantities.csv").read_text().count("\n") if (out / "quantities.csv").exists() else 0
        self.wait_for(lambda: rows() > 5)
        process.send_signal(signal.SIGUSR1)
        self.wait_for(lambda: (out / "checkpoints" / "latest").exists())
        first = (out / "checkpoints" / "latest").read_text()
        before = rows()
        self.wait_for(lambda: rows() > before)
        process.send_signal(signal.SIGUSR2)
        _, errors = process.communicate(timeout=60 * ansatz_test.TIME_FACTOR)
        self.assertEqual(process.returncode, 6, errors)
        self.assertIn("--restart latest", errors)
        self.assertNotEqual((out / "checkpoints" / "latest").read_text(), first)
        stopped = rows()
        _, resumed = self.resumed(case, 2, out, "--set", f"time.end={2e-4 * (stopped + 20)}", "--set", "output.every=100000")
        times = [row[0] for row in self.rows(resumed)]
        self.assertEqual(len(times), stopped + 21)
        for n, time in enumerate(times):
            self.assertAlmostEqual(time, 2e-4 * n, delta=1e-12)

    def test_a_time_limit_ends_with_a_checkpoint(self):
        case = self.heat("crank_nicolson", "step = 1e-5")
        out = self.folder / "limited"
        process = ansatz_test.run(case, 2, "--time-limit", "2.5s", "--set", "output.every=100000", out=out, cwd=self.folder)
        self.assert_error(process, 7, "time limit", "--restart latest")
        self.assertLess(process.seconds, 20 * ansatz_test.TIME_FACTOR)
        self.assertTrue((out / "checkpoints" / "latest").exists())

    def test_damaged_checkpoints_lead_back_to_the_one_before_or_to_exit_code_4(self):
        case = self.heat("ros34pw2")
        whole = self.whole(case, 1)
        files = sorted((whole / "checkpoints").glob("*.h5"))
        self.assertEqual(len(files), 2)
        content = files[1].read_bytes()
        for damaged in (content[: len(content) // 2], content[:5000] + bytes([content[5000] ^ 16]) + content[5001:], b""):
            files[1].write_bytes(damaged)
            process, resumed = self.resumed(case, 1, whole)
            self.assertIn("going back to the checkpoint before", process.stderr)
            self.assert_equal_bits(whole, resumed)
        files[0].write_bytes(files[0].read_bytes()[:-100])
        process, _ = self.resumed(case, 1, whole, code=4)
        self.assertIn("error:", process.stderr)

    def test_wrong_restarts_say_what_is_wrong(self):
        case = self.heat("ros34pw2")
        process = ansatz_test.run(case, 1, "--restart", "latest", out=self.folder / "none", cwd=self.folder)
        self.assert_error(process, 4, "no checkpoint to restart from")
        whole = self.whole(case, 1)
        for settings, code, text in (
            (("--set", "physics.diffusion.capacity=2"), 2, "another problem"),
            (("--set", "time.method=rodas3"), 2, 'method = "ros34pw2"'),
            (("--set", "mesh.box.cells=[6,6]"), 2, "cells"),
            (("--restart", "/nowhere/checkpoint.h5"), 4, "/nowhere/checkpoint.h5"),
        ):
            with self.subTest(settings):
                process = ansatz_test.run(case, 1, *(("--restart", "latest") if settings[0] == "--set" else ()), *settings,
                                          out=whole, cwd=self.folder)
                self.assert_error(process, code, text)

    def test_wrong_steps_say_what_is_wrong(self):
        for keys, texts in (
            ("relative_tolerance = 1e-5\nmin_step = 1.0\nmax_step = 0.1", ("shorter than", "exchange the two")),
            ("relative_tolerance = 1e-5\nabsolute_tolerance = 0", ("absolute_tolerance", "> 0")),
            ("relative_tolerance = 1e-5\ncontroller = \"h211\"", ("h211b",)),
            ("relative_tolerance = 1e-5\nstep = 0.1", ("no error control",)),
            ("", ("neither a step nor tolerances",)),
            ("relative_tolerance = 1e-5\nmax_step = -1", ("must be > 0",)),
            ("relative_tolerance = 1e-5\nweights = { temperature = 0 }", ("weight",)),
            ("relative_tolerance = 1e-5\nweights = { heat = 1 }", ("heat",)),
        ):
            with self.subTest(keys):
                process = ansatz_test.run(self.heat("ros34pw2", keys), 1, out=self.folder / "wrong", cwd=self.folder)
                self.assert_error(process, 2, *texts)
        process = ansatz_test.run(self.heat("ros34pw", ADAPTIVE), 1, out=self.folder / "wrong", cwd=self.folder)
        self.assert_error(process, 2, "ros34pw2")


if __name__ == "__main__":
    ansatz_test.main()
