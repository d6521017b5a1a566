"""What the tests of reduced bases share: the coarse thermal block, trained, used, and refused; heat_parabolic, coarse."""

import csv
import json

import ansatz_test

COARSE = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[12,12]", "--set", "reduced.training.grid=3",
          "--set", "reduced.tolerance=1e-7")

TIME_COARSE = ("--set", "mesh.box.cells=[10,10]", "--set", "reduced.training.grid=3", "--set", "reduced.tolerance=1e-5")


def events(result, name):
    lines = (result.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


def series(result):
    """The rows of quantities.csv."""
    with open(result.folder / "quantities.csv", encoding="utf-8") as file:
        return list(csv.reader(file))


class InTimeCase(ansatz_test.TestCase):
    """Runs of heat_parabolic with a model file."""

    def use(self, model, ranks, *more):
        return self.run_case("heat_parabolic", ranks, "--set", "solver.type=reduced_basis", *TIME_COARSE,
                             "--set", f"reduced.model={model}", *more)


class ReducedCase(ansatz_test.TestCase):
    """Runs of the thermal block with a model file."""

    def train(self, model, ranks, *more):
        return self.run_case("thermal_block", ranks, *COARSE, "--set", "study.type=train", "--set", f"reduced.model={model}", *more)

    def use(self, model, ranks, *more):
        return self.run_case("thermal_block", ranks, *COARSE, "--set", f"reduced.model={model}", *more)

    def refusal(self, *arguments):
        return ansatz_test.ansatz("run", ansatz_test.case_path("thermal_block"), "--out", self.folder / "refused", *arguments,
                                  cwd=self.folder)
