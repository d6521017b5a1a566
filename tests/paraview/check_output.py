"""Opens a result with ParaView and compares it with expected figures. Run by pvpython.

Usage: pvpython --force-offscreen-rendering check_output.py PATH EXPECTED.json
       pvpython --force-offscreen-rendering check_output.py --batch JOBS.json    [[name, PATH, EXPECTED.json], ...]
EXPECTED.json, every entry optional:
  times       [t, ...]                 all steps
  points, cells                        counts, summed over the parts
  bounds      [x0, x1, y0, y1, z0, z1]
  cell_types  [VTK type, ...]          that occur
  fields      {name: {"location": "points"|"cells", "components": n, "ranges": [[low, high] per step, of all components]}}
  probes      [{"field": name, "step": i, "at": [x, y, z], "value": v}]   interpolated by the cell's shape functions
  volume      sum of the lengths, areas or volumes of the cells
  units       {name: unit}             in the field data, which ParaView shows beside the arrays
  tolerance   default 1e-9
Prints one line per difference and "N passed, N failed"; exit code 1 when any failed.
"""

import json
import sys

import numpy
from paraview import servermanager, simple
from vtkmodules.vtkCommonCore import reference, vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkUnstructuredGrid
from vtkmodules.vtkFiltersCore import vtkProbeFilter
from vtkmodules.vtkFiltersVerdict import vtkCellSizeFilter


# VTK stops its search of a place inside a curved cell at about this distance; a wrong node order is wrong by far more.
PROBE_TOLERANCE = 1e-4


class Report:
    """Counts comparisons and prints those that fail."""

    def __init__(self):
        self.tolerance = 1e-9
        self.passed = 0
        self.failed = 0

    def same(self, what, found, expected, tolerance=None):
        if _close(found, expected, tolerance or self.tolerance):
            self.passed += 1
        else:
            self.failed += 1
            print(f"{what}: found {found}, expected {expected}")


def _close(found, expected, tolerance):
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(_close(f, e, tolerance) for f, e in zip(found, expected))
    if isinstance(expected, float) or isinstance(found, float):
        return abs(found - expected) <= tolerance * max(1.0, abs(expected))
    return found == expected


def open_result(path):
    if path.endswith(".xdmf"):
        return simple.Xdmf3ReaderS(FileName=[path])
    return simple.OpenDataFile(path)


def leaves(data):
    """Unstructured grids of a data set or of a composite of them."""
    if data is None:
        return []
    if isinstance(data, vtkUnstructuredGrid):
        return [data]
    found = []
    iterator = data.NewIterator()
    iterator.InitTraversal()
    while not iterator.IsDoneWithTraversal():
        found.append(iterator.GetCurrentDataObject())
        iterator.GoToNextItem()
    return found


def merged_bounds(grids):
    bounds = [g.GetBounds() for g in grids]
    return [(min if i % 2 == 0 else max)(b[i] for b in bounds) for i in range(6)]


def arrays_of(grids, name, location):
    data = [g.GetPointData() if location == "points" else g.GetCellData() for g in grids]
    return [d.GetArray(name) for d in data]


def range_of(arrays):
    spans = [a.GetRange(c) for a in arrays for c in range(a.GetNumberOfComponents())]
    return [min(s[0] for s in spans), max(s[1] for s in spans)]


def volume(grids):
    total = 0.0
    for grid in grids:
        sizes = vtkCellSizeFilter()
        sizes.SetInputData(grid)
        sizes.ComputeSumOn()
        sizes.Update()
        sums = sizes.GetOutput().GetFieldData()
        total += sum(sums.GetArray(n).GetValue(0) for n in ("Length", "Area", "Volume"))
    return total


def contains(bounds, at):
    return all(bounds[2 * k] - 1e-9 <= at[k] <= bounds[2 * k + 1] + 1e-9 for k in range(3))


def value_in_wedge(cell, values, at):
    """Value at a point of a cell, by Newton's method on VTK's own basis; None where the point is outside of the wedge.

    VTK 9.1 takes points beside a biquadratic wedge, where r + s > 1, for points inside, so that its filters find the wrong cell.
    """
    weights = [0.0] * cell.GetNumberOfPoints()

    def place(r):
        x = [0.0] * 3
        cell.EvaluateLocation(reference(0), r, x, weights)
        return numpy.array(x)

    r = numpy.array([1 / 3, 1 / 3, 0.5])
    for _ in range(8):
        slopes = [(place(r + step) - place(r - step)) / 0.25 for step in numpy.eye(3) * 0.125]  # exact: at most quadratic
        r = r + numpy.linalg.solve(numpy.array(slopes).T, numpy.array(at) - place(r))
    if min(*r, 1 - r[0] - r[1], 1 - r[2]) < -1e-9:
        return None
    place(r)
    return sum(w * values.GetValue(cell.GetPointId(i)) for i, w in enumerate(weights))


