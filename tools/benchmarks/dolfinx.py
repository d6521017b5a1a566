"""The peer of mesh, assembly and poisson: dolfinx-scaling-test of Debian's package fenicsx-performance-tests.

It solves -div grad u = 10 exp(-((x - 1/2)^2 + (y - 1/2)^2) / 0.02) on the unit cube with u = 0 at x = 0 and x = 1 and
flux sin(5 x) elsewhere, P1 on tetrahedra (six a box), by PETSc's options of the command line.
"""

import functools
import re
import shutil

from . import common

PROGRAM = "dolfinx-scaling-test"
# CG with BoomerAMG tuned for three dimensions; both sides get exactly this.
PETSC_OPTIONS = ("-ksp_type", "cg", "-ksp_rtol", "1.0e-8", "-pc_type", "hypre", "-pc_hypre_type", "boomeramg",
                 "-pc_hypre_boomeramg_strong_threshold", "0.7", "-pc_hypre_boomeramg_agg_nl", "4",
                 "-pc_hypre_boomeramg_agg_num_paths", "2")


def run_peer(unknowns, ranks):
    """One run: {"cells_xyz", "unknowns", "cells", "iterations", "norm", "seconds": {timer: s}, "wall"}."""
    if shutil.which(PROGRAM) is None:
        raise common.BenchError(f"there is no {PROGRAM}; install fenicsx-performance-tests, or run tools/bench without --no-setup")
    out, wall = common.execute([*common.mpirun(ranks), PROGRAM, "--problem_type", "poisson", "--scaling_type", "strong",
                                "--ndofs", unknowns, "--order", 1, *PETSC_OPTIONS])
    return {**parse(out), "wall": wall}


@functools.lru_cache
def lattice(unknowns):
    """Boxes in x, y, z that the peer chooses for this number of unknowns; it is learned by running it once."""
    return run_peer(unknowns, 1)["cells_xyz"]


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


def pairs(settings, ranks, what, extra=(), petsc=()):
    """Paired runs of our `what` and the peer on equal lattices; returns the two lists of results."""
    cells = lattice(settings.unknowns)
    results = common.alternate(settings.repetitions,
                               lambda: common.ours(settings, what, cells, ranks, extra, petsc),
                               lambda: run_peer(settings.unknowns, ranks))
    common.require_equal_size(results[0][0], results[1][0])
    return results


def times(runs, *timers):
    """Of each run the sum of these timers."""
    return [sum(result["seconds"][name] for name in timers) for result in runs]
