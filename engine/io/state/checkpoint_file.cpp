#include "engine/io/state/checkpoint_file.hpp"

#include <fmt/format.h>

#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {
namespace {

constexpr const char* root = "/checkpoint";

std::string number_path(const std::string& name) { return fmt::format("{}/numbers/{}", root, name); }
std::string unknown_path(const std::string& name, const std::string& field) {
  return fmt::format("{}/unknowns/{}/{}", root, name, field);
}
std::string row_path(const std::string& name, const std::string& part) {
  return fmt::format("{}/rows/{}/{}", root, name, part);
}
std::string key_path(const std::string& field) { return fmt::format("{}/keys/{}", root, field); }

/// Components of one field at its owned nodes, node after node.
std::vector<double> field_rows(const fem::DofMap& dofs, int f, const std::vector<double>& values) {
  const auto& field = dofs.fields()[f];
  std::vector<double> rows;
  for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
    const auto first = values.begin() + dofs.node_dofs(f)[n];
    rows.insert(rows.end(), first, first + field.components);
  }
  return rows;
}

/// [first, count] of the rows of a dataset that this rank reads.
std::pair<std::int64_t, std::int64_t> share(const base::Communicator& comm, std::int64_t rows) {
  const auto first = rows * comm.rank() / comm.size(), end = rows * (comm.rank() + 1) / comm.size();
  return {first, end - first};
}

}  // namespace

void CheckpointWriter::numbers(const std::string& name, std::vector<double>& values) { numbers_[name] = values; }

void CheckpointWriter::unknowns(const std::string& name, std::vector<double>& values) {
  if (dofs_ == nullptr) {
    numbers_[name] = values;
  } else {
    unknowns_[name] = values;
  }
}

void CheckpointWriter::rows(const std::string& name, std::span<const std::int64_t>, std::vector<std::int64_t>& cells,
                            std::vector<double>& values, int width) {
  KeyedRows rows{.values = values, .columns = width};
  std::map<std::int64_t, std::int64_t> count;
  for (const auto cell : cells) rows.keys.insert(rows.keys.end(), {cell, count[cell]++});
  rows_[name] = std::move(rows);
}

void CheckpointWriter::commit(const std::string& path, const CheckpointInfo& info) const {
  OutputFile file(comm_, path);
  file.group(root);
  file.attribute(root, "time", info.time);
  file.attribute(root, "step", std::vector<std::int64_t>{info.step});
  file.attribute(root, "ranks", std::vector<std::int64_t>{info.ranks});
  file.text(std::string(root) + "/fingerprint", info.fingerprint);
  const std::span<const double> nothing;
  for (const auto& [name, values] : numbers_) {
    file.rows<double>(number_path(name), comm_.is_root() ? std::span<const double>(values) : nothing);
  }
  for (const auto& [name, rows] : rows_) {
    file.rows<double>(row_path(name, "values"), rows.values, rows.columns);
    file.rows<std::int64_t>(row_path(name, "cells"), rows.keys, 2);
  }
  std::vector<std::vector<double>> rows;  // kept until the file is written
  std::vector<std::vector<std::int64_t>> keys;
  if (dofs_ != nullptr) {
    rows.reserve(unknowns_.size() * dofs_->num_fields());
    for (int f = 0; f < dofs_->num_fields(); ++f) {
      const auto& field = dofs_->fields()[f];
      keys.push_back(owned_keys(*field.nodes));
      for (const auto& [name, values] : unknowns_) {
        if (comm_.max(static_cast<std::int64_t>(values.size())) == 0) continue;
        rows.push_back(field_rows(*dofs_, f, values));
        file.rows<double>(unknown_path(name, field.name), rows.back(), field.components);
      }
    }
    for (int f = 0; f < dofs_->num_fields(); ++f)
      file.rows<std::int64_t>(key_path(dofs_->fields()[f].name), keys[f], 2);
  }
  file.commit(Ending::checksum);
}

