#!/usr/bin/python3
# ranks: 1
# timeout: 200
"""Sections of a case do what they say: data from files, tables, constants, periodic sides, time, options of PETSc."""

import csv
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

LINEAR = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 5], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = "x + 2*y" }]
[solver]
order = 2
[quantities]
mean = { mean = "temperature" }
"""


class Sections(ansatz_test.TestCase):
    def run_text(self, text, ranks, name="case.toml", *arguments):
        return self.run_case(self.write_case(text, name), ranks, *arguments)

    def test_a_field_of_another_run_serves_as_boundary_value_initial_value_and_source(self):
        first = self.run_text(LINEAR, 3)
        data = f'[data.T0]\nfile = "{first.folder}/fields.hdf.series"\nfield = "temperature"\n'
        text = LINEAR.replace('"x + 2*y" }]', '"T0" }]\nsource = "T0 - x - 2*y"') + data
        text += '[initial]\ntemperature = "T0"\n[time]\nmethod = "backward_euler"\nend = 1.0\nstep = 0.5\n'
        second = self.run_text(text, 2, "second.toml")
        # The data are the steady solution, so nothing changes: the mean of x + 2 y.
        self.assert_value(second, "mean", 1.5, relative=1e-9)
        with open(second.folder / "quantities.csv") as file:
            rows = list(csv.reader(file))
        self.assertEqual([float(row[0]) for row in rows[1:]], [0.0, 0.5, 1.0])
        for row in rows[1:]:
            self.assertAlmostEqual(float(row[1]), 1.5, delta=1e-9)

    def test_tables_and_constants_are_used_in_expressions(self):
        text = LINEAR.replace('"x + 2*y"', '"shape(x) * height"') + "[constants]\nheight = 3.0\n[tables.shape]\nx = [0.0, 1.0]\ny = [1.0, 2.0]\n"
        # 3 (1 + x) is harmonic: its mean is 4.5.
        self.assert_value(self.run_text(text, 2), "mean", 4.5, relative=1e-9)

    def test_a_value_outside_of_a_table_is_an_error(self):
        text = LINEAR.replace('"x + 2*y"', '"shape(x)"') + "[tables.shape]\nx = [0.0, 0.5]\ny = [1.0, 2.0]\n"
        process = ansatz_test.run(self.write_case(text), 2, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 5, "prescribed value", "all")

    def test_a_periodic_box_has_the_periodic_solution(self):
        # -u'' = (2 pi)^2 sin(2 pi x) in x, periodic in x, u = sin(2 pi x) on the other sides.
        text = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 0.5], cells = [N, 12], cell = "quadrilateral", periodic = [true, false] }
[physics.diffusion]
conductivity = 1.0
source = "(2*pi)^2 * sin(2*pi*x)"
boundary = [{ on = ["bottom", "top"], temperature = "sin(2*pi*x)" }]
[solver]
order = 2
[quantities]
error = { norm = "temperature - sin(2*pi*x)" }
seam = { point = "temperature", at = [1.0, 0.25] }
"""
        for ranks in (1, 3):
            coarse, fine = (self.run_text(text.replace("N,", f"{n},"), ranks) for n in (24, 48))
            self.assertAlmostEqual(math.log2(coarse.value("error") / fine.value("error")), 3.0, delta=0.1)
            self.assertLess(abs(fine.value("seam")), 1e-5)

    def test_transient_runs_reach_the_order_of_their_method(self):
        # u = exp(-t) x (1 - x) lies in the quadratic space: the error is that of the time integration alone.
        text = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = 0.1
