#include "regression.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "selection.hpp"

using namespace pod_regression;

namespace {

Matrix random_inputs(int n, int dim, std::uint64_t seed = 3) {
  ansatz::sdk::Random random(seed);
  Matrix X(n, dim);
  for (auto& x : X.values) x = 2.0 * random.uniform() - 1.0;
  return X;
}

std::vector<double> row(const Matrix& A, int i) {
  std::vector<double> x;
  for (int k = 0; k < A.columns; ++k) x.push_back(A(i, k));
  return x;
}

/// Outputs f(x) and f(x)^2 - x_0 of each row.
template <class F>
Matrix outputs_of(const Matrix& X, const F& f) {
  Matrix Y(X.rows, 2);
  for (int i = 0; i < X.rows; ++i) {
    const auto x = row(X, i);
    Y(i, 0) = f(x);
    Y(i, 1) = f(x) * f(x) - x[0];
  }
  return Y;
}

double smooth(const std::vector<double>& x) {
  double sum = 0.3;
  for (std::size_t k = 0; k < x.size(); ++k) sum += std::sin((k + 1.0) * x[k]);
  return std::exp(0.5 * sum);
}

Matrix without(const Matrix& A, const std::vector<int>& group) {
  Matrix B(A.rows - static_cast<int>(group.size()), A.columns);
  for (int i = 0, to = 0; i < A.rows; ++i) {
    if (std::find(group.begin(), group.end(), i) != group.end()) continue;
    for (int k = 0; k < A.columns; ++k) B(to, k) = A(i, k);
    ++to;
  }
  return B;
}

std::vector<Settings> all_settings(int dim) {
  return {{Kernel::gauss, {0.8}, 1e-6, -1},     {Kernel::gauss, std::vector<double>(dim, 1.1), 1e-6, 0},
          {Kernel::matern52, {1.5}, 1e-5, 1},   {Kernel::rational_quadratic, {0.7}, 1e-4, 2},
          {Kernel::thin_plate, {1.0}, 1e-5, 1}, {Kernel::none, {1.0}, 1.0, 2}};
}

}  // namespace

TEST_CASE("Errors of samples that are left out, one by one and in groups, are those of models made without them") {
  for (const int dim : {1, 2, 3}) {
    const auto X = random_inputs(25, dim);
    const auto Y = outputs_of(X, smooth);
    for (const auto& settings : all_settings(dim)) {
      INFO(settings.text() << " in " << dim);
      const Regression all(X, Y, settings);
      for (const auto& groups : {one_by_one(25), in_parts(25, 10), in_parts(25, 3)}) {
        const auto errors = all.leave_out(groups);
        for (const auto& group : groups) {
          const Regression some(without(X, group), without(Y, group), settings);
          std::vector<double> mean(2);
          for (const int i : group) {
            some.predict(row(X, i), mean);
            for (int j = 0; j < 2; ++j) CHECK(errors(i, j) == Approx(Y(i, j) - mean[j]).epsilon(1e-6).margin(1e-8));
          }
        }
      }
    }
  }
}

TEST_CASE("The spectrum says the size of the same errors for any nugget") {
  const auto X = random_inputs(20, 2);
  const auto Y = outputs_of(X, smooth);
  for (auto settings : all_settings(2)) {
    INFO(settings.text());
    const Spectrum spectrum(X, settings);
    const auto coordinates = spectrum.coordinates(Y);
    for (const double nugget : {1e-7, 1e-3, 1.0}) {
      settings.nugget = nugget;
      const auto errors = Regression(X, Y, settings).leave_out(one_by_one(20));
      const auto sizes = spectrum.errors(coordinates, nugget);
      for (int i = 0; i < 20; ++i) CHECK(sizes[i] == Approx(std::hypot(errors(i, 0), errors(i, 1))).epsilon(1e-6));
    }
  }
}

TEST_CASE(
    "Without noise a Gaussian process meets its samples, where its variance vanishes; far away it is the kernel's") {
  const auto X = random_inputs(15, 2);
  const auto Y = outputs_of(X, smooth);
  const Regression process(X, Y, {Kernel::matern52, {0.6}, 1e-12, -1});
  std::vector<double> mean(2);
  for (int i = 0; i < 15; ++i) {
    process.predict(row(X, i), mean);
    CHECK(mean[0] == Approx(Y(i, 0)).epsilon(1e-8));
    CHECK(process.variance(row(X, i)) < 1e-8);
  }
  process.predict(std::vector<double>{100.0, 0.0}, mean);
  CHECK(std::abs(mean[0]) < 1e-12);
  CHECK(process.variance(std::vector<double>{100.0, 0.0}) == Approx(1.0));  // the nugget is 1e-12
}

