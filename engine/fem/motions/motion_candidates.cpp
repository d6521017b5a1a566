#include "engine/fem/motions/motion_candidates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace ansatz::fem {
namespace {

constexpr std::size_t most_blocks = 16;  // of a part that may turn against each other

struct Pair {
  std::int32_t first, second;
  auto operator<=>(const Pair&) const = default;
};

/// The pairs of all ranks, ascending and distinct. *Collective.*
std::vector<Pair> all_pairs(const base::Communicator& comm, std::vector<Pair> mine) {
  const auto tidy = [](std::vector<Pair>& pairs) {
    std::ranges::sort(pairs);
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  };
  tidy(mine);
  auto all = comm.gather_all(std::span<const Pair>(mine));
  tidy(all);
  return all;
}

}  // namespace

MotionCandidates::MotionCandidates(const DofMap& dofs)
    : dofs_(dofs), mesh_(dofs.mesh()), parts_(mesh::connected_pieces(mesh_, mesh::Link::vertex)) {
  find_shapes();
  const bool turns = std::ranges::any_of(shapes_, [](const auto& s) { return s.kind == MotionShape::rotation; });
  find_blocks(turns ? mesh::connected_pieces(mesh_, mesh::Link::facet) : parts_);
  find_boxes();
  find_unknowns();
}

void MotionCandidates::find_shapes() {
  const int dim = mesh_.dim, fields = dofs_.num_fields();
  for (int f = 0; f < fields; ++f) {
    for (int c = 0; c < dofs_.fields()[f].components; ++c) {
      shapes_.push_back({MotionShape::constant, f, dofs_.component_offset(f) + c});
    }
  }
  for (int f = 0; f < fields; ++f) {
    const int components = dofs_.fields()[f].components, first = dofs_.component_offset(f);
    if (components == dim && dim > 1) {
      for (int axis = dim == 2 ? 2 : 0; axis < 3; ++axis) {
        shapes_.push_back({MotionShape::rotation, f, first, (axis + 1) % 3, (axis + 2) % 3});
      }
    }
    if (components == 1 && fields > 1) {
      for (int i = 0; i < dim; ++i) shapes_.push_back({MotionShape::linear, f, first, i});
    }
  }
}

void MotionCandidates::find_blocks(mesh::Pieces blocks) {
  std::vector<Pair> pairs;
  for (std::int32_t c = 0; c < mesh_.num_cells(); ++c) {
    if (pairs.empty() || pairs.back() != Pair{parts_.of_cell[c], blocks.of_cell[c]}) {
      pairs.push_back({parts_.of_cell[c], blocks.of_cell[c]});
    }
  }
  blocks_of_part_.resize(parts_.count);
  for (const auto& [part, block] : all_pairs(mesh_.comm, std::move(pairs))) blocks_of_part_[part].push_back(block);
  std::vector<std::int32_t> kept(blocks.count);
  for (std::int32_t part = 0; part < parts_.count; ++part) {
    auto& list = blocks_of_part_[part];
    for (const auto block : list) kept[block] = list.size() > most_blocks ? list.front() : block;
    if (list.size() > most_blocks) list.resize(1);
  }
  for (auto& block : blocks.of_cell) block = kept[block];
  blocks_ = std::move(blocks);
  part_of_block_.assign(blocks_.count, -1);
  place_in_part_.assign(blocks_.count, 0);
  for (std::int32_t part = 0; part < parts_.count; ++part) {
    for (std::size_t k = 0; k < blocks_of_part_[part].size(); ++k) {
      part_of_block_[blocks_of_part_[part][k]] = part;
      place_in_part_[blocks_of_part_[part][k]] = static_cast<std::int32_t>(k);
    }
  }
}

void MotionCandidates::find_boxes() {
  struct Found {
    std::int32_t block;
    Box box;
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Box none{{infinity, infinity, infinity}, {-infinity, -infinity, -infinity}};
  const auto grow = [this](Box& box, const double* low, const double* high) {
    for (int i = 0; i < mesh_.dim; ++i) {
      box.low[i] = std::min(box.low[i], low[i]);
      box.high[i] = std::max(box.high[i], high[i]);
    }
  };
  boxes_.assign(blocks_.count, none);
  const int points = mesh_.points_per_cell();
  for (std::int32_t c = 0; c < mesh_.num_cells(); ++c) {
    for (int a = 0; a < points; ++a) {
      const double* x = mesh_.point(mesh_.cell_points[std::size_t(c) * points + a]).data();
      grow(boxes_[blocks_.of_cell[c]], x, x);
    }
  }
  std::vector<Found> mine;
  for (std::int32_t b = 0; b < blocks_.count; ++b) {
    if (boxes_[b].low[0] <= boxes_[b].high[0]) mine.push_back({b, boxes_[b]});
  }
  for (const auto& [block, box] : mesh_.comm.gather_all(std::span<const Found>(mine))) {
    grow(boxes_[block], box.low.data(), box.high.data());
  }
}

void MotionCandidates::find_unknowns() {
  part_of_unknowns_.resize(dofs_.num_owned());
  cell_of_nodes_.resize(dofs_.num_fields());
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    const auto& nodes = *dofs_.fields()[f].nodes;
    coordinates_.push_back(node_coordinates(mesh_, nodes));
    auto& cells = cell_of_nodes_[f];
    cells.assign(nodes.num_local(), -1);
    for (std::size_t i = 0; i < nodes.cell_nodes.size(); ++i) {
      auto& cell = cells[nodes.cell_nodes[i]];
      if (cell < 0) cell = static_cast<std::int32_t>(i / nodes.nodes_per_cell);
    }
    for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
      std::fill_n(part_of_unknowns_.begin() + dofs_.node_dofs(f)[n], dofs_.fields()[f].components,
                  parts_.of_cell[cells[n]]);
    }
  }
}

