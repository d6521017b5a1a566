#include "solver.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <sstream>

#include "ansatz/sdk/error.hpp"

namespace pod_regression {

using namespace ansatz::sdk;

/// What training collects.
struct PodRegression::Learned {
  struct Check {
    Scaling scaling;
    int checked = 0;  ///< training solutions that were scaled and put into the equations
    bool holds = true;
  };
  std::vector<std::vector<double>> samples;  ///< (n, used parameters)
  std::vector<Pod> pods;                     ///< of each field
  std::vector<Check> checks;
  std::string source;  ///< for people
};

namespace {

constexpr std::int64_t validation_seed = 20071;  // of no training that starts to count its seeds at 1
constexpr const char* section = "solver.pod_regression";
constexpr const char* trained_at = "trained_at";  // array of a model
constexpr double large_error = 0.1;               // of left-out samples: worth a warning

std::string percent(double x) {
  if (!std::isfinite(x)) return "not determined";
  char text[32];
  std::snprintf(text, sizeof text, "%.2g %%", 100.0 * x);
  return text;
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

std::string checksum_text(const SolutionFile& file) { return std::to_string(file.checksum()); }

[[noreturn]] void refuse(const ParameterSet& options, const std::string& option, const std::string& what,
                         const std::string& hint) {
  const auto where = options.where(option);
  throw Error(ErrorKind::parameter, what, where.empty() ? std::string(section) + "." + option : where, hint);
}

/// Matrices of rank 0 on all ranks. *Collective.*
void share(const Communicator& comm, std::map<std::string, Matrix>& arrays) {
  std::string names;
  for (const auto& [name, array] : arrays) {
    names += name + " " + std::to_string(array.rows) + " " + std::to_string(array.columns) + "\n";
  }
  std::istringstream lines(comm.broadcast(names));
  std::map<std::string, Matrix> out;
  std::string name;
  for (int rows = 0, columns = 0; lines >> name >> rows >> columns;) {
    auto& array = out[name] = comm.is_root() ? arrays.at(name) : Matrix(rows, columns);
    comm.broadcast(array.values.data(), array.values.size() * sizeof(double));
  }
  arrays = std::move(out);
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

std::pair<Matrix, Matrix> PodRegression::columns(const Field& field, const Steps& steps,
                                                 const std::vector<std::vector<double>>& mass) {
  Matrix U(static_cast<int>(field.unknowns.size()), static_cast<int>(steps.size())), MU = U;
  for (int t = 0; t < U.columns; ++t) {
    for (int i = 0; i < U.rows; ++i) {
      U(i, t) = steps[t].values[field.unknowns[i]];
      MU(i, t) = mass[t][field.unknowns[i]];
    }
  }
  return {std::move(U), std::move(MU)};
}

void PodRegression::learn(Learned& learned, std::span<const double> all, const Steps& steps) {
  const auto expected = std::max<std::size_t>(1, problem_.times().size());
  if (steps.size() != expected) {
    throw Error(ErrorKind::internal,
                "the truth has " + std::to_string(steps.size()) + " steps, not " + std::to_string(expected), section);
  }
  const auto mass = with_mass(steps);
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const auto [U, MU] = columns(fields_[f], steps, mass);
    learned.pods[f].add(U, MU);
  }
  learned.samples.push_back(used_parameters(all));
}

/// The used parameters of a sample.
std::vector<std::vector<double>> PodRegression::sample(const Sampling& sampling) const {
  const auto values = problem_.sample_parameters(sampling);
  const std::size_t count = problem_.parameters().size();
  std::vector<std::vector<double>> out(values.size() / count);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const int k : used_) out[i].push_back(values[i * count + k]);
  }
  return out;
}

void PodRegression::solve_samples(Learned& learned, Monitor& monitor) {
  const auto& sampling = options_.sampling("samples");
  const int dim = static_cast<int>(used_.size());
  const auto parameters = problem_.parameters();
  std::vector<std::vector<double>> points;
  const std::int64_t corners = dim < 20 ? std::int64_t{1} << dim : sampling.size;
  // In few dimensions what lies beyond the outermost samples counts; in many the corners are far from all else.
  const std::int64_t least = (dim <= 2 ? 5 : 15) * corners;
  if (options_.boolean("corners") && sampling.method != "grid" && sampling.size >= least) {
    for (std::int64_t corner = 0; corner < corners; ++corner) {
      std::vector<double> mu;
      for (int k = 0; k < dim; ++k)
        mu.push_back((corner >> k & 1) != 0 ? parameters[used_[k]].high : parameters[used_[k]].low);
      points.push_back(std::move(mu));
    }
  }
  auto rest = sampling;
  rest.size -= static_cast<std::int64_t>(points.size());
  for (auto& mu : sample(rest)) {
    if (std::find(points.begin(), points.end(), mu) == points.end()) points.push_back(std::move(mu));
  }
  const auto truth = problem_.make_solver(options_.string("truth"));
  std::size_t failed = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto all = all_parameters(points[i]);
    Snapshots steps(monitor);
    try {
      truth->solve({.parameters = all}, steps);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::solver && error.kind() != ErrorKind::not_finite) throw;
      monitor.warn("no training solution at " + parameter_text(all) + ": " + error.what());
      if (10 * ++failed > points.size()) throw;
      continue;
    }
    learn(learned, all, steps.taken());
    check_scalings(learned, all, steps.taken());
    monitor.progress(static_cast<double>(i + 1) / static_cast<double>(points.size()),
                     "training solution " + std::to_string(i + 1) + " of " + std::to_string(points.size()));
  }
  learned.source = std::to_string(learned.samples.size()) + " solutions by " + options_.string("truth");
}

