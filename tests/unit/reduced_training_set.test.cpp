#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "engine/sampling/low_discrepancy.hpp"
#include "engine/sampling/training_set.hpp"

using namespace ansatz;
using sampling::LowDiscrepancy;
using sampling::ParameterBox;
using sampling::sample;
using sampling::Scrambling;
using sampling::Sequence;
using sampling::TrainingSet;

namespace {

ParameterBox unit_box(int dimension) {
  std::vector<sampling::ParameterRange> ranges;
  for (int k = 0; k < dimension; ++k) ranges.push_back({"p" + std::to_string(k), 0.0, 1.0});
  return ParameterBox(ranges);
}

/// Every box of `parts[0]` x `parts[1]` x ... equal boxes holds exactly one of the points.
bool one_point_per_box(const std::vector<std::vector<double>>& points, const std::vector<int>& parts) {
  std::set<std::vector<int>> boxes;
  for (const auto& point : points) {
    std::vector<int> box;
    // Digits in base 3, 5, ... are rounded: 2/3 must not fall into [1/3, 2/3).
    for (std::size_t k = 0; k < parts.size(); ++k) box.push_back(static_cast<int>(point[k] * parts[k] + 1e-12));
    boxes.insert(box);
  }
  std::size_t count = 1;
  for (const int n : parts) count *= n;
  return points.size() == count && boxes.size() == count;
}

std::vector<std::vector<double>> points_of(const LowDiscrepancy& sequence, std::uint64_t first, std::uint64_t count) {
  std::vector<std::vector<double>> out;
  for (std::uint64_t i = first; i < first + count; ++i) out.push_back(sequence.point(i));
  return out;
}

/// Square of the L2 star discrepancy by Warnock's formula.
double star_discrepancy_squared(const TrainingSet& points) {
  const auto n = static_cast<double>(points.size());
  const int d = points.dimension();
  double single = 0.0, pairs = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double product = 1.0;
    for (const double x : points[i]) product *= 1.0 - x * x;
    single += product;
    for (std::size_t j = 0; j < points.size(); ++j) {
      product = 1.0;
      for (int k = 0; k < d; ++k) product *= 1.0 - std::max(points[i][k], points[j][k]);
      pairs += product;
    }
  }
  return std::pow(3.0, -d) - std::pow(2.0, 1 - d) / n * single + pairs / (n * n);
}

void check_refused(const std::function<void()>& work) {
  try {
    work();
    FAIL_CHECK("nothing was thrown");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::parameter);
  }
}

}  // namespace

TEST_CASE("the generator gives the published numbers of SplitMix64, and numbers below a bound without bias") {
  sdk::Random random(1234567);
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u}) {
    CHECK(random.next() == expected);
  }
  sdk::Random again(7, 3);
  again.set_state(random.state());
  CHECK(again.next() == random.next());
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 60000; ++i) ++counts[random.below(6)];
  CHECK(counts.size() == 6);
  for (const auto& [value, count] : counts) CHECK(std::abs(count - 10000) < 400);  // four standard deviations
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < 40000; ++i) {
    const double z = random.normal();
    sum += z, squares += z * z;
  }
  CHECK(std::abs(sum / 40000) < 0.02);
  CHECK(std::abs(squares / 40000 - 1.0) < 0.03);
}

TEST_CASE("Sobol's sequence begins as Joe and Kuo publish it") {
  const double published[10][3] = {{0, 0, 0},
                                   {0.5, 0.5, 0.5},
                                   {0.75, 0.25, 0.25},
                                   {0.25, 0.75, 0.75},
                                   {0.375, 0.375, 0.625},
                                   {0.875, 0.875, 0.125},
                                   {0.625, 0.125, 0.875},
                                   {0.125, 0.625, 0.375},
                                   {0.1875, 0.3125, 0.9375},
                                   {0.6875, 0.8125, 0.4375}};
  const LowDiscrepancy sobol(Sequence::sobol, 3);
  for (int i = 0; i < 10; ++i) {
    const auto point = sobol.point(i);
    for (int k = 0; k < 3; ++k) CHECK(point[k] == published[i][k]);
  }
}

TEST_CASE("Sobol's sequence has property A in all 32 dimensions, as Joe and Kuo chose its direction numbers") {
  // Point 2^(j+1) - 1 has the Gray code 2^j: it is direction number j. Property A: for every s, the first digits of the
  // first s direction numbers of the first s dimensions are a regular matrix modulo 2.
  const LowDiscrepancy sobol(Sequence::sobol, 32);
  std::vector<std::uint32_t> first_digits(32, 0u);  // bit j of entry k
  for (int j = 0; j < 32; ++j) {
    const auto direction = sobol.point((std::uint64_t{2} << j) - 1);
    for (int k = 0; k < 32; ++k) first_digits[k] |= (direction[k] >= 0.5 ? 1u : 0u) << j;
  }
  for (int s = 1; s <= 32; ++s) {
    std::vector<std::uint32_t> rows(first_digits.begin(), first_digits.begin() + s);
    const std::uint32_t mask = s == 32 ? ~0u : (1u << s) - 1u;
    int rank = 0;
    for (auto& row : rows) row &= mask;
    for (int j = 0; j < s; ++j) {
      const auto pivot =
          std::find_if(rows.begin() + rank, rows.end(), [j](std::uint32_t row) { return (row >> j) & 1u; });
      if (pivot == rows.end()) break;
      std::iter_swap(rows.begin() + rank, pivot);
      for (int i = 0; i < s; ++i) {
        if (i != rank && ((rows[i] >> j) & 1u)) rows[i] ^= rows[rank];
      }
      ++rank;
    }
    INFO("dimension " << s);
    CHECK(rank == s);
  }
}

