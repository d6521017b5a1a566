#include "engine/problem/places/point_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "ansatz/sdk/random.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/base/fixed_point_sum.hpp"
#include "engine/fem/assembly/point_loader.hpp"
#include "engine/fem/evaluation/scattered_points.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "engine/mesh/topology/locate.hpp"
#include "engine/mesh/topology/numbering.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::problem {
namespace {

using mesh::Facet;
using Kind = sdk::Site::Kind;

constexpr double least_filled = 0.05;  // of a bounding box, where points are drawn in it
constexpr std::array methods{"sobol", "halton", "lattice", "random", "latin_hypercube", "grid"};

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::parameter, what, "points", hint);
}

const sdk::Site& checked(const Sites& sites, int site) {
  if (site < 0 || site >= static_cast<int>(sites.all().size()))
    refuse(fmt::format("there is no site {}", site), fmt::format("the case has {}", sites.all().size()));
  return sites.all()[site];
}

/// Points in the making.
struct Draft {
  std::vector<Facet> parts;       ///< (n) cell, with facet or -1
  std::vector<double> reference;  ///< (n, dim)
  std::vector<double> tangents;   ///< (n, dim - 1, dim) of facets
  std::vector<double> weights;    ///< (n) in reference cells or facets

  /// \param place coordinates in the part: of the cell, or of the facet
  void add(const mesh::Mesh& mesh, const Facet& part, std::span<const double> place, double weight) {
    parts.push_back(part);
    weights.push_back(weight);
    if (part.local_facet < 0) {
      reference.insert(reference.end(), place.begin(), place.end());
      return;
    }
    const auto map = fem::map_facet(mesh.cell, part.local_facet, 1, place);
    reference.insert(reference.end(), map.points.begin(), map.points.end());
    tangents.insert(tangents.end(), map.tangents.begin(), map.tangents.end());
  }
};

/// Outward unit normal of a facet, and its surface element.
/// \param J (dim, dim) dx_i / dxi_k
/// \param tangents (dim - 1, dim) in the reference cell
double facet_normal(std::span<const double> J, const double* tangents, int dim, int local_facet, double* normal) {
  if (dim == 1) {
    normal[0] = (local_facet == 0) == (J[0] > 0.0) ? -1.0 : 1.0;
    return 1.0;
  }
  std::array<std::array<double, 3>, 2> t{};
  for (int k = 0; k < dim - 1; ++k) {
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) t[k][i] += J[i * dim + j] * tangents[k * dim + j];
    }
  }
  const auto& [a, b] = t;
  if (dim == 2) {
    normal[0] = a[1];
    normal[1] = -a[0];
  } else {
    for (int i = 0; i < 3; ++i) normal[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
  }
  const double length = std::sqrt(std::inner_product(normal, normal + dim, normal, 0.0));
  for (int i = 0; i < dim; ++i) normal[i] /= length;
  return length;
}

/// Fills what the numbers of [data] are at the points.
void add_data(const Problem& problem, const fem::ScatteredPoints& at, sdk::PointSet& points) {
  const auto& definition = problem.form().definition();
  const int dim = problem.dim(), num_fields = static_cast<int>(definition.data.size());
  const int num_data = fem::num_data(definition);
  points.data.assign(at.size() * num_data, 0.0);
  points.data_gradients.assign(at.size() * num_data * dim, 0.0);
  std::vector<double> jet(at.size() * (1 + dim));
  for (int k = 0; k < num_fields; ++k) {
    at.interpolate(*definition.data[k].nodes, 1, definition.data[k].values, {}, 1 + dim, jet.data());
    for (std::size_t i = 0; i < at.size(); ++i) {
      points.data[i * num_data + k] = jet[i * (1 + dim)];
      std::copy_n(&jet[i * (1 + dim) + 1], dim, &points.data_gradients[(i * num_data + k) * dim]);
    }
  }
  for (std::size_t i = 0; i < at.size() && num_data > num_fields && !points.normals.empty(); ++i)
    std::copy_n(&points.normals[i * dim], dim, &points.data[i * num_data + num_fields]);
}