void PodRegression::read_samples(Learned& learned, Monitor& monitor) {
  const auto& path = options_.string("file");
  const auto file = problem_.open_solutions(path);
  const auto times = problem_.times(), theirs = file->times();
  bool same = times.size() == theirs.size();
  for (std::size_t j = 0; j < times.size() && same; ++j) {
    same = std::abs(times[j] - theirs[j]) <= 1e-9 * (times.back() - times.front());
  }
  if (!same) {
    throw Error(ErrorKind::state,
                "the file has " + std::to_string(theirs.size()) + " times, which are not the " +
                    std::to_string(times.size()) + " of the case",
                path, "let time.start, time.end and time.step be those of the file, and no [time] where it has none");
  }
  checksum_ = checksum_text(*file);
  const auto dim = problem_.parameters().size();
  for (std::int64_t i = 0; i < file->size(); ++i) {
    const auto all = file->parameters().subspan(i * dim, dim);
    const auto steps = file->read(i);
    learn(learned, all, steps);
    check_scalings(learned, all, steps);
    monitor.progress(static_cast<double>(i + 1) / static_cast<double>(file->size()),
                     "solution " + std::to_string(i + 1) + " of " + std::to_string(file->size()));
  }
  learned.source = std::to_string(learned.samples.size()) + " solutions of " + path;
  check_coverage(learned, path, monitor);
}

/// Whether solutions of a file are of the ranges of the case. \throws Error of kind state where none is.
void PodRegression::check_coverage(const Learned& learned, const std::string& path, Monitor& monitor) const {
  const auto all = problem_.parameters();
  for (std::size_t k = 0; k < used_.size(); ++k) {
    const auto& parameter = all[used_[k]];
    const double slack = 1e-9 * (parameter.high - parameter.low);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto& sample : learned.samples) {
      low = std::min(low, sample[k]);
      high = std::max(high, sample[k]);
    }
    const auto text = parameter.name + " is from " + number(low) + " to " + number(high) + " in the file, from " +
                      number(parameter.low) + " to " + number(parameter.high) + " in the case";
    if (high < parameter.low - slack || low > parameter.high + slack) {
      throw Error(ErrorKind::state, text, path, "has it another unit, or is it another parameter?");
    }
    // A sample of the range leaves about a step at each end.
    const double room = 0.25 * (parameter.high - parameter.low);
    if (low > parameter.low + room || high < parameter.high - room)
      monitor.warn(text + ": beyond the file the model extrapolates");
  }
}

