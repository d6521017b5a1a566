#!/usr/bin/python3
# ranks: 1
# timeout: 120
"""One-line mistakes of a plugin's author: the compiler gives the reason, once, in few lines."""

import json
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

PHYSICS = """#include <ansatz/sdk/physics.hpp>
using namespace ansatz::sdk;
struct Mistaken {
  ScalarField phase{"phase", "1"};
  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[phase];
    r[phase].value = u.dt;
    MISTAKES
    r[phase].flux = u.grad;
  }
};
ANSATZ_PHYSICS(Mistaken, "mistaken", "0.1.0", "is mistaken")
"""
CONDITION = "write select(u > 0, a, b)"
FUNCTION = "functions of unknowns are written without std::"
MISTAKES = [("if (u.value > 0) r[phase].value += 1.0;", CONDITION), ("r[phase].value += std::exp(u.value);", FUNCTION),
            ("r[phase].value += std::max(u.value, 0.0);", FUNCTION), ("r[phase].value += std::pow(u.value, 2);", FUNCTION)]
MOST = 20  # lines a mistake


def compiler_output(folder, lines):
    """What the compiler says of a physics with these lines, with the flags of the project's own plugins."""
    commands = json.loads((ansatz_test.BUILD / "compile_commands.json").read_text())
    words = shlex.split(next(c["command"] for c in commands if c["file"].endswith("plugins/diffusion/diffusion.cpp")))
    flags = [w for i, w in enumerate(words) if w.startswith(("-I", "-D", "-std", "-m")) or "-isystem" in (w, words[i - 1])]
    compiler = next(w for w in words if re.search(r"(c|g)\+\+[-\d]*$", w))
    source = folder / "mistaken.cpp"
    source.write_text(PHYSICS.replace("MISTAKES", "\n    ".join(lines)))
    return ansatz_test.execute([compiler, *flags, "-Wno-psabi", "-fsyntax-only", source], timeout=100)


class Mistakes(ansatz_test.TestCase):
    def test_each_mistake_is_one_error_with_its_reason_in_few_lines_that_name_the_author_s_own(self):
        process = compiler_output(self.folder, [line for line, _ in MISTAKES])
        self.assertNotEqual(process.returncode, 0)
        said = process.stderr.splitlines()
        self.assertLess(len(said), MOST * len(MISTAKES), process.stderr)
        errors = [line for line in said if " error: " in line]
        self.assertEqual(len(errors), len(MISTAKES), process.stderr)
        for reason in (CONDITION, FUNCTION):
            self.assertEqual(sum(reason in line for line in errors), sum(r == reason for _, r in MISTAKES), process.stderr)
        first = PHYSICS.splitlines().index("    MISTAKES") + 1
        for number in range(first, first + len(MISTAKES)):
            self.assertRegex(process.stderr, rf"mistaken\.cpp:{number}:")


if __name__ == "__main__":
    ansatz_test.main()
