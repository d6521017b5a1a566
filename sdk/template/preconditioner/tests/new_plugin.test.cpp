#include "new_plugin.hpp"

#include <catch2/catch.hpp>

using namespace ansatz::sdk;

TEST_CASE("it divides by the diagonal") {
  // Rows (2 -1), (-1 -4), and a third without an entry on the diagonal.
  const std::vector<std::int32_t> offsets{0, 2, 4, 5}, columns{0, 1, 0, 1, 0};
  const std::vector<double> values{2.0, -1.0, -1.0, -4.0, 7.0}, r{3.0, 8.0, 5.0};
  MatrixView matrix;
  matrix.offsets = offsets;
  matrix.columns = columns;
  matrix.values = values;
  NewPlugin jacobi;
  jacobi.set_up(matrix);
  std::vector<double> z(3);
  jacobi.apply(r, z);
  CHECK(z == std::vector<double>{1.5, 2.0, 5.0});
}