/// Scales a training solution and its parameters and puts them into the equations: |F(w)| / |J w| must stay round-off
/// and solver tolerance, as it is at the solution itself, and w must have the prescribed values. *Collective.*
void PodRegression::check_scalings(Learned& learned, std::span<const double> all, const Steps& steps) {
  if (learned.checks.empty()) return;
  const auto parameters = problem_.parameters();
  auto& d = *discretisation_;
  const auto residual = [&](std::span<const double> mu, const std::vector<double>& w) {
    d.set_parameters(mu);
    std::vector<double> F(w.size()), G(w.size()), v = w, prescribed = w;
    d.prescribe(0.0, prescribed);
    d.residual(0.0, w, {}, F);
    const double step = 1e-4;
    for (auto& x : v) x *= 1.0 + step;
    d.residual(0.0, v, {}, G);
    for (std::size_t i = 0; i < w.size(); ++i) {
      G[i] = (G[i] - F[i]) / step;
      prescribed[i] -= w[i];
    }
    const double wrong = std::sqrt(d.dot(prescribed, prescribed) / std::max(d.dot(w, w), 1e-300));
    return std::max(std::sqrt(d.dot(F, F) / std::max(d.dot(G, G), 1e-300)), wrong);
  };
  const auto& u = steps.back().values;
  const double own = residual(all, u);
  for (auto& check : learned.checks) {
    if (!check.holds) continue;
    double least = 0.0, most = std::numeric_limits<double>::infinity();
    for (const int k : check.scaling.parameters) {
      const auto& parameter = parameters[used_[k]];
      least = std::max(least, parameter.low / all[used_[k]]);
      most = std::min(most, parameter.high / all[used_[k]]);
    }
    const double factor = most * least > 1.0 ? most : least;  // the farther end of the range
    if (std::abs(std::log(factor)) < 0.05) continue;
    std::vector<double> mu(all.begin(), all.end()), w = u;
    for (const int k : check.scaling.parameters) {
      const auto& parameter = parameters[used_[k]];
      mu[used_[k]] = std::clamp(factor * mu[used_[k]], parameter.low, parameter.high);
    }
    for (auto& x : w) x *= std::pow(factor, check.scaling.power);
    ++check.checked;
    const double scaled = residual(mu, w);
    check.holds = own < 1e-5 && scaled <= 10.0 * own + 1e-9;
  }
}

/// Scalings that are looked at: of positive parameters with one unit.
std::vector<Candidate> PodRegression::candidates(const Learned& learned) const {
  const auto all = problem_.parameters();
  std::vector<std::vector<char>> looks;
  std::vector<char> said, positive;
  for (const int k : used_) {
    said.push_back(all[k].logarithmic ? 1 : 0);
    positive.push_back(all[k].low > 0.0 ? 1 : 0);
  }
  const auto& inputs = options_.string("inputs");
  if (inputs == "linear") looks = {std::vector<char>(used_.size(), 0)};
  if (inputs == "logarithmic") looks = {positive};
  if (inputs == "automatic") looks = {said};
  if (inputs == "automatic" && positive != said) looks.push_back(positive);
  std::vector<Candidate> out;
  const auto& names = options_.strings("homogeneous");
  Scaling known{{}, options_.number("homogeneity")};
  for (std::size_t k = 0; k < used_.size(); ++k) {
    if (std::find(names.begin(), names.end(), used_names_[k]) != names.end()) {
      known.parameters.push_back(static_cast<int>(k));
    }
  }
  for (const auto& look : looks) {
    if (!known.parameters.empty()) {
      out.push_back({look, known});
      continue;
    }
    out.push_back({look, {}});
    for (const auto& check : learned.checks) {
      if (check.holds && check.checked >= 3) out.push_back({look, check.scaling});
    }
  }
  // The logarithms of all of them are the only look where the scaling takes all.
  std::vector<Candidate> distinct;
  for (auto& candidate : out) {
    for (const int k : candidate.scaling.parameters) candidate.logarithmic[k] = 1;
    const bool seen = std::any_of(distinct.begin(), distinct.end(), [&](const Candidate& other) {
      return other.logarithmic == candidate.logarithmic && other.scaling == candidate.scaling;
    });
    if (!seen) distinct.push_back(candidate);
  }
  return distinct;
}

SurrogateOptions PodRegression::surrogate_options(const Learned& learned) const {
  SurrogateOptions out;
  const auto &kind = options_.string("regression"), &kernel = options_.string("kernel");
  if (kernel != "automatic") {
    out.choices.kernels.clear();
    for (const auto one : {Kernel::gauss, Kernel::matern52, Kernel::rational_quadratic}) {
      if (kernel == name(one)) out.choices.kernels.push_back(one);
    }
  }
  if (kind == "thin_plate" || kind == "polynomial") out.choices.kernels.clear();
  out.choices.thin_plate = kind == "automatic" || kind == "thin_plate";
  out.choices.polynomial = kind == "automatic" || kind == "polynomial";
  out.choices.length = options_.number("length");
  out.choices.nugget = options_.number("nugget");
  out.choices.length_by_input = options_.boolean("length_by_input");
  out.choices.max_degree = static_cast<int>(options_.integer("max_degree"));
  out.candidates = candidates(learned);
  out.tolerance = options_.number("tolerance");
  out.max_modes = static_cast<int>(options_.integer("max_modes"));
  return out;
}

