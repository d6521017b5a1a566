#include <fmt/core.h>
#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/io/field_reader.hpp"

namespace ansatz::app {
namespace {

void print_times(const std::vector<double>& times) {
  if (times.empty()) return;
  fmt::print("  steps   {}, time {} to {} s\n", times.size(), times.front(), times.back());
}

void print_field(const io::FieldDescription& field) {
  const auto unit = field.unit.empty() ? "" : " [" + field.unit + "]";
  fmt::print("  {}{}: {} component{} on {}, {:.6g} to {:.6g}\n", field.name, unit, field.components,
             field.components == 1 ? "" : "s", field.location == sdk::VisualLocation::points ? "points" : "cells",
             field.minimum, field.maximum);
}

/// Long texts such as the effective case are indented below their name.
void print_entry(const std::string& name, const std::string& text) {
  if (text.find('\n') == std::string::npos) {
    fmt::print("  {:<14} {}\n", name, text);
    return;
  }
  fmt::print("  {}\n", name);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    fmt::print("    {}\n", text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

int info(const std::string& file, const base::Communicator& comm) {
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    const auto description = io::describe_file(file);
    fmt::print("{}\n  layout  {}\n  mesh    {} points, {} cells in {} part{}\n", description.path, description.layout,
               description.num_points, description.num_cells, description.num_parts,
               description.num_parts == 1 ? "" : "s");
    print_times(description.times);
    fmt::print("fields (of the last step)\n");
    for (const auto& field : description.fields) print_field(field);
    if (!description.metadata.empty()) fmt::print("metadata\n");
    for (const auto& [name, text] : description.metadata) print_entry(name, text);
  });
  return 0;
}

}  // namespace ansatz::app
