#include "msh_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "ansatz/sdk/error.hpp"

namespace ansatz::gmsh {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

[[noreturn]] void fail_truncated(const std::string& what, const std::string& path) {
  fail(fmt::format("the mesh file is truncated: {}", what), path, "copy it again or let Gmsh write it again");
}

/// The text after the line `$name`, empty where there is no such section or no end of it.
std::string_view section(std::string_view file, const std::string& name, const std::string& path) {
  const std::string begin = "$" + name;
  const std::string end = "$End" + name;
  auto first = file.find(begin + "\n");
  if (first == file.npos) first = file.find(begin + "\r\n");
  if (first == file.npos) fail_truncated(fmt::format("it has no section {}", begin), path);
  first = file.find('\n', first) + 1;
  const auto last = file.rfind(end);
  if (last == file.npos || last < first)
    fail_truncated(fmt::format("section {} does not end with {}", begin, end), path);
  return file.substr(first, last - first);
}

/// Entry `index` of the head of a version-4 section: four unsigned 64-bit numbers or a line of text.
std::int64_t head_entry(std::string_view text, bool binary, int index, const std::string& path) {
  if (binary) {
    std::array<std::uint64_t, 4> head{};
    if (text.size() < sizeof(head)) fail_truncated("the head of a section is incomplete", path);
    std::memcpy(head.data(), text.data(), sizeof(head));
    return static_cast<std::int64_t>(head[index]);
  }
  std::istringstream line{std::string(text.substr(0, text.find('\n')))};
  std::int64_t value = -1;
  for (int i = 0; i <= index; ++i) line >> value;
  if (!line || value < 0) fail("the head of a section is not a count", path, "let Gmsh write the file again");
  return value;
}

}  // namespace

MshCounts inspect_msh(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  if (!file.starts_with("$MeshFormat")) {
    fail("this is not a Gmsh mesh: it does not begin with $MeshFormat", path,
         "files of Gmsh 1 and other formats must be converted, for example with gmsh -format msh41");
  }
  std::istringstream format{std::string(section(file, "MeshFormat", path).substr(0, 64))};
  MshCounts counts;
  int binary = 0, data_size = 0;
  format >> counts.version >> binary >> data_size;
  counts.binary = binary != 0;
  const bool version_4 = counts.version >= 4.1;
  if (!format || !((counts.version >= 2.0 && counts.version < 3.0) || (version_4 && counts.version < 5.0))) {
    fail(fmt::format("MSH version {} is not supported", counts.version), path, "save as version 2.2 or 4.1 in Gmsh");
  }
  if (counts.binary) {
    format.get();
    std::int32_t one = 0;
    format.read(reinterpret_cast<char*>(&one), sizeof(one));
    if (one != 1) fail("the binary mesh was written with another byte order", path, "save it as ASCII in Gmsh");
  }
  const auto nodes = section(file, "Nodes", path);
  const auto elements = section(file, "Elements", path);
  counts.num_nodes = head_entry(nodes, counts.binary && version_4, version_4 ? 1 : 0, path);
  counts.num_elements = head_entry(elements, counts.binary && version_4, version_4 ? 1 : 0, path);
  return counts;
}

}  // namespace ansatz::gmsh
