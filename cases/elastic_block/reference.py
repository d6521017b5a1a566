#!/usr/bin/python3
"""Reference values of elastic_block by biquadratic elements, independent of the engine (needs numpy and scipy)."""

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg

NU = 0.3
MODULI = np.array([[2.0, 5.0, 10.0], [20.0, 50.0, 20.0], [10.0, 5.0, 1.0]])  # rows from the bottom
TRACTIONS = (1.0, -0.5, 0.25)
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(3)
POINTS, WEIGHTS = (1 + POINTS) / 2, WEIGHTS / 2


def shape(s):
    return np.array([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)])


def slope(s):
    return np.array([4 * s - 3, 4 - 8 * s, 4 * s - 1])


def cell_matrix():
    """Plane strain with E = 1 on a square of any size (in two dimensions the size cancels); unknowns (node, component)."""
    a = 1 / ((1 + NU) * (1 - 2 * NU))
    law = a * np.array([[1 - NU, NU, 0], [NU, 1 - NU, 0], [0, 0, (1 - 2 * NU) / 2]])
    matrix = np.zeros((18, 18))
    for y, wy in zip(POINTS, WEIGHTS):
        for x, wx in zip(POINTS, WEIGHTS):
            dx, dy = np.kron(shape(y), slope(x)), np.kron(slope(y), shape(x))
            strain = np.zeros((3, 18))
            strain[0, 0::2], strain[1, 1::2] = dx, dy
            strain[2, 0::2], strain[2, 1::2] = dy, dx
            matrix += wx * wy * strain.T @ law @ strain
    return matrix


def solve(n):
    width, step = 2 * n + 1, 1.0 / n
    column, row = (k.ravel() for k in np.meshgrid(np.arange(n), np.arange(n)))
    nodes = np.array([(2 * row + b) * width + 2 * column + a for b in range(3) for a in range(3)]).T
    unknowns = np.stack([2 * nodes, 2 * nodes + 1], 2).reshape(len(nodes), 18)
    moduli = np.kron(MODULI, np.ones((n // 3, n // 3))).ravel()
    cell = moduli[:, None, None] * cell_matrix()
    rows, columns = np.repeat(unknowns, 18, 1), np.tile(unknowns, (1, 18))
    matrix = sparse.coo_matrix((cell.ravel(), (rows.ravel(), columns.ravel())), shape=(2 * width**2,) * 2).tocsr()
    load = np.zeros(2 * width**2)
    side = np.array([1, 4, 1]) / 6 * step
    for k in range(n):
        load[2 * ((2 * k + np.arange(3)) * width + width - 1)] += TRACTIONS[3 * k // n] * side
    free = np.ones(2 * width**2, bool)
    for component in range(2):
        free[2 * np.arange(width) * width + component] = False
    u = np.zeros(2 * width**2)
    u[free] = scipy.sparse.linalg.spsolve(matrix[free][:, free].tocsc(), load[free])
    right = u[2 * (np.arange(width) * width + width - 1)]
    mean = sum(right[2 * k:2 * k + 3] @ side for k in range(n))
    return {"extension": mean, "lower_corner": right[0]}


if __name__ == "__main__":
    for size in (24, 48, 96, 192):
        print(f"{size} x {size} cells:", {name: float(f"{value:.10g}") for name, value in solve(size).items()}, flush=True)
