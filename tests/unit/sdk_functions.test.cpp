/// What authors write with unknowns: values, first and second derivatives against analytic ones, for all scalars.

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "ansatz/sdk/physics.hpp"

using namespace ansatz::sdk;

namespace {

/// A function with its derivatives, and where they are taken.
struct Known {
  const char* name;
  std::function<double(double)> f, df, ddf;
  double at;
};

template <class T>
using Second = Dual<Dual<T, 1>, 1>;

template <class T>
Second<T> seeded(double x) {
  Second<T> s(x);
  s.v.d[0] = T(1.0);
  s.d[0].v = T(1.0);
  return s;
}
double first_of(double x) { return x; }
double first_of(Lanes x) {
  for (int lane = 1; lane < num_lanes; ++lane) CHECK(x[lane] == x[0]);
  return x[0];
}

/// `f` is generic: values and derivatives by nested duals over double and over eight lanes.
template <class F>
void check(const Known& known, F f) {
  INFO(known.name);
  const double x = known.at;
  const auto compare = [&](const auto& y) {
    CHECK(first_of(y.v.v) == Approx(known.f(x)).epsilon(1e-14).margin(1e-15));
    CHECK(first_of(y.d[0].v) == Approx(known.df(x)).epsilon(1e-13).margin(1e-14));
    CHECK(first_of(y.v.d[0]) == Approx(known.df(x)).epsilon(1e-13).margin(1e-14));
    CHECK(first_of(y.d[0].d[0]) == Approx(known.ddf(x)).epsilon(1e-12).margin(1e-13));
  };
  compare(f(seeded<double>(x)));
  compare(f(seeded<Lanes>(x)));
  CHECK(first_of(f(Lanes(x))) == Approx(known.f(x)).epsilon(1e-14));
}
#define CHECK_FUNCTION(expression, f, df, ddf, at)                                                               \
  check({#expression, []([[maybe_unused]] double x) { return f; }, []([[maybe_unused]] double x) { return df; }, \
         []([[maybe_unused]] double x) { return ddf; }, at},                                                     \
        [](const auto& u) {                                                                                      \
          using S = std::remove_cvref_t<decltype(u)>;                                                            \
          return S(expression);                                                                                  \
        })

const Table law{{0.0, 1.0, 3.0}, {1.0, 3.0, 2.0}, "law"};

}  // namespace

TEST_CASE("a plugin's points that are no table are refused, not read", "[sdk]") {
  const Table few{{0.0, 1.0, 2.0}, {2.0, 4.0}, "few"}, none{}, unsorted{{0.0, 2.0, 1.0}, {1.0, 2.0, 3.0}, "unsorted"};
  CHECK_THROWS_WITH(few(1.5), Catch::Contains("table \"few\" has 3 x and 2 y"));
  CHECK_THROWS_WITH(none(1.5), Catch::Contains("fewer than two points"));
  CHECK_THROWS_WITH(unsorted(Residue::symbol(std::uint64_t{1})), Catch::Contains("does not increase in x at point 3"));
}

