#!/usr/bin/python3
"""Includes point one way: each engine folder uses only those before it, plugins and the SDK never see the engine."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

LAYERS = ["base", "mesh", "linear", "fem", "time", "reduced", "certify", "io", "plugin", "study", "app"]
INCLUDE = re.compile(r'^\s*#include\s+["<](engine/(\w+)/[^">]+)[">]', re.MULTILINE)


def sources(folder):
    return [path for path in (ansatz_test.SOURCE / folder).rglob("*") if path.suffix in (".hpp", ".cpp")]


class Layers(ansatz_test.TestCase):
    def test_an_engine_folder_includes_only_itself_and_those_before_it(self):
        wrong = []
        for layer in LAYERS:
            for path in sources(f"engine/{layer}"):
                for header, used in INCLUDE.findall(path.read_text()):
                    if LAYERS.index(used) > LAYERS.index(layer):
                        wrong.append(f"{path.relative_to(ansatz_test.SOURCE)} includes {header}")
        self.assertEqual(wrong, [])

    def test_every_engine_folder_with_sources_has_its_place_in_the_list(self):
        folders = {path.parent.name for path in sources("engine")}
        self.assertLessEqual(folders, set(LAYERS))

    def test_plugins_and_the_sdk_do_not_include_the_engine(self):
        wrong = [str(path) for folder in ("plugins", "sdk") for path in sources(folder)
                 if "tests" not in path.parts and INCLUDE.search(path.read_text())]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    ansatz_test.main()
