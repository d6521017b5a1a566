#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/app/commands.hpp"
#include "engine/app/info_parts.hpp"
#include "engine/app/show.hpp"
#include "engine/io/charts/sweep_file.hpp"
#include "engine/io/fields/field_reader.hpp"
#include "engine/io/state/policy_file.hpp"

namespace ansatz::app {
namespace {

void print_times(const std::vector<double>& times) {
  if (times.empty()) return;
  show("  steps   {}, time {} to {} s\n", times.size(), times.front(), times.back());
}

void print_field(const io::FieldDescription& field) {
  const auto unit = field.unit.empty() ? "" : " [" + field.unit + "]";
  show("  {}{}: {} component{} on {}, {:.6g} to {:.6g}\n", field.name, unit, field.components,
       field.components == 1 ? "" : "s", field.location == sdk::VisualLocation::points ? "points" : "cells",
       field.minimum + 0.0, field.maximum + 0.0);  // zero has no sign
}

/// Long texts such as the effective case are indented below their name.
void print_entry(const std::string& name, const std::string& text) {
  if (text.find('\n') == std::string::npos) {
    show("  {:<14} {}\n", name, text);
    return;
  }
  show("  {}\n", name);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    show("    {}\n", text.substr(at, end - at));
    at = end + 1;
  }
}

enum class FileKind { model, policy, sweep, fields };

/// What cannot be read as HDF5 is left to the reader of result files, which says why.
FileKind kind_of(const std::string& file) {
  try {
    if (is_model_file(file)) return FileKind::model;
    if (io::is_policy(file)) return FileKind::policy;
    return io::is_sweep(file) ? FileKind::sweep : FileKind::fields;
  } catch (const sdk::Error&) {
    return FileKind::fields;
  }
}

/// Name, unit, smallest and largest of the finite values of one column.
void print_column(const io::Columns& columns, std::size_t k, const std::vector<double>& values) {
  const std::size_t width = columns.names.size();
  double low = INFINITY, high = -INFINITY;
  for (std::size_t i = k; i < values.size(); i += width) {
    if (!std::isfinite(values[i])) continue;
    low = std::min(low, values[i] + 0.0);  // zero has no sign
    high = std::max(high, values[i] + 0.0);
  }
  const auto unit = columns.units[k].empty() ? "" : " [" + columns.units[k] + "]";
  show("  {}{}: {}", columns.names[k], unit,
       low > high ? "no finite value" : fmt::format("{:.6g} to {:.6g}", low, high));
}

/// What a table of limits has beside.
void print_limits(const io::SweepTable& table) {
  if (table.amplifications.empty()) return;
  const auto fact = [&](const char* name) {
    const auto found = table.facts.find(name);
    return found == table.facts.end() ? 0.0 : found->second;
  };
  show("limits\n  degree {:g}, from {:g} factorisations of the matrix on {:g} free unknowns\n", fact("degree"),
       fact("factorisations"), fact("unknowns"));
  if (fact("determinant_sign") != 0.0)
    show("  determinant: {}\n", fact("determinant_sign") < 0.0 ? "negative" : "positive");
  show("  amplification: at most {:.3g}\n", std::ranges::max(table.amplifications));
  if (table.held_out_errors.empty()) return;
  show("  largest relative error seen at {} held-out parameters: {:.3g}, an estimate\n",
       table.held_out_errors.size() / table.quantities.names.size(), std::ranges::max(table.held_out_errors));
}

}  // namespace

void print_policy(const std::string& path, const base::Communicator& comm) {
  const auto model = io::read_policy(comm, path);
  if (!comm.is_root()) return;
  show("{}\n  policy    of the learner {}\n  features  {}\n  actions   {:.6g}\n", path, model.learner,
       fmt::join(model.features, ", "), fmt::join(model.actions, ", "));
  for (const auto& [name, text] : model.attributes) print_entry(name, text);
  show("arrays\n");
  for (const auto& [name, array] : model.arrays) show("  {} ({})\n", name, fmt::join(array.shape, ", "));
}

void print_sweep(const std::string& path) {
  const auto table = io::read_sweep(path);
  double seconds = 0.0;
  for (const double value : table.seconds) seconds += value;
  show("{}\n  sweep   {}\n  ansatz  {}\n  points  {}, {:.3g} s in all\nparameters\n", path, table.title, table.ansatz,
       table.num_points(), seconds);
  for (std::size_t k = 0; k < table.parameters.names.size(); ++k) {
    print_column(table.parameters, k, table.parameter_values);
    show("\n");
  }
  show("quantities\n");
  const std::size_t width = table.quantities.names.size();
  for (std::size_t k = 0; k < width; ++k) {
    print_column(table.quantities, k, table.quantity_values);
    double largest = -1.0;
    for (std::size_t i = k; i < table.bounds.size(); i += width) largest = std::max(largest, table.bounds[i]);
    if (largest >= 0.0 && std::isfinite(largest)) show(", {} at most {:.3g}", table.bound_kind, largest);
    show("\n");
  }
  print_limits(table);
  const auto problem = std::ranges::find_if(table.problems, [](const auto& text) { return !text.empty(); });
  if (problem != table.problems.end())
    show("{} points without a result, the first: {}\n", table.num_problems(), *problem);
}

int info(const std::string& file, const base::Communicator& comm) {
  FileKind kind = FileKind::fields;
  base::agree(comm, [&] { kind = kind_of(file); });
  if (kind == FileKind::model) {
    print_model(file, comm);
    return 0;
  }
  if (kind == FileKind::policy) {
    print_policy(file, comm);
    return 0;
  }
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    if (kind == FileKind::sweep) return print_sweep(file);
    const auto description = io::describe_file(file);
    show("{}\n  layout  {}\n  mesh    {} points, {} cells in {} part{}\n", description.path, description.layout,
         description.num_points, description.num_cells, description.num_parts, description.num_parts == 1 ? "" : "s");
    print_times(description.times);
    show("fields (of the last step)\n");
    for (const auto& field : description.fields) print_field(field);
    if (!description.metadata.empty()) show("metadata\n");
    for (const auto& [name, text] : description.metadata) print_entry(name, text);
  });
  return 0;
}

}  // namespace ansatz::app
