"""POD reduced basis of diffusion and reaction in four materials, 28,900 cells (peer: MOOSE's published times)."""

from . import common

# MOOSE, stochastic tools module, examples/pod_rb_surrogate: one processor of their machine (research/mor.md, B3).
FULL = 779.5      # s, 1,000 samples of the full model
TRAINING = 116.2  # s, 100 samples
REDUCED = 0.937   # s, 1,000 samples of the reduced model with 8 modes
BREAK_EVEN = 148  # evaluations


def run(settings):
    report = common.Report("multireg", "Four materials, 11 parameters, 8 modes of 100 solutions, 1,000 samples", "MOOSE")
    runs = [common.ours(settings, "multireg", (170, 170, 1), extra=("--folder", common.SOURCE / "cases"))
            for _ in range(settings.repetitions)]
    samples, solves = runs[0]["samples"], runs[0]["full_solves"]

    def seconds(phase, factor=1.0):
        return [factor * common.phases(result, phase) for result in runs]

    def add(name, ours, published):
        report.add(name, ours, [published] * len(runs), not_measured="the peer's times are published ones, of another machine")

    full, training = seconds("full", samples / solves), seconds("training")
    reduced = seconds("certified", samples)
    add("full model, 1,000 samples", full, FULL)
    add("training", training, TRAINING)
    add("reduced model with bounds, 1,000 samples", reduced, REDUCED)
    add("the same with the field on the mesh", seconds("lifted"), REDUCED)
    add("training and 1,000 samples", [a + b for a, b in zip(training, reduced)], TRAINING + REDUCED)
    even = common.median([t / (f / samples - r / samples) for t, f, r in zip(training, full, reduced)])
    report.remark(f"break-even with the full model after {even:.0f} evaluations (published: {BREAK_EVEN})")
    report.remark(f"the full model was run for {solves} samples and counted as "
                  f"{samples}; {runs[0]['unknowns']} unknowns")
    return report
