#include "engine/io/fields/xdmf_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/property_tree/xml_parser.hpp>
#include <filesystem>
#include <map>
#include <ranges>
#include <set>
#include <sstream>

#include "engine/io/hdf5/disk.hpp"
#include "engine/io/visualisation/result_file.hpp"
#include "engine/io/visualisation/xdmf.hpp"

namespace ansatz::io {
namespace {

using Element = boost::property_tree::ptree;

constexpr int deepest = 100;  // elements inside of each other; the parser calls itself

std::string attribute(const Element& element, const std::string& name, const std::string& otherwise = {}) {
  return element.get("<xmlattr>." + name, otherwise);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

template <class T>
std::vector<T> numbers(const std::string& text) {
  std::istringstream in(text);
  std::vector<T> values;
  for (T value; in >> value;) values.push_back(value);
  return values;
}

/// One step, with the grids that are its parts.
struct Step {
  std::optional<double> time;
  std::vector<const Element*> grids;
};

/// Reads one file.
class Document {
 public:
  explicit Document(const std::string& path) : path_(path) {
    const std::string text = read_text_file(path);
    check_depth(text);
    try {
      std::istringstream in(text);
      boost::property_tree::read_xml(in, root_);
    } catch (const boost::property_tree::xml_parser_error& error) {
      refuse(fmt::format("is not well-formed XML: {} in line {}", error.message(), error.line()));
    }
    const auto domain = root_.get_child_optional("Xdmf.Domain");
    if (!domain) refuse("is not an XDMF file: it has no Domain");
    domain_ = &*domain;
  }

  FieldFile field(const std::string& name, std::optional<double> time) const {
    std::vector<Step> steps;
    for (const auto& [tag, grid] : *domain_) {
      if (tag == "Grid") collect(grid, {}, steps);
    }
    std::set<std::string> known;
    std::erase_if(steps, [&](const Step& step) {
      return std::ranges::none_of(step.grids,
                                  [&](const Element* grid) { return find_field(*grid, name, known) != nullptr; });
    });
    if (steps.empty()) {
      refuse(fmt::format("there is no point field \"{}\"", name),
             known.empty() ? "the file has no such fields" : fmt::format("it has: {}", fmt::join(known, ", ")));
    }
    std::vector<double> times;
    for (const auto& step : steps) times.push_back(step.time.value_or(time && steps.size() == 1 ? *time : 0.0));
    const auto& step = steps[pick_step(times, time, path_)];
    FieldFile out;
    out.path = path_;
    out.components = 0;
    for (const auto* grid : step.grids) {
      if (const auto* field = find_field(*grid, name, known)) add_part(*grid, *field, out);
    }
    set_cell_type(out);
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& what,
                           const std::string& hint = "see the documentation of [data] for what can be read") const {
    throw sdk::Error(sdk::ErrorKind::state, what, path_, hint);
  }

  void check_depth(const std::string& text) const {
    int depth = 0;
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; ++at) {
      const auto end = text.find('>', at);
      if (end == std::string::npos) return;
      if (text[at + 1] == '/')
        --depth;
      else if (text[at + 1] != '?' && text[at + 1] != '!' && text[end - 1] != '/')
        ++depth;
      if (depth > deepest) refuse("has more than 100 elements inside of each other");
    }
  }

  static std::optional<double> time_of(const Element& grid) {
    const auto value = grid.get_optional<double>("Time.<xmlattr>.Value");
    return value ? std::optional(*value) : std::nullopt;
  }

  /// Adds the steps of a grid: one, or those of a collection in time.
  void collect(const Element& grid, std::optional<double> time, std::vector<Step>& steps) const {
    if (const auto own = time_of(grid)) time = own;
    const auto type = lower(attribute(grid, "GridType", "Uniform"));
    if (type == "uniform") {
      steps.push_back({time, {&grid}});
    } else if (type == "collection" && lower(attribute(grid, "CollectionType", "Spatial")) == "temporal") {
      for (const auto& [tag, child] : grid) {
        if (tag == "Grid") collect(child, time, steps);
      }
    } else if (type == "collection") {
      Step step{time, {}};
      std::vector<Step> parts;
      for (const auto& [tag, child] : grid) {
        if (tag == "Grid") collect(child, time, parts);
      }
      for (const auto& part : parts) {
        if (!step.time) step.time = part.time;
        step.grids.insert(step.grids.end(), part.grids.begin(), part.grids.end());
      }
      steps.push_back(std::move(step));
    } else {
      refuse(fmt::format("grids of type \"{}\" cannot be read", attribute(grid, "GridType")));
    }
  }

  const Element* find_field(const Element& grid, const std::string& name, std::set<std::string>& known) const {
    for (const auto& [tag, child] : grid) {
      if (tag != "Attribute" || lower(attribute(child, "Center", "Node")) != "node") continue;
      known.insert(attribute(child, "Name"));
      if (attribute(child, "Name") == name) return &child;
    }
    return nullptr;
  }

  /// The grid with this name, at any depth.
  static const Element* find_grid(const Element& parent, const std::string& name) {
    for (const auto& [tag, child] : parent) {
      if (tag != "Grid") continue;
      if (attribute(child, "Name") == name) return &child;
      if (const auto* inside = find_grid(child, name)) return inside;
    }
    return nullptr;
  }

  /// The grid that an XPointer such as //Grid[@Name="mesh"]/*[self::Topology or self::Geometry] is about; with Grid[1]
  /// after it, its first.
  const Element& included(const std::string& pointer) const {
    const auto at = pointer.find("@Name=");
    const Element* grid = nullptr;
    if (at != std::string::npos && at + 7 < pointer.size()) {
      const auto end = pointer.find(pointer[at + 6], at + 7);
      grid = find_grid(*domain_, pointer.substr(at + 7, end - at - 7));
    } else if (pointer.find("/Xdmf/Domain/Grid") != std::string::npos) {
      const auto first = domain_->find("Grid");
      if (first != domain_->not_found()) grid = &first->second;
    }
    if (grid != nullptr && pointer.find("]/Grid[1]") != std::string::npos) {
      const auto first = grid->find("Grid");
      grid = first != grid->not_found() ? &first->second : nullptr;
    }
    if (grid == nullptr) refuse(fmt::format("the grid of the reference {} was not found", pointer));
    return *grid;
  }

  /// The topology or geometry of a grid, its own or an included one.
  const Element& part_of(const Element& grid, const std::string& name) const {
    const auto own = grid.find(name);
    if (own != grid.not_found()) return own->second;
    for (const auto& [tag, child] : grid) {
      if (!tag.ends_with(":include") && tag != "include") continue;
      const auto& other = included(attribute(child, "xpointer"));
      const auto found = other.find(name);
      if (&other != &grid && found != other.not_found()) return found->second;
    }
    refuse(fmt::format("a grid has no {}", name));
  }

  std::shared_ptr<const InputFile> heavy(const std::string& name) const {
    auto& file = files_[name];
    if (!file) file = std::make_shared<const InputFile>((std::filesystem::path(path_).parent_path() / name).string());
    return file;
  }

  /// The data item of an element; `columns` 0: as many as make `rows` rows.
  Rows rows(const Element& parent, int columns, std::int64_t rows, double* spacing = nullptr) const {
    const auto item = parent.find("DataItem");
    if (item == parent.not_found()) refuse("a part of a grid has no DataItem");
    const auto& data = item->second;
    if (lower(attribute(data, "ItemType", "Uniform")) != "uniform" || !attribute(data, "Reference").empty()) {
      refuse("data items with references, functions and hyperslabs cannot be read");
    }
    const auto extents = numbers<std::int64_t>(attribute(data, "Dimensions"));
    std::int64_t size = extents.empty() ? 0 : 1;
    for (const auto extent : extents) {
      if (extent < 0 || (extent > 0 && size > (std::int64_t{1} << 48) / extent))
        refuse("a data item has impossible Dimensions");
      size *= extent;
    }
    if (columns == 0) columns = rows > 0 && size % rows == 0 ? static_cast<int>(size / rows) : 0;
    if (columns < 1 || columns > 1000 || rows * columns != size) {
      refuse(fmt::format("a data item of Dimensions {} does not fit the {} points or cells of its grid",
                         attribute(data, "Dimensions"), rows));
    }
    const bool single = attribute(data, "Precision", attribute(parent, "Precision", "4")) != "8";
    const auto format = lower(attribute(data, "Format", "XML"));
    if (format == "xml") {
      auto values = numbers<double>(data.data());
      if (static_cast<std::int64_t>(values.size()) != size)
        refuse(fmt::format("a data item has {} numbers instead of {}", values.size(), size));
      if (spacing != nullptr && single) *spacing = std::numeric_limits<float>::epsilon();
      return {std::move(values), columns};
    }
    if (format != "hdf")
      refuse(fmt::format("data items of the format \"{}\" cannot be read", attribute(data, "Format")));
    return in_hdf5(data.data(), columns, rows, spacing);
  }

  /// "file.h5:/dataset", or with "|start:stride:count:extents" after it.
  Rows in_hdf5(std::string text, int columns, std::int64_t rows, double* spacing) const {
    const auto begin = text.find_first_not_of(" \t\r\n");
    text = begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
    const auto colon = text.find(":/");
    if (colon == std::string::npos) refuse(fmt::format("\"{}\" names no dataset of an HDF5 file", text));
    const auto bar = text.find('|');
    const auto file = heavy(text.substr(0, colon));
    const auto dataset = text.substr(colon + 1, bar == std::string::npos ? bar : bar - colon - 1);
    std::int64_t first = 0;
    if (bar != std::string::npos) {
      std::vector<std::vector<std::int64_t>> slice;
      std::istringstream in(text.substr(bar + 1));
      for (std::string word; std::getline(in, word, ':');) slice.push_back(numbers<std::int64_t>(word));
      const bool fits = slice.size() >= 3 && !slice[0].empty() && slice[0][0] >= 0 &&
                        std::ranges::all_of(slice[0] | std::views::drop(1), [](auto start) { return start == 0; }) &&
                        std::ranges::all_of(slice[1], [](auto stride) { return stride == 1; });
      if (!fits) refuse(fmt::format("\"{}\" is not a range of whole rows", text));
      first = slice[0][0];
    }
    const auto shape = file->shape(dataset);
    std::int64_t entries = shape.empty() ? 0 : 1;
    for (const auto extent : shape) entries *= extent;
    const std::int64_t start = shape.size() == 1 ? first : first * columns;
    if (start > entries - rows * columns) refuse(fmt::format("\"{}\" has too few numbers", text));
    if (spacing != nullptr) *spacing = spacing_of(*file, dataset);
    return {file, dataset, columns, first};
  }

  void add_part(const Element& grid, const Element& field, FieldFile& out) const {
    const auto &topology = part_of(grid, "Topology"), &geometry = part_of(grid, "Geometry");
    const auto name = attribute(topology, "TopologyType", attribute(topology, "Type"));
    const int given = topology.get("<xmlattr>.NodesPerElement", 0);
    FieldPart part;
    part.cell_type = xdmf_cell_type(name, given);
    const int nodes = xdmf_nodes(name, given);
    if (part.cell_type == 0) {
      refuse(fmt::format("topologies of type \"{}\" cannot be read", name),
             sdk::cell_plurals() + " can, of one type, with the nodes of order 1 or all of order 2");
    }
    const auto count =
        numbers<std::int64_t>(attribute(topology, "NumberOfElements", attribute(topology, "Dimensions")));
    part.num_cells = count.empty() ? items(topology) / nodes : count.front();
    const auto kind = lower(attribute(geometry, "GeometryType", attribute(geometry, "Type", "XYZ")));
    if (kind != "xyz" && kind != "xy") refuse(fmt::format("geometries of type \"{}\" cannot be read", kind));
    const int dim = kind == "xyz" ? 3 : 2;
    part.num_points = items(geometry) / dim;
    double spacing = out.spacing;
    part.cells = rows(topology, nodes, part.num_cells);
    part.points = rows(geometry, dim, part.num_points, &spacing);
    part.values = rows(field, 0, part.num_points);
    out.spacing = std::max(out.spacing, spacing);
    if (out.components != 0 && out.components != part.values.columns())
      refuse("the field has other components in another part");
    out.components = part.values.columns();
    out.parts.push_back(std::move(part));
  }

  /// Numbers in the data item of an element.
  static std::int64_t items(const Element& parent) {
    std::int64_t size = 1;
    for (const auto extent : numbers<std::int64_t>(parent.get("DataItem.<xmlattr>.Dimensions", std::string("0")))) {
      size = extent < 0 || extent > (std::int64_t{1} << 48) / std::max<std::int64_t>(size, 1) ? 0 : size * extent;
    }
    return size;
  }

  std::string path_;
  Element root_;
  const Element* domain_ = nullptr;
  mutable std::map<std::string, std::shared_ptr<const InputFile>> files_;
};

}  // namespace

FieldFile open_xdmf(const std::string& path, const std::string& field, std::optional<double> time) {
  return Document(path).field(field, time);
}

}  // namespace ansatz::io
