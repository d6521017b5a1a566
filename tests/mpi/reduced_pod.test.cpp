#include <catch2/catch.hpp>
#include <limits>

#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "reduced_snapshots.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using base::Communicator;
using reduced::Block;
using reduced::Dense;
using reduced::IncrementalPod;
using reduced::InnerProduct;
using reduced::Pod;
using reduced::PodOptions;

namespace {

/// sqrt of the sum over the snapshots of ||s - P s||_X^2, computed from the modes alone.
double projection_error(const InnerProduct& X, const Block& snapshots, const Block& modes) {
  Block rest = snapshots;
  for (int pass = 0; pass < 2; ++pass) {
    const Dense c = X.gram(modes, rest);
    for (int j = 0; j < rest.num_columns(); ++j) reduced::add_lifted(-1.0, modes, c.column(j), rest.column(j));
  }
  double sum = 0.0;
  for (int j = 0; j < rest.num_columns(); ++j) sum += std::pow(X.norm(rest.column(j)), 2);
  return std::sqrt(sum);
}

Pod incremental(const InnerProduct& X, const Block& snapshots, const PodOptions& options, double drop = 1e-15) {
  IncrementalPod pod(X, snapshots.num_rows(), drop);
  for (int j = 0; j < snapshots.num_columns(); ++j) pod.add(snapshots.column(j));
  return pod.result(options);
}

double relative_error(double value, double exact) { return std::abs(value - exact) / exact; }

}  // namespace

TEST_CASE("graded singular values come out where the Gram matrix of the method of snapshots loses them") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 300);
  const auto X = InnerProduct::euclidean(comm);
  const Block S = test::with_singular_values(mine, 300, 24, test::powers_of_ten(12));
  const auto direct = reduced::pod(X, S, {}), stepwise = incremental(X, S, {}),
             random = reduced::randomised_pod(X, S, {});
  const double allowed[] = {3e-12, 1e-11, 1e-10};  // at 1e-5, 1e-6, 1e-7
  for (int k = 5; k <= 7; ++k) {
    const double exact = std::pow(10.0, -k);
    INFO("singular value 1e-" << k);
    CHECK(relative_error(direct.singular_values[k], exact) < allowed[k - 5]);
    CHECK(relative_error(stepwise.singular_values[k], exact) < allowed[k - 5]);
    // A matrix with the largest singular value 1 that is rounded has them to its round-off.
    CHECK(relative_error(random.singular_values[k], exact) < std::numeric_limits<double>::epsilon() / exact);
  }
  const auto gram = reduced::symmetric_eigen(X.gram(S, S));
  const auto from_gram = [&](int k) { return std::sqrt(std::abs(gram.values[24 - 1 - k])); };
  CHECK(relative_error(from_gram(7), 1e-7) > 1e-6);
  CHECK(relative_error(from_gram(10), 1e-10) > 1.0);
  CHECK(relative_error(direct.singular_values[10], 1e-10) < 1e-6);
}

TEST_CASE("modes of a POD in every inner product are orthonormal, hold the coefficients and meet the stated tail") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 120, 1, comm.size() > 1 ? 1 : -1);
  const Block S = test::with_singular_values(mine, 120, 15, test::powers_of_ten(10));
  for (const auto& X : test::inner_products(comm, mine, 120)) {
    for (const double tolerance : {3e-2, 3e-5, 3e-8}) {
      PodOptions options;
      options.tolerance = tolerance;
      for (const auto& result :
           {reduced::pod(X, S, options), incremental(X, S, options), reduced::randomised_pod(X, S, options)}) {
        const int n = result.modes.num_columns();
        CHECK(test::orthogonality_error(X, result.modes) < 1e-14);
        const double error = projection_error(X, S, result.modes);
        CHECK(error <= tolerance * result.energy);
        CHECK(error <= result.tail * (1.0 + 1e-6));
        CHECK(result.tail <= tolerance * result.energy);
        // One mode less would not do.
        const double shorter = std::hypot(error, result.singular_values[n - 1]);
        CHECK(shorter > 0.3 * tolerance * result.energy);
        const Dense c = X.gram(result.modes, S);
        for (std::size_t i = 0; i < c.values.size(); ++i) {
          CHECK(std::abs(c.values[i] - result.coefficients.values[i]) < 1e-14 * result.energy);
        }
      }
    }
  }
}

