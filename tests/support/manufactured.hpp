#pragma once
/// Manufactured solutions that are no polynomials, with coefficients, sources and boundary data by hand.

#include <numbers>

#include "tests/support/fem_problem.hpp"

namespace ansatz::test {

/// A problem and its solution.
struct Manufactured {
  Texts volume;
  std::vector<BoundaryTexts> boundary;
  std::vector<FixedTexts> fixed;
  Exact exact;
  bool symmetric = true;
  double start = 0.0;
};

inline const std::vector<std::string>& low_sides(int dim) {
  static const std::vector<std::vector<std::string>> sides{
      {"left"}, {"left", "bottom"}, {"left", "bottom", "front", "back"}};
  return sides[dim - 1];
}

/// u = sin(1.3 x + 0.4) exp(0.5 y) cos(0.7 z + 0.2); Robin on "right", Neumann on "top", Dirichlet on the rest.
/// With `all`: K = (1 + 0.2 u^2) A with a full tensor A, reaction 1 + x and convection; otherwise K = A.
inline Manufactured manufactured_diffusion(int dim, bool all) {
  const std::string f[3][3] = {{"sin(1.3*x+0.4)", "(1.3*cos(1.3*x+0.4))", "(-1.69*sin(1.3*x+0.4))"},
                               {"exp(0.5*y)", "(0.5*exp(0.5*y))", "(0.25*exp(0.5*y))"},
                               {"cos(0.7*z+0.2)", "(-0.7*sin(0.7*z+0.2))", "(-0.49*cos(0.7*z+0.2))"}};
  const double A[3][3] = {{2.0, 0.4, 0.3}, {0.4, 1.5, -0.2}, {0.3, -0.2, 1.0}};
  const std::string b[3] = {"1.2", "(-0.5)", "0.7"};
  const auto derivative = [&](int i, int j) {
    std::string text;
    for (int k = 0; k < dim; ++k) text += (k > 0 ? "*" : "(") + f[k][(k == i) + (k == j)];
    return text + ")";
  };
  const auto number = [](double x) { return "(" + std::to_string(x) + ")"; };
  const std::string u = derivative(-1, -1);
  const std::string k = all ? "(1+0.2*" + u + "^2)" : "1";
  Manufactured m;
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) {
      const std::string axis = "xyz", name = std::string("conductivity_") + axis[i] + axis[j];
      m.volume[name] = number(A[i][j]) + (all ? "*(1 + 0.2*temperature^2)" : "");
    }
  }
  std::string second = "0", square = "0", convection = "0";
  std::vector<std::string> flux(dim, "0");
  for (int i = 0; i < dim; ++i) {
    convection += "+" + b[i] + "*" + derivative(i, -1);
    for (int j = 0; j < dim; ++j) {
      second += "+" + number(A[i][j]) + "*" + derivative(i, j);
      square += "+" + number(A[i][j]) + "*" + derivative(i, -1) + "*" + derivative(j, -1);
      flux[i] += "+" + number(A[i][j]) + "*" + derivative(j, -1);
    }
  }
  m.volume["source"] = "-(" + second + ")";
  if (all) {
    m.volume["reaction"] = "1 + x";
    m.volume["capacity"] = "2";
    m.volume["velocity_x"] = "1.2";
    if (dim > 1) m.volume["velocity_y"] = "-0.5";
    if (dim > 2) m.volume["velocity_z"] = "0.7";
    m.volume["source"] =
        "2*(" + convection + ")+(1+x)*" + u + "-" + k + "*(" + second + ")-0.4*" + u + "*(" + square + ")";
    m.symmetric = false;
  }
  m.boundary.push_back({"right",
                        {{"transfer_coefficient", "2"},
                         {"ambient", "1 + x"},
                         {"heat_flux", k + "*(" + flux[0] + ")-2*(1 + x -" + u + ")"}}});
  if (dim > 1) m.boundary.push_back({"top", {{"heat_flux", k + "*(" + flux[1] + ")"}}});
  for (const auto& side : low_sides(dim)) m.fixed.push_back({side, 0, 0, u});
  const auto jet = [dim](int order, const Vector3& x) {
    double product = order == 0 ? 1.3 * std::cos(1.3 * x[0] + 0.4) : std::sin(1.3 * x[0] + 0.4);
    if (dim > 1) product *= (order == 1 ? 0.5 : 1.0) * std::exp(0.5 * x[1]);
    if (dim > 2) product *= order == 2 ? -0.7 * std::sin(0.7 * x[2] + 0.2) : std::cos(0.7 * x[2] + 0.2);
    return product;
  };
  m.exact = {[jet](int, const Vector3& x) { return jet(-1, x); },
             [jet](int, const Vector3& x) {
               return Vector3{jet(0, x), jet(1, x), jet(2, x)};
             }};
  return m;
}

