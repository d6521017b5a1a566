#!/usr/bin/python3
"""Reference values of this case, with its own backward Euler steps, independent of the engine.

fourier: for channel = 1, u = g(t) (1 - x) + sum w_mn(t) sin(m pi x) cos(n pi y), each coefficient stepped by itself.
biquadratic: for any channel, biquadratic elements on n x n squares (needs python3-scipy).
Usage: reference.py fourier | biquadratic [CHANNEL]
"""

import math
import sys

import numpy as np

STEPS, DT, HEATER, FURNACE = 100, 0.005, 30.0, 1.0


def power(t):
    return HEATER * (1 + math.sin(20 * t))


def side(t):
    return FURNACE * (1 - math.exp(-10 * t))


def fourier(number):
    m, n = np.arange(1, number + 1), np.arange(0, number)
    in_x = 2 * (np.cos(0.2 * np.pi * m) - np.cos(0.4 * np.pi * m)) / (np.pi * m)
    in_y = np.concatenate([[0.2], 2 * (np.sin(0.3 * np.pi * n[1:]) - np.sin(0.1 * np.pi * n[1:])) / (np.pi * n[1:])])
    block, ramp = np.outer(in_x, in_y), np.zeros((number, number))
    ramp[:, 0] = 2 / (np.pi * m)
    decay = 1 + DT * np.pi**2 * (m[:, None] ** 2 + n[None, :] ** 2)
    w = np.zeros((number, number))
    w[0, 0] = 1.0
    for k in range(1, STEPS + 1):
        w = (w + DT * power(k * DT) * block - (side(k * DT) - side((k - 1) * DT)) * ramp) / decay
    end = side(STEPS * DT)
    at = lambda x, y: end * (1 - x) + np.sin(np.pi * m * x) @ w @ np.cos(np.pi * n * y)
    return 0.5 * end + ((1 - np.cos(np.pi * m)) / (np.pi * m)) @ w[:, 0], at(0.5, 0.5), at(0.3, 0.2)


def lines(n, weight):
    """Stiffness, mass and load of quadratic elements on n cells of [0, 1]; `weight` by cell."""
    points, weights = np.polynomial.legendre.leggauss(4)
    stiffness, mass, load = np.zeros((2 * n + 1,) * 2), np.zeros((2 * n + 1,) * 2), np.zeros(2 * n + 1)
    for cell in range(n):
        nodes = slice(2 * cell, 2 * cell + 3)
        for s, w in zip((1 + points) / 2, weights / 2):
            v = np.array([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)])
            d = np.array([4 * s - 3, 4 - 8 * s, 4 * s - 1]) * n
            stiffness[nodes, nodes] += weight[cell] * w / n * np.outer(d, d)
            mass[nodes, nodes] += weight[cell] * w / n * np.outer(v, v)
            load[nodes] += weight[cell] * w / n * v
    return stiffness, mass, load


def biquadratic(n, channel):
    import scipy.sparse as sparse
    import scipy.sparse.linalg

    centre = (np.arange(n) + 0.5) / n
    near = lambda at: (abs(centre - at) < 0.1).astype(float)
    one = np.ones(n)
    across = one + (channel - 1) * near(0.5)
    stiffness, mass, load = lines(n, one)
    stiffness_y, mass_y, _ = lines(n, across)
    kron = lambda a, b: sparse.csc_matrix(sparse.kron(sparse.csc_matrix(a), sparse.csc_matrix(b)))  # rows of y, then x
    A = kron(mass_y, stiffness) + kron(stiffness_y, mass)
    M = kron(mass, mass)
    block = np.kron(lines(n, near(0.2))[2], lines(n, near(0.3))[2])
    x = np.tile(np.linspace(0, 1, 2 * n + 1), 2 * n + 1)
    free = (x > 1e-12) & (x < 1 - 1e-12)
    u = np.sin(np.pi * x) * free
    S = (M / DT + A).tocsc()
    solve = scipy.sparse.linalg.splu(S[free][:, free]).solve
    for k in range(1, STEPS + 1):
        rhs = M @ u / DT + power(k * DT) * block
        u = side(k * DT) * (x < 1e-12)
        u[free] = solve((rhs - S @ u)[free])
    at = lambda x, y: u[round(2 * n * y) * (2 * n + 1) + round(2 * n * x)]
    return np.kron(load, load) @ u, at(0.5, 0.5), at(0.3, 0.2)


if __name__ == "__main__":
    if sys.argv[1:2] == ["fourier"]:
        for number in (200, 400, 800):
            print(number, "terms each way:", *("%.10g" % value for value in fourier(number)))
    else:
        for n in (40, 80, 160):
            print(n, "x", n, "cells:", *("%.10g" % value for value in biquadratic(n, float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)))
