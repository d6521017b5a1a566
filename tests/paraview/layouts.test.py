#!/usr/bin/python3
# ranks: 1
"""ParaView 5.11 reads every layout: counts, times, ranges, cell types, and the node order of quadratic cells.

Environment: ANSATZ_BUILD (build folder), ANSATZ_SOURCE (source folder).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("ANSATZ_BUILD", HERE.parents[1] / "build" / "release"))
TIMES = [0.0, 0.5, 2.0]
# VTK cell type: (dimension, lattice steps per block, cells per block)
CELLS = {3: (1, 1, 1), 21: (1, 2, 1), 5: (2, 1, 2), 22: (2, 2, 2), 9: (2, 1, 1), 28: (2, 2, 1),
         10: (3, 1, 6), 24: (3, 2, 6), 12: (3, 1, 1), 29: (3, 2, 1), 13: (3, 1, 2), 32: (3, 2, 2)}
RUNS = [(1, 1), (2, 2), (3, 2)]  # ranks, and how many of them have cells
FILES = {"series": "fields.hdf.series", "single": "fields.xdmf"}


def linear(x, y, z, t):
    return x + 2 * y + 3 * z + t


def quadratic(x, y, z, t):
    return x * x + 2 * y * y + 3 * z * z + x * y + t


def expected_figures(cell_type, parts, layout):
    """What follows from the geometry: 4 x 2 x 2 blocks in a box of 2 x 1 x 0.5 m, cut along x into equal parts."""
    dim, degree, per_block = CELLS[cell_type]
    size = [2.0, 1.0 if dim > 1 else 0.0, 0.5 if dim > 2 else 0.0]
    blocks = [4, 2 if dim > 1 else 1, 2 if dim > 2 else 1]
    nodes = [degree * 4 // parts + 1] + [degree * blocks[d] + 1 if d < dim else 1 for d in (1, 2)]
    cells = blocks[0] * blocks[1] * blocks[2] * per_block
    fields = {
        "linear": (1, "points", [[linear(0, 0, 0, t), linear(*size, t)] for t in TIMES]),
        "quadratic": (1, "points", [[quadratic(0, 0, 0, t), quadratic(*size, t)] for t in TIMES]),
        "velocity": (3, "points", [[-size[1], max(size[0], t)] for t in TIMES]),
        "stress": (6, "points", [[0.0, max(size[0] + size[1], size[1] + size[2], t)] for t in TIMES]),
        "cell_id": (1, "cells", [[t, cells - 1 + t] for t in TIMES]),
    }
    probes = []
    for x, y, z in [(0.11, 0.07, 0.03), (0.87, 0.61, 0.17), (1.93, 0.97, 0.44), (1.37, 0.31, 0.29)]:
        at = [x, y if dim > 1 else 0.0, z if dim > 2 else 0.0]
        probes.append({"field": "linear", "step": 1, "at": at, "value": linear(*at, TIMES[1])})
        if degree == 2:
            probes.append({"field": "quadratic", "step": 2, "at": at, "value": quadratic(*at, TIMES[2])})
    figures = {
        "times": TIMES,
        "points": nodes[0] * nodes[1] * nodes[2] * parts,
        "cells": cells,
        "bounds": [0.0, size[0], 0.0, size[1], 0.0, size[2]],
        "cell_types": [4 if (layout, cell_type) == ("single", 3) else cell_type],  # XDMF: lines are polylines
        "fields": {name: {"components": c, "location": where, "ranges": r} for name, (c, where, r) in fields.items()},
        "probes": probes,
    }
    if cell_type not in (29, 32):  # ParaView's cell sizes do not know the triquadratic hexahedron and the biquadratic wedge
        figures["volume"] = size[0] * (size[1] if dim > 1 else 1.0) * (size[2] if dim > 2 else 1.0)
    return figures


def run(command, folder):
    return subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as root:
        jobs = []
        for ranks, busy in RUNS:
            folder = pathlib.Path(root) / f"{ranks}-ranks"
            folder.mkdir()
            written = run(["mpirun", "--oversubscribe", "--allow-run-as-root", "-n", str(ranks),
                           str(BUILD / "tests" / "paraview_samples"), str(folder), str(busy)], folder)
            if written.returncode != 0:
                failed += 1
                print(f"{ranks} ranks: the writer failed\n{written.stdout}")
                continue
            for cell_type in CELLS:
                for layout, file in FILES.items():
                    sample = f"{layout}-{cell_type}"
                    expected = folder / f"{sample}.json"
                    expected.write_text(json.dumps(expected_figures(cell_type, busy, layout)))
                    jobs.append((f"{ranks} ranks, {sample}", str(folder / sample / file), str(expected)))
        batch = pathlib.Path(root) / "batch.json"
        batch.write_text(json.dumps(jobs))
        checked = run(["pvpython", "--force-offscreen-rendering", str(HERE / "check_output.py"), "--batch", str(batch)],
                      root)
    for line in checked.stdout.splitlines():
        if not re.fullmatch(r"\d+ passed, \d+ failed", line):
            print(line)
    total = re.findall(r"^(\d+) passed, (\d+) failed$", checked.stdout, re.MULTILINE)
    if not total or (checked.returncode != 0 and total[-1][1] == "0"):
        failed += 1
        print(f"pvpython ended with code {checked.returncode} before its end")
    else:
        passed += int(total[-1][0])
        failed += int(total[-1][1])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
