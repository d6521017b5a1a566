#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"
#include "engine/reduced/basis/residual_norms.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::reduced;

namespace {

using Vector = std::vector<double>;

/// -u'' + mu u = 1 on (0, 1), u = 0 at both ends, 200 equal P1 cells: A(mu) = K + mu M, X = K (mor B2).
struct Line {
  static constexpr int n = 199;
  static constexpr double h = 1.0 / 200.0;

  static Vector apply(double diagonal, double side, const Vector& v) {
    Vector out(n);
    for (int i = 0; i < n; ++i) {
      out[i] = diagonal * v[i] + side * ((i > 0 ? v[i - 1] : 0.0) + (i < n - 1 ? v[i + 1] : 0.0));
    }
    return out;
  }
  static Vector K(const Vector& v) { return apply(2.0 / h, -1.0 / h, v); }
  static Vector M(const Vector& v) { return apply(4.0 * h / 6.0, h / 6.0, v); }

  /// (K + mu M)^-1 v.
  static Vector solve(double mu, Vector v) {
    const double diagonal = 2.0 / h + mu * 4.0 * h / 6.0, side = -1.0 / h + mu * h / 6.0;
    Vector pivots(n, diagonal);
    for (int i = 1; i < n; ++i) {
      pivots[i] -= side * side / pivots[i - 1];
      v[i] -= side / pivots[i - 1] * v[i - 1];
    }
    for (int i = n - 1; i >= 0; --i) v[i] = (v[i] - (i < n - 1 ? side * v[i + 1] : 0.0)) / pivots[i];
    return v;
  }
};

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
/// (u, v)_X by differences, to which K v would add round-off of 1/h.
double product(const Vector& u, const Vector& v) {
  double sum = u.front() * v.front() + u.back() * v.back();
  for (std::size_t i = 1; i < u.size(); ++i) sum += (u[i] - u[i - 1]) * (v[i] - v[i - 1]);
  return sum / Line::h;
}
double norm(const Vector& v) { return std::sqrt(product(v, v)); }
void add(Vector& v, double factor, const Vector& w) {
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += factor * w[i];
}

/// v less its part in the orthonormal basis, twice.
void orthogonalise(Vector& v, const std::vector<Vector>& basis) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const Vector& q : basis) add(v, -product(q, v), q);
  }
}

double geometric(double part) { return 0.1 * std::pow(1e4, part); }

struct Reduced {
  std::vector<Vector> V;
  const Vector f = Vector(Line::n, Line::h);
  Dense K, M;

  void extend(Vector v) {
    orthogonalise(v, V);
    const double length = norm(v);
    for (double& value : v) value /= length;
    V.push_back(v);
    const int N = static_cast<int>(V.size());
    K = M = Dense(N, N);
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j < N; ++j) {
        K(i, j) = product(V[i], V[j]);
        M(i, j) = dot(V[i], Line::M(V[j]));
      }
    }
  }
  Vector coefficients(double mu) const {
    Dense A = K;
    for (std::size_t i = 0; i < A.values.size(); ++i) A.values[i] += mu * M.values[i];
    Vector right;
    for (const Vector& v : V) right.push_back(dot(v, f));
    Lu(A).solve(right);
    return right;
  }
  Vector lift(const Vector& c) const {
    Vector u(Line::n, 0.0);
    for (std::size_t i = 0; i < c.size(); ++i) add(u, c[i], V[i]);
    return u;
  }
  /// (gamma_i, mu gamma_i).
  Vector x(double mu) const {
    Vector out = coefficients(mu);
    const std::size_t N = out.size();
    for (std::size_t i = 0; i < N; ++i) out.push_back(mu * out[i]);
    return out;
  }
  double e1(double mu) const {
    Vector r = f;
    const Vector u = lift(coefficients(mu));
    add(r, -1.0, Line::K(u));
    add(r, -mu, Line::M(u));
    return std::sqrt(dot(r, Line::solve(0.0, r)));
  }
  double error(double mu) const {
    Vector u = Line::solve(mu, f);
    add(u, -1.0, lift(coefficients(mu)));
    return norm(u);
  }
  /// Riesz representatives G_0 = R f, then -R K v_i = -v_i, then -R M v_i.
  std::vector<Vector> representatives() const {
    std::vector<Vector> G{Line::solve(0.0, f)};
    G.insert(G.end(), V.begin(), V.end());
    for (const Vector& v : V) G.push_back(Line::solve(0.0, Line::M(v)));
    for (std::size_t j = 1; j < G.size(); ++j) {
      for (double& value : G[j]) value = -value;
    }
    return G;
  }
};

