#pragma once
/// Reduced models on disk: what is online, and the basis by canonical node keys, for any number of ranks.

#include <string>
#include <vector>

#include "engine/fem/dofs.hpp"
#include "engine/reduced/block.hpp"
#include "engine/reduced/output_model.hpp"

namespace ansatz::io {

/// A model with the text that says which problem it belongs to.
struct StoredModel {
  std::string fingerprint;
  reduced::ReducedModelData data;
  std::vector<reduced::OutputData> outputs = {};  ///< those with bounds; older files have none
};

/// Writes a model, replacing an older file only when complete. \param basis (size) \param liftings (lifting terms), both on
/// owned unknowns of `dofs`. *Collective.* \throws sdk::Error of kind output.
void write_model(const std::string& path, const StoredModel& model, const fem::DofMap& dofs, const reduced::Block& basis,
                 const reduced::Block& liftings);

/// Everything but the vectors. *Collective.* \throws sdk::Error of kind state: missing, damaged (see verify_checksum()), or no
/// model.
StoredModel read_model(const base::Communicator& comm, const std::string& path);

/// The vectors of a model that belongs to `dofs`: the basis, then the liftings. *Collective.* \throws sdk::Error of kind
/// state where the file belongs to another mesh.
reduced::Block read_model_vectors(const std::string& path, const fem::DofMap& dofs);

}  // namespace ansatz::io
