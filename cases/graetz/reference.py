#!/usr/bin/python3
"""Reference values of this case: -k laplace(u) + y (1 - y) u_x = 0 on (0, 1 + L) x (0, 1), independent of the engine.

u = 0 at x = 0 and on the walls before x = 1, u = 1 on the walls beyond, u_x = 0 at the end. Biquadratic elements on rectangles
that are graded towards x = 1, where the prescribed values jump; by tensor products of one-dimensional matrices.
Needs python3-numpy and python3-scipy (not used by any test). Usage: reference.py [DIFFUSION LENGTH]
"""

import sys

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(4)


def matrices(vertices, weight=lambda x: 1.0):
    """Nodes of quadratic intervals, their stiffness, mass, int v w' and int weight v w."""
    n = len(vertices) - 1
    nodes = np.interp(np.arange(2 * n + 1) / 2, np.arange(n + 1), vertices)
    parts = [sparse.lil_matrix((2 * n + 1, 2 * n + 1)) for _ in range(4)]
    for e in range(n):
        h = vertices[e + 1] - vertices[e]
        local = np.zeros((4, 3, 3))
        for s, w in zip((1 + POINTS) / 2, WEIGHTS / 2):
            v = np.array([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)])
            d = np.array([4 * s - 3, 4 - 8 * s, 4 * s - 1]) / h
            local += w * h * np.array([np.outer(d, d), np.outer(v, v), np.outer(v, d), weight(vertices[e] + s * h) * np.outer(v, v)])
        for part, values in zip(parts, local):
            part[2 * e:2 * e + 3, 2 * e:2 * e + 3] += values
    return nodes, [part.tocsr() for part in parts]


def graded(n, length):
    """0 .. length with cells that grow from the start on."""
    s = np.arange(n + 1) / n
    return length * s**2


def solve(diffusion, length, n):
    along = np.concatenate([1.0 - graded(n, 1.0)[::-1], 1.0 + graded(n, length)[1:]])
    across = np.concatenate([graded(n // 2, 0.5), 1.0 - graded(n // 2, 0.5)[-2::-1]])
    x, (stiff_x, mass_x, slope_x, _) = matrices(along)
    y, (stiff_y, mass_y, _, profile_y) = matrices(across, lambda t: t * (1 - t))
    matrix = (diffusion * (sparse.kron(stiff_x, mass_y) + sparse.kron(mass_x, stiff_y)) + sparse.kron(slope_x, profile_y)).tocsr()
    X, Y = (a.ravel() for a in np.meshgrid(x, y, indexing="ij"))
    wall = (Y < 1e-12) | (Y > 1 - 1e-12)
    step = np.where(abs(X - 1) < 1e-12, 0.5, np.where(X < 1, 0.0, 1.0))
    u = np.where(wall, step, 0.0)
    fixed = wall | (X < 1e-12)
    u[X < 1e-12] = 0.0
    free = ~fixed
    u[free] = scipy.sparse.linalg.spsolve(matrix[free][:, free].tocsc(), -(matrix[free][:, fixed] @ u[fixed]))
    ones_x, ones_y = mass_x @ np.ones(len(x)), mass_y @ np.ones(len(y))
    grid = u.reshape(len(x), len(y))
    return ones_x @ grid @ ones_y / (1 + length), grid[-1] @ ones_y


def main():
    diffusion, length = [float(text) for text in sys.argv[1:]] or [0.1, 2.0]
    for n in (20, 40, 80, 160):
        mean, outlet = solve(diffusion, length, n)
        print(f"{n:4d} cells each way and part: mean {mean:.10f}, outlet {outlet:.10f}", flush=True)


if __name__ == "__main__":
    main()
