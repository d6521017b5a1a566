"""Collective output of a field against a bare H5Dwrite of the same bytes, on 1 and 2 ranks."""

from . import common

CELLS = (204, 204, 204)
LEAST_BYTES = 200e6


def run(settings):
    report = common.Report("output", "Writing one step, same bytes and sync policy", "H5Dwrite")
    for ranks in (1, 2):
        runs = [common.ours(settings, "output", CELLS, ranks) for _ in range(settings.repetitions)]
        report.add(f"one step on {ranks} rank{'s' if ranks > 1 else ''}",
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
