"""Values of the P1 stiffness matrix through the generic physics path, on 1 and 2 ranks (peer: DOLFINx)."""

from . import common, dolfinx


def run(settings):
    report = common.Report("assembly", "P1 stiffness matrix, sparsity known", "DOLFINx")
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.pairs(settings, ranks, "assembly", ("--physics", "diffusion"))
        ours = {name: [common.phases(result, name) for result in our_runs]
                for name in ("assembly", "assembly_first", "assembly_rhs", "sparsity")}
        matrix = dolfinx.times(peer_runs, "Assemble matrix")
        label = f"on {ranks} rank{'s' if ranks > 1 else ''}"
        report.add(f"matrix {label}", ours["assembly"], matrix, target=5.0)
        report.add(f"first matrix of the run {label}", ours["assembly_first"], matrix)
        report.add(f"right-hand side {label}", ours["assembly_rhs"], dolfinx.times(peer_runs, "Assemble vector"))
        report.add(f"sparsity {label}", ours["sparsity"], dolfinx.times(peer_runs, "Build sparsity"))
    cells = dolfinx.lattice(settings.unknowns)
    common.add_scaling(report, settings, "assembly", cells, ("assembly",))
    test, builtin = common.alternate(
        settings.repetitions,
        *(lambda physics=physics: common.ours(settings, "assembly", cells, 1, ("--physics", physics)) for physics in ("test", "diffusion")))
    report.add("physics of a test, built-in diffusion", [common.phases(result, "assembly") for result in test],
               [common.phases(result, "assembly") for result in builtin], target=round(1 / 1.2, 4))
    report.remark("ours: median of 5 after a warm-up within a run; the peer assembles once in a run")
    report.remark(f"{peer_runs[0]['unknowns']} unknowns. Where a row compares two runs of ours, the second is in the peer's column")
    return report
