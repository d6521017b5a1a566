#include "ansatz/sdk/table.hpp"

#include <bit>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/residue.hpp"
#include "expression_tree.hpp"

namespace ansatz::sdk {
namespace {

thread_local std::optional<TableMiss> last_miss;

}  // namespace

std::string TableMiss::text() const {
  const auto& number = detail::print_number;
  return (table.empty() ? "a table" : "the table \"" + table + "\"") + " reaches from " + number(low) + " to " +
         number(high) + ", its argument is " + number(argument);
}

namespace detail {

void note_miss(const Table& table, double x) { last_miss = TableMiss{table.name, x, table.x.front(), table.x.back()}; }

std::optional<TableMiss> take_miss() { return std::exchange(last_miss, std::nullopt); }

std::string why_miss() {
  const auto miss = take_miss();
  return miss ? ": " + miss->text() : "";
}

void check_points(const Table& table) {
  const auto fail = [&](const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::case_file, (table.name.empty() ? "a table " : "table \"" + table.name + "\" ") + what, {},
                hint);
  };
  if (table.x.size() != table.y.size()) {
    fail("has " + std::to_string(table.x.size()) + " x and " + std::to_string(table.y.size()) + " y",
         "give as many x as y");
  }
  if (table.x.size() < 2) fail("has fewer than two points", "a constant needs no table");
  for (std::size_t i = 0; i < table.x.size(); ++i) {
    if (!std::isfinite(table.x[i]) || !std::isfinite(table.y[i])) {
      fail("has a value that is not finite at point " + std::to_string(i + 1), "");
    }
    if (i > 0 && !(table.x[i] > table.x[i - 1])) {
      fail("does not increase in x at point " + std::to_string(i + 1), "sort the points; a jump needs two distinct x");
    }
  }
}

std::uint64_t key(const Table& table) {
  check_points(table);
  Residue hash;
  for (const auto* values : {&table.x, &table.y}) {
    for (const double value : *values)
      hash = Residue::function("point", hash, Residue::symbol(std::bit_cast<std::uint64_t>(value)));
  }
  return hash.v;
}

}  // namespace detail
}  // namespace ansatz::sdk
