#pragma once
/// A mesh reader that gives one triangle of the size that it was made with.

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/plugin.hpp"

class TriangleReader final : public ansatz::sdk::MeshReader {
 public:
  explicit TriangleReader(double size, std::string extension) : size_(size), extension_(std::move(extension)) {}
  std::vector<std::string> extensions() const override { return {extension_}; }
  ansatz::sdk::RawMesh read(const std::string& path, const ansatz::sdk::MeshReaderOptions&) const override {
    if (path == "missing") throw ansatz::sdk::Error(ansatz::sdk::ErrorKind::mesh, "mesh file not found", path);
    ansatz::sdk::RawMesh mesh;
    mesh.points = {0, 0, 0, size_, 0, 0, 0, size_, 0};
    mesh.cells = {0, 1, 2};
    mesh.cell_region = {0};
    mesh.region_names = {"domain"};
    return mesh;
  }

 private:
  double size_;
  std::string extension_;
};