ResidualBasis residual_basis(const std::vector<Vector>& G) {
  std::vector<Vector> Q;
  for (Vector v : G) {
    const double before = norm(v);
    orthogonalise(v, Q);
    const double after = norm(v);
    if (after < 1e-14 * before) continue;
    for (double& value : v) value /= after;
    orthogonalise(v, Q);
    const double length = norm(v);
    for (double& value : v) value /= length;
    Q.push_back(v);
  }
  Dense B(static_cast<int>(Q.size()), static_cast<int>(G.size()));
  for (int i = 0; i < B.rows; ++i) {
    for (int j = 0; j < B.columns; ++j) B(i, j) = product(Q[i], G[j]);
  }
  return ResidualBasis(B);
}

/// The same through the engine's orthonormalisation, X a sparse matrix.
ResidualBasis engine_basis(const std::vector<Vector>& G) {
  const base::Communicator self(MPI_COMM_SELF);
  const auto laplacian = test::line_laplacian(Line::n);
  const auto X = InnerProduct::matrix(self, test::make_matrix(self, {0, Line::n}, [&](std::int64_t i) {
                                        auto row = laplacian(i);
                                        for (auto& [column, value] : row) value /= Line::h;
                                        return row;
                                      }));
  Block S(Line::n);
  for (const Vector& g : G) S.append(g);
  return ResidualBasis(orthonormalise(X, S).R);
}

Dense gram_matrix(const std::vector<Vector>& G) {
  const int n = static_cast<int>(G.size());
  Dense S(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) S(i, j) = product(G[i], G[j]);
  }
  return S;
}

/// The classical form: (1, x)^T S (1, x), with the absolute value that other codes take.
double gram_norm(const Dense& S, const Vector& x) {
  double sum = S(0, 0);
  for (int i = 1; i < S.rows; ++i) {
    sum += 2.0 * S(0, i) * x[i - 1];
    for (int j = 1; j < S.rows; ++j) sum += S(i, j) * x[i - 1] * x[j - 1];
  }
  return std::sqrt(std::abs(sum));
}

/// Columns of a row of the table, largest over 20 test parameters, in units of the dual norm of the source.
struct Row {
  double error = 0.0, e1 = 0.0, gram = 0.0, e4 = 0.0, basis = 0.0, e4_estimate = 0.0, engine = 0.0, basis_level = 0.0,
         e4_level = 0.0;
  int terms = 0;
  std::int64_t full = 0;
};

Row measure(const Reduced& model) {
  const auto G = model.representatives();
  const ResidualBasis basis = residual_basis(G), by_engine = engine_basis(G);
  const Dense S = gram_matrix(G);
  const double unit = norm(G[0]);

  constexpr int training = 400;
  Dense x(2 * static_cast<int>(model.V.size()), training);
  for (int j = 0; j < training; ++j) std::ranges::copy(model.x(geometric(j / 399.0)), x.column(j).begin());
  const ResidualInterpolation e4(base::Communicator(MPI_COMM_SELF), x,
                                 [&](int j) { return std::pow(model.e1(geometric(j / 399.0)), 2); });

  Row row;
  row.terms = e4.size();
  row.full = e4.full_size();
  Vector workspace(std::max(basis.workspace_size(), static_cast<std::size_t>(2 * e4.size())));
  const auto keep = [&](double& largest, double value) { largest = std::max(largest, value / unit); };
  for (int k = 0; k < 20; ++k) {
    const double mu = geometric((k + 0.37) / 20.0);
    const Vector at = model.x(mu);
    keep(row.error, model.error(mu));
    keep(row.e1, model.e1(mu));
    keep(row.gram, gram_norm(S, at));
    const auto by_basis = basis.norm(at, workspace);
    keep(row.basis, by_basis.value);
    keep(row.engine, by_engine.norm(at, workspace).value);
    keep(row.basis_level, by_basis.round_off);
    const auto square = e4.square(at, workspace);
    keep(row.e4, std::sqrt(std::max(0.0, square.value)));
    keep(row.e4_level, std::sqrt(square.round_off));
    keep(row.e4_estimate, square.estimate());
  }
  return row;
}

}  // namespace

