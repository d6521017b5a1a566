"""The peer of mesh, assembly, poisson and elasticity: dolfinx-scaling-test of Debian's package fenicsx-performance-tests.

P1 on tetrahedra (six a box) of the unit cube, by PETSc's options of the command line. It solves
  poisson: -div grad u = 10 exp(-((x - 1/2)^2 + (y - 1/2)^2) / 0.02), u = 0 at x = 0 and x = 1, flux sin(5 x) elsewhere;
  elasticity: E = 1e6, nu = 0.3, u = 0 at y = 0, no traction elsewhere, force (-(z - 1/2) r y, 1, (x - 1/2) r y) with
  r^2 = (x - 1/2)^2 + (z - 1/2)^2, and the six rigid motions as near-null space.
"""

import functools
import re
import shutil

from . import common

PROGRAM = "dolfinx-scaling-test"
# Both sides get exactly these. CG with BoomerAMG tuned for three dimensions, and the peer's recommendation for elasticity:
# CG with GAMG, Chebyshev and Jacobi (the eigenvalues are those of the smoothed aggregation, as they are there), stopped by
# the same norm on both sides.
POISSON_OPTIONS = ("-ksp_type", "cg", "-ksp_rtol", "1.0e-8", "-pc_type", "hypre", "-pc_hypre_type", "boomeramg",
                   "-pc_hypre_boomeramg_strong_threshold", "0.7", "-pc_hypre_boomeramg_agg_nl", "4",
                   "-pc_hypre_boomeramg_agg_num_paths", "2")
ELASTICITY_OPTIONS = ("-ksp_type", "cg", "-ksp_rtol", "1.0e-8", "-ksp_norm_type", "unpreconditioned", "-pc_type", "gamg",
                      "-pc_gamg_coarse_eq_limit", "1000", "-pc_gamg_use_sa_esteig", "1", "-mg_levels_ksp_type", "chebyshev",
                      "-mg_levels_pc_type", "jacobi", "-matptap_via", "scalable")
PETSC_OPTIONS = {"poisson": POISSON_OPTIONS, "elasticity": ELASTICITY_OPTIONS}


def run_peer(unknowns, ranks, problem="poisson"):
    """One run: {"cells_xyz", "unknowns", "cells", "iterations", "norm", "seconds": {timer: s}, "wall"}."""
    if shutil.which(PROGRAM) is None:
        raise common.BenchError(f"there is no {PROGRAM}; install fenicsx-performance-tests, or run tools/bench without --no-setup")
    out, wall = common.execute([*common.mpirun(ranks), PROGRAM, "--problem_type", problem, "--scaling_type", "strong",
                                "--ndofs", unknowns, "--order", 1, *PETSC_OPTIONS[problem]])
    return {**parse(out), "wall": wall}


@functools.lru_cache
def lattice(unknowns, problem="poisson"):
    """Boxes in x, y, z that the peer chooses for this number of unknowns; it is learned by running it once."""
    return run_peer(unknowns, 1, problem)["cells_xyz"]


def parse(out):
    lattice_match = re.search(r"^UnitCube \((\d+)x(\d+)x(\d+)\) to be refined (\d+) times", out, re.MULTILINE)
    if not lattice_match or lattice_match[4] != "0":
        raise common.BenchError(f"cannot read the mesh of {PROGRAM} (or it is refined, which we do not follow):\n{out[:500]}")
    timers = re.findall(r"^(\S.*?) *\| *\d+ +[\d.]+ +([\d.]+) *$", out, re.MULTILINE)
    return {"cells_xyz": tuple(int(lattice_match[i]) for i in (1, 2, 3)),
            "unknowns": int(find(r"Total degrees of freedom: +(\d+)", out)),
            "cells": int(find(r"Num cells: +(\d+)", out)),
            "iterations": int(find(r"Number of Krylov iterations: (\d+)", out)),
            "norm": float(find(r"Solution norm: +([\d.e+-]+)", out)),
            "seconds": {name.removeprefix("ZZZ "): float(total) for name, total in timers}}


def find(pattern, out):
    match = re.search(pattern, out)
    if not match:
        raise common.BenchError(f"no '{pattern}' in the output of {PROGRAM}:\n{out[-2000:]}")
    return match[1]


def pairs(settings, ranks, what, extra=(), petsc=(), problem="poisson"):
    """Paired runs of our `what` and the peer's `problem` on equal lattices; returns the two lists of results."""
    cells = lattice(settings.unknowns, problem)
    results = common.alternate(settings.repetitions,
                               lambda: common.ours(settings, what, cells, ranks, extra, petsc),
                               lambda: run_peer(settings.unknowns, ranks, problem))
    common.require_equal_size(results[0][0], results[1][0])
    return results


def solved_pairs(settings, ranks, problem):
    """Paired runs of the whole problem with the same PETSc options."""
    return pairs(settings, ranks, problem, petsc=PETSC_OPTIONS[problem], problem=problem)


def add_solve_figures(report, our_runs, peer_runs, label, target):
    """Rows of the whole run, of the solve and of the rest; a remark on what the shared solve leaves; equal solutions."""
    our_wall = [result["wall"] for result in our_runs]
    peer_wall = [result["wall"] for result in peer_runs]
    our_solve = [common.phases(result, "setup", "solve") for result in our_runs]
    peer_solve = times(peer_runs, "Solve")
    report.add(f"start to solution {label}", our_wall, peer_wall, target=target)
    report.add(f"solve alone {label}", our_solve, peer_solve)
    report.add(f"all but the solve {label}", [wall - solve for wall, solve in zip(our_wall, our_solve)],
               [wall - solve for wall, solve in zip(peer_wall, peer_solve)])
    limit = common.median([peer / solve for peer, solve in zip(peer_wall, our_solve)])
    report.remark(f"{label}: the shared solve limits the ratio to {limit:.3g}, were everything else free; "
                  f"iterations {our_runs[0]['iterations']} and {peer_runs[0]['iterations']}")
    check_norm(report, our_runs[0], peer_runs[0])


def add_solve_remarks(report, problem, peer_run):
    report.remark(f"{peer_run['unknowns']} unknowns; wall clock of the whole program with mpirun on both sides; "
                  "solve = set-up of the preconditioner and iterations")
    report.remark("PETSc options: " + " ".join(PETSC_OPTIONS[problem]))


def check_norm(report, our_run, peer_run):
    """Compares the norms of the solution vectors: equal problems must have equal answers."""
    if abs(our_run["norm"] - peer_run["norm"]) > 1e-3 * peer_run["norm"]:
        raise common.BenchError(f"the solutions differ: norm {our_run['norm']} here, {peer_run['norm']} there")
    report.remark(f"norm of the solution vector: {our_run['norm']:.6g} and {peer_run['norm']:.6g}")


def times(runs, *timers):
    """Of each run the sum of these timers."""
    return [sum(result["seconds"][name] for name in timers) for result in runs]
