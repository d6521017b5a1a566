#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/basis/residual_norms.hpp"
#include "engine/reduced/interpolation/eim.hpp"
#include "engine/reduced/interpolation/eim_surrogate.hpp"
#include "engine/reduced/interpolation/matrix_eim.hpp"
#include "engine/reduced/interpolation/point_fit.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::reduced;
using namespace ansatz::sampling;

namespace {

/// This rank's rows by canonical number.
struct Rows {
  std::vector<std::int64_t> keys;

  Block sample(int count, const std::function<double(int j, std::int64_t key)>& g) const {
    return tabulate(keys.size(), count, [&](int j, std::span<double> values) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = g(j, keys[i]);
    });
  }
};

Rows all_rows(std::int64_t n) {
  Rows rows;
  for (std::int64_t i = 0; i < n; ++i) rows.keys.push_back(i);
  return rows;
}

/// Contiguous shares, with an empty rank, or dealt out like cards and in descending order.
Rows my_rows(const base::Communicator& comm, std::int64_t n, int layout) {
  Rows rows;
  if (layout < 2) {
    const auto mine = test::share(comm, n, 1, layout == 1 ? 1 : -1);
    for (std::int64_t i = 0; i < mine.count; ++i) rows.keys.push_back(mine.first + i);
  } else {
    for (std::int64_t i = n - 1; i >= 0; --i) {
      if (i * i % comm.size() == comm.rank()) rows.keys.push_back(i);
    }
  }
  return rows;
}

std::vector<std::int64_t> keys_of(const std::vector<MagicPoint>& points) {
  std::vector<std::int64_t> keys;
  for (const auto& p : points) keys.push_back(p.key);
  return keys;
}

/// Wave in two variables whose table has many exact ties: symmetric about the middle.
double symmetric(int j, std::int64_t key) {
  const double x = std::abs(static_cast<double>(key) - 60.0) / 60.0, mu = std::abs(j - 20.0) / 20.0;
  return 1.0 / (0.2 + (x - mu) * (x - mu));
}

double bump(int j, std::int64_t key) {
  const double x = static_cast<double>(key) / 120.0 - j / 39.0;
  return 0.1 + std::exp(-20.0 * x * x);
}

}  // namespace

TEST_CASE("Interpolation is bit by bit the same however the rows are dealt out", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const std::int64_t n = 121;
  for (const auto& g : {symmetric, bump}) {
    Eim reference(self, all_rows(n).keys);
    const auto expected = reference.extend(all_rows(n).sample(40, g), {.tolerance = 1e-12});
    for (int layout = 0; layout < 3; ++layout) {
      const Rows rows = my_rows(comm, n, layout);
      Eim eim(comm, rows.keys);
      const auto result = eim.extend(rows.sample(40, g), {.tolerance = 1e-12});
      CHECK(result.stop == expected.stop);
      CHECK(result.remainders == expected.remainders);
      CHECK(eim.picks() == reference.picks());
      CHECK(keys_of(eim.magic()) == keys_of(reference.magic()));
      CHECK(eim.online().lower().values == reference.online().lower().values);
      CHECK(eim.online().upper().values == reference.online().upper().values);
      for (int k = 0; k < eim.size(); ++k) {
        for (std::size_t i = 0; i < rows.keys.size(); ++i) {
          CHECK(eim.basis().column(k)[i] == reference.basis().column(k)[rows.keys[i]]);
        }
      }
      for (const auto& p : eim.magic()) {
        if (p.rank == comm.rank()) CHECK(rows.keys[p.index] == p.key);
      }
      CHECK(eim.remainders(rows.sample(40, g)) == reference.remainders(all_rows(n).sample(40, g)));
    }
  }
}

TEST_CASE("A snapshot that is not finite on one rank is an error on all", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Rows rows = my_rows(comm, 50, 0);
  Eim eim(comm, rows.keys);
  const auto snapshots =
      rows.sample(3, [](int j, std::int64_t key) { return j == 1 && key == 49 ? std::nan("") : 1.0; });
  CHECK_THROWS_WITH(eim.extend(snapshots, {}), Catch::Contains("snapshot 1"));
  CHECK(eim.size() == 0);
}

TEST_CASE("A row that two ranks claim is an error on all", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  Rows rows = my_rows(comm, 50, 0);
  if (comm.is_root()) rows.keys.push_back(49);
  CHECK_THROWS_WITH(Eim(comm, rows.keys), Catch::Contains("unique"));
}

TEST_CASE("Points for a given basis are the same on any number of ranks", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const std::int64_t n = 121;
  const auto cosine = [](int j, std::int64_t key) {
    return std::cos(std::acos(-1.0) * j * (static_cast<double>(key) + 0.5) / 121.0);
  };
  const std::vector<PointBlock> blocks{{5, 4}, {9, 9}}, more{{5, 8}, {9, 14}};
  for (const auto rule : {PointRule::q_deim, PointRule::s_opt}) {
    const auto& wanted = rule == PointRule::s_opt ? more : blocks;
    const auto expected = select_points(self, all_rows(n).keys, all_rows(n).sample(9, cosine), rule, wanted);
    for (int layout = 0; layout < 3; ++layout) {
      const Rows rows = my_rows(comm, n, layout);
      CHECK(keys_of(select_points(comm, rows.keys, rows.sample(9, cosine), rule, wanted)) == keys_of(expected));
    }
  }
}

