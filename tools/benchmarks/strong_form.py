"""Equations at points with derivatives: at times and parameters of each point, beside points at one time."""

from . import common


def run(settings):
    report = common.Report("strong_form", "Strong forms with derivatives, ns a point", "points at one time")
    runs = [common.program(settings, "strong_form") for _ in range(settings.repetitions)]
    for phase in runs[0]["seconds"]:
        if not phase.endswith(", own times"):
            continue
        together = phase.replace(", own times", ", one time")
        report.add(phase.removesuffix(", own times"), [result["seconds"][phase] for result in runs],
                   [result["seconds"][together] for result in runs], target=0.5)
    points = runs[0]["points"]
    for phase, seconds in runs[0]["seconds"].items():
        if phase.endswith(", one time"):
            report.remark(f"{phase}: {1e9 * seconds / points:.0f} ns a point")
    return report
