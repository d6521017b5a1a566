"""What the script tests share: run the command, read its results, count test cases. Standard library only.

    import ansatz_test

    class ThermalBlock(ansatz_test.TestCase):
        def test_mean_temperature_is_that_of_a_refined_mesh(self):
            result = self.run_case("thermal_block", 2)
            self.assert_value(result, "mean_temperature", 0.1234, relative=1e-4)

    if __name__ == "__main__":
        ansatz_test.main()

Each script ends with the line `N passed, N failed`, which tools/test adds up.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ.get("ANSATZ_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("ANSATZ_BUILD", SOURCE / "build/release"))
ANSATZ = pathlib.Path(os.environ.get("ANSATZ_BIN", BUILD / "bin/ansatz"))
TIME_FACTOR = float(os.environ.get("ANSATZ_TIME_FACTOR", "1"))


def execute(command, timeout=120, cwd=None, env=None):
    """Runs `command` without input and returns its CompletedProcess (returncode, stdout, stderr as text, seconds).

    After `timeout` seconds the whole process group is ended and TimeoutError raised: a hang is a failure.
    """
    command = [str(word) for word in command]
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace", cwd=cwd, env={**os.environ, **(env or {})},
                               start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout * TIME_FACTOR)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        raise TimeoutError(f"not done after {timeout * TIME_FACTOR:g} s: {' '.join(command)}\n{out}\n{err}") from None
    result = subprocess.CompletedProcess(command, process.returncode, out, err)
    result.seconds = time.monotonic() - start
    return result


def mpirun(ranks):
    """Words that start a program on `ranks` ranks, also as root and on fewer cores."""
    words = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]
    return words + (["--allow-run-as-root"] if os.geteuid() == 0 else [])


def ansatz(*arguments, ranks=None, timeout=120, cwd=None, env=None):
    """Runs the `ansatz` command, under mpirun when `ranks` is given."""
    return execute([*(mpirun(ranks) if ranks else []), ANSATZ, *arguments], timeout, cwd, env)


def case_path(case):
    """Path of a case given by its name under cases/, its folder, or its file."""
    for candidate in (pathlib.Path(case), pathlib.Path(case) / "case.toml", SOURCE / "cases" / case / "case.toml"):
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"no case {case}")


def run(case, ranks=1, *arguments, out=None, timeout=120, cwd=None, env=None):
    """`ansatz run CASE ARGUMENTS` on `ranks` ranks, without mpirun on one; `out` is the folder for the results."""
    folder = ["--out", out] if out else []
    return ansatz("run", case_path(case), *folder, *arguments, ranks=ranks if ranks and ranks > 1 else None, timeout=timeout,
                  cwd=cwd, env=env)


def read_summary(folder):
    """summary.json of a run folder, as a dictionary."""
    return json.loads((pathlib.Path(folder) / "summary.json").read_text())


def dotted(value, above=""):
    """Keys of nested tables, joined by dots."""
    if not isinstance(value, dict):
        return [above]
    return [path for key in value for path in dotted(value[key], f"{above}.{key}" if above else key)]


def traces(folder):
    """What others read of a run: the names of its events and the keys of its summary."""
    events = {json.loads(line)["event"] for line in (pathlib.Path(folder) / "log.jsonl").read_text().splitlines()}
    return "\n".join(["events: " + " ".join(sorted(events)), *sorted(dotted(read_summary(folder)))]) + "\n"


def assert_golden(test, name, text):
    """The text is that of tests/golden/NAME, which is written anew where ANSATZ_WRITE_GOLDEN is set."""
    path = SOURCE / "tests/golden" / name
    if "ANSATZ_WRITE_GOLDEN" in os.environ:
        path.write_text(text)
    test.assertEqual(text, path.read_text())


def pvpython(script, *arguments, render=False, timeout=180):
    """Runs a ParaView script (a path); with `render` under a virtual screen."""
    screen = ["xvfb-run", "-a"] if render else []
    env = {"LIBGL_ALWAYS_SOFTWARE": "1", "OMPI_MCA_plm": "isolated"}
    # Sanitizer settings are for our programs; PYTHONPATH of the tests is kept.
    return execute([*screen, "/usr/bin/pvpython", script, *arguments], timeout, env=env)


class CaseResult:
    """A finished run: its process, its folder and its summary."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = pathlib.Path(folder)
        self.summary = read_summary(folder)

    def value(self, quantity):
        """Value of a quantity in the summary."""
        return self.summary["quantities"][quantity]["value"]


class TestCase(unittest.TestCase):
    """unittest.TestCase with a scratch folder `self.folder` and the assertions that runs need."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ansatz-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_case(self, case, ranks=1, *arguments, timeout=120):
        """Runs a case that must succeed, in a folder of its own."""
        out = self.folder / f"run{len(list(self.folder.iterdir()))}"
        process = run(case, ranks, *arguments, out=out, timeout=timeout, cwd=self.folder)
        self.assert_exit(process, 0)
        return CaseResult(process, out)

    def write_case(self, text, name="case.toml"):
        """Writes a case file into the scratch folder and returns its path."""
        path = self.folder / name
        path.write_text(text)
        return path

    def assert_exit(self, process, code):
        """The process ended with this exit code; shows its output if not."""
        self.assertEqual(process.returncode, code, f"exit code of {' '.join(process.args)}\n{process.stdout}\n{process.stderr}")

    def assert_error(self, process, code, *texts):
        """The process ended with this exit code and its standard error holds every text, the message only once."""
        self.assert_exit(process, code)
        for text in texts:
            self.assertIn(text, process.stderr)
        self.assertEqual(process.stderr.count("error:"), 1, f"one message, not:\n{process.stderr}")

    def assert_value(self, result, quantity, expected, *, relative=None, absolute=None):
        """A quantity is within a tolerance (one of the two must be given) of an independent value."""
        if (relative is None) == (absolute is None):
            raise TypeError("give either relative or absolute")
        value = result.value(quantity)
        allowed = absolute if absolute is not None else relative * abs(expected)
        self.assertLessEqual(abs(value - expected), allowed, f"{quantity} = {value!r}, expected {expected!r}")


class _Counter(unittest.TextTestResult):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    """Runs the test cases of the calling script, prints `N passed, N failed`, and exits; nothing run is a failure."""
    program = unittest.main(module="__main__", exit=False, verbosity=1,
                            testRunner=unittest.TextTestRunner(resultclass=_Counter, stream=sys.stdout))
    result = program.result
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"{result.passed} passed, {failed} failed", flush=True)
    sys.exit(0 if failed == 0 and result.passed > 0 else 1)
