"""Learned choice of steps of any integration against tuned classical controllers: the second part of `rl_stepping`."""

import math
import random

from . import common, work_precision

SEEDS = (1, 2, 3, 4, 5)
TRAINING = ("width=32", "layers=1", "episodes=400", "warm_up=10", "discount=0.97", "validation_count=40", "validate_every=20")
LAWS = ("i", "pi42", "pid", "h211b", "h0321", "gustafsson_imex")
SAFETIES = (0.70, 0.75, 0.80, 0.85, 0.90, 0.94, 0.98)
REFERENCE = "law:h211b:0.9"  # of the tuning
PID_SEED, PID_BATCH = 11, 8
TEST_SETS = ("test_a", "test_b")
ABLATIONS = {"free": "no guard", "random": "guard only: random actions", "shuffled": "features of other decisions"}
WIN, WORST = 0.95, 1.10  # work at equal achieved error over that of the best classical choice
POLICIES = common.SOURCE / "build/policies"


def train(settings, seed):
    words = [word for setting in (*TRAINING, f"seed={seed}") for word in ("--set", setting)]
    return common.program(settings, "step_training", "--folder", POLICIES, *words)


class Runs:
    """Work and errors of controllers on a set of problems."""

    def __init__(self, settings, problems, names):
        words = [word for name in names for word in ("--set", f"controller={name}")]
        run = common.program(settings, "step_control", "--set", f"problems={problems}", *words)
        self.problems = run["problems"]
        self.rows = {row["controller"]: row for row in run["controllers"]}

    def logs(self, name, baseline):
        """{problem: {seed: [ln of the work ratio, one a method]}}, and the number of curves without common errors."""
        found, without = {}, 0
        for problem, ours, theirs in zip(self.problems, self.rows[name]["curves"], self.rows[baseline]["curves"]):
            value = work_precision.log_ratio(ours, theirs)
            if value is None:
                without += 1
            else:
                found.setdefault(problem["problem"], {}).setdefault(problem["seed"], []).append(value)
        return found, without

    def ratio(self, name, baseline):
        """For tuning: infinite for a controller that does not solve what the baseline solves."""
        logs, without = self.logs(name, baseline)
        return math.inf if without > self.logs(baseline, baseline)[1] else work_precision.geometric_mean(logs)

    def failures(self, name):
        return sum(point is None for curve in self.rows[name]["curves"] for point in curve)


def tune_laws(settings):
    """{law: (controller, its ratio to the reference)} with the best safety factor of each."""
    names = [f"law:{law}:{safety}" for law in LAWS for safety in SAFETIES]
    runs = Runs(settings, "tuning", names)
    best = {}
    for law in LAWS:
        ratios = [(runs.ratio(name, REFERENCE), name) for name in names if name.split(":")[1] == law]
        best[law] = min(ratios)[::-1]
    return best


def draw_pid(draw):
    """K1, K2, K3 and the safety factor; smaller errors must give longer steps."""
    numbers = (0.0,)
    while sum(numbers[:3]) < 0.2:
        numbers = (draw.uniform(0.2, 1.2), draw.uniform(-0.5, 0.3), draw.uniform(-0.2, 0.2), draw.uniform(0.7, 0.98))
    return "pid:" + ":".join(f"{number:.4f}" for number in numbers)


def tune_pid(settings, budget):
    """The best of random controllers whose runs together cost no more than the budget: (controller, ratio), number, cost."""
    draw, best, count, spent = random.Random(PID_SEED), None, 0, 0.0
    while True:
        names = [draw_pid(draw) for _ in range(PID_BATCH)]
        runs = Runs(settings, "tuning", [REFERENCE, *names])
        for name in names:
            if spent + runs.rows[name]["work"] > budget:
                return best, count, spent
            spent += runs.rows[name]["work"]
            count += 1
            found = (name, runs.ratio(name, REFERENCE))
            best = found if best is None or found[1] < best[1] else best


