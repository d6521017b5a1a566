"""Curves of work over achieved error, and their comparison."""

import math
import random
import statistics

LARGEST_ERROR = 0.1  # relative; what is worse is no solution
LEAST_RANGE = 0.5  # decades of the error that two curves must have in common
RESAMPLES = 2000


def envelope(points):
    """Pairs (work, log10 of the error) that no other one beats in both, by work."""
    best = []
    for work, error in sorted(points):
        if not best or error < best[-1][1]:
            best.append((work, error))
    return best


def interpolate(x, points):
    """Piecewise linear through (x, y) with increasing x, constant outside."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def curve(runs):
    """(digits, ln of the work) of [work, error] pairs or None, by digits: the envelope of those that solve the problem."""
    points = [(run[0], math.log10(run[1])) for run in runs if run is not None and 0.0 < run[1] <= LARGEST_ERROR]
    return [(-error, math.log(work)) for work, error in envelope(points)]


def log_ratio(runs, baseline):
    """Mean of ln(work over that of the baseline) over the errors that both reach; None where there are too few."""
    ours, theirs = curve(runs), curve(baseline)
    if not ours or not theirs:
        return None
    first, last = max(ours[0][0], theirs[0][0]), min(ours[-1][0], theirs[-1][0])
    if last - first < LEAST_RANGE:
        return None
    knots = sorted({first, last, *(x for x, _ in ours + theirs if first < x < last)})
    ratios = [interpolate(x, ours) - interpolate(x, theirs) for x in knots]
    area = sum(0.5 * (b - a) * (f + g) for a, b, f, g in zip(knots, knots[1:], ratios, ratios[1:]))
    return area / (last - first)


def mean_over_problems(logs):
    """Of {problem: {seed: [ln of a ratio]}}: problems count alike, and so do the seeds of one."""
    return statistics.fmean(statistics.fmean(statistics.fmean(values) for values in seeds.values()) for seeds in logs.values())


def geometric_mean(logs):
    return math.exp(mean_over_problems(logs))


def worst(logs):
    """(ratio, problem) of the problem with the largest median over its seeds and methods."""
    return max((math.exp(statistics.median(v for values in seeds.values() for v in values)), problem)
               for problem, seeds in logs.items())


def interval(logs):
    """95 % interval of the geometric mean, by drawing the seeds of each problem anew."""
    draw = random.Random(1)
    means = {problem: [statistics.fmean(values) for values in seeds.values()] for problem, seeds in logs.items()}
    found = sorted(statistics.fmean(statistics.fmean(draw.choices(values, k=len(values))) for values in means.values())
                   for _ in range(RESAMPLES))
    return math.exp(found[int(0.025 * RESAMPLES)]), math.exp(found[int(0.975 * RESAMPLES)])