def probe(grids, field, at):
    for grid in grids:
        for c in range(grid.GetNumberOfCells() if grid.GetCellType(0) == 32 else 0):
            cell = grid.GetCell(c)  # the grid has one object for all its cells
            if contains(cell.GetBounds(), at):
                value = value_in_wedge(cell, grid.GetPointData().GetArray(field), at)
                if value is not None:
                    return value
    points = vtkPoints()
    points.SetDataTypeToDouble()
    points.InsertNextPoint(*at)
    target = vtkPolyData()
    target.SetPoints(points)
    for grid in grids:
        prober = vtkProbeFilter()
        prober.SetInputData(target)
        prober.SetSourceData(grid)
        prober.Update()
        if prober.GetValidPoints().GetNumberOfTuples() == 1:
            return prober.GetOutput().GetPointData().GetArray(field).GetValue(0)
    return float("nan")


def check_step(report, grids, expected, label, step):
    if "points" in expected:
        report.same(f"{label}: points", sum(g.GetNumberOfPoints() for g in grids), expected["points"])
    if "cells" in expected:
        report.same(f"{label}: cells", sum(g.GetNumberOfCells() for g in grids), expected["cells"])
    if "bounds" in expected:
        report.same(f"{label}: bounds", merged_bounds(grids), [float(b) for b in expected["bounds"]])
    if "cell_types" in expected:
        types = sorted({g.GetCellType(c) for g in grids for c in range(g.GetNumberOfCells())})
        report.same(f"{label}: cell types", types, expected["cell_types"])
    if "volume" in expected:
        report.same(f"{label}: volume", volume(grids), float(expected["volume"]))
    for name, field in expected.get("fields", {}).items():
        arrays = arrays_of(grids, name, field["location"])
        report.same(f"{label}: {name} is in every part", all(a is not None for a in arrays), True)
        if any(a is None for a in arrays):
            continue
        report.same(f"{label}: {name} components", {a.GetNumberOfComponents() for a in arrays},
                    {field["components"]})
        if "ranges" in field:
            report.same(f"{label}: {name} range", range_of(arrays), [float(v) for v in field["ranges"][step]])
    for name, unit in expected.get("units", {}).items():
        arrays = [g.GetFieldData().GetAbstractArray(f"unit:{name}") for g in grids]
        report.same(f"{label}: unit of {name}", {a.GetValue(0) if a else None for a in arrays}, {unit})
    for entry in expected.get("probes", []):
        if entry["step"] == step:
            report.same(f"{label}: {entry['field']} at {entry['at']}", probe(grids, entry["field"], entry["at"]),
                        float(entry["value"]), PROBE_TOLERANCE)


def check_file(report, path, expected, label=""):
    reader = open_result(path)
    reader.UpdatePipelineInformation()
    times = list(reader.TimestepValues) if hasattr(reader.TimestepValues, "__len__") else [reader.TimestepValues]
    if "times" in expected:
        report.same(f"{label}times", times, [float(t) for t in expected["times"]])
    for step, time in enumerate(times):
        reader.UpdatePipeline(time)
        grids = [g for g in leaves(servermanager.Fetch(reader)) if g.GetNumberOfPoints() > 0]
        check_step(report, grids, expected, f"{label}step {step}", step)
    simple.Delete(reader)


def main(arguments):
    if arguments[0] == "--batch":
        with open(arguments[1]) as file:
            jobs = json.load(file)
    else:
        jobs = [["", arguments[0], arguments[1]]]
    report = Report()
    for name, path, expected_path in jobs:
        with open(expected_path) as file:
            expected = json.load(file)
        report.tolerance = expected.get("tolerance", 1e-9)
        try:
            check_file(report, path, expected, f"{name}: " if name else "")
        except Exception as error:  # ParaView raises plain RuntimeErrors; the next file must still be checked
            report.same(f"{name}: opens", str(error), "no error")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.exit(status)
