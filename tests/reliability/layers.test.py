#!/usr/bin/python3
"""Includes point one way: each engine folder uses only those before it, plugins and the SDK never see the engine."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

INCLUDE = re.compile(r'^\s*#include\s+["<](engine/[^">]+)[">]', re.MULTILINE)
# The map of the rooms, which says their order, too.
LAYERS = re.findall(r"^\| \[([a-z0-9_/]+)\]", (ansatz_test.SOURCE / "engine/README.md").read_text(), re.MULTILINE)
FULL = 27  # sources of a room, its README not counted


def sources(folder):
    return [path for path in (ansatz_test.SOURCE / folder).rglob("*") if path.suffix in (".hpp", ".cpp")]


def room(path):
    return path.parent.relative_to(ansatz_test.SOURCE / "engine").as_posix()


class Layers(ansatz_test.TestCase):
    def test_a_room_of_the_engine_includes_only_itself_and_those_before_it(self):
        wrong = []
        for path in sources("engine"):
            for header in INCLUDE.findall(path.read_text()):
                if LAYERS.index(room(ansatz_test.SOURCE / header)) > LAYERS.index(room(path)):
                    wrong.append(f"{path.relative_to(ansatz_test.SOURCE)} includes {header}")
        self.assertEqual(wrong, [])

    def test_the_map_of_the_rooms_is_the_tree(self):
        self.assertEqual(sorted(LAYERS), sorted({room(path) for path in sources("engine")}))

    def test_every_room_has_a_readme_that_names_its_headers(self):
        for name in LAYERS:
            folder = ansatz_test.SOURCE / "engine" / name
            text = (folder / "README.md").read_text()
            private = re.compile(r"Private to|Internal to|inside of")
            missing = [path.stem for path in folder.glob("*.hpp")
                       if f"`{path.stem}`" not in text and not private.search(path.read_text()[:400])]
            self.assertEqual(missing, [], name)

    def test_no_room_is_too_full(self):
        counts = {name: len([path for path in sources("engine") if room(path) == name]) for name in LAYERS}
        self.assertEqual({name: count for name, count in counts.items() if count > FULL}, {})

    def test_plugins_and_the_sdk_do_not_include_the_engine(self):
        """Nor do their tests, which so run out of tree."""
        wrong = [str(path) for folder in ("plugins", "sdk") for path in sources(folder) if INCLUDE.search(path.read_text())]
        self.assertEqual(wrong, [])

    def test_the_engine_and_the_sdk_do_not_include_plugins_or_tools(self):
        include = re.compile(r'^\s*#include\s+["<](plugins|tools)/', re.MULTILINE)
        wrong = [str(path) for folder in ("engine", "sdk") for path in sources(folder)
                 if include.search(path.read_text())]
        self.assertEqual(wrong, [])

    def test_a_plugin_includes_only_its_own_folder_and_the_sdk(self):
        """Quoted headers are the plugin's or the SDK's; the SDK's own are all under ansatz/sdk."""
        quoted = re.compile(r'^\s*#include\s+"([^"]+)"', re.MULTILINE)
        wrong = []
        for path in sources("plugins"):
            if "tests" in path.parts:
                continue
            for header in quoted.findall(path.read_text()):
                own = (path.parent / header).is_file()
                if not own and not header.startswith("ansatz/sdk/"):
                    wrong.append(f"{path.relative_to(ansatz_test.SOURCE)} includes {header}")
        self.assertEqual(wrong, [])

    def test_headers_of_the_sdk_include_the_sdk_and_the_standard_library_and_mpi_alone(self):
        include = re.compile(r'^\s*#include\s+["<]([^">]+)[">]', re.MULTILINE)
        outside = {header for path in sources("sdk/include") for header in include.findall(path.read_text())
                   if not header.startswith("ansatz/sdk/") and ("." in header or "/" in header)}
        self.assertEqual(outside, {"mpi.h", "petscversion.h"})


if __name__ == "__main__":
    ansatz_test.main()
