#!/usr/bin/python3
# timeout: 120
# ranks: 2
"""Meshes as people have them: what a file allows is read, the rest is refused or said."""

import ansatz_test

CASE = """
plugins = ["diffusion", "{plugin}"]
[mesh]
file = "{file}"
[physics.diffusion]
conductivity = 1.0
boundary = [{{ on = "{on}", temperature = "{value}" }}]
[solver]
order = {order}
[quantities]
volume = {{ integral = "1" }}
mean = {{ mean = "temperature" }}
boundary = {{ integral = "1", on = "all" }}
error = {{ maximum = "abs(temperature - ({value}))" }}
[output]
fields = []
"""

SQUARE = """$MeshFormat
2.2 0 8
$EndMeshFormat
$Nodes
5
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
9 5 5 0
$EndNodes
$Elements
6
1 15 2 1 1 9
2 15 2 2 1 4
3 15 2 2 2 1
4 1 2 2 2 2 3
5 2 2 1 1 1 2 3
6 2 2 1 1 1 3 4
$EndElements
"""

BOWTIE = """Point(1)={0,0,0,0.3}; Point(2)={1,1,0,0.3}; Point(3)={1,0,0,0.3}; Point(4)={0,1,0,0.3};
Line(1)={1,2}; Line(2)={2,3}; Line(3)={3,4}; Line(4)={4,1};
Curve Loop(1)={1,2,3,4}; Plane Surface(1)={1}; Physical Surface("body")={1};
"""


def vtk(points, cells, types):
    rows = [f"{len(cell.split())} {cell}" for cell in cells]
    return "\n".join(["# vtk DataFile Version 3.0", "test", "ASCII", "DATASET UNSTRUCTURED_GRID",
                      f"POINTS {len(points.split()) // 3} double", points,
                      f"CELLS {len(rows)} {sum(len(row.split()) for row in rows)}", *rows, f"CELL_TYPES {len(types)}",
                      *map(str, types), ""])


# A big square beside two small ones: the node in the middle of its side hangs.
HANGING = vtk("0 0 0 1 0 0 1 1 0 0 1 0 1 0.5 0 2 0 0 2 0.5 0 2 1 0", ["0 1 2 3", "1 5 6 4", "4 6 7 2"], [9, 9, 9])
WEDGE = vtk("0 0 0 1 0 0 0 1 0 0 0 1 1 0 1 0 1 1", ["0 1 2 2 3 4 5 5"], [12])
# The side from (1, 0) to (0, 1) bulges by 0.1 in x and y: the area grows by 2/3 of 0.1 times the doubled length of a side.
CURVED = vtk("0 0 0 1 0 0 0 1 0 0.5 0 0 0.6 0.6 0 0 0.5 0", ["0 1 2 3 4 5"], [22])


class Meshes(ansatz_test.TestCase):
    def solve(self, name, text, on="all", value="x", order=1, ranks=1, more=()):
        (self.folder / name).write_text(text)
        plugin = "vtk" if name.lower().endswith("vtk") else "gmsh"
        case = self.write_case(CASE.format(plugin=plugin, file=name, on=on, value=value, order=order))
        return ansatz_test.run(case, ranks, *more, out=self.folder / "out", cwd=self.folder)

    def result(self, process):
        self.assert_exit(process, 0)
        return ansatz_test.CaseResult(process, self.folder / "out")

    def test_what_is_doubtful_in_a_file_is_said_and_what_is_not_used_does_not_matter(self):
        result = self.result(self.solve("A.MSH", SQUARE, value="x + 2*y", ranks=2))
        self.assert_value(result, "volume", 1.0, absolute=1e-12)
        self.assert_value(result, "error", 0.0, absolute=1e-12)
        warnings = [line for line in result.process.stderr.splitlines() if line.startswith("warning: A.MSH")]
        self.assertEqual(len(warnings), 2, result.process.stderr)
        self.assertIn('"group_2_points"', warnings[0])
        self.assertIn('set "group_1"', warnings[1])

    def test_a_set_that_cannot_be_used_is_refused_where_a_case_uses_it(self):
        process = self.solve("a.msh", SQUARE, on="group_1")
        self.assert_error(process, 2, 'case.toml:7:', 'the boundary "group_1" of the mesh file cannot be used: none of its points')

    def test_points_leave_the_nodes_between_them_free_and_this_is_said(self):
        process = self.solve("a.msh", SQUARE, on="group_2_points", value="1.0", order=2)
        self.assertIn('"group_2_points" is a set of points: the nodes of order 2 between them are free', process.stderr)
        self.assert_value(self.result(process), "mean", 1.0, absolute=1e-10)

    def test_hanging_nodes_are_said_on_every_number_of_ranks(self):
        for ranks in (1, 2):
            process = self.solve("a.vtk", HANGING, ranks=ranks)
            self.assert_exit(process, 0)
            self.assertIn("warning: a.vtk: 3 facets on the outside of the mesh lie on each other, the first around (1, 0.5) at cell 0",
                          process.stderr)

    def test_a_collapsed_hexahedron_is_right_at_order_1_and_refused_at_order_2(self):
        result = self.result(self.solve("a.vtk", WEDGE, value="x + 2*y + 3*z"))
        self.assert_value(result, "volume", 0.5, absolute=1e-12)
        self.assert_value(result, "boundary", 3 + 2**0.5, absolute=1e-12)
        self.assert_value(result, "error", 0.0, absolute=1e-12)
        self.assert_error(self.solve("a.vtk", WEDGE, order=2), 4, "1 of the mesh's 1 hexahedron cells are collapsed")

    def test_curved_cells_with_unknowns_of_order_1_are_said_and_can_be_made_straight(self):
        process = self.solve("a.vtk", CURVED)
        self.assertIn("1 of 1 cells are curved in the file: unknowns of order 1 do not follow", process.stderr)
        self.assert_value(self.result(process), "volume", 0.5 + 2 / 3 * 0.2, absolute=1e-12)
        process = self.solve("a.vtk", CURVED, more=["--set", "mesh.geometry_degree=1"])
        self.assertIn("1 of 1 cells are curved in the file and straight here", process.stderr)
        self.assert_value(self.result(process), "volume", 0.5, absolute=1e-12)
        self.assertNotIn("warning", self.solve("a.vtk", CURVED, order=2).stderr)

    def test_what_gmsh_cannot_mesh_is_an_error_with_its_words(self):
        self.assert_error(self.solve("bowtie.geo", BOWTIE), 4, "bowtie.geo", "Gmsh failed while meshing: Error")


if __name__ == "__main__":
    ansatz_test.main()
