"""Values of the P1 stiffness matrix through the generic physics path, on 1 and 2 ranks (peer: DOLFINx)."""

from . import common, dolfinx


def run(settings):
    report = common.Report("assembly", "P1 stiffness matrix, sparsity known", "DOLFINx")
    ours = {}
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.pairs(settings, ranks, "assembly", ("--physics", "diffusion"))
        ours[ranks] = [common.phases(result, "assembly") for result in our_runs]
        label = f"on {ranks} rank{'s' if ranks > 1 else ''}"
        report.add(f"matrix {label}", ours[ranks], dolfinx.times(peer_runs, "Assemble matrix"), target=5.0)
        report.add(f"sparsity {label}", [common.phases(result, "sparsity") for result in our_runs],
                   dolfinx.times(peer_runs, "Build sparsity"))
    report.add("ours on 2 ranks, ours on 1", ours[2], ours[1], target=1.7)
    test, builtin = common.alternate(
        settings.repetitions,
        *(lambda physics=physics: common.ours(settings, "assembly", dolfinx.lattice(settings.unknowns), 1,
                                              ("--physics", physics)) for physics in ("test", "diffusion")))
    report.add("physics of a test, built-in diffusion", [common.phases(result, "assembly") for result in test],
               [common.phases(result, "assembly") for result in builtin], target=round(1 / 1.2, 4))
    report.remark(f"{peer_runs[0]['unknowns']} unknowns. Where a row compares two runs of ours, the second is in the peer's column")
    return report