TEST_CASE("Halton's sequence and the lattice begin with the fractions of their definitions") {
  const LowDiscrepancy halton(Sequence::halton, 4);
  const double expected[5][4] = {{1 / 2., 1 / 3., 1 / 5., 1 / 7.},
                                 {1 / 4., 2 / 3., 2 / 5., 2 / 7.},
                                 {3 / 4., 1 / 9., 3 / 5., 3 / 7.},
                                 {1 / 8., 4 / 9., 4 / 5., 4 / 7.},
                                 {5 / 8., 7 / 9., 1 / 25., 5 / 7.}};
  for (int i = 0; i < 5; ++i) {
    const auto point = halton.point(i + 1);
    for (int k = 0; k < 4; ++k) CHECK(point[k] == Approx(expected[i][k]).epsilon(1e-15));
  }
  CHECK(halton.point(0) == std::vector<double>(4, 0.0));
  // Generating vector 1, 182667, 469891, 498753: modulo 2, 4 and 8 it is 1 1 1 1, 1 3 3 1 and 1 3 3 1.
  const LowDiscrepancy lattice(Sequence::lattice, 4);
  CHECK(lattice.point(1) == std::vector<double>{0.5, 0.5, 0.5, 0.5});
  CHECK(lattice.point(2) == std::vector<double>{0.25, 0.75, 0.75, 0.25});
  CHECK(lattice.point(3) == std::vector<double>{0.75, 0.25, 0.25, 0.75});
  CHECK(lattice.point(4) == std::vector<double>{0.125, 0.375, 0.375, 0.125});
}

TEST_CASE("every elementary interval holds exactly one point, before and after each scrambling") {
  for (const auto scrambling : {Scrambling::none, Scrambling::shift, Scrambling::linear, Scrambling::owen}) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const LowDiscrepancy sobol(Sequence::sobol, 6, scrambling, seed), halton(Sequence::halton, 3, scrambling, seed);
      // The first two coordinates of Sobol's sequence are a (0, 2)-sequence in base 2.
      for (const std::uint64_t first : {0u, 256u}) {
        const auto points = points_of(sobol, first, 256);
        for (int a = 0; a <= 8; ++a) CHECK(one_point_per_box(points, {1 << a, 256 >> a}));
        for (int k = 0; k < 6; ++k) {
          std::vector<int> parts(k + 1, 1);
          parts[k] = 256;
          CHECK(one_point_per_box(points, parts));
        }
      }
      for (const std::uint64_t first : {0u, 7u}) {  // any consecutive points
        CHECK(one_point_per_box(points_of(halton, first, 8 * 9 * 5), {8, 9, 5}));
        CHECK(one_point_per_box(points_of(halton, first, 2 * 27 * 5), {2, 27, 5}));
      }
    }
  }
}

TEST_CASE("scrambled points depend on the seed, are uniform, and two coordinates have nothing to do with each other") {
  for (const auto sequence : {Sequence::sobol, Sequence::halton}) {
    for (const auto scrambling : {Scrambling::shift, Scrambling::linear, Scrambling::owen}) {
      double sum = 0.0, squares = 0.0, product = 0.0;
      const int seeds = 2000;
      for (int seed = 0; seed < seeds; ++seed) {
        const auto x = LowDiscrepancy(sequence, 2, scrambling, seed).point(5);
        sum += x[0], squares += x[0] * x[0], product += (x[0] - 0.5) * (x[1] - 0.5);
      }
      CHECK(std::abs(sum / seeds - 1.0 / 2) < 4.0 * std::sqrt(1.0 / 12 / seeds));
      CHECK(std::abs(squares / seeds - 1.0 / 3) < 4.0 * std::sqrt(4.0 / 45 / seeds));
      CHECK(std::abs(product / seeds) < 4.0 / 12 / std::sqrt(double(seeds)));
    }
  }
  CHECK(LowDiscrepancy(Sequence::sobol, 3, Scrambling::owen, 7).point(9) ==
        LowDiscrepancy(Sequence::sobol, 3, Scrambling::owen, 7).point(9));
}

