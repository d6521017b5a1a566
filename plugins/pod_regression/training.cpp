// The training of the solver: what it learns from, what it confirms of it, and what it says of its errors.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "solver.hpp"
#include "texts.hpp"

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
constexpr double large_error = 0.1;              // of left-out samples: worth a warning

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
  checksum_ = std::to_string(file->checksum());
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
    const double change = d.dot(G, G), size = d.dot(w, w);
    // Of a solution of zero, or one whose squares are no numbers any more, nothing is confirmed.
    if (!(change > 0.0) || !(size > 0.0)) return std::numeric_limits<double>::infinity();
    return std::sqrt(std::max(d.dot(F, F) / change, d.dot(prescribed, prescribed) / size));
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

}  // namespace pod_regression
