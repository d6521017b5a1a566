#!/usr/bin/python3
# ranks: 1
# timeout: 600
"""ParaView opens what runs write: every layout, serial and parallel, with empty ranks, 2-D and 3-D, P1 and P2, all times.

The exact solution x^k + 2 y^k + 3 z^k + t lies in the space of order k, so ranges and probes are known; for k = 2 only the
right order of nodes gives them.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

CHECK = pathlib.Path(__file__).with_name("check_output.py")
VTK_TYPES = {("triangle", 1): 5, ("triangle", 2): 22, ("quadrilateral", 1): 9, ("quadrilateral", 2): 28,
             ("tetrahedron", 1): 10, ("tetrahedron", 2): 24, ("hexahedron", 1): 12, ("hexahedron", 2): 29,
             ("prism", 1): 13, ("prism", 2): 32}
CELLS_PER_BOX = {"triangle": 2, "quadrilateral": 1, "tetrahedron": 6, "hexahedron": 1, "prism": 2}
FILE_OF = {"series": "fields.hdf.series", "single": "fields.xdmf", "vtu": "fields.pvd"}


def case_text(cell, order, layout, cells):
    dim = len(cells)
    exact = " + ".join(f"{k + 1}*{axis}^{order}" for k, axis in enumerate("xyz"[:dim])) + " + t"
    source = 1.0 if order == 1 else 1.0 - dim * (dim + 1)
    plugins = '["diffusion", "vtk"]' if layout == "vtu" else '["diffusion"]'
    return f"""
plugins = {plugins}
[mesh]
box = {{ size = {[1.0] * dim}, cells = {cells}, cell = "{cell}" }}
[physics.diffusion]
conductivity = 1.0
source = {source}
boundary = [{{ on = "all", temperature = "{exact}" }}]
[initial]
temperature = "{exact}"
[time]
method = "bdf2"
end = 1.0
step = 0.5
[solver]
order = {order}
[linear]
relative_tolerance = 1e-13
[output]
fields = ["temperature", "flux"]
layout = "{layout}"
"""


def expected(cell, order, layout, cells):
    dim = len(cells)
    boxes = 1
    for n in cells:
        boxes *= n
    top = 3.0 if dim == 2 else 6.0
    middle = [0.3, 0.6, 0.0] if dim == 2 else [0.3, 0.6, 0.2]
    at_middle = sum(w * x**order for w, x in zip([1, 2, 3], middle))
    steepest = -float(order * dim)
    return {
        "times": [0.0, 0.5, 1.0],
        "cells": boxes * CELLS_PER_BOX[cell],
        "bounds": [0.0, 1.0, 0.0, 1.0, 0.0, 0.0 if dim == 2 else 1.0],
        "cell_types": [VTK_TYPES[cell, order]],
        "fields": {
            "temperature": {"location": "points", "components": 1, "ranges": [[t, top + t] for t in (0.0, 0.5, 1.0)]},
            "flux": {"location": "points", "components": 3,
                     "ranges": [[steepest, 0.0 if dim == 2 or order == 2 else -1.0]] * 3}},
        "probes": [{"field": "temperature", "step": 2, "at": middle, "value": at_middle + 1.0}],
        "units": {} if layout == "single" else {"temperature": "K", "flux": "W/m^2"},  # XDMF's are not shown
        "tolerance": 1e-6,
    }


class Runs(ansatz_test.TestCase):
    def test_paraview_reads_counts_ranges_times_and_values_of_every_layout(self):
        jobs = []
        for layout in FILE_OF:
            for cell, order in VTK_TYPES:
                dim = 2 if cell in ("triangle", "quadrilateral") else 3
                for ranks in (1, 2) if layout == "series" else (2,):
                    jobs.append((layout, cell, order, [3] * dim, ranks))
            # One lattice cell and four ranks: most ranks are empty.
            jobs.append((layout, "triangle", 1, [1, 1], 4))
        batch = []
        for i, (layout, cell, order, cells, ranks) in enumerate(jobs):
            case = self.write_case(case_text(cell, order, layout, cells), f"case{i}.toml")
            out = self.folder / f"out{i}"
            self.assert_exit(ansatz_test.run(case, ranks, out=out, cwd=self.folder), 0)
            truth = self.folder / f"expected{i}.json"
            truth.write_text(json.dumps(expected(cell, order, layout, cells)))
            batch.append([f"{layout} {cell} P{order} on {ranks} ranks", str(out / FILE_OF[layout]), str(truth)])
        listing = self.folder / "jobs.json"
        listing.write_text(json.dumps(batch))
        result = ansatz_test.execute(["/usr/bin/pvpython", "--force-offscreen-rendering", CHECK, "--batch", listing],
                                     timeout=300, env={"OMPI_MCA_plm": "isolated", "LIBGL_ALWAYS_SOFTWARE": "1"})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    ansatz_test.main()
