"""Fields of other runs and programs are taken by position; blocks of coefficients follow the cells."""
# ranks: 1

import ansatz_test
import h5py
import numpy

SOURCE = """
plugins = ["diffusion", "vtk"]
[mesh]
box = { size = [1.0, 1.0], cells = [4, 4], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 1.0
source = -2.0
boundary = [{ on = "all", temperature = "x^2 + y" }]
[solver]
order = 2
"""

USER = """
plugins = ["diffusion", "vtk"]
[mesh]
box = { size = [1.0, 1.0], cells = [5, 3], cell = "triangle", pattern = "crossed" }
map = ["x^2", "y"]
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = 0.0 }]
[solver]
order = 2
"""

POINTS = "0 0 0  1 0 0  1 1 0  0 1 0  0.5 0.5 0"
TRIANGLES = "0 1 4  1 2 4  2 3 4  3 0 4"
VALUES = "0 1 3 2 1.5"  # x + 2 y at the points

VTU = f"""<?xml version="1.0"?>
<VTKFile type="UnstructuredGrid" version="0.1" byte_order="LittleEndian"><UnstructuredGrid>
<Piece NumberOfPoints="5" NumberOfCells="4">
<PointData><DataArray type="Float64" Name="u" format="ascii">{VALUES}</DataArray></PointData>
<Points><DataArray type="Float32" NumberOfComponents="3" format="ascii">{POINTS}</DataArray></Points>
<Cells><DataArray type="Int64" Name="connectivity" format="ascii">{TRIANGLES}</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">3 6 9 12</DataArray>
<DataArray type="UInt8" Name="types" format="ascii">5 5 5 5</DataArray></Cells>
</Piece></UnstructuredGrid></VTKFile>
"""

XDMF = f"""<?xml version="1.0"?>
<!DOCTYPE Xdmf SYSTEM "Xdmf.dtd" []>
<Xdmf Version="3.0"><Domain><Grid Name="mesh" GridType="Uniform">
<Topology TopologyType="Triangle" NumberOfElements="4"><DataItem Format="XML" Dimensions="4 3">{TRIANGLES}</DataItem></Topology>
<Geometry GeometryType="XYZ"><DataItem Format="XML" Dimensions="5 3">{POINTS}</DataItem></Geometry>
<Attribute Name="u" AttributeType="Scalar" Center="Node"><DataItem Format="XML" Dimensions="5 1">{VALUES}</DataItem></Attribute>
</Grid></Domain></Xdmf>
"""

# As FEniCS writes a function in time: the mesh once, then grids that include it by its name.
SERIES = """<?xml version="1.0"?>
<Xdmf Version="3.0" xmlns:xi="http://www.w3.org/2001/XInclude"><Domain>
<Grid Name="mesh" GridType="Uniform">
<Topology TopologyType="Triangle" NumberOfElements="4" NodesPerElement="3"><DataItem Dimensions="4 3" NumberType="Int" Format="HDF">u.h5:/Mesh/topology</DataItem></Topology>
<Geometry GeometryType="XY"><DataItem Dimensions="5 2" Format="HDF">u.h5:/Mesh/geometry</DataItem></Geometry>
</Grid>
<Grid Name="u" GridType="Collection" CollectionType="Temporal">
<Grid Name="u" GridType="Uniform"><xi:include xpointer="xpointer(/Xdmf/Domain/Grid[@GridType='Uniform'][@Name='mesh']/*[self::Topology or self::Geometry])"/>
<Time Value="0"/><Attribute Name="u" AttributeType="Scalar" Center="Node"><DataItem Dimensions="5 1" Format="HDF">u.h5:/Function/u/0</DataItem></Attribute></Grid>
<Grid Name="u" GridType="Uniform"><xi:include xpointer="xpointer(/Xdmf/Domain/Grid[@GridType='Uniform'][@Name='mesh']/*[self::Topology or self::Geometry])"/>
<Time Value="0.5"/><Attribute Name="u" AttributeType="Scalar" Center="Node"><DataItem Dimensions="5 1" Format="HDF">u.h5:/Function/u/1</DataItem></Attribute></Grid>
</Grid></Domain></Xdmf>
"""


