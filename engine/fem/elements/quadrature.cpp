#include "engine/fem/elements/quadrature.hpp"

#include <cmath>
#include <numbers>

#include "ansatz/sdk/error.hpp"

namespace ansatz::fem {
namespace {

using mesh::CellType;

struct Line {
  std::vector<double> x, w;
};

/// Gauss-Jacobi rule with n points on [0, 1] for the weight (1 - x)^alpha, by Newton on the Jacobi polynomial.
Line gauss_jacobi(int n, int alpha) {
  const double a = alpha;
  Line rule;
  // P_k^(a, 0) by its three-term recurrence on [-1, 1], with its derivative.
  const auto evaluate = [&](double z) {
    double p0 = 1.0, p1 = 0.5 * (a + (a + 2.0) * z);
    if (n == 1) p0 = 1.0;
    for (int k = 2; k <= n; ++k) {
      const double c = 2.0 * k + a;
      const double p2 = ((c - 1.0) * (c * (c - 2.0) * z + a * a) * p1 - 2.0 * (k + a - 1.0) * (k - 1.0) * c * p0) /
                        (2.0 * k * (k + a) * (c - 2.0));
      p0 = p1;
      p1 = p2;
    }
    const double c = 2.0 * n + a;
    const double derivative = (n * (a - c * z) * p1 + 2.0 * (n + a) * n * p0) / (c * (1.0 - z * z));
    return std::pair{p1, derivative};
  };
  std::vector<double> roots;
  for (int i = 0; i < n; ++i) {
    double z = -std::cos(std::numbers::pi * (2.0 * i + 1.0) / (2.0 * n));
    if (i > 0) z = 0.5 * (z + roots.back());
    for (int iteration = 0; iteration < 100; ++iteration) {
      const auto [p, dp] = evaluate(z);
      double deflation = 0.0;
      for (double r : roots) deflation += 1.0 / (z - r);
      const double step = -p / (dp - deflation * p);
      z += step;
      if (std::abs(step) < 1e-16) break;
    }
    roots.push_back(z);
  }
  for (double z : roots) {
    const double dp = evaluate(z).second;
    rule.x.push_back(0.5 * (1.0 + z));
    // sum of w = 2^(a + 1) / (a + 1) on [-1, 1]; the factor below maps to [0, 1].
    rule.w.push_back(std::pow(2.0, a + 1.0) / ((1.0 - z * z) * dp * dp) * std::pow(0.5, a + 1.0));
  }
  return rule;
}

/// Symmetric orbits of barycentric coordinates. Weights are relative to the volume.
class SimplexRule {
 public:
  SimplexRule(int dim, double volume) : volume_(volume) { rule_.dim = dim; }

  void centre(double w) { add(std::vector<double>(rule_.dim + 1, 1.0 / (rule_.dim + 1)), w); }
  /// All vertices equal but one: (a, ..., a, 1 - dim a).
  void one(double a, double w) {
    for (int v = 0; v <= rule_.dim; ++v) {
      std::vector<double> b(rule_.dim + 1, a);
      b[v] = 1.0 - rule_.dim * a;
      add(b, w);
    }
  }
  /// All permutations of (a, b, rest).
  void two_of_triangle(double a, double b, double w) {
    const double c = 1.0 - a - b;
    for (const auto& p : {std::array{a, b, c}, {a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}}) {
      add({p[0], p[1], p[2]}, w);
    }
  }
  /// Tetrahedron: two coordinates a, two 1/2 - a.
  void edges(double a, double w) {
    for (int i = 0; i < 4; ++i) {
      for (int j = i + 1; j < 4; ++j) {
        std::vector<double> b(4, 0.5 - a);
        b[i] = b[j] = a;
        add(b, w);
      }
    }
  }
  /// Tetrahedron: (a, a, b, rest) in all orders.
  void pair(double a, double b, double w) {
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) {
        if (i == j) continue;
        std::vector<double> c(4, a);
        c[i] = b;
        c[j] = 1.0 - 2.0 * a - b;
        add(c, w);
      }
    }
  }
  Quadrature take() { return std::move(rule_); }

 private:
  void add(const std::vector<double>& barycentric, double w) {
    for (int k = 1; k <= rule_.dim; ++k) rule_.points.push_back(barycentric[k]);
    rule_.weights.push_back(w * volume_);
  }
  Quadrature rule_;
  double volume_;
};

