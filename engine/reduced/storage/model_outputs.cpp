#include "engine/reduced/storage/model_outputs.hpp"

#include <fmt/format.h>

namespace ansatz::io {
namespace {

const std::string root = "/model/outputs";

/// HDF5 has no empty datasets.
void write_numbers(Replicated& replicated, const std::string& path, const std::vector<double>& values) {
  if (!values.empty()) replicated.numbers(path, values);
}

std::vector<double> read_numbers(const InputFile& file, const std::string& path) {
  return file.has(path) ? file.all<double>(path) : std::vector<double>{};
}

void write_dual(OutputFile& file, Replicated& replicated, const std::string& group, const reduced::DualData& dual) {
  const auto& model = dual.model;
  file.group(group);
  file.attribute(group, "size", std::vector<std::int64_t>{model.size});
  file.attribute(group, "riesz_level", model.riesz_level);
  file.attribute(group, "solver_level", model.solver_level);
  write_numbers(replicated, group + "/operator_round_off", dual.operator_round_off);
  write_numbers(replicated, group + "/rhs_round_off", dual.rhs_round_off);
  replicated.matrix(group + "/rhs", dual.rhs);
  replicated.matrix(group + "/model_rhs", model.rhs);
  replicated.matrix(group + "/residual", model.residual);
  for (std::size_t q = 0; q < model.operators.size(); ++q) {
    replicated.matrix(fmt::format("{}/model_operators/{}", group, q), model.operators[q]);
    replicated.matrix(fmt::format("{}/operators/{}", group, q), dual.operators[q]);
  }
}

reduced::DualData read_dual(const InputFile& file, const std::string& group, const reduced::ReducedModelData& primal,
                            const reduced::Thetas& functional) {
  reduced::DualData dual;
  auto& model = dual.model;
  model.stability = primal.stability.without_numbers();
  model.box = primal.box;
  model.reference = primal.reference;
  model.operator_thetas = primal.operator_thetas;
  model.rhs_thetas = functional;
  model.size = static_cast<int>(file.integer_attribute(group, "size").at(0));
  model.riesz_level = file.number_attribute(group, "riesz_level");
  model.solver_level = file.number_attribute(group, "solver_level");
  dual.operator_round_off = read_numbers(file, group + "/operator_round_off");
  dual.rhs_round_off = read_numbers(file, group + "/rhs_round_off");
  dual.rhs = read_matrix(file, group + "/rhs");
  model.rhs = read_matrix(file, group + "/model_rhs");
  model.residual = read_matrix(file, group + "/residual");
  for (std::size_t q = 0; q < primal.operators.size(); ++q) {
    model.operators.push_back(read_matrix(file, fmt::format("{}/model_operators/{}", group, q)));
    dual.operators.push_back(read_matrix(file, fmt::format("{}/operators/{}", group, q)));
  }
  return dual;
}

}  // namespace

void write_outputs(OutputFile& file, Replicated& replicated, const std::vector<reduced::OutputData>& outputs) {
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto& output = outputs[k];
    const auto group = fmt::format("{}/{}", root, k);
    file.group(group);
    file.attribute(group, "name", output.name);
    if (!output.unit.empty()) file.attribute(group, "unit", output.unit);  // HDF5 has no empty texts
    if (!output.definition.empty()) file.text(group + "/definition", output.definition);
    if (!output.refusal.empty()) {
      file.text(group + "/refusal", output.refusal);
      continue;
    }
    file.attribute(group, "riesz_level", output.riesz_level);
    if (output.compliance) file.attribute(group, "compliance", *output.compliance);
    replicated.thetas(group + "/thetas", output.thetas);
    write_numbers(replicated, group + "/constants", output.constants);
    write_numbers(replicated, group + "/round_off", output.round_off);
    write_numbers(replicated, group + "/defects", output.defects);
    replicated.matrix(group + "/basis", output.basis);
    replicated.matrix(group + "/liftings", output.liftings);
    replicated.matrix(group + "/lifting_sizes", output.lifting_sizes);
    replicated.matrix(group + "/representatives", output.representatives);
    if (output.dual) write_dual(file, replicated, group + "/dual", *output.dual);
  }
}

std::vector<reduced::OutputData> read_outputs(const InputFile& file, const reduced::ReducedModelData& model,
                                              const sdk::SymbolTable& symbols) {
  std::vector<reduced::OutputData> outputs;
  for (int k = 0;; ++k) {
    const auto group = fmt::format("{}/{}", root, k);
    if (!file.has(group)) return outputs;
    reduced::OutputData output;
    output.name = file.text_attribute(group, "name");
    if (file.has_attribute(group, "unit")) output.unit = file.text_attribute(group, "unit");
    if (file.has(group + "/definition")) output.definition = file.text(group + "/definition");
    if (file.has(group + "/refusal")) {
      output.refusal = file.text(group + "/refusal");
      outputs.push_back(std::move(output));
      continue;
    }
    output.riesz_level = file.number_attribute(group, "riesz_level");
    if (file.has_attribute(group, "compliance")) output.compliance = file.number_attribute(group, "compliance");
    output.thetas = read_thetas(file, group + "/thetas", symbols, nullptr);
    output.constants = read_numbers(file, group + "/constants");
    output.round_off = read_numbers(file, group + "/round_off");
    output.defects = read_numbers(file, group + "/defects");
    output.basis = read_matrix(file, group + "/basis");
    output.liftings = read_matrix(file, group + "/liftings");
    output.lifting_sizes = read_matrix(file, group + "/lifting_sizes");
    output.representatives = read_matrix(file, group + "/representatives");
    if (file.has(group + "/dual")) {
      output.dual = std::make_shared<const reduced::DualData>(read_dual(file, group + "/dual", model, output.thetas));
    }
    outputs.push_back(std::move(output));
  }
}

}  // namespace ansatz::io
