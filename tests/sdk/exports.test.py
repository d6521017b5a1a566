#!/usr/bin/python3
# ranks: 1
"""A plugin exports the symbol of its handshake and nothing else: no two plugins can get into each other's way."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

HANDSHAKE = "ansatz_plugin_descriptor"
BUILT = ansatz_test.BUILD / "lib/ansatz/plugins"
OF_TESTS = ansatz_test.BUILD / "tests/plugins"


def exported(library):
    """Names of all dynamic symbols that a library defines."""
    process = ansatz_test.execute(["nm", "-D", "--defined-only", library])
    if process.returncode != 0:
        raise RuntimeError(process.stderr)
    return [line.split()[-1] for line in process.stdout.splitlines()]


class Exports(ansatz_test.TestCase):
    def test_every_plugin_exports_its_handshake_alone(self):
        plugins = sorted(BUILT.glob("*.ansatz.so"))
        self.assertLessEqual({"diffusion.ansatz.so", "elasticity.ansatz.so"}, {path.name for path in plugins})
        self.assertEqual({path.name: exported(path) for path in plugins}, {path.name: [HANDSHAKE] for path in plugins})

    def test_the_plugins_of_the_tests_export_no_more_either(self):
        plugins = sorted(OF_TESTS.glob("*.ansatz.so"))
        self.assertGreater(len(plugins), 8)
        for path in plugins:
            self.assertEqual(exported(path), [] if path.name == "no_symbol.ansatz.so" else [HANDSHAKE], path.name)


if __name__ == "__main__":
    ansatz_test.main()