def data(name, file, field="temperature", more=""):
    return f'[data.{name}]\nfile = "{file}"\nfield = "{field}"\n{more}\n'


class DataOfOtherRuns(ansatz_test.TestCase):
    def use(self, text, ranks=1, *arguments):
        return ansatz_test.run(self.write_case(text, "user.toml"), ranks, *arguments, out=self.folder / "user", cwd=self.folder)

    def source(self, layout="series"):
        out = self.folder / layout
        self.assert_exit(ansatz_test.run(self.write_case(SOURCE, "source.toml"), 2, "--set", f"output.layout={layout}", out=out, cwd=self.folder), 0)
        return out

    def assert_zero(self, *names):
        quantities = ansatz_test.read_summary(self.folder / "user")["quantities"]
        for name in names:
            self.assertLess(abs(quantities[name]["value"]), 1e-12, name)

    def test_fields_in_all_layouts_are_interpolated_onto_another_mapped_mesh(self):
        files = {"a": self.source() / "fields.hdf.series", "b": self.source("single") / "fields.vtkhdf",
                 "c": self.folder / "single/fields.xdmf", "d": self.source("vtu") / "fields.pvd"}
        text = USER + "".join(data(*entry) for entry in files.items()) + "[quantities]\n"
        text += "".join(f'{name} = {{ norm = "{name} - x^2 - y" }}\n' for name in files)
        for ranks in (1, 3):
            # The map moves nodes off the squares' lattice; the interpolant of second order is exact at nodes, and x^2 + y on each
            # triangle is of second order.
            self.assert_exit(self.use(text, ranks), 0)
            self.assert_zero(*files)

    def test_a_mesh_that_is_larger_or_elsewhere_is_refused_with_the_first_point_outside(self):
        text = USER + data("heat", self.source() / "fields.hdf.series")
        outside = "lie outside of the mesh in the file; the first is "
        for ranks, change, first in ((1, "mesh.box.size=[1.2,1.0]", "(1.044, 0.0833333333)"), (2, "mesh.box.origin=[5.0,5.0]", "(25, 5)")):
            self.assert_error(self.use(text, ranks, "--set", change), 4, outside + first, "the file's mesh lies between (0, 0) and (1, 1)")

    def test_point_data_of_other_programs(self):
        (self.folder / "u.vtu").write_text(VTU)
        (self.folder / "u.xdmf").write_text(XDMF)
        (self.folder / "series.xdmf").write_text(SERIES)
        with h5py.File(self.folder / "u.h5", "w") as file:
            file["Mesh/topology"] = numpy.fromstring(TRIANGLES, int, sep=" ").reshape(4, 3)
            file["Mesh/geometry"] = numpy.fromstring(POINTS, sep=" ").reshape(5, 3)[:, :2]
            for step in (0, 1):
                file[f"Function/u/{step}"] = (1 + step) * numpy.fromstring(VALUES, sep=" ").reshape(5, 1)
        text = USER + data("a", "u.vtu", "u") + data("b", "u.xdmf", "u") + data("c", "series.xdmf", "u", "time = 0.0")
        text += data("d", "series.xdmf", "u") + """[quantities]
a = { norm = "a - x - 2*y" }
b = { norm = "b - x - 2*y" }
c = { norm = "c - x - 2*y" }
d = { norm = "d - 2*x - 4*y" }
"""
        self.assert_exit(self.use(text, 2), 0)
        self.assert_zero("a", "b", "c", "d")
        for change, words in (("data.a.field=v", 'there is no point field "v"'), ("data.c.time=0.3", "there is no step at time 0.3"),
                              ('plugins=["diffusion"]', 'no loaded plugin reads point data of files ".vtu"')):
            process = self.use(text, 1, "--set", change)
            self.assertNotEqual(process.returncode, 0)
            self.assertIn(words, process.stderr)

    def test_xdmf_that_cannot_be_read_is_refused_in_words(self):
        text = USER + data("u", "u.xdmf", "u")
        changes = {'TopologyType="Triangle"': ('TopologyType="Mixed"', 'topologies of type "Mixed" cannot be read'),
                   'Format="XML" Dimensions="5 1"': ('Format="Binary" Dimensions="5 1"', 'format "Binary" cannot be read'),
                   "2 3 4  3 0 4": ("2 3 4  3 0 9", "a cell uses a point that does not exist"),
                   "</Domain>": ("", "is not well-formed XML"),
                   "0 1 3 2 1.5": ("0 1 3", "has 3 numbers instead of 5")}
        for before, (after, words) in changes.items():
            self.assertIn(before, XDMF)
            (self.folder / "u.xdmf").write_text(XDMF.replace(before, after))
            self.assert_error(self.use(text), 4, words)

    def test_a_pressure_of_lower_order_starts_from_a_field_of_another_mesh(self):
        flow = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "triangle" }
