#pragma once
/// Outputs of reduced models in model files. Private to engine/reduced/storage/model_file.

#include <string>
#include <vector>

#include "engine/reduced/basis/output_model.hpp"
#include "engine/reduced/storage/model_parts.hpp"

namespace ansatz::io {

/// Describes the group /model/outputs.
void write_outputs(OutputFile& file, Replicated& replicated, const std::vector<reduced::OutputData>& outputs);

/// None where the file has no such group.
/// \param model of the file, without outputs
/// \param symbols its parameters
std::vector<reduced::OutputData> read_outputs(const InputFile& file, const reduced::ReducedModelData& model,
                                              const sdk::SymbolTable& symbols);

}  // namespace ansatz::io
