#!/usr/bin/python3
# ranks: 1
# timeout: 300
"""The command: help, versions, plugins that are right and wrong, descriptions, and the exit codes of wrong use."""

import concurrent.futures
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from ansatz_test import ansatz

TEST_PLUGINS = ansatz_test.BUILD / "tests/plugins"
COMMANDS = ["run", "compare", "check", "plugins", "describe", "info", "new-plugin", "doctor"]


class Command(ansatz_test.TestCase):
    def with_plugins(self, *names):
        """Environment in which only these plugins of the tests are found, and those of the build."""
        folder = self.folder / "plugins"
        folder.mkdir()
        for name in names:
            shutil.copy(TEST_PLUGINS / f"{name}.ansatz.so", folder)
        return {"ANSATZ_PLUGIN_PATH": str(folder)}

    def test_every_command_has_help_with_an_example(self):
        for words in [[]] + [[name] for name in COMMANDS]:
            process = ansatz(*words, "--help")
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn("Example", process.stdout)
            self.assertIn("ansatz " + " ".join(words), process.stdout)

    def test_the_version_is_printed_once_on_two_ranks(self):
        process = ansatz("--version", ranks=2)
        self.assertEqual(process.returncode, 0)
        self.assertRegex(process.stdout, r"^ansatz \d+\.\d+\.\d+ \([0-9a-z-]+\)\n$")

    def test_a_process_without_mpirun_makes_no_folders_for_mpi(self):
        """Processes that started and ended together removed each other's, and MPI_Init failed now and then."""
        file = self.folder / "file"
        file.touch()
        process = ansatz("check", ansatz_test.case_path("thermal_block"), env={"TMPDIR": str(file)})
        self.assertEqual(process.returncode, 0, process.stderr)

    def test_two_runs_do_not_write_into_one_folder(self):
        folder = self.folder / "run"
        folder.mkdir()
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        self.assert_error(ansatz_test.run("thermal_block", 1, out=folder), 8, "another run is writing into this folder", "--out")
        os.close(held)
        self.assertEqual(ansatz_test.run("thermal_block", 1, out=folder).returncode, 0)

    def test_a_unit_that_would_need_a_conversion_is_refused(self):
        said = 'quantities.top={ maximum = "temperature", unit = "mK" }'
        self.assert_error(ansatz("check", ansatz_test.case_path("thermal_block"), "--set", said), 2, "computed in K, not in mK")

    def test_models_that_are_trained_at_the_same_time_are_whole(self):
        """Their unfinished files had one name: one took the other's, and what was left could not be read."""
        settings = ("--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[8,8]", "--set", f"reduced.model={self.folder}/model.h5")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            runs = [pool.submit(ansatz_test.run, "thermal_block", 1, *settings, out=self.folder / f"run_{i}") for i in range(3)]
        for each in runs:
            self.assertEqual(each.result().returncode, 0, each.result().stderr)
        self.assertEqual(ansatz("info", self.folder / "model.h5").returncode, 0)

    def test_wrong_use_ends_with_2_and_a_message(self):
        for words, text in [([], "subcommand is required"), (["rnu"], 'did you mean "run"?'), (["run"], "CASE is required"),
                            (["run", "a", "--nonsense"], "--nonsense"), (["check", "a", "--set"], "--set")]:
            process = ansatz(*words)
            self.assertEqual(process.returncode, 2, words)
            self.assertIn(text, process.stderr)
            self.assertEqual(process.stdout, "")

    def test_a_case_that_is_not_there_ends_with_2(self):
        self.assert_error(ansatz("check", self.folder / "none.toml"), 2, "none.toml", "case file not found")
        self.assert_error(ansatz("check", self.folder), 2, "case.toml", "case file not found")

    def test_a_malformed_override_ends_with_2(self):
        case = self.write_case("plugins = []\n")
        self.assert_error(ansatz("check", case, "--set", "solver.order"), 2, "--set solver.order", "equals sign")

    def test_plugins_that_work_and_plugins_that_do_not_are_listed(self):
        process = ansatz("plugins", ranks=2, env=self.with_plugins("good", "throws", "wrong_api"))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stdout.count("a plugin that works"), 1)
        self.assertIn("mesh reader triangle", process.stdout)
        self.assertRegex(process.stdout, r"wrong_api  cannot be used: plugin was built for another Ansatz")
        self.assertRegex(process.stdout, r"throws  cannot be used: .*no licence key")

    def test_a_rank_has_one_thread_of_the_blas_unless_the_environment_says_otherwise(self):
        for given, threads in (({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)):
            environment = {name: value for name, value in os.environ.items() if not name.endswith("NUM_THREADS")} | given
            text = subprocess.run([str(ansatz_test.ANSATZ), "doctor"], env=environment, capture_output=True, text=True).stdout
            self.assertRegex(text, rf"its threads +{min(threads, os.cpu_count())}\n")

    def test_the_doctor_names_the_broken_plugins_and_ends_with_3(self):
        environment = self.with_plugins("good", "wrong_api")
        process = ansatz("doctor", env=environment)
        self.assertEqual(process.returncode, 3)
        for text in ["PETSc        3.", "SLEPc        3.", "MPI          Open MPI", "HDF5         1.", "(parallel)", "Boost        1.",
                     "BLAS", "OMP_NUM_THREADS", environment["ANSATZ_PLUGIN_PATH"], "ok, 1.2.3", "77.3", "some plugins are broken"]:
            self.assertIn(text, process.stdout)

    def test_a_plugin_built_without_optimisation_is_named_by_the_doctor_and_by_runs(self):
        environment = self.with_plugins("unoptimised")
        process = ansatz("doctor", env=environment)
        self.assertRegex(process.stdout, r"unoptimised +ok, 1\.0\.0, but built without optimisation")
        self.assertIn("works, but plugins are not optimised", process.stdout)
        case = self.write_case('plugins = ["unoptimised"]\n[system.unoptimised]\n[time]\nmethod = "rk4"\nend = 1.0\nstep = 0.1\n')
        process = ansatz("run", case, "--out", self.folder / "out", env=environment)
        self.assert_exit(process, 0)
        self.assertEqual(process.stderr.count('the plugin "unoptimised" was built without optimisation'), 1)
        process = ansatz("check", case, "--set", "time.jacobian=stiff", env=environment)
        self.assert_error(process, 2, "the equations have no stiff part of their own", "case.toml:3")

    def test_a_reader_is_described_by_name_and_by_the_path_of_its_plugin(self):
        process = ansatz("describe", "triangle", env=self.with_plugins("good"))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("mesh reader triangle: one triangle", process.stdout)
        self.assertIn("endings .tri", process.stdout)
        process = ansatz("describe", TEST_PLUGINS / "good.ansatz.so", env={"ANSATZ_PLUGIN_PATH": ""})
        self.assertIn("plugin good 1.2.3: a plugin that works", process.stdout)

    def test_an_unknown_or_broken_name_cannot_be_described(self):
        environment = self.with_plugins("good", "wrong_fingerprint")
        self.assert_error(ansatz("describe", "traingle", env=environment), 3, "traingle", 'did you mean "triangle"?')
        self.assert_error(ansatz("describe", "wrong_fingerprint", env=environment), 3, "compiler", "clang-99")
        self.assert_error(ansatz("describe", "triangle", "--schema", env=environment), 2, "is not a physics")

    def test_a_physics_is_described_with_units_ranges_and_defaults(self):
        process = ansatz("describe", "diffusion")
        self.assertEqual(process.returncode, 0, process.stderr)
        for text in ["temperature", "conductivity", "W/(m K)", "> 0", "required", "default 0"]:
            self.assertIn(text, process.stdout)

    def test_a_system_is_described_with_components_parameters_and_invariants(self):
        process = ansatz("describe", "kepler")
        self.assertEqual(process.returncode, 0, process.stderr)
        for pattern in [r"system kepler: planet", r"unknowns +4, from t = 0 to 6.28", r"form +q'' = a\(t, q\)", r"Jacobian +full",
                        r"parts +not separate", r"invariants energy, angular_momentum", r"events +apsis",
                        r"eccentricity +1 +\[0, 1\) +default 0.6 +of the ellipse", r"vy +1 +2\n"]:
            self.assertRegex(process.stdout, pattern)
        process = ansatz("describe", "brusselator_1d")
        for pattern in [r"banded, 2 below and 2 above", r"parts +stiff and nonstiff; y' = L y", r"invariants none", r"\.\.\. 50 more"]:
            self.assertRegex(process.stdout, pattern)
        self.assertIn("three_body", ansatz("plugins").stdout)
        self.assert_error(ansatz("describe", "keplr"), 3, 'did you mean "kepler"?')

    def test_the_schema_of_a_system_is_json_with_its_parameters_and_components(self):
        schema = json.loads(ansatz("describe", "bodies", "--schema").stdout)
        self.assertEqual(schema["title"], "[system.bodies]")
        self.assertIs(schema["additionalProperties"], False)
        masses, dimension = (schema["properties"][name] for name in ("masses", "dimension"))
        self.assertEqual((masses["type"], masses["items"], masses["default"]), ("array", {"type": "number", "minimum": 0.0}, [1, 1]))
        self.assertEqual((dimension["type"], dimension["minimum"], dimension["maximum"]), ("integer", 2, 3))
        self.assertEqual(schema["x-system"]["components"][0], {"name": "x1", "unit": "m", "initial": -0.5})
        self.assertEqual(schema["x-system"]["invariants"], ["energy", "momentum_x", "momentum_y", "angular_momentum"])

    def test_the_schema_of_a_physics_is_json_with_what_is_required(self):
        whole = json.loads(ansatz("describe", "diffusion", "--schema").stdout)
        self.assertEqual(whole["required"], ["plugins", "mesh", "physics"])
        schema = whole["properties"]["physics"]["properties"]["diffusion"]
        self.assertEqual(schema["type"], "object")
        self.assertIn("conductivity", schema["required"])
        self.assertIs(schema["additionalProperties"], False)
        self.assertEqual(schema["properties"]["source"]["default"], 0)
        self.assertIn("temperature", schema["properties"]["boundary"]["anyOf"][1]["items"]["properties"])

    def test_the_schema_of_any_case_leaves_the_keys_of_physics_and_systems_open(self):
        schema = json.loads(ansatz("describe", "case", "--schema").stdout)
        self.assertEqual(schema["required"], ["plugins"])
        self.assertIs(schema["properties"]["system"]["additionalProperties"]["additionalProperties"], True)
        self.assertIn("learner", schema["properties"]["policy"]["required"])
        self.assert_error(ansatz("describe", "gmsh", "--schema"), 2, "is not a physics, a system, an ansatz or a study", "ansatz describe case --schema")

    def test_a_result_file_is_described_and_its_effective_case_runs_again(self):
        case = self.write_case("""plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [4, 3], cell = "triangle" }
[physics.diffusion]
conductivity = 3.0
boundary = [{ on = "all", temperature = "1 + 2*x" }]
[quantities]
mean = { mean = "temperature" }
""")
        first = self.run_case(case)
        process = ansatz("info", first.folder / "fields.hdf.series")
        self.assertEqual(process.returncode, 0, process.stderr)
        for text in ["layout  series", "20 points, 24 cells in 1 part", "temperature [K]: 1 component on points, 1 to 5",
                     "conductivity = 3  # W/(m K), > 0"]:
            self.assertIn(text, process.stdout)
        again = self.run_case(first.folder / "effective.toml")
        self.assert_value(again, "mean", 3.0, absolute=1e-12)
        self.assertEqual(again.value("mean"), first.value("mean"))
        effective = (first.folder / "effective.toml").read_text()
        self.assertEqual((again.folder / "effective.toml").read_text(), effective)

    def test_a_model_that_is_cut_off_or_altered_is_refused_as_such(self):
        model = self.folder / "whole.h5"
        self.run_case("thermal_block", None, "--set", "solver.type=reduced_basis", "--set", "mesh.box.cells=[4,4]", "--set", "study.type=train",
                      "--set", "reduced.training.grid=2", "--set", "reduced.max_size=3", "--set", f"reduced.model={model}")
        whole = model.read_bytes()
        size = len(whole)
        for name, content in {"cut": whole[:size // 2], "shorter": whole[:-5], "zeros": whole[:size // 2] + bytes(size - size // 2)}.items():
            (self.folder / f"{name}.h5").write_bytes(content)
            process = ansatz("info", self.folder / f"{name}.h5")
            self.assert_error(process, 4, name)
            self.assertRegex(process.stderr, "cut off|truncated")

    def test_what_is_no_result_file_ends_with_4(self):
        (self.folder / "text.hdf").write_text("no HDF5")
        for name in ["none.hdf", "text.hdf"]:
            self.assert_error(ansatz("info", self.folder / name), 4, name)


if __name__ == "__main__":
    ansatz_test.main()