/// Everything but what weights are beside the reference ones times the volume or surface elements. Not collective.
sdk::PointSet finished(const Problem& problem, int site, Draft draft) {
  const auto& mesh = problem.mesh();
  const int dim = mesh.dim;
  sdk::PointSet points;
  points.site = site;
  for (const auto& part : draft.parts) points.cells.push_back(part.cell);
  points.reference = std::move(draft.reference);
  points.weights = std::move(draft.weights);
  const fem::ScatteredPoints at(mesh, points.cells, points.reference);
  points.positions = at.positions();
  const bool on_facets = !draft.parts.empty() && draft.parts.front().local_facet >= 0;
  points.normals.resize(on_facets ? points.positions.size() : 0);
  for (std::size_t i = 0; i < at.size(); ++i) {
    points.weights[i] *= on_facets ? facet_normal(at.jacobian(i), draft.tangents.data() + i * (dim - 1) * dim, dim,
                                                  draft.parts[i].local_facet, &points.normals[i * dim])
                                   : std::abs(fem::determinant(at.jacobian(i).data(), dim, nullptr));
  }
  add_data(problem, at, points);
  return points;
}

/// Who takes which of some points: the owner of the cell with the lowest id among those that contain it.
struct Taken {
  std::vector<std::size_t> mine;     ///< ascending
  std::vector<fem::CellAt> cells;    ///< of these
  std::vector<std::uint8_t> by_any;  ///< (n) some rank has it
};

/// \param positions (n, dim), the same on all ranks. *Collective.*
Taken take(const Problem& problem, std::span<const double> positions, std::optional<int> region) {
  const auto& mesh = problem.mesh();
  Taken taken;
  std::vector<double> takers(positions.size() / mesh.dim, 0.0);
  base::agree(mesh.comm, [&] {
    problem.evaluator().cells().find_each(positions, region, [&](std::size_t i, std::span<const fem::CellAt> found) {
      const auto lowest =
          std::ranges::min_element(found, {}, [&](const fem::CellAt& at) { return mesh.cell_ids[at.cell]; });
      // A ghost's owner sees the cells around it, too, and comes to the same choice.
      if (lowest == found.end() || lowest->cell >= mesh.num_owned_cells) return;
      taken.mine.push_back(i);
      taken.cells.push_back(*lowest);
      takers[i] = 1.0;
    });
  });
  takers = mesh.comm.sum(takers);
  for (std::size_t i = 0; i < takers.size(); ++i) {
    if (takers[i] < 1.5) continue;
    // Cells that touch without common vertices: their owners do not see each other's.
    const auto at = std::ranges::lower_bound(taken.mine, i);
    const bool has = at != taken.mine.end() && *at == i;
    const auto place = at - taken.mine.begin();
    const auto key = has ? -mesh.cell_ids[taken.cells[place].cell] : std::numeric_limits<std::int64_t>::min();
    const bool stays = mesh.comm.max(key) == key;
    if (!has || stays) continue;
    taken.mine.erase(at);
    taken.cells.erase(taken.cells.begin() + place);
  }
  taken.by_any.resize(takers.size());
  std::ranges::transform(takers, taken.by_any.begin(), [](double count) { return count > 0.0 ? 1 : 0; });
  return taken;
}

/// Points of the unit cube, the first `size` of a sequence where the method is one.
sampling::TrainingSet unit_points(int dim, const sdk::Sampling& sampling, std::size_t size) {
  std::vector<sampling::ParameterRange> ranges;
  for (int k = 0; k < dim; ++k) ranges.push_back({std::to_string(k)});
  const bool is_digital = sampling.method == "sobol" || sampling.method == "halton";
  return sampling::sample(sampling::ParameterBox(std::move(ranges)),
                          {.method = sampling.method,
                           .size = size,
                           .scrambling = is_digital                     ? "owen"
                                         : sampling.method == "lattice" ? "shift"
                                                                        : "none",
                           .seed = static_cast<std::uint64_t>(sampling.seed)});
}