TEST_CASE("Picks by other norms, points and fits are bit by bit the same however the rows are dealt out",
          "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const std::int64_t n = 121;
  for (const auto& g : {symmetric, bump}) {
    for (const auto pick : {Pick::sum, Pick::square}) {
      Eim reference(self, all_rows(n).keys);
      const auto expected = reference.extend(all_rows(n).sample(40, g), {.tolerance = 1e-9, .pick = pick});
      const std::vector<PointBlock> blocks{{4, 6}, {reference.size(), reference.size() + 5}};
      const auto points = points_of(reference, PointRule::s_opt, blocks);
      const Dense at = entries_at(self, points, reference.basis());
      const double left =
          fit_remainder(reference, points, PointFit(at, reference.online().upper()), all_rows(n).sample(40, g));
      CHECK(left <= 1e-6 * expected.scale);
      for (int layout = 0; layout < 3; ++layout) {
        const Rows rows = my_rows(comm, n, layout);
        Eim eim(comm, rows.keys);
        CHECK(eim.extend(rows.sample(40, g), {.tolerance = 1e-9, .pick = pick}).remainders == expected.remainders);
        CHECK(eim.picks() == reference.picks());
        const auto found = points_of(eim, PointRule::s_opt, blocks);
        CHECK(keys_of(found) == keys_of(points));
        const Dense basis = entries_at(comm, found, eim.basis());
        CHECK(basis.values == at.values);
        CHECK(fit_remainder(eim, found, PointFit(basis, eim.online().upper()), rows.sample(40, g)) == left);
      }
    }
  }
}

TEST_CASE("The greedy loop picks by other norms what the table gives", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Rows rows = my_rows(comm, 121, 1);
  TrainingSet training(1);
  for (int j = 0; j < 40; ++j) training.append(std::vector<double>{static_cast<double>(j)});
  for (const auto pick : {Pick::sum, Pick::square}) {
    Eim direct(comm, rows.keys), eim(comm, rows.keys);
    const auto expected = direct.extend(rows.sample(40, bump), {.tolerance = 1e-6, .pick = pick});
    EimSurrogate surrogate(
        eim,
        [&](std::span<const double> mu, std::span<double> values) {
          for (std::size_t i = 0; i < values.size(); ++i) values[i] = bump(static_cast<int>(mu[0]), rows.keys[i]);
        },
        pick);
    const auto result = greedy(surrogate, training, {.tolerance = 1e-6 * expected.scale});
    CHECK(result.largest == Approx(expected.remainders.back()).epsilon(1e-4));
    REQUIRE(eim.size() == direct.size());
    for (int k = 0; k < eim.size(); ++k) CHECK(static_cast<int>(result.steps[k].index) == direct.picks()[k]);
  }
}

TEST_CASE("Interpolated residual norms are bit by bit the same on any number of ranks", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  Dense x(3, 50);
  for (int j = 0; j < 50; ++j) {
    for (int i = 0; i < 3; ++i) x(i, j) = std::exp(-0.05 * (i + 1) * j);
  }
  const auto W = [&](int j) { return x(0, j) * x(0, j) + std::pow(1.0 - x(2, j), 2); };
  const ResidualInterpolation expected(self, x, W), e4(comm, x, W);
  CHECK(e4.picks() == expected.picks());
  std::vector<double> workspace(2 * e4.size());
  const std::vector<double> at{std::exp(-0.333), std::exp(-0.666), std::exp(-0.999)};
  const auto square = e4.square(at, workspace);
  CHECK(square.value == expected.square(at, workspace).value);
  CHECK(square.value == Approx(at[0] * at[0] + std::pow(1.0 - at[2], 2)).epsilon(1e-10));
}

TEST_CASE("Complex pairs are bit by bit the same however the rows are dealt out", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const std::int64_t n = 101;
  const auto wave = [&](int j, std::int64_t key) {
    const double angle = (1.0 + 0.2 * j) * 2.0 * static_cast<double>(key % n) / 100.0;
    return key < n ? std::cos(angle) : std::sin(angle);
  };
  const auto paired = [&](Rows rows) {
    const auto half = rows.keys.size();
    for (std::size_t i = 0; i < half; ++i) rows.keys.push_back(n + rows.keys[i]);
    return rows;
  };
  const Rows all = paired(all_rows(n));
  Eim reference(self, all.keys, Pairs::complex);
  const auto expected = reference.extend(all.sample(40, wave), {.max_terms = 9});
  REQUIRE(reference.terms() == 9);
  for (int layout = 0; layout < 3; ++layout) {
    const Rows rows = paired(my_rows(comm, n, layout));
    Eim eim(comm, rows.keys, Pairs::complex);
    CHECK(eim.extend(rows.sample(40, wave), {.max_terms = 9}).remainders == expected.remainders);
    CHECK(eim.picks() == reference.picks());
    CHECK(keys_of(eim.magic()) == keys_of(reference.magic()));
    CHECK(eim.online().lower().values == reference.online().lower().values);
    CHECK(eim.online().upper().values == reference.online().upper().values);
  }
}

