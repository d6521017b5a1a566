#include "engine/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "engine/io/entries_file.hpp"
#include "engine/io/file_checksum.hpp"
#include "engine/io/keyed_rows.hpp"
#include "engine/io/model_outputs.hpp"
#include "engine/io/output_file.hpp"

namespace ansatz::io {
namespace {

using reduced::Dense;
using reduced::InterpolatedFunction;
using reduced::Thetas;

constexpr const char* kind = "reduced basis";
constexpr const char* kind_in_time = "reduced basis in time";
using Setting = std::shared_ptr<const fem::PatchSetting>;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

/// What rank 0 writes of replicated data; it must live until the file is committed.
class Replicated {
 public:
  Replicated(OutputFile& file, bool is_root) : file_(file), is_root_(is_root) {}

  void numbers(const std::string& path, const std::vector<double>& values, int columns = 0) {
    file_.rows<double>(path, is_root_ ? std::span<const double>(values) : std::span<const double>(), columns);
  }
  /// Column after column: the file's rows are the columns of the matrix.
  void matrix(const std::string& path, const Dense& matrix) {
    file_.attribute("/model", attribute_name(path), std::vector<std::int64_t>{matrix.rows, matrix.columns});
    if (!matrix.values.empty()) numbers(path, matrix.values, matrix.rows);
  }
  void stability(const reduced::StabilityData& data) {
    const std::string group = "/model/stability";
    file_.group(group);
    file_.attribute(group, "kind", data.kind);
    if (!data.terms.empty()) file_.attribute(group, "terms", std::vector<std::int64_t>(data.terms.begin(), data.terms.end()));
    const auto write = [&](const std::string& name, const std::vector<double>& values) {
      if (!values.empty()) numbers(group + "/" + name, values);
    };
    write("reference", data.reference);
    if (data.kind == "inf-sup" || data.kind == "interpolation") {
      if (data.inf_sup) file_.attribute(group, "inf_sup", std::vector<std::int64_t>{1});
      file_.attribute(group, "safety", data.safety);
      write("eigenvalues", data.eigenvalues);
      if (!data.coercive_terms.empty())
        file_.attribute(group, "coercive_terms", std::vector<std::int64_t>(data.coercive_terms.begin(), data.coercive_terms.end()));
      write("weights", data.weights);
      matrix(group + "/points", data.points);
      matrix(group + "/factors", data.factors);
      matrix(group + "/slopes", data.slopes);
    }
    if (data.kind != "SCM") return;
    write("low", data.low);
    write("high", data.high);
    write("eigenvalues", data.eigenvalues);
    write("known", data.known);
    matrix(group + "/points", data.points);
    matrix(group + "/factors", data.factors);
    matrix(group + "/minimisers", data.minimisers);
    matrix(group + "/known_points", data.known_points);
    matrix(group + "/known_factors", data.known_factors);
  }
  void thetas(const std::string& path, const Thetas& thetas) {
    std::string factors = "\n";  // HDF5 has no empty texts
    for (const auto& factor : thetas.factors()) factors += factor.text() + "\n";
    file_.text(path + "/factors", factors);
    std::vector<std::int64_t> terms;
    for (const auto& [first, second] : thetas.terms()) terms.insert(terms.end(), {first, second});
    if (!terms.empty()) file_.attribute(path, "terms", std::move(terms));  // HDF5 has no empty attributes
    file_.attribute(path, "interpolations", std::vector<std::int64_t>{std::int64_t(thetas.interpolations().size())});
    for (std::size_t k = 0; k < thetas.interpolations().size(); ++k) {
      interpolation(fmt::format("{}/interpolation_{}", path, k), *thetas.interpolations()[k]);
    }
  }