/// The middles of size^dim equal parts of the unit cube.
sampling::TrainingSet unit_grid(int dim, std::int64_t size) {
  sampling::TrainingSet points(dim);
  std::vector<double> x(dim);
  const auto count = static_cast<std::int64_t>(std::llround(std::pow(static_cast<double>(size), dim)));
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = 0, rest = i; k < dim; ++k, rest /= size)
      x[k] = (static_cast<double>(rest % size) + 0.5) / static_cast<double>(size);
    points.append(x);
  }
  return points;
}

/// Corners of the box around a volume, low then high, shape (2, 3). *Collective.*
std::array<double, 6> box_around(const mesh::Mesh& mesh, std::span<const Facet> cells) {
  std::array<double, 6> box{};
  std::array<double, 3> low, high;
  low.fill(std::numeric_limits<double>::infinity());
  high.fill(-std::numeric_limits<double>::infinity());
  const int n = mesh.points_per_cell(), dim = mesh.dim;
  std::vector<double> nodes(std::size_t(n) * dim);
  for (const auto& part : cells) {
    for (int a = 0; a < n; ++a) {
      std::ranges::copy(mesh.point(mesh.cell_points[std::size_t(part.cell) * n + a]),
                        nodes.begin() + std::ptrdiff_t{a} * dim);
    }
    const auto around = mesh::cell_box(mesh.geometry_degree, nodes, dim, {});
    for (int k = 0; k < dim; ++k) {
      low[k] = std::min(low[k], around[k]);
      high[k] = std::max(high[k], around[dim + k]);
    }
  }
  for (int k = 0; k < dim; ++k) {
    box[k] = mesh.comm.min(low[k]);
    box[3 + k] = mesh.comm.max(high[k]);
  }
  return box;
}

/// Points of a volume by the points of its box. *Collective.*
sdk::PointSet in_box(const Problem& problem, const Sites& sites, int site, const sdk::Sampling& sampling,
                     const std::array<double, 6>& box, double filled, double measure) {
  const auto& mesh = problem.mesh();
  const int dim = mesh.dim;
  const bool is_grid = sampling.method == "grid";
  const auto wanted = static_cast<std::size_t>(sampling.size);
  auto size = filled > 0.999 ? wanted : static_cast<std::size_t>(1.1 * static_cast<double>(wanted) / filled) + 16;
  while (true) {
    const auto unit = is_grid ? unit_grid(dim, sampling.size) : unit_points(dim, sampling, size);
    std::vector<double> positions(unit.size() * dim);
    for (std::size_t i = 0; i < unit.size(); ++i) {
      for (int k = 0; k < dim; ++k)
        positions[i * dim + k] = std::min(std::fma(unit[i][k], box[3 + k] - box[k], box[k]), box[3 + k]);
    }
    const auto taken = take(problem, positions, sites.all()[site].region);
    std::size_t count = 0, end = 0;  // of the points that are used, and of the sequence
    for (; end < taken.by_any.size() && (is_grid || count < wanted); ++end) count += taken.by_any[end];
    if (!is_grid && count < wanted) {
      size *= 2;
      continue;
    }
    if (count == 0) refuse(fmt::format("no point of the grid lies in {}", sites.all()[site].name), "use a finer one");
    std::vector<std::size_t> order;
    for (std::size_t j = 0; j < taken.mine.size() && taken.mine[j] < end; ++j) order.push_back(j);
    std::ranges::stable_sort(order, {}, [&](std::size_t j) { return mesh.cell_ids[taken.cells[j].cell]; });
    Draft draft;
    std::vector<double> places;
    for (const auto j : order) {
      draft.add(mesh, {taken.cells[j].cell, -1}, std::span(taken.cells[j].reference).first(dim), 1.0);
      places.insert(places.end(), &positions[taken.mine[j] * dim], &positions[taken.mine[j] * dim] + dim);
    }
    auto points = finished(problem, site, std::move(draft));
    points.positions = std::move(places);
    points.weights.assign(points.cells.size(), measure / static_cast<double>(count));
    return points;
  }
}

