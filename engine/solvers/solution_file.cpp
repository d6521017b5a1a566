#include "engine/solvers/solution_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <filesystem>

#include "ansatz/sdk/random.hpp"
#include "engine/io/snapshots/snapshot_file.hpp"
#include "engine/problem/data_fields.hpp"

namespace ansatz::solvers {
namespace {

class CaseSolutions final : public sdk::SolutionFile {
 public:
  CaseSolutions(const problem::Problem& problem, const plugin::Registry& registry, const std::string& path)
      : problem_(problem), path_(path) {
    std::vector<std::unique_ptr<sdk::MeshReader>> readers;
    const auto reader = [&](const std::string& mesh) -> const sdk::MeshReader* {
      readers.push_back(registry.make_mesh_reader_for(mesh));
      return readers.back().get();
    };
    const auto& fields = problem.dofs().fields();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      std::size_t same = 0;  // the first field at these nodes
      while (fields[same].nodes != fields[f].nodes) ++same;
      if (same == f) {
        const auto nodes = problem::owned_nodes(problem.mesh(), *fields[f].nodes);
        files_.push_back(std::make_unique<io::SnapshotFile>(problem.mesh().comm, path, nodes, reader));
        file_of_field_.push_back(files_.back().get());
      } else {
        file_of_field_.push_back(file_of_field_[same]);
      }
    }
    require_fields();
    order_parameters();
  }

  std::int64_t size() const override { return files_.front()->size(); }
  std::span<const double> parameters() const override { return parameters_; }
  std::span<const double> times() const override { return files_.front()->times(); }

  std::vector<sdk::Solution> read(std::int64_t number) const override {
    const auto count = parameters_.size() / static_cast<std::size_t>(size());
    const auto mu = parameters().subspan(number * count, count);
    std::vector<sdk::Solution> out;
    for (std::size_t step = 0; step < std::max<std::size_t>(1, times().size()); ++step) {
      sdk::Solution solution;
      solution.time = times().empty() ? 0.0 : times()[step];
      solution.parameters.assign(mu.begin(), mu.end());
      solution.values.resize(problem_.dofs().num_owned());
      const auto& fields = problem_.dofs().fields();
      for (std::size_t f = 0; f < fields.size(); ++f) {
        const auto values = file_of_field_[f]->values(fields[f].name, number, static_cast<std::int64_t>(step));
        const auto first = problem_.dofs().node_dofs(static_cast<int>(f));
        for (std::int32_t node = 0; node < fields[f].nodes->num_owned; ++node) {
          for (int c = 0; c < fields[f].components; ++c) {
            solution.values[first[node] + c] = values[std::size_t(node) * fields[f].components + c];
          }
        }
      }
      out.push_back(std::move(solution));
    }
    return out;
  }

  std::uint64_t checksum() const override {
    std::uint64_t sum = 0;
    const auto add = [&](std::uint64_t place, double value) {
      sum += sdk::mixed(sdk::mixed(place + sdk::golden) ^ std::bit_cast<std::uint64_t>(value));
    };
    // Each rank adds what its unknowns have, in terms that do not depend on the number of ranks.
    const auto& fields = problem_.dofs().fields();
    for (std::int64_t i = 0; i < size(); ++i) {
      for (const auto& solution : read(i)) {
        for (std::size_t f = 0; f < fields.size(); ++f) {
          const auto first = problem_.dofs().node_dofs(static_cast<int>(f));
          for (std::int32_t node = 0; node < fields[f].nodes->num_owned; ++node) {
            const auto& key = fields[f].nodes->keys[node];
            const auto place = sdk::mixed(static_cast<std::uint64_t>(key.low)) + static_cast<std::uint64_t>(key.high) +
                               sdk::golden * (static_cast<std::uint64_t>(i) + 1);
            for (int c = 0; c < fields[f].components; ++c) add(place + c + 64 * f, solution.values[first[node] + c]);
          }
        }
      }
    }
    std::uint64_t total = 0;
    for (const auto part : problem_.mesh().comm.all_gather(std::bit_cast<std::int64_t>(sum)))
      total += std::bit_cast<std::uint64_t>(part);
    sum = total;
    for (std::size_t k = 0; k < parameters_.size(); ++k) add(k, parameters_[k]);
    for (std::size_t k = 0; k < times().size(); ++k) add(k, times()[k]);
    return sum;
  }

 private:
  void require_fields() const {
    const auto& theirs = files_.front()->fields();
    for (const auto& field : problem_.dofs().fields()) {
      const auto found = std::ranges::find_if(theirs, [&](const auto& other) { return other.name == field.name; });
      if (found == theirs.end()) {
        std::vector<std::string> names;
        for (const auto& other : theirs) names.push_back(other.name);
        throw sdk::Error(sdk::ErrorKind::state, fmt::format("the file has no field {}", field.name), path_ + ":/fields",
                         fmt::format("it has {}; each field of the case is needed", fmt::join(names, ", ")));
      }
      if (found->components != field.components) {
        throw sdk::Error(
            sdk::ErrorKind::state,
            fmt::format("the field has {} components, in the case {}", found->components, field.components),
            path_ + ":/fields/" + field.name, "vectors have one number for each direction of space");
      }
    }
  }

  /// The file's parameters in the order of the case.
  void order_parameters() {
    const auto& names = files_.front()->names();
    const auto& ours = problem_.parsed().parameters;
    const auto fail = [&](const std::string& what, const std::string& hint) {
      throw sdk::Error(sdk::ErrorKind::state, what, path_ + ":/parameters", hint);
    };
    for (const auto& name : names) {
      if (!ours.contains(name)) {
        fail(fmt::format("\"{}\" is no parameter of the case", name),
             "the attribute \"names\" has the names that [parameters] has");
      }
    }
    std::vector<std::size_t> columns;
    for (const auto& [name, spec] : ours) {
      const auto found = std::ranges::find(names, name);
      if (found == names.end()) {
        fail(fmt::format("the file does not say what the parameter \"{}\" of the case is", name),
             "add a column, also where it is the same in all solutions");
      }
      columns.push_back(found - names.begin());
    }
    const auto theirs = files_.front()->parameters();
    for (std::int64_t i = 0; i < size(); ++i) {
      for (const auto column : columns) parameters_.push_back(theirs[i * names.size() + column]);
    }
  }

  const problem::Problem& problem_;
  std::string path_;
  std::vector<std::unique_ptr<io::SnapshotFile>> files_;  ///< one for each set of nodes
  std::vector<const io::SnapshotFile*> file_of_field_;
  std::vector<double> parameters_;
};

}  // namespace

std::unique_ptr<sdk::SolutionFile> open_solutions(const problem::Problem& problem, const plugin::Registry& registry,
                                                  const std::string& path) {
  std::filesystem::path file = path;
  if (file.is_relative()) file = std::filesystem::path(problem.parsed().path).parent_path() / file;
  return std::make_unique<CaseSolutions>(problem, registry, file.string());
}

}  // namespace ansatz::solvers
