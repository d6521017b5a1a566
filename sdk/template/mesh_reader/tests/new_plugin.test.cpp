#include "new_plugin.hpp"

#include <ansatz/sdk/error.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

namespace {

/// Reads a mesh from a file that holds `text`.
ansatz::sdk::RawMesh read(const std::string& text) {
  const std::string path = "test.new_plugin";
  std::ofstream(path) << text;
  return NewPlugin().read(path, {});
}

const std::string triangle = "points 3\n0 0\n2 0\n0 1\ntriangles 1\n0 1 2\nline base 1\n0 1\n";

}  // namespace

TEST_CASE("points, cells and boundaries are read") {
  const auto mesh = read(triangle + "end\n");
  CHECK(mesh.points == std::vector<double>{0, 0, 0, 2, 0, 0, 0, 1, 0});
  CHECK(mesh.cells == std::vector<std::int64_t>{0, 1, 2});
  CHECK(mesh.sets.at("base").vertices == std::vector<std::int64_t>{0, 1});
}

TEST_CASE("a file that is missing, cut off or wrong is an error") {
  CHECK_THROWS_AS(NewPlugin().read("missing.new_plugin", {}), ansatz::sdk::Error);
  CHECK_THROWS_AS(read(""), ansatz::sdk::Error);
  CHECK_THROWS_AS(read(triangle), ansatz::sdk::Error);
  CHECK_THROWS_AS(read("points 1000000000000\n0 0\n"), ansatz::sdk::Error);
  CHECK_THROWS_AS(read("points 3\n0 0\n2 0\n0 one\ntriangles 1\n0 1 2\nend\n"), ansatz::sdk::Error);
  CHECK_THROWS_AS(read("points 3\n0 0\n2 0\n0 1\ntriangles 1\n0 1 7\nend\n"), ansatz::sdk::Error);
}