TEST_CASE("functions of an unknown and a number have the right first and second derivatives", "[sdk]") {
  CHECK_FUNCTION(max(u, 0.0), x, 1.0, 0.0, 0.7);
  CHECK_FUNCTION(max(0, u), 0.0 * x, 0.0 * x, 0.0 * x, -0.7);
  CHECK_FUNCTION(min(u, 1), x, 1.0 + 0.0 * x, 0.0 * x, 0.7);
  CHECK_FUNCTION(max(u * u, u), x * x, 2.0 * x, 2.0 + 0.0 * x, 1.7);
  CHECK_FUNCTION(pow(2.0, u), std::pow(2.0, x), std::log(2.0) * std::pow(2.0, x),
                 std::pow(std::log(2.0), 2) * std::pow(2.0, x), 1.3);
  CHECK_FUNCTION(pow(3, u), std::pow(3.0, x), std::log(3.0) * std::pow(3.0, x),
                 std::pow(std::log(3.0), 2) * std::pow(3.0, x), -0.4);
  CHECK_FUNCTION(pow(u, 3), x * x * x, 3.0 * x * x, 6.0 * x, -1.1);
  CHECK_FUNCTION(pow(u, u), std::pow(x, x), std::pow(x, x) * (std::log(x) + 1.0),
                 std::pow(x, x) * (std::pow(std::log(x) + 1.0, 2) + 1.0 / x), 1.4);
  CHECK_FUNCTION(sign(u), -1.0 + 0.0 * x, 0.0 * x, 0.0 * x, -0.3);
  CHECK_FUNCTION(hypot(u, 2.0), std::sqrt(x * x + 4.0), x / std::sqrt(x * x + 4.0), 4.0 / std::pow(x * x + 4.0, 1.5),
                 1.5);
  CHECK_FUNCTION(
      hypot(3, u * u), std::sqrt(9.0 + std::pow(x, 4)), 2.0 * std::pow(x, 3) / std::sqrt(9.0 + std::pow(x, 4)),
      6.0 * x * x / std::sqrt(9.0 + std::pow(x, 4)) - 4.0 * std::pow(x, 6) / std::pow(9.0 + std::pow(x, 4), 1.5), 1.2);
  CHECK_FUNCTION(log1p(u), std::log(1.0 + x), 1.0 / (1.0 + x), -1.0 / std::pow(1.0 + x, 2), 0.6);
  CHECK_FUNCTION(expm1(u), std::exp(x) - 1.0, std::exp(x), std::exp(x), 0.6);
  CHECK_FUNCTION(log2(u), std::log(x) / std::log(2.0), 1.0 / (x * std::log(2.0)), -1.0 / (x * x * std::log(2.0)), 2.2);
  CHECK_FUNCTION(exp2(u), std::pow(2.0, x), std::log(2.0) * std::pow(2.0, x),
                 std::pow(std::log(2.0), 2) * std::pow(2.0, x), 0.9);
  CHECK_FUNCTION(cbrt(u), std::pow(x, 1.0 / 3.0), std::pow(x, -2.0 / 3.0) / 3.0, -2.0 / 9.0 * std::pow(x, -5.0 / 3.0),
                 1.9);
  CHECK_FUNCTION(atan2(u, 2), std::atan(x / 2.0), 2.0 / (4.0 + x * x), -4.0 * x / std::pow(4.0 + x * x, 2), 0.8);
  CHECK_FUNCTION(select(u > 1, u * u, 0.0), x * x, 2.0 * x, 2.0 + 0.0 * x, 1.5);
  CHECK_FUNCTION(select(u > 1, 7, u * u * u), x * x * x, 3.0 * x * x, 6.0 * x, 0.5);
  CHECK_FUNCTION(law(u * u), 3.0 - 0.5 * (x * x - 1.0), -x, -1.0 + 0.0 * x, 1.2);
}

TEST_CASE("hypot at the origin and powers of 0 stay finite", "[sdk]") {
  const auto h = hypot(seeded<double>(0.0), 0.0);
  CHECK(h.v.v == 0.0);
  CHECK(h.d[0].v == 0.0);
  CHECK(pow(0.0, seeded<double>(2.0)).d[0].v == 0.0);
  CHECK(std::isnan(sign(std::nan(""))));
}

namespace {

/// A matrix of functions of one unknown, of rank dim, and numbers.
template <class S, int dim>
Mat<S, dim> matrix(const S& u) {
  Mat<S, dim> a = Mat<S, dim>::identity();
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) a[i][j] += S(0.1 * (1 + i + 2 * j)) * u + S(0.05 * (i - j)) * u * u;
  }
  return a;
}

