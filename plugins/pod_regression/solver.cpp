#include "solver.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "texts.hpp"

namespace pod_regression {

using namespace ansatz::sdk;

namespace {

constexpr const char* trained_at = "trained_at";  // array of a model

[[noreturn]] void refuse(const ParameterSet& options, const std::string& option, const std::string& what,
                         const std::string& hint) {
  const auto where = options.where(option);
  throw Error(ErrorKind::parameter, what, where.empty() ? std::string(section) + "." + option : where, hint);
}

}  // namespace

SolverInfo solver_info() {
  SolverInfo info;
  info.name = "pod_regression";
  info.doc = "modes of training solutions (POD), coefficients by regression over the parameters; errors are indicated";
  info.in_time = SolverInfo::Time::equal_steps;
  info.trains = true;
  info.needs_parameters = true;
  info.continues = true;  // the truth does
  const std::string automatic = "automatic";
  info.options.add({"samples", Sampling{"sobol", 100, 1}, "1", "training parameters"})
      .add({"corners", true, "1",
            "the corners of the box are among the samples: of one or two parameters where they are at most a fifth, of "
            "more where they are at most a fifteenth of the samples"})
      .add({"parameters", std::vector<std::string>{}, "1",
            "those that the model depends on, the others keep their default; default: all with a range"})
      .add({"truth", std::string("fem"), "1", "ansatz that computes the training solutions"})
      .add({"file", std::string(), "1",
            "HDF5 file with solutions of another program, relative to the case, instead of `truth` and `samples`: "
            "/parameters (n, p) with the attribute `names`, /fields/NAME (n, nodes) or (n, nodes, components), "
            "/mesh/points (nodes, dim); in time /time (steps) and fields (n, steps, nodes)"})
      .add(
          {"validation", std::int64_t{0}, "1",
           "number of unseen random parameters that the truth is solved at after the training, to print the true error",
           nonnegative})
      .add({"tolerance", 1e-6, "1", "of the modes: what they leave of the training solutions, relative, in L2",
            Range{1e-8, 1.0, false, true}})
      .add({"max_modes", std::int64_t{200}, "1", "of each field", Range{1.0, 1e5}})
      .add({"regression",
            automatic,
            "1",
            "kind of the regression; automatic: by the error of left-out samples",
            {},
            {automatic, "kernel", "thin_plate", "polynomial"}})
      .add({"kernel",
            automatic,
            "1",
            "of the regression by kernels",
            {},
            {automatic, "gauss", "matern52", "rational_quadratic"}})
      .add({"length", 0.0, "1", "of the kernel where inputs fill [-1, 1]; 0: by the error of left-out samples",
            nonnegative})
      .add({"nugget", 0.0, "1", "variance of noise relative to the kernel's; 0: by the error of left-out samples",
            nonnegative})
      .add({"length_by_input", true, "1", "a length for each input where that is better"})
      .add({"max_degree", std::int64_t{12}, "1", "of polynomials", Range{0.0, 50.0}})
      .add({"inputs",
            automatic,
            "1",
            "automatic: logarithms of logarithmic parameters, of other positive ones where left-out samples prefer it",
            {},
            {automatic, "linear", "logarithmic"}})
      .add({"scaling",
            automatic,
            "1",
            "automatic: a common factor of parameters with one unit is taken out where the equations confirm it at the "
            "training solutions (steady problems) and left-out samples prefer it",
            {},
            {automatic, "none"}})
      .add({"homogeneous", std::vector<std::string>{}, "1",
            "positive parameters whose common factor c multiplies the solution by c^homogeneity: known, not checked"})
      .add({"homogeneity", -1.0, "1", "see `homogeneous`"});
  return info;
}

PodRegression::PodRegression(const Problem& problem, const ParameterSet& options)
    : problem_(problem), options_(options) {
  const auto all = problem_.parameters();
  for (const auto& parameter : all) trained_at_.push_back(parameter.value);
  const auto find = [&](const std::string& option, const std::string& name) {
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (all[k].name == name && all[k].low < all[k].high) return static_cast<int>(k);
    }
    refuse(options_, option, "\"" + name + "\" is no parameter of the case with a range", "see [parameters]");
  };
  const auto& wanted = options_.strings("parameters");
  for (std::size_t k = 0; k < all.size() && wanted.empty(); ++k) {
    if (all[k].low < all[k].high) used_.push_back(static_cast<int>(k));
  }
  for (const auto& name : wanted) used_.push_back(find("parameters", name));
  std::sort(used_.begin(), used_.end());
  if (std::adjacent_find(used_.begin(), used_.end()) != used_.end()) {
    refuse(options_, "parameters", "a parameter occurs twice", "name each once");
  }
  if (used_.empty()) refuse(options_, "parameters", "the case has no parameter with a range", "see [parameters]");
  for (const int k : used_) used_names_.push_back(all[k].name);
  for (const auto& name : options_.strings("homogeneous")) {
    const int k = find("homogeneous", name);
    if (std::find(used_.begin(), used_.end(), k) == used_.end() || all[k].low <= 0.0) {
      refuse(options_, "homogeneous", "\"" + name + "\" is not positive, or not one of `parameters`",
             "a scaling is one of positive parameters");
    }
  }
  if (options_.string("truth") == "pod_regression") {
    refuse(options_, "truth", "pod_regression cannot learn from itself", "\"fem\" computes solutions");
  }
  if (options_.is_given("file") && (options_.is_given("samples") || options_.is_given("truth"))) {
    refuse(options_, "file", "solutions are read or computed, not both", "leave out `samples` and `truth`, or `file`");
  }
  if (options_.string("inputs") == "logarithmic") {
    for (const int k : used_) {
      if (all[k].low > 0.0) continue;
      refuse(options_, "inputs", "\"" + all[k].name + "\" has no logarithm: its range is not positive",
             "\"automatic\" takes logarithms of those that have one");
    }
  }
}

