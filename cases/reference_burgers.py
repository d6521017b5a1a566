#!/usr/bin/python3
"""Reference values of burgers_1d by the transformation of Cole and Hopf, independent of the engine.

Needs python3-numpy (not used by any test): cases/reference_burgers.py
For u(x, 0) = -sin(pi x):  u = <x - y> / t  with the weight  w(y) = exp(-cos(pi y) / (2 pi nu) - (x - y)^2 / (4 nu t)),
so that  u_x = (1 - <(y - <y>)^2> / (2 nu t)) / t.  The trapezoidal rule on the whole line converges exponentially.
"""

import numpy as np

VISCOSITY = 0.01 / np.pi


def velocity_and_slope(x, t, points):
    y = np.linspace(x - 3, x + 3, points)  # the weight is below 1e-100 outside
    exponent = -np.cos(np.pi * y) / (2 * np.pi * VISCOSITY) - (x - y) ** 2 / (4 * VISCOSITY * t)
    weight = np.exp(exponent - exponent.max())
    weight /= weight.sum()
    mean = (weight * y).sum()
    variance = (weight * (y - mean) ** 2).sum()
    return (x - mean) / t, (1 - variance / (2 * VISCOSITY * t)) / t


def energy(t, points, panels=400):
    """Integral of u^2 over [-1, 1] by Gauss-Legendre on panels that are refined towards the layer at 0."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.sinh(np.linspace(0, 1, panels + 1) * 8) / np.sinh(8)
    total = 0.0
    for a, b in zip(edges[:-1], edges[1:]):
        total += sum(w * (b - a) / 2 * velocity_and_slope((a + b) / 2 + s * (b - a) / 2, t, points)[0] ** 2
                     for s, w in zip(nodes, weights))
    return 2 * total


if __name__ == "__main__":
    for points in (2001, 4001):
        print(points, "points")
        print("  slope at 0, t = 1.6037 / pi (Basdevant et al.: 152.00516):",
              f"{-velocity_and_slope(0.0, 1.6037 / np.pi, points)[1]:.8f}")
        print(f"  slope at 0, t = 0.51: {velocity_and_slope(0.0, 0.51, points)[1]:.8f}")
        for x in (-0.75, -0.25, -0.05, 0.01, 0.5):
            print(f"  u({x}, 0.51) = {velocity_and_slope(x, 0.51, points)[0]:.12f}")
        print(f"  integral of u^2: {energy(0.51, points, 100 if points < 4000 else 200):.12f}", flush=True)
