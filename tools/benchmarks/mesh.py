"""Tetrahedral mesh of a box with a P1 space, ready to assemble, on 1 and 2 ranks (peer: DOLFINx)."""

from . import common, dolfinx


def run(settings):
    report = common.Report("mesh", "Mesh of tetrahedra with a P1 space, ready to assemble", "DOLFINx")
    peer = {}
    for ranks in (1, 2):
        our_runs, peer_runs = dolfinx.pairs(settings, ranks, "mesh")
        ours = [common.phases(result, "mesh", "spaces") for result in our_runs]
        peer[ranks] = dolfinx.times(peer_runs, "Create Mesh", "FunctionSpace")
        report.add(f"mesh on {ranks} rank{'s' if ranks > 1 else ''}", ours, peer[ranks], target=10.0)
        cells = peer_runs[0]["cells"]
    common.add_scaling(report, settings, "mesh", dolfinx.lattice(settings.unknowns), ("mesh", "spaces"))
    report.add("DOLFINx on 2 ranks, DOLFINx on 1", peer[2], peer[1])
    report.remark(f"{cells} tetrahedra, {peer_runs[0]['unknowns']} unknowns. Ours: mesh + space; DOLFINx: Create Mesh + FunctionSpace")
    return report
