#!/usr/bin/python3
# ranks: 3
"""ParaView 5.11 opens what the "vtu" layout writes: times, counts, ranges and units, with empty ranks, P1 and P2."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test  # noqa: E402

SAMPLE = ansatz_test.BUILD / "tests/vtu_sample"

READ = """
import json, sys
from paraview import simple, servermanager
out = []
for path in sys.argv[1:]:
    reader = simple.OpenDataFile(path)
    reader.UpdatePipelineInformation()
    steps = []
    for time in reader.TimestepValues:
        simple.UpdatePipeline(time=time, proxy=reader)
        info = reader.GetDataInformation()
        data = servermanager.Fetch(reader)
        while data.IsA("vtkCompositeDataSet"):
            data = data.GetBlock(0)
        steps.append({
            "time": time,
            "cells": info.GetNumberOfCells(),
            "types": sorted({data.GetCellType(i) for i in range(data.GetNumberOfCells())}),
            "bounds": list(info.GetBounds()),
            "u": reader.PointData["u"].GetRange(0),
            "v": [reader.PointData["v"].GetRange(c) for c in range(3)],
            "centre": reader.CellData["centre"].GetRange(0),
            "unit": data.GetFieldData().GetAbstractArray("unit:u").GetValue(0)})
    out.append(steps)
print("RESULT " + json.dumps(out))
"""


@unittest.skipUnless(SAMPLE.exists(), "the vtk plugin is not built")
class Vtu(ansatz_test.TestCase):
    def test_paraview_reads_every_step_of_every_variant(self):
        variants = [(1, -1, "linear"), (2, -1, "quadratic"), (3, 0, "linear"), (3, 1, "quadratic"), (3, 2, "quadratic")]
        paths = []
        for number, (ranks, empty, kind) in enumerate(variants):
            folder = self.folder / str(number)
            process = ansatz_test.execute([*ansatz_test.mpirun(ranks), SAMPLE, folder, empty, kind])
            self.assertEqual(process.returncode, 0, process.stderr)
            paths.append(folder / "fields.pvd")
        script = self.folder / "read.py"
        script.write_text(READ)
        process = ansatz_test.pvpython(script, *paths)
        self.assertEqual(process.returncode, 0, process.stderr)
        lines = [line for line in process.stdout.splitlines() if line.startswith("RESULT ")]
        self.assertEqual(len(lines), 1, process.stdout + process.stderr)
        for (ranks, empty, kind), steps in zip(variants, json.loads(lines[0][7:])):
            with self.subTest(ranks=ranks, empty=empty, kind=kind):
                self.check(steps, [r for r in range(ranks) if r != empty], kind)

    def check(self, steps, squares, kind):
        """Square r is [r, r + 1] x [0, 1]; u = 2 x + 3 y^2 + t, v = (-y, x, 0)."""
        low, high = squares[0], squares[-1] + 1
        self.assertEqual([step["time"] for step in steps], [0.0, 0.25, 1.0])
        for step in steps:
            self.assertEqual(step["cells"], 2 * len(squares))
            self.assertEqual(step["types"], [22 if kind == "quadratic" else 5])
            self.assertEqual(step["bounds"], [low, high, 0.0, 1.0, 0.0, 0.0])
            self.assertEqual(step["u"], [2.0 * low + step["time"], 2.0 * high + 3.0 + step["time"]])
            self.assertEqual([range_[0] + 0.0 for range_ in step["v"]], [-1.0, low, 0.0])
            self.assertEqual([range_[1] + 0.0 for range_ in step["v"]], [0.0, high, 0.0])
            self.assertEqual(step["centre"], [low + 0.5, high - 0.5])
            self.assertEqual(step["unit"], "K")


if __name__ == "__main__":
    ansatz_test.main()
