#include "engine/io/hdf5/output_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "engine/io/hdf5/file_checksum.hpp"

namespace ansatz::io {
namespace {

constexpr std::int64_t page = 4096;

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Creates a contiguous dataset and returns its place in the file, or -1 for one without rows.
std::int64_t create_contiguous(hid_t file, const LocalRows& array, const Hdf5Context& context) {
  const auto place = context.at(array.path);
  const hsize_t extents[2] = {hsize_t(array.total), hsize_t(array.columns)};
  const Handle space =
      checked(H5Screate_simple(array.columns == 0 ? 1 : 2, extents, nullptr), place, "cannot make a dataspace");
  const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), place, "cannot make dataset properties");
  check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), place, "cannot set dataset properties");
  check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), place, "cannot set dataset properties");
  const Handle dataset = checked(H5Dcreate2(file, array.path.c_str(), array.type, space.get(), with_parents().get(),
                                            properties.get(), H5P_DEFAULT),
                                 place, "cannot create the dataset");
  if (array.total == 0) return -1;
  const haddr_t offset = H5Dget_offset(dataset.get());
  if (offset == HADDR_UNDEF) place.fail("has no place in the file");
  return static_cast<std::int64_t>(offset);
}

}  // namespace

void place_rows(const base::Communicator& comm, std::span<LocalRows> arrays) {
  const int count = static_cast<int>(arrays.size());
  std::vector<std::int64_t> here(count), below(count, 0), total(count);
  for (int i = 0; i < count; ++i) here[i] = arrays[i].count;
  MPI_Exscan(here.data(), below.data(), count, MPI_INT64_T, MPI_SUM, comm.get());
  MPI_Allreduce(here.data(), total.data(), count, MPI_INT64_T, MPI_SUM, comm.get());
  for (int i = 0; i < count; ++i) {
    arrays[i].first = comm.is_root() ? 0 : below[i];
    arrays[i].total = total[i];
  }
}

Handle create_reserved(const Hdf5Context& context, std::int64_t bytes) {
  silence_hdf5();
  reserve_space(context.file, 0, bytes);
  Handle file = checked(H5Fcreate(context.file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, serial_access().get()), context,
                        "cannot create the file");
  reserve_space(context.file, 0, bytes);
  return file;
}

Handle open_for_writing(const Hdf5Context& context) {
  silence_hdf5();
  return checked(H5Fopen(context.file.c_str(), H5F_ACC_RDWR, serial_access().get()), context, "cannot open the file");
}

void close_written(Handle& file, const Hdf5Context& context) {
  if (!file.reset()) context.fail("cannot finish the file", "check the free space of the disk");
}

OutputFile::OutputFile(const base::Communicator& comm, std::string path) : comm_(comm), path_(std::move(path)) {}

void OutputFile::add(std::size_t bytes, Step step) {
  small_bytes_ += static_cast<std::int64_t>(bytes) + page;
  steps_.push_back(std::move(step));
}

void OutputFile::group(const std::string& path) {
  add(0, [path](hid_t file, const Hdf5Context& context) { create_group(file, path, context); });
}

void OutputFile::text(const std::string& path, const std::string& value) {
  add(value.size(), [=](hid_t file, const Hdf5Context& context) { create_text(file, path, value, context); });
}

void OutputFile::link(const std::string& path, const std::string& target_file, const std::string& target) {
  add(0, [=](hid_t file, const Hdf5Context& context) { create_link(file, path, target_file, target, context); });
}

void OutputFile::attribute(const std::string& object, const std::string& name, const std::string& value) {
  add(value.size(), [=](hid_t file, const Hdf5Context& context) { set_attribute(file, object, name, value, context); });
}

void OutputFile::attribute(const std::string& object, const std::string& name, std::vector<std::int64_t> values) {
  const auto bytes = values.size() * sizeof(std::int64_t);
  add(bytes, [object, name, values = std::move(values)](hid_t file, const Hdf5Context& context) {
    set_attribute(file, object, name, std::span<const std::int64_t>(values), context);
  });
}

void OutputFile::attribute(const std::string& object, const std::string& name, double value) {
  add(sizeof value, [=](hid_t file, const Hdf5Context& context) { set_attribute(file, object, name, value, context); });
}

std::vector<std::int64_t> OutputFile::lay_out(const std::string& temporary) const {
  std::int64_t bytes = small_bytes_ + page;
  for (const auto& array : arrays_) bytes += array.total * array.row_bytes + 2 * page;
  const Hdf5Context context{sdk::ErrorKind::output, temporary, {}};
  Handle file = create_reserved(context, bytes);
  std::vector<std::int64_t> offsets;
  for (const auto& array : arrays_) offsets.push_back(create_contiguous(file.get(), array, context));
  for (const auto& step : steps_) step(file.get(), context);
  close_written(file, context);
  release_space(temporary);
  return offsets;
}

void OutputFile::commit(Ending ending) {
  const std::string temporary = comm_.broadcast(temporary_of(path_));
  place_rows(comm_, arrays_);
  try {
    std::vector<std::int64_t> offsets(arrays_.size());
    base::agree(comm_, [&] {
      if (comm_.is_root()) offsets = lay_out(temporary);
    });
    comm_.broadcast(offsets.data(), offsets.size() * sizeof(std::int64_t));

    base::agree(comm_, [&] {
      std::vector<Block> blocks;
      for (std::size_t i = 0; i < arrays_.size(); ++i) {
        const auto& array = arrays_[i];
        if (array.count > 0) blocks.push_back({offsets[i] + array.first * array.row_bytes, array.bytes});
      }
      if (blocks.empty()) return;
      write_blocks(temporary, blocks);
      if (ending == Ending::checksum) flush_to_disk(temporary);
    });
    base::agree(comm_, [&] {
      if (!comm_.is_root()) return;
      if (ending == Ending::checksum) {
        append_checksum(temporary);
        flush_to_disk(temporary);
      }
      publish(temporary, path_);
      if (ending == Ending::checksum) flush_to_disk(folder_of(path_));
    });
  } catch (...) {
    if (comm_.is_root()) ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace ansatz::io