void PodRegression::train(Monitor& monitor) {
  prepare();
  Learned learned;
  const auto& comm = problem_.comm();
  const Sum sum = [&](std::vector<double>& values) { values = comm.sum(std::span<const double>(values)); };
  for (std::size_t f = 0; f < fields_.size(); ++f) learned.pods.emplace_back(sum, 0.1 * options_.number("tolerance"));
  const auto parameters = problem_.parameters();
  if (options_.string("scaling") == "automatic" && problem_.times().empty() &&
      options_.strings("homogeneous").empty()) {
    std::map<std::string, std::vector<int>> groups;
    for (std::size_t k = 0; k < used_.size(); ++k) {
      if (parameters[used_[k]].low > 0.0) groups[parameters[used_[k]].unit].push_back(static_cast<int>(k));
    }
    for (const auto& [unit, group] : groups) {
      for (const double power : {-1.0, 1.0, 0.0}) learned.checks.push_back({{group, power}});
    }
  }
  if (options_.is_given("file")) {
    read_samples(learned, monitor);
  } else {
    solve_samples(learned, monitor);
  }

  Training training;
  const int n = static_cast<int>(learned.samples.size());
  training.samples = Matrix(n, static_cast<int>(used_.size()));
  for (int i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < used_.size(); ++k) training.samples(i, static_cast<int>(k)) = learned.samples[i][k];
  }
  const auto times = problem_.times();
  if (times.size() > 1) {  // trapezoidal rule
    training.time_weights.assign(times.size(), 0.0);
    for (std::size_t j = 1; j < times.size(); ++j) {
      const double half = 0.5 * (times[j] - times[j - 1]) / (times.back() - times.front());
      training.time_weights[j - 1] += half;
      training.time_weights[j] += half;
    }
  }
  for (const auto& pod : learned.pods) training.coefficients.push_back(pod.coefficients());
  // On rank 0 alone: what is chosen must not depend on the last bits of each rank.
  std::map<std::string, Matrix> arrays, bases;
  agree(comm, [&] {
    if (!comm.is_root()) return;
    const auto model = Surrogate::train(training, surrogate_options(learned));
    arrays = model.save();
    for (int f = 0; f < model.num_fields(); ++f) {
      bases[std::to_string(f)] = model.rotation(f);
      const auto& values = model.singular_values(f);
      auto& column = bases["values" + std::to_string(f)] = Matrix(static_cast<int>(values.size()), 1);
      column.values = values;
    }
  });
  share(comm, arrays);
  share(comm, bases);
  surrogate_ = Surrogate::load(arrays);
  modes_.clear();
  std::vector<Curve> curves;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    modes_.push_back(learned.pods[f].basis(bases.at(std::to_string(f))));
    modes_.back().rows = static_cast<int>(fields_[f].unknowns.size());
    const auto& values = bases.at("values" + std::to_string(f)).values;
    Curve curve{fields_[f].name, {}, {}};
    for (std::size_t k = 0; k < values.size() && values[k] > 1e-9 * values[0]; ++k) {
      curve.x.push_back(static_cast<double>(k + 1));
      curve.y.push_back(values[k] / values[0]);
    }
    if (curve.x.size() > 1) curves.push_back(std::move(curve));
  }
  if (!curves.empty()) monitor.chart("singular_values", "Singular values", "mode", "relative", curves, true);
  monitor.say("learned from " + learned.source);
  monitor.say("regression: " + surrogate_->text(used_names_));
  report(learned, monitor);
  if (options_.integer("validation") > 0) validate(monitor);
}