[physics.navier_stokes]
viscosity = 1.0
boundary = [{ on = "left", velocity = [0.0, 0.0] }]
[initial]
pressure = "p"
[solver]
order = 2
[time]
method = "backward_euler"
end = 1e-3
step = 1e-3
[quantities]
start = { point = "pressure", at = [0.25, 0.5] }
"""
        process = self.use(flow + data("p", self.source() / "fields.hdf.series"))
        self.assert_exit(process, 0)
        first = (self.folder / "user/quantities.csv").read_text().splitlines()[1]
        # The pressure is taken, and then made consistent with a fluid at rest.
        self.assertIn("pressure at t = 0 s is made consistent", process.stdout)
        self.assertAlmostEqual(float(first.split(",")[1]), 0.0, delta=1e-12)

    def test_a_model_of_other_values_in_the_same_file_is_refused(self):
        text = USER.replace("order = 2", 'type = "reduced_basis"').replace("conductivity = 1.0", 'conductivity = "k"\nsource = "heat"')
        text += data("heat", self.source() / "fields.hdf.series") + """
[parameters]
k = { range = [1.0, 2.0], default = 1.5 }
[reduced]
training = { grid = 3 }
"""
        self.assert_exit(self.use(text), 0)
        self.assert_exit(self.use(text, 2), 0)  # by the model
        out = self.folder / "series"
        self.assert_exit(ansatz_test.run(self.write_case(SOURCE.replace("x^2 + y", "x^2 + 2*y"), "source.toml"), 1, out=out, cwd=self.folder), 0)
        process = self.use(text)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("the model belongs to another problem", process.stderr)
        self.assertIn("data heat with the checksum", process.stderr)

    def test_a_mesh_that_parameters_move_is_refused_in_a_sweep(self):
        text = USER.replace('"x^2", "y"', '"a*x", "y"') + data("heat", self.source() / "fields.hdf.series") + """
[parameters]
a = { range = [0.5, 1.0], default = 1.0 }
[study]
type = "sweep"
points = { grid = 2 }
[quantities]
mean = { mean = "heat" }
"""
        self.assert_error(self.use(text), 2, "fields of [data] stay at their nodes, so parameters cannot move the mesh")


class Blocks(ansatz_test.TestCase):
    CASE = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [5], cell = "interval" }
[physics.diffusion]
conductivity = { by_block = [2], values = [1.0, 3.0] }
boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = 1.0 }]
[quantities]
flux = { integral = "flux_x", on = "right" }
"""

    def test_cells_across_a_border_are_refused_with_the_next_counts_that_fit(self):
        case = self.write_case(self.CASE)
        process = ansatz_test.run(case, 2, out=self.folder / "five", cwd=self.folder)
        self.assert_error(process, 4, "cut 1 of 5 cells: cell 2 around (0.5) by x = 0.5", "the next counts that fit: 4 or 6 cells along x")
        for cells in (4, 6):
            result = self.run_case(case, 1, "--set", f"mesh.box.cells=[{cells}]")
            self.assert_value(result, "flux", -1.5, relative=1e-12)


if __name__ == "__main__":
    ansatz_test.main()