template <class S, int dim>
double worst(const Mat<S, dim>& a, const Mat<S, dim>& b) {
  double most = 0.0;
  const auto entries = [](const S& x) { return std::array{x.v.v, x.v.d[0], x.d[0].v, x.d[0].d[0]}; };
  for (int i = 0; i < dim; ++i) {
    for (int j = 0; j < dim; ++j) {
      const auto x = entries(a[i][j]), y = entries(b[i][j]);
      for (std::size_t k = 0; k < x.size(); ++k) most = std::max(most, std::abs(x[k] - y[k]));
    }
  }
  return most;
}

}  // namespace

TEMPLATE_TEST_CASE_SIG(
    "an inverse times its matrix is the identity with derivatives 0, the determinant follows Jacobi's formula", "[sdk]",
    ((int dim), dim), 1, 2, 3) {
  using S = Second<double>;
  const auto a = matrix<S, dim>(seeded<double>(0.8));
  const auto i = Mat<S, dim>::identity();
  CHECK(worst(inverse(a) * a, i) < 1e-12);
  CHECK(worst(a * inverse(a), i) < 1e-12);
  // d det(A) = det(A) tr(A^-1 dA), first derivatives.
  Mat<S, dim> slope;
  for (int row = 0; row < dim; ++row) {
    for (int column = 0; column < dim; ++column) slope[row][column] = S(a[row][column].v.d[0]);
  }
  CHECK(det(a).v.d[0] == Approx((det(a) * trace(inverse(a) * slope)).v.v).epsilon(1e-12));
  // Against the expansion by permutations.
  const auto value = [&](int r, int c) { return a[r][c].v.v; };
  const double expected = dim == 1   ? value(0, 0)
                          : dim == 2 ? value(0, 0) * value(1, dim - 1) - value(0, dim - 1) * value(1 % dim, 0)
                                     : det(a).v.v;
  CHECK(det(a).v.v == Approx(expected).epsilon(1e-14));
}

TEST_CASE("the determinant of a 3 by 3 matrix is that of Sarrus", "[sdk]") {
  const Mat<double, 3> a{
      {Vec<double, 3>{{2.0, -1.0, 3.0}}, Vec<double, 3>{{0.5, 4.0, 1.0}}, Vec<double, 3>{{1.0, 2.0, -2.0}}}};
  CHECK(det(a) == Approx(2.0 * 4.0 * -2.0 + -1.0 * 1.0 * 1.0 + 3.0 * 0.5 * 2.0 - 3.0 * 4.0 * 1.0 - 2.0 * 1.0 * 2.0 -
                         -1.0 * 0.5 * -2.0));
}

TEST_CASE("vectors and matrices know the arithmetic of vectors and matrices", "[sdk]") {
  using V = Vec<double, 2>;
  using M = Mat<double, 2>;
  const M a{{V{{1.0, 2.0}}, V{{3.0, 4.0}}}}, b{{V{{0.0, 1.0}}, V{{-1.0, 2.0}}}};
  V v{{3.0, 4.0}};
  v += V{{1.0, 2.0}};
  v -= V{{0.0, 1.0}};
  v *= 2;
  v = v / 4.0;
  v /= 0.5;
  CHECK((v[0] == 4.0 && v[1] == 5.0));
  const auto equal = [](const M& x, std::array<double, 4> y) {
    return x[0][0] == y[0] && x[0][1] == y[1] && x[1][0] == y[2] && x[1][1] == y[3];
  };
  CHECK(equal(a * b, {-2.0, 5.0, -4.0, 11.0}));
  CHECK(equal(-a, {-1.0, -2.0, -3.0, -4.0}));
  CHECK(equal(a / 2.0, {0.5, 1.0, 1.5, 2.0}));
  CHECK(equal(a * 2.0 - transpose(a), {1.0, 1.0, 4.0, 4.0}));
  CHECK(double_dot(a, b) == 0.0 * 1.0 + 2.0 * 1.0 - 3.0 + 8.0);
  M c = a;
  c += b;
  c -= a;
  c *= 3.0;
  c /= 3;
  CHECK(equal(c, {0.0, 1.0, -1.0, 2.0}));
}

