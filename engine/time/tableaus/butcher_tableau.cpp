#include "engine/time/tableaus/butcher_tableau.hpp"

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::time {
namespace {

/// Fills in c_i = sum_j a_ij and whether the last stage is the first of the next step.
ButcherTableau completed(ButcherTableau method) {
  for (const auto& row : method.a) {
    double sum = 0.0;
    for (const double value : row) sum += value;
    method.c.push_back(sum);
  }
  auto last = method.a.back();
  last.push_back(0.0);
  method.first_is_last = last == method.b;
  return method;
}

/// Ketcheson's method in its Butcher form: two runs of five stages.
ButcherTableau ssp104() {
  ButcherTableau method{.name = "ssp104", .order = 4, .source = "Ketcheson, SIAM J. Sci. Comput. 30, 2008"};
  for (int i = 0; i < 10; ++i) {
    auto& row = method.a.emplace_back();
    for (int j = 0; j < i; ++j) row.push_back(i >= 5 && j < 5 ? 1.0 / 15.0 : 1.0 / 6.0);
    method.b.push_back(0.1);
  }
  return method;
}

std::vector<ButcherTableau> make_methods() {
  std::vector<ButcherTableau> table;
  table.push_back({.name = "bogacki_shampine32",
                   .order = 3,
                   .embedded_order = 2,
                   .a = {{}, {0.5}, {0.0, 0.75}, {2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0}},
                   .b = {2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0},
                   // The authors' weights, 7/24, 1/4, 1/3 and 1/8, estimate z^3 (1 + z) / 48 for y' = z y / h: nothing
                   // at z = -1, in the middle of the region of stability. The estimate of these is z^3 (15 - z) / 384,
                   // and sees what jumps after the third stage.
                   .d = {91.0 / 576.0, 49.0 / 96.0, 25.0 / 72.0, -1.0 / 64.0},
                   .source = "Bogacki and Shampine, Appl. Math. Lett. 2, 1989; weights d chosen here"});
  table.push_back(
      {.name = "dormand_prince54",
       .order = 5,
       .embedded_order = 4,
       .a = {{},
             {1.0 / 5.0},
             {3.0 / 40.0, 9.0 / 40.0},
             {44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0},
             {19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0},
             {9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0},
             {35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0}},
       .b = {35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0},
       .d = {5179.0 / 57600.0, 0.0, 7571.0 / 16695.0, 393.0 / 640.0, -92097.0 / 339200.0, 187.0 / 2100.0, 1.0 / 40.0},
       .dense = {-12715105075.0 / 11282082432.0, 0.0, 87487479700.0 / 32700410799.0, -10690763975.0 / 1880347072.0,
                 701980252875.0 / 199316789632.0, -1453857185.0 / 822651844.0, 69997945.0 / 29380423.0},
       .source = "Dormand and Prince, J. Comput. Appl. Math. 6, 1980; Shampine, Math. Comp. 46, 1986"});
  table.push_back(
      {.name = "tsitouras54",
       .order = 5,
       .embedded_order = 4,
       .a = {{},
             {0.161},
             {-0.008480655492356989, 0.335480655492357},
             {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
             {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
             {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
             {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774}},
       .b = {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774,
             0.0},
       .d = {0.09646076681806523 + 0.00178001105222577714, 0.01 + 0.0008164344596567469,
             0.4798896504144996 - 0.007880878010261995, 1.379008574103742 + 0.1447110071732629,
             -3.290069515436081 - 0.5823571654525552, 2.324710524099774 + 0.45808210592918697, -0.015151515151515152},
       .dense = {-1.0530884977290216, 0.1017, 2.490627285651252793, -16.54810288924490272, 47.37952196281928122,
                 -34.87065786149660974, 2.5},
       .source = "Tsitouras, Comput. Math. Appl. 62, 2011"});
  table.push_back({.name = "ssp33",
                   .order = 3,
                   .a = {{}, {1.0}, {0.25, 0.25}},
                   .b = {1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0},
                   .source = "Shu and Osher, J. Comput. Phys. 77, 1988"});
  table.push_back(ssp104());
  table.push_back({.name = "rk4",
                   .order = 4,
                   .a = {{}, {0.5}, {0.0, 0.5}, {0.0, 0.0, 1.0}},
                   .b = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0},
                   .source = "Kutta, 1901"});
  std::ranges::transform(table, table.begin(), completed);
  return table;
}

const std::vector<ButcherTableau>& methods() {
  static const auto table = make_methods();
  return table;
}

}  // namespace

double ButcherTableau::dense_weight(int i, double theta) const {
  const double left = 1.0 - theta;
  double weight = theta * theta * ((3.0 - 2.0 * theta) * b[i] + left * left * dense[i]);
  if (i == 0) weight += theta * left * left;
  if (i + 1 == num_stages()) weight -= theta * theta * left;
  return weight;
}

std::span<const ButcherTableau> explicit_methods() { return methods(); }

}  // namespace ansatz::time
