#!/usr/bin/python3
# ranks: 2
"""What runs write: fields at given times, tables, pictures, and what they print, from cases with hostile texts."""

import csv
import json
import math
import pathlib
import sys
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import h5py

# u' = cos t + 1 in all places: u = sin t + t. The body is insulated.
BODY = """
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
source = "cos(t) + 1"
[initial]
temperature = 0.0
[time]
method = "METHOD"
end = 3.5
STEPS
[quantities]
mean = { mean = "temperature" }
[output]
at = [1.0, 2.0, 3.0]
"""

CONTROLLED = "relative_tolerance = 1e-7\nabsolute_tolerance = 1e-7"

HOSTILE = r'''
title = "T\u001b]0;owned\u0007</text><script>alert(1)</script>\u202e\nfaked = 1"
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "triangle" }
[physics.diffusion]
conductivity = 1.0
source = "s"
boundary = [{ on = "all", temperature = 0.0 }]
[parameters]
s = { range = [0.0, 1.0], default = 1.0, unit = "W/m^3, per \"length\" <b>" }
[quantities]
m = { mean = "temperature", unit = "K, \"mean\"\u001b[2J & <i>" }
nothing = { mean = "-0.0*temperature" }
[study]
type = "STUDY"
points = { grid = 3 }
'''


def controls(text):
    """Characters that command a terminal."""
    return [c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or c == "\u202e"]


