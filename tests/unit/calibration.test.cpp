#include "engine/certify/calibration.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/certify/learned_places.hpp"

using namespace ansatz;
using Catch::Matchers::WithinAbs;

TEST_CASE("The radius of a calibration is the error of the rank that coverage asks for", "[calibration]") {
  // ceil((9 + 1) 0.9) = 9: the largest of nine; ceil(20 * 0.9) = 18 of nineteen.
  CHECK(certify::conformal_radius({5, 1, 9, 3, 7, 2, 8, 4, 6}, 0.9) == 9.0);
  CHECK(certify::conformal_radius({5, 1, 9, 3, 7, 2, 8, 4, 6}, 0.5) == 5.0);
  std::vector<double> errors(19);
  std::iota(errors.begin(), errors.end(), 1.0);
  CHECK(certify::conformal_radius(errors, 0.9) == 18.0);
  CHECK(certify::conformal_radius(errors, 0.91) == 19.0);
  errors.assign(1000, 0.0);
  std::iota(errors.begin(), errors.end(), 1.0);
  CHECK(certify::conformal_radius(errors, 0.9) == 901.0);  // ceil(900.9)
}

TEST_CASE("Too few errors have no radius, and an answer that is missing is infinitely far off", "[calibration]") {
  CHECK(std::isinf(certify::conformal_radius({1, 2, 3, 4, 5, 6, 7, 8}, 0.9)));
  const double none = std::numeric_limits<double>::infinity();
  CHECK(certify::conformal_radius({1, 2, 3, none}, 0.6) == 3.0);
  CHECK(std::isinf(certify::conformal_radius({1, 2, 3, none}, 0.8)));
}

TEST_CASE("Distances are those of the unit cube, of logarithms where a parameter is logarithmic", "[calibration]") {
  const std::vector<sampling::ParameterRange> box{{"a", 10.0, 20.0}, {"b", 1e-3, 1e1, true}};
  const std::vector<double> at{10.0, 1e-3, 20.0, 1e-3, 10.0, 1e1, 20.0, 1e1};  // the corners
  const certify::LearnedPlaces places(box, at);
  CHECK(places.size() == 4);
  CHECK_THAT(places.distance(std::vector{15.0, 1e-1}), WithinAbs(std::sqrt(0.5), 1e-14));
  CHECK_THAT(places.distance(std::vector{12.0, 1e-2}), WithinAbs(std::hypot(0.2, 0.25), 1e-14));
  CHECK_THAT(places.distance(std::vector{30.0, 1e1}), WithinAbs(1.0, 1e-14));
  CHECK_THAT(places.threshold(), WithinAbs(std::sqrt(2.0), 1e-14));  // all are 1 apart, times 2^(1/2)
  CHECK(places.is_inside(std::vector{20.0, 1e1}));
  CHECK_FALSE(places.is_near(std::vector{20.1, 1e1}));
}

TEST_CASE("A gap is told by the distances of the learned points to each other", "[calibration]") {
  std::vector<double> at;
  for (int i = 0; i <= 100; ++i) {
    const double x = 0.01 * i;
    if (x < 0.395 || x > 0.605) at.insert(at.end(), {x, 7.0});  // the second one has no range
  }
  const certify::LearnedPlaces places({{"x", 0.0, 1.0}, {"fixed", 7.0, 7.0}}, at);
  CHECK(places.varied() == std::vector{0});
  CHECK_THAT(places.threshold(), WithinAbs(0.02, 1e-12));
  for (const double x : {0.0, 0.005, 0.2, 0.4, 0.6, 0.999}) CHECK(places.is_near(std::vector{x, 7.0}));
  for (const double x : {0.42, 0.5, 0.58}) CHECK_FALSE(places.is_near(std::vector{x, 7.0}));
  CHECK_FALSE(places.is_near(std::vector{1.01, 7.0}));
}

TEST_CASE("One point far from all others widens nothing, and the same point twice is one", "[calibration]") {
  std::vector<double> at;
  for (int i = 0; i <= 50; ++i) at.insert(at.end(), 2, 0.01 * i);
  at.push_back(1.0);
  const certify::LearnedPlaces places({{"x", 0.0, 1.0}}, at);
  CHECK(places.size() == 52);
  CHECK_THAT(places.threshold(), WithinAbs(0.02, 1e-12));
  CHECK_FALSE(places.is_near(std::vector{0.75}));
}

TEST_CASE("A parameter that the training held stays there, and nothing known means ranges alone", "[calibration]") {
  const std::vector<sampling::ParameterRange> box{{"x", 0.0, 1.0}, {"y", 0.0, 1.0}};
  const certify::LearnedPlaces held(box, std::vector{0.0, 0.3, 0.5, 0.3, 1.0, 0.3});
  CHECK(held.varied() == std::vector{0});
  CHECK(held.whole(std::vector{0.7}, std::vector{0.1, 0.2}) == std::vector{0.7, 0.3});
  CHECK(held.is_near(std::vector{0.7, 0.3}));
  CHECK_FALSE(held.is_near(std::vector{0.7, 0.4}));
  const certify::LearnedPlaces unknown(box, {});
  CHECK_FALSE(unknown.knows());
  CHECK(unknown.varied() == std::vector{0, 1});
  CHECK(unknown.is_near(std::vector{0.5, 0.5}));
  CHECK_FALSE(unknown.is_near(std::vector{0.5, 1.5}));
}
