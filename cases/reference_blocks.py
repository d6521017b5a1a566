#!/usr/bin/python3
"""Reference values of thermal blocks, moose_2d_multireg and advection_2d by biquadratic elements, independent of the engine.

Needs python3-numpy and python3-scipy (not used by any test): cases/reference_blocks.py thermal_block|thermal_block_3x3|
thermal_block_contrast|moose_2d_multireg|advection_2d
Solves -div(D grad u) + b . grad u + S u = q on a lattice of squares; quantities on a mesh and on one of half the size.
"""

import sys

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(3)
POINTS, WEIGHTS = (1 + POINTS) / 2, WEIGHTS / 2


def integrals_1d():
    """Stiffness, mass, integrals of v w' and load of the quadratic interval [0, 1] with nodes 0, 1/2, 1."""
    values = [np.array([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)]) for s in POINTS]
    slopes = [np.array([4 * s - 3, 4 - 8 * s, 4 * s - 1]) for s in POINTS]
    stiffness = sum(w * np.outer(d, d) for d, w in zip(slopes, WEIGHTS))
    mass = sum(w * np.outer(v, v) for v, w in zip(values, WEIGHTS))
    slope = sum(w * np.outer(v, d) for v, d, w in zip(values, slopes, WEIGHTS))
    return stiffness, mass, slope, sum(w * v for v, w in zip(values, WEIGHTS))


class Lattice:
    """u and its means; coefficients are arrays (n, n), rows from the bottom; `fixed(x, y)` is where u = 0."""

    def __init__(self, length, conductivity, reaction, source, fixed, velocity=(0.0, 0.0)):
        n = len(conductivity)
        self.n, self.step = n, length / n
        column, row = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n)))
        width = 2 * n + 1
        self.nodes = np.array([(2 * row + b) * width + 2 * column + a for b in range(3) for a in range(3)]).T
        stiffness, mass, slope, load = integrals_1d()
        self.load = np.kron(load, load) * self.step**2
        cell = (conductivity.ravel()[:, None, None] * (np.kron(mass, stiffness) + np.kron(stiffness, mass))
                + reaction.ravel()[:, None, None] * np.kron(mass, mass) * self.step**2)
        cell = cell + (velocity[0] * np.kron(mass, slope) + velocity[1] * np.kron(slope, mass)) * self.step
        rows, columns = np.repeat(self.nodes, 9, 1), np.tile(self.nodes, (1, 9))
        matrix = sparse.coo_matrix((cell.ravel(), (rows.ravel(), columns.ravel())), shape=(width**2, width**2)).tocsr()
        right = np.zeros(width**2)
        np.add.at(right, self.nodes.ravel(), (source.ravel()[:, None] * self.load).ravel())
        y, x = (a.ravel() * self.step / 2 for a in np.meshgrid(np.arange(width), np.arange(width), indexing="ij"))
        free = ~fixed(x, y)
        self.u = np.zeros(width**2)
        self.u[free] = scipy.sparse.linalg.spsolve(matrix[free][:, free].tocsc(), right[free])

    def mean(self, cells=slice(None)):
        values = self.u[self.nodes[cells]] @ self.load
        return values.sum() / (len(values) * self.step**2)

    def at(self, x, y):
        return self.u[round(2 * y / self.step) * (2 * self.n + 1) + round(2 * x / self.step)]


def blocks(conductivities, n):
    conductivity = np.kron(conductivities, np.ones((n // len(conductivities),) * 2))
    edge = 1e-12
    lattice = Lattice(1.0, conductivity, 0 * conductivity, 1 + 0 * conductivity,
                      lambda x, y: (x < edge) | (y < edge) | (x > 1 - edge) | (y > 1 - edge))
    return {"mean_temperature": lattice.mean()}


def thermal_block(n):
    return blocks([[0.3, 0.7], [0.5, 0.9]], n)


def thermal_block_3x3(n):
    return blocks([[0.3, 0.7, 0.5], [0.9, 0.2, 0.6], [0.4, 0.8, 1.0]], n)


def thermal_block_contrast(n):
    return blocks([[0.03, 0.07, 0.05], [0.09, 0.002, 0.06], [0.04, 0.08, 0.1]], n)


def moose_2d_multireg(n):
    rows = "100010023 000000023 001000223 000000233 100012233 000022333 002223333 222333333 333333333".split()
    blocks = np.array([[int(c) for c in row] for row in rows])
    repeat = [n // 17] + [2 * n // 17] * 8
    region = np.repeat(np.repeat(blocks, repeat, 0), repeat, 1)
    lattice = Lattice(170.0, np.choose(region, [0.5, 0.5, 0.5, 0.375]), np.choose(region, [0.10625, 0.1625, 0.1, 0.0125]),
                      np.choose(region, [12.5, 12.5, 12.5, 0.0]), lambda x, y: (x > 170 - 1e-9) | (y > 170 - 1e-9))
    return {"mean": lattice.mean(), "mean_r3": lattice.mean((region == 3).ravel()), "corner": lattice.at(0, 0),
            "centre": lattice.at(85, 85), "in_reflector": lattice.at(120, 120)}


def advection_2d(n):
    edge, ones = 1e-12, np.ones((n, n))
    lattice = Lattice(1.0, 0.05 * ones, 0 * ones, ones, lambda x, y: (x < edge) | (y < edge) | (x > 1 - edge) | (y > 1 - edge), (-2.0, 0.79))
    centres = (np.arange(n) + 0.5) / n
    near = lambda x, y: np.outer(abs(centres - y) < 0.05, abs(centres - x) < 0.05).ravel()
    return {"upper_right": lattice.mean(near(0.75, 0.75)), "upper_left": lattice.mean(near(0.25, 0.75)),
            "lower_left": lattice.mean(near(0.25, 0.25)), "lower_right": lattice.mean(near(0.75, 0.25))}


if __name__ == "__main__":
    solve, sizes = {"thermal_block": (thermal_block, (50, 100, 200)),
                    "thermal_block_3x3": (thermal_block_3x3, (51, 99, 198)),
                    "thermal_block_contrast": (thermal_block_contrast, (51, 99, 198)),
                    "moose_2d_multireg": (moose_2d_multireg, (170, 340)),
                    "advection_2d": (advection_2d, (50, 100, 200))}[sys.argv[1]]
    for size in sizes:
        print(f"{size} x {size} cells:", {name: float(f"{value:.12g}") for name, value in solve(size).items()}, flush=True)
