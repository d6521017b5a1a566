#!/usr/bin/python3
# timeout: 300
# ranks: 2
"""Runs in time that stop and go on: equal bits, other rank counts, signals, time limits, damaged files, wrong use."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import ADAPTIVE, RestartCase, checkpoints, forget_end


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
        _, resumed = self.resumed(case, 2, out, "--set", f"time.end={2e-4 * (stopped + 20)}", "--set", "output.every=100000",
                                  before_end=False)
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
            process, resumed = self.resumed(case, 1, whole, before_end=False)
            self.assertIn("going back to the checkpoint before", process.stderr)
            self.assert_equal_bits(whole, resumed)
        files[0].write_bytes(files[0].read_bytes()[:-100])
        process, _ = self.resumed(case, 1, whole, code=4, before_end=False)
        self.assertIn(f"{self.folder / 'resumed' / 'checkpoints' / files[0].name}: error: ", process.stderr)

    def test_a_forgotten_restart_keeps_the_old_checkpoints_until_the_run_has_one_of_its_own(self):
        case = self.heat("crank_nicolson", "step = 0.02")
        whole = self.whole(case, 1)
        rows = (whole / "quantities.csv").read_text()
        forget_end(whole)
        kept = {path.name: path.read_bytes() for path in checkpoints(whole)}
        never = ("--set", "checkpoint.every=0")
        for _ in range(2):  # forgotten twice
            process = ansatz_test.run(case, 1, *never, out=whole, cwd=self.folder)
            self.assert_exit(process, 0)
            self.assertEqual(kept, {path.name: path.read_bytes() for path in checkpoints(whole, "checkpoints-earlier")})
            self.assertEqual(checkpoints(whole), [])
        self.assertNotIn("earlier run", process.stdout)
        # They are the latest ones then, and lead to the same end.
        process = ansatz_test.run(case, 1, "--restart", "latest", *never, out=whole, cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertIn("restart from", process.stdout)
        self.assertEqual(rows, (whole / "quantities.csv").read_text())
        self.whole(case, 1)  # writes its own
        self.assertEqual(len(checkpoints(whole)), 2)
        self.assertFalse((whole / "checkpoints-earlier").exists())
        process = ansatz_test.run(case, 1, out=whole, cwd=self.folder)
        self.assertIn(f"--restart {whole}/checkpoints-earlier/{checkpoints(whole)[-1].name} goes on from there", process.stdout)

    def test_what_a_restart_goes_back_behind_is_not_the_latest_of_the_next(self):
        case = self.heat("crank_nicolson", "step = 0.02")
        whole = self.whole(case, 1)
        first, last = checkpoints(whole)
        process = ansatz_test.run(case, 1, "--restart", first, "--set", "time.end=0.38", out=whole, cwd=self.folder)
        self.assert_exit(process, 0)
        self.assertEqual([path.name for path in checkpoints(whole)], [first.name, "checkpoint-000000019.h5"])

    def test_a_run_leaves_a_checkpoint_at_its_end_from_which_a_later_end_is_reached(self):
        for method, keys, tolerance in (("crank_nicolson", "step = 0.02", 1e-12), ("bdf2", "step = 0.02", 1e-12),
                                        ("esdirk4", ADAPTIVE, 1e-4)):
            with self.subTest(method):
                case = self.heat(method, keys)
                at_once = ansatz_test.run(case, 1, out=self.folder / "at_once", cwd=self.folder)
                self.assert_exit(at_once, 0)
                half = self.whole(case, 1, "--set", "time.end=0.2")
                process, out = self.resumed(case, 1, half, before_end=False)
                self.assertIn("t = 0.2 s", process.stdout)
                self.assertEqual(self.rows(out)[-1][0], 0.4)
                for x, y in zip(self.rows(self.folder / "at_once")[-1], self.rows(out)[-1]):
                    self.assertAlmostEqual(x, y, delta=tolerance)
        extended = out.rename(self.folder / "extended")
        process, _ = self.resumed(case, 1, extended, before_end=False)
        self.assertIn("that is the end: set a later time.end to go on", process.stdout)
        process, _ = self.resumed(case, 1, extended, "--set", "time.end=0.3", code=2, before_end=False)
        self.assert_error(process, 2, "of t = 0.4 s, after the end of the run, 0.3 s", "time.end")

    def test_a_run_that_an_event_ended_goes_on_from_the_event(self):
        case = self.heat("crank_nicolson", "step = 0.02")
        text = case.read_text()
        case.write_text(text.replace("step = 0.02", 'step = 0.02\nevents = ["high"]\nend_event = "high"')
                        .replace("[output]", 'high = { formula = "mean - 0.2" }\n[output]'))
        out = self.whole(case, 1)
        time, mean = self.rows(out)[-1][:2]
        self.assertAlmostEqual(mean, 0.2, delta=1e-9)
        process, resumed = self.resumed(case, 1, out, before_end=False)
        self.assertIn(f"t = {time:.6g} s", process.stdout)
        rows = self.rows(resumed)
        self.assertEqual((rows[len(self.rows(out)) - 1][0], rows[-1][0]), (time, 0.4))

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