/// The parts of a site, end to end in the order of their ids on [0, total), by integers, which sum alike everywhere.
struct Line {
  std::vector<std::int64_t> first, length;  ///< of each part of this rank
  std::int64_t total = 0;
};

/// \param parts by the ids of their cells. *Collective.*
Line line_of(const mesh::Mesh& mesh, std::span<const Facet> parts, std::span<const double> measures) {
  struct Piece {
    std::int64_t id, length;
  };
  const double largest = mesh.comm.max(measures.empty() ? 0.0 : std::ranges::max(measures));
  const auto count = static_cast<double>(mesh.comm.sum(static_cast<std::int64_t>(parts.size())));
  Line line;
  const mesh::Blocks homes{mesh.num_global_cells, mesh.comm.size()};
  std::vector<std::vector<Piece>> pieces(mesh.comm.size());
  std::vector<std::vector<std::size_t>> firsts(mesh.comm.size());  // part that a piece begins with
  for (std::size_t i = 0; i < parts.size(); ++i) {
    line.length.push_back(static_cast<std::int64_t>(measures[i] / largest * (0x1p62 / count)));
    const auto id = mesh.cell_ids[parts[i].cell];
    const int home = homes.home(id);
    if (i == 0 || parts[i].cell != parts[i - 1].cell) {
      pieces[home].push_back({id, 0});
      firsts[home].push_back(i);
    }
    pieces[home].back().length += line.length.back();
  }
  const auto received = mesh.comm.exchange(pieces);
  std::vector<std::array<std::int64_t, 3>> sorted;  // id, rank, position
  for (std::size_t rank = 0; rank < received.size(); ++rank) {
    for (std::size_t k = 0; k < received[rank].size(); ++k)
      sorted.push_back({received[rank][k].id, static_cast<std::int64_t>(rank), static_cast<std::int64_t>(k)});
  }
  std::ranges::sort(sorted);
  std::vector<std::vector<std::int64_t>> starts(received.size());
  for (std::size_t rank = 0; rank < received.size(); ++rank) starts[rank].resize(received[rank].size());
  std::int64_t sum = 0;
  for (const auto& [id, rank, k] : sorted) {
    starts[rank][k] = sum;
    sum += received[rank][k].length;
  }
  const auto before = mesh.comm.exclusive_scan(sum);
  line.total = mesh.comm.sum(sum);
  for (auto& of_rank : starts) {
    for (auto& start : of_rank) start += before;
  }
  const auto mine = mesh.comm.exchange(starts);
  line.first.resize(parts.size());
  for (std::size_t home = 0; home < mine.size(); ++home) {
    for (std::size_t k = 0; k < mine[home].size(); ++k) line.first[firsts[home][k]] = mine[home][k];
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].cell == parts[i - 1].cell) line.first[i] = line.first[i - 1] + line.length[i - 1];
  }
  return line;
}

/// The vertices of an edge of the boundary ascend by their ids, as they do along the sides of a box.
bool ascends(const mesh::Mesh& mesh, const Facet& facet) {
  const auto& shape = mesh::topology(mesh.cell);
  const auto& ends = shape.facets[facet.local_facet];
  const std::int32_t* vertices = mesh.cell_vertices.data() + std::size_t(facet.cell) * shape.num_vertices;
  return mesh.vertex_ids[vertices[ends[0]]] < mesh.vertex_ids[vertices[ends[1]]];
}

/// The point of a reference cell for one of the unit cube, by a map that keeps shares of the volume.
std::vector<double> in_reference(const mesh::CellShape& cell, std::span<const double> unit) {
  std::vector<double> x;
  std::size_t at = 0;
  for (const int d : cell.factors) {
    double rest = 1.0;
    for (int k = 0; k < d; ++k) {
      // What lies above x in a simplex of m dimensions is the part (1 - x)^m of it.
      const double part = std::pow(1.0 - unit[at++], 1.0 / (d - k));
      x.push_back(rest * (1.0 - part));
      rest *= part;
    }
  }
  return x;
}

