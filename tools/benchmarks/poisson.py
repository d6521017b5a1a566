"""Poisson's equation from the start of the program to its end, same PETSc options, 1 and 2 ranks (peer: DOLFINx)."""

from . import common, dolfinx


def run(settings):
    report = common.Report("poisson", "Poisson, start to solution, CG with BoomerAMG on both sides", "DOLFINx")
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.pairs(settings, ranks, "poisson", petsc=dolfinx.PETSC_OPTIONS)
        label = f"on {ranks} rank{'s' if ranks > 1 else ''}"
        our_wall = [result["wall"] for result in our_runs]
        peer_wall = [result["wall"] for result in peer_runs]
        our_solve = [common.phases(result, "setup", "solve") for result in our_runs]
        report.add(f"start to solution {label}", our_wall, peer_wall, target=3.0)
        report.add(f"solve alone {label}", our_solve, dolfinx.times(peer_runs, "Solve"))
        report.add(f"all but the solve {label}", [wall - solve for wall, solve in zip(our_wall, our_solve)],
                   [wall - solve for wall, solve in zip(peer_wall, dolfinx.times(peer_runs, "Solve"))])
        limit = common.median([peer / solve for peer, solve in zip(peer_wall, our_solve)])
        report.remark(f"{label}: the shared solve limits the ratio to {limit:.3g}, were everything else free; "
                      f"iterations {our_runs[0]['iterations']} and {peer_runs[0]['iterations']}")
        check_norm(report, our_runs[0], peer_runs[0])
    report.remark(f"{peer_runs[0]['unknowns']} unknowns; wall clock of the whole program with mpirun on both sides; "
                  "solve = set-up of the preconditioner and iterations")
    report.remark("PETSc options: " + " ".join(dolfinx.PETSC_OPTIONS))
    return report


def check_norm(report, our_run, peer_run):
    """Compares the norms of the solution vectors where ours is printed: equal problems must have equal answers."""
    if "norm" not in our_run:
        return
    if abs(our_run["norm"] - peer_run["norm"]) > 1e-3 * peer_run["norm"]:
        raise common.BenchError(f"the solutions differ: norm {our_run['norm']} here, {peer_run['norm']} there")
    report.remark(f"norm of the solution vector: {our_run['norm']:.6g} and {peer_run['norm']:.6g}")
