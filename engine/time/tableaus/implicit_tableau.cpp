#include "engine/time/tableaus/implicit_tableau.hpp"

#include <numbers>
#include <numeric>

#include "engine/time/tableaus/named_table.hpp"

namespace ansatz::time {
namespace {

constexpr double root2 = std::numbers::sqrt2;

/// Fills in b, the last row of a, and c_i = sum_j a_ij.
ImplicitTableau completed(ImplicitTableau method) {
  method.b = method.a.back();
  for (const auto& row : method.a) method.c.push_back(std::accumulate(row.begin(), row.end(), 0.0));
  return method;
}

/// Rows of an ESDIRK method whose first two columns are equal: each is given from its second entry on.
std::vector<std::vector<double>> with_equal_columns(std::vector<std::vector<double>> rows) {
  for (auto& row : rows) row.insert(row.begin(), row.front());
  rows.insert(rows.begin(), std::vector{0.0});
  return rows;
}

ImplicitTableau sdirk2() {
  const double g = 1.0 - 1.0 / root2;
  return {.name = "sdirk2",
          .order = 2,
          .embedded_order = 1,
          .a = {{g}, {1.0 - g, g}},
          .d = {0.5, 0.5},
          .e_from_start = {0.5 * g, 0.0, -0.5 * g},
          .source = "Alexander, SIAM J. Numer. Anal. 14, 1977; weights d and e chosen here"};
}

ImplicitTableau tr_bdf2() {
  const double g = 1.0 - 1.0 / root2, w = root2 / 4.0;
  return {.name = "tr_bdf2",
          .order = 2,
          .embedded_order = 3,
          .stage_order = 2,
          .a = {{0.0}, {g, g}, {w, w, g}},
          .d = {(1.0 - w) / 3.0, (1.0 + 3.0 * w) / 3.0, g / 3.0},
          .damped = true,
          .source = "Hosea and Shampine, Appl. Numer. Math. 20, 1996"};
}

/// The authors' estimate of order 2 vanishes between z = h lambda = -5 and -10 on y' = lambda (y - g(t)), where errors
/// under control were 100 tolerances. With b - d = (1, -x, 1, x - 2) / 64, damped, it is a third of the error or more
/// at every z.
ImplicitTableau esdirk3() {
  const double g = 0.4358665215084589994160194511935568425293;
  ImplicitTableau method{
      .name = "esdirk3",
      .order = 3,
      .embedded_order = 2,
      .stage_order = 2,
      .a = {{0.0},
            {g, g},
            {0.2576482460664272457999960162840797092643, -0.09351476757488624521601546747763655179361, g},
            {0.1876410243467238251612921441668043913795, -0.5952974735769549480478230275858851737782,
             0.9717899277217721234705114322255239398694, g}},
      .d = {},
      .damped = true,
      .source =
          "implicit part of ARK3(2)4L[2]SA, Kennedy and Carpenter, Appl. Numer. Math. 44, 2003; weights d chosen here"};
  const auto& b = method.a.back();
  const double x = 1.4 / (1.0 - 2.0 * g);  // so that the order is 2
  method.d = {b[0] - 1.0 / 64.0, b[1] + x / 64.0, b[2] - 1.0 / 64.0, b[3] - (x - 2.0) / 64.0};
  return method;
}

ImplicitTableau sdirk4() {
  const double g = 0.25;
  return {.name = "sdirk4",
          .order = 4,
          .embedded_order = 3,
          .a = {{g},
                {0.5, g},
                {17.0 / 50.0, -1.0 / 25.0, g},
                {371.0 / 1360.0, -137.0 / 2720.0, 15.0 / 544.0, g},
                {25.0 / 24.0, -49.0 / 48.0, 125.0 / 16.0, -85.0 / 12.0, g}},
          .d = {59.0 / 48.0, -17.0 / 96.0, 225.0 / 32.0, -85.0 / 12.0, 0.0},
          .e_from_start = {-1.0 / 8.0, 5.0 / 8.0, 23.0 / 16.0, -25.0 / 16.0, 0.0, -3.0 / 8.0},
          .source = "Hairer and Wanner, Solving ODEs II, table IV.6.5; weights e chosen here"};
}

/// On y' = lambda y the estimate is 1/33 of the error from h lambda = -10 on; steps get there when y is far below its
/// tolerance.
ImplicitTableau esdirk4() {
  const double g = 0.25, r = root2;
  return {
      .name = "esdirk4",
      .order = 4,
      .embedded_order = 3,
      .stage_order = 2,
      .a = with_equal_columns(
          {{g},
           {(1.0 - r) / 8.0, g},
           {(5.0 - 7.0 * r) / 64.0, 7.0 * (1.0 + r) / 32.0, g},
           {(-13796.0 - 54539.0 * r) / 125000.0, (506605.0 + 132109.0 * r) / 437500.0,
            166.0 * (-97.0 + 376.0 * r) / 109375.0, g},
           {(1181.0 - 987.0 * r) / 13782.0, 47.0 * (-267.0 + 1783.0 * r) / 273343.0,
            -16.0 * (-22922.0 + 3525.0 * r) / 571953.0, -15625.0 * (97.0 + 376.0 * r) / 90749876.0, g}}),
      .d = {-480923228411.0 / 4982971448372.0, -480923228411.0 / 4982971448372.0, 6709447293961.0 / 12833189095359.0,
            3513175791894.0 / 6748737351361.0, -498863281070.0 / 6042575550617.0, 2077005547802.0 / 8945017530137.0},
      .source = "ESDIRK4(3)6L[2]SA, Kennedy and Carpenter, NASA/TM-2016-219173"};
}

ImplicitTableau ark4_esdirk() {
  const double g = 0.25;
  ImplicitTableau method{
      .name = "ark4_esdirk",
      .order = 4,
      .embedded_order = 3,
      .stage_order = 2,
      .a = {{0.0},
            {g, g},
            {8611.0 / 62500.0, -1743.0 / 31250.0, g},
            {5012029.0 / 34652500.0, -654441.0 / 2922500.0, 174375.0 / 388108.0, g},
            {15267082809.0 / 155376265600.0, -71443401.0 / 120774400.0, 730878875.0 / 902184768.0,
             2285395.0 / 8070912.0, g},
            {82889.0 / 524892.0, 0.0, 15625.0 / 83664.0, 69875.0 / 102672.0, -2260.0 / 8211.0, g}},
      .d = {4586570599.0 / 29645900160.0, 0.0, 178811875.0 / 945068544.0, 814220225.0 / 1159782912.0,
            -3700637.0 / 11593932.0, 61727.0 / 225920.0},
      .source =
          "implicit part of ARK4(3)6L[2]SA, Kennedy and Carpenter, Appl. Numer. Math. 44, 2003; twice their estimate"};
  // The coefficients of their estimate are a tenth of those of other methods; in the additive method it is too small.
  const auto& b = method.a.back();
  for (std::size_t i = 0; i < b.size(); ++i) method.d[i] = b[i] + 2.0 * (method.d[i] - b[i]);
  return method;
}

/// On y' = lambda y the estimate is less than 1/20 of the error in -16.5 < h lambda < -13; errors of controlled runs of
/// such equations, driven or not, stay within a tolerance.
ImplicitTableau esdirk5() {
  const double g = 23.0 / 125.0;
  return {.name = "esdirk5",
          .order = 5,
          .embedded_order = 4,
          .stage_order = 2,
          .a = with_equal_columns({{g},
                                   {791020047304.0 / 3561426431547.0, g},
                                   {-158159076358.0 / 11257294102345.0, -85517644447.0 / 5003708988389.0, g},
                                   {-1653327111580.0 / 4048416487981.0, 1514767744496.0 / 9099671765375.0,
                                    14283835447591.0 / 12247432691556.0, g},
                                   {-4540011970825.0 / 8418487046959.0, -1790937573418.0 / 7393406387169.0,
                                    10819093665085.0 / 7266595846747.0, 4109463131231.0 / 7386972500302.0, g},
                                   {-188593204321.0 / 4778616380481.0, 2809310203510.0 / 10304234040467.0,
                                    1021729336898.0 / 2364210264653.0, 870612361811.0 / 2470410392208.0,
                                    -1307970675534.0 / 8059683598661.0, g}}),
          .d = {-582099335757.0 / 7214068459310.0, -582099335757.0 / 7214068459310.0, 615023338567.0 / 3362626566945.0,
                3192122436311.0 / 6174152374399.0, 6156034052041.0 / 14430468657929.0,
                -1011318518279.0 / 9693750372484.0, 1914490192573.0 / 13754262428401.0},
          .source = "ESDIRK5(4)7L[2]SA2, Kennedy and Carpenter, NASA/TM-2016-219173"};
}

const std::vector<ImplicitTableau>& methods() {
  static const auto table = [] {
    std::vector<ImplicitTableau> all{sdirk2(), tr_bdf2(), esdirk3(), sdirk4(), esdirk4(), ark4_esdirk(), esdirk5()};
    std::ranges::transform(all, all.begin(), completed);
    return all;
  }();
  return table;
}

}  // namespace

std::span<const ImplicitTableau> implicit_methods() { return methods(); }

const ImplicitTableau& implicit_method(const std::string& name) {
  return named_entry(implicit_methods(), name, "diagonally implicit Runge-Kutta method");
}

}  // namespace ansatz::time
