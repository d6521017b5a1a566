#!/usr/bin/python3
# timeout: 300
"""The ansatz pod_regression: errors that it says and has, models, ranks, and solutions of another program."""

import json
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

BLOCK = """
plugins = ["diffusion", "pod_regression"]
[mesh]
box = { size = [1.0, 1.0], cells = [16, 16], cell = "quadrilateral" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k1", "k2"] }
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3, unit = "W/(m K)" }
k2 = { range = [0.1, 1.0], default = 0.7, unit = "W/(m K)" }
[solver]
type = "pod_regression"
[solver.pod_regression]
samples    = { sobol = 25 }
validation = 10
model      = "model.h5"
[quantities]
mean_temperature = { mean = "temperature" }
[output]
fields = ["temperature"]
"""

FILE = BLOCK.replace('samples    = { sobol = 25 }\nvalidation = 10', 'file = "solutions.h5"')


def events(result, name):
    lines = (pathlib.Path(result.folder) / "log.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


def write_solutions(path, parameters, names=("k1", "k2"), cells=16, shift=0.0, break_one=False):
    """Bilinear elements on the square of two blocks, by this script alone."""
    n = cells + 1
    stiffness = numpy.array([[4, -1, -2, -1], [-1, 4, -1, -2], [-2, -1, 4, -1], [-1, -2, -1, 4]]) / 6
    parts = [numpy.zeros((n * n, n * n)) for _ in range(2)]
    load = numpy.zeros(n * n)
    for j in range(cells):
        for i in range(cells):
            nodes = [j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i]
            parts[2 * i >= cells][numpy.ix_(nodes, nodes)] += stiffness
            load[nodes] += 0.25 / cells**2
    inside = [j * n + i for j in range(1, cells) for i in range(1, cells)]
    fields = numpy.zeros((len(parameters), n * n))
    for row, (k1, k2) in zip(fields, parameters):
        row[inside] = numpy.linalg.solve((k1 * parts[0] + k2 * parts[1])[numpy.ix_(inside, inside)], load[inside])
    if break_one:
        fields[1, 30] = numpy.nan
    order = numpy.random.default_rng(1).permutation(n * n)  # of no mesh
    points = numpy.array([[i / cells + shift, j / cells] for j in range(n) for i in range(n)])
    with h5py.File(path, "w") as file:
        table = file.create_dataset("parameters", data=numpy.array(parameters))
        table.attrs["names"] = list(names)
        file["mesh/points"] = points[order]
        file["fields/temperature"] = fields[:, order]


class PodRegression(ansatz_test.TestCase):
    def test_the_true_error_is_small_and_left_out_samples_do_not_say_less(self):
        result = self.run_case(self.write_case(BLOCK), 1)
        left_out, true = events(result, "left_out")[0], events(result, "true_error")[0]
        self.assertLess(true["mean"], 1e-3)
        self.assertGreater(left_out["one_mean"], 0.5 * true["mean"])
        self.assertIn("gives c^-1 by the equations at", result.process.stdout)
        self.assertIn("taken out", result.process.stdout)
        exact = self.run_case(self.write_case(BLOCK.replace('type = "pod_regression"', 'type = "fem"')), 1)
        value, reference = (run.value("mean_temperature") for run in (result, exact))
        self.assertAlmostEqual(value / reference, 1.0, delta=1e-3)

    def test_two_ranks_learn_what_one_learns_and_models_are_read_on_any_number(self):
        case = self.write_case(BLOCK.replace("validation = 10", "validation = 0"))
        alone = self.run_case(case, 1).value("mean_temperature")
        again = self.run_case(case, 2)  # the model that one rank made
        self.assertNotIn("learned from", again.process.stdout)
        self.assertAlmostEqual(again.value("mean_temperature") / alone, 1.0, delta=1e-12)
        both = self.run_case(case, 2, "--set", 'solver.pod_regression.model="other.h5"')
        self.assertIn("learned from 25 solutions", both.process.stdout)
        self.assertAlmostEqual(both.value("mean_temperature") / alone, 1.0, delta=1e-6)

    def test_solutions_of_another_program_are_learned(self):
        random = numpy.random.default_rng(2)
        write_solutions(self.folder / "solutions.h5", random.uniform(0.1, 1.0, (25, 2)))
        exact = self.run_case(self.write_case(BLOCK.replace('type = "pod_regression"', 'type = "fem"')), 1)
        case = self.write_case(FILE)
        for ranks in (1, 2):
            result = self.run_case(case, ranks, "--set", f'solver.pod_regression.model="model-{ranks}.h5"')
            self.assertIn("25 solutions of solutions.h5", result.process.stdout)
            value, reference = (run.value("mean_temperature") for run in (result, exact))
            self.assertAlmostEqual(value / reference, 1.0, delta=2e-3)

    def test_a_model_is_of_the_values_of_the_parameters_that_it_does_not_depend_on(self):
        exact = self.run_case(self.write_case(BLOCK.replace('type = "pod_regression"', 'type = "fem"')), 1)
        case = self.write_case(BLOCK.replace("validation = 10", 'parameters = ["k1"]').replace("sobol = 25", "sobol = 9"))
        self.assertAlmostEqual(self.run_case(case, 1).value("mean_temperature") / exact.value("mean_temperature"), 1.0, delta=2e-3)
        self.assert_error(ansatz_test.run(case, 1, "--set", "parameters.k2.default=0.2", cwd=self.folder), 2,
                          "the model was trained for k2 = 0.7, not 0.2", "study.type=train")

    def test_parameters_outside_of_the_ranges_are_warned_of(self):
        case = self.write_case(BLOCK.replace("validation = 10", "validation = 0").replace("sobol = 25", "sobol = 9"))
        result = self.run_case(case, 1, "--set", "parameters.k1.default=2.0", "--set", "parameters.k1.extrapolate=true")
        self.assertIn("k1 = 2 is outside of [0.1, 1], for which the model was trained", result.process.stderr)
        self.assertRegex(result.process.stdout, r"error to the finite-element solution on this mesh: indicator [0-9.e-]+ \(L2")

    def test_a_power_law_over_ten_decades_is_learned(self):
        """u = b x (1 - x) / (2 a) in units of 1e-9 and 1e9: one mode, whose coefficient varies by 1e4."""
        case = self.write_case("""
plugins = ["diffusion", "pod_regression"]
[mesh]
box = { size = [1.0], cells = [20] }
[physics.diffusion]
conductivity = "a"
source       = "b"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
a = { range = [1e-10, 1e-8], default = 3e-9, unit = "W/(m K)", logarithmic = true }
b = { range = [1e8, 1e10], default = 2e9, unit = "W/m^3", logarithmic = true }
[solver]
type = "pod_regression"
[solver.pod_regression]
samples    = { sobol = 60 }
validation = 10
model      = "model.h5"
[quantities]
mean = { mean = "temperature" }
""")
        result = self.run_case(case, 1)
        exact = 2e9 / (12 * 3e-9) * (1 - 1 / 400)  # of linear elements
        self.assertAlmostEqual(result.value("mean") / exact, 1.0, delta=1e-3)
        self.assertLess(events(result, "true_error")[0]["worst"], 1e-3)

    def test_a_file_of_other_ranges_is_refused_or_warned_of(self):
        random = numpy.random.default_rng(2)
        case = self.write_case(FILE)
        write_solutions(case.parent / "solutions.h5", random.uniform(10.0, 100.0, (12, 2)))
        self.assert_error(ansatz_test.run(case, 1, cwd=self.folder), 4, "in the file, from 0.1 to 1 in the case", "another unit")
        write_solutions(case.parent / "solutions.h5", random.uniform(0.1, 0.5, (25, 2)))
        result = self.run_case(case, 1)
        self.assertIn("beyond the file the model extrapolates", result.process.stderr)

    def test_files_that_do_not_fit_are_refused_in_words(self):
        parameters = numpy.random.default_rng(2).uniform(0.1, 1.0, (6, 2))
        twice = numpy.vstack([parameters, parameters[2]])
        for options, words in ((dict(parameters=twice), "solutions 2 and 6 have the same parameters"),
                               (dict(parameters=parameters, names=("k1", "k3")), '"k3" is no parameter of the case'),
                               (dict(parameters=parameters, names=("k1", "k1")), 'the parameter "k1" occurs twice'),
                               (dict(parameters=parameters, shift=1e-3), "nodes of this mesh are no points of the file"),
                               (dict(parameters=parameters, cells=8), "nodes of this mesh are no points of the file"),
                               (dict(parameters=parameters, break_one=True), "solution 1 is not finite at node")):
            with self.subTest(words):
                case = self.write_case(FILE)
                write_solutions(case.parent / "solutions.h5", **options)
                self.assert_error(ansatz_test.run(case, 1, cwd=self.folder), 4, words)


if __name__ == "__main__":
    ansatz_test.main()
