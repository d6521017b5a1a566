#include "engine/linear/relaxation/relaxation.hpp"

#include <catch2/catch.hpp>

#include "tests/support/errors.hpp"

using namespace ansatz;
using linear::Relaxation;

namespace {

/// (4 -1 -2; -1 5 -1; -2 -1 6), every entry stored.
struct Small {
  std::vector<std::int32_t> offsets{0, 3, 6, 9}, columns{0, 1, 2, 0, 1, 2, 0, 1, 2};
  std::vector<double> values{4.0, -1.0, -2.0, -1.0, 5.0, -1.0, -2.0, -1.0, 6.0};
  sdk::MatrixView view() const {
    sdk::MatrixView view;
    view.offsets = offsets;
    view.columns = columns;
    view.values = values;
    return view;
  }
};

Relaxation make(Relaxation::Sweeps sweeps, double omega) {
  sdk::ParameterSet options(Relaxation::options());
  options.set("omega", omega);
  return {sweeps, options};
}

std::vector<double> applied(Relaxation& to, const std::vector<double>& r) {
  std::vector<double> z(r.size());
  to.apply(r, z);
  return z;
}

}  // namespace

TEST_CASE("One sweep of over-relaxation from zero is done row by row", "[linear]") {
  auto sor = make(Relaxation::Sweeps::forward, 1.5);
  sor.set_up(Small().view());
  // x_i = w (r_i - sum of a_ij x_j over j < i) / a_ii
  const double x0 = 1.5 * 8.0 / 4.0, x1 = 1.5 * (10.0 + x0) / 5.0, x2 = 1.5 * (6.0 + 2.0 * x0 + x1) / 6.0;
  const auto z = applied(sor, {8.0, 10.0, 6.0});
  CHECK(z[0] == Approx(x0));
  CHECK(z[1] == Approx(x1));
  CHECK(z[2] == Approx(x2));
  CHECK_FALSE(sor.traits().symmetric);
}

TEST_CASE("A sweep there and back is two half sweeps of the stationary method", "[linear]") {
  const Small A;
  for (const double w : {0.7, 1.0, 1.6}) {
    auto ssor = make(Relaxation::Sweeps::symmetric, w);
    ssor.set_up(A.view());
    const std::vector<double> r{1.0, -2.0, 3.0};
    // From x = 0: x_i += w (r_i - sum_j a_ij x_j) / a_ii with the newest values, for i = 0, 1, 2 and then 2, 1, 0.
    std::vector<double> x(3, 0.0);
    for (const int i : {0, 1, 2, 2, 1, 0}) {
      double left = r[i];
      for (int j = 0; j < 3; ++j) left -= A.values[3 * i + j] * x[j];
      x[i] += w * left / A.values[4 * i];
    }
    const auto z = applied(ssor, r);
    for (int i = 0; i < 3; ++i) CHECK(z[i] == Approx(x[i]).epsilon(1e-13));
  }
}

TEST_CASE("The symmetric sweep is a symmetric matrix, the single one is none", "[linear]") {
  for (const auto sweeps : {Relaxation::Sweeps::forward, Relaxation::Sweeps::symmetric}) {
    auto made = make(sweeps, 1.3);
    made.set_up(Small().view());
    const auto column0 = applied(made, {1.0, 0.0, 0.0}), column2 = applied(made, {0.0, 0.0, 1.0});
    CHECK((std::abs(column0[2] - column2[0]) < 1e-15) == made.traits().symmetric);
  }
}

TEST_CASE("The factor is a knob, and a zero on the diagonal is refused with its row", "[linear]") {
  auto sor = make(Relaxation::Sweeps::forward, 1.0);
  sor.set_up(Small().view());
  const auto knobs = sor.knobs();
  REQUIRE(knobs.size() == 1);
  CHECK(knobs[0].name == "omega");
  CHECK(knobs[0].initial == 1.0);
  CHECK(applied(sor, {4.0, 0.0, 0.0})[0] == 1.0);
  const double omega = 1.25;
  sor.set_knobs(std::span(&omega, 1));
  CHECK(applied(sor, {4.0, 0.0, 0.0})[0] == 1.25);

  Small broken;
  broken.values[4] = 0.0;
  auto view = broken.view();
  view.first_global = 100;
  const auto error = test::error_of([&] { sor.set_up(view); });
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(std::string(error.what()).find("row 101") != std::string::npos);
  sdk::ParameterSet wrong(Relaxation::options());
  wrong.set("tuned", std::vector<double>{1.9, 1.1});
  CHECK(test::kind_of([&] { Relaxation(Relaxation::Sweeps::forward, wrong); }) == sdk::ErrorKind::parameter);
  CHECK(test::kind_of([&] { make(Relaxation::Sweeps::forward, 2.0); }) == sdk::ErrorKind::parameter);
}
