#!/usr/bin/python3
"""Sources have the style of .clang-format."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test


class Format(ansatz_test.TestCase):
    def test_sources_are_formatted(self):
        files = [path for folder in ("engine", "plugins", "sdk", "tests", "tools") for path in (ansatz_test.SOURCE / folder).rglob("*")
                 if path.suffix in (".hpp", ".cpp")]
        self.assertGreater(len(files), 500)
        process = subprocess.run(["clang-format", "--dry-run", *map(str, files)], capture_output=True, text=True, check=False)
        wrong = sorted({line.split(":")[0] for line in process.stderr.splitlines() if "[-Wclang-format-violations]" in line})
        self.assertEqual(wrong, [], "run: clang-format -i FILE")


if __name__ == "__main__":
    ansatz_test.main()
