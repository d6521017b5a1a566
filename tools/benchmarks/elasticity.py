"""Linear elasticity from the start of the program to its end, same PETSc options, 1 and 2 ranks (peer: DOLFINx)."""

import dataclasses

from . import common, dolfinx

LARGEST = 300_000  # unknowns; a run of the peer then takes some 10 s


def run(settings):
    settings = dataclasses.replace(settings, unknowns=min(settings.unknowns, LARGEST))
    report = common.Report("elasticity", "Linear elasticity, start to solution, CG with GAMG on both sides", "DOLFINx")
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.solved_pairs(settings, ranks, "elasticity")
        label = f"on {ranks} rank{'s' if ranks > 1 else ''}"
        report.add(f"matrix {label}", [common.phases(result, "assembly") for result in our_runs],
                   dolfinx.times(peer_runs, "Assemble matrix"), target=4.0)
        report.add(f"right-hand side {label}", [common.phases(result, "assembly_rhs") for result in our_runs],
                   dolfinx.times(peer_runs, "Assemble vector"))
        dolfinx.add_solve_figures(report, our_runs, peer_runs, label, target=1.0)
    report.remark("matrix: the first and only assembly of a run on both sides; right-hand side: ours is the whole residual at "
                  "u = 0, with its stresses, the peer's the load alone")
    dolfinx.add_solve_remarks(report, "elasticity", peer_runs[0])
    return report