TEST_CASE("low-discrepancy points have a smaller star discrepancy than random ones have on average") {
  for (const int d : {2, 3, 5}) {
    const std::size_t n = 512;
    const double random = (std::pow(2.0, -d) - std::pow(3.0, -d)) / double(n);  // expected square, in closed form
    const double allowed = random / (d == 2 ? 15 : d == 3 ? 5 : 2);
    for (const char* method : {"sobol", "halton", "lattice"}) {
      INFO(method << " in " << d << " dimensions");
      CHECK(star_discrepancy_squared(sample(unit_box(d), {method, n, {}, "none", 1})) < allowed);
      CHECK(star_discrepancy_squared(sample(unit_box(d), {method, n, {}, "shift", 1})) < allowed);
    }
    double mean = 0.0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      mean += star_discrepancy_squared(sample(unit_box(d), {"random", 100, {}, "none", seed})) / 20;
    }
    CHECK(mean == Approx((std::pow(2.0, -d) - std::pow(3.0, -d)) / 100).epsilon(0.6));
  }
  // In each coordinate the lattice is the regular one, and a shift keeps that.
  for (const char* scrambling : {"none", "shift"}) {
    const auto lattice = sample(unit_box(32), {"lattice", 128, {}, scrambling, 5});
    for (int k = 0; k < 32; ++k) {
      std::vector<double> x;
      for (std::size_t i = 0; i < 128; ++i) x.push_back(lattice[i][k]);
      std::sort(x.begin(), x.end());
      for (int i = 1; i < 128; ++i) CHECK(x[i] - x[i - 1] == Approx(1.0 / 128).epsilon(1e-10));
    }
  }
}

TEST_CASE("a Latin hypercube has one point in each row of each parameter") {
  for (const std::uint64_t seed : {1u, 2u}) {
    const auto points = sample(unit_box(4), {"latin_hypercube", 50, {}, "none", seed});
    REQUIRE(points.size() == 50);
    for (int k = 0; k < 4; ++k) {
      std::set<int> rows;
      for (std::size_t i = 0; i < 50; ++i) rows.insert(static_cast<int>(points[i][k] * 50));
      CHECK(rows.size() == 50);
    }
  }
  CHECK(sample(unit_box(2), {"latin_hypercube", 9, {}, "none", 1}).values() !=
        sample(unit_box(2), {"latin_hypercube", 9, {}, "none", 2}).values());
}

TEST_CASE("a grid has the ends of its ranges, logarithmic ranges in equal ratios") {
  const ParameterBox box({{"k", 0.1, 1.0}, {"nu", 1e-4, 1.0, true}});
  const auto grid = sample(box, {"grid", 0, {4, 5}});
  REQUIRE(grid.size() == 20);
  CHECK(grid[0][0] == 0.1);
  CHECK(grid[0][1] == 1e-4);
  CHECK(grid[19][0] == 1.0);
  CHECK(grid[19][1] == 1.0);
  CHECK(grid[5][0] == Approx(0.4).epsilon(1e-15));
  for (int i = 0; i < 5; ++i) CHECK(grid[i][1] == Approx(std::pow(10.0, i - 4)).epsilon(1e-14));
  CHECK(sample(box, {"grid", 0, {1, 1}})[0][1] == Approx(1e-2).epsilon(1e-14));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    CHECK(box.contains(grid[i]));
    const auto unit = box.unit(grid[i]);
    CHECK(unit[0] == Approx(double(i / 5) / 3).margin(1e-15));
    CHECK(unit[1] == Approx(double(i % 5) / 4).margin(1e-15));
  }
  CHECK_FALSE(box.contains(std::vector<double>{0.5, 1.1}));
  CHECK_FALSE(box.contains(std::vector<double>{0.5, std::nan("")}));
  // Half of the points of any sequence lie below the geometric mean.
  const auto points = sample(box, {"sobol", 64, {}, "owen", 3});
  int below = 0;
  for (std::size_t i = 0; i < 64; ++i) below += points[i][1] < 1e-2;
  CHECK(below == 32);
}

TEST_CASE("boxes and training sets that make no sense are refused with a reason") {
  const auto nan = std::nan("");
  using Ranges = std::vector<sampling::ParameterRange>;
  for (const Ranges& bad : {Ranges{}, Ranges{{"k", 1.0, 0.1}}, Ranges{{"k", 1.0, 1.0}}, Ranges{{"k", nan, 1.0}},
                            Ranges{{"k", 0.0, 1.0, true}}, Ranges{{"k", 0.0, 1.0}, {"k", 0.0, 2.0}}}) {
    check_refused([&] { ParameterBox{bad}; });
  }
  const auto box = unit_box(2);
  check_refused([&] { sample(box, {"sobl", 5}); });
  check_refused([&] { sample(box, {"sobol", 0}); });
  check_refused([&] { sample(box, {"sobol", 5, {2, 2}}); });
  check_refused([&] { sample(box, {"grid", 0, {2}}); });
  check_refused([&] { sample(box, {"grid", 0, {2, 0}}); });
  check_refused([&] { sample(box, {"grid", 4, {2, 2}}); });
  check_refused([&] { sample(box, {"random", 5, {}, "owen"}); });
  check_refused([&] { sample(box, {"sobol", 5, {}, "owne"}); });
  check_refused([&] { sample(box, {"lattice", 5, {}, "owen"}); });
  check_refused([&] { sample(unit_box(33), {"sobol", 5}); });
  check_refused([&] { LowDiscrepancy(Sequence::lattice, 2).point(1u << 20); });
}