/// Points of a site by points of the unit cube, see sample(). *Collective.*
sdk::PointSet along(const Problem& problem, const Sites& sites, int site, const sdk::Sampling& sampling,
                    std::span<const double> measures, double measure) {
  const auto& mesh = problem.mesh();
  const auto parts = sites.parts(site);
  const bool on_facets = sites.all()[site].kind != Kind::volume;
  const int dim = mesh.dim - (on_facets ? 1 : 0);
  const auto line = line_of(mesh, parts, measures);
  const auto size = static_cast<std::size_t>(sampling.size);
  std::vector<std::pair<std::size_t, std::vector<double>>> mine;  // part, place in the unit cube
  base::agree(mesh.comm, [&] {
    const bool is_grid = sampling.method == "grid";
    const auto unit = is_grid ? sampling::TrainingSet() : unit_points(1 + dim, sampling, size);
    for (std::size_t i = 0; i < size; ++i) {
      std::vector<double> u;
      if (is_grid) {
        u = {(static_cast<double>(i) + 0.5) / static_cast<double>(size)};
      } else {
        u.assign(unit[i].begin(), unit[i].end());
      }
      if (sampling.method == "lattice") {  // which would keep in step with rows of equal cells
        u[0] += sdk::hashed(sdk::mixed(static_cast<std::uint64_t>(sampling.seed)) + i) / static_cast<double>(size);
        u[0] -= std::floor(u[0]);
      }
      const auto s = std::min(static_cast<std::int64_t>(u[0] * static_cast<double>(line.total)), line.total - 1);
      const auto after = std::ranges::upper_bound(line.first, s);
      if (after == line.first.begin()) continue;
      const auto part = static_cast<std::size_t>(after - line.first.begin()) - 1;
      if (s - line.first[part] >= line.length[part]) continue;
      u.erase(u.begin());
      if (is_grid && dim > 0) {
        const double share = static_cast<double>(s - line.first[part]) / static_cast<double>(line.length[part]);
        u = {ascends(mesh, parts[part]) ? share : 1.0 - share};
      }
      mine.emplace_back(part, std::move(u));
    }
  });
  std::ranges::stable_sort(mine, {}, [](const auto& point) { return point.first; });
  Draft draft;
  for (const auto& [part, u] : mine) {
    const auto& shape = mesh::topology(mesh.cell);
    const bool is_point = dim == 0;
    const auto& reference =
        is_point || !on_facets ? shape : mesh::topology(mesh::facet_type(mesh.cell, parts[part].local_facet));
    const double volume = is_point ? 1.0 : reference.volume();
    const auto place = is_point ? std::vector<double>() : in_reference(reference, u);
    draft.add(mesh, parts[part], place, volume / measures[part] * measure / static_cast<double>(size));
  }
  auto points = finished(problem, site, std::move(draft));
  if (mesh.affine()) {
    std::ranges::fill(points.weights, measure / static_cast<double>(size));
  } else {
    const double factor = measure / base::fixed_point_sum(mesh.comm, points.weights);
    for (double& weight : points.weights) weight *= factor;
  }
  return points;
}

}  // namespace

sdk::PointSet sample(const Problem& problem, const Sites& sites, int site, const sdk::Sampling& sampling) {
  const auto& of = checked(sites, site);
  if (std::ranges::find(methods, sampling.method) == methods.end()) {
    const std::vector<std::string> names(methods.begin(), methods.end());
    const auto meant = sdk::did_you_mean(sampling.method, names);
    refuse(fmt::format("there are no points by the method \"{}\"", sampling.method),
           meant.empty() ? fmt::format("use one of {}", fmt::join(names, ", ")) : meant);
  }
  if (sampling.size < 1) refuse(fmt::format("{} points are none", sampling.size), "give at least 1");
  const auto& mesh = problem.mesh();
  const bool is_grid = sampling.method == "grid";
  if (is_grid && of.kind != Kind::volume && mesh.dim == 3)
    return sample(problem, sites, site, {"lattice", sampling.size * sampling.size, 1});
  const auto measures = sites.measures(site);
  const double measure = base::fixed_point_sum(mesh.comm, measures);
  if (of.kind == Kind::volume && sampling.method != "latin_hypercube") {
    const auto box = box_around(mesh, sites.parts(site));
    double filled = measure;
    for (int k = 0; k < mesh.dim; ++k) filled /= box[3 + k] - box[k];
    if (is_grid || filled >= least_filled) return in_box(problem, sites, site, sampling, box, filled, measure);
  }
  return along(problem, sites, site, sampling, measures, measure);
}