source = "exp(-t) * (0.2 - x*(1 - x))"
boundary = [{ on = "all", temperature = 0.0 }]
[initial]
temperature = "x*(1 - x)"
[time]
method = "METHOD"
end = 1.0
step = STEP
[solver]
order = 2
[quantities]
error = { norm = "temperature - exp(-t)*x*(1 - x)" }
"""
        for method, order in (("backward_euler", 1.0), ("crank_nicolson", 2.0), ("bdf2", 2.0)):
            errors = [self.run_text(text.replace("METHOD", method).replace("STEP", str(step)), 1).value("error")
                      for step in (0.05, 0.025)]
            self.assertAlmostEqual(math.log2(errors[0] / errors[1]), order, delta=0.1, msg=method)

    def test_reactions_balance_the_source(self):
        text = LINEAR.replace('"x + 2*y"', "0.0").replace("conductivity = 1.0", "conductivity = 1.0\nsource = 2.0")
        text += 'out = { reaction = "temperature", on = "all" }\n'
        # All heat produced, 2 W over the unit square, leaves through the boundary.
        self.assert_value(self.run_text(text, 2), "out", -2.0, relative=1e-9)

    def test_boundary_coefficients_know_the_outward_normal(self):
        # x^2 + 3 y + z lies in the space of order 2 on any mesh of straight cells, also where the sides of the box are bent or tilted.
        flat = (("[1.0, 1.0]", "[5, 4]", "triangle", '["(1 + x)*cos(y)", "(1 + x)*sin(y)"]', "x^2 + 3*y",
                 "2*x*normal_x + 3*normal_y", 3),
                ("[1.0, 1.0, 1.0]", "[2, 2, 2]", "tetrahedron", '["x + 0.3*y", "y - 0.2*z", "z + 0.4*x*y"]', "x^2 + 3*y + z",
                 "2*x*normal_x + 3*normal_y + normal_z", 1))
        for size, cells, cell, moved, exact, flux, ranks in flat:
            with self.subTest(cell):
                run = self.run_text(f'''
plugins = ["diffusion"]
[mesh]
box = {{ size = {size}, cells = {cells}, cell = "{cell}" }}
map = {moved}
[physics.diffusion]
conductivity = 1.0
source = -2.0
boundary = [{{ on = "left", temperature = "{exact}" }},
            {{ on = {["right", "top", "bottom"] + (["front", "back"] if "z" in flux else [])}, heat_flux = "{flux}" }}]
[solver]
order = 2
[linear]
relative_tolerance = 1e-13
[quantities]
error = {{ norm = "temperature - ({exact})" }}
'''.replace("'", '"'), ranks)
                self.assertLess(run.value("error"), 1e-10)

    def test_a_load_along_the_normal_of_curved_cells_is_a_pressure(self):
        # A quarter of a disc of radius 2 under the pressure 3 in plane stress: u = -p (1 - nu) / E (x, y), in any order of cells.
        (self.folder / "disc.geo").write_text(
            "Point(1) = {0, 0, 0}; Point(2) = {2, 0, 0}; Point(3) = {0, 2, 0};\nLine(1) = {1, 2}; Circle(2) = {2, 1, 3}; Line(3) = {3, 1};\n"
            "Curve Loop(1) = {1, 2, 3}; Plane Surface(1) = {1};\nPhysical Curve(\"bottom\") = {1}; Physical Curve(\"arc\") = {2};\n"
            'Physical Curve("left") = {3}; Physical Surface("disc") = {1};\nMesh.MeshSizeMax = 0.8;\nMesh.ElementOrder = 2;\n')
        text = '''
plugins = ["elasticity", "gmsh"]
[mesh]
file = "disc.geo"
[physics.elasticity]
model = "plane_stress"
youngs_modulus = 10.0
poisson_ratio = 0.25
boundary = [{ on = "bottom", displacement_y = 0.0 }, { on = "left", displacement_x = 0.0 },
            { on = "arc", traction = ["-3*normal_x", "-3*normal_y"] }]
[solver]
order = 2
quadrature_degree = 10
[linear]
relative_tolerance = 1e-13
[quantities]
error = { norm = "displacement_x + 0.225*x" }
top = { point = "displacement_y", at = [0.0, 2.0] }
'''
        for ranks in (1, 2):
            run = self.run_text(text, ranks)
            self.assertLess(run.value("error"), 1e-10)
            self.assert_value(run, "top", -0.45, relative=1e-10)

    def test_normals_are_refused_where_there_are_none_or_two(self):
        for change, text in (((("conductivity = 1.0", 'conductivity = "1 + normal_x^2"')), "names the normal, which only facets have"),
                             (('temperature = "x + 2*y"', 'temperature = "normal_y"'), "names the normal, which only facets have")):
            process = ansatz_test.ansatz("check", self.write_case(LINEAR.replace(*change)))
            self.assert_error(process, 2, text, "case.toml:", "boundary coefficients may use it")

    def test_two_cases_in_one_folder_or_of_one_name_keep_their_results(self):
        folders = [self.folder / name for name in ("one/heat", "two/heat")]
        for folder in folders:
            folder.mkdir(parents=True)
        a = self.write_case(LINEAR, "one/heat/hot.toml")
        b = self.write_case(LINEAR.replace("x + 2*y", "x"), "one/heat/cold.toml")
        for case in (a, b, self.write_case(LINEAR, "one/heat/case.toml")):
            self.assert_exit(ansatz_test.run(case, cwd=self.folder), 0)
        self.assertEqual(sorted(path.name for path in (self.folder / "runs").iterdir()), ["heat", "heat-cold", "heat-hot"])
        # Of another folder with that name: nothing is overwritten.
        other = self.write_case(LINEAR, "two/heat/case.toml")
        refused = ansatz_test.run(other, cwd=self.folder)
        self.assert_error(refused, 2, f"runs/heat holds the results of another case, {self.folder}/one/heat/case.toml", "--out")
        self.assert_exit(ansatz_test.run(other, cwd=self.folder, out=self.folder / "runs/two"), 0)
        (self.folder / "one/heat/case.toml").unlink()  # as after it was moved
        self.assert_exit(ansatz_test.run(other, cwd=self.folder), 0)

    def test_an_unread_option_of_petsc_is_an_error(self):
        text = LINEAR + '[linear]\npetsc = "-ksp_typo 1"\n'
        process = ansatz_test.run(self.write_case(text), 1, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 5, "ksp_typo")


if __name__ == "__main__":
    ansatz_test.main()
