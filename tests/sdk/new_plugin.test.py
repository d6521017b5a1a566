#!/usr/bin/python3
# labels: slow
# ranks: 1
# timeout: 300
"""`ansatz new-plugin`: a folder that builds out of tree against the installed SDK alone, and the errors of wrong use."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
import sdk_tree
from ansatz_test import ansatz


class Errors(ansatz_test.TestCase):
    def test_an_unknown_kind_suggests_a_known_one(self):
        process = ansatz("new-plugin", "phisics", "mine", cwd=self.folder)
        self.assert_error(process, 2, 'there is no kind of plugin "phisics"', 'did you mean "physics"?')
        process = ansatz("new-plugin", "qqqqqq", "mine", cwd=self.folder)
        self.assert_error(process, 2, "kinds: mesh_reader, ode_system, physics, policy_learner, preconditioner, solver, study, time_method, tuner, visual_writer")
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_name_that_is_no_identifier_is_refused(self):
        for name in ("Allen", "1st", "a-b", "a b", "_a", "a_", "../up", "a/b", "", "test", "ä"):
            self.assert_error(ansatz("new-plugin", "physics", name, cwd=self.folder), 2, "is not a name for a plugin", "allen_cahn")
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_folder_that_exists_is_left_alone(self):
        (self.folder / "mine").mkdir()
        self.assert_error(ansatz("new-plugin", "physics", "mine", cwd=self.folder), 2, "exists already", "--in DIR")
        self.assertEqual(os.listdir(self.folder / "mine"), [])
        self.assert_error(ansatz("new-plugin", "physics", "mine", "--in", self.folder / "none"), 2, "no such folder", "mkdir")

    def test_arguments_that_are_missing_end_with_2(self):
        self.assert_error(ansatz("new-plugin", "physics"), 2, "NAME is required")

    def test_help_names_the_kinds_and_shows_examples(self):
        process = ansatz("new-plugin", "--help")
        self.assertEqual(process.returncode, 0)
        for text in ("mesh_reader, ode_system, physics, policy_learner, preconditioner, solver, study, time_method, tuner, visual_writer", "Examples:", "ansatz new-plugin physics allen_cahn", "--in DIR"):
            self.assertIn(text, process.stdout)

    def test_every_kind_of_the_sdk_has_a_template(self):
        header = (ansatz_test.SOURCE / "sdk/include/ansatz/sdk/plugin.hpp").read_text()
        kinds = re.findall(r"virtual void add_(\w+)\(", header)
        templates = [entry.name for entry in (ansatz_test.SOURCE / "sdk/template").iterdir() if entry.is_dir()]
        self.assertEqual(sorted(kinds), sorted(templates))

    def test_the_names_of_the_template_are_replaced_everywhere(self):
        for kind in ("physics", "mesh_reader", "ode_system", "policy_learner", "preconditioner", "solver", "study", "time_method", "tuner", "visual_writer"):
            process = ansatz("new-plugin", kind, f"my_{kind}2", "--in", self.folder, ranks=2)
            self.assert_exit(process, 0)
            self.assertEqual(process.stdout.count("made "), 1)
            files = [path for path in (self.folder / f"my_{kind}2").rglob("*") if path.is_file()]
            names = {path.name for path in files}
            self.assertLessEqual({"CMakeLists.txt", "README.md", f"my_{kind}2.cpp", f"my_{kind}2.hpp", f"my_{kind}2.test.cpp"}, names)
            has_case = kind in ("physics", "mesh_reader", "preconditioner", "solver", "study", "visual_writer")
            self.assertEqual({"case.toml", "reference.toml"} <= names, has_case)
            self.assertIn("ansatz run" if has_case else f"ansatz describe my_{kind}2", process.stdout)
            for path in files:
                self.assertNotRegex(path.read_text() + path.name, "new_plugin|NewPlugin")
        self.assertIn("struct MyPhysics2 {", (self.folder / "my_physics2/my_physics2.hpp").read_text())


class Build(ansatz_test.TestCase):
    def test_new_plugins_of_other_kinds_than_physics_pass_their_tests(self):
        prefix = sdk_tree.install(self.folder / "prefix")
        folder = sdk_tree.build_new_plugin(self, prefix, "ode_system", "hares", entries=("unit", "conformance"))
        process = sdk_tree.execute(["env", f"ANSATZ_PLUGIN_PATH={folder}/build", "ansatz", "describe", "hares"], prefix)
        self.assert_exit(process, 0)
        self.assertRegex(process.stdout, r"system hares: predators and their prey(.|\n)*growth +1/s +> 0 +default 1.5")
        for kind in ("policy_learner", "time_method", "tuner"):
            sdk_tree.build_new_plugin(self, prefix, kind, f"mine_{kind}", entries=("unit", "conformance"))
        for kind in ("mesh_reader", "preconditioner", "solver", "study", "visual_writer"):
            sdk_tree.build_new_plugin(self, prefix, kind, f"mine_{kind}")


if __name__ == "__main__":
    ansatz_test.main()