TEST_CASE("abstract scalars know what these functions do with unknowns", "[sdk]") {
  Trace u;
  u.slots = 1;
  for (const Trace& f : {max(u, 0.0), pow(2.0, u), sign(u), hypot(u, 2), log1p(u), law(u), select(u > 0, u, 0.0),
                         det(matrix<Trace, 3>(u))}) {
    CHECK(f.nonlinear);
    CHECK(f.slots == 1);
  }
  Mat<Trace, 2> a = Mat<Trace, 2>::identity();
  a[0][1] = u;
  CHECK_FALSE((a / 2.0 - -a)[0][1].nonlinear);
  CHECK_FALSE((a * Mat<Trace, 2>::identity())[0][1].nonlinear);
  CHECK((a * a)[0][1].slots == 1);
  CHECK_FALSE(any_of(u > 0));
  CHECK_FALSE(any_of(Residue::symbol("u") > Residue(0.0)));

  const Dimensional metre(Dimensional::Powers{1.0});
  using Powers = Dimensional::Powers;
  CHECK(max(metre, 0.0).powers == metre.powers);
  CHECK(hypot(metre, metre).powers == metre.powers);
  CHECK(cbrt(metre * metre * metre).powers == metre.powers);
  CHECK(sign(metre).powers == Powers{});
  CHECK(pow(2.0, Dimensional()).powers == Powers{});
  CHECK_FALSE(pow(2.0, metre).powers);
  CHECK_FALSE(log1p(metre).powers);
  CHECK_FALSE(law(metre).powers);
  CHECK(length(Vec<Dimensional, 2>{{metre, metre}}).powers == metre.powers);
  Mat<Dimensional, 2> of_metres;
  for (auto& row : of_metres.rows) row.v.fill(metre);
  CHECK(det(of_metres).powers == (metre * metre).powers);
  CHECK(inverse(of_metres)[0][1].powers == (1.0 / metre).powers);
}

TEST_CASE("derivatives of tables and determinants are symmetric where they are, decided exactly", "[sdk]") {
  using R = Dual<Residue, 1>;
  const auto at = [](double seed) {
    R u(Residue::symbol("u"));
    u.d[0] = Residue(seed);
    return u;
  };
  CHECK(law(at(1.0)).d[0].v == law(at(1.0)).d[0].v);
  CHECK(law(at(1.0)).d[0].v != Residue(0.0).v);
  CHECK(law(at(0.0)).d[0].v == Residue(0.0).v);
  const Table other{{0.0, 1.0}, {1.0, 3.0}, "other"};
  CHECK(law(at(1.0)).v.v != other(at(1.0)).v.v);
  CHECK(det(matrix<R, 3>(at(1.0))).d[0].v ==
        (det(matrix<R, 3>(at(1.0))) * trace(inverse(matrix<R, 3>(at(1.0))) *
                                            [&] {
                                              Mat<R, 3> slope;
                                              for (int i = 0; i < 3; ++i) {
                                                for (int j = 0; j < 3; ++j)
                                                  slope[i][j] = R(matrix<R, 3>(at(1.0))[i][j].d[0]);
                                              }
                                              return slope;
                                            }()))
            .v.v);
}

TEST_CASE("an argument outside of a table is remembered with the table and its range", "[sdk]") {
  detail::take_miss();
  CHECK(std::isnan(law(3.5)));
  const auto miss = detail::take_miss();
  REQUIRE(miss);
  CHECK(miss->text() == "the table \"law\" reaches from 0 to 3, its argument is 3.5");
  CHECK_FALSE(detail::take_miss());
  CHECK(law(0.5) == 2.0);
  CHECK_FALSE(detail::take_miss());
}
