#!/usr/bin/python3
# timeout: 300
# ranks: 4
"""Prisms, whose facets are triangles and quadrilaterals: read, refined, solved and read back, against exact solutions."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

U = "1 + 2*x - y + 3*z + x^2 + x*y - z^2"
# k grad u . n of u = 1 + 2 x - y + 3 z + x^2 + x y - z^2 with k = 2, through both shapes of facets; -div(k grad u) = 0.
CASE = """
plugins = ["diffusion"PLUGIN]
[mesh]
MESH
[constants]
k = 2.0
[physics.diffusion]
conductivity = "k"
boundary = [
  { on = ["left", "bottom", "front"], temperature = "EXACT" },
  { on = "right", heat_flux = "k * (2 + 2*x + y)" },
  { on = "top", heat_flux = "k * (x - 1)" },
  { on = "back", heat_flux = "k * (3 - 2*z)" },
]
[solver]
order = ORDER
[quantities]
volume = { integral = "1" }
surface = { integral = "1", on = "all" }
flux_right = { integral = "-flux_x", on = "right" }
reaction_front = { reaction = "temperature", on = "front" }
error = { norm = "temperature - (EXACT)" }
slope_error = { norm = "grad_temperature_z - (3 - 2*z)" }
[output]
fields = ["temperature"]
""".replace("EXACT", U)
BOX = 'box = { size = [1.0, 2.0, 0.5], cells = [3, 4, 2], cell = "prism" }'
# On the box: through the right 2 (2 + 2 + 1) 1, by prescribed values at the front -2 3 (their normal is -z) times its area.
FLUX_RIGHT, REACTION_FRONT = 2.0 * (4.0 + 1.0) * 1.0, -2.0 * 3.0 * 2.0

# The same box by layers over a triangulation, from Gmsh.
GEO = """
SetFactory("Built-in");
Point(1) = {0,0,0,0.5}; Point(2) = {1,0,0,0.5}; Point(3) = {1,2,0,0.5}; Point(4) = {0,2,0,0.5};
Line(1) = {1,2}; Line(2) = {2,3}; Line(3) = {3,4}; Line(4) = {4,1};
Curve Loop(1) = {1,2,3,4}; Plane Surface(1) = {1};
e[] = Extrude {0,0,0.5} { Surface{1}; Layers{2}; Recombine; };
Physical Volume("body") = {e[1]};
Physical Surface("front") = {1}; Physical Surface("back") = {e[0]};
Physical Surface("bottom") = {e[2]}; Physical Surface("right") = {e[3]}; Physical Surface("top") = {e[4]};
Physical Surface("left") = {e[5]};
"""

# Two prisms, the triangles of one written the other way round, as VTK's documentation of the wedge has them; sets by cells
# of lower dimension.
VTK = """# vtk DataFile Version 3.0
two prisms
ASCII
DATASET UNSTRUCTURED_GRID
POINTS 8 double
0 0 0  1 0 0  1 2 0  0 2 0  0 0 0.5  1 0 0.5  1 2 0.5  0 2 0.5
CELLS 10 50
6 0 1 2 4 5 6
6 0 3 2 4 7 6
3 0 1 2
3 0 2 3
3 4 5 6
3 4 6 7
4 0 3 7 4
4 1 2 6 5
4 0 1 5 4
4 3 2 6 7
CELL_TYPES 10
13 13 5 5 5 5 9 9 9 9
CELL_DATA 10
SCALARS CellEntityIds int 1
LOOKUP_TABLE default
7 7 1 1 2 2 3 4 5 6
"""
SETS_OF_VTK = {"left": "set_3", "right": "set_4", "bottom": "set_5", "top": "set_6", "front": "set_1", "back": "set_2"}

EXODUS = """
import sys
from vtkmodules.vtkIOLegacy import vtkUnstructuredGridReader
from vtkmodules.vtkIOExodus import vtkExodusIIWriter
reader = vtkUnstructuredGridReader()
reader.SetFileName(sys.argv[1])
writer = vtkExodusIIWriter()
writer.SetInputConnection(reader.GetOutputPort())
writer.SetFileName(sys.argv[2])
writer.Write()
"""


def case(mesh, order=2, plugin=""):
    return CASE.replace("MESH", mesh).replace("ORDER", str(order)).replace("PLUGIN", f', "{plugin}"' if plugin else "")


class Prisms(ansatz_test.TestCase):
    def solve(self, text, ranks=1, *more):
        return self.run_case(self.write_case(text), ranks, *more)

    def assert_exact(self, result):
        self.assert_value(result, "volume", 1.0, absolute=1e-12)
        self.assert_value(result, "surface", 2 * (2.0 + 1.0 + 0.5), absolute=1e-12)
        self.assert_value(result, "error", 0.0, absolute=1e-9)
        self.assert_value(result, "slope_error", 0.0, absolute=1e-8)
        self.assert_value(result, "flux_right", FLUX_RIGHT, relative=1e-8)

    def test_a_quadratic_solution_is_exact_on_boxes_with_the_same_numbers_on_one_to_four_ranks(self):
        for ranks in (1, 2, 3, 4):
            result = self.solve(case(BOX), ranks)
            self.assert_exact(result)
            # The integral of -2 (3 - 0) + what its edges share with other sides is exact, since the flux is.
            self.assert_value(result, "reaction_front", REACTION_FRONT, relative=1e-8)

    def test_refined_boxes_keep_it(self):
        self.assert_exact(self.solve(case(BOX + "\nrefine = 1"), 2))

    def test_layers_of_gmsh_are_read_with_their_sets_on_one_and_three_ranks(self):
        (self.folder / "layers.geo").write_text(GEO)
        for ranks in (1, 3):
            self.assert_exact(self.solve(case('file = "layers.geo"', plugin="gmsh"), ranks))

    def test_a_vtk_file_is_read_with_wedges_either_way_round(self):
        (self.folder / "two.vtk").write_text(VTK)
        text = case('file = "two.vtk"\nrefine = 1', plugin="vtk")
        for name, number in SETS_OF_VTK.items():
            text = text.replace(f'"{name}"', f'"{number}"')
        self.assert_exact(self.solve(text, 2))

    def test_an_exodus_file_is_read(self):
        solids = "\n".join(VTK.splitlines()[:6] + ["CELLS 2 14", "6 0 1 2 4 5 6", "6 0 2 3 4 6 7", "CELL_TYPES 2", "13 13", ""])
        (self.folder / "two.vtk").write_text(solids)
        (self.folder / "convert.py").write_text(EXODUS)
        self.assert_exit(ansatz_test.pvpython(self.folder / "convert.py", self.folder / "two.vtk", self.folder / "two.e"), 0)
        text = case('file = "two.e"\nrefine = 1', plugin="vtk")
        first, last = text.index("boundary = ["), text.index("[solver]")
        text = text[:first] + f'boundary = [{{ on = "all", temperature = "{U}" }}]\n' + text[last:]
        text = "\n".join(line for line in text.splitlines() if not line.startswith(("flux_right", "reaction_front")))
        result = self.solve(text, 2)
        self.assert_value(result, "volume", 1.0, absolute=1e-12)
        self.assert_value(result, "surface", 7.0, absolute=1e-12)
        self.assert_value(result, "error", 0.0, absolute=1e-9)

    def test_what_cannot_be_meant_is_refused(self):
        refused = BOX.replace('"prism"', '"prism", pattern = "crossed"')
        self.assert_error(ansatz_test.run(self.write_case(case(refused)), cwd=self.folder), 2, "pattern", "for triangles only")
        flat = 'box = { size = [1.0, 2.0], cells = [3, 4], cell = "prism" }'
        self.assert_error(ansatz_test.run(self.write_case(case(flat)), cwd=self.folder), 2, 'cell "prism" is for 3-D')
        (self.folder / "mixed.vtk").write_text(VTK.replace("6 0 3 2 4 7 6", "4 0 3 2 4").replace("CELLS 10 50", "CELLS 10 48").replace("13 13", "13 10"))
        process = ansatz_test.run(self.write_case(case('file = "mixed.vtk"', plugin="vtk")), cwd=self.folder)
        self.assert_error(process, 4, "mixes cells of types vtkWedge and vtkTetra", "cells of one type")

    def test_fields_on_prisms_are_read_back_from_every_layout_onto_other_cells(self):
        files = {"series": "fields.hdf.series", "single": "fields.xdmf", "vtu": "fields.pvd"}
        for layout, file in files.items():
            for order in (1, 2):
                plugin = "vtk" if layout == "vtu" else ""
                text = case(BOX, order, plugin) + f'layout = "{layout}"\n'
                if order == 1:  # a linear field is exact in the space of order 1
                    text = text.replace(" + x^2 + x*y - z^2", "").replace("2 + 2*x + y", "2").replace("x - 1", "-1").replace("3 - 2*z", "3")
                written = self.solve(text, 2)
                exact = "1 + 2*x - y + 3*z" + (" + x^2 + x*y - z^2" if order == 2 else "")
                for cell in ("prism", "hexahedron", "tetrahedron"):
                    reader = f"""
