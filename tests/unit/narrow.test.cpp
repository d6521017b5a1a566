// Sizes beyond 2^31 become an error, never another number.
#include "engine/base/narrow.hpp"

#include <catch2/catch.hpp>
#include <climits>

#include "ansatz/sdk/error.hpp"

using namespace ansatz;

TEST_CASE("A size that fits a shorter integer keeps its value", "[base]") {
  CHECK(base::narrow<std::int32_t>(std::int64_t{0}, "cells") == 0);
  CHECK(base::narrow<std::int32_t>(std::int64_t{INT32_MAX}, "cells") == INT32_MAX);
  CHECK(base::narrow<int>(std::size_t{INT_MAX}, "numbers") == INT_MAX);
  CHECK(base::narrow<std::int64_t>(std::size_t{1} << 40, "numbers") == std::int64_t{1} << 40);
}

TEST_CASE("A size beyond it is refused with what is counted, how many there are and may be, and what to do", "[base]") {
  const auto message = [](auto size) {
    try {
      base::narrow<std::int32_t>(size, "entries of the matrix on one rank", "use more ranks");
    } catch (const sdk::Error& error) {
      CHECK(sdk::exit_code(error.kind()) == 4);
      return std::string(error.what()) + "; " + error.hint();
    }
    return std::string("no error");
  };
  const std::string limit =
      " entries of the matrix on one rank, and at most 2147483647 can be numbered; use more ranks";
  CHECK(message(std::int64_t{1} << 31) == "there are 2147483648" + limit);
  // The lower 32 bits of these are small positive numbers.
  CHECK(message((std::int64_t{1} << 32) + 5) == "there are 4294967301" + limit);
  CHECK(message((std::size_t{7} << 32) + 1) == "there are 30064771073" + limit);
  CHECK(message(std::numeric_limits<std::size_t>::max()) == "there are 9223372036854775807" + limit);
}
