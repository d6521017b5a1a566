#include <catch2/catch.hpp>

#include "engine/compare/comparison.hpp"

using namespace ansatz::compare;

namespace {

Row row(const std::string& name, bool is_classical, double error, double seconds, double offline = 0.0) {
  Row row;
  row.name = name;
  row.is_classical = is_classical;
  row.error.mean = error;
  row.seconds = seconds;
  row.offline_seconds = offline;
  return row;
}

}  // namespace

TEST_CASE("Finite elements of equal error lie on the line between two of them in logarithms") {
  // Errors 1e-2, 1e-4 in 1 and 100 s: 1e-3 takes 10 s.
  std::vector<Row> rows{row("learned", false, 1e-3, 2.0, 80.0), row("fine", true, 1e-4, 100.0),
                        row("coarse", true, 1e-2, 1.0)};
  judge(rows);
  CHECK(rows[0].seconds_classical == Approx(10.0));
  CHECK(rows[0].break_even == Approx(10.0));  // 80 / (10 - 2)
  CHECK(rows[0].verdict == "5 times faster than finite elements of equal error; wins beyond 10 queries");
  CHECK(rows[1].verdict.empty());
}

TEST_CASE("An ansatz that is slower than finite elements of equal error loses and never breaks even") {
  std::vector<Row> rows{row("learned", false, 1e-3, 20.0, 80.0), row("fine", true, 1e-4, 100.0),
                        row("coarse", true, 1e-2, 1.0)};
  judge(rows);
  CHECK(rows[0].break_even == std::numeric_limits<double>::infinity());
  CHECK(rows[0].verdict == "loses: finite elements of equal error are 2 times faster");
}

TEST_CASE("What is worse than the coarsest mesh is compared with it") {
  std::vector<Row> rows{row("learned", false, 0.5, 0.25, 3.0), row("fine", true, 1e-4, 100.0),
                        row("coarse", true, 1e-2, 1.0)};
  judge(rows);
  CHECK(rows[0].seconds_classical == 1.0);
  CHECK(rows[0].break_even == Approx(4.0));
  rows[0].seconds = 2.0;
  judge(rows);
  CHECK(rows[0].verdict == "loses: finite elements of equal error are 2 times faster (coarse is as accurate already)");
}

TEST_CASE("What is more accurate than the finest mesh has no classical rival, but for a twentieth") {
  std::vector<Row> rows{row("learned", false, 1e-5, 0.25, 3.0), row("fine", true, 1e-4, 100.0)};
  judge(rows);
  CHECK(rows[0].seconds_classical == std::numeric_limits<double>::infinity());
  CHECK(rows[0].verdict == "more accurate than any of the finite elements compared");
  rows[0].error.mean = 0.96e-4;
  judge(rows);
  CHECK(rows[0].seconds_classical == 100.0);
}

TEST_CASE("A mesh that is slower and less accurate than another one is nobody's choice") {
  std::vector<Row> rows{row("learned", false, 1e-3, 0.5, 1.0), row("poor", true, 5e-2, 3.0),
                        row("coarse", true, 1e-2, 1.0), row("fine", true, 1e-4, 100.0)};
  judge(rows);
  CHECK(rows[0].seconds_classical == Approx(10.0));
}

TEST_CASE("The spread of numbers has the smallest one that 95 % do not exceed") {
  std::vector<double> numbers;
  for (int k = 1; k <= 40; ++k) numbers.push_back(k);
  const auto spread = spread_of(numbers);
  CHECK(spread.least == 1.0);
  CHECK(spread.mean == Approx(20.5));
  CHECK(spread.most == 38.0);
  CHECK(spread.worst == 40.0);
}