TEST_CASE("Residual norms follow the error to round-off where the Gram form stalls", "[reduced][residual]") {
  std::vector<Vector> snapshots;
  for (int j = 0; j < 400; ++j) snapshots.push_back(Line::solve(geometric(j / 399.0), Vector(Line::n, Line::h)));
  // mor B2: N, true error, direct residual norm.
  struct Expected {
    double error, e1;
  };
  const std::vector<Expected> table{{},
                                    {},
                                    {},
                                    {},
                                    {4.2e-4, 5.2e-4},
                                    {},
                                    {5.4e-6, 7.9e-6},
                                    {},
                                    {1.1e-8, 1.4e-8},
                                    {4.2e-10, 5.0e-10},
                                    {1.0e-11, 1.0e-11},
                                    {3.6e-13, 3.9e-13}};
  Reduced model;
  for (int N = 1; N <= 11; ++N) {
    Vector worst;
    double largest = 0.0;
    for (const Vector& u : snapshots) {
      Vector left = u;
      orthogonalise(left, model.V);
      if (norm(left) > largest) {
        largest = norm(left);
        worst = u;
      }
    }
    model.extend(worst);
    if (N < 4) continue;
    const Row row = measure(model);
    INFO(N << ": error " << row.error << " e1 " << row.e1 << " gram " << row.gram << " e4 " << row.e4 << " ("
           << row.terms << "/" << row.full << ", level " << row.e4_level << ", estimate " << row.e4_estimate
           << ") basis " << row.basis << " engine " << row.engine << " level " << row.basis_level);
    CHECK(row.basis == Approx(row.e1).epsilon(0.05));
    CHECK(row.engine == Approx(row.e1).epsilon(0.05));
    CHECK(row.e4 == Approx(row.e1).epsilon(0.20));
    CHECK(row.full == 1 + 2 * N + N * (2 * N + 1));
    if (table[N].error > 0.0) {
      CHECK(row.error == Approx(table[N].error).epsilon(0.5));
      CHECK(row.e1 == Approx(table[N].e1).epsilon(0.5));
    }
    CHECK(row.basis_level < 1e-14);
    CHECK(row.e4_level < 0.01 * row.e4);
    CHECK(row.e4_estimate >= row.e4);
    CHECK(row.e4_estimate == Approx(row.e1).epsilon(0.3));
    const bool gram_fails = std::abs(row.gram - row.e1) > 0.2 * row.e1;
    CHECK(gram_fails == (N >= 8));
  }
}

TEST_CASE("A residual basis gives the norm of the combination and its round-off", "[reduced][residual]") {
  Dense B(2, 3);
  B.values = {3.0, 0.0, 0.0, 2.0, 4.0, 0.0};
  const ResidualBasis basis(B);
  Vector workspace(2);
  // (3 + 0 + 4 x_2, 2 x_1)
  const auto norm = basis.norm(Vector{-2.0, -1.5}, workspace);
  CHECK(norm.value == 5.0);
  CHECK(norm.round_off == Approx(2.220446049250313e-16 * std::sqrt(3.0) * (3.0 + 2.0 * 2.0 + 1.5 * 4.0)));
  CHECK(ResidualBasis(B, 1e-13).norm(Vector{-2.0, -1.5}, workspace).round_off == Approx(1e-13 * std::sqrt(3.0) * 13.0));
  CHECK_THROWS_WITH(basis.norm(Vector{1.0}, workspace), Catch::Contains("wrong length"));
  CHECK_THROWS_WITH(ResidualBasis(Dense()), Catch::Contains("without a source"));
}

TEST_CASE("Interpolated squares are exact once all products are there", "[reduced][residual]") {
  // r = G_0 + x_1 G_1 + x_2 G_2 in the plane: 1 + 2 + 3 functions of x.
  const auto square_of = [](double a, double b) {
    return std::pow(1.0 + 2.0 * a - b, 2) + std::pow(0.5 - a + 3.0 * b, 2);
  };
  Dense x(2, 40);
  for (int j = 0; j < 40; ++j) {
    x(0, j) = std::cos(1.7 * j);
    x(1, j) = std::sin(0.9 * j);
  }
  const auto W = [&](int j) { return square_of(x(0, j), x(1, j)); };
  const base::Communicator self(MPI_COMM_SELF);
  const ResidualInterpolation exact(self, x, W);
  REQUIRE(exact.size() == 6);
  CHECK(exact.full_size() == 6);
  Vector workspace(12);
  for (const auto& at : {Vector{0.3, -0.2}, Vector{-1.0, 0.7}, Vector{0.0, 0.0}}) {
    CHECK(exact.square(at, workspace).value == Approx(square_of(at[0], at[1])).epsilon(1e-13));
  }

  // Stored and restored.
  const ResidualInterpolation again(exact.parts());
  CHECK(again.square(Vector{0.3, -0.2}, workspace).value == exact.square(Vector{0.3, -0.2}, workspace).value);
  auto parts = exact.parts();
  parts.squares.pop_back();
  CHECK_THROWS_WITH(ResidualInterpolation(parts), Catch::Contains("do not fit"));
  parts = exact.parts();
  parts.components.back() = 2;
  CHECK_THROWS_WITH(ResidualInterpolation(parts), Catch::Contains("do not fit"));
  const ResidualInterpolation coarse(self, x, W, {.max_terms = 5});
  const auto at = coarse.square(Vector{0.3, -0.2}, workspace);
  CHECK(std::abs(at.value - square_of(0.3, -0.2)) > 1e-3);
  CHECK_THROWS_WITH(ResidualInterpolation(self, x, [](int) { return -1e-20; }),
                    Catch::Contains("squared residual norm"));
  CHECK_THROWS_WITH(exact.square(Vector{1.0, 2.0}, std::span(workspace).first(3)), Catch::Contains("wrong length"));
}
