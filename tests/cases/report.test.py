#!/usr/bin/python3
# ranks: 2
"""The page that each run leaves: in one file, without scripts, with the texts of a case as they are and pictures of its fields."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import html_report

HOSTILE = r'''
title = "<script>alert(1)</script> & \"more\""
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "CELL" }
[physics.diffusion]
conductivity = 1.0
source = "s"
boundary = [{ on = "all", temperature = 0.0 }]
[parameters]
s = { range = [0.5, 1.0], default = 1.0, unit = "W/m^3 <b>", doc = "</td><img src=x onerror=alert(2)>" }
[quantities]
m = { mean = "temperature", unit = "K\" <i>" }
EXTRA
'''
TRANSIENT = '''
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0, 0.5], cells = [4, 4, 2], cell = "tetrahedron" }
[physics.diffusion]
conductivity = 1.0
source = "1 + x"
boundary = [{ on = ["left"], temperature = 0.0 }]
[initial]
temperature = "y + z"
[time]
method = "bdf2"
step = 0.05
end = 0.5
[quantities]
mean = { mean = "temperature" }
'''


class Report(ansatz_test.TestCase):
    def page(self, run):
        text = (run.folder / "report.html").read_text(encoding="utf-8")
        page = html_report.Page(text)
        self.assertEqual(page.faults, [])
        self.assertEqual(page.count("script") + page.count("img") + page.count("link") + page.count("iframe"), 0)
        for never in ("http://", "https://", "@import", "nan,", "inf,"):
            self.assertNotIn(never, text)
        self.assertLess(len(text), 2_000_000)
        for tag, attributes in page.elements:
            self.assertFalse([name for name in attributes if name.startswith("on")])
            if tag == "a" and not attributes["href"].startswith("#"):
                self.assertTrue((run.folder / attributes["href"]).exists(), attributes)
        for picture in page.pictures():
            self.assertGreater(html_report.num_colours(picture), 20)
        return page

    def hostile(self, extra="", cell="triangle"):
        return self.write_case(HOSTILE.replace("EXTRA", extra).replace("CELL", cell))

    def test_a_steady_run_shows_its_field_and_the_texts_of_the_case_as_they_are(self):
        run = self.run_case(self.hostile())
        page = self.page(run)
        self.assertEqual(len(page.pictures()), 1)
        for text in ('<script>alert(1)</script> & "more"', "</td><img src=x onerror=alert(2)>", "W/m^3 <b>", 'K" <i>'):
            self.assertIn(text, page.texts)
        self.assertIn(f"{run.value('m'):.10g}", page.texts)

    def test_pictures_are_the_same_on_one_and_two_ranks(self):
        for text in (HOSTILE.replace("EXTRA", "").replace("CELL", "quadrilateral"), TRANSIENT):
            with self.subTest(text.split("cell = ")[1].split()[0]):
                pages = [self.page(self.run_case(self.write_case(text), ranks)) for ranks in (1, 2)]
                one, two = (page.pictures() for page in pages)
                self.assertEqual(len(one), len(two))
                self.assertGreaterEqual(len(one), 1)
                for a, b in zip(one, two):
                    self.assertLess(html_report.differing(a, b), 2e-3)

    def test_a_run_in_time_shows_surfaces_cuts_and_charts_of_four_steps(self):
        page = self.page(self.run_case(self.write_case(TRANSIENT)))
        pictures = [text for text in page.texts if text.startswith("temperature at t = ")]
        times = {text.split("=")[1].strip(" s") for text in pictures}
        self.assertEqual(times, {"0", "0.2", "0.35", "0.5"})
        self.assertIn("mean over time", page.texts)

    def test_a_sweep_shows_its_table_and_the_chart_of_its_quantities(self):
        run = self.run_case(self.hostile('[study]\ntype = "sweep"\npoints = { grid = 3 }'))
        page = self.page(run)
        self.assertGreaterEqual(page.count("polyline"), 1)
        self.assertIn("sweep.csv", page.texts)
        self.assertIn("0.75", page.texts)

    def test_a_run_that_fails_leaves_a_page_that_says_so(self):
        case = self.write_case(HOSTILE.replace("EXTRA", 'bad = { mean = "temperature/0.0" }').replace("CELL", "triangle"))
        out = self.folder / "bad"
        process = ansatz_test.run(case, 1, out=out, cwd=self.folder)
        self.assertEqual(process.returncode, 5, process.stderr)
        self.assertIn("bad", (out / "report.html").read_text())

    def test_no_page_is_written_where_none_is_wanted_and_one_that_cannot_be_written_is_an_error_of_output(self):
        run = self.run_case(self.hostile("[output]\nreport = false"))
        self.assertFalse((run.folder / "report.html").exists())
        self.assertIn("report = false", (run.folder / "effective.toml").read_text())
        out = self.folder / "blocked"
        (out / "report.html" / "in_the_way").mkdir(parents=True)
        process = ansatz_test.run(self.hostile(), 1, out=out, cwd=self.folder)
        self.assertEqual(process.returncode, 8, process.stderr)


if __name__ == "__main__":
    ansatz_test.main()