std::vector<double> PodRegression::all_parameters(std::span<const double> used) const {
  auto out = trained_at_;
  for (std::size_t k = 0; k < used_.size(); ++k) out[used_[k]] = used[k];
  return out;
}

/// \throws Error of kind parameter where another parameter is not where it was in the training.
std::vector<double> PodRegression::used_parameters(std::span<const double> all) const {
  std::vector<double> out;
  const auto parameters = problem_.parameters();
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (std::find(used_.begin(), used_.end(), static_cast<int>(k)) != used_.end()) {
      out.push_back(all[k]);
    } else if (all[k] != trained_at_[k]) {
      throw Error(ErrorKind::parameter,
                  "the model was trained for " + parameters[k].name + " = " + number(trained_at_[k]) + ", not " +
                      number(all[k]),
                  section, "add it to `parameters`, or train anew with --set study.type=train");
    }
  }
  return out;
}

std::string PodRegression::parameter_text(std::span<const double> all) const {
  std::string out;
  for (std::size_t k = 0; k < used_.size(); ++k) {
    out += (k > 0 ? ", " : "") + used_names_[k] + " = " + number(all[used_[k]]);
  }
  return out;
}

/// The discretisation and the fields' unknowns. *Collective.*
void PodRegression::prepare() {
  if (discretisation_) return;
  discretisation_ = problem_.make_discretisation();
  std::int64_t count = 0;
  for (const auto& nodes : discretisation_->fields()) {
    Field field{nodes.name, {}};
    for (const auto first : nodes.first) {
      for (int c = 0; c < nodes.components; ++c) field.unknowns.push_back(first + c);
    }
    count += static_cast<std::int64_t>(field.unknowns.size());
    fields_.push_back(std::move(field));
  }
  const auto total = problem_.comm().sum(count);
  if (total != discretisation_->num_global()) {
    throw Error(
        ErrorKind::internal,
        "fields have " + std::to_string(total) + " of " + std::to_string(discretisation_->num_global()) + " unknowns",
        section);
  }
}

std::vector<std::vector<double>> PodRegression::with_mass(const Steps& steps) {
  discretisation_->set_parameters(trained_at_);  // the products are those of the mesh where it lies by default
  std::vector<std::vector<double>> out;
  for (const auto& step : steps) {
    out.emplace_back(step.values.size());
    discretisation_->mass(step.values, out.back());
  }
  return out;
}

/// Fields at all steps, owned unknowns, before prescribed values are written.
std::vector<std::vector<double>> PodRegression::fields_at(std::span<const double> all) const {
  const auto predicted = surrogate_->predict(used_parameters(all));
  std::vector<std::vector<double>> out(surrogate_->num_steps(), std::vector<double>(discretisation_->num_owned(), 0.0));
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const auto& modes = modes_[f];
    for (int t = 0; t < surrogate_->num_steps(); ++t) {
      const auto c = surrogate_->coefficients(predicted, static_cast<int>(f), t);
      for (int k = 0; k < modes.columns; ++k) {
        const auto mode = modes.column(k);
        for (int i = 0; i < modes.rows; ++i) out[t][fields_[f].unknowns[i]] += c[k] * mode[i];
      }
    }
  }
  return out;
}

