"""Steady flow in 2-D and 3-D: iterations of the Krylov solver against their limits, its seconds beside those of the direct one."""

import json
import pathlib
import tempfile

from . import common

SIZE_FACTORS = (1.0, 0.5, 0.25)
MOST_ITERATIONS = 80      # in a Newton step, in 2-D
MOST_GROWTH = 1.3         # from one mesh to the next
SAME = 0.8  # of the better one: runs of the same solver differ by as much on a machine in use
MOST_ITERATIONS_3D = 200  # as many as GMRES keeps vectors
KRYLOV = ("linear.solver=gmres", "linear.preconditioner=pcd")
DIRECT = ("linear.solver=direct",)
# Flow that develops in a square duct, Reynolds number 100 of the largest velocity.
DUCT = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [3.0, 1.0, 1.0], cells = CELLS, cell = "KIND" }
[physics.navier_stokes]
viscosity = 0.01
boundary = [
  { on = "left", velocity = ["16 * y * (1 - y) * z * (1 - z)", 0.0, 0.0] },
  { on = ["top", "bottom", "front", "back"], velocity = [0.0, 0.0, 0.0] },
]
[solver]
order = 2
[quantities]
drag = { reaction = "velocity_x", on = "top" }
[output]
fields = ["pressure"]
"""
DUCTS = (("hexahedron", (8, 3, 3)), ("hexahedron", (20, 6, 6)), ("hexahedron", (30, 9, 9)),
         ("tetrahedron", (12, 4, 4)), ("tetrahedron", (24, 8, 8)))
CYLINDER_FACTORS = (1.0, 0.45)  # of dfg_3d1z


def solve(case, *changes):
    """One run of a case; returns unknowns, Newton steps, most Krylov iterations of a step, seconds, and the drag."""
    words = [word for change in changes for word in ("--set", change)]
    with tempfile.TemporaryDirectory() as folder:
        _, wall = common.execute([*common.mpirun(1), common.SOURCE / "build/release/bin/ansatz", "run", case, "--out", folder,
                                  *words])
        log = (pathlib.Path(folder) / "log.jsonl").read_text(encoding="utf-8")
        summary = json.loads((pathlib.Path(folder) / "summary.json").read_text(encoding="utf-8"))
    events = [json.loads(line) for line in log.splitlines()]
    unknowns = next(event["unknowns"] for event in events if event["event"] == "setup")
    used = [event["text"] for event in events if event["event"] == "note" and event["text"].startswith("linear solver")]
    steps = [event["linear_iterations"] for event in events if event["event"] == "newton" and event["iteration"] > 0]
    return {"unknowns": unknowns, "newton": len(steps), "iterations": max(steps), "seconds": wall, "used": used,
            "solve": summary["timings"]["solve"], "drag": summary["quantities"]["drag"]["value"]}


def add_plane(report):
    case = common.SOURCE / "cases/dfg_2d1"
    runs = [solve(case, f"mesh.size_factor={factor}", *KRYLOV) for factor in SIZE_FACTORS]
    for result in runs:
        report.add(f"iterations of a Newton step, {result['unknowns']} unknowns", [result["iterations"]],
                   [MOST_ITERATIONS], unit="", target=1.0)
    for coarse, fine in zip(runs, runs[1:]):
        report.add(f"their growth to {fine['unknowns']} unknowns", [fine["iterations"] / coarse["iterations"]],
                   [MOST_GROWTH], unit="", target=1.0)
    for result in runs:
        report.remark("{unknowns} unknowns: {newton} Newton steps, {seconds:.3g} s, of which solve {solve:.3g} s; "
                      "drag coefficient {drag:.9g} (5.57953523)".format(**result))


def add_space(report, name, case, *changes):
    """Krylov and direct solver on one 3-D case, and what is chosen by default."""
    try:
        krylov, direct, chosen = (solve(case, *changes, *more) for more in (KRYLOV, DIRECT, ()))
    except common.BenchError as error:
        report.add_not_measured(f"iterations, {name}", str(error).splitlines()[0], unit="", target=1.0)
        return
    report.add(f"iterations, {name}, {krylov['unknowns']} unknowns", [krylov["iterations"]], [MOST_ITERATIONS_3D], unit="",
               target=1.0)
    report.add("  seconds of the choice against the better one", [chosen["solve"]],
               [min(krylov["solve"], direct["solve"])], target=SAME)
    report.remark(f"{name}, {krylov['unknowns']} unknowns: gmres with pcd {krylov['iterations']} iterations, "
                  f"{krylov['solve']:.3g} s; direct {direct['solve']:.3g} s; chosen: {'; '.join(chosen['used'])}, "
                  f"{chosen['solve']:.3g} s; drag {krylov['drag']:.9g} and {direct['drag']:.9g}")


def run(settings):
    del settings  # iteration counts do not vary from run to run
    report = common.Report("flow", "Steady flow, GMRES with pressure convection-diffusion", "limit")
    add_plane(report)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "duct.toml"
        for kind, cells in DUCTS:
            path.write_text(DUCT.replace("CELLS", str(list(cells))).replace("KIND", kind), encoding="utf-8")
            add_space(report, f"duct of {' x '.join(map(str, cells))} {'hexahedra' if kind == 'hexahedron' else 'boxes of tetrahedra'}",
                      path)
    for factor in CYLINDER_FACTORS:
        add_space(report, f"dfg_3d1z, size factor {factor}", common.SOURCE / "cases/dfg_3d1z", f"mesh.size_factor={factor}")
    return report
