// Keys of [mesh], and of what gives names to expressions: [parameters.NAME], [tables.NAME], [data.NAME].
#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/cell_types.hpp"
#include "engine/input/case_keys.hpp"

namespace ansatz::input {
namespace {

const std::vector<std::string> pattern_names{"right", "left", "crossed"};  // in the order of mesh::BoxPattern

}  // namespace

Keys<mesh::BoxOptions> box_keys() {
  using Box = mesh::BoxOptions;
  Keys<Box> keys;
  keys.numbers("origin", &Box::origin, sdk::any, "first corner").unit("m").by_default("0 in each direction");
  keys.numbers("size", &Box::size, sdk::positive, "lengths in each direction, as many as the space has dimensions")
      .unit("m")
      .entries(1, 3)
      .required("lengths in each direction, for example size = [1.0, 1.0]");
  keys.integers("cells", &Box::cells, 1, 1 << 24, "cells in each direction")
      .required("cells in each direction, for example cells = [32, 32]");
  keys.other(
      {.name = "cell",
       .type = KeyType::word,
       .doc = "type of the cells",
       .words = sdk::cell_names(),
       .initial = "interval, triangle or tetrahedron"},
      [](Section& section, Box& box) {
        const auto name = section.choice("cell", sdk::cell_names());
        if (name) box.cell = mesh::cell_type_from_name(*name);
        return name.has_value();
      },
      [](const Box& box) { return toml_string(mesh::topology(box.cell).name); });
  keys.other(
          {.name = "pattern",
           .type = KeyType::word,
           .doc = "how squares are cut into triangles",
           .words = pattern_names,
           .initial = "\"right\"",
           .is_value = true},
          [](Section& section, Box& box) {
            const auto name = section.choice("pattern", pattern_names);
            if (name)
              box.pattern =
                  static_cast<mesh::BoxPattern>(std::ranges::find(pattern_names, *name) - pattern_names.begin());
            return name.has_value();
          },
          [](const Box& box) { return toml_string(pattern_names[static_cast<std::size_t>(box.pattern)]); })
      .written_if([](const Box& box) { return box.cell == mesh::CellType::triangle; });
  keys.booleans("periodic", &Box::periodic, "directions in which the box repeats; at least 3 cells there")
      .by_default("false in each direction");
  for (std::size_t dim = 1; dim <= 3; ++dim) {
    std::vector<std::string> cells;
    for (const auto& shape : mesh::cell_shapes) {
      if (shape.dim == static_cast<int>(dim)) cells.emplace_back(shape.name);
    }
    const auto list = [&](const std::string& name, KeyType type) {
      return any_of({none_of({has(name)}), fits(name, {.name = name, .type = type, .least = dim, .most = dim})});
    };
    keys.rule(fits("size", {.name = "size", .type = KeyType::numbers, .least = dim, .most = dim}),
              all_of({list("cells", KeyType::numbers), list("origin", KeyType::numbers),
                      list("periodic", KeyType::booleans), any_of({none_of({has("cell")}), is("cell", cells)})}));
  }
  keys.rule(has("pattern"),
            any_of({is("cell", {"triangle"}),
                    all_of({none_of({has("cell")}),
                            fits("size", {.name = "size", .type = KeyType::numbers, .least = 2, .most = 2})})}));
  return keys;
}

Keys<MeshSpec> mesh_keys() {
  Keys<MeshSpec> keys;
  const auto has_file = [](const MeshSpec& mesh) { return !mesh.box; };
  keys.other(box_keys().table("box", "a box, or an interval or a rectangle; this or a file"), nullptr,
             [](const MeshSpec& mesh) -> std::optional<std::string> {
               if (!mesh.box) return std::nullopt;
               return box_keys().inline_table(*mesh.box);
             });
  keys.text("file", &MeshSpec::file, "a mesh file, relative to the case file")
      .written_if(has_file)
      .matching(".+", "give the name of a mesh file");
  keys.text("reader", &MeshSpec::reader, "name of a mesh reader")
      .by_default("that for the ending of the file")
      .written_if([](const MeshSpec& mesh) { return !mesh.reader.empty(); });
  keys.integer("geometry_degree", &MeshSpec::geometry_degree, 0, 2,
               "1: straight cells, 2: curved ones, where the file has them")
      .comment("0: as in the file")
      .written_if(has_file);
  keys.number("size_factor", &MeshSpec::size_factor, sdk::positive,
              "multiplies the cell sizes of a geometry that the reader meshes")
      .written_if(has_file);
  keys.integer("refine", &MeshSpec::refine, 0, 12, "uniform refinements");
  keys.number("scale", &MeshSpec::scale, sdk::positive, "multiplies all coordinates, for files in mm 0.001");
  keys.other({.name = "map",
              .type = KeyType::values,
              .doc = "new coordinates, expressions of x, y, z and parameters",
              .least = 1,
              .most = 3},
             nullptr, [](const MeshSpec& mesh) -> std::optional<std::string> {
               if (!mesh.map) return std::nullopt;
               return toml_value(*mesh.map);
             });
  keys.rule(one_of({has("box"), has("file")}));
  keys.rule(any_of(has_each({"reader", "geometry_degree", "size_factor"})), has("file"));
  return keys;
}

Keys<ParameterSpec> parameter_keys() {
  using P = ParameterSpec;
  Keys<P> keys;
  keys.other({.name = "range",
              .type = KeyType::numbers,
              .doc = "[low, high]: the admissible values",
              .least = 2,
              .most = 2},
             nullptr, [](const P& p) { return fmt::format("[{}, {}]", toml_number(p.low), toml_number(p.high)); })
      .required("the admissible values, for example range = [0.1, 1.0]");
  keys.number("default", &P::initial, sdk::any, "the value that is used unless another is set")
      .required("the value that is used unless another is set");
  keys.boolean("extrapolate", &P::extrapolate, "the default may be outside of the range").written_if([](const P& p) {
    return p.extrapolate;
  });
  keys.boolean("logarithmic", &P::logarithmic, "samples are even in the logarithm").written_if([](const P& p) {
    return p.logarithmic;
  });
  keys.text("unit", &P::unit, "its unit");
  keys.text("doc", &P::doc, "what it means").written_if([](const P& p) { return !p.doc.empty(); });
  keys.rule(is_true("logarithmic"), fits("range", {.name = "range", .type = KeyType::numbers, .range = sdk::positive}));
  return keys;
}

Keys<TableSpec> table_keys() {
  Keys<TableSpec> keys;
  keys.numbers("x", &TableSpec::x, sdk::any, "increasing positions, at least two").entries(2);
  keys.numbers("y", &TableSpec::y, sdk::any, "values there; linear between them, constant outside").entries(2);
  keys.other({.name = "file",
              .type = KeyType::text,
              .doc = "instead: a file with two columns of numbers, relative to the case file"},
             nullptr, nullptr);
  keys.rule(any_of(
      {all_of({has("x"), has("y"), none_of({has("file")})}), all_of({has("file"), none_of({has("x"), has("y")})})}));
  return keys;
}

Keys<DataSpec> data_keys() {
  Keys<DataSpec> keys;
  keys.text("file", &DataSpec::file, "a result file, relative to the case file")
      .required("a result file, relative to the case file");
  keys.text("field", &DataSpec::field, "the name of a field in the file").required("the name of a field in the file");
  keys.integer("component", &DataSpec::component, 0, 8, "of the field");
  keys.number("time", &DataSpec::time, sdk::any, "of the step that is read").absent("the last step");
  return keys;
}

}  // namespace ansatz::input
