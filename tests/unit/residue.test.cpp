#include "ansatz/sdk/residue.hpp"

#include <catch2/catch.hpp>

#include "ansatz/sdk/dual.hpp"

using ansatz::sdk::Dual;
using ansatz::sdk::Lanes;
using ansatz::sdk::Residue;

TEST_CASE("Numbers keep their sums, products and quotients modulo a prime", "[sdk]") {
  for (const double a : {0.0, 1.0, -3.0, 0.375, 1e300, -0x1p-1070, 12345.6789}) {
    CHECK((Residue(a) + Residue(-a)).v == 0);
    CHECK((Residue(2.0) * Residue(a)).v == Residue(2.0 * a).v);
    CHECK((Residue(a) * Residue(-0.25)).v == Residue(-0.25 * a).v);
    CHECK((Residue(a) / Residue(7.0) * Residue(7.0)).v == Residue(a).v);
  }
  CHECK((Residue(0.5) + Residue(0.25)).v == Residue(0.75).v);
  CHECK(Residue(3.0).v == 3);
}

TEST_CASE("Equal rational functions are equal modulo a prime, others are not", "[sdk]") {
  const Residue x = Residue::symbol("x"), y = Residue::symbol("y");
  CHECK(((x + y) * (x - y)).v == (x * x - y * y).v);
  CHECK((Residue(1.0) / x + Residue(1.0) / y).v == ((x + y) / (x * y)).v);
  CHECK(pow(x, -3.0).v == (Residue(1.0) / (x * x * x)).v);
  CHECK((x * y).v != (x + y).v);
  CHECK(sqrt(x + y).v == sqrt(y + x).v);
  CHECK(sqrt(x).v != sqrt(y).v);
  const auto both = select(x < y, x * y, x * y);
  CHECK(both.v == (x * y).v);
}

TEST_CASE("What does not vary has no derivative, however steep the function is there", "[sdk]") {
  using D = Dual<double, 2>;
  using DD = Dual<D, 1>;
  D zero(0.0);
  for (const D& f : {sqrt(zero), pow(zero, 0.3), log(zero), log10(zero), pow(zero, D(0.5)), atan2(zero, zero),
                     abs(zero), acos(D(1.0)), asin(D(-1.0))}) {
    CHECK(f.d[0] == 0.0);
    CHECK(f.d[1] == 0.0);
  }
  zero.d[1] = 1.0;
  CHECK(sqrt(zero).d[0] == 0.0);
  CHECK(std::isinf(sqrt(zero).d[1]));
  const DD nested = sqrt(DD(D(0.0)));
  CHECK(nested.d[0].v == 0.0);
  CHECK(nested.d[0].d[0] == 0.0);
  DD x(D(4.0));  // d/dx d/dx sqrt(x) = -1 / (4 x^(3/2))
  x.v.d[0] = 1.0;
  x.d[0].v = 1.0;
  CHECK(sqrt(x).d[0].v == 0.25);
  CHECK(sqrt(x).d[0].d[0] == Approx(-1.0 / 32.0));
  CHECK(sqrt(Dual<Lanes, 1>(Lanes(0.0))).d[0][3] == 0.0);
}