/// u_c = sin(w_c . x), E = 10, nu = 0.3, thermal strain 0.05 (T - 2), T = x^2 y + z. Traction and pressure on "right",
/// traction on "top", Dirichlet on the rest.
inline Manufactured manufactured_elasticity(int dim, bool plane_stress) {
  static constexpr double w[3][3] = {{1.0, 1.4, 0.5}, {-1.2, 0.7, 0.9}, {0.3, 1.1, -1.0}};
  const auto number = [](double x) {
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "(%.17g)", x);
    return std::string(text.data());
  };
  const std::string axis = "xyz";
  const double E = 10.0, nu = 0.3, mu = E / (2 * (1 + nu)), full = E * nu / ((1 + nu) * (1 - 2 * nu));
  const double lambda = plane_stress ? 2 * full * mu / (full + 2 * mu) : full;
  const double n = plane_stress ? 2.0 : 3.0;
  std::vector<std::string> phase(dim, "(0"), sine, cosine;
  std::string trace = "(0";
  for (int c = 0; c < dim; ++c) {
    for (int i = 0; i < dim; ++i) phase[c] += "+" + number(w[c][i]) + "*" + axis[i];
    phase[c] += ")";
    sine.push_back("sin" + phase[c]);
    cosine.push_back("cos" + phase[c]);
    trace += "+" + number(w[c][c]) + "*" + cosine[c];
  }
  trace += ")";
  const std::string temperature = dim == 3 ? "(x^2*y + z)" : "(x^2*y)", a = "(0.05*(" + temperature + "-2))";
  const std::string slope[3] = {"(2*x*y)", "(x^2)", "1"};
  Manufactured m;
  m.volume = {{"youngs_modulus", "10"},
              {"poisson_ratio", "0.3"},
              {"expansion", "0.05"},
              {"temperature", temperature},
              {"reference_temperature", "2"}};
  const auto stress = [&](int i, int j) {
    std::string text =
        number(mu) + "*(" + number(w[i][j]) + "*" + cosine[i] + "+" + number(w[j][i]) + "*" + cosine[j] + ")";
    if (i == j)
      text += "+" + number(lambda) + "*(" + trace + "-" + number(n) + "*" + a + ")-" + number(2 * mu) + "*" + a;
    return text;
  };
  for (int i = 0; i < dim; ++i) {
    std::string text = number((n * lambda + 2 * mu) * 0.05) + "*" + slope[i];
    double square = 0.0;
    for (int j = 0; j < dim; ++j) {
      square += w[i][j] * w[i][j];
      text += "+" + number((lambda + mu) * w[j][j] * w[j][i]) + "*" + sine[j];
    }
    m.volume[std::string("body_force_") + axis[i]] = text + "+" + number(mu * square) + "*" + sine[i];
  }
  Texts right{{"pressure", "1.5"}}, top;
  for (int i = 0; i < dim; ++i) {
    right[std::string("traction_") + axis[i]] = stress(i, 0) + (i == 0 ? "+1.5" : "");
    top[std::string("traction_") + axis[i]] = stress(i, 1);
  }
  m.boundary = {{"right", right}, {"top", top}};
  for (const auto& side : low_sides(dim)) {
    for (int c = 0; c < dim; ++c) m.fixed.push_back({side, 0, c, sine[c]});
  }
  const auto angle = [dim](int c, const Vector3& x) {
    double p = 0.0;
    for (int i = 0; i < dim; ++i) p += w[c][i] * x[i];
    return p;
  };
  m.exact = {[angle](int c, const Vector3& x) { return std::sin(angle(c, x)); },
             [angle](int c, const Vector3& x) {
               const double s = std::cos(angle(c, x));
               return Vector3{w[c][0] * s, w[c][1] * s, w[c][2] * s};
             }};
  return m;
}

/// Errors on a sequence of meshes and what is printed of them.
struct Study {
  std::vector<Errors> errors;
  std::vector<double> sizes;

  double order_l2() const {
    return order([](const Errors& e) { return e.l2; });
  }
  double order_h1() const {
    return order([](const Errors& e) { return e.h1; });
  }

 private:
  template <class Take>
  double order(Take take) const {
    const std::size_t n = errors.size();
    return std::log(take(errors[n - 2]) / take(errors[n - 1])) / std::log(sizes[n - 2] / sizes[n - 1]);
  }
};

inline Errors solve_manufactured(const mesh::Mesh& mesh, const sdk::Physics& physics, int order, const Manufactured& m,
                                 bool stabilise = false) {
  FemProblem problem(mesh, physics, order, m.volume, m.boundary, m.fixed, stabilise);
  const auto u = problem.solve(m.symmetric, m.start);
  return errors(problem.dofs(), u, m.exact);
}

inline Study convergence(const base::Communicator& comm, const sdk::Physics& physics, mesh::CellType cell,
                         mesh::BoxPattern pattern, int order, const std::vector<int>& cells, const Manufactured& m) {
  Study study;
  for (const int n : cells) {
    const auto mesh = perturbed_box(comm, cell, n, pattern);
    study.errors.push_back(solve_manufactured(mesh, physics, order, m));
    study.sizes.push_back(1.0 / n);
  }
  return study;
}

}  // namespace ansatz::test
