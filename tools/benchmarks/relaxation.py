"""Relaxation factors that are learned: iterations of tuned SOR and SSOR-CG beside the best fixed factor; about 3 minutes."""

from . import common

TRIALS = 3
PROBLEMS = {"sor_high": "SOR, shifts of high variance", "sor_low": "SOR, shifts of low variance", "heat_25": "heat, 25 cells",
            "heat_50": "heat, 50 cells", "heat_100": "heat, 100 cells"}
WAYS = {"bandit": ("bandit", 1.2), "bandit_context": ("bandit with context", 1.1), "cheb_cb": ("ChebCB", 1.1)}


def run(settings):
    """Iterations do not vary from run to run: each problem is run once, whatever the number of repetitions."""
    report = common.Report("relaxation", "Learned relaxation factors, iterations of 5,000 solves", "best fixed factor")
    for problem, title in PROBLEMS.items():
        result = common.program(settings, "relaxation", "--set", f"problem={problem}", "--repetitions", TRIALS)
        iterations, seconds = result["iterations"], result["seconds"]
        for way, (name, most) in WAYS.items():
            report.add(f"{title}: {name}", [iterations[way]], [iterations["best"]], unit="iterations", target=1 / most)
        words = {"best": f"best fixed factor, {result['best_factor']:.3g}", "one_sampled": "factor 1 (from a part of the solves)",
                 **{way: name for way, (name, _) in WAYS.items()}, "plain": "plain CG", "hypre_sampled": "CG with hypre (from every 25th step)"}
        report.remark(f"{title}: " + "; ".join(f"{word} {iterations[way]:.0f} in {seconds[way]:.1f} s"
                                               for way, word in words.items() if way in iterations))
    report.remark(f"Of SOR {TRIALS} trials are added up. Nothing was set by hand but the number of bins of the context, 8.")
    return report
