#!/usr/bin/python3
# ranks: 2
"""Preconditioners of plugins and tuners of their knobs: equal to built-in ones, refused where they cannot be, restarts."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test
from restart_case import RestartCase

PLUGINS = ansatz_test.BUILD / "tests/plugins"
JACOBI = PLUGINS / "new_preconditioner/new_plugin.ansatz.so"  # the template of `ansatz new-plugin preconditioner`
GREEDY = PLUGINS / "new_tuner/new_plugin.ansatz.so"
WRONG = PLUGINS / "preconditioners.ansatz.so"
CASE = """
plugins = ["diffusion", "PLUGIN"]

[mesh]
box = { size = [1.0, 1.0], cells = [20, 20], cell = "triangle" }

[physics.diffusion]
conductivity = "1 + x"
source = "exp(y)"
boundary = [{ on = "left", temperature = 1.0 }]

[linear]
LINEAR

[quantities]
mean = { mean = "temperature" }
"""
TUNED = 'solver = "gmres"\npreconditioner = "ssor"\ntuner = "tsallis_inf"\n[linear.tsallis_inf]\nbins = 3'
CHEBYSHEV = 'solver = "gmres"\npreconditioner = "ssor"\ntuner = "cheb_cb"\n[linear.ssor]\nomega = 1.1\ntuned = [0.8, 1.8]'


def events(out, name):
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == name]


class Preconditioners(RestartCase):
    def case(self, linear, plugin=JACOBI):
        return self.write_case(CASE.replace("PLUGIN", str(plugin)).replace("LINEAR", linear))

    def iterations(self, linear, ranks=1, plugin=JACOBI):
        result = self.run_case(self.case(linear, plugin), ranks)
        return [event["linear_iterations"] for event in events(result.folder, "newton")], result

    def refused(self, linear, code, *texts, plugin=JACOBI, ranks=None):
        self.assert_error(ansatz_test.ansatz("check", self.case(linear, plugin), ranks=ranks), code, *texts)

    def test_jacobi_of_a_plugin_takes_the_iterations_of_the_built_in_one(self):
        for ranks in (1, 2):
            for solver in ("cg", "gmres"):
                own, result = self.iterations(f'solver = "{solver}"\npreconditioner = "jacobi"', ranks)
                offered, other = self.iterations(f'solver = "{solver}"\npreconditioner = "new_plugin"', ranks)
                self.assertGreater(max(own), 10)
                self.assertEqual(own, offered)
                self.assertEqual(result.value("mean"), other.value("mean"))

    def test_relaxation_factors_are_options_that_effective_toml_repeats(self):
        few, result = self.iterations('preconditioner = "ssor"\n[linear.ssor]\nomega = 1.6')
        many, _ = self.iterations('preconditioner = "ssor"')
        self.assertLess(max(few), max(many))
        effective = result.folder / "effective.toml"
        self.assertRegex(effective.read_text(), r"\[linear.ssor\]\nomega += 1.6")
        self.assertNotIn("tuner", effective.read_text())
        _, again = self.iterations(effective.read_text().split("[linear]\n")[1].split("\n[quantities]")[0].split("\n[study]")[0])
        self.assertEqual(again.value("mean"), result.value("mean"))
        plain, result = self.iterations('preconditioner = "jacobi"')
        self.assertNotIn("[linear.", (result.folder / "effective.toml").read_text())

    def test_what_a_solver_cannot_use_is_refused_with_the_place(self):
        wrong = {"plugin": WRONG}
        self.refused('solver = "cg"\npreconditioner = "sor"', 2, "case.toml:12", 'the preconditioner "sor" is not symmetric',
                     'the solver "cg"', "gmres")
        self.refused('solver = "minres"\npreconditioner = "leaning"', 2, "case.toml:12", "is not symmetric", **wrong)
        self.refused('solver = "gmres"\npreconditioner = "normed"', 2, "case.toml:12", "is not linear", 'use solver "fgmres"', **wrong)
        self.refused('solver = "direct"\npreconditioner = "new_plugin"', 2, "a direct solver has no preconditioner")
        self.refused('preconditioner = "new_plugi"', 2, "case.toml:13", "is not one of", 'did you mean "new_plugin"?')
        self.refused('preconditioner = "ssor"\ntuner = "cheb_c"', 2, "case.toml:14", 'did you mean "cheb_cb"?')
        self.refused('preconditioner = "new_plugin"\ntuner = "cheb_cb"', 2, "case.toml:12", "has no knobs")
        self.refused('preconditioner = "hypre"\ntuner = "cheb_cb"', 2, "case.toml:14", "knobs of a preconditioner")
        self.refused('preconditioner = "ssor"\n[linear.ssor]\nomega = 2.0', 2, "case.toml:15", "(0, 2)")
        self.refused('preconditioner = "ssor"\n[linear.ssor]\nomegas = 1.2', 2, "case.toml:15", 'did you mean "omega"?')
        self.refused('preconditioner = "ssor"\n[linear.ssor]\ntuned = [1.5, 1.1]', 2, "case.toml:15", "the least and the largest")
        self.refused('preconditioner = "sor"\n[linear.ssor]\nomega = 1.2', 2, "case.toml:14", "is for preconditioner = \"ssor\"")

    def test_methods_without_symmetry_or_linearity_solve_with_what_suits_them(self):
        _, direct = self.iterations('solver = "direct"')
        for linear in ('preconditioner = "sor"', 'solver = "richardson"\npreconditioner = "ssor"\nmax_iterations = 20000\n[linear.ssor]\nomega = 1.6',
                       'preconditioner = "normed"', 'preconditioner = "leaning"'):
            for ranks in (1, 2):
                _, result = self.iterations(linear, ranks, plugin=WRONG)
                self.assert_value(result, "mean", direct.value("mean"), relative=1e-8)

    def test_plain_iteration_that_diverges_is_an_error(self):
        case = self.case('solver = "richardson"\npreconditioner = "none"')
        self.assert_error(ansatz_test.run(case, out=self.folder / "out"), 5, "richardson", "the residual grows", '"cg"')

    def test_a_plugin_that_fails_on_one_rank_ends_all(self):
        for how, code, text in (("set_up", 5, "no licence for this matrix"), ("nan", 5, "a value that is not finite"),
                                ("throw", 3, "the table ends")):
            case = self.case(f'solver = "gmres"\npreconditioner = "failing"\n[linear.failing]\nhow = "{how}"', WRONG)
            for ranks in (1, 2):
                out = self.folder / f"{how}{ranks}"
                self.assert_error(ansatz_test.run(case, ranks, out=out, timeout=60), code, text, 'preconditioner "failing"')
        case = self.case('preconditioner = "ssor"\ntuner = "escaping"', WRONG)
        self.assert_error(ansatz_test.run(case, out=self.folder / "escaping"), 3, "proposes omega = 2.95", "not in [1, 1.95]")

    def test_a_restart_with_a_tuner_repeats_the_run_bit_by_bit(self):
        loose = "relative_tolerance = 1e-3\nabsolute_tolerance = 1e-4"
        for method, keys, linear, ranks in (("bdf2", "step = 0.02", TUNED + "\nseed = 7\n[linear.ssor]\nomega = 1.3", 2),
                                            ("ros34pw2", loose, CHEBYSHEV, 1)):
            with self.subTest(method):
                case = self.heat(method, keys, linear)
                whole = self.whole(case, ranks)
                _, resumed = self.resumed(case, ranks, whole)
                self.assert_equal_bits(whole, resumed)

    def test_a_restart_with_another_tuner_is_refused(self):
        whole = self.whole(self.heat("bdf2", "step = 0.02", TUNED), 1)
        process, _ = self.resumed(self.heat("bdf2", "step = 0.02", CHEBYSHEV), 1, whole, code=2)
        self.assertIn("the checkpoint belongs to another problem", process.stderr)

    def test_a_tuner_of_a_plugin_is_used_and_described(self):
        text = self.heat("bdf2", "step = 0.02", 'solver = "gmres"\npreconditioner = "ssor"\ntuner = "new_plugin"\n[linear.new_plugin]\nplaces = 5')
        text.write_text(text.read_text().replace('plugins = ["diffusion"]', f'plugins = ["diffusion", "{GREEDY}"]'))
        result = self.run_case(text)
        self.assertRegex((result.folder / "effective.toml").read_text(), r"\[linear.new_plugin\]\nplaces += 5")
        for name, texts in ((GREEDY, ("tuner new_plugin", "curiosity")), (JACOBI, ("preconditioner new_plugin: division by the diagonal",)),
                            ("ssor", ("preconditioner ssor", "omega", "(0, 2)")), ("cheb_cb", ("tuner cheb_cb", "seed"))):
            process = ansatz_test.ansatz("describe", name)
            self.assert_exit(process, 0)
            for text in texts:
                self.assertIn(text, process.stdout)
        schema = json.loads(ansatz_test.ansatz("describe", "diffusion", "--schema").stdout)["properties"]["linear"]["properties"]
        self.assertIn("ssor", schema["preconditioner"]["enum"])
        self.assertEqual(schema["ssor"]["properties"]["omega"]["exclusiveMaximum"], 2.0)


if __name__ == "__main__":
    ansatz_test.main()
