#include "engine/solvers/reduced_basis/training_record.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/io/hdf5/disk.hpp"

namespace ansatz::solvers {
namespace {

using nlohmann::json;

std::string text_of(const sampling::AdaptiveState& state, std::size_t num_initial, const std::string& key) {
  const auto& values = state.training.values();
  json steps = json::array();
  for (const auto& step : state.steps) {
    steps.push_back({{"index", step.index}, {"parameter", step.parameter}, {"indicator", step.indicator}});
  }
  return json{{"key", key},
              {"added", std::vector<double>(values.begin() + static_cast<std::ptrdiff_t>(num_initial), values.end())},
              {"rounds", state.rounds},
              {"steps", std::move(steps)}}
             .dump(1) +
         "\n";
}

std::optional<sampling::AdaptiveState> state_of(const std::string& text, const sampling::TrainingSet& initial,
                                                const std::string& key) {
  const auto root = json::parse(text, nullptr, false);
  if (root.is_discarded() || !root.is_object() || root.value("key", "") != key) return std::nullopt;
  sampling::AdaptiveState state{initial, {}, root.at("rounds")};
  state.training.append(root.at("added").get<std::vector<double>>());
  for (const auto& step : root.at("steps")) {
    state.steps.push_back({step.at("index"), step.at("parameter").get<std::vector<double>>(), step.at("indicator")});
  }
  return state;
}

}  // namespace

TrainingRecord::TrainingRecord(const base::Communicator& comm, const std::string& model, sampling::TrainingSet initial,
                               std::string key)
    : comm_(comm), path_(model + ".training"), initial_(std::move(initial)), key_(std::move(key)) {}

bool TrainingRecord::exists() const {
  return comm_.max(std::int64_t{comm_.is_root() && std::filesystem::exists(path_)}) != 0;
}

std::optional<sampling::AdaptiveState> TrainingRecord::read() const {
  if (!exists()) return std::nullopt;
  std::string text;
  base::agree(comm_, [&] {
    if (comm_.is_root()) text = io::read_text_file(path_);
  });
  text = comm_.broadcast(text);
  try {
    return state_of(text, initial_, key_);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void TrainingRecord::write(const sampling::AdaptiveState& state) const {
  base::agree(comm_, [&] {
    if (comm_.is_root()) io::write_text_file(path_, text_of(state, initial_.values().size(), key_));
  });
}

void TrainingRecord::remove() const {
  std::error_code ignored;  // a record that stays is found again with the same key, and leads to the same model
  if (comm_.is_root()) std::filesystem::remove(path_, ignored);
}

}  // namespace ansatz::solvers