Certificate PodRegression::certificate(std::span<const double> used, std::span<const double> predicted,
                                       int step) const {
  double variance = 0.0, left = 0.0, square = 0.0;
  for (int f = 0; f < surrogate_->num_fields(); ++f) {
    const double unit = surrogate_->size(f);
    if (unit == 0.0) continue;
    for (const double c : surrogate_->coefficients(predicted, f, step)) square += c * c / (unit * unit);
    variance += std::pow(surrogate_->deviation(used, f, step) / unit, 2);
    left += std::pow(surrogate_->tail(f), 2);
  }
  Certificate out;
  out.kind = Certificate::Kind::indicator;
  out.norm = "L2 of the fields, relative: predicted standard deviation, fitted to samples that were left out (mean " +
             percent(surrogate_->one_out().mean()) + ")";
  const double size = std::sqrt(std::max(square, 1e-300));
  const double deviation = std::sqrt(variance) / size, truncation = std::sqrt(left);
  out.parts = {{"deviation", deviation}, {"truncation", truncation}};
  out.value = std::hypot(deviation, truncation);
  return out;
}

Solution PodRegression::solve(const Query& query, Monitor& monitor) {
  prepare();
  const auto used = used_parameters(query.parameters);
  const auto predicted = surrogate_->predict(used);
  auto fields = fields_at(query.parameters);
  const auto times = problem_.times();
  discretisation_->set_parameters(query.parameters);
  Solution solution;
  for (int t = 0; t < surrogate_->num_steps(); ++t) {
    solution = {};
    solution.time = times.empty() ? 0.0 : times[t];
    solution.values = std::move(fields[t]);
    discretisation_->prescribe(solution.time, solution.values);
    solution.parameters.assign(query.parameters.begin(), query.parameters.end());
    solution.certificate = certificate(used, predicted, t);
    monitor.observe(solution, t, t + 1 == surrogate_->num_steps());
  }
  return solution;
}

Record PodRegression::model() const {
  Record record;
  for (const auto& [name, array] : surrogate_->save()) {
    record.arrays[name] = {{array.columns, array.rows}, array.values};
  }
  if (options_.is_given("file")) record.attributes["checksum"] = checksum_;
  record.arrays[trained_at] = {{1, static_cast<std::int64_t>(trained_at_.size())}, trained_at_};
  record.attributes["regression"] = surrogate_->text(used_names_);
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    auto& list = record.vectors["modes_" + fields_[f].name];
    for (int k = 0; k < modes_[f].columns; ++k) {
      std::vector<double> vector(discretisation_->num_owned(), 0.0);
      const auto mode = modes_[f].column(k);
      for (int i = 0; i < modes_[f].rows; ++i) vector[fields_[f].unknowns[i]] = mode[i];
      list.push_back(std::move(vector));
    }
  }
  return record;
}

std::vector<std::string> PodRegression::options_of_solving() const { return {"validation"}; }

void PodRegression::use(const Record& record) {
  prepare();
  trained_at_ = record.array(trained_at, {1, static_cast<std::int64_t>(trained_at_.size())}).values;
  std::map<std::string, Matrix> arrays;
  for (const auto& [name, array] : record.arrays) {
    if (array.shape.size() != 2 || array.shape[0] * array.shape[1] != static_cast<std::int64_t>(array.values.size())) {
      throw Error(ErrorKind::state, "the array \"" + name + "\" of the model is damaged", section, "train anew");
    }
    Matrix matrix(static_cast<int>(array.shape[1]), static_cast<int>(array.shape[0]));
    matrix.values = array.values;
    arrays[name] = std::move(matrix);
  }
  if (options_.is_given("file")) {
    checksum_ = std::to_string(problem_.open_solutions(options_.string("file"))->checksum());
    if (record.attribute("checksum") != checksum_) {
      throw Error(ErrorKind::state, "the file of solutions is not the one that the model was trained by",
                  options_.string("file"), "train anew");
    }
  }
  auto surrogate = Surrogate::load(arrays);
  if (surrogate.num_fields() != static_cast<int>(fields_.size()) ||
      surrogate.num_steps() != static_cast<int>(std::max<std::size_t>(1, problem_.times().size())) ||
      surrogate.inputs().num_parameters() != static_cast<int>(used_.size())) {
    throw Error(ErrorKind::state, "the model has other fields, times or parameters than the case", section,
                "train anew");
  }
  modes_.clear();
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const auto& list = record.list("modes_" + fields_[f].name);
    if (static_cast<int>(list.size()) != surrogate.num_modes(static_cast<int>(f))) {
      throw Error(ErrorKind::state, "the model has another number of modes than coefficients", section, "train anew");
    }
    Matrix modes(static_cast<int>(fields_[f].unknowns.size()), static_cast<int>(list.size()));
    for (int k = 0; k < modes.columns; ++k) {
      for (int i = 0; i < modes.rows; ++i) modes(i, k) = list[k].at(fields_[f].unknowns[i]);
    }
    modes_.push_back(std::move(modes));
  }
  surrogate_ = std::move(surrogate);
}

}  // namespace pod_regression
