#pragma once
/// Trained models of ansaetze as HDF5 files: what sdk::Record holds, for any number of ranks.

#include <string>

#include "ansatz/sdk/record.hpp"
#include "engine/fem/elements/dofs.hpp"

namespace ansatz::io {

/// A model with what it is of.
struct StoredRecord {
  std::string ansatz;       ///< that made it and can use it
  std::string fingerprint;  ///< of problem and options, as text
  sdk::Record record;
  sdk::Record beside = {};  ///< what is known about the model, without vectors; empty: nothing
};

/// Sealed with a checksum, completely or not at all.
///
/// /model has the attributes `kind` = "ansatz" and `ansatz`; below it are the texts `fingerprint` and `lists` (lines
/// "LENGTH NAME"), and attributes and arrays as in policies (policy_file.hpp). /vectors/FIELD has `keys` of the nodes,
/// shape (nodes, 2), and `values` of all lists one after the other, shape (nodes, vectors times components).
/// /beside, where there is something, has attributes and arrays like /model.
/// \param dofs of the vectors. *Collective.*
/// \throws sdk::Error of kind output; of kind not_finite; of kind plugin for vectors of another length
void write_record(const std::string& path, const StoredRecord& stored, const fem::DofMap& dofs);

/// \throws sdk::Error of kind state where the file holds no such model, is damaged, or belongs to another mesh.
/// *Collective.*
StoredRecord read_record(const std::string& path, const fem::DofMap& dofs);

/// What is not distributed. *Collective.* \throws as read_record().
StoredRecord read_record_without_vectors(const base::Communicator& comm, const std::string& path);

/// Not collective. \throws sdk::Error of kind state where it cannot be read as HDF5.
bool is_record(const std::string& path);

}  // namespace ansatz::io
