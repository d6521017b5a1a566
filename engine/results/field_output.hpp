#pragma once
/// Writes the fields of a case in its layout.

#include <functional>
#include <memory>

#include "engine/fem/evaluation/visual_sampler.hpp"
#include "engine/quantities/quantities.hpp"

namespace ansatz::results {

/// Visual output of one run.
class FieldOutput {
 public:
  using Watch = std::function<void(const sdk::VisualMesh& mesh, const std::vector<sdk::VisualField>& fields)>;

  /// \param keep_until of a restart: older steps up to this time stay. Layouts that cannot go on with a file begin
  /// another one beside it. *Collective.* \throws Error of kind case_file for an unknown field or layout, of kind
  /// output for the folder.
  FieldOutput(const problem::Problem& problem, const plugin::Registry& registry, const std::string& folder,
              const sdk::VisualMetadata& metadata, std::optional<double> keep_until = {});

  /// Writes one step. *Collective.* \throws Error of kind not_finite, before anything is written, that names the field.
  /// \param watch sees what was written; may be empty
  void write(fem::DiscreteProblem& discrete, const quantities::Solution& solution, const Watch& watch = {});
  std::string path() const { return writer_->path(); }

 private:
  struct Field {
    std::string name, unit;
    int field = -1;                           ///< of the physics, or -1: derived
    std::vector<sdk::Expression> components;  ///< of derived fields
  };
  void add_field(const std::string& name);
  void require_finite(const std::vector<std::vector<double>>& arrays, double time) const;

  const problem::Problem& problem_;
  fem::VisualSampler sampler_;
  std::unique_ptr<sdk::VisualWriter> writer_;
  std::vector<Field> fields_;
};

}  // namespace ansatz::results