  void interpolation(const std::string& path, const InterpolatedFunction& function) {
    file_.text(path + "/function", function.text);
    std::string values = "\n";
    for (const auto& value : function.at_points) values += value.text() + "\n";
    file_.text(path + "/at_points", values);
    file_.attribute(path, "terms", std::vector<std::int64_t>{function.terms});
    file_.attribute(path, "scale", function.scale);
    file_.attribute(path, "remainder", function.remainder);
    matrix(path + "/lower", function.interpolation.lower());
    matrix(path + "/upper", function.interpolation.upper());
    file_.attribute(path, "exact", std::vector<std::int64_t>{function.exact ? 1 : 0});
    if (function.size() == 0) return;
    file_.attribute(path, "keys", function.keys);
    if (function.entries) add_entries(file_, is_root_, path + "/entries", *function.entries);
    if (!function.points.empty()) numbers(path + "/points", function.points, 3);
    numbers(path + "/parameters", function.parameters, static_cast<int>(function.parameters.size()) / function.size());
  }

  void residual_interpolation(const reduced::ResidualInterpolation::Parts& parts) {
    const std::string group = "/model/residual_interpolation";
    file_.group(group);
    const auto integers = [](const std::vector<int>& values) { return std::vector<std::int64_t>(values.begin(), values.end()); };
    file_.attribute(group, "terms", std::vector<std::int64_t>{parts.num_terms});
    if (!parts.picks.empty()) file_.attribute(group, "picks", integers(parts.picks));
    if (!parts.components.empty()) file_.attribute(group, "components", integers(parts.components));
    if (!parts.squares.empty()) numbers(group + "/squares", parts.squares);
    matrix(group + "/lower", parts.online.lower());
    matrix(group + "/upper", parts.online.upper());
  }

  static std::string attribute_name(std::string path) {
    std::ranges::replace(path, '/', '_');
    return "shape" + path;
  }