TEST_CASE("the tail of a POD is exact in closed form, and a size limits it") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 64);
  const auto X = InnerProduct::euclidean(comm);
  const Block S = test::with_singular_values(mine, 64, 6, {5.0, 4.0, 3.0, 2.0, 1.0});
  PodOptions options;
  options.num_modes = 2;
  const auto two = reduced::pod(X, S, options);
  CHECK(two.modes.num_columns() == 2);
  CHECK(two.energy == Approx(std::sqrt(55.0)).epsilon(1e-14));
  CHECK(two.tail == Approx(std::sqrt(14.0)).epsilon(1e-14));
  // sqrt(5/55) = 0.3015 and sqrt(14/55) = 0.5045 of the energy are left out by three and by two modes.
  CHECK(reduced::pod(X, S, {0.302, 0}).modes.num_columns() == 3);
  CHECK(reduced::pod(X, S, {0.301, 0}).modes.num_columns() == 4);
  CHECK(reduced::pod(X, S, {0.505, 0}).modes.num_columns() == 2);
  // The modes are the cosine vectors, with the sign that gives the largest share a positive coefficient.
  const auto all = reduced::pod(X, S, {});
  REQUIRE(all.modes.num_columns() == 5);
  for (int k = 0; k < 5; ++k) {
    int largest = 0;
    for (int j = 1; j < 6; ++j) {
      if (std::abs(test::cosine(6, j, k)) > (1.0 + 1e-9) * std::abs(test::cosine(6, largest, k))) largest = j;
    }
    const double sign = test::cosine(6, largest, k) < 0.0 ? -1.0 : 1.0;
    const auto exact = test::fill(mine, [&](std::int64_t i) { return sign * test::cosine(64, i, k); });
    const std::vector<double> mode(all.modes.column(k).begin(), all.modes.column(k).end());
    CHECK(test::largest_difference(comm, mode, exact) < 1e-14);
  }
}

TEST_CASE("a POD is the same on any number of ranks: values, signs and lifted projections to 1e-12") {
  const Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  for (const std::int64_t n : {3, 90}) {
    const auto mine = test::share(comm, n), whole = test::Share{0, n};
    const auto s = test::powers_of_ten(static_cast<int>(std::min<std::int64_t>(n, 8)));
    const Block S = test::with_singular_values(mine, n, 12, s), S_whole = test::with_singular_values(whole, n, 12, s);
    const auto products = test::inner_products(comm, mine, n), alone = test::inner_products(self, whole, n);
    for (std::size_t x = 0; x < products.size(); ++x) {
      const PodOptions options{3e-6, 0};
      const auto compare = [&](const Pod& here, const Pod& there, double mode_tolerance) {
        REQUIRE(here.modes.num_columns() == there.modes.num_columns());
        for (int k = 0; k < here.modes.num_columns(); ++k) {
          CHECK(std::abs(here.singular_values[k] - there.singular_values[k]) < 1e-14 * here.singular_values[0]);
        }
        CHECK(test::largest_difference(comm, here.modes, test::rows_of(there.modes, mine)) < mode_tolerance);
        const Block lifted = reduced::lift(here.modes, here.coefficients);
        CHECK(test::largest_difference(comm, lifted,
                                       test::rows_of(reduced::lift(there.modes, there.coefficients), mine)) < 1e-12);
      };
      // Modes of singular values 1e-6 relative are known to 1e-16 / 1e-6.
      compare(reduced::pod(products[x], S, options), reduced::pod(alone[x], S_whole, options), 1e-9);
      compare(incremental(products[x], S, options), incremental(alone[x], S_whole, options), 1e-9);
      compare(reduced::randomised_pod(products[x], S, options), reduced::randomised_pod(alone[x], S_whole, options),
              1e-9);
    }
  }
}

TEST_CASE("a POD repeats itself bit by bit, and every rank has the same small numbers") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 70);
  const Block S = test::with_singular_values(mine, 70, 20, test::powers_of_ten(9));
  for (const auto& X : test::inner_products(comm, mine, 70)) {
    const std::vector<std::function<Pod()>> methods = {[&] {
                                                         return reduced::pod(X, S, {1e-7, 0});
                                                       },
                                                       [&] {
                                                         return incremental(X, S, {1e-7, 0});
                                                       },
                                                       [&] {
                                                         return reduced::randomised_pod(X, S, {1e-7, 0});
                                                       }};
    for (const auto& method : methods) {
      const Pod once = method(), again = method();
      CHECK(once.modes.values() == again.modes.values());
      CHECK(once.coefficients.values == again.coefficients.values);
      for (const double s : once.singular_values) CHECK(comm.min(s) == comm.max(s));
      for (const double c : once.coefficients.values) CHECK(comm.min(c) == comm.max(c));
      CHECK(comm.min(once.tail) == comm.max(once.tail));
    }
  }
}

TEST_CASE("in an ill-conditioned inner product, round-off of snapshots does not become modes") {
  const Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 120;
  const auto mine = test::share(comm, n);
  const auto X = InnerProduct::matrix(
      comm, std::shared_ptr<const linear::SparseMatrix>(test::make_matrix(comm, mine, test::stiff_half(n, 1e8))));
  // Nearly constant where the bar is stiff: a rounded entry there weighs 1e4 times what it would elsewhere.
  const auto soft = [n](std::int64_t i, int k) {
    const double x = std::min(1.0, 2.0 * double(i + 1) / double(n));
    return k == 0 ? x : std::sin(std::numbers::pi * x) + x * x;
  };
  Block S(mine.count);
  for (int j = 0; j < 9; ++j) {
    const double a = std::cos(j), b = std::sin(1.7 * j);
    S.append(test::fill(mine, [&](std::int64_t i) { return a * soft(i, 0) + b * soft(i, 1) / 3.0; }));
  }
  CHECK(X.round_off(S.column(0)) > 1e-12 * X.norm(S.column(0)));
  for (const auto& result : {reduced::pod(X, S, {}), incremental(X, S, {}), reduced::randomised_pod(X, S, {})}) {
    CHECK(result.modes.num_columns() == 2);
    CHECK(test::orthogonality_error(X, result.modes) < 1e-7);  // eps times the condition number is 1e-4
  }
}

