#!/usr/bin/python3
"""Reference values of this case: -laplace(u) = exp(-2 |x - mu|^2) on (-1, 1)^2, u = 0 on its boundary, by a double sine series.

With s_m(x) = sin(m pi (x + 1) / 2) the source is sum f_m g_n s_m(x) s_n(y), as it is a product of functions of x and of y;
f_m = int exp(-2 (x - mu_x)^2) s_m(x) dx by Gauss-Legendre quadrature, and u_mn = f_m g_n / ((pi / 2)^2 (m^2 + n^2)).
Usage: reference.py [MU_X MU_Y]
"""

import math
import sys

import numpy


def coefficients(centre, number):
    points, weights = numpy.polynomial.legendre.leggauss(4000)
    m = numpy.arange(1, number + 1)
    sines = numpy.sin(0.5 * math.pi * numpy.outer(m, points + 1.0))
    return sines @ (weights * numpy.exp(-2.0 * (points - centre) ** 2))


def solve(mu_x, mu_y, number):
    m = numpy.arange(1, number + 1)
    u = numpy.outer(coefficients(mu_x, number), coefficients(mu_y, number))
    u /= (0.5 * math.pi) ** 2 * (m[:, None] ** 2 + m[None, :] ** 2)
    means = (1.0 - numpy.cos(m * math.pi)) / (m * math.pi)  # of s_m over (-1, 1)
    centre = numpy.sin(0.5 * math.pi * m)
    return means @ u @ means, centre @ u @ centre


def main():
    mu = [float(text) for text in sys.argv[1:]] or [0.3, -0.6]
    for number in (250, 500, 1000):
        mean, centre = solve(*mu, number)
        print(f"{number:5d} terms each way: mean {mean:.12f}, centre {centre:.12f}")


if __name__ == "__main__":
    main()