sdk::PointSet quadrature(const Problem& problem, const Sites& sites, int site, int degree) {
  checked(sites, site);
  if (degree < 0) refuse(fmt::format("a quadrature rule of degree {} is none", degree), "give at least 0");
  const auto& mesh = problem.mesh();
  const int dim = mesh.dim;
  sdk::PointSet points;
  base::agree(mesh.comm, [&] {
    // On all ranks, with parts or without: its error is that of all.
    std::map<mesh::CellType, fem::Quadrature> rules;
    const bool on_facets = sites.all()[site].kind != Kind::volume;
    const auto rule_of = [&](const Facet& part) -> const fem::Quadrature& {
      const auto cell = part.local_facet < 0 ? mesh.cell : mesh::facet_type(mesh.cell, part.local_facet);
      const auto found = rules.find(cell);
      return found != rules.end() ? found->second : rules.emplace(cell, fem::quadrature(cell, degree)).first->second;
    };
    if (!on_facets || dim > 1) rule_of({0, on_facets ? 0 : -1});
    Draft draft;
    for (const auto& part : sites.parts(site)) {
      if (on_facets && dim == 1) {
        draft.add(mesh, part, {}, 1.0);
        continue;
      }
      const auto& rule = rule_of(part);
      for (int q = 0; q < rule.size(); ++q)
        draft.add(mesh, part, std::span(rule.points).subspan(std::size_t(q) * rule.dim, rule.dim), rule.weights[q]);
    }
    points = finished(problem, site, std::move(draft));
  });
  return points;
}

sdk::PointSet locate(const Problem& problem, std::span<const double> positions, std::vector<std::int64_t>& numbers) {
  const auto& mesh = problem.mesh();
  const auto dim = static_cast<std::size_t>(mesh.dim);
  if (positions.size() % dim != 0)
    refuse(fmt::format("{} numbers are no positions in {} dimensions", positions.size(), dim));
  const auto taken = take(problem, positions, std::nullopt);
  const auto outside = std::ranges::find(taken.by_any, 0);
  if (outside != taken.by_any.end()) {
    const auto i = static_cast<std::size_t>(outside - taken.by_any.begin());
    const auto box = mesh::bounding_box(mesh);
    refuse(
        fmt::format("the position ({:.6g}) is outside of the mesh", fmt::join(positions.subspan(i * dim, dim), ", ")),
        fmt::format("the mesh lies between ({:.6g}) and ({:.6g})", fmt::join(box.begin(), box.begin() + mesh.dim, ", "),
                    fmt::join(box.begin() + mesh.dim, box.end(), ", ")));
  }
  std::vector<std::size_t> order(taken.mine.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t j) { return mesh.cell_ids[taken.cells[j].cell]; });
  Draft draft;
  std::vector<double> places;
  numbers.clear();
  for (const auto j : order) {
    draft.add(mesh, {taken.cells[j].cell, -1}, std::span(taken.cells[j].reference).first(dim), 1.0);
    const auto at = positions.subspan(taken.mine[j] * dim, dim);
    places.insert(places.end(), at.begin(), at.end());
    numbers.push_back(static_cast<std::int64_t>(taken.mine[j]));
  }
  auto points = finished(problem, -1, std::move(draft));
  points.positions = std::move(places);
  points.weights.clear();
  return points;
}

}  // namespace ansatz::problem
