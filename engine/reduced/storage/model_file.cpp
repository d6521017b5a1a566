#include "engine/reduced/storage/model_file.hpp"

#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/hdf5/keyed_rows.hpp"
#include "engine/reduced/storage/model_outputs.hpp"
#include "engine/reduced/storage/model_parts.hpp"

namespace ansatz::io {
namespace {

constexpr const char* kind = "reduced basis";
constexpr std::int64_t format = 2;  // 1: semidefinite terms and separated forms were known from samples
constexpr const char* kind_in_time = "reduced basis in time";

/// Rows of nodes: the components of all vectors, vector after vector.
std::vector<double> node_rows(const fem::DofMap& dofs, int field, const reduced::Block& basis,
                              const reduced::Block& liftings) {
  const auto& space = dofs.fields()[field];
  std::vector<double> rows;
  for (std::int32_t n = 0; n < space.nodes->num_owned; ++n) {
    const auto first = dofs.node_dofs(field)[n];
    for (const auto* block : {&basis, &liftings}) {
      for (int j = 0; j < block->num_columns(); ++j) {
        for (int c = 0; c < space.components; ++c) rows.push_back(block->column(j)[first + c]);
      }
    }
  }
  return rows;
}

void write_time(OutputFile& file, Replicated& replicated, const reduced::RateTerms& rates,
                const reduced::TimeData& time) {
  const std::string group = "/model/time";
  file.group(group);
  file.attribute(group, "method", time.grid.method);
  file.attribute(group, "start", time.grid.start);
  file.attribute(group, "step", time.grid.step);
  file.attribute(group, "end", time.grid.end);
  file.attribute(group, "steps", std::vector<std::int64_t>{time.grid.steps});
  replicated.thetas(group + "/mass", rates.mass_thetas);
  replicated.thetas(group + "/rate_rhs_thetas", rates.rhs_thetas);
  replicated.thetas(group + "/initial_thetas", time.initial_thetas);
  for (std::size_t q = 0; q < rates.masses.size(); ++q)
    replicated.matrix(fmt::format("{}/masses/{}", group, q), rates.masses[q]);
  replicated.matrix(group + "/rate_rhs", rates.rhs);
  replicated.matrix(group + "/initial", time.initial);
  replicated.matrix(group + "/initial_error", time.initial_error);
  replicated.numbers(group + "/mass_reference", time.mass_reference);
  if (!time.initial_norms.empty()) replicated.numbers(group + "/initial_norms", time.initial_norms);
}

reduced::TimeData read_time(const InputFile& file, const sdk::SymbolTable& symbols, reduced::RateTerms& rates) {
  const std::string group = "/model/time";
  reduced::TimeData time;
  time.grid.method = file.text_attribute(group, "method");
  time.grid.start = file.number_attribute(group, "start");
  time.grid.step = file.number_attribute(group, "step");
  if (!file.has_attribute(group, "end")) {
    throw sdk::Error(sdk::ErrorKind::state, "the model does not say when its steps end: it is of an older version",
                     file.path(), "train again with --set study.type=train");
  }
  time.grid.end = file.number_attribute(group, "end");
  time.grid.steps = file.integer_attribute(group, "steps").at(0);
  rates.mass_thetas = read_thetas(file, group + "/mass", symbols, nullptr);
  rates.rhs_thetas = read_thetas(file, group + "/rate_rhs_thetas", symbols, nullptr);
  time.initial_thetas = read_thetas(file, group + "/initial_thetas", symbols, nullptr);
  for (int q = 0; q < rates.mass_thetas.num_terms(); ++q)
    rates.masses.push_back(read_matrix(file, fmt::format("{}/masses/{}", group, q)));
  rates.rhs = read_matrix(file, group + "/rate_rhs");
  time.initial = read_matrix(file, group + "/initial");
  time.initial_error = read_matrix(file, group + "/initial_error");
  time.mass_reference = file.all<double>(group + "/mass_reference");
  if (file.has(group + "/initial_norms")) time.initial_norms = file.all<double>(group + "/initial_norms");
  return time;
}

void require_undamaged_model(const std::string& path) {
  const InputFile file(path);
  const auto is = [&](const char* what) {
    return file.has("/model") && file.has_attribute("/model", "kind") && file.text_attribute("/model", "kind") == what;
  };
  if (!is(kind) && !is(kind_in_time)) {
    if (file.has("/model")) verify_checksum(path);  // what is cut off or altered has lost its attributes
    throw sdk::Error(sdk::ErrorKind::state, "the file holds no reduced basis", path,
                     "train a model: set study.type = \"train\"");
  }
  const auto written = file.has_attribute("/model", "format") ? file.integer_attribute("/model", "format").at(0) : 1;
  if (written != format) {
    throw sdk::Error(sdk::ErrorKind::state,
                     fmt::format("the model has the format {}, this version reads {}", written, format), path,
                     "train again with --set study.type=train");
  }
  verify_checksum(path);
}

StoredModel read_replicated(const std::string& path, const Setting& setting) {
  const InputFile file(path);
  const bool in_time = file.text_attribute("/model", "kind") == kind_in_time;
  StoredModel model;
  auto& data = model.data;
  model.fingerprint = file.text("/model/fingerprint");
  if (file.has("/model/training")) model.training = file.text("/model/training");
  const auto names = lines(file.text("/model/parameters"));
  const auto low = file.all<double>("/model/low"), high = file.all<double>("/model/high");
  data.reference = file.all<double>("/model/reference");
  sdk::SymbolTable symbols;
  for (std::size_t p = 0; p < names.size(); ++p) {
    data.box.push_back({names[p], low.at(p), high.at(p)});
    symbols.add_parameter(names[p], static_cast<int>(p));
  }
  if (in_time) symbols.add_parameter("t", static_cast<int>(names.size()));
  data.operator_thetas = read_thetas(file, "/model/thetas/operator", symbols, setting);
  data.rhs_thetas = read_thetas(file, "/model/thetas/rhs", symbols, setting);
  data.lifting_thetas = read_thetas(file, "/model/thetas/lifting", symbols, setting);
  data.size = static_cast<int>(file.integer_attribute("/model", "size").at(0));
  for (int q = 0; q < data.operator_thetas.num_terms(); ++q) {
    data.operators.push_back(read_matrix(file, fmt::format("/model/operators/{}", q)));
  }
  data.rhs = read_matrix(file, "/model/rhs");
  data.residual = read_matrix(file, "/model/residual");
  if (in_time) model.time = read_time(file, symbols, data.rates);
  if (file.has_attribute("/model", "norm")) data.norm = file.text_attribute("/model", "norm");
  data.stability = read_stability(file, data.box);
  data.residual_interpolation = read_residual_interpolation(file);
  if (data.residual_interpolation) data.residual_floor = file.number_attribute("/model", "residual_floor");
  data.riesz_level = file.number_attribute("/model", "riesz_level");
  data.solver_level = file.number_attribute("/model", "solver_level");
  model.outputs = read_outputs(file, data, symbols);
  return model;
}

}  // namespace

void write_model(const std::string& path, const StoredModel& model, const fem::DofMap& dofs,
                 const reduced::Block& basis, const reduced::Block& liftings) {
  const auto& comm = dofs.mesh().comm;
  const auto& data = model.data;
  OutputFile file(comm, path);
  Replicated replicated(file, comm.is_root());
  file.group("/model");
  file.attribute("/model", "kind", model.time ? kind_in_time : kind);
  file.attribute("/model", "format", std::vector<std::int64_t>{format});
  file.attribute("/model", "size", std::vector<std::int64_t>{data.size});
  file.attribute("/model", "riesz_level", data.riesz_level);
  file.attribute("/model", "solver_level", data.solver_level);
  file.attribute("/model", "norm", data.norm);
  file.text("/model/fingerprint", model.fingerprint);
  if (!model.training.empty()) file.text("/model/training", model.training);
  std::string names;
  std::vector<double> low, high;
  for (const auto& parameter : data.box) {
    names += parameter.name + "\n";
    low.push_back(parameter.low);
    high.push_back(parameter.high);
  }
  file.text("/model/parameters", names);
  replicated.numbers("/model/low", low);
  replicated.numbers("/model/high", high);
  replicated.numbers("/model/reference", data.reference);
  replicated.stability(data.stability.data());
  replicated.thetas("/model/thetas/operator", data.operator_thetas);
  replicated.thetas("/model/thetas/rhs", data.rhs_thetas);
  replicated.thetas("/model/thetas/lifting", data.lifting_thetas);
  for (std::size_t q = 0; q < data.operators.size(); ++q) {
    replicated.matrix(fmt::format("/model/operators/{}", q), data.operators[q]);
  }
  replicated.matrix("/model/rhs", data.rhs);
  replicated.matrix("/model/residual", data.residual);
  if (data.residual_interpolation) {
    replicated.residual_interpolation(data.residual_interpolation->parts());
    file.attribute("/model", "residual_floor", data.residual_floor);
  }
  write_outputs(file, replicated, model.outputs);
  if (model.time) write_time(file, replicated, data.rates, *model.time);
  std::vector<std::vector<std::int64_t>> keys;
  std::vector<std::vector<double>> values;
  keys.reserve(dofs.num_fields());
  values.reserve(dofs.num_fields());
  const int num_vectors = basis.num_columns() + liftings.num_columns();
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& space = dofs.fields()[f];
    keys.push_back(owned_keys(*space.nodes));
    values.push_back(node_rows(dofs, f, basis, liftings));
    file.rows<std::int64_t>("/vectors/" + space.name + "/keys", keys.back(), 2);
    if (num_vectors > 0)
      file.rows<double>("/vectors/" + space.name + "/values", values.back(), num_vectors * space.components);
  }
  file.commit(Ending::checksum);
}

