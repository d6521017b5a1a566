#include "engine/mesh/topology/coincident.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/mesh/topology/box_tree.hpp"

namespace ansatz::mesh {
namespace {

using Vector = std::array<double, 3>;

constexpr double on_facet = 1e-5;  // of a facet's size: how far its centre may lie from the other one
constexpr double opposite = -0.9;  // largest cosine between normals of facets that face each other

Vector minus(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double length(const Vector& a) { return std::sqrt(dot(a, a)); }

/// A facet with straight edges through its corners.
struct FlatFacet {
  std::array<Vector, 4> corners{};
  int num_corners = 0;
  Vector centre{}, normal{};  ///< outward, of length 1
  double size = 0.0;          ///< longest distance of a corner from the centre; of a cell's other end in 1-D
};

Vector normal_of(const FlatFacet& facet, int dim, int local_facet) {
  if (dim == 1) return {local_facet == 0 ? -1.0 : 1.0, 0.0, 0.0};
  Vector normal{};
  if (dim == 2) {
    const auto along = minus(facet.corners[1], facet.corners[0]);
    normal = {along[1], -along[0], 0.0};
  }
  for (int i = 0; dim == 3 && i < facet.num_corners; ++i) {
    const auto part =
        cross(minus(facet.corners[i], facet.centre), minus(facet.corners[(i + 1) % facet.num_corners], facet.centre));
    for (int k = 0; k < 3; ++k) normal[k] += part[k];
  }
  const double size = length(normal);
  for (auto& x : normal) x /= size > 0.0 ? size : 1.0;
  return normal;
}

FlatFacet flat_facet(const Mesh& mesh, const Facet& at) {
  const auto& cell = topology(mesh.cell);
  const auto* points = mesh.cell_points.data() + std::size_t(at.cell) * mesh.points_per_cell();
  const auto position = [&](int v) {
    Vector x{};
    std::copy_n(mesh.point(points[v]).begin(), mesh.dim, x.begin());
    return x;
  };
  FlatFacet facet;
  facet.num_corners = cell.facets[at.local_facet].size();
  for (int i = 0; i < facet.num_corners; ++i) {
    facet.corners[i] = position(cell.facets[at.local_facet][i]);
    for (int k = 0; k < 3; ++k) facet.centre[k] += facet.corners[i][k] / facet.num_corners;
  }
  for (int i = 0; i < facet.num_corners; ++i)
    facet.size = std::max(facet.size, length(minus(facet.corners[i], facet.centre)));
  if (mesh.dim == 1) facet.size = length(minus(position(0), position(1)));
  facet.normal = normal_of(facet, mesh.dim, at.local_facet);
  return facet;
}

/// A facet's centre, in search of a facet on which it lies.
struct Probe {
  std::int64_t cell;
  std::int32_t local_facet;
  Vector point, normal;
  double tolerance;
};

/// Whether the projection of a point lies within a facet.
bool beside(const FlatFacet& facet, int dim, const Vector& point, double tolerance) {
  if (dim == 1) return true;
  const int num_edges = dim == 2 ? 1 : facet.num_corners;
  for (int i = 0; i < num_edges; ++i) {
    const auto& a = facet.corners[i];
    const auto& b = facet.corners[(i + 1) % facet.num_corners];
    const auto along = minus(b, a);
    const double size = length(along);
    if (size == 0.0) continue;
    if (dim == 2) {
      const double t = dot(minus(point, a), along) / size;
      return t >= -tolerance && t <= size + tolerance;
    }
    const auto outward = cross(along, facet.normal);
    if (dot(minus(point, a), outward) / size > tolerance) return false;
  }
  return true;
}

bool lies_on(const Probe& probe, const FlatFacet& facet, int dim) {
  if (dot(probe.normal, facet.normal) > opposite) return false;
  return std::abs(dot(minus(probe.point, facet.centre), facet.normal)) <= probe.tolerance &&
         beside(facet, dim, probe.point, probe.tolerance);
}

/// The exterior facets of this rank's cells, and where they are.
class Outside {
 public:
  explicit Outside(const Mesh& mesh) : mesh_(mesh) {
    for (const auto& facet : mesh.sets.at("all").facets) {
      if (facet.cell >= mesh.num_owned_cells) continue;
      facets_.push_back(flat_facet(mesh, facet));
      const auto& flat = facets_.back();
      probes_.push_back({mesh.cell_ids[facet.cell], facet.local_facet, flat.centre, flat.normal, on_facet * flat.size});
    }
    double largest = 0.0;
    for (const auto& probe : probes_) largest = std::max(largest, probe.tolerance);
    enclose(mesh.comm.max(largest));
  }

  /// Which of these points lie on a facet of this rank.
  std::vector<char> answers(const std::vector<Probe>& probes) const {
    std::vector<char> found;
    for (const auto& probe : probes) {
      const auto near = tree_.at(std::span(probe.point).first(mesh_.dim));
      found.push_back(std::ranges::any_of(near, [&](std::int32_t f) { return lies_on(probe, facets_[f], mesh_.dim); }));
    }
    return found;
  }

  /// Probes for each rank whose facets may be around them, and which they are. *Collective.*
  std::pair<std::vector<std::vector<Probe>>, std::vector<std::vector<std::int32_t>>> questions() const {
    const int dim = mesh_.dim, ranks = mesh_.comm.size();
    const auto boxes = mesh_.comm.gather_all(std::span<const double>(box_));
    std::vector<std::vector<Probe>> send(ranks);
    std::vector<std::vector<std::int32_t>> which(ranks);
    for (int r = 0; r < ranks; ++r) {
      const double* box = boxes.data() + std::size_t(r) * 2 * dim;
      for (std::size_t p = 0; p < probes_.size(); ++p) {
        bool inside = true;
        for (int k = 0; k < dim; ++k)
          inside = inside && probes_[p].point[k] >= box[k] && probes_[p].point[k] <= box[dim + k];
        if (!inside) continue;
        send[r].push_back(probes_[p]);
        which[r].push_back(static_cast<std::int32_t>(p));
      }
    }
    return {std::move(send), std::move(which)};
  }

  const std::vector<Probe>& probes() const { return probes_; }

 private:
  /// Boxes around the facets and around them all, wider by `room`.
  void enclose(double room) {
    const int dim = mesh_.dim;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> boxes;
    box_.assign(2 * dim, infinity);
    std::fill(box_.begin() + dim, box_.end(), -infinity);
    for (const auto& facet : facets_) {
      std::array<std::array<double, 3>, 2> box;
      for (int k = 0; k < dim; ++k) {
        box[0][k] = infinity;
        box[1][k] = -infinity;
        for (int i = 0; i < facet.num_corners; ++i) {
          box[0][k] = std::min(box[0][k], facet.corners[i][k] - room);
          box[1][k] = std::max(box[1][k], facet.corners[i][k] + room);
        }
        box_[k] = std::min(box_[k], box[0][k]);
        box_[dim + k] = std::max(box_[dim + k], box[1][k]);
      }
      for (const auto& end : box) boxes.insert(boxes.end(), end.begin(), end.begin() + dim);
    }
    tree_ = BoxTree(dim, std::move(boxes));
  }

  const Mesh& mesh_;
  std::vector<FlatFacet> facets_;
  std::vector<Probe> probes_;
  std::vector<double> box_;
  BoxTree tree_;
};

}  // namespace

std::optional<CoincidentFacets> coincident_facets(const Mesh& mesh) {
  const Outside outside(mesh);
  const auto [send, which] = outside.questions();
  std::vector<std::vector<char>> answers;
  for (const auto& asked : mesh.comm.exchange(send)) answers.push_back(outside.answers(asked));
  const auto received = mesh.comm.exchange(answers);
  std::vector<char> found(outside.probes().size(), 0);
  for (std::size_t r = 0; r < received.size(); ++r) {
    for (std::size_t i = 0; i < received[r].size(); ++i) found[which[r][i]] |= received[r][i];
  }
  CoincidentFacets result;
  const Probe* first = nullptr;
  for (std::size_t p = 0; p < found.size(); ++p) {
    if (!found[p]) continue;
    const auto& probe = outside.probes()[p];
    ++result.count;
    if (first == nullptr || std::pair(probe.cell, probe.local_facet) < std::pair(first->cell, first->local_facet))
      first = &probe;
  }
  result.count = mesh.comm.sum(result.count);
  if (result.count == 0) return std::nullopt;
  auto firsts = mesh.comm.gather_all(std::span<const Probe>(first, first == nullptr ? 0 : 1));
  const auto lowest =
      std::ranges::min_element(firsts, {}, [](const Probe& p) { return std::pair(p.cell, p.local_facet); });
  result.cell = lowest->cell;
  result.centre = lowest->point;
  return result;
}

}  // namespace ansatz::mesh
