"""Output of a field against a bare H5Dwrite of the same bytes, on 1 and 2 ranks; small steps, the first against the last."""

import json
import pathlib
import tempfile

from . import common

CELLS = (204, 204, 204)
LEAST_BYTES = 200e6
STEPS, COUNTED = 12_000, 1_000
LEAST_RATIO = 0.8  # of the first 1,000 steps over the last ones: what a machine in use adds is no growth
LAYOUTS = ("series", "single", "vtu")
SMALL_STEPS = f"""
plugins = ["diffusion", "vtk"]
[mesh]
box = {{ size = [1.0, 1.0], cells = [8, 8] }}
[physics.diffusion]
conductivity = 1.0
source = "sin(t)"
boundary = [{{ on = "left", temperature = 0.0 }}]
[initial]
temperature = "x"
[time]
method = "backward_euler"
end = {STEPS * 1e-3!r}
step = 1e-3
[quantities]
mean = {{ mean = "temperature" }}
"""


def small_steps(layout):
    """[s] by the run's own log: the first and the last 1,000 of 12,000 steps, each with its fields and quantities."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "case.toml"
        path.write_text(SMALL_STEPS, encoding="utf-8")
        common.execute([*common.mpirun(1), common.SOURCE / "build/release/bin/ansatz", "run", path, "--out",
                        pathlib.Path(folder) / "run", "--set", f"output.layout={layout}"])
        lines = (pathlib.Path(folder) / "run/log.jsonl").read_text(encoding="utf-8").splitlines()
    at = [event["seconds"] for event in map(json.loads, lines) if event["event"] == "output"]
    if len(at) != STEPS + 1:
        raise common.BenchError(f"{len(at)} outputs instead of {STEPS + 1} with the layout {layout}")
    return at[COUNTED] - at[0], at[-1] - at[-1 - COUNTED]


def run(settings):
    report = common.Report("output", "Writing one step, same bytes and sync policy; small steps, last against first", "peer")
    for layout in LAYOUTS:
        pairs = [small_steps(layout) for _ in range(max(1, settings.repetitions // 2))]
        report.add(f"{COUNTED} steps at step {STEPS}, {layout}", [last for _, last in pairs], [first for first, _ in pairs],
                   target=LEAST_RATIO)
    for ranks in (1, 2):
        runs = [common.ours(settings, "output", CELLS, ranks) for _ in range(settings.repetitions)]
        report.add(f"one step on {ranks} rank{'s' if ranks > 1 else ''}, H5Dwrite",
                   [common.phases(result, "ours") for result in runs],
                   [common.phases(result, "bare") for result in runs], target=0.8)
        size = runs[0].get("bytes")
    if size is None:
        report.remark("ansatz_bench did not print the bytes of a step")
    elif size < LEAST_BYTES:
        raise common.BenchError(f"a step has {size / 1e6:.0f} MB; the comparison needs {LEAST_BYTES / 1e6:.0f} MB")
    else:
        report.remark(f"{size / 1e6:.0f} MB a step; ours and the bare write alternate inside one program")
    return report
