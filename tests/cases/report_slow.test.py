#!/usr/bin/python3
# ranks: 1
# labels: slow
"""Reports as people see them, in headless Chromium: plots and pictures are not empty, texts neither clipped nor on each other."""

import html
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import html_report

# In a copy of the page: what does not fit, what covers what, and where the figures stand.
MEASURE = '''<script>
const faults = [], figures = [];
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push("the page is wider than the window");
for (const svg of document.querySelectorAll("svg")) {
  const s = svg.getBoundingClientRect(), seen = [];
  figures.push([s.left, s.top, s.width, s.height]);
  for (const text of svg.querySelectorAll("text")) {
    const r = text.getBoundingClientRect();
    if (r.left < s.left - 1 || r.right > s.right + 1 || r.top < s.top - 1 || r.bottom > s.bottom + 1) faults.push("clipped: " + text.textContent);
    for (const [q, other] of seen) {
      const x = Math.min(r.right, q.right) - Math.max(r.left, q.left), y = Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top);
      if (x > 1 && y > 4) faults.push("on each other: " + text.textContent + " and " + other);
    }
    seen.push([r, text.textContent]);
  }
}
document.body.setAttribute("data-found", JSON.stringify({faults, figures}));
</script>'''


class Seen(ansatz_test.TestCase):
    def chromium(self, page, width, *arguments):
        process = ansatz_test.execute(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             f"--user-data-dir={self.folder / 'profile'}", f"--window-size={width},6000", *arguments, page.as_uri()], timeout=60)
        self.assert_exit(process, 0)
        return process.stdout

    def look(self, run):
        """No faults at two widths; the screenshot has many colours in each figure."""
        page = run.folder / "report.html"
        copy = run.folder / "measured.html"
        copy.write_text(page.read_text(encoding="utf-8").replace("</body>", MEASURE + "</body>"), encoding="utf-8")
        for width in (1200, 500):
            dom = self.chromium(copy, width, "--dump-dom")
            found = json.loads(html.unescape(re.search(r'data-found="([^"]*)"', dom)[1]))
            self.assertEqual(found["faults"], [], f"{page} at {width} pixels")
            self.assertGreaterEqual(len(found["figures"]), 1)
            if width == 1200:
                figures = found["figures"]
        shot = run.folder / "shot.png"
        self.chromium(page, 1200, f"--screenshot={shot}")
        pixels = html_report.decode(shot.read_bytes())
        for left, top, width, height in ([int(x) for x in figure] for figure in figures):
            self.assertLess(top + height, len(pixels))
            self.assertGreater(html_report.num_colours(pixels[top:top + height, left:left + width]), 15, (left, top))

    def test_a_steady_plane_run(self):
        self.look(self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[24,24]", "--set", "solver.type=fem"))

    def test_a_run_in_time_of_a_solid(self):
        from_fast = (pathlib.Path(__file__).parent / "report.test.py").read_text()
        self.look(self.run_case(self.write_case(re.search(r"TRANSIENT = '''(.*?)'''", from_fast, re.S)[1])))

    def test_a_training_of_a_reduced_basis(self):
        self.look(self.run_case("thermal_block", 1, "--set", "mesh.box.cells=[16,16]", "--set", 'solver.type=reduced_basis', "--set",
                                "reduced.training={ grid = 3 }", "--set", f"reduced.model={self.folder / 'model.h5'}", timeout=200))


if __name__ == "__main__":
    ansatz_test.main()
