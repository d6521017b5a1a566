#include "surrogate.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"

using namespace pod_regression;

namespace {

/// Solutions of two fields in an orthonormal basis of size 6 at 3 steps: rational functions of the parameters,
/// homogeneous of degree -1; the second field is a thousand times smaller.
std::vector<Matrix> solution(double a, double b) {
  std::vector<Matrix> fields(2, Matrix(6, 3));
  for (int t = 0; t < 3; ++t) {
    for (int k = 0; k < 6; ++k) {
      fields[0](k, t) = std::pow(0.2, k) * (1.0 + t) / (a + (k + 1.0) * b);
      fields[1](k, t) = 1e-3 * std::pow(0.1, k) * a / (a * a + (k + t) * b * b);
    }
  }
  return fields;
}

Training training_set(int n, std::uint64_t seed) {
  ansatz::sdk::Random random(seed);
  Training out;
  out.samples = Matrix(n, 2);
  out.time_weights = {0.25, 0.5, 0.25};
  out.coefficients.resize(2);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < 2; ++k) out.samples(i, k) = std::pow(10.0, random.uniform() - 1.0);
    auto fields = solution(out.samples(i, 0), out.samples(i, 1));
    for (int f = 0; f < 2; ++f) out.coefficients[f].push_back(std::move(fields[f]));
  }
  return out;
}

/// Relative error in the norm of the surrogate, of the solution that its modes give.
double error_at(const Surrogate& model, const Training& training, double a, double b) {
  const auto exact = solution(a, b);
  const auto predicted = model.predict(std::vector<double>{a, b});
  double square = 0.0, size = 0.0;
  for (int f = 0; f < 2; ++f) {
    for (int t = 0; t < 3; ++t) {
      Matrix c(model.num_modes(f), 1);
      const auto part = model.coefficients(predicted, f, t);
      std::copy(part.begin(), part.end(), c.values.begin());
      const auto u = multiply(model.rotation(f), c);
      for (int k = 0; k < 6; ++k) {
        const double weight = training.time_weights[t] / std::pow(model.size(f), 2);
        square += weight * std::pow(u(k, 0) - exact[f](k, t), 2);
        size += weight * std::pow(exact[f](k, t), 2);
      }
    }
  }
  return std::sqrt(square / size);
}

}  // namespace

TEST_CASE("A scaling that holds is preferred, and the error of left-out samples is that of unseen ones") {
  const auto training = training_set(40, 1);
  SurrogateOptions options;
  options.candidates = {{{0, 0}, {}}, {{1, 1}, {}}, {{1, 1}, {{0, 1}, -1.0}}, {{1, 1}, {{0, 1}, 1.0}}};
  const auto model = Surrogate::train(training, options);
  CHECK(model.inputs().scaling() == Scaling{{0, 1}, -1.0});
  double sum = 0.0;
  ansatz::sdk::Random random(9);
  const auto between = [&] { return 0.15 * std::pow(6.0, random.uniform()); };  // not beyond the samples
  for (int i = 0; i < 100; ++i) {
    sum += error_at(model, training, between(), between()) / 100;
  }
  INFO(model.text({"a", "b"}));
  CHECK(sum < 1e-3);
  CHECK(model.one_out().mean() > 0.5 * sum);
  CHECK(model.one_out().mean() < 60.0 * sum);
  CHECK(model.tenth_out().mean() >= model.one_out().mean() * 0.5);
}

TEST_CASE("Errors of left-out samples are those of surrogates that were trained without them") {
  const auto training = training_set(20, 4);
  SurrogateOptions options;
  options.candidates = {{{1, 1}, {}}};
  options.tolerance = 0.0;
  options.choices.kernels = {Kernel::gauss};
  options.choices.degrees = {0};
  options.choices.thin_plate = options.choices.polynomial = options.choices.length_by_input = false;
  options.choices.length = 0.6;
  options.choices.nugget = 1e-6;
  const auto model = Surrogate::train(training, options);
  int compared = 0;
  for (const int i : {0, 7, 19}) {
    auto some = training;
    some.samples = Matrix(19, 2);
    for (int j = 0, to = 0; j < 20; ++j) {
      if (j == i) continue;
      for (int k = 0; k < 2; ++k) some.samples(to, k) = training.samples(j, k);
      ++to;
    }
    for (auto& field : some.coefficients) field.erase(field.begin() + i);
    // The map of the inputs belongs to all samples: ask for its length in the units of the other map.
    const auto without = Surrogate::train(some, options);
    const bool same = without.inputs().save().values == model.inputs().save().values;
    if (!same) continue;
    ++compared;
    CHECK(model.one_out().all[i] ==
          Approx(error_at(without, training, training.samples(i, 0), training.samples(i, 1))).epsilon(0.02));
  }
  CHECK(compared > 0);
}

TEST_CASE("A surrogate that was saved predicts the same; parts that do not fit are refused") {
  const auto training = training_set(15, 2);
  SurrogateOptions options;
  options.candidates = {{{1, 1}, {}}};
  const auto model = Surrogate::train(training, options);
  auto arrays = model.save();
  const auto again = Surrogate::load(arrays);
  const std::vector<double> mu{0.3, 0.4};
  CHECK(again.predict(mu) == model.predict(mu));
  CHECK(again.deviation(mu, 1, 2) == model.deviation(mu, 1, 2));
  CHECK(again.one_out().mean() == model.one_out().mean());
  arrays["steps"](0, 0) = 2.0;
  CHECK_THROWS_AS(Surrogate::load(arrays), ansatz::sdk::Error);
}

TEST_CASE("Predicted deviations are of the size of errors, larger away from the samples") {
  const auto training = training_set(25, 3);
  SurrogateOptions options;
  options.candidates = {{{1, 1}, {}}};
  const auto model = Surrogate::train(training, options);
  CHECK(model.deviation(std::vector<double>{0.3, 0.3}, 0, 1) < model.deviation(std::vector<double>{3.0, 0.03}, 0, 1));
}
