"""Reduced basis of the thermal block, 20,201 unknowns, 20 functions from 625 parameters (peer: pyMOR's figures)."""

from . import common

# pyMOR 2025.2.2 on this kind of machine, one thread (research/mor.md, B1 and 6): it is not installed here.
OFFLINE = 7.7           # s, the best of its runs (to 11)
ONLINE_CERTIFIED = 0.40e-3  # s, solve and estimate
FULL = 80e-3            # s, one finite-element solve
ONLINE_LIMIT = 20e-6    # s, the design's limit


def run(settings):
    report = common.Report("reduced", "Thermal block 2 x 2, greedy reduced basis with error bound", "pyMOR")
    runs = [common.ours(settings, "reduced", (100, 100, 1)) for _ in range(settings.repetitions)]
    solves = runs[0]["online_solves"]
    report.add("training", [common.phases(result, "offline") for result in runs], [OFFLINE], target=5.0)
    report.add("finite-element solve", [common.phases(result, "full") for result in runs], [FULL])
    online = [common.phases(result, "online") / solves for result in runs]
    report.add("reduced solve with bound", online, [ONLINE_CERTIFIED])
    report.add("the same against the limit", online, [ONLINE_LIMIT], target=1.0)
    report.remark(f"{runs[0]['unknowns']} unknowns, {runs[0]['functions']} functions; largest bound of {solves} random "
                  f"parameters {runs[0]['largest_bound']:.3g}")
    report.remark("training: mesh, separation, 20 solves, residual basis, 625 parameters a step; the median of "
                  "repetitions in one program, which has loaded its plugin")
    report.remark("processor time of the training: {:.3g} s".format(
        common.median([result["processor_seconds"]["offline"] for result in runs])))
    return report
