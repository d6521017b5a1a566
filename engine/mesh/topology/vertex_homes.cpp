#include "engine/mesh/topology/vertex_homes.hpp"

#include <numeric>

namespace ansatz::mesh {

VertexHomes::VertexHomes(const base::Communicator& comm, const Blocks& vertices, std::span<const std::int64_t> used)
    : comm_(comm), vertices_(vertices), offsets_(vertices.size(comm.rank()) + 1, 0) {
  std::vector<std::vector<std::int64_t>> send(comm.size());
  for (const auto id : used) send[vertices.home(id)].push_back(id);
  const auto received = comm.exchange(send);
  const auto first = vertices.begin(comm.rank());
  for (const auto& part : received) {
    for (const auto id : part) ++offsets_[id - first + 1];
  }
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  ranks_.resize(offsets_.back());
  auto next = offsets_;
  for (int r = 0; r < comm.size(); ++r) {
    for (const auto id : received[r]) ranks_[next[id - first]++] = r;
  }
}

std::span<const std::int32_t> VertexHomes::ranks(std::int64_t id) const {
  const auto v = id - vertices_.begin(comm_.rank());
  return std::span(ranks_).subspan(offsets_[v], offsets_[v + 1] - offsets_[v]);
}

std::int64_t VertexHomes::num_used() const {
  std::int64_t count = 0;
  for (std::size_t v = 0; v + 1 < offsets_.size(); ++v) count += offsets_[v + 1] > offsets_[v];
  return comm_.sum(count);
}

std::vector<SharedVertex> VertexHomes::shared() const {
  std::vector<std::vector<SharedVertex>> send(comm_.size());
  const auto first = vertices_.begin(comm_.rank());
  for (auto id = first; id < first + vertices_.size(comm_.rank()); ++id) {
    for (const auto here : ranks(id)) {
      for (const auto there : ranks(id)) {
        if (here != there) send[here].push_back({id, there});
      }
    }
  }
  std::vector<SharedVertex> all;
  for (const auto& part : comm_.exchange(send)) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace ansatz::mesh
