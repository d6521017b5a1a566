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
        """Tests may, and the conformance suite, which is a program on top of the engine."""
        wrong = [str(path) for folder in ("plugins", "sdk") for path in sources(folder)
                 if "tests" not in path.parts and ansatz_test.SOURCE / "sdk/conformance" not in path.parents
                 and INCLUDE.search(path.read_text())]
        self.assertEqual(wrong, [])

    def test_the_engine_and_the_sdk_do_not_include_plugins_or_the_conformance_suite(self):
        include = re.compile(r'^\s*#include\s+["<](plugins|sdk/conformance)/', re.MULTILINE)
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