CheckpointReader::CheckpointReader(const base::Communicator& comm, const fem::DofMap* dofs, const std::string& path)
    : comm_(comm), dofs_(dofs), path_(path) {
  base::agree(comm_, [&] {
    if (comm_.is_root()) verify_checksum(path_);
  });
  base::agree(comm_, [&] {
    const InputFile file(path_);
    if (!file.has(root)) throw sdk::Error(sdk::ErrorKind::state, "the file is not a checkpoint", path_);
    info_.fingerprint = file.text(std::string(root) + "/fingerprint");
    info_.time = file.number_attribute(root, "time");
    info_.step = file.integer_attribute(root, "step").at(0);
    info_.ranks = static_cast<int>(file.integer_attribute(root, "ranks").at(0));
  });
}

void CheckpointReader::fail_missing(const std::string& name) const {
  throw sdk::Error(sdk::ErrorKind::state, fmt::format("the checkpoint has no \"{}\"", name), path_,
                   "it was written with another method or controller, or by another version: start anew");
}

void CheckpointReader::numbers(const std::string& name, std::vector<double>& values) {
  base::agree(comm_, [&] {
    const InputFile file(path_);
    if (!file.has(number_path(name))) fail_missing(name);
    values = file.all<double>(number_path(name));
  });
}

void CheckpointReader::unknowns(const std::string& name, std::vector<double>& values) {
  const auto length = values.size();
  if (dofs_ == nullptr) {
    numbers(name, values);
    if (length == 0 || values.size() == length) return;
    throw sdk::Error(sdk::ErrorKind::state,
                     fmt::format("\"{}\" has {} values for {} unknowns", name, values.size(), length), path_,
                     "it was written by another version: start anew");
  }
  const bool is_wanted = comm_.max(static_cast<std::int64_t>(length)) > 0;
  if (!owned_unknowns(name, values) && is_wanted) fail_missing(name);
}

/// This rank's share of a table and of its keys. Not collective.
KeyedRows CheckpointReader::share_of_rows(const std::string& values, const std::string& keys, int columns) const {
  const InputFile file(path_);
  const auto num_rows = file.shape(values).at(0);
  if (file.shape(keys).at(0) != num_rows) {
    throw sdk::Error(sdk::ErrorKind::state, fmt::format("\"{}\" has not one key for each row", values), path_);
  }
  const auto [first, count] = share(comm_, num_rows);
  KeyedRows rows{file.rows<std::int64_t>(keys, first, count), file.rows<double>(values, first, count), columns};
  if (rows.values.size() != std::size_t(count) * columns || rows.keys.size() != std::size_t(count) * 2) {
    throw sdk::Error(sdk::ErrorKind::state, fmt::format("\"{}\" has another number of components", values), path_);
  }
  return rows;
}

void CheckpointReader::rows(const std::string& name, std::span<const std::int64_t> owned_cells,
                            std::vector<std::int64_t>& cells, std::vector<double>& values, int width) {
  KeyedRows share;
  base::agree(comm_, [&] {
    if (!InputFile(path_).has(row_path(name, "values"))) fail_missing(name);
    share = share_of_rows(row_path(name, "values"), row_path(name, "cells"), width);
  });
  auto mine = rows_of_cells(comm_, share, owned_cells, path_);
  cells.clear();
  for (std::size_t row = 0; row < mine.keys.size() / 2; ++row) cells.push_back(mine.keys[2 * row]);
  values = std::move(mine.values);
}

/// \returns false on all ranks where the file has no such values: they were empty.
bool CheckpointReader::owned_unknowns(const std::string& name, std::vector<double>& values) {
  values.clear();
  for (int f = 0; f < dofs_->num_fields(); ++f) {
    const auto& field = dofs_->fields()[f];
    KeyedRows rows;
    bool present = false;
    base::agree(comm_, [&] {
      const auto path = unknown_path(name, field.name);
      present = InputFile(path_).has(path);
      if (present) rows = share_of_rows(path, key_path(field.name), field.components);
    });
    if (!present && f > 0) fail_missing(unknown_path(name, field.name));
    if (!present) return false;
    values.resize(dofs_->num_owned());
    const auto found = look_up(comm_, std::move(rows), owned_keys(*field.nodes), path_);
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      std::copy_n(found.begin() + std::ptrdiff_t(n) * field.components, field.components,
                  values.begin() + dofs_->node_dofs(f)[n]);
    }
  }
  return true;
}

}  // namespace ansatz::io