TEST_CASE("The common greedy loop trains interpolation with the same picks", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Rows rows = my_rows(comm, 121, 1);
  // Uneven parameters, so that no two snapshots tie.
  const auto parameter = [](int j) { return std::pow(j / 39.0, 1.1); };
  const auto sample = [&](double mu, std::int64_t key) {
    const double x = static_cast<double>(key) / 120.0 - mu;
    return 0.1 + std::exp(-20.0 * x * x) * (1.0 + 0.1 * mu);
  };
  TrainingSet training(1);
  for (int j = 0; j < 40; ++j) training.append(std::vector<double>{parameter(j)});

  Eim direct(comm, rows.keys);
  const auto expected = direct.extend(
      rows.sample(40, [&](int j, std::int64_t key) { return sample(parameter(j), key); }), {.tolerance = 1e-8});
  Eim eim(comm, rows.keys);
  EimSurrogate surrogate(eim, [&](std::span<const double> mu, std::span<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = sample(mu[0], rows.keys[i]);
  });
  const auto result = greedy(surrogate, training, {.tolerance = 1e-8, .relative = true});
  CHECK(result.end == GreedyEnd::tolerance);
  CHECK(result.largest == Approx(expected.remainders.back()).epsilon(1e-4));
  REQUIRE(eim.size() == direct.size());
  CHECK(keys_of(eim.magic()) == keys_of(direct.magic()));
  for (int k = 0; k < eim.size(); ++k) {
    CHECK(static_cast<int>(result.steps[k].index) == direct.picks()[k]);
    CHECK(surrogate.parameters()[k][0] == parameter(direct.picks()[k]));
  }
  // Beyond round-off there is nothing to add.
  const auto rest = greedy(surrogate, training, {.tolerance = 0.0}, result.steps);
  CHECK(rest.end == GreedyEnd::no_gain);
  CHECK(rest.largest < 1e-13);
}

TEST_CASE("An assembled operator is separated without the code's help, on any number of ranks", "[reduced][eim]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const std::int64_t n = 60;
  // -(k u')' with k = 1 + mu_0 x + mu_1 (x > 1/2): three terms.
  const auto rows_of = [&](double a, double b) {
    const auto k = [=](std::int64_t cell) {
      return 1.0 + a * static_cast<double>(cell) / n + (2 * cell > n ? b : 0.0);
    };
    return [=](std::int64_t i) {
      test::Row row;
      row[i] = k(i) + k(i + 1);
      if (i > 0) row[i - 1] = -k(i);
      if (i < n - 1) row[i + 1] = -k(i + 1);
      return row;
    };
  };
  const auto canonical = [&](const linear::Pattern& pattern) {
    std::vector<std::int64_t> owned(pattern.num_owned);
    for (std::int32_t i = 0; i < pattern.num_owned; ++i) owned[i] = pattern.first_global + i;
    return entry_keys(pattern, owned, pattern.ghost_global, n);
  };
  const auto train = [&](const base::Communicator& on, test::Share mine) {
    const auto matrix = test::make_matrix(on, mine, rows_of(1.0, 1.0));
    Eim eim(on, canonical(matrix->pattern()));
    const auto samples = tabulate(eim.keys().size(), 25, [&](int j, std::span<double> values) {
      std::ranges::copy(entry_values(*test::make_matrix(on, mine, rows_of(j % 5, j / 5))), values.begin());
    });
    CHECK(eim.extend(samples, {}).stop == EimStop::round_off);
    return OperatorEim(eim, eim.terms());
  };
  const OperatorEim expected = train(self, {0, n});
  for (int empty = -1; empty < 2; ++empty) {
    const auto mine = test::share(comm, n, 1, empty);
    const OperatorEim A = train(comm, mine);
    REQUIRE(A.terms() == 3);
    CHECK(A.parameters() == expected.parameters());
    CHECK(A.entries() == expected.entries());

    const auto exact = rows_of(2.3, 0.7);
    std::vector<double> beta;
    for (const auto key : A.entries()) beta.push_back(exact(key / n)[key % n]);
    A.beta(beta, beta);
    const auto product = test::apply(mine, exact, test::wave);
    std::vector<double> sum(product.size(), 0.0);
    for (int m = 0; m < 3; ++m) {
      const int j = A.parameters()[m];
      const auto term = test::apply(mine, rows_of(j % 5, j / 5), test::wave);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += beta[m] * term[i];
    }
    CHECK(test::largest_difference(comm, product, sum) < 1e-13);
  }
}