plugins = ["diffusion"{', "vtk"' if plugin else ""}]
[mesh]
{BOX.replace("prism", cell).replace("[3, 4, 2]", "[2, 5, 3]")}
[data.heat]
file = "{written.folder / file}"
field = "temperature"
[physics.diffusion]
conductivity = 1.0
boundary = [{{ on = "all", temperature = "heat" }}]
[solver]
order = 2
[quantities]
error = {{ norm = "heat - ({exact})" }}
[output]
fields = []
"""
                    with self.subTest(f"{layout}, order {order}, onto {cell}"):
                        self.assert_value(self.solve(reader, 2), "error", 0.0, absolute=1e-11)

    def test_a_reduced_basis_with_a_boundary_function_that_does_not_separate_is_within_its_error(self):
        text = f"""
plugins = ["diffusion"]
[mesh]
{BOX}
[parameters]
m = {{ range = [0.2, 0.8], default = 0.35 }}
[physics.diffusion]
conductivity = 1.0
boundary = [
  {{ on = "all", transfer_coefficient = 1.0, ambient = "exp(-4 * (x - m)^2 + z * m)" }},
]
[quantities]
mean = {{ mean = "temperature" }}
"""
        full = self.solve(text, 2).value("mean")
        reduced = self.solve(text, 2, "--set", "solver.type=reduced_basis", "--set", "reduced.training={ grid = 7 }").value("mean")
        self.assertLess(abs(reduced - full), 1e-5 * abs(full))
        self.assertGreater(abs(full), 0.1)


if __name__ == "__main__":
    ansatz_test.main()