class Row:
    """One controller, or several trainings of one, against the best tuned baseline on one set."""

    def __init__(self, runs, names, baseline, decision):
        found = [runs.logs(name, baseline) for name in names]
        logs = [entry[0] for entry in found]
        ratios = [work_precision.geometric_mean(entry) for entry in logs]
        joined = {problem: {seed: [value for entry in logs for value in entry.get(problem, {}).get(seed, [])] for seed in seeds}
                  for problem, seeds in logs[0].items()}
        worst = sorted(work_precision.worst(entry) for entry in logs)[len(logs) // 2]
        rows = [runs.rows[name] for name in names]

        def total(key):
            return sum(row[key] for row in rows)

        self.figures = {
            "ratio": common.median(ratios), "ratios": ratios, "interval": work_precision.interval(joined), "worst": worst[0],
            "worst_problem": worst[1],
            "problems": {problem: work_precision.geometric_mean({problem: seeds}) for problem, seeds in joined.items()},
            "rejected": total("rejected") / total("attempts"), "failures": sum(runs.failures(name) for name in names) / len(names),
            "without_common_errors": sum(entry[1] for entry in found) / len(found)}
        asked = total("followed") + total("overridden")
        if asked > 0:
            self.figures.update({
                "overridden": total("overridden") / asked, "outside": total("outside") / asked, "paused": total("paused") / asked,
                "fused": total("fused") / len(rows), "decision_share": total("followed") * decision / total("run_seconds")})

    def text(self):
        f = self.figures
        low, high = f["interval"]
        spread = f" ({min(f['ratios']):.3f}..{max(f['ratios']):.3f})" if len(f["ratios"]) > 1 else ""
        text = (f"{f['ratio']:.3f}{spread} [{low:.3f}, {high:.3f}]  worst {f['worst']:.2f} {f['worst_problem']}  "
                f"rejected {100 * f['rejected']:.1f} %  failed {f['failures']:g}, incomparable {f['without_common_errors']:g}")
        if "overridden" not in f:
            return text
        return (f"{text}  overridden {100 * f['overridden']:.1f} % (outside {100 * f['outside']:.1f}, paused {100 * f['paused']:.1f}), "
                f"fused {f['fused']:g}, deciding {100 * f['decision_share']:.1f} % of the time")


def verdict(test_a, test_b):
    """By the figures of the learned controller."""
    if test_b["ratio"] <= WIN and test_b["worst"] <= WORST:
        return "win"
    return "useful" if test_a["ratio"] <= WIN else "neutral"


class Study:
    """All that was found, for the table and the RESULT line of `rl_stepping`."""

    def __init__(self, settings):
        POLICIES.mkdir(parents=True, exist_ok=True)
        self.trainings = [train(settings, seed) for seed in SEEDS]
        self.tuned = tune_laws(settings)
        self.budget = common.median([training["training_work"] for training in self.trainings])
        self.tuned["random-tuned pid"], self.drawn, self.spent = tune_pid(settings, self.budget)
        self.best = min(self.tuned, key=lambda name: self.tuned[name][1])
        files = [training["policy"] for training in self.trainings]
        controllers = {f"{name} (tuned)": [entry[0]] for name, entry in self.tuned.items()}
        controllers["h211b as it is"] = [REFERENCE]
        controllers["learned"] = [f"learned:{file}" for file in files]
        controllers["bandit"] = [f"bandit:{files[0]}"]
        controllers.update({text: [f"{kind}:{files[0]}"] for kind, text in ABLATIONS.items()})
        self.rows = {}
        decision = common.median([training["seconds"]["decision"] for training in self.trainings])
        for problems in TEST_SETS:
            runs = Runs(settings, problems, sorted({name for names in controllers.values() for name in names}))
            self.rows[problems] = {text: Row(runs, names, self.tuned[self.best][0], decision) for text, names in controllers.items()}

    def verdict(self):
        return verdict(*(self.rows[problems]["learned"].figures for problems in TEST_SETS))

    def as_json(self):
        return {"tuned": self.tuned, "best": self.best, "training_work": self.budget, "pid_work": self.spent, "pid_drawn": self.drawn,
                "trainings": self.trainings, "verdict": self.verdict(),
                **{problems: {name: row.figures for name, row in rows.items()} for problems, rows in self.rows.items()}}

    def print(self):
        print("\nChoice of steps of any integration: work at equal achieved error over that of the best tuned baseline")
        print("  tuned on the families of the training, work over that of h211b with safety 0.9:")
        for name, (controller, ratio) in self.tuned.items():
            print(f"    {name:18} {ratio:.3f}  {controller}{'  <- the best' if name == self.best else ''}")
        print(f"    {self.drawn} random PIDs for {self.spent:.0f} right-hand sides; one training took {self.budget:.0f}")
        for problems, title in zip(TEST_SETS, ("test A: families of the training", "test B: other problems")):
            print(f"  {title}; geometric mean [95 %]")
            for name, row in self.rows[problems].items():
                print(f"    {name:26} {row.text()}")
        self.print_rewards()
        print(f"  verdict: {self.verdict()} (win where the mean is at most {WIN} on test B and the worst problem at most {WORST}, useful "
              f"where the mean is at most {WIN} on test A, else neutral)")
        for text in REMARKS:
            print(f"  {text}")

    def print_rewards(self):
        def of(key, part):
            values = [training[key][part] for training in self.trainings]
            return f"{common.median(values):.1f} ({min(values):.1f}..{max(values):.1f})"

        print("  sum of rewards of an episode; policies of the five trainings, median (least..greatest)")
        for part, title in (("validation", "validation"), ("test_a", "test A")):
            texts = ", ".join(f"{key} {of(key, part)}" for key in ("trained", "untrained", "random", "classical"))
            print(f"    {title}: {texts}")
        times = [training["seconds"] for training in self.trainings]
        print(f"  one training takes {common.median([t['training'] for t in times]):.0f} s, one decision "
              f"{1e6 * common.median([t['decision'] for t in times]):.2f} us; the policies are in {POLICIES}")


REMARKS = (
    "work: right-hand sides + solves + factorisations + columns of Jacobians (at most the width of the band), with rejected attempts",
    "and the first step; errors: at the end, relative, at most 0.1; curves of 7 tolerances, interpolated, in the range of errors that",
    "both have; problems count alike. Seeds: training from 2000 on, tuning 2000 to 2015, choice of the model 200 to 239, tests 1000 to",
    "1063. Learned: median (least..greatest) of five trainings; bandit and ablations: the first training. Raw states are no",
    "features here: their number differs from problem to problem.")
