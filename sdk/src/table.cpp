#include "ansatz/sdk/table.hpp"

#include <bit>

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

std::uint64_t key(const Table& table) {
  Residue hash;
  for (const auto* values : {&table.x, &table.y}) {
    for (const double value : *values)
      hash = Residue::function("point", hash, Residue::symbol(std::bit_cast<std::uint64_t>(value)));
  }
  return hash.v;
}

}  // namespace detail
}  // namespace ansatz::sdk
