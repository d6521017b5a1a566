#include "engine/io/state/record_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"
#include "engine/io/state/named_data.hpp"

namespace ansatz::io {
namespace {

constexpr const char* kind = "ansatz";
constexpr const char* beside = "/beside";

/// Numbers of vectors of the lists, by name.
std::string lists_text(const sdk::Record& record) {
  std::vector<std::string> lines;
  for (const auto& [name, vectors] : record.vectors) lines.push_back(fmt::format("{} {}", vectors.size(), name));
  return joined_lines(lines);
}

void read_lists(const std::string& text, const std::string& path, sdk::Record& record) {
  for (const auto& line : split_lines(text)) {
    const auto space = line.find(' ');
    if (space == std::string::npos || space == 0 || space > 9 || line.find_first_not_of("0123456789") != space)
      throw sdk::Error(sdk::ErrorKind::state, "the model's lists of vectors are damaged", path, "train again");
    record.vectors[line.substr(space + 1)].resize(std::stoul(line.substr(0, space)));
  }
}

std::size_t num_vectors(const sdk::Record& record) {
  std::size_t count = 0;
  for (const auto& [name, vectors] : record.vectors) count += vectors.size();
  return count;
}

void check_vectors(const sdk::Record& record, const fem::DofMap& dofs, const std::string& path) {
  for (const auto& [name, vectors] : record.vectors) {
    for (const auto& vector : vectors) {
      if (vector.size() != static_cast<std::size_t>(dofs.num_owned())) {
        throw sdk::Error(sdk::ErrorKind::plugin,
                         fmt::format("a vector of \"{}\" of the model has {} entries on a rank with {} unknowns", name,
                                     vector.size(), dofs.num_owned()),
                         path);
      }
      if (std::ranges::all_of(vector, [](double x) { return std::isfinite(x); })) continue;
      throw sdk::Error(sdk::ErrorKind::not_finite,
                       fmt::format("the model has values that are not finite in \"{}\"", name), path,
                       "the training failed");
    }
  }
}

/// Calls visit(row, column, value of a vector) for all nodes of a field.
template <class Record, class Visit>
void for_entries(const fem::DofMap& dofs, int field, Record& record, const Visit& visit) {
  const auto& space = dofs.fields()[field];
  for (std::int32_t n = 0; n < space.nodes->num_owned; ++n) {
    const auto first = dofs.node_dofs(field)[n];
    std::size_t column = 0;
    for (auto& [name, vectors] : record.vectors) {
      for (auto& vector : vectors) {
        for (int c = 0; c < space.components; ++c) visit(std::size_t(n), column++, vector[first + c]);
      }
    }
  }
}

void require_undamaged(const std::string& path) {
  if (!is_record(path)) {
    throw sdk::Error(sdk::ErrorKind::state, "the file holds no model of an ansatz", path,
                     "train one with --set study.type=train, or give the file of one");
  }
  verify_checksum(path);
}

StoredRecord read_replicated(const std::string& path) {
  const InputFile file(path);
  StoredRecord stored;
  stored.ansatz = file.text_attribute("/model", "ansatz");
  stored.fingerprint = file.text("/model/fingerprint");
  read_lists(file.text("/model/lists"), path, stored.record);
  read_named(file, "/model", stored.record.attributes, stored.record.arrays);
  if (file.has(beside)) read_named(file, beside, stored.beside.attributes, stored.beside.arrays);
  return stored;
}

}  // namespace

void write_record(const std::string& path, const StoredRecord& stored, const fem::DofMap& dofs) {
  const auto& comm = dofs.mesh().comm;
  const auto& record = stored.record;
  base::agree(comm, [&] {
    require_finite_arrays(record.arrays, "model", path);
    require_finite_arrays(stored.beside.arrays, "calibration", path);
    check_vectors(record, dofs, path);
  });
  OutputFile file(comm, path);
  file.group("/model");
  file.attribute("/model", "kind", kind);
  file.attribute("/model", "ansatz", stored.ansatz);
  file.text("/model/fingerprint", stored.fingerprint);
  file.text("/model/lists", lists_text(record));
  add_named(file, comm.is_root(), "/model", record.attributes, record.arrays);
  if (!stored.beside.attributes.empty() || !stored.beside.arrays.empty()) {
    file.group(beside);
    add_named(file, comm.is_root(), beside, stored.beside.attributes, stored.beside.arrays);
  }
  std::vector<std::vector<std::int64_t>> keys(dofs.num_fields());
  std::vector<std::vector<double>> values(dofs.num_fields());
  const auto count = num_vectors(record);
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& space = dofs.fields()[f];
    const auto width = count * static_cast<std::size_t>(space.components);
    keys[f] = owned_keys(*space.nodes);
    values[f].resize(static_cast<std::size_t>(space.nodes->num_owned) * width);
    for_entries(dofs, f, record,
                [&](std::size_t row, std::size_t column, double x) { values[f][row * width + column] = x; });
    file.rows<std::int64_t>("/vectors/" + space.name + "/keys", keys[f], 2);
    if (count > 0) file.rows<double>("/vectors/" + space.name + "/values", values[f], static_cast<int>(width));
  }
  file.commit(Ending::checksum);
}

StoredRecord read_record_without_vectors(const base::Communicator& comm, const std::string& path) {
  base::agree(comm, [&] {
    if (comm.is_root()) require_undamaged(path);
  });
  StoredRecord stored;
  base::agree(comm, [&] { stored = read_replicated(path); });
  return stored;
}

StoredRecord read_record(const std::string& path, const fem::DofMap& dofs) {
  const auto& comm = dofs.mesh().comm;
  auto stored = read_record_without_vectors(comm, path);
  for (auto& [name, vectors] : stored.record.vectors) {
    for (auto& vector : vectors) vector.resize(static_cast<std::size_t>(dofs.num_owned()));
  }
  const auto count = num_vectors(stored.record);
  for (int f = 0; count > 0 && f < dofs.num_fields(); ++f) {
    const auto& space = dofs.fields()[f];
    const auto width = count * static_cast<std::size_t>(space.components);
    const std::string group = "/vectors/" + space.name;
    KeyedRows rows;
    base::agree(comm, [&] {
      const InputFile file(path);
      const auto total = file.shape(group + "/keys").at(0);
      const auto shape = file.shape(group + "/values");
      if (shape.size() != 2 || shape[0] != total || shape[1] != static_cast<std::int64_t>(width)) {
        throw sdk::Error(sdk::ErrorKind::state, "the vectors of the model do not fit its lists", path, "train again");
      }
      const auto first = total * comm.rank() / comm.size(), last = total * (comm.rank() + 1) / comm.size();
      rows = {file.rows<std::int64_t>(group + "/keys", first, last - first),
              file.rows<double>(group + "/values", first, last - first), static_cast<int>(width)};
    });
    const auto values = look_up(comm, std::move(rows), owned_keys(*space.nodes), path);
    for_entries(dofs, f, stored.record,
                [&](std::size_t row, std::size_t column, double& x) { x = values[row * width + column]; });
  }
  return stored;
}

bool is_record(const std::string& path) {
  const InputFile file(path);
  return file.has("/model") && file.has_attribute("/model", "kind") && file.text_attribute("/model", "kind") == kind;
}

}  // namespace ansatz::io
