#!/usr/bin/python3
# timeout: 120
"""The compiler checks the table of cell types: each mistake in it is an error of its own."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

SDK = ansatz_test.SOURCE / "sdk"
HEADER = "include/ansatz/sdk/cell_types.hpp"

# A mistake: what is replaced (its first occurrence behind a mark) by what, and what the compiler says of it.
MISTAKES = {
    "an enumerator without a row": ("enum class CellType", "interval, ", "interval, ", "CellType has an enumerator without a row"),
    "rows in another order": (".type = CellType::quadrilateral", "CellType::quadrilateral", "CellType::hexahedron", "in the order of the enumerators"),
    "a number of VTK that is missing": ('.name = "prism"', "{32, ", "{0, ", "lacks a name or a number"),
    "a number of VTK that another type has": ('.name = "prism"', "{13, ", "{12, ", "stands for two types of cells"),
    "a vertex that is none of the factors'": ('.name = "prism"', "{0, 1, 1}}", "{0, 1, .5}}", "not those of its factors"),
    "a facet with a vertex out of range": ('.name = "prism"', "{0, 2, 1}", "{0, 6, 1}", "that the cell does not have, or one twice"),
    "a facet of vertices that are no polygon": ('.name = "prism"', "{0, 1, 4, 3}", "{0, 1, 3, 4}", "do not bound a cell"),
    "a facet that looks inwards": ('.name = "prism"', "{0, 2, 1}", "{0, 1, 2}", "not outward oriented"),
    "edges in another order than VTK's": ('.name = "prism"', "{0, 1}, {1, 2}, {2, 0}", "{1, 2}, {0, 1}, {2, 0}", "not in VTK's order"),
    "sides of Exodus twice": ('.name = "prism"', ".sides = {2, 3, 4, 0, 1}", ".sides = {2, 3, 4, 0, 0}", "do not fit the cell"),
    "layouts of Exodus of one size": ('.name = "prism"', '"", "c", "e"', '"", "c", "c"', "do not fit the cell"),
    "a box that is not filled": ('.name = "prism"', ".box = {0, 1, 3, 4, 5, 7, ", ".box = {0, 1, 3, 4, 5, 7, 0, 1, 3, 4, 5, 7, ", "do not fill a box"),
    "cells of a box that lie upside down": ('.name = "prism"', ".box = {0, 1, 3, 4, 5, 7", ".box = {0, 3, 1, 4, 7, 5", "do not fill a box"),
}


class CellTable(ansatz_test.TestCase):
    def compile(self, text):
        """What the compiler says of the table's checks with this header."""
        header = self.folder / HEADER
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(text)
        return ansatz_test.execute([os.environ.get("CXX", "c++"), "-std=c++20", "-fsyntax-only", "-I", self.folder / "include",
                                    "-I", SDK / "include", SDK / "src/cell_types.cpp"])

    def test_the_table_as_it_is_passes(self):
        self.assert_exit(self.compile((SDK / HEADER).read_text()), 0)

    def test_each_mistake_is_told(self):
        text = (SDK / HEADER).read_text()
        for mistake, (mark, old, new, message) in MISTAKES.items():
            with self.subTest(mistake):
                at = text.index(old, text.index(mark))
                wrong = text[:at] + new + text[at + len(old):]
                if mistake == "an enumerator without a row":
                    wrong = re.sub(r"(enum class CellType : int \{[^}]*) \}", r"\1, pyramid }", text)
                self.assertIn(message, self.compile(wrong).stderr)


if __name__ == "__main__":
    ansatz_test.main()
