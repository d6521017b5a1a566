#!/usr/bin/python3
# labels: slow
# ranks: 1
# timeout: 300
"""The tutorial of sdk/README.md, as it stands there: every file is written, every command run, every number compared."""

import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import sdk_tree

TEXT = (ansatz_test.SOURCE / "sdk/README.md").read_text().split("## Tutorial")[1].split("\n## ")[0]
BLOCK = re.compile(r"(?:`(allen_cahn/[\w./]+)`[^`]*)?```(\w+)\n(.*?)```", re.DOTALL)
SET_UP = "tools/setup\ncmake --install build/release --prefix ~/ansatz\nexport PATH=~/ansatz/bin:$PATH\n"


def blocks():
    """(file or None, language, text) of each block of the tutorial, in their order."""
    return [match.groups() for match in BLOCK.finditer(TEXT)]


def script():
    """The whole tutorial as a shell script; Ansatz is built already, and may be in another folder than the reader's."""
    lines = ["set -eu", f"cd '{ansatz_test.SOURCE}'"]
    for file, language, text in blocks():
        if file:
            lines.append(f"cat > {file} <<'END_OF_FILE'\n{text}END_OF_FILE")
        elif language == "sh" and text == SET_UP:
            lines += [text.replace("tools/setup\n", "").replace("build/release", f"'{ansatz_test.BUILD}'"), "cd ~"]
        elif language == "sh":
            lines.append(text)
    return "\n".join(lines)


class Tutorial(ansatz_test.TestCase):
    def test_it_has_all_its_parts_and_less_than_60_lines_of_plugin(self):
        self.assertEqual(blocks()[0][2], SET_UP)
        files = {file: text for file, _, text in blocks() if file}
        self.assertEqual(sorted(files), ["allen_cahn/allen_cahn.cpp", "allen_cahn/allen_cahn.hpp", "allen_cahn/case.toml",
                                         "allen_cahn/reference.toml", "allen_cahn/tests/allen_cahn.test.cpp"])
        lines = sum(text.count("\n") for file, text in files.items() if file.endswith((".hpp", "cahn.cpp")))
        self.assertLess(lines, 60)

    def test_its_commands_work_and_its_errors_have_the_printed_values_and_orders(self):
        process = sdk_tree.execute(["env", f"HOME={self.folder}", "bash", "-c", script()], self.folder / "ansatz")
        self.assert_exit(process, 0)
        self.assertIn("100% tests passed, 0 tests failed out of 3", process.stdout)
        pattern = re.compile(r"^  error +(\S+) m$", re.MULTILINE)
        errors = [float(value) for value in pattern.findall(process.stdout)]
        printed = [float(value) for value in pattern.findall(next(text for _, language, text in blocks() if language == "text"))]
        self.assertEqual(len(errors), 6, process.stdout)
        for error, expected in zip(errors, printed, strict=True):
            self.assertAlmostEqual(error, expected, delta=1e-5 * expected)
        for order, values in ((2, errors[:3]), (3, errors[3:])):
            for coarse, fine in zip(values, values[1:]):
                self.assertAlmostEqual(math.log2(coarse / fine), order, delta=0.1)


if __name__ == "__main__":
    ansatz_test.main()
