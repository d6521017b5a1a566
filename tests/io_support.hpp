#pragma once
/// What the tests of output share: a folder that disappears, a chain of line cells, HDF5 reads of their own.

#include <hdf5.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>

#include "ansatz/sdk/visual.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::test {

/// A fresh folder, the same on all ranks, removed at the end. *Collective.*
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const base::Communicator& comm) : comm_(comm) {
    std::string made = (std::filesystem::temp_directory_path() / "ansatz-test-XXXXXX").string();
    if (comm_.is_root() && mkdtemp(made.data()) == nullptr) made.clear();
    path_ = comm_.broadcast(made);
  }
  ~TemporaryFolder() {
    comm_.barrier();
    std::error_code ignored;
    if (comm_.is_root()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  base::Communicator comm_;
  std::string path_;
};

/// Cells first … end - 1 of a chain of line cells; point i lies at (i/10, 2, 3) and has the key (i, i + 7).
inline sdk::VisualMesh chain(std::int64_t first, std::int64_t end) {
  sdk::VisualMesh mesh;
  for (std::int64_t i = first; i <= end && first < end; ++i) {
    mesh.points.insert(mesh.points.end(), {0.1 * static_cast<double>(i), 2.0, 3.0});
    mesh.point_keys.insert(mesh.point_keys.end(), {i, i + 7});
  }
  for (std::int64_t c = 0; c < end - first; ++c) {
    mesh.connectivity.insert(mesh.connectivity.end(), {c, c + 1});
    mesh.offsets.push_back(2 * (c + 1));
    mesh.types.push_back(3);
    mesh.cell_ids.push_back(first + c);
  }
  return mesh;
}

/// The part of a chain of `cells` cells that this rank has; the odd ranks are empty unless there is just one rank.
inline sdk::VisualMesh chain_part(const base::Communicator& comm, std::int64_t cells) {
  const int busy = (comm.size() + 1) / 2;
  if (comm.rank() % 2 == 1) return chain(0, 0);
  return chain(cells * (comm.rank() / 2) / busy, cells * (comm.rank() / 2 + 1) / busy);
}

inline double value_at(std::int64_t point, double time, int component) {
  return std::sin(static_cast<double>(point)) + 10.0 * time + 100.0 * component;
}

/// Values of value_at() at the mesh's points, shape (num_points, components).
inline std::vector<double> point_values(const sdk::VisualMesh& mesh, double time, int components) {
  std::vector<double> values;
  for (std::int64_t p = 0; p < mesh.num_points(); ++p) {
    for (int c = 0; c < components; ++c) values.push_back(value_at(mesh.point_keys[2 * p], time, c));
  }
  return values;
}

/// A whole dataset of numbers, read with plain HDF5 calls.
inline std::vector<double> raw_dataset(const std::string& path, const std::string& name) {
  std::vector<double> values;
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return values;
  const hid_t dataset = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  if (dataset >= 0) {
    const hid_t space = H5Dget_space(dataset);
    values.resize(H5Sget_simple_extent_npoints(space));
    if (!values.empty()) H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Sclose(space);
    H5Dclose(dataset);
  }
  H5Fclose(file);
  return values;
}

/// The error that `work` throws, or nothing.
template <class Work>
std::optional<sdk::Error> error_of(const Work& work) {
  try {
    work();
  } catch (const sdk::Error& error) {
    return error;
  }
  return {};
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace ansatz::test