TEST_CASE("One sample has the mean and the variance of the textbook") {
  Matrix X(1, 1), Y(1, 1);
  X(0, 0) = 0.2;
  Y(0, 0) = 3.0;
  const double s = 0.1, k = std::exp(-0.5 * 0.25);
  const Regression process(X, Y, {Kernel::gauss, {1.0}, s, -1});
  std::vector<double> mean(1);
  const std::vector<double> x{0.7};
  process.predict(x, mean);
  CHECK(mean[0] == Approx(3.0 * k / (1.0 + s)));
  CHECK(process.variance(x) == Approx(1.0 - k * k / (1.0 + s) + s));
  CHECK(process.scales()[0] == Approx(9.0 / (1.0 + s)));
}

TEST_CASE("The variance with a constant part is that of generalised least squares") {
  // Two samples so far apart that they know nothing of each other, and a point far from both: the mean of both, with
  // the variance of a sample and half of it.
  Matrix X(2, 1), Y(2, 1);
  X(1, 0) = 100.0;
  Y(0, 0) = 1.0;
  Y(1, 0) = 4.0;
  const Regression process(X, Y, {Kernel::gauss, {1.0}, 0.2, 0});
  std::vector<double> mean(1);
  const std::vector<double> x{50.0};
  process.predict(x, mean);
  CHECK(mean[0] == Approx(2.5));
  CHECK(process.variance(x) == Approx(1.0 + 1.2 / 2.0 + 0.2));
}

TEST_CASE("A polynomial of degree 3 gives polynomials of degree 3 exactly, its variance has the leverage") {
  const auto f = [](const std::vector<double>& x) { return 1.0 + x[0] - 2.0 * x[0] * x[1] * x[1] + x[1] * x[1]; };
  const auto X = random_inputs(30, 2);
  Matrix Y(30, 1);
  for (int i = 0; i < 30; ++i) Y(i, 0) = f(row(X, i));
  const Regression fit(X, Y, {Kernel::none, {1.0}, 1.0, 3});
  std::vector<double> mean(1);
  for (const auto& x : {std::vector<double>{0.3, -0.8}, {1.4, 1.0}}) {
    fit.predict(x, mean);
    CHECK(mean[0] == Approx(f(x)).epsilon(1e-12));
  }
  double sum = 0.0;  // of the leverages: the number of polynomials
  for (int i = 0; i < 30; ++i) sum += fit.variance(row(X, i)) - 1.0;
  CHECK(sum == Approx(num_polynomials(2, 3)));
  CHECK(num_polynomials(2, 3) == 10);
}

TEST_CASE("A thin plate is linear where its samples are, and in one dimension the natural cubic spline") {
  const auto X = random_inputs(12, 2);
  Matrix Y(12, 1);
  for (int i = 0; i < 12; ++i) Y(i, 0) = 2.0 - X(i, 0) + 3.0 * X(i, 1);
  const Regression plane(X, Y, {Kernel::thin_plate, {1.0}, 1e-10, 1});
  std::vector<double> mean(1);
  plane.predict(std::vector<double>{0.4, 1.7}, mean);
  CHECK(mean[0] == Approx(2.0 - 0.4 + 5.1).epsilon(1e-9));

  // Values 0, 1, 0 at -1, 0, 1: the natural spline is 1 - 3/2 x^2 + |x|^3 / 2.
  Matrix Z(3, 1), V(3, 1);
  Z(0, 0) = -1.0;
  Z(2, 0) = 1.0;
  V(1, 0) = 1.0;
  const Regression spline(Z, V, {Kernel::thin_plate, {1.0}, 1e-14, 1});
  spline.predict(std::vector<double>{0.5}, mean);
  CHECK(mean[0] == Approx(1.0 - 1.5 * 0.25 + 0.0625).epsilon(1e-9));
}

TEST_CASE("Kernels have their known values") {
  CHECK(value(Kernel::gauss, 4.0, 1) == Approx(std::exp(-2.0)));
  CHECK(value(Kernel::matern52, 1.0, 1) == Approx((1.0 + std::sqrt(5.0) + 5.0 / 3.0) * std::exp(-std::sqrt(5.0))));
  CHECK(value(Kernel::rational_quadratic, 2.0, 3) == Approx(0.5));
  CHECK(value(Kernel::thin_plate, 4.0, 2) == Approx(4.0 * std::log(2.0)));
  CHECK(value(Kernel::thin_plate, 4.0, 3) == Approx(8.0));
  CHECK(value(Kernel::thin_plate, 0.0, 2) == 0.0);
}

