"""Poisson's equation from the start of the program to its end, same PETSc options, 1 and 2 ranks (peer: DOLFINx)."""

from . import common, dolfinx


def run(settings):
    report = common.Report("poisson", "Poisson, start to solution, CG with BoomerAMG on both sides", "DOLFINx")
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.solved_pairs(settings, ranks, "poisson")
        label = f"on {ranks} rank{'s' if ranks > 1 else ''}"
        dolfinx.add_solve_figures(report, our_runs, peer_runs, label, target=3.0)
    dolfinx.add_solve_remarks(report, "poisson", peer_runs[0])
    return report