void PodRegression::report(const Learned& learned, Monitor& monitor) const {
  const auto names_of = [&](const Scaling& scaling) {
    std::string out;
    for (const int k : scaling.parameters) out += (out.empty() ? "" : ", ") + used_names_[k];
    return out;
  };
  for (const auto& check : learned.checks) {
    if (!check.holds || check.checked < 3) continue;
    const bool taken = surrogate_->inputs().scaling() == check.scaling;
    monitor.say("scaling: a common factor c of " + names_of(check.scaling) + " gives c^" + number(check.scaling.power) +
                " by the equations at " + std::to_string(check.checked) + " training solutions, " +
                (taken ? "taken out" : "not taken out: left-out samples are met better without"));
  }
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const int field = static_cast<int>(f);
    monitor.say(fields_[f].name + ": " + std::to_string(surrogate_->num_modes(field)) + " modes leave " +
                percent(surrogate_->tail(field)) + " of the training");
  }
  const auto &one = surrogate_->one_out(), &tenth = surrogate_->tenth_out();
  monitor.say("error of samples left out (L2, relative): one by one mean " + percent(one.mean()) + ", worst " +
              percent(one.worst()) + "; a tenth at a time mean " + percent(tenth.mean()) + ", worst " +
              percent(tenth.worst()));
  if (!(one.mean() <= large_error)) {
    monitor.warn("the model misses left-out samples by " + percent(one.mean()) +
                 " in the mean: it needs more samples, or fewer parameters");
  }
  monitor.event("left_out", {{"one_mean", one.mean()},
                             {"one_worst", one.worst()},
                             {"tenth_mean", tenth.mean()},
                             {"tenth_worst", tenth.worst()}});
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

/// Solves the truth at unseen parameters and prints the true error beside what leaving out says. *Collective.*
void PodRegression::validate(Monitor& monitor) {
  const auto points = sample({"random", options_.integer("validation"), validation_seed});
  const std::size_t n = points.size();
  const auto truth = problem_.make_solver(options_.is_given("file") ? "fem" : options_.string("truth"));
  std::vector<double> errors;
  const auto times = problem_.times();
  for (std::size_t i = 0; i < n; ++i) {
    const auto all = all_parameters(points[i]);
    Snapshots taken(monitor);
    truth->solve({.parameters = all}, taken);
    auto steps = taken.taken();
    const auto exact = with_mass(steps);
    const auto fields = fields_at(all);
    auto differences = steps;
    discretisation_->set_parameters(all);
    for (std::size_t t = 0; t < steps.size(); ++t) {
      auto mine = fields[t];
      discretisation_->prescribe(times.empty() ? 0.0 : times[t], mine);
      for (std::size_t k = 0; k < mine.size(); ++k) differences[t].values[k] -= mine[k];
    }
    const auto wrong = with_mass(differences);
    std::vector<double> squares(2 * fields_.size(), 0.0);
    for (std::size_t t = 0; t < steps.size(); ++t) {
      double weight = 1.0;
      if (times.size() > 1) {
        const double before = t > 0 ? times[t] - times[t - 1] : 0.0,
                     after = t + 1 < times.size() ? times[t + 1] - times[t] : 0.0;
        weight = 0.5 * (before + after);
      }
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        for (const auto k : fields_[f].unknowns) {
          squares[2 * f] += weight * differences[t].values[k] * wrong[t][k];
          squares[2 * f + 1] += weight * steps[t].values[k] * exact[t][k];
        }
      }
    }
    squares = problem_.comm().sum(std::span<const double>(squares));
    double error = 0.0, size = 0.0;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const double unit = surrogate_->size(static_cast<int>(f));
      if (unit == 0.0) continue;
      error += squares[2 * f] / (unit * unit);
      size += squares[2 * f + 1] / (unit * unit);
    }
    errors.push_back(size > 0.0 ? std::sqrt(error / size) : std::sqrt(error));
    monitor.progress(static_cast<double>(i + 1) / static_cast<double>(n),
                     "validation " + std::to_string(i + 1) + " of " + std::to_string(n));
  }
  const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(n);
  const double worst = *std::max_element(errors.begin(), errors.end());
  monitor.say("true error at " + std::to_string(n) + " unseen parameters: mean " + percent(mean) + ", worst " +
              percent(worst) + "; left out one by one " + number(surrogate_->one_out().mean() / mean) +
              " times the mean");
  monitor.event("true_error", {{"points", static_cast<std::int64_t>(n)}, {"mean", mean}, {"worst", worst}});
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
    checksum_ = checksum_text(*problem_.open_solutions(options_.string("file")));
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
