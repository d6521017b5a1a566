#include "engine/mesh/distribution/partition.hpp"

#include <mpi.h>
#include <stdio.h>

#include <limits>

#include "ptscotch.h"

namespace ansatz::mesh {
namespace {

constexpr SCOTCH_Num seed = 20231;

void check(int code, const char* call) {
  if (code != 0) throw sdk::Error(sdk::ErrorKind::internal, std::string(call) + " failed", "mesh::partition_graph");
}

/// Deterministic setting of Scotch: one thread, fixed seed, messages handled in rank order.
class Context {
 public:
  Context() {
    check(SCOTCH_contextInit(&context_), "SCOTCH_contextInit");
    check(SCOTCH_contextThreadSpawn(&context_, 1, nullptr), "SCOTCH_contextThreadSpawn");
    check(SCOTCH_contextOptionSetNum(&context_, SCOTCH_OPTIONNUMDETERMINISTIC, 1), "SCOTCH_contextOptionSetNum");
    check(SCOTCH_contextRandomClone(&context_), "SCOTCH_contextRandomClone");
    SCOTCH_contextRandomSeed(&context_, seed);
    SCOTCH_contextRandomReset(&context_);
  }
  ~Context() { SCOTCH_contextExit(&context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  SCOTCH_Context* get() { return &context_; }

 private:
  SCOTCH_Context context_;
};

class Graph {
 public:
  explicit Graph(const base::Communicator& comm) { check(SCOTCH_dgraphInit(&graph_, comm.get()), "SCOTCH_dgraphInit"); }
  ~Graph() { SCOTCH_dgraphExit(&graph_); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  SCOTCH_Dgraph* get() { return &graph_; }

 private:
  SCOTCH_Dgraph graph_;
};

class Strategy {
 public:
  Strategy() { check(SCOTCH_stratInit(&strategy_), "SCOTCH_stratInit"); }
  ~Strategy() { SCOTCH_stratExit(&strategy_); }
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  SCOTCH_Strat* get() { return &strategy_; }

 private:
  SCOTCH_Strat strategy_;
};

}  // namespace

std::vector<std::int32_t> partition_graph(const base::Communicator& comm, std::span<const std::int64_t> offsets,
                                          std::span<const std::int64_t> neighbours) {
  const auto num_nodes = static_cast<std::int64_t>(offsets.size()) - 1;
  const auto total = comm.sum(num_nodes + static_cast<std::int64_t>(neighbours.size()));
  if (total > std::int64_t{SCOTCH_NUMMAX}) {
    throw sdk::Error(sdk::ErrorKind::mesh, "the mesh has too many cells for this build of Scotch",
                     "mesh::partition_graph", "use Scotch with 64-bit integers, or read a coarser mesh and refine it");
  }
  std::vector<SCOTCH_Num> first(offsets.begin(), offsets.end());
  std::vector<SCOTCH_Num> edges(neighbours.begin(), neighbours.end());
  std::vector<SCOTCH_Num> parts(num_nodes);
  const auto num_edges = static_cast<SCOTCH_Num>(edges.size());
  edges.reserve(1);
  parts.reserve(1);

  Context context;
  Graph graph(comm), bound(comm);
  Strategy strategy;
  const auto nodes = static_cast<SCOTCH_Num>(num_nodes);
  check(SCOTCH_dgraphBuild(graph.get(), 0, nodes, nodes, first.data(), first.data() + 1, nullptr, nullptr, num_edges,
                           num_edges, edges.data(), nullptr, nullptr),
        "SCOTCH_dgraphBuild");
  check(SCOTCH_contextBindDgraph(context.get(), graph.get(), bound.get()), "SCOTCH_contextBindDgraph");
  check(SCOTCH_dgraphPart(bound.get(), comm.size(), strategy.get(), parts.data()), "SCOTCH_dgraphPart");
  return {parts.begin(), parts.end()};
}

}  // namespace ansatz::mesh
