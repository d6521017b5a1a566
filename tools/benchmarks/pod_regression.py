"""POD with regression of coefficients against its limits: heated cavity, heat in time, thermal block (peer: the limits)."""

import json
import os
import pathlib
import subprocess
import tempfile

from . import common

ANSATZ = common.PROGRAM.parent / "ansatz"

CASES = {
    # name: plugins, settings, parameters with which the table of quantities is made
    "heated_cavity": (["navier_stokes"],
                      {"parameters.rayleigh": "{ range = [1e3, 1e5], default = 1e4, logarithmic = true }",
                       "solver.pod_regression.parameters": '["rayleigh"]',
                       "solver.pod_regression.samples": "{ sobol = 30 }", "solver.pod_regression.validation": 50}),
    "heat_parabolic": (["diffusion"], {"solver.pod_regression.samples": "{ sobol = 60 }", "solver.pod_regression.validation": 20}),
    "thermal_block": (["diffusion"], {"solver.pod_regression.samples": "{ sobol = 100 }", "solver.pod_regression.validation": 200}),
    "thermal_block 200": (["diffusion"], {"solver.pod_regression.samples": "{ sobol = 200 }", "solver.pod_regression.validation": 200}),
}


def ansatz(name, folder, plugins, settings):
    """Runs a case of the repository; returns its standard output and its events."""
    listed = ", ".join(f'"{plugin}"' for plugin in [*plugins, "pod_regression"])
    words = [ANSATZ, "run", common.SOURCE / "cases" / name.split()[0] / "case.toml", "--out", folder, "--set", f"plugins=[{listed}]"]
    for key, value in settings.items():
        words += ["--set", f"{key}={value}"]
    env = {**os.environ, "ANSATZ_PLUGIN_PATH": str(ANSATZ.parents[1] / "lib/ansatz/plugins")}
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=env, check=False, timeout=4 * common.TIME_LIMIT)
    if done.returncode != 0:
        raise common.BenchError(f"{name} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    events = [json.loads(line) for line in (pathlib.Path(folder) / "log.jsonl").read_text().splitlines()]
    return done.stdout, {event["event"]: event for event in events}


def table(name, folder, plugins, settings, solver, column):
    """A quantity at 50 random parameters."""
    import h5py  # Debian's Python has it; only the cavity needs it

    more = {"solver.type": solver, "study.type": "sweep", "study.points": "{ random = 50, seed = 11 }", "study.fixed": "{ prandtl = 0.71 }"}
    ansatz(name, folder, plugins, {**settings, **more})
    with h5py.File(pathlib.Path(folder) / "sweep.h5") as file:
        return file["parameters"][:], file[column][:]


def run(_settings):
    report = common.Report("pod_regression", "POD and regression of coefficients, relative errors in L2 [%]", "limit")
    with tempfile.TemporaryDirectory() as scratch:
        for name, (plugins, settings) in CASES.items():
            folder = pathlib.Path(scratch) / name.replace(" ", "_")
            model = {"solver.pod_regression.model": f'"{folder}.h5"', "solver.type": "pod_regression"}
            out, events = ansatz(name, folder, plugins, {**settings, **model})
            true, left_out, training = events["true_error"], events["left_out"], events["training"]
            limits = {"heated_cavity": (None, 1.0), "heat_parabolic": (1.0, None), "thermal_block": (0.05, 1.0)}.get(name, (None, None))
            for which, limit in zip(("mean", "worst"), limits):
                report.add(f"{name}, {which} true error", [100 * true[which]], [limit or 100 * true[which]], unit="%",
                           target=1.0 if limit else None)
            bound = 2.0 if name == "thermal_block 200" else 60.0
            ratio = left_out["one_mean"] / true["mean"]
            report.add(f"{name}, left-out error over the true one", [ratio], [bound], unit="", target=1.0)
            report.add(f"{name}, the true error over the left-out one", [1.0 / ratio], [1.0], unit="", target=1.0)
            for line in out.splitlines():
                if "regression:" in line:
                    report.remark(f"{name}: {line.strip()}")
            report.remark(f"{name}: left out one by one {100 * left_out['one_mean']:.3g} %, a tenth {100 * left_out['tenth_mean']:.3g} %; "
                          f"trained in {training['seconds_taken']:.3g} s with the validation")
            if name != "heated_cavity":
                continue
            parameters, ours = table(name, f"{folder}-ours", plugins, {**settings, **model}, "pod_regression", "nusselt")
            points, exact = table(name, f"{folder}-fem", plugins, settings, "fem", "nusselt")
            if (parameters != points).any():
                raise common.BenchError("the tables have other parameters")
            error = float(abs(ours / exact - 1.0).max())
            report.add("heated_cavity, worst Nusselt number of 50", [100 * error], [0.5], unit="%", target=1.0)
    return report
