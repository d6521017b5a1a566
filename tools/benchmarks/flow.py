"""Steady flow around a cylinder (DFG 2D-1) on three meshes with the Krylov solver: iterations against their limits."""

import json
import pathlib
import tempfile

from . import common

SIZE_FACTORS = (1.0, 0.5, 0.25)
MOST_ITERATIONS = 80      # in a Newton step
MOST_GROWTH = 1.3         # from one mesh to the next


def solve(size_factor, ranks):
    """One run of the case; returns unknowns, Newton steps, most Krylov iterations of a step, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        _, wall = common.execute([*common.mpirun(ranks), common.SOURCE / "build/release/bin/ansatz", "run",
                                  common.SOURCE / "cases/dfg_2d1", "--out", folder,
                                  "--set", f"mesh.size_factor={size_factor}",
                                  "--set", "linear.solver=gmres", "--set", "linear.preconditioner=pcd"])
        log = (pathlib.Path(folder) / "log.jsonl").read_text(encoding="utf-8")
        summary = json.loads((pathlib.Path(folder) / "summary.json").read_text(encoding="utf-8"))
    events = [json.loads(line) for line in log.splitlines()]
    unknowns = next(event["unknowns"] for event in events if event["event"] == "setup")
    steps = [event["linear_iterations"] for event in events if event["event"] == "newton" and event["iteration"] > 0]
    return {"unknowns": unknowns, "newton": len(steps), "iterations": max(steps), "seconds": wall,
            "solve": summary["timings"]["solve"], "drag": summary["quantities"]["drag"]["value"]}


def run(settings):
    del settings  # iteration counts do not vary from run to run
    report = common.Report("flow", "Steady flow around a cylinder, GMRES with pressure convection-diffusion", "limit")
    runs = [solve(factor, 1) for factor in SIZE_FACTORS]
    for result in runs:
        report.add(f"iterations of a Newton step, {result['unknowns']} unknowns", [result["iterations"]],
                   [MOST_ITERATIONS], unit="", target=1.0)
    for coarse, fine in zip(runs, runs[1:]):
        report.add(f"their growth to {fine['unknowns']} unknowns", [fine["iterations"] / coarse["iterations"]],
                   [MOST_GROWTH], unit="", target=1.0)
    for result in runs:
        report.remark("{unknowns} unknowns: {newton} Newton steps, {seconds:.3g} s, of which solve {solve:.3g} s; "
                      "drag coefficient {drag:.9g} (5.57953523)".format(**result))
    return report
