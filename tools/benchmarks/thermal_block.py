"""Reduced basis of the thermal block, 20,201 unknowns, 20 functions from 625 parameters (peer: pyMOR's figures)."""

import importlib.util
import pathlib
import subprocess
import sys

from . import common

# pyMOR 2025.2.2 on this kind of machine, one thread (research/mor.md, B1 and 6).
OFFLINE = 7.7               # s, the best of its runs (to 11)
ONLINE = 0.21e-3            # s, solve
ONLINE_CERTIFIED = 0.40e-3  # s, solve and estimate
FULL = 80e-3                # s, one finite-element solve
ONLINE_LIMIT = 20e-6        # s, the design's limit

# What a pyMOR that can be imported is asked to do: its own thermal block with the same training set.
PEER = """
import time
from pymor.basic import *
set_log_levels({'pymor': 'ERROR'})
problem = thermal_block_problem((2, 2))
fom, _ = discretize_stationary_cg(problem, diameter=2 ** 0.5 / 100)
reductor = CoerciveRBReductor(fom, product=fom.h1_0_semi_product,
    coercivity_estimator=ExpressionParameterFunctional('min(diffusion)', fom.parameters))
space = problem.parameter_space
start = time.perf_counter()
result = rb_greedy(fom, reductor, space.sample_uniformly(5), max_extensions=20)
offline = time.perf_counter() - start
rom, tests = result['rom'], space.sample_randomly(100)
def mean(work):
    start = time.perf_counter()
    for mu in tests: work(mu)
    return (time.perf_counter() - start) / len(tests)
full = time.perf_counter(); fom.solve(tests[0]); full = time.perf_counter() - full
print(offline, mean(rom.solve), mean(lambda mu: (rom.solve(mu), rom.estimate_error(mu))), full)
"""


def peer():
    """pyMOR's offline, online, certified and full seconds: run here if it can be imported, else as published, and why."""
    if importlib.util.find_spec("pymor") is None:
        return (OFFLINE, ONLINE, ONLINE_CERTIFIED, FULL), "pyMOR cannot be imported here; its figures are published ones"
    try:
        out = subprocess.run([sys.executable, "-c", PEER], capture_output=True, text=True, timeout=common.TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise common.BenchError(f"pyMOR was not done after {common.TIME_LIMIT} s") from None
    if out.returncode != 0:
        raise common.BenchError("pyMOR failed:\n" + out.stderr[-2000:])
    return tuple(float(word) for word in out.stdout.split()[-4:]), ""


def run(settings):
    report = common.Report("thermal_block", "Thermal block 2 x 2, greedy reduced basis with error bound", "pyMOR")
    pairs = []
    for _ in range(settings.repetitions):
        ours = common.ours(settings, "thermal_block", (100, 100, 1), extra=("--folder", common.SOURCE / "cases"))
        figures, absent = peer()
        pairs.append((ours, figures))
    runs = [ours for ours, _ in pairs]
    offline, online, certified, full = zip(*(figures for _, figures in pairs))
    solves = runs[0]["online_solves"]

    def seconds(phase, divisor=1):
        return [common.phases(result, phase) / divisor for result in runs]

    def add_pair(name, ours, theirs, **named):
        report.add(name, ours, theirs, not_measured=absent, **named)

    add_pair("training (offline)", seconds("offline"), offline, target=5.0)
    add_pair("finite-element solve", seconds("full"), full)
    add_pair("reduced solve", seconds("solve", solves), online)
    add_pair("reduced solve with bound", seconds("certified", solves), certified)
    report.add("the same against the limit", seconds("certified", solves), [ONLINE_LIMIT] * len(runs), target=1.0)
    add_pair(f"batch of {solves} with bounds", seconds("certified"), [solves * value for value in certified])
    report.remark(f"{absent or 'pyMOR run in turn on this machine'}; {runs[0]['unknowns']} unknowns, {runs[0]['functions']} functions; largest bound of {solves} "
                  f"random parameters {runs[0]['largest_bound']:.3g}")
    for label, what in (("scm", "with SCM in place of min-theta"), ("eim", "gaussian_source, estimate with EIM"),
                        ("entries", "graetz, SCM and entries assembled online"),
                        ("inf_sup", "helmholtz_sweep, inf-sup constant and EIM, residual minimised")):
        report.remark(f"{what}: {1e6 * common.median(seconds(label)):.3g} us a solve, {runs[0][label + '_functions']} functions")
    report.remark("training: mesh, separation, 20 solves, residual basis, 625 parameters a step; the median of "
                  "repetitions in one program, which has loaded its plugin")
    report.remark("processor time of the training: {:.3g} s".format(
        common.median([result["processor_seconds"]["offline"] for result in runs])))
    return report
