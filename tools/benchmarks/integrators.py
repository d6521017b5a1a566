"""Work and precision of stiff integrators on four systems, the same right-hand side for all (peers: SUNDIALS' CVODE, PETSc TS)."""

import math

from . import common

PROBLEMS = ("rober", "hires", "brusselator", "heat")
OURS = ("bdf", "rodas4", "esdirk4", "esdirk5", "ms3b")
PEERS = ("cvode", "petsc_rosw", "petsc_arkimex", "petsc_bdf")
TOLERANCES = "1e-3,1e-4,1e-5,1e-6,1e-7,1e-8,1e-9"
ERRORS = (1e-3, 1e-4, 1e-5, 1e-6)
# At most 10 % slower than the better peer anywhere; faster on the Brusselator and the heat equation.
TARGETS = {"rober": 1 / 1.1, "hires": 1 / 1.1, "brusselator": 1.0, "heat": 1.0}


def curve(settings, problem, solver):
    """Points of work and precision, none where the solver fails; None where it did not run at all."""
    try:
        words = ("--set", f"problem={problem}", "--set", f"solver={solver}", "--set", f"tolerances={TOLERANCES}",
                 "--repetitions", settings.repetitions)
        return common.ours(settings, "integrators", (1, 1, 1), extra=words)["points"]
    except common.BenchError as error:
        lines = str(error).splitlines()
        said = next((line for line in lines if "error:" in line), "")
        print(f"  {problem}, {solver}: {lines[0]}{'; ' if said else ''}{said}")
        return [] if isinstance(error, common.NoSolution) else None


def at_error(points, error, key):
    """The least work for an end error, by interpolation between neighbours in the logarithms."""
    points = [point for point in points if 0 < point["error"] < math.inf]
    works = [point[key] for point in points if point["error"] <= error]
    for a, b in zip(points, points[1:]):
        if a["error"] > error >= b["error"]:
            share = math.log(a["error"] / error) / math.log(a["error"] / b["error"])
            works.append(math.exp(math.log(a[key]) + share * math.log(b[key] / a[key])))
    return min(works, default=math.inf)


def run(settings):
    report = common.Report("integrators", "Time at equal achieved error, best method of each side", "peer")
    for problem in PROBLEMS:
        curves = {solver: curve(settings, problem, solver) for solver in (*OURS, *PEERS)}
        absent = [solver for solver, points in curves.items() if points is None]
        for error in ERRORS:
            if absent:
                report.add_not_measured(f"{problem}, error {error:g}", f"{', '.join(absent)} did not run", target=TARGETS[problem])
                continue

            def best(solvers, key):
                return min((at_error(curves[solver], error, key), solver) for solver in solvers)
            mine, method = best(OURS, "seconds")
            peer, other = best(PEERS, "seconds")
            if math.inf in (mine, peer):
                report.add_not_measured(f"{problem}, error {error:g}", f"{problem} at {error:g} is not reached by "
                                        f"{'us' if mine == math.inf else 'the peers'}", target=TARGETS[problem])
                continue
            report.add(f"{problem}, error {error:g} ({method} / {other})", [mine], [peer], target=TARGETS[problem])
            evaluations = [at_error(curves[name], error, "evaluations") for name in (method, other)]
            report.remark(f"{problem} at {error:g}: evaluations of f {evaluations[0]:.0f} / {evaluations[1]:.0f}")
    return report
