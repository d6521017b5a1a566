#include "exodus_reader.hpp"

#include <fmt/format.h>
#include <vtk_exodusII.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>

#include "ansatz/sdk/error.hpp"
#include "exodus_elements.hpp"
#include "netcdf_file.hpp"

namespace ansatz::vtk {
namespace {

using Integers = std::vector<std::int64_t>;

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

/// An open file; the library is told to give doubles and 64-bit integers whatever the file has.
class File {
 public:
  explicit File(std::string path) : path_(std::move(path)) {
    ex_opts(0);
    int doubles = 8;
    float version = 0.0F;
    id_ = ex_open(path_.c_str(), EX_READ, &doubles, &stored_bytes_, &version);
    if (id_ < 0) fail("this is not an Exodus file", path_, "the file may be truncated, or another kind of netCDF file");
    ex_set_int64_status(id_, EX_ALL_INT64_API);
    name_length_ = static_cast<int>(std::max<std::int64_t>(ex_inquire_int(id_, EX_INQ_DB_MAX_ALLOWED_NAME_LENGTH), 32));
    ex_set_max_name_length(id_, name_length_);
  }
  ~File() { ex_close(id_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool single_precision() const { return stored_bytes_ == 4; }
  std::int64_t count(ex_inquiry what) const {
    const auto number = ex_inquire_int(id_, what);
    if (number < 0) fail("the counts of the file cannot be read", path_, "the file may be damaged: write it again");
    return number;
  }

  /// Shape (num_points, 3).
  std::vector<double> points() const {
    const auto num_points = static_cast<std::size_t>(count(EX_INQ_NODES));
    std::array<std::vector<double>, 3> x;
    for (auto& coordinate : x) coordinate.resize(num_points, 0.0);
    check(ex_get_coord(id_, x[0].data(), x[1].data(), x[2].data()), "the coordinates");
    std::vector<double> points(3 * num_points);
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = x[i % 3][i / 3];
    return points;
  }

  Integers ids(ex_entity_type kind, ex_inquiry number) const {
    Integers ids(static_cast<std::size_t>(count(number)));
    if (!ids.empty()) check(ex_get_ids(id_, kind, ids.data()), "the numbers of its parts");
    return ids;
  }

  /// Name of a part, or "prefix_<id>".
  std::string name(ex_entity_type kind, std::int64_t id, const char* prefix) const {
    std::string name(static_cast<std::size_t>(name_length_) + 1, '\0');
    if (ex_get_name(id_, kind, id, name.data()) < 0) name.clear();
    name.resize(std::min(name.find('\0'), name.size()));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    return name.empty() ? fmt::format("{}_{}", prefix, id) : name;
  }

  ex_block block(std::int64_t id) const {
    ex_block block{};
    block.id = id;
    block.type = EX_ELEM_BLOCK;
    check(ex_get_block_param(id_, &block), fmt::format("element block {}", id));
    return block;
  }

  /// Shape (elements, nodes per element), counted from 0.
  Integers connectivity(const ex_block& block) const {
    Integers nodes(static_cast<std::size_t>(block.num_entry * block.num_nodes_per_entry));
    check(ex_get_conn(id_, EX_ELEM_BLOCK, block.id, nodes.data(), nullptr, nullptr),
          fmt::format("element block {}", block.id));
    for (auto& node : nodes) --node;
    return nodes;
  }

  /// Elements and sides, or nodes, of a set, counted from 1.
  std::array<Integers, 2> set(ex_entity_type kind, std::int64_t id) const {
    std::int64_t num_entries = 0, num_factors = 0;
    check(ex_get_set_param(id_, kind, id, &num_entries, &num_factors), fmt::format("set {}", id));
    std::array<Integers, 2> out;
    out[0].resize(static_cast<std::size_t>(num_entries));
    if (kind == EX_SIDE_SET) out[1].resize(out[0].size());
    if (num_entries > 0)
      check(ex_get_set(id_, kind, id, out[0].data(), kind == EX_SIDE_SET ? out[1].data() : nullptr),
            fmt::format("set {}", id));
    return out;
  }

 private:
  void check(int status, const std::string& what) const {
    if (status < 0) fail(fmt::format("{} cannot be read", what), path_, "the file may be damaged: write it again");
  }

  std::string path_;
  int id_ = -1, stored_bytes_ = 0, name_length_ = 32;
};

/// An element block and where its elements are in the numbering of the file.
struct Block {
  std::string name;
  Element element;
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t width = 0;
  Integers nodes;

  std::span<const std::int64_t> nodes_of(std::int64_t e) const { return std::span(nodes).subspan(e * width, width); }
};

struct SideSet {
  std::string name;
  Integers elements, sides;
};

/// Turns an open file into a mesh.
class Conversion {
 public:
  Conversion(const File& file, std::string path)
      : file_(file), path_(std::move(path)), mesh_(path_, file.single_precision() ? 0x1p-24 : 0x1p-53) {}

  sdk::RawMesh run() {
    mesh_.points() = file_.points();
    read_blocks();
    for (const auto& block : blocks_) {
      block.element.dimension == dimension_ ? add_cells(block) : add_lower(block);
    }
    add_side_sets();
    for (const auto id : file_.ids(EX_NODE_SET, EX_INQ_NODE_SETS)) add_node_set(id);
    return mesh_.finish();
  }

 private:
  void read_blocks() {
    std::int64_t first = 0;
    for (const auto id : file_.ids(EX_ELEM_BLOCK, EX_INQ_ELEM_BLK)) {
      const auto parameters = file_.block(id);
      if (parameters.num_entry == 0) continue;
      Block block{file_.name(EX_ELEM_BLOCK, id, "block"),
                  element(parameters.topology, static_cast<int>(parameters.num_nodes_per_entry)),
                  first,
                  parameters.num_entry,
                  parameters.num_nodes_per_entry,
                  {}};
      first += block.count;
      if (block.element.cell || block.element.dimension == 0) block.nodes = file_.connectivity(parameters);
      dimension_ = std::max(dimension_, block.element.dimension);
      blocks_.push_back(std::move(block));
    }
    if (dimension_ == 0) fail("the file has no elements", path_);
    for (const auto& block : blocks_) {
      if (block.element.dimension < dimension_ || block.element.cell) continue;
      fail(fmt::format("elements of type {} (block \"{}\") are not supported", block.element.name, block.name), path_,
           sdk::cell_plurals() + " are");
    }
  }

  void add_cells(const Block& block) {
    const int type = mesh_.add_type(*block.element.cell);
    for (std::int64_t e = 0; e < block.count; ++e) mesh_.put_in(mesh_.add_cell(type, block.nodes_of(e)), block.name);
  }

  /// Elements below the dimension of the cells are a set.
  void add_lower(const Block& block) {
    const auto corners = static_cast<std::size_t>(block.element.num_corners());
    if (corners == 0)
      return mesh_.refuse_set(block.name, fmt::format("it has elements of type {}", block.element.name));
    for (std::int64_t e = 0; e < block.count; ++e) {
      mesh_.add_entity(block.name, block.element.dimension, block.nodes_of(e).first(corners));
    }
  }

  /// The block of an element and its number there, or null.
  std::pair<const Block*, std::int64_t> find(std::int64_t element) const {
    const auto after = std::ranges::upper_bound(blocks_, element - 1, {}, &Block::first);
    if (after == blocks_.begin() || element < 1) return {nullptr, 0};
    const auto& block = *std::prev(after);
    const auto e = element - 1 - block.first;
    return e < block.count ? std::pair{&block, e} : std::pair<const Block*, std::int64_t>{nullptr, 0};
  }

  void add_side_sets() {
    std::vector<SideSet> sets;
    for (const auto id : file_.ids(EX_SIDE_SET, EX_INQ_SIDE_SETS)) {
      auto [elements, sides] = file_.set(EX_SIDE_SET, id);
      sets.push_back({file_.name(EX_SIDE_SET, id, "side_set"), std::move(elements), std::move(sides)});
    }
    const bool has_faces = shells_have_faces(sets);
    for (const auto& set : sets) add_side_set(set, has_faces);
  }

  void add_side_set(const SideSet& set, bool has_faces) {
    if (set.elements.empty()) mesh_.add_set(set.name, dimension_ - 1);
    std::vector<std::pair<int, Integers>> found;
    for (std::size_t i = 0; i < set.elements.size(); ++i) {
      const auto [block, e] = find(set.elements[i]);
      if (block == nullptr)
        return mesh_.refuse_set(set.name,
                                fmt::format("it names element {}, which the file does not have", set.elements[i]));
      const auto corners = side_corners(block->element, set.sides[i], has_faces);
      const int dimension = dimension_of_side(*block, corners.size());
      if (corners.empty()) {
        return mesh_.refuse_set(
            set.name, fmt::format("it names side {} of an element of type {}", set.sides[i], block->element.name));
      }
      if (dimension == dimension_) {
        return mesh_.refuse_set(
            set.name,
            fmt::format("it has faces of elements of type {}, which are the cells themselves", block->element.name));
      }
      auto& points = found.emplace_back(dimension, Integers()).second;
      for (const int v : corners) points.push_back(block->nodes_of(e)[v]);
    }
    for (const auto& [dimension, points] : found) mesh_.add_entity(set.name, dimension, points);
  }

  static int dimension_of_side(const Block& block, std::size_t num_corners) {
    if (block.element.dimension == 2) return static_cast<int>(num_corners) == block.element.num_corners() ? 2 : 1;
    return block.element.dimension - 1;
  }

  /// Whether sides 1 and 2 of flat elements are their faces, as the format has it for shells and for triangles in
  /// space. Writers that know no shells count the edges from 1 there too. A side beyond the edges tells. Where there is
  /// none, shells have faces, unless they are the cells and all their sides, taken as edges, lie on the outside; other
  /// elements have none.
  bool shells_have_faces(const std::vector<SideSet>& sets) const {
    if (file_.count(EX_INQ_DIM) < 3) return false;
    std::vector<std::array<std::int64_t, 2>> named;
    bool beyond = false, is_shell = false;
    for (const auto& set : sets) {
      for (std::size_t i = 0; i < set.elements.size(); ++i) {
        const auto [block, e] = find(set.elements[i]);
        if (block == nullptr || block->element.dimension != 2 || !block->element.cell) continue;
        beyond = beyond || set.sides[i] > block->element.num_sides();
        is_shell = is_shell || block->element.is_shell;
        named.push_back(edge(*block, e, set.sides[i]));
      }
    }
    return beyond || (is_shell && (dimension_ == 3 || !all_outside(named)));
  }

  /// Whether each of these edges belongs to one element only.
  bool all_outside(const std::vector<std::array<std::int64_t, 2>>& named) const {
    std::vector<std::array<std::int64_t, 2>> edges;
    for (const auto& block : blocks_) {
      if (block.element.dimension != 2 || !block.element.cell) continue;
      for (std::int64_t e = 0; e < block.count; ++e) {
        for (int side = 1; side <= block.element.num_sides(); ++side) edges.push_back(edge(block, e, side));
      }
    }
    std::ranges::sort(edges);
    return std::ranges::all_of(named, [&](const auto& one) {
      const auto [first, last] = std::ranges::equal_range(edges, one);
      return last - first == 1;
    });
  }

  static std::array<std::int64_t, 2> edge(const Block& block, std::int64_t e, std::int64_t side) {
    const auto corners = side_corners(block.element, side, false);
    if (corners.size() != 2) return {-1, -1};
    const auto [a, b] = std::minmax(block.nodes_of(e)[corners[0]], block.nodes_of(e)[corners[1]]);
    return {a, b};
  }

  void add_node_set(std::int64_t id) {
    const auto name = file_.name(EX_NODE_SET, id, "node_set");
    const auto nodes = file_.set(EX_NODE_SET, id)[0];
    mesh_.add_set(name, 0);
    for (const auto node : nodes) mesh_.add_entity(name, 0, std::array{node - 1});
  }

  const File& file_;
  std::string path_;
  sdk::MeshBuilder mesh_;
  std::vector<Block> blocks_;
  int dimension_ = 0;
};

}  // namespace

std::vector<std::string> ExodusReader::extensions() const { return {".e", ".exo", ".ex2", ".exii"}; }

sdk::RawMesh ExodusReader::read(const std::string& path, const sdk::MeshReaderOptions&) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    fail("there is no such mesh file, or it cannot be read", path, "paths in a case are relative to the case file");
  }
  require_whole_netcdf(path);
  const File file(path);
  return Conversion(file, path).run();
}

}  // namespace ansatz::vtk