class Output(ansatz_test.TestCase):
    def fields(self, folder):
        """{time: [least, greatest value]} of the steps that were written."""
        listing = json.loads((folder / "fields.hdf.series").read_text())["files"]
        found = {}
        for entry in listing:
            with h5py.File(folder / entry["name"]) as file:
                values = file["VTKHDF/PointData/temperature"][:]
            found[entry["time"]] = (values.min(), values.max())
        return found

    def test_fields_are_written_at_given_times_exactly_whatever_the_method(self):
        for method, steps, error in (("bdf", CONTROLLED, 2e-5), ("generalised_alpha", CONTROLLED.replace("1e-7", "1e-5"), 1e-3), ("rodas4", CONTROLLED, 1e-6),
                                     ("dormand_prince54", CONTROLLED, 1e-6), ("crank_nicolson", "step = 0.07", 2e-3),
                                     ("bdf2", "step = 0.125", 1e-2), ("bdf2", "step = 0.03333333333", 1e-3)):
            with self.subTest(method):
                case = self.write_case(BODY.replace("METHOD", method).replace("STEPS", steps))
                run = self.run_case(case, 2 if steps == "step = 0.125" else 1)
                fields = self.fields(run.folder)
                self.assertEqual(list(fields), [0.0, 1.0, 2.0, 3.0, 3.5])
                for time, values in fields.items():
                    for value in values:
                        self.assertAlmostEqual(value, math.sin(time) + time, delta=error)
                with open(run.folder / "quantities.csv", newline="", encoding="utf-8") as file:
                    times = [float(row[0]) for row in list(csv.reader(file))[1:]]
                self.assertTrue({1.0, 2.0, 3.0} <= set(times))
                self.assertLess(len(times), 1000)

    def test_steps_of_one_length_that_an_output_time_would_cut_are_refused_where_the_method_needs_them(self):
        case = self.write_case(BODY.replace("METHOD", "bdf2").replace("STEPS", "step = 0.07"))
        process = ansatz_test.run(case, 1, out=self.folder / "out", cwd=self.folder)
        self.assert_error(process, 2, "needs steps of equal length", "from t = 0 to 1", "output times")

    def test_systems_are_written_at_given_times_besides_each_so_many_steps(self):
        text = ('plugins = ["nbody"]\n[system.pleiades]\n[time]\nmethod = "dormand_prince54"\nend = 1.0\nrelative_tolerance = 1e-8\n'
                "[output]\nevery = 20\nat = [0.3, 0.55]\n")
        run = self.run_case(self.write_case(text))
        with h5py.File(run.folder / "trajectory.h5") as file:
            times = list(file["trajectory/time"][:])
        self.assertTrue({0.0, 0.3, 0.55, 1.0} <= set(times), times)
        self.assertGreater(len(times), 4)
        self.assertLess(len(times), 40)
        process = ansatz_test.ansatz("check", self.write_case(text.replace("[output]", 'events = ["collision"]\n[output]')))
        self.assert_error(process, 2, "case.toml:7:10", "the system pleiades has", "remove it")

    def test_the_first_frame_of_a_flow_has_the_pressure_that_accelerates_it(self):
        # Walls and inflow move with (3 t, 0), and so does the fluid: p = 3 (2 - x), also at t = 0, where it is at rest.
        run = self.run_case(self.write_case('''
plugins = ["navier_stokes"]
[mesh]
box = { size = [2.0, 1.0], cells = [4, 2], cell = "triangle" }
[physics.navier_stokes]
viscosity = 0.5
boundary = [{ on = ["left", "top", "bottom"], velocity = ["3*t", 0.0] }]
[initial]
velocity = [0.0, 0.0]
[solver]
order = 2
[time]
method = "bdf2"
end = 0.5
step = 0.25
'''))
        with h5py.File(run.folder / "fields-000000.hdf") as file:
            self.assertEqual(file["ansatz"].attrs["time"], 0.0)
            x, pressure = file["VTKHDF/Points"][:, 0], file["VTKHDF/PointData/pressure"][:]
        for place, value in zip(x, pressure):
            self.assertAlmostEqual(value, 3.0 * (2.0 - place), delta=1e-8)

    def test_texts_of_a_case_are_quoted_in_tables_escaped_in_pictures_and_harmless_on_terminals(self):
        run = self.run_case(self.write_case(HOSTILE.replace("STUDY", "sweep")))
        self.assertEqual(controls(run.process.stdout), [])
        self.assertIn(r"T\x1b]0;owned\x07</text><script>alert(1)</script>\u202e\x0afaked = 1", run.process.stdout.splitlines()[0])
        with open(run.folder / "sweep.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file, strict=True))
        self.assertEqual(rows[0], ['s [W/m^3, per "length" <b>]', r'm [K, "mean"\x1b[2J & <i>]', "nothing", "heat [J/m]", "seconds [s]"])
        self.assertEqual({len(row) for row in rows}, {5})
        self.assertEqual([float(row[0]) for row in rows[1:]], [0.0, 0.5, 1.0])
        self.assertEqual([row[2] for row in rows[1:]], ["0", "0", "0"])
        pictures = list(run.folder.glob("*.svg"))
        self.assertGreaterEqual(len(pictures), 2)
        for picture in pictures:
            document = xml.dom.minidom.parseString(picture.read_bytes())
            self.assertEqual(document.getElementsByTagName("script") + document.getElementsByTagName("b"), [])
            self.assertIn("</text><script>alert(1)</script>", document.getElementsByTagName("title")[0].firstChild.data)
            self.assertEqual(controls(picture.read_text(encoding="utf-8").replace("\u202e", "")), [])
        info = ansatz_test.ansatz("info", run.folder / "sweep.h5")
        self.assert_exit(info, 0)
        self.assertEqual(controls(info.stdout), [])

        process = ansatz_test.run(self.write_case(HOSTILE.replace("STUDY", "solve")), 1, out=self.folder / "solved", cwd=self.folder)
        self.assert_error(process, 2, "points")  # belongs to sweeps
        self.assertEqual(controls(process.stdout + process.stderr), [])

    def test_zero_has_no_sign_and_units_are_quoted_in_series(self):
        text = BODY.replace("METHOD", "backward_euler").replace("STEPS", "step = 0.5").replace('"cos(t) + 1"', "0.0").replace(
            'temperature = 0.0', 'temperature = "-0.0*x"') + "layout = \"single\"\n"
        text = text.replace('mean = { mean = "temperature" }', 'mean = { mean = "-temperature", unit = "K, mean" }')
        run = self.run_case(self.write_case(text))
        lines = (run.folder / "quantities.csv").read_text().splitlines()
        self.assertEqual(lines[:2], ['time [s],"mean [K, mean]",heat [J/m^2]', "0,0,0"])
        for path in ("quantities.csv", "summary.json", "effective.toml"):
            self.assertNotRegex((run.folder / path).read_text(), r"(?<![\w.])-0(\.0)?(?![\w.*])", path)
        self.assertNotRegex(run.process.stdout, r"(?<![\w.])-0(\.0)?(?![\w.])")
        self.assertIn('<Information Name="Units" Value="K"/>', (run.folder / "fields.xdmf").read_text())


if __name__ == "__main__":
    ansatz_test.main()
