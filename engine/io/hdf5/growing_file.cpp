#include "engine/io/hdf5/growing_file.hpp"

#include <algorithm>

namespace ansatz::io {
namespace {

constexpr std::int64_t slack = 1 << 18;
constexpr std::int64_t shared_bytes = 1 << 20;  // of a chunk of several appends

Handle create_chunked(hid_t file, const LocalRows& array, std::int64_t chunk_rows, const Hdf5Context& context) {
  const int rank = array.columns == 0 ? 1 : 2;
  const hsize_t extents[2] = {0, hsize_t(array.columns)}, limits[2] = {H5S_UNLIMITED, hsize_t(array.columns)};
  const hsize_t chunk[2] = {hsize_t(chunk_rows), hsize_t(array.columns)};
  const Handle space = checked(H5Screate_simple(rank, extents, limits), context, "cannot make a dataspace");
  const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), context, "cannot make dataset properties");
  check(H5Pset_chunk(properties.get(), rank, chunk), context, "cannot set the chunk");
  check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), context, "cannot set dataset properties");
  check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), context, "cannot set dataset properties");
  return checked(H5Dcreate2(file, array.path.c_str(), array.type, space.get(), with_parents().get(), properties.get(),
                            H5P_DEFAULT),
                 context, "cannot create the dataset");
}

}  // namespace

void GrowingFile::create(std::size_t bytes, const Finish& finish) {
  base::agree(comm_, [&] {
    if (!comm_.is_root()) return;
    const Hdf5Context context{sdk::ErrorKind::output, temporary_of(path_), {}};
    Handle file = create_reserved(context, slack + static_cast<std::int64_t>(bytes));
    finish(file.get(), context);
    close_written(file, context);
    release_space(context.file);
    publish(context.file, path_);
  });
  extents_.clear();
}

std::int64_t GrowingFile::num_rows(const std::string& dataset) const {
  const auto found = extents_.find(dataset);
  return found == extents_.end() ? 0 : found->second.rows;
}

GrowingFile::Extent GrowingFile::extent_of(const LocalRows& array) const {
  constexpr std::int64_t largest = std::int64_t{1} << 30;
  const auto found = extents_.find(array.path);
  if (found != extents_.end()) return found->second;
  const auto rows = std::clamp(array.total, std::int64_t{1}, std::max<std::int64_t>(largest / array.row_bytes, 1));
  return {0, rows * std::clamp<std::int64_t>(shared_bytes / (rows * array.row_bytes), 1, appends_per_chunk_)};
}

void GrowingFile::run(const Finish& finish) const {
  const Hdf5Context context{sdk::ErrorKind::output, path_, {}};
  reserve_space(path_, file_bytes(path_), slack);
  Handle file = open_for_writing(context);
  finish(file.get(), context);
  close_written(file, context);
  release_space(path_);
}

std::vector<GrowingFile::Chunk> GrowingFile::extend(hid_t file, const LocalRows& array,
                                                    const Hdf5Context& context) const {
  const auto place = context.at(array.path);
  const Handle dataset = has_object(file, array.path) ? checked(H5Dopen2(file, array.path.c_str(), H5P_DEFAULT), place,
                                                                "cannot open the dataset")
                                                      : create_chunked(file, array, extent_of(array).chunk_rows, place);
  const auto [first, chunk_rows, last] = extent_of(array);
  const hsize_t extents[2] = {hsize_t(first + array.total), hsize_t(array.columns)};
  check(H5Dset_extent(dataset.get(), extents), place, "cannot extend the dataset");
  std::vector<Chunk> chunks;
  for (std::int64_t row = first / chunk_rows * chunk_rows; row < first + array.total; row += chunk_rows) {
    if (row == last.first_row) {
      chunks.push_back(last);
      continue;
    }
    const hsize_t origin[2] = {hsize_t(row), 0};
    unsigned filters = 0;
    haddr_t offset = HADDR_UNDEF;
    hsize_t bytes = 0;
    check(H5Dget_chunk_info_by_coord(dataset.get(), origin, &filters, &offset, &bytes), place, "cannot find a chunk");
    if (offset == HADDR_UNDEF) place.fail("a chunk has no place in the file");
    chunks.push_back({row, chunk_rows, static_cast<std::int64_t>(offset)});
  }
  return chunks;
}