TEST_CASE("an incremental POD does not mind the order of its snapshots, and says what it forgot") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 80);
  const auto X = InnerProduct::euclidean(comm);
  std::vector<double> s;
  for (int k = 0; k < 25; ++k) s.push_back(std::pow(0.4, k));
  const Block S = test::with_singular_values(mine, 80, 60, s);
  Block shuffled(mine.count);
  for (int j = 0; j < 60; ++j) shuffled.append(S.column((7 * j + 3) % 60));
  const auto a = incremental(X, S, {1e-6, 0}), b = incremental(X, shuffled, {1e-6, 0});
  REQUIRE(a.modes.num_columns() == b.modes.num_columns());
  for (int k = 0; k < a.modes.num_columns(); ++k) CHECK(std::abs(a.singular_values[k] - b.singular_values[k]) < 1e-13);
  CHECK(projection_error(X, S, b.modes) == Approx(projection_error(X, S, a.modes)).epsilon(1e-6));

  // Forgetting below 1e-3: few directions survive, the tall basis is collapsed again and again.
  const auto rough = incremental(X, S, {}, 1e-3);
  CHECK(rough.singular_values.size() < 12);
  CHECK(test::orthogonality_error(X, rough.modes) < 1e-14);
  const double error = projection_error(X, S, rough.modes);
  CHECK(error <= rough.tail);
  CHECK(error > 1e-4);
  CHECK(error < 1e-2);
}

TEST_CASE(
    "the randomised POD's tail bounds the projection error for fast and slow decay, never by more than ten times") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 100);
  const auto X = InnerProduct::euclidean(comm);
  std::vector<double> slow;
  for (int k = 0; k < 40; ++k) slow.push_back(1.0 / (k + 1));
  for (const auto& s : {slow, test::powers_of_ten(14)}) {
    const Block S = test::with_singular_values(mine, 100, 40, s);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      reduced::RandomisedOptions randomised;
      randomised.seed = seed;
      const auto result = reduced::randomised_pod(X, S, {0.0, 6}, randomised);
      REQUIRE(result.modes.num_columns() == 6);
      const double error = projection_error(X, S, result.modes);
      double best = 0.0;
      for (std::size_t k = 6; k < s.size(); ++k) best += s[k] * s[k];
      CHECK(error <= result.tail * (1.0 + 1e-9));
      CHECK(result.tail < 10.0 * error);
      CHECK(error < 1.05 * std::sqrt(best));
    }
  }
}

TEST_CASE("a POD refuses what it cannot use, on every rank, and reduces nothing to nothing") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 10);
  const auto X = InnerProduct::euclidean(comm);
  const Block S = test::with_singular_values(mine, 10, 4, {1.0, 0.5});
  CHECK(test::kind_of([&] { reduced::pod(X, S, {0.0, 5}); }) == sdk::ErrorKind::parameter);
  CHECK(test::kind_of([&] { reduced::pod(X, S, {-1.0, 0}); }) == sdk::ErrorKind::parameter);
  CHECK(test::kind_of([&] { incremental(X, S, {0.0, 5}); }) == sdk::ErrorKind::parameter);
  CHECK(test::kind_of([&] { IncrementalPod(X, 1, 1.0); }) == sdk::ErrorKind::parameter);
  CHECK(reduced::pod(X, S, {0.0, 4}).modes.num_columns() == 2);  // the snapshots have rank 2
  Block bad = S;
  bad.append(test::fill(mine, [](std::int64_t i) { return i == 9 ? std::numeric_limits<double>::infinity() : 0.0; }));
  CHECK(test::kind_of([&] { reduced::pod(X, bad, {}); }) == sdk::ErrorKind::not_finite);
  CHECK(test::kind_of([&] { incremental(X, bad, {}); }) == sdk::ErrorKind::not_finite);
  CHECK(test::kind_of([&] { reduced::randomised_pod(X, bad, {}); }) == sdk::ErrorKind::not_finite);
  Block zero(mine.count);
  for (int j = 0; j < 3; ++j) zero.append(std::vector<double>(mine.count, 0.0));
  for (const auto& result :
       {reduced::pod(X, zero, {}), incremental(X, zero, {}), reduced::randomised_pod(X, zero, {})}) {
    CHECK(result.modes.num_columns() == 0);
    CHECK(result.energy == 0.0);
    CHECK(result.tail == 0.0);
  }
}
