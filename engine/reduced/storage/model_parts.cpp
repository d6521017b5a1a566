#include "engine/reduced/storage/model_parts.hpp"

#include <sstream>

namespace ansatz::io {

using reduced::Dense;
using reduced::InterpolatedFunction;
using reduced::Thetas;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

Dense read_matrix(const InputFile& file, const std::string& path) {
  const auto shape = file.integer_attribute("/model", Replicated::attribute_name(path));
  Dense matrix(static_cast<int>(shape.at(0)), static_cast<int>(shape.at(1)));
  if (!matrix.values.empty()) matrix.values = file.all<double>(path);
  return matrix;
}

namespace {

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
  function.interpolation =
      reduced::Interpolation(read_matrix(file, path + "/lower"), read_matrix(file, path + "/upper"));
  if (function.size() > 0) {
    function.keys = file.integer_attribute(path, "keys");
    if (file.has(path + "/points")) function.points = file.all<double>(path + "/points");
    function.parameters = file.all<double>(path + "/parameters");
  }
  bool good = function.terms >= 0 && function.terms <= function.size();
  if (file.has(path + "/fit")) {
    auto basis = read_matrix(file, path + "/fit");
    const auto few = file.integer_attribute(path, "fit_points").at(0);
    good = good && basis.columns == function.size() && few >= 0 && few <= basis.rows;
    if (good) function.fit(std::move(basis), static_cast<int>(few));
  }
  function.entries = read_entries(file, path + "/entries", setting);
  function.exact = file.has_attribute(path, "exact") && file.integer_attribute(path, "exact").at(0) != 0;
  const auto known = function.entries ? function.entries->size() : static_cast<int>(function.at_points.size());
  if (!good || known != function.num_points()) {
    throw sdk::Error(sdk::ErrorKind::state, "an interpolated function has other numbers of points and of terms",
                     file.path(), "train the model again");
  }
  return std::make_shared<const InterpolatedFunction>(std::move(function));
}

}  // namespace

reduced::Stability read_stability(const InputFile& file, const std::vector<sampling::ParameterRange>& box) {
  const std::string group = "/model/stability";
  if (!file.has(group)) {
    throw sdk::Error(sdk::ErrorKind::state, "the model has no stability constant: it is of an older version",
                     file.path(), "train a model: set study.type = \"train\"");
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
  numbers("shifts", data.shifts);
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
      for (const auto q : file.integer_attribute(group, "coercive_terms"))
        data.coercive_terms.push_back(static_cast<int>(q));
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

Thetas read_thetas(const InputFile& file, const std::string& path, const sdk::SymbolTable& symbols,
                   const Setting& setting) {
  Thetas thetas;
  for (const auto& text : lines(file.text(path + "/factors")))
    thetas.add_factor(sdk::Expression::compile(text, symbols, file.path()));
  if (file.has_attribute(path, "interpolations")) {
    const auto count = file.integer_attribute(path, "interpolations").at(0);
    for (std::int64_t k = 0; k < count; ++k)
      thetas.add_interpolation(read_interpolation(file, fmt::format("{}/interpolation_{}", path, k), symbols, setting));
  }
  if (!file.has_attribute(path, "terms")) return thetas;
  const auto terms = file.integer_attribute(path, "terms");
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2)
    thetas.add_term(static_cast<int>(terms[i]), static_cast<int>(terms[i + 1]));
  return thetas;
}

}  // namespace ansatz::io
