"""Learned choice of steps: three bodies against fixed step parameters, any integration against tuned controllers."""

import dataclasses
import json
import math

from . import common, step_control
from .step_control import WIN, WORST
from .work_precision import envelope, interpolate

SEEDS = (1, 2, 3, 4, 5)
# Chosen by the reward on validation seeds. The published network takes half an hour for its 2,000 episodes, in which no validation
# is better than the one before the first: here it gets 60.
SMALL = ("width=64", "layers=1", "episodes=300", "warm_up=20", "validation_count=40", "reward_scale=0.01", "discount=0.9")
PUBLISHED = ("width=200", "layers=9", "episodes=60")


@dataclasses.dataclass
class Variant:
    """Policies that differ in nothing but the seed of their training."""

    name: str
    features: str
    settings: tuple
    seeds: tuple


VARIANTS = (Variant("closest pair", "closest", SMALL, SEEDS), Variant("full state", "state", SMALL, SEEDS),
            Variant("published, shared", "state", (*PUBLISHED, "variant=shared"), (1,)),
            Variant("published, unshared", "state", (*PUBLISHED, "variant=unshared"), (1,)))


def error_at(work, points):
    """log10 of the error of the envelope for this work."""
    return interpolate(math.log(work), [(math.log(w), e) for w, e in points])


def work_at(error, points):
    """Evaluations of the envelope for this log10 of the error."""
    return math.exp(interpolate(-error, [(-e, math.log(w)) for w, e in points]))


def verdict(ratios):
    """By the work of policies over that of the envelope at equal error, one number a seed of training."""
    if common.median(ratios) > WIN:
        return "neutral"
    return "win" if max(ratios) <= WORST else "useful"


class StudyReport(common.Report):
    """Fixed parameters, their envelope, what each variant reached, and the study of any integration; no peer and no target."""

    def __init__(self):
        super().__init__("rl_stepping", "Hermite scheme, three bodies, 300 intervals, test seeds 1000 to 1099", "")
        self.baseline, self.results, self.steps = None, [], None

    def envelope(self):
        return envelope((row["evaluations"], row["log_error"]) for row in self.baseline["table"])

    def add_result(self, variant, runs):
        points = self.envelope()
        work = [run["trained"]["evaluations"] for run in runs]
        errors = [run["trained"]["log_error"] for run in runs]
        ratios = [w / work_at(e, points) for w, e in zip(work, errors)]
        self.results.append({
            "variant": variant.name, "seeds": len(runs), "log_error": errors, "evaluations": work,
            "envelope": [error_at(w, points) for w in work], "work_ratio": ratios,
            "reward": [run["trained"]["reward"] for run in runs],
            "untrained": [run["untrained"]["reward"] for run in runs],
            "decision": [1e6 * run["seconds"]["decision"] for run in runs],
            "training": [run["seconds"]["training"] for run in runs], "verdict": verdict(ratios)})

    def met(self):
        return True

    def print(self):
        points = self.envelope()
        print(f"\n{self.title}\n  fixed mu  median log10|dE|  median evaluations  mean reward")
        for row in self.baseline["table"]:
            mark = "" if (row["evaluations"], row["log_error"]) in points else "  (dominated)"
            print(f"  {row['mu']:8.3g}  {row['log_error']:16.2f}  {row['evaluations']:18.0f}  {row['reward']:11.1f}{mark}")
        print(f"  {'random':>8}  {self.baseline['random']['log_error']:16.2f}  {self.baseline['random']['evaluations']:18.0f}"
              f"  {self.baseline['random']['reward']:11.1f}")
        for result in self.results:
            self.print_result(result)
        for text in self.remarks:
            print(f"  {text}")
        self.steps.print()
        result = {"bench": self.bench, **self.baseline, "policies": self.results, "step_control": self.steps.as_json()}
        print("RESULT " + json.dumps(result), flush=True)

    def print_result(self, result):
        def of(name, digits):
            values = result[name]
            return f"{common.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"

        best = max(row["reward"] for row in self.baseline["table"])
        print(f"  {result['variant']}: {result['seeds']} trainings of {common.median(result['training']):.0f} s\n"
              f"    log10|dE| {of('log_error', 2)} at {of('evaluations', 0)} evaluations; the envelope has there {of('envelope', 2)}\n"
              f"    work at equal error over the envelope's {of('work_ratio', 2)}: {result['verdict']}\n"
              f"    reward {of('reward', 1)}; untrained {of('untrained', 1)}, random {self.baseline['random']['reward']:.1f}, "
              f"best fixed {best:.1f}\n"
              f"    one decision takes {of('decision', 2)} us")


def run(settings):
    report = StudyReport()
    report.baseline = common.program(settings, "three_bodies")
    for variant in VARIANTS:
        words = [word for setting in variant.settings for word in ("--set", setting)]
        report.add_result(variant, [common.program(settings, "three_bodies_policy", "--features", variant.features, *words,
                                            "--set", f"seed={seed}") for seed in variant.seeds])
    report.remark("median (least..greatest) over the trainings; orbits of the training have seeds from 2000 on, of the choice of "
                  "the model 200 to 239")
    report.remark(f"verdict: win where the median ratio is at most {WIN} and the worst at most {WORST}, useful where the median "
                  "alone is, else neutral")
    report.steps = step_control.Study(settings)
    return report
