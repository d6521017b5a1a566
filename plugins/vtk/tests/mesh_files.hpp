#pragma once
/// Mesh files of their own for the tests of the readers.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"
#include "exodus_reader.hpp"
#include "grid_reader.hpp"

namespace ansatz::vtk::tests {

using namespace ansatz::sdk;
namespace fs = std::filesystem;

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("ansatz_vtk_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  fs::path path_;
};

template <class Reader>
RawMesh read(const std::string& path) {
  return Reader().read(path, {});
}
inline const auto read_grid = read<GridReader>;
inline const auto read_exodus = read<ExodusReader>;

/// Message of the error of kind mesh that `read` throws; empty where it throws none.
inline std::string failure(RawMesh (*read)(const std::string&), const std::string& path) {
  try {
    read(path);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::mesh);
    CHECK(error.where() == path);
    return error.what();
  }
  return {};
}

inline bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

inline std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace ansatz::vtk::tests
