#!/usr/bin/python3
# ranks: 1
"""What a terminal sees of long work: one live line, plain lines where output is piped, more or less of it as asked for."""

import os
import pathlib
import pty
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

CASE = '''
title = "bar"
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [20], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = 1.0
[initial]
temperature = 0.0
[time]
method = "bdf2"
step = 0.05
end = 1.0
[quantities]
mean = { mean = "temperature" }
'''


def on_terminal(*arguments, cwd):
    """Everything that a terminal of 80 columns gets."""
    outer, inner = pty.openpty()
    process = subprocess.Popen([str(word) for word in (ansatz_test.ANSATZ, *arguments)], stdin=subprocess.DEVNULL, stdout=inner,
                               stderr=inner, cwd=cwd)
    os.close(inner)
    data = b""
    while True:
        try:
            part = os.read(outer, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        data += part
    os.close(outer)
    return process.wait(), data.decode()


def screen(text):
    """Lines as they stand at the end."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part.replace("\x1b[K", "") if "\x1b[K" in part else part + shown[len(part):]
        lines.append(shown)
    return lines


class Progress(ansatz_test.TestCase):
    def test_steps_take_one_line_of_a_terminal_which_is_gone_at_the_end(self):
        code, text = on_terminal("run", self.write_case(CASE), "--out", "live", cwd=self.folder)
        self.assertEqual(code, 0, text)
        self.assertEqual(len(re.findall(r"\r  step \d+/20 [^\r]* eta \d+ s\x1b\[K", text)), 20)
        left = screen(text)
        self.assertFalse([line for line in left if "step " in line and "eta" in line], left)
        self.assertTrue([line for line in left if line.startswith("  mean ")])

    def test_pipes_get_plain_lines(self):
        run = self.run_case(self.write_case(CASE))
        self.assertEqual(len(re.findall(r"^  step \d+/20 .* eta \d+ s$", run.process.stdout, re.M)), 20)
        self.assertNotIn("\r", run.process.stdout)
        self.assertNotIn("\x1b", run.process.stdout)

    def test_verbose_runs_keep_each_line_on_a_terminal(self):
        code, text = on_terminal("run", "-v", self.write_case(CASE), "--out", "verbose", cwd=self.folder)
        self.assertEqual(code, 0, text)
        self.assertEqual(len([line for line in screen(text) if re.search(r"step \d+/20", line)]), 20)
        self.assertNotIn("\x1b[K", text)

    def test_quiet_runs_print_results_and_warnings_alone(self):
        run = self.run_case(self.write_case(CASE), 1, "-q")
        lines = [line for line in run.process.stdout.splitlines() if line]
        self.assertTrue(lines)
        self.assertTrue(all(re.match(r"  (mean|heat)", line) for line in lines), lines)
        process = ansatz_test.run(self.write_case(CASE), 1, "-q", "-v", out=self.folder / "both", cwd=self.folder)
        self.assertEqual(process.returncode, 2)

    def test_a_sweep_counts_its_points_in_the_live_line(self):
        text = CASE[:CASE.index("[initial]")].replace("source = 1.0", 'source = "s"\nboundary = [{ on = "all", temperature = 0.0 }]')
        text += '[parameters]\ns = { range = [0.0, 1.0], default = 1.0 }\n[quantities]\nmean = { mean = "temperature" }\n'
        text += '[study]\ntype = "sweep"\npoints = { grid = 10 }\n'
        code, seen = on_terminal("run", self.write_case(text), "--out", "sweep", cwd=self.folder)
        self.assertEqual(code, 0, seen)
        self.assertRegex(seen, r"\r  \d+ of 10 points  eta \d+ s\x1b\[K")
        self.assertFalse([line for line in screen(seen) if "of 10 points" in line])


if __name__ == "__main__":
    ansatz_test.main()