 private:
  OutputFile& file_;
  bool is_root_;
};

Dense read_matrix(const InputFile& file, const std::string& path) {
  const auto shape = file.integer_attribute("/model", Replicated::attribute_name(path));
  Dense matrix(static_cast<int>(shape.at(0)), static_cast<int>(shape.at(1)));
  if (!matrix.values.empty()) matrix.values = file.all<double>(path);
  return matrix;
}

std::shared_ptr<const InterpolatedFunction> read_interpolation(const InputFile& file, const std::string& path,
                                                                        const sdk::SymbolTable& symbols,
                                                                        const Setting& setting) {
  InterpolatedFunction function;
  function.text = file.text(path + "/function");
  for (const auto& text : lines(file.text(path + "/at_points"))) {
    function.at_points.push_back(sdk::Expression::compile(text, symbols, file.path()));
  }
  function.terms = static_cast<int>(file.integer_attribute(path, "terms").at(0));
  function.scale = file.number_attribute(path, "scale");
  function.remainder = file.number_attribute(path, "remainder");
  function.interpolation = reduced::Interpolation(read_matrix(file, path + "/lower"), read_matrix(file, path + "/upper"));
  if (function.size() > 0) {
    function.keys = file.integer_attribute(path, "keys");
    if (file.has(path + "/points")) function.points = file.all<double>(path + "/points");
    function.parameters = file.all<double>(path + "/parameters");
  }
  function.entries = read_entries(file, path + "/entries", setting);
  function.exact = file.has_attribute(path, "exact") && file.integer_attribute(path, "exact").at(0) != 0;
  const auto size = static_cast<std::size_t>(function.size());
  const auto known = function.entries ? static_cast<std::size_t>(function.entries->size()) : function.at_points.size();
  if (known != size || function.terms < 0 || function.terms > function.size()) {
    throw sdk::Error(sdk::ErrorKind::state, "an interpolated function has other numbers of points and of terms", file.path(),
                     "train the model again");
  }
  return std::make_shared<const InterpolatedFunction>(std::move(function));
}

reduced::Stability read_stability(const InputFile& file, const std::vector<reduced::ParameterRange>& box) {
  const std::string group = "/model/stability";
  if (!file.has(group)) {
    throw sdk::Error(sdk::ErrorKind::state, "the model has no stability constant: it is of an older version", file.path(),
                     "train a model: set study.type = \"train\"");
  }
  reduced::StabilityData data;
  data.kind = file.text_attribute(group, "kind");
  if (file.has_attribute(group, "terms")) {
    for (const auto q : file.integer_attribute(group, "terms")) data.terms.push_back(static_cast<int>(q));
  }
  const auto numbers = [&](const std::string& name, std::vector<double>& values) {
    if (file.has(group + "/" + name)) values = file.all<double>(group + "/" + name);
  };
  numbers("reference", data.reference);
  if (data.kind == "SCM") {
    data.box = box;
    numbers("low", data.low);
    numbers("high", data.high);
    numbers("eigenvalues", data.eigenvalues);
    numbers("known", data.known);
    data.points = read_matrix(file, group + "/points");
    data.factors = read_matrix(file, group + "/factors");
    data.minimisers = read_matrix(file, group + "/minimisers");
    data.known_points = read_matrix(file, group + "/known_points");
    data.known_factors = read_matrix(file, group + "/known_factors");
  }
  if (data.kind == "inf-sup" || data.kind == "interpolation") {
    data.box = box;
    data.inf_sup = file.has_attribute(group, "inf_sup");
    data.safety = file.number_attribute(group, "safety");
    numbers("eigenvalues", data.eigenvalues);
    if (file.has_attribute(group, "coercive_terms")) {
      for (const auto q : file.integer_attribute(group, "coercive_terms")) data.coercive_terms.push_back(static_cast<int>(q));
    }
    numbers("weights", data.weights);
    data.points = read_matrix(file, group + "/points");
    data.factors = read_matrix(file, group + "/factors");
    data.slopes = read_matrix(file, group + "/slopes");
  }
  return reduced::Stability(std::move(data));
}

std::optional<reduced::ResidualInterpolation> read_residual_interpolation(const InputFile& file) {
  const std::string group = "/model/residual_interpolation";
  if (!file.has(group)) return std::nullopt;
  reduced::ResidualInterpolation::Parts parts;
  const auto integers = [&](const std::string& name) {
    std::vector<int> out;
    if (file.has_attribute(group, name)) {
      for (const auto value : file.integer_attribute(group, name)) out.push_back(static_cast<int>(value));
    }
    return out;
  };
  parts.num_terms = integers("terms").at(0);
  parts.picks = integers("picks");
  parts.components = integers("components");
  if (file.has(group + "/squares")) parts.squares = file.all<double>(group + "/squares");
  parts.online = reduced::Interpolation(read_matrix(file, group + "/lower"), read_matrix(file, group + "/upper"));
  return reduced::ResidualInterpolation(std::move(parts));
}

Thetas read_thetas(const InputFile& file, const std::string& path, const sdk::SymbolTable& symbols, const Setting& setting) {
  Thetas thetas;
  for (const auto& text : lines(file.text(path + "/factors"))) thetas.add_factor(sdk::Expression::compile(text, symbols, file.path()));
  if (file.has_attribute(path, "interpolations")) {
    const auto count = file.integer_attribute(path, "interpolations").at(0);
    for (std::int64_t k = 0; k < count; ++k) thetas.add_interpolation(read_interpolation(file, fmt::format("{}/interpolation_{}", path, k), symbols, setting));
  }
  if (!file.has_attribute(path, "terms")) return thetas;
  const auto terms = file.integer_attribute(path, "terms");
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) thetas.add_term(static_cast<int>(terms[i]), static_cast<int>(terms[i + 1]));
  return thetas;
}

std::vector<std::int64_t> owned_keys(const mesh::NodeMap& nodes) {
  std::vector<std::int64_t> keys;
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) keys.insert(keys.end(), {nodes.keys[n].low, nodes.keys[n].high});
  return keys;
}