StoredModel read_model(const base::Communicator& comm, const std::string& path, const Setting& setting) {
  StoredModel model;
  base::agree(comm, [&] {
    if (comm.is_root()) require_undamaged_model(path);
  });
  base::agree(comm, [&] { model = read_replicated(path, setting); });
  return model;
}

reduced::Block read_model_vectors(const std::string& path, const fem::DofMap& dofs) {
  const auto& comm = dofs.mesh().comm;
  std::vector<std::vector<double>> vectors;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& space = dofs.fields()[f];
    const std::string group = "/vectors/" + space.name;
    KeyedRows rows;
    base::agree(comm, [&] {
      const InputFile file(path);
      if (!file.has(group + "/values")) return;
      const auto shape = file.shape(group + "/values");
      const std::int64_t first = shape.at(0) * comm.rank() / comm.size(),
                         end = shape.at(0) * (comm.rank() + 1) / comm.size();
      rows.columns = static_cast<int>(shape.at(1));
      rows.keys = file.rows<std::int64_t>(group + "/keys", first, end - first);
      rows.values = file.rows<double>(group + "/values", first, end - first);
    });
    const int columns = rows.columns;
    if (columns == 0) continue;  // no functions: the solution is zero
    vectors.resize(columns / space.components, std::vector<double>(dofs.num_owned(), 0.0));
    const auto found = look_up(comm, std::move(rows), owned_keys(*space.nodes), path);
    for (std::int32_t n = 0; n < space.nodes->num_owned; ++n) {
      for (std::size_t j = 0; j < vectors.size(); ++j) {
        for (int c = 0; c < space.components; ++c) {
          vectors[j][dofs.node_dofs(f)[n] + c] = found[std::size_t(n) * columns + j * space.components + c];
        }
      }
    }
  }
  reduced::Block block(dofs.num_owned());
  for (const auto& vector : vectors) block.append(vector);
  return block;
}

}  // namespace ansatz::io