Quadrature triangle_rule(int degree) {
  SimplexRule r(2, 0.5);
  if (degree <= 1) {
    r.centre(1.0);
  } else if (degree == 2) {
    r.one(1.0 / 6.0, 1.0 / 3.0);
  } else if (degree <= 4) {
    r.one(0.44594849091596488632, 0.22338158967801146570);
    r.one(0.09157621350977074346, 0.10995174365532186764);
  } else if (degree == 5) {
    const double s = std::sqrt(15.0);
    r.centre(9.0 / 40.0);
    r.one((6.0 + s) / 21.0, (155.0 + s) / 1200.0);
    r.one((6.0 - s) / 21.0, (155.0 - s) / 1200.0);
  } else {
    r.one(0.24928674517091042129, 0.11678627572637936603);
    r.one(0.06308901449150222834, 0.05084490637020681692);
    r.two_of_triangle(0.05314504984481694735, 0.31035245103378440542, 0.08285107561837357519);
  }
  return r.take();
}

Quadrature tetrahedron_rule(int degree) {
  SimplexRule r(3, 1.0 / 6.0);
  if (degree <= 1) {
    r.centre(1.0);
  } else if (degree == 2) {
    r.one((5.0 - std::sqrt(5.0)) / 20.0, 0.25);
  } else if (degree <= 5) {
    r.one(0.31088591926330060980, 0.11268792571801585080);
    r.one(0.09273525031089122640, 0.07349304311636194934);
    r.edges(0.04550370412564964949, 0.04254602077708146644);
  } else {
    r.one(0.21460287125915202929, 0.03992275025816749210);
    r.one(0.04067395853461135312, 0.01007721105532064295);
    r.one(0.32233789014227551034, 0.05535718154365472210);
    r.pair(0.06366100187501752530, 0.26967233145831580803, 27.0 / 560.0);
  }
  return r.take();
}

/// Product rule on the collapsed square or cube: x_1 = s, x_2 = t (1 - s), x_3 = r (1 - s)(1 - t).
Quadrature collapsed_rule(int dim, int degree) {
  const int n = degree / 2 + 1;
  const Line a = gauss_jacobi(n, dim - 1), b = gauss_jacobi(n, dim - 2);
  const Line c = dim == 3 ? gauss_jacobi(n, 0) : Line{{0.0}, {1.0}};
  Quadrature rule;
  rule.dim = dim;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < c.x.size(); ++k) {
        rule.points.push_back(a.x[i]);
        rule.points.push_back(b.x[j] * (1.0 - a.x[i]));
        if (dim == 3) rule.points.push_back(c.x[k] * (1.0 - a.x[i]) * (1.0 - b.x[j]));
        rule.weights.push_back(a.w[i] * b.w[j] * c.w[k]);
      }
    }
  }
  return rule;
}

/// The rule of a simplex, a factor of a reference cell.
Quadrature simplex_rule(int dim, int degree) {
  if (dim == 1) {
    Line line = gauss_jacobi(degree / 2 + 1, 0);
    return {1, std::move(line.x), std::move(line.w)};
  }
  if (degree > 6) return collapsed_rule(dim, degree);
  return dim == 2 ? triangle_rule(degree) : tetrahedron_rule(degree);
}

/// Tensor product of two rules, the points of the first fastest.
Quadrature product_rule(const Quadrature& first, const Quadrature& second) {
  Quadrature rule;
  rule.dim = first.dim + second.dim;
  for (int j = 0; j < second.size(); ++j) {
    for (int i = 0; i < first.size(); ++i) {
      rule.points.insert(rule.points.end(), first.points.begin() + i * first.dim,
                         first.points.begin() + (i + 1) * first.dim);
      rule.points.insert(rule.points.end(), second.points.begin() + j * second.dim,
                         second.points.begin() + (j + 1) * second.dim);
      rule.weights.push_back(first.weights[i] * second.weights[j]);
    }
  }
  return rule;
}

}  // namespace

std::array<double, 3> Quadrature::point(int q) const {
  std::array<double, 3> x{};
  for (int k = 0; k < dim; ++k) x[k] = points[q * dim + k];
  return x;
}

Quadrature quadrature(CellType cell, int degree) {
  if (degree < 0 || degree > 40) {
    throw sdk::Error(sdk::ErrorKind::parameter, "quadrature degree " + std::to_string(degree) + " is not in [0, 40]",
                     {}, "set solver.quadrature_degree lower");
  }
  const auto& factors = mesh::topology(cell).factors;
  Quadrature rule = simplex_rule(factors[0], degree);
  for (int f = 1; f < factors.size(); ++f) rule = product_rule(rule, simplex_rule(factors[f], degree));
  return rule;
}

}  // namespace ansatz::fem
