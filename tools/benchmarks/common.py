"""Paired runs of our program and its peer, figures, tables and the RESULT line."""

import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = SOURCE / "build/release/bin/ansatz_bench"
TIME_LIMIT = 900  # seconds for one run of one program
NO_SOLUTION = 5  # exit code of our programs where a solver fails


class BenchError(Exception):
    """A program is missing, failed, or printed something else than agreed."""


class NoSolution(BenchError):
    """A program ran, and its solver did not get to the end."""


@dataclasses.dataclass
class Settings:
    repetitions: int
    unknowns: int
    program: pathlib.Path


def median(values):
    return statistics.median(values)


@dataclasses.dataclass
class Figure:
    """One comparison: times of paired repetitions, in `unit`, smaller is better; `target` is for the ratio peer / ours.

    Where one side did not run, or not here, `not_measured` says why: such a figure has met no target."""

    name: str
    ours: list
    peer: list
    unit: str = "s"
    target: float = None
    not_measured: str = ""

    def ratios(self):
        return [peer / ours for ours, peer in zip(self.ours, self.peer)]

    def ratio(self):
        """Median of the ratios of the pairs: what changes in the machine's speed does to both sides cancels."""
        return median(self.ratios())

    def met(self):
        if self.not_measured:
            return False
        return None if self.target is None else self.ratio() >= self.target

    def as_json(self):
        def middle(values):
            return round_to(median(values)) if values else None

        entry = {"name": self.name, "ours": middle(self.ours), "peer": middle(self.peer), "unit": self.unit,
                 "ratio": middle(self.ratios()), "target": self.target, "met": self.met()}
        return {**entry, "not_measured": self.not_measured} if self.not_measured else entry


def round_to(value, digits=4):
    return float(f"{value:.{digits}g}")


class Report:
    """The figures of a bench, its remarks, and how both are printed."""

    def __init__(self, bench, title, peer):
        self.bench, self.title, self.peer = bench, title, peer
        self.figures, self.remarks = [], []

    def add(self, *arguments, **named):
        self.figures.append(Figure(*arguments, **named))

    def remark(self, text):
        self.remarks.append(text)

    def add_not_measured(self, name, why, **named):
        """A figure that there would be, had both sides run."""
        self.add(name, [], [], not_measured=why, **named)

    def met(self):
        return all(figure.met() is not False for figure in self.figures)

    def measured(self):
        return not any(figure.not_measured for figure in self.figures)

    def print(self):
        rows = [("", "ours", "spread", self.peer, "spread", "ratio", "spread", "target", "")]
        rows += [table_row(figure) for figure in self.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        print(f"\n{self.title}")
        for row in rows:
            cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            print("  " + "  ".join(cells).rstrip())
        for why in sorted({figure.not_measured for figure in self.figures if figure.not_measured}):
            print(f"  not measured: {why}")
        for text in self.remarks:
            print(f"  {text}")
        print_result(self.bench, [figure.as_json() for figure in self.figures])


def print_result(bench, figures):
    print("RESULT " + json.dumps({"bench": bench, "figures": figures}), flush=True)


def table_row(figure):
    verdict = "not measured" if figure.not_measured else {None: "", True: "met", False: "MISSED"}[figure.met()]
    target = "" if figure.target is None else f">= {figure.target:.3g}"
    return (figure.name, *columns(figure.ours, figure.unit), *columns(figure.peer, figure.unit), *columns(figure.ratios()),
            target, verdict)


def columns(values, unit=""):
    """Median, and least and greatest value."""
    if not values:
        return "-", ""
    return f"{median(values):.3g} {unit}".rstrip(), f"{min(values):.3g}..{max(values):.3g}"


def mpirun(ranks):
    """Words that start a program on `ranks` ranks; oversubscribed only where it must be, as that makes ranks yield."""
    words = ["mpirun", "--bind-to", "none", "-n", str(ranks)]
    if ranks > len(os.sched_getaffinity(0)):
        words.append("--oversubscribe")
    return words + (["--allow-run-as-root"] if os.geteuid() == 0 else [])


def execute(command):
    """Runs a program; returns its standard output and its wall-clock seconds."""
    command = [str(word) for word in command]
    print("  $ " + " ".join(command), file=sys.stderr, flush=True)
    start = time.perf_counter()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"not done after {TIME_LIMIT} s: {' '.join(command)}") from None
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        kind = NoSolution if done.returncode == NO_SOLUTION else BenchError
        raise kind(f"exit code {done.returncode} of {' '.join(command)}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout, seconds


def program(settings, *words, ranks=1):
    """Runs `ansatz_bench WORDS`; returns its JSON line with "wall" added."""
    if shutil.which(settings.program) is None:
        raise BenchError(f"there is no {settings.program}; build it with tools/setup --target ansatz_bench")
    command = [*mpirun(ranks), settings.program, *words]
    out, wall = execute(command)
    for line in reversed(out.splitlines()):
        if line.startswith("{"):
            return {**json.loads(line), "wall": wall}
    raise BenchError(f"no JSON line in the output of {' '.join(map(str, command))}\n{out[-2000:]}")


def ours(settings, what, cells, ranks=1, extra=(), petsc=()):
    """`ansatz_bench WHAT --cells NX NY NZ EXTRA -- PETSC`, as program()."""
    return program(settings, what, "--cells", *cells, *extra, *(["--", *petsc] if petsc else []), ranks=ranks)


def phases(run, *names):
    """Sum of the named times of one of our runs."""
    missing = [name for name in names if name not in run["seconds"]]
    if missing:
        raise BenchError(f"ansatz_bench printed no seconds for {', '.join(missing)}: {run}")
    return sum(run["seconds"][name] for name in names)


def alternate(repetitions, first, second):
    """Runs both in turn, the order changing each time; returns the two lists of results."""
    results = ([], [])
    for repetition in range(repetitions):
        order = (0, 1) if repetition % 2 == 0 else (1, 0)
        for side in order:
            results[side].append((first, second)[side]())
    return results


def add_scaling(report, settings, what, cells, names, extra=(), target=1.7):
    """Adds the row that compares 1 and 2 ranks of ours, by runs of their own in turn; `names` are the phases."""
    two, one = alternate(settings.repetitions, *(lambda ranks=ranks: ours(settings, what, cells, ranks, extra) for ranks in (2, 1)))
    report.add("ours on 2 ranks, ours on 1", [phases(run, *names) for run in two], [phases(run, *names) for run in one],
               target=target)


def require_equal_size(our_run, peer_run):
    if our_run["unknowns"] != peer_run["unknowns"]:
        raise BenchError(f"unequal problems: {our_run['unknowns']} unknowns here, {peer_run['unknowns']} there")
