#pragma once
/// Reduced models on disk: what is online, and the basis by canonical node keys, for any number of ranks.

#include <optional>
#include <string>
#include <vector>

#include "engine/fem/elements/dofs.hpp"
#include "engine/fem/forms/patch.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/basis/output_model.hpp"
#include "engine/reduced/in_time/parabolic_model.hpp"

namespace ansatz::io {

/// A model with the text that says which problem it belongs to.
struct StoredModel {
  std::string fingerprint;
  reduced::ReducedModelData data;
  std::string training = {};  ///< the settings it was trained with, a line each; older files have none
  std::vector<reduced::OutputData> outputs = {};         ///< those with bounds; older files have none
  std::optional<reduced::TimeData> time = std::nullopt;  ///< of a model in time: `data` is then its part in space
};

/// Writes a model, replacing an older file only when complete.
/// \param basis (size)
/// \param liftings (lifting terms), both on owned unknowns of `dofs`. *Collective.*
/// \throws sdk::Error of kind output.
void write_model(const std::string& path, const StoredModel& model, const fem::DofMap& dofs,
                 const reduced::Block& basis, const reduced::Block& liftings);

/// Everything but the vectors. *Collective.* \throws sdk::Error of kind state: missing, damaged (see
/// verify_checksum()), or no model.
/// \param setting of the problem, for models that assemble entries online; not looked at before the model is used.
/// Without one such a model can be looked at, but not used.
StoredModel read_model(const base::Communicator& comm, const std::string& path,
                       const std::shared_ptr<const fem::PatchSetting>& setting = nullptr);

/// The vectors of a model that belongs to `dofs`: the basis, then the liftings. *Collective.* \throws sdk::Error of
/// kind state where the file belongs to another mesh.
reduced::Block read_model_vectors(const std::string& path, const fem::DofMap& dofs);

}  // namespace ansatz::io