void GrowingFile::extend(std::span<const LocalRows> arrays, std::vector<std::vector<Chunk>>& chunks) const {
  const Hdf5Context context{sdk::ErrorKind::output, path_, {}};
  std::int64_t bytes = slack;
  for (const auto& array : arrays) {
    const auto [rows, chunk, last] = extent_of(array);
    bytes +=
        ((rows + array.total + chunk - 1) / chunk - (rows + chunk - 1) / chunk) * chunk * array.row_bytes + (1 << 14);
  }
  reserve_space(path_, file_bytes(path_), bytes);
  Handle file = open_for_writing(context);
  for (std::size_t i = 0; i < arrays.size(); ++i) chunks[i] = extend(file.get(), arrays[i], context);
  close_written(file, context);
  release_space(path_);
}

void GrowingFile::commit(std::vector<LocalRows> arrays, const Finish& finish, std::int64_t appends_per_chunk) {
  appends_per_chunk_ = appends_per_chunk;
  place_rows(comm_, arrays);
  std::vector<std::vector<Chunk>> chunks(arrays.size());
  base::agree(comm_, [&] {
    if (comm_.is_root()) extend(arrays, chunks);
  });
  for (auto& list : chunks) {
    list.resize(static_cast<std::size_t>(comm_.sum(static_cast<std::int64_t>(list.size()))));
    comm_.broadcast(list.data(), list.size() * sizeof(Chunk));
  }
  base::agree(comm_, [&] {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      const auto& array = arrays[i];
      const std::int64_t first = num_rows(array.path) + array.first, end = first + array.count;
      for (const auto& chunk : chunks[i]) {
        const auto from = std::max(first, chunk.first_row), to = std::min(end, chunk.first_row + chunk.num_rows);
        if (from >= to) continue;
        blocks.push_back({chunk.offset + (from - chunk.first_row) * array.row_bytes,
                          array.bytes.subspan((from - first) * array.row_bytes, (to - from) * array.row_bytes)});
      }
    }
    if (!blocks.empty()) write_blocks(path_, blocks);
  });
  base::agree(comm_, [&] {
    if (comm_.is_root()) run(finish);
  });
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const auto before = extent_of(arrays[i]);
    extents_[arrays[i].path] = {before.rows + arrays[i].total, before.chunk_rows,
                                chunks[i].empty() ? before.last : chunks[i].back()};
  }
}

template <class T>
void set_entry(hid_t file, const std::string& dataset, std::int64_t index, T value, const Hdf5Context& context) {
  const auto place = context.at(dataset);
  constexpr hsize_t chunk = 512;
  const hsize_t nothing = 0, unlimited = H5S_UNLIMITED, one = 1;
  Handle handle;
  if (has_object(file, dataset)) {
    handle = checked(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), place, "cannot open the dataset");
  } else {
    const Handle space = checked(H5Screate_simple(1, &nothing, &unlimited), place, "cannot make a dataspace");
    const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), place, "cannot make dataset properties");
    check(H5Pset_chunk(properties.get(), 1, &chunk), place, "cannot set the chunk");
    handle = checked(H5Dcreate2(file, dataset.c_str(), memory_type<T>(), space.get(), with_parents().get(),
                                properties.get(), H5P_DEFAULT),
                     place, "cannot create the dataset");
  }
  const hsize_t size = hsize_t(index) + 1, start = index;
  check(H5Dset_extent(handle.get(), &size), place, "cannot extend the dataset");
  const Handle space = checked(H5Dget_space(handle.get()), place, "cannot read the shape");
  check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &start, nullptr, &one, nullptr), place, "cannot select");
  const Handle memory = checked(H5Screate_simple(1, &one, nullptr), place, "cannot make a dataspace");
  check(H5Dwrite(handle.get(), memory_type<T>(), memory.get(), space.get(), H5P_DEFAULT, &value), place,
        "cannot write the dataset");
}

template void set_entry(hid_t, const std::string&, std::int64_t, double, const Hdf5Context&);
template void set_entry(hid_t, const std::string&, std::int64_t, std::int64_t, const Hdf5Context&);

}  // namespace ansatz::io
