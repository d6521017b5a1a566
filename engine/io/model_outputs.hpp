#pragma once
/// Outputs of reduced models in model files. Private to engine/io/model_file.

#include <string>
#include <vector>

#include "engine/io/output_file.hpp"
#include "engine/reduced/output_model.hpp"

namespace ansatz::io {

/// Parts of a model file that its outputs have too; defined beside their kind in model_file.cpp. What is written must live
/// until the file is committed.
void write_numbers(OutputFile& file, bool is_root, const std::string& path, const std::vector<double>& values);
void write_matrix(OutputFile& file, bool is_root, const std::string& path, const reduced::Dense& matrix);
void write_thetas(OutputFile& file, bool is_root, const std::string& path, const reduced::Thetas& thetas);
reduced::Dense read_model_matrix(const InputFile& file, const std::string& path);
reduced::Thetas read_model_thetas(const InputFile& file, const std::string& path, const sdk::SymbolTable& symbols);

/// Describes the group /model/outputs.
void write_outputs(OutputFile& file, bool is_root, const std::vector<reduced::OutputData>& outputs);

/// None where the file has no such group. \param model of the file, without outputs \param symbols its parameters
std::vector<reduced::OutputData> read_outputs(const InputFile& file, const reduced::ReducedModelData& model,
                                              const sdk::SymbolTable& symbols);

}  // namespace ansatz::io