double MotionCandidates::length(const Box& box) const {
  double length = 0.0;
  for (int i = 0; i < mesh_.dim; ++i) length = std::max(length, box.high[i] - box.low[i]);
  return length;
}

double MotionCandidates::remoteness(int part) const {
  double most = 0.0;
  for (const auto block : blocks_of_part_[part]) {
    const auto& box = boxes_[block];
    for (int i = 0; i < mesh_.dim; ++i) {
      most = std::max(most, std::max(std::abs(box.low[i]), std::abs(box.high[i])) / length(box));
    }
  }
  return most;
}

double MotionCandidates::value(const MotionShape& shape, int component, const double* x, const Box& box) const {
  const auto at = [&](int i) { return (x[i] - 0.5 * (box.low[i] + box.high[i])) / length(box); };
  if (shape.kind == MotionShape::rotation) {
    if (component == shape.component + shape.i) return -at(shape.j);
    if (component == shape.component + shape.j) return at(shape.i);
    return 0.0;
  }
  if (component != shape.component) return 0.0;
  return shape.kind == MotionShape::constant ? 1.0 : at(shape.i);
}

void MotionCandidates::add_values(std::int32_t block, int component, const double* x, double factor,
                                  std::span<double> row) const {
  const std::size_t first = place_in_part_[block] * shapes_.size();
  for (std::size_t k = 0; k < shapes_.size(); ++k) {
    row[first + k] += factor * value(shapes_[k], component, x, boxes_[block]);
  }
}

std::vector<double> MotionCandidates::field(const std::vector<std::vector<double>>& coefficients) const {
  const int dim = mesh_.dim;
  std::vector<double> values(dofs_.num_owned(), 0.0), round_off;
  for (int part = 0; part < num_parts(); ++part) {
    round_off.push_back(64.0 * std::numeric_limits<double>::epsilon() * (1.0 + remoteness(part)));
  }
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    for (std::int32_t n = 0; n < dofs_.fields()[f].nodes->num_owned; ++n) {
      const auto block = blocks_.of_cell[cell_of_nodes_[f][n]];
      const auto& of_part = coefficients[part_of_block_[block]];
      if (of_part.empty()) continue;
      const double* x = coordinates_[f].data() + std::size_t(n) * dim;
      const std::size_t first = place_in_part_[block] * shapes_.size();
      for (int c = 0; c < dofs_.fields()[f].components; ++c) {
        double sum = 0.0, terms = 0.0;
        for (std::size_t k = 0; k < shapes_.size(); ++k) {
          const double factor = of_part[first + k];
          if (factor == 0.0) continue;
          sum += factor * value(shapes_[k], dofs_.component_offset(f) + c, x, boxes_[block]);
          terms += shapes_[k].touches(dofs_.component_offset(f) + c, mesh_.dim) ? std::abs(factor) : 0.0;
        }
        values[dofs_.node_dofs(f)[n] + c] = std::abs(sum) <= round_off[part_of_block_[block]] * terms ? 0.0 : sum;
      }
    }
  }
  return values;
}

std::vector<std::string> MotionCandidates::describe_parts() const {
  if (parts_.count <= 1) return std::vector<std::string>(parts_.count);
  std::vector<Pair> pairs;
  for (std::int32_t c = 0; c < mesh_.num_cells(); ++c) {
    const Pair pair{mesh_.cell_region[c], parts_.of_cell[c]};
    if (pairs.empty() || pairs.back() != pair) pairs.push_back(pair);
  }
  std::vector<std::vector<std::int32_t>> parts_of_region(mesh_.region_names.size()), regions_of_part(parts_.count);
  for (const auto& [region, part] : all_pairs(mesh_.comm, std::move(pairs))) {
    parts_of_region[region].push_back(part);
    regions_of_part[part].push_back(region);
  }
  std::vector<std::string> texts;
  for (std::int32_t part = 0; part < parts_.count; ++part) {
    std::vector<std::string> names;
    bool alone = true;
    for (const auto region : regions_of_part[part]) {
      alone &= parts_of_region[region].size() == 1;
      names.push_back('"' + mesh_.region_names[region] + '"');
    }
    if (alone) {
      texts.push_back(fmt::format(" in {} {}", names.size() > 1 ? "the regions" : "region", fmt::join(names, ", ")));
      continue;
    }
    auto box = boxes_[blocks_of_part_[part].front()];
    std::vector<double> middle;
    for (int i = 0; i < mesh_.dim; ++i) {
      for (const auto block : blocks_of_part_[part]) {
        box.low[i] = std::min(box.low[i], boxes_[block].low[i]);
        box.high[i] = std::max(box.high[i], boxes_[block].high[i]);
      }
      middle.push_back(0.5 * (box.low[i] + box.high[i]));
    }
    texts.push_back(fmt::format(" in the part of the mesh around ({:.6g})", fmt::join(middle, ", ")));
  }
  return texts;
}

}  // namespace ansatz::fem
