#pragma once
/// Parts of model files: numbers, matrices, factors and constants. Private to engine/reduced/storage/model_*.cpp.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/fem/forms/patch.hpp"
#include "engine/io/hdf5/output_file.hpp"
#include "engine/reduced/basis/reduced_model.hpp"
#include "engine/reduced/storage/entries_file.hpp"

namespace ansatz::io {

/// Of the problem that a model belongs to, for entries that it assembles online; null where nobody evaluates them.
using Setting = std::shared_ptr<const fem::PatchSetting>;

/// What rank 0 writes of replicated data. It must live until the file is committed, and all ranks describe the same.
class Replicated {
 public:
  Replicated(OutputFile& file, bool is_root) : file_(file), is_root_(is_root) {}

  void numbers(const std::string& path, const std::vector<double>& values, int columns = 0) {
    file_.rows<double>(path, is_root_ ? std::span<const double>(values) : std::span<const double>(), columns);
  }
  /// Column after column: the file's rows are the columns of the matrix.
  void matrix(const std::string& path, const reduced::Dense& matrix) {
    file_.attribute("/model", attribute_name(path), std::vector<std::int64_t>{matrix.rows, matrix.columns});
    if (!matrix.values.empty()) numbers(path, matrix.values, matrix.rows);
  }
  void stability(const reduced::StabilityData& data) {
    const std::string group = "/model/stability";
    file_.group(group);
    file_.attribute(group, "kind", data.kind);
    if (!data.terms.empty())
      file_.attribute(group, "terms", std::vector<std::int64_t>(data.terms.begin(), data.terms.end()));
    const auto write = [&](const std::string& name, const std::vector<double>& values) {
      if (!values.empty()) numbers(group + "/" + name, values);
    };
    write("reference", data.reference);
    write("shifts", data.shifts);
    if (data.kind == "inf-sup" || data.kind == "interpolation") {
      if (data.inf_sup) file_.attribute(group, "inf_sup", std::vector<std::int64_t>{1});
      file_.attribute(group, "safety", data.safety);
      write("eigenvalues", data.eigenvalues);
      if (!data.coercive_terms.empty())
        file_.attribute(group, "coercive_terms",
                        std::vector<std::int64_t>(data.coercive_terms.begin(), data.coercive_terms.end()));
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
  void thetas(const std::string& path, const reduced::Thetas& thetas) {
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

  void interpolation(const std::string& path, const reduced::InterpolatedFunction& function) {
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
    if (function.fits) {
      matrix(path + "/fit", function.fits->basis);
      file_.attribute(path, "fit_points", std::vector<std::int64_t>{function.num_points_of_terms()});
    }
    file_.attribute(path, "keys", function.keys);
    if (function.entries) add_entries(file_, is_root_, path + "/entries", *function.entries);
    if (!function.points.empty()) numbers(path + "/points", function.points, 3);
    numbers(path + "/parameters", function.parameters, static_cast<int>(function.parameters.size()) / function.size());
  }

  void residual_interpolation(const reduced::ResidualInterpolation::Parts& parts) {
    const std::string group = "/model/residual_interpolation";
    file_.group(group);
    const auto integers = [](const std::vector<int>& values) {
      return std::vector<std::int64_t>(values.begin(), values.end());
    };
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

/// The lines of a text that are not empty.
std::vector<std::string> lines(const std::string& text);

// These throw sdk::Error of kind state where something is missing or does not fit. Not collective.
reduced::Dense read_matrix(const InputFile& file, const std::string& path);
reduced::Stability read_stability(const InputFile& file, const std::vector<sampling::ParameterRange>& box);
std::optional<reduced::ResidualInterpolation> read_residual_interpolation(const InputFile& file);
reduced::Thetas read_thetas(const InputFile& file, const std::string& path, const sdk::SymbolTable& symbols,
                            const Setting& setting);

}  // namespace ansatz::io