/// Rows of nodes: the components of all vectors, vector after vector.
std::vector<double> node_rows(const fem::DofMap& dofs, int field, const reduced::Block& basis, const reduced::Block& liftings) {
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

void write_time(OutputFile& file, Replicated& replicated, const reduced::RateTerms& rates, const reduced::TimeData& time) {
  const std::string group = "/model/time";
  file.group(group);
  file.attribute(group, "method", time.grid.method);
  file.attribute(group, "start", time.grid.start);
  file.attribute(group, "step", time.grid.step);
  file.attribute(group, "steps", std::vector<std::int64_t>{time.grid.steps});
  replicated.thetas(group + "/mass", rates.mass_thetas);
  replicated.thetas(group + "/rate_rhs_thetas", rates.rhs_thetas);
  replicated.thetas(group + "/initial_thetas", time.initial_thetas);
  for (std::size_t q = 0; q < rates.masses.size(); ++q) replicated.matrix(fmt::format("{}/masses/{}", group, q), rates.masses[q]);
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
  time.grid.steps = file.integer_attribute(group, "steps").at(0);
  rates.mass_thetas = read_thetas(file, group + "/mass", symbols, nullptr);
  rates.rhs_thetas = read_thetas(file, group + "/rate_rhs_thetas", symbols, nullptr);
  time.initial_thetas = read_thetas(file, group + "/initial_thetas", symbols, nullptr);
  for (int q = 0; q < rates.mass_thetas.num_terms(); ++q) rates.masses.push_back(read_matrix(file, fmt::format("{}/masses/{}", group, q)));
  rates.rhs = read_matrix(file, group + "/rate_rhs");
  time.initial = read_matrix(file, group + "/initial");
  time.initial_error = read_matrix(file, group + "/initial_error");
  time.mass_reference = file.all<double>(group + "/mass_reference");
  if (file.has(group + "/initial_norms")) time.initial_norms = file.all<double>(group + "/initial_norms");
  return time;
}

void require_undamaged_model(const std::string& path) {
  const InputFile file(path);
  const auto is = [&](const char* what) { return file.has("/model") && file.text_attribute("/model", "kind") == what; };
  if (!is(kind) && !is(kind_in_time)) {
    throw sdk::Error(sdk::ErrorKind::state, "the file holds no reduced basis", path, "train a model: set study.type = \"train\"");
  }
  verify_checksum(path);
}

StoredModel read_replicated(const std::string& path, const Setting& setting) {
  const InputFile file(path);
  const bool in_time = file.text_attribute("/model", "kind") == kind_in_time;
  StoredModel model;
  auto& data = model.data;
  model.fingerprint = file.text("/model/fingerprint");
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

void write_model(const std::string& path, const StoredModel& model, const fem::DofMap& dofs, const reduced::Block& basis,
                 const reduced::Block& liftings) {
  const auto& comm = dofs.mesh().comm;
  const auto& data = model.data;
  OutputFile file(comm, path);
  Replicated replicated(file, comm.is_root());
  file.group("/model");
  file.attribute("/model", "kind", model.time ? kind_in_time : kind);
  file.attribute("/model", "size", std::vector<std::int64_t>{data.size});
  file.attribute("/model", "riesz_level", data.riesz_level);
  file.attribute("/model", "solver_level", data.solver_level);
  file.attribute("/model", "norm", data.norm);
  file.text("/model/fingerprint", model.fingerprint);
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
  write_outputs(file, comm.is_root(), model.outputs);
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
    if (num_vectors > 0) file.rows<double>("/vectors/" + space.name + "/values", values.back(), num_vectors * space.components);
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
      const std::int64_t first = shape.at(0) * comm.rank() / comm.size(), end = shape.at(0) * (comm.rank() + 1) / comm.size();
      rows.columns = static_cast<int>(shape.at(1));
      rows.keys = file.rows<std::int64_t>(group + "/keys", first, end - first);
      rows.values = file.rows<double>(group + "/values", first, end - first);
    });
    const int columns = rows.columns;
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

void write_numbers(OutputFile& file, bool is_root, const std::string& path, const std::vector<double>& values) {
  if (!values.empty()) Replicated(file, is_root).numbers(path, values);
}

void write_matrix(OutputFile& file, bool is_root, const std::string& path, const reduced::Dense& matrix) {
  Replicated(file, is_root).matrix(path, matrix);
}

void write_thetas(OutputFile& file, bool is_root, const std::string& path, const reduced::Thetas& thetas) {
  Replicated(file, is_root).thetas(path, thetas);
}

reduced::Dense read_model_matrix(const InputFile& file, const std::string& path) { return read_matrix(file, path); }

reduced::Thetas read_model_thetas(const InputFile& file, const std::string& path, const sdk::SymbolTable& symbols) {
  return read_thetas(file, path, symbols, nullptr);
}

}  // namespace ansatz::io