TEST_CASE("A polynomial that is left without a sample it needs says so, and too few samples are refused") {
  Matrix X(4, 1), Y(4, 1);
  X(3, 0) = 1.0;  // the only sample away from 0
  Y(3, 0) = 1.0;
  const Regression line(X, Y, {Kernel::none, {1.0}, 1.0, 1});
  const auto errors = line.leave_out(one_by_one(4));
  CHECK(std::isinf(errors(3, 0)));
  CHECK(errors(0, 0) == Approx(0.0).margin(1e-12));
  CHECK_THROWS_AS(Regression(X, Y, {Kernel::none, {1.0}, 1.0, 3}), ansatz::sdk::Error);
}

TEST_CASE("A model that was saved predicts the same bit by bit; a damaged one is refused") {
  const auto X = random_inputs(20, 2);
  const auto Y = outputs_of(X, smooth);
  for (const auto& settings : all_settings(2)) {
    const Regression fit(X, Y, settings);
    auto arrays = fit.save();
    const auto again = Regression::load(arrays);
    std::vector<double> mean(2), other(2);
    const std::vector<double> x{0.1, 0.2};
    fit.predict(x, mean);
    again.predict(x, other);
    CHECK(mean == other);
    CHECK(fit.variance(x) == again.variance(x));
    arrays["outputs"] = Matrix(3, 2);
    CHECK_THROWS_AS(Regression::load(arrays), ansatz::sdk::Error);
    arrays.erase("outputs");
    CHECK_THROWS_AS(Regression::load(arrays), ansatz::sdk::Error);
  }
}

TEST_CASE("Selection finds a polynomial, a smooth kernel and different lengths where they belong") {
  const auto X = random_inputs(40, 2);
  const std::vector<double> weights(40, 1.0);
  Matrix Y(40, 1);
  for (int i = 0; i < 40; ++i) Y(i, 0) = X(i, 0) * X(i, 1) * X(i, 1) - X(i, 0);
  const auto cubic = select(X, Y, weights, {});
  CHECK(cubic.settings.kernel == Kernel::none);
  CHECK(cubic.settings.degree == 3);
  CHECK(cubic.score < 1e-13);

  for (int i = 0; i < 40; ++i) Y(i, 0) = std::sin(6.0 * X(i, 0)) + 0.1 * X(i, 1);
  const auto waves = select(X, Y, weights, {});
  REQUIRE(waves.settings.lengths.size() == 2);
  CHECK(waves.settings.lengths[0] < waves.settings.lengths[1]);

  // The score is the error of the settings that come with it.
  const auto errors = Regression(X, Y, waves.settings).leave_out(one_by_one(40));
  double sum = 0.0;
  for (int i = 0; i < 40; ++i) sum += errors(i, 0) * errors(i, 0);
  CHECK(waves.score == Approx(std::sqrt(sum / 40)).epsilon(1e-4));
}

TEST_CASE("Selection smooths where there is noise, and keeps what is given") {
  const auto X = random_inputs(200, 1);
  ansatz::sdk::Random random(5);
  Matrix Y(200, 1);
  for (int i = 0; i < 200; ++i) Y(i, 0) = std::sin(4.0 * X(i, 0)) + 0.1 * random.normal();
  const std::vector<double> weights(200, 1.0);
  const auto noisy = select(X, Y, weights, {});
  CHECK(noisy.score == Approx(0.1).epsilon(0.15));
  Choices given;
  given.kernels = {Kernel::matern52};
  given.thin_plate = given.polynomial = false;
  given.length = 0.5;
  given.nugget = 1e-3;
  const auto fixed = select(X, Y, weights, given);
  CHECK(fixed.settings.kernel == Kernel::matern52);
  CHECK(fixed.settings.lengths == std::vector<double>{0.5});
  CHECK(fixed.settings.nugget == 1e-3);
}

TEST_CASE("Groups hold each sample once, in sizes that differ by one at most") {
  const auto groups = in_parts(23, 10);
  std::vector<int> seen(23, 0);
  for (const auto& group : groups) {
    CHECK((group.size() == 2 || group.size() == 3));
    for (const int i : group) ++seen[i];
  }
  CHECK(std::count(seen.begin(), seen.end(), 1) == 23);
}
