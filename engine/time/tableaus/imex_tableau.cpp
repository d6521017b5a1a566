#include "engine/time/tableaus/imex_tableau.hpp"

#include "engine/time/tableaus/named_table.hpp"

namespace ansatz::time {
namespace {

/// Weights with twice the difference to b of these.
std::vector<double> with_twice_the_estimate(const std::string& implicit_name, std::vector<double> d) {
  const auto& b = implicit_method(implicit_name).b;
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = b[i] + 2.0 * (d[i] - b[i]);
  return d;
}

const std::vector<ImexTableau>& methods() {
  static const std::vector<ImexTableau> table{
      {.name = "ark3",
       .implicit_name = "esdirk3",
       .explicit_a = {{},
                      {0.8717330430169179988320389023871136850586},
                      {0.52758901197630041156180797140291790433, 0.07241098802369958843819202859708209566999},
                      {0.3990960076760701320627260736092142797856, -0.437557654613519443722846363831022571942,
                       1.038461646937449311660120290221808292156}},
       .d = with_twice_the_estimate(
           "esdirk3", {0.2147402862233891404862383406484193714659, -0.4851622638849390928209050808398155895845,
                       0.86872500252038755116621237682951240796, 0.4016969751411624011684543633618838101586}),
       .source = "ARK3(2)4L[2]SA, Kennedy and Carpenter, Appl. Numer. Math. 44, 2003; twice their estimate"},
      {.name = "ark4",
       .implicit_name = "ark4_esdirk",
       .explicit_a = {{},
                      {0.5},
                      {13861.0 / 62500.0, 6889.0 / 62500.0},
                      {-116923316275.0 / 2393684061468.0, -2731218467317.0 / 15368042101831.0,
                       9408046702089.0 / 11113171139209.0},
                      {-451086348788.0 / 2902428689909.0, -2682348792572.0 / 7519795681897.0,
                       12662868775082.0 / 11960479115383.0, 3355817975965.0 / 11060851509271.0},
                      {647845179188.0 / 3216320057751.0, 73281519250.0 / 8382639484533.0,
                       552539513391.0 / 3454668386233.0, 3354512671639.0 / 8306763924573.0, 4040.0 / 17871.0}},
       .d = implicit_method("ark4_esdirk").d,
       .source = "ARK4(3)6L[2]SA, Kennedy and Carpenter, Appl. Numer. Math. 44, 2003"}};
  return table;
}

}  // namespace

std::span<const ImexTableau> imex_methods() { return methods(); }

const ImexTableau& imex_method(const std::string& name) {
  return named_entry(imex_methods(), name, "additive Runge-Kutta method");
}

}  // namespace ansatz::time
