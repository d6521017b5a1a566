#include "pod.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "input_map.hpp"

using namespace pod_regression;

namespace {

const Sum alone = [](std::vector<double>&) {};

double mass(int i) { return 1.0 + 0.5 * (i % 3); }

Matrix weighted(Matrix U) {
  for (int j = 0; j < U.columns; ++j) {
    for (int i = 0; i < U.rows; ++i) U(i, j) *= mass(i);
  }
  return U;
}

/// Steps of exp(-(x - c)^2 / w) moving with the step.
Matrix moving_peak(double speed) {
  Matrix U(50, 6);
  for (int j = 0; j < 6; ++j) {
    for (int i = 0; i < 50; ++i) U(i, j) = std::exp(-std::pow(i / 49.0 - 0.2 - speed * j, 2) / 0.05);
  }
  return U;
}

}  // namespace

TEST_CASE("The basis holds all sets to its tolerance, orthonormal in the product") {
  Pod pod(alone, 1e-9);
  std::vector<Matrix> sets;
  for (const double speed : {0.02, 0.05, 0.1, 0.02}) {
    sets.push_back(moving_peak(speed));
    pod.add(sets.back(), weighted(sets.back()));
  }
  Matrix one(pod.size(), pod.size());
  for (int i = 0; i < pod.size(); ++i) one(i, i) = 1.0;
  const auto B = pod.basis(one);
  const auto gram = multiply_transposed(B, weighted(B));
  for (int i = 0; i < pod.size(); ++i) {
    for (int j = 0; j < pod.size(); ++j) CHECK(gram(i, j) == Approx(i == j ? 1.0 : 0.0).margin(1e-7));
  }
  for (std::size_t k = 0; k < sets.size(); ++k) {
    const auto again = multiply(B, pod.coefficients()[k]);
    for (std::size_t i = 0; i < again.values.size(); ++i) {
      CHECK(again.values[i] == Approx(sets[k].values[i]).margin(1e-7));
    }
  }
  CHECK(pod.size() < 20);  // the last set is the first one again
}

TEST_CASE("Singular values are those of the vectors, and modes leave no more than the tolerance") {
  // u_j = s_j e_j in the product: singular values s_j.
  Matrix U(8, 4);
  const double s[] = {4.0, 1.0, 1e-2, 1e-4};
  for (int j = 0; j < 4; ++j) U(2 * j, j) = s[j] / std::sqrt(mass(2 * j));
  Pod pod(alone, 1e-10);
  pod.add(U, weighted(U));
  const auto all = Pod::modes(pod.coefficients()[0], 0.0, 100);
  REQUIRE(all.singular_values.size() == 4);
  for (int j = 0; j < 4; ++j) CHECK(all.singular_values[j] == Approx(s[j]).epsilon(1e-6));
  const auto some = Pod::modes(pod.coefficients()[0], 1e-3, 100);
  CHECK(some.rotation.columns == 3);
  CHECK(some.tail == Approx(1e-4 / std::sqrt(17.0001)).epsilon(1e-3));
  CHECK(Pod::modes(pod.coefficients()[0], 0.0, 2).rotation.columns == 2);
}

TEST_CASE("A set of zeros and a set that the basis has add nothing") {
  Pod pod(alone, 1e-9);
  pod.add(Matrix(50, 2), Matrix(50, 2));
  CHECK(pod.size() == 0);
  const auto U = moving_peak(0.1);
  pod.add(U, weighted(U));
  const int size = pod.size();
  pod.add(U, weighted(U));
  CHECK(pod.size() == size);
  CHECK(pod.coefficients()[0].rows == size);
}

TEST_CASE("Inputs fill [-1, 1], logarithms where told") {
  Matrix samples(3, 2);
  samples.values = {1.0, 10.0, 100.0, -2.0, 0.0, 4.0};
  const InputMap map(samples, {1, 0}, {});
  const auto x = map.map(samples);
  CHECK(x(0, 0) == Approx(-1.0));
  CHECK(x(1, 0) == Approx(0.0).margin(1e-14));
  CHECK(x(2, 0) == Approx(1.0));
  CHECK(x(1, 1) == Approx(-1.0 / 3.0));
  CHECK(map.amplitude(std::vector<double>{3.0, 4.0}) == 1.0);
  CHECK_THROWS_AS(InputMap(samples, {1, 1}, {}), ansatz::sdk::Error);
}

TEST_CASE("A scaling leaves what does not change with it, and its amplitude is homogeneous") {
  ansatz::sdk::Random random(2);
  Matrix samples(20, 4);
  for (auto& x : samples.values) x = 0.1 + random.uniform();
  const InputMap map(samples, {0, 0, 0, 0}, {{0, 1, 3}, -1.0});
  CHECK(map.dim() == 3);
  std::vector<double> x(3), y(3);
  const std::vector<double> mu{0.3, 0.5, 0.7, 0.9}, scaled{0.6, 1.0, 0.7, 1.8};
  map.map(mu, x);
  map.map(scaled, y);
  for (int k = 0; k < 3; ++k) CHECK(x[k] == Approx(y[k]).margin(1e-13));
  CHECK(map.amplitude(scaled) == Approx(map.amplitude(mu) / 2.0));
  CHECK(map.amplitude(mu) == Approx(std::pow(0.3 * 0.5 * 0.9, -1.0 / 3.0)));
  // Distances of the ratios do not depend on the order of the parameters.
  const auto distance = [](const InputMap& of, const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> p(of.dim()), q(of.dim());
    of.map(a, p);
    of.map(b, q);
    return std::hypot(p[1] - q[1], p[2] - q[2]);
  };
  std::vector<double> a{0.2, 0.4, 0.7, 0.3}, b{0.5, 0.1, 0.7, 0.2};
  const double before = distance(map, a, b);
  std::swap(a[0], a[3]);
  std::swap(b[0], b[3]);
  CHECK(distance(map, a, b) == Approx(before));

  const auto again = InputMap::load(map.save());
  again.map(mu, y);
  CHECK(x == y);
  CHECK(again.scaling() == map.scaling());
  CHECK_THROWS_AS(InputMap::load(Matrix(3, 1)), ansatz::sdk::Error);
}
