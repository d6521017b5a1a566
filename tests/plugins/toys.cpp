// Ansaetze and a study that tests/cases/any_ansatz.test.py runs: right ones, and each kind of wrong one.
#include <ansatz/sdk/plugin.hpp>
#include <ansatz/sdk/random.hpp>
#include <ansatz/sdk/study.hpp>
#include <chrono>
#include <limits>
#include <thread>

namespace {

using namespace ansatz::sdk;

/// u = slope x (1 + t)^2 at all nodes; in time with the parabola within each step, or without.
class Ramp final : public Solver {
 public:
  Ramp(const Problem& problem, const ParameterSet& options)
      : problem_(problem), slope_(options.number("slope")), dense_(options.boolean("dense")) {}

  static SolverInfo info() {
    SolverInfo info{.name = "ramp", .doc = "u = slope x (1 + t)^2", .in_time = SolverInfo::Time::any_steps};
    info.options.add({.name = "slope", .initial = 2.0, .unit = "1", .doc = "of u"})
        .add({.name = "dense", .initial = true, .unit = "1", .doc = "tells what is within a step"});
    return info;
  }

  Solution solve(const Query& /*query*/, Monitor& monitor) override {
    const auto space = problem_.make_discretisation();
    const auto nodes = space->fields().front();
    const auto dim = static_cast<std::size_t>(problem_.mesh().dim);
    const auto at = [&](double t) {
      Solution u{.time = t, .values = std::vector<double>(static_cast<std::size_t>(space->num_owned()))};
      for (std::size_t n = 0; n < nodes.first.size(); ++n)
        u.values[static_cast<std::size_t>(nodes.first[n])] = slope_ * nodes.coordinates[n * dim] * (1 + t) * (1 + t);
      if (!problem_.times().empty() && dense_) u.rates.emplace(u.values.size(), 0.0);
      u.certificate = Certificate{.kind = Certificate::Kind::estimate,
                                  .against = Certificate::Against::equation,
                                  .value = 0.5,
                                  .norm = "its own",
                                  .parts = {{"one", 0.25}, {"other", 0.25}}};
      return u;
    };
    if (problem_.times().empty()) return at(0.0);  // the engine shows it
    const auto times = problem_.times();
    Solution last;
    for (std::size_t k = 0; k < times.size(); ++k) {
      last = at(times[k]);
      const StepTaken taken{k == 0 ? 0.0 : times[k - 1], times[k], at};
      monitor.observe(last, static_cast<std::int64_t>(k), k + 1 == times.size(), dense_ && k > 0 ? &taken : nullptr);
    }
    return last;
  }

 private:
  const Problem& problem_;
  double slope_;
  bool dense_;
};

/// What finite elements say.
class Truth final : public Solver {
 public:
  explicit Truth(const Problem& problem) : problem_(problem) {}
  Solution solve(const Query& query, Monitor& monitor) override {
    if (!truth_) truth_ = problem_.make_solver("fem");
    Snapshots taken(monitor);
    auto solution = truth_->solve(query, taken);
    std::int64_t k = 0;
    for (const auto& at : taken.taken()) {
      monitor.observe(at, k, k + 1 == static_cast<std::int64_t>(taken.taken().size()));
      ++k;
    }
    return solution;
  }

 private:
  const Problem& problem_;
  std::unique_ptr<Solver> truth_;
};

/// What finite elements say, spoiled in the way that the option says, by a share of its largest value.
class Spoiled final : public Solver {
 public:
  Spoiled(const Problem& problem, const ParameterSet& options)
      : problem_(problem), kind_(options.string("kind")), share_(options.number("share")) {}
  static SolverInfo info() {
    SolverInfo info{.name = "spoiled", .doc = "a solution with a fault"};
    info.options
        .add({.name = "kind",
              .initial = std::string("noise"),
              .unit = "1",
              .doc = "of the fault",
              .choices = {"noise", "random", "boundary", "region", "not_finite"}})
        .add({.name = "share", .initial = 1e-2, .unit = "1", .doc = "of the largest value"});
    return info;
  }
  Solution solve(const Query& query, Monitor& monitor) override {
    if (!truth_) truth_ = problem_.make_solver("fem");
    if (!space_) space_ = problem_.make_discretisation();
    Snapshots quiet(monitor);
    auto solution = truth_->solve({.parameters = query.parameters}, quiet);
    auto& u = solution.values;
    double largest = 0.0;
    for (const double value : u) largest = std::max(largest, std::abs(value));
    const double size = share_ * problem_.comm().max(largest);
    const auto fields = space_->fields();
    const auto dim = static_cast<std::size_t>(problem_.mesh().dim);
    const double middle = 0.5 * (problem_.mesh().low[0] + problem_.mesh().high[0]);
    auto fixed = u;
    for (const auto& field : fields) {
      for (std::size_t n = 0; n < field.first.size(); ++n) {
        const double* x = field.coordinates.data() + n * dim;
        // Of the place, so that the number of ranks does not matter.
        const double wave = std::sin(1e4 * x[0] + (dim > 1 ? 7e3 * x[1] : 0.0) + 1.0);
        auto& value = u[static_cast<std::size_t>(field.first[n])];
        if (kind_ == "noise" || kind_ == "boundary") value += size * wave;
        if (kind_ == "random") value = size * wave;
        if (kind_ == "region" && x[0] > middle) value *= 1.0 + share_;
        if (kind_ == "not_finite") value /= 0.0 * wave;
      }
    }
    if (kind_ != "boundary" && kind_ != "not_finite") space_->prescribe(0.0, u);
    solution.certificate = Certificate{.value = 1e-30, .norm = "a lie"};
    return solution;
  }

 private:
  const Problem& problem_;
  std::string kind_;
  double share_;
  std::unique_ptr<Solver> truth_;
  std::unique_ptr<Discretisation> space_;
};

/// What finite elements say for 20 steps, and then nothing more.
class ShortLived final : public Solver {
 public:
  explicit ShortLived(const Problem& problem) : problem_(problem) {}
  Solution solve(const Query& query, Monitor& monitor) override {
    Snapshots taken(monitor);
    problem_.make_solver("fem")->solve(query, taken);
    for (std::int64_t k = 0; k <= 20; ++k) monitor.observe(taken.taken()[static_cast<std::size_t>(k)], k, false);
    throw Error(ErrorKind::solver, "it has no more");
  }

 private:
  const Problem& problem_;
};

/// Wrong in the way that the option says.
class Faulty final : public Solver {
 public:
  Faulty(const Problem& problem, const ParameterSet& options) : problem_(problem), kind_(options.string("kind")) {
    if (kind_ == "constructor") throw Error(ErrorKind::case_file, "this case does not suit it", options.where("kind"));
  }
  static SolverInfo info() {
    SolverInfo info{.name = "faulty", .doc = "goes wrong"};
    info.options.add(
        {.name = "kind",
         .initial = std::string("short"),
         .unit = "1",
         .doc = "what goes wrong",
         .choices = {"short", "not_finite", "one_rank", "alone", "foreign", "certificate", "constructor"}});
    return info;
  }
  Solution solve(const Query& /*query*/, Monitor& /*monitor*/) override {
    const auto size = static_cast<std::size_t>(problem_.make_discretisation()->num_owned());
    const auto& comm = problem_.comm();
    agree(comm, [&] {
      if (kind_ == "one_rank" && comm.rank() == comm.size() - 1) throw Error(ErrorKind::solver, "one rank gives up");
    });
    if (kind_ == "alone" && comm.rank() == comm.size() - 1) throw Error(ErrorKind::solver, "one rank leaves alone");
    if (kind_ == "alone") comm.sum(1.0);
    if (kind_ == "foreign") throw 42;
    Solution u{.values = std::vector<double>(size, 1.0)};
    if (kind_ == "short") u.values.resize(size / 2);
    if (kind_ == "not_finite") u.values.back() = std::numeric_limits<double>::quiet_NaN();
    if (kind_ == "certificate") u.certificate = Certificate{.value = std::numeric_limits<double>::quiet_NaN()};
    return u;
  }

 private:
  const Problem& problem_;
  std::string kind_;
};

/// Draws numbers epoch by epoch: their sum is the solution everywhere.
class Epochs final : public Solver {
 public:
  Epochs(const Problem& problem, const ParameterSet& options)
      : problem_(problem), epochs_(options.integer("epochs")), pause_(options.number("pause")) {}
  static SolverInfo info() {
    SolverInfo info{.name = "epochs", .doc = "a sum of random numbers", .trains = true};
    info.options.add({.name = "epochs", .initial = std::int64_t{20}, .unit = "1", .doc = "numbers", .range = positive})
        .add({.name = "pause", .initial = 0.0, .unit = "s", .doc = "between them", .range = nonnegative});
    return info;
  }
  std::vector<std::string> options_of_solving() const override { return {"pause"}; }
  void train(Monitor& monitor) override {
    Random random(7);
    std::int64_t epoch = 0;
    const bool goes_on = monitor.state([&](StateArchive& archive) {
      std::vector<std::uint64_t> words{random.state()};
      archive.words("random", words);
      random.set_state(words.front());
      archive.integer("epoch", epoch);
      archive.number("sum", sum_);
    });
    if (goes_on) monitor.say("goes on after epoch " + std::to_string(epoch));
    while (epoch < epochs_) {
      sum_ += random.uniform();
      ++epoch;
      std::this_thread::sleep_for(std::chrono::duration<double>(pause_));
      monitor.progress(double(epoch) / double(epochs_), "epochs");
      if (epoch < epochs_) monitor.after_step(epoch, double(epoch));
    }
  }
  Record model() const override {
    Record record;
    record.set_number("sum", sum_);
    record.attributes["epochs"] = std::to_string(epochs_);
    const auto size = static_cast<std::size_t>(problem_.make_discretisation()->num_owned());
    record.vectors["field"] = {std::vector<double>(size, sum_)};
    return record;
  }
  void use(const Record& record) override {
    sum_ = record.number("sum");
    field_ = record.list("field").at(0);
  }
  Solution solve(const Query& /*query*/, Monitor& /*monitor*/) override {
    const auto size = static_cast<std::size_t>(problem_.make_discretisation()->num_owned());
    return {.values = field_.empty() ? std::vector<double>(size, sum_) : field_};
  }

 private:
  const Problem& problem_;
  std::int64_t epochs_;
  double pause_, sum_ = 0.0;
  std::vector<double> field_;
};

/// In time: each step adds a random number, everywhere the same.
class Walk final : public Solver {
 public:
  explicit Walk(const Problem& problem) : problem_(problem) {}
  static SolverInfo info() {
    return {.name = "walk", .doc = "a random walk", .in_time = SolverInfo::Time::any_steps, .keeps_states = true};
  }
  Solution solve(const Query& /*query*/, Monitor& monitor) override {
    const auto size = static_cast<std::size_t>(problem_.make_discretisation()->num_owned());
    const auto times = problem_.times();
    Random random(3);
    std::int64_t step = 0;
    std::vector<double> u(size, 1.0);
    const bool goes_on = monitor.state([&](StateArchive& archive) {
      std::vector<std::uint64_t> words{random.state()};
      archive.words("random", words);
      random.set_state(words.front());
      archive.integer("step", step);
      archive.unknowns("u", u);
    });
    const auto show = [&](std::size_t k) {
      monitor.observe({.time = times[k], .values = u}, static_cast<std::int64_t>(k), k + 1 == times.size());
    };
    if (!goes_on) show(0);
    for (std::size_t k = static_cast<std::size_t>(step) + 1; k < times.size(); ++k) {
      const double x = random.uniform();
      for (auto& value : u) value += x;
      step = static_cast<std::int64_t>(k);
      show(k);
      monitor.after_step(step, times[k]);
    }
    return {.time = times.back(), .values = u};
  }

 private:
  const Problem& problem_;
};

/// The first quantity by two ansaetze at both ends of the first parameter.
class Ends final : public Study {
 public:
  explicit Ends(const ParameterSet& options) : other_(options.string("other")) {}
  static StudyInfo info() {
    StudyInfo info{.name = "ends", .doc = "two ansaetze at the ends of a range"};
    info.options.add({.name = "other", .initial = std::string("fem"), .unit = "1", .doc = "the second ansatz"});
    return info;
  }
  void run(StudyRun& run) override {
    ResultTable table{{"parameter", "first", "second"}, {"1", "K", "K"}, {}};
    std::vector<double> mu;
    for (const auto& parameter : run.problem().parameters()) mu.push_back(parameter.value);
    const auto& range = run.problem().parameters().front();
    double largest = 0.0;
    for (const double x : {range.low, range.high}) {
      mu[0] = x;
      const auto value = [&](const std::string& name) {
        Snapshots shown(run.monitor());
        const auto solution = run.ansatz(name).solve({.parameters = mu}, shown);
        if (shown.taken().size() != std::max<std::size_t>(1, run.problem().times().size()))
          throw Error(ErrorKind::plugin, "not all times were shown");
        return run.quantities(solution).front().value;
      };
      const double first = value(""), second = value(other_);
      table.values.insert(table.values.end(), {x, first, second});
      largest = std::max(largest, std::abs(first - second));
    }
    run.write("ends", table);
    run.report({{"largest_difference", "K", largest}});
  }

 private:
  std::string other_;
};

/// What certificates say beside the true differences to finite elements, in the energy norm at the defaults.
class Effectivities final : public Study {
 public:
  explicit Effectivities(const ParameterSet& options) : points_(static_cast<int>(options.integer("points"))) {}
  static StudyInfo info() {
    StudyInfo info{.name = "effectivities", .doc = "certificates over true errors"};
    info.options.add({.name = "points", .initial = std::int64_t{20}, .unit = "1", .doc = "samples", .range = positive});
    return info;
  }
  void run(StudyRun& run) override {
    const auto& problem = run.problem();
    const auto space = problem.make_discretisation();
    std::vector<double> defaults;
    for (const auto& parameter : problem.parameters()) defaults.push_back(parameter.value);
    const auto points = problem.sample_parameters({.method = "random", .size = points_, .seed = 12345});
    ResultTable table{{"certificate", "error", "is_bound"}, {"1", "1", "1"}, {}};
    ResultTable relative{{"certificate", "relative_error"}, {"1", "1"}, {}};
    double least = std::numeric_limits<double>::infinity(), most = 0.0, worst = 0.0, bounds = 0.0;
    for (std::size_t first = 0; first < points.size(); first += defaults.size()) {
      const std::span<const double> mu(points.data() + first, defaults.size());
      Snapshots shown(run.monitor());
      const auto u = run.ansatz().solve({.parameters = mu}, shown);
      const auto truth = run.ansatz("fem").solve({.parameters = mu}, shown);
      auto e = u.values;
      for (std::size_t i = 0; i < e.size(); ++i) e[i] -= truth.values[i];
      std::vector<double> product(e.size());
      space->set_parameters(defaults);
      space->linearise(0.0, std::vector<double>(e.size(), 0.0), {}, {1.0, 0.0});
      space->apply(e, product);
      const double error = std::sqrt(space->dot(e, product)), said = u.certificate->value;
      space->apply(truth.values, product);
      relative.values.insert(relative.values.end(), {said, error / std::sqrt(space->dot(truth.values, product))});
      const bool is_bound = u.certificate->kind == Certificate::Kind::bound;
      table.values.insert(table.values.end(), {said, error, is_bound ? 1.0 : 0.0});
      least = std::min(least, said / error);
      most = std::max(most, said / error);
      worst = std::max(worst, error);
      bounds += is_bound ? 1.0 : 0.0;
    }
    run.write("effectivities", table);
    run.write("relative", relative);
    run.report({{"least_effectivity", "1", least},
                {"largest_effectivity", "1", most},
                {"largest_error", "1", worst},
                {"bounds", "1", bounds}});
  }

 private:
  int points_;
};

template <class S>
SolverFactory factory() {
  return [](const Problem& problem, const ParameterSet& options) -> std::unique_ptr<Solver> {
    return std::make_unique<S>(problem, options);
  };
}

void register_all(Registrar& registrar) {
  registrar.add_solver(Ramp::info(), factory<Ramp>());
  registrar.add_solver({.name = "truth", .doc = "what finite elements say", .in_time = SolverInfo::Time::any_steps},
                       [](const Problem& problem, const ParameterSet&) -> std::unique_ptr<Solver> {
                         return std::make_unique<Truth>(problem);
                       });
  registrar.add_solver({.name = "short_lived", .doc = "ends early", .in_time = SolverInfo::Time::any_steps},
                       [](const Problem& problem, const ParameterSet&) -> std::unique_ptr<Solver> {
                         return std::make_unique<ShortLived>(problem);
                       });
  registrar.add_solver(Faulty::info(), factory<Faulty>());
  registrar.add_solver(Spoiled::info(), factory<Spoiled>());
  registrar.add_solver(Epochs::info(), factory<Epochs>());
  registrar.add_solver(Walk::info(), [](const Problem& problem, const ParameterSet&) -> std::unique_ptr<Solver> {
    return std::make_unique<Walk>(problem);
  });
  registrar.add_study(Effectivities::info(), [](const Problem&, const ParameterSet& options) -> std::unique_ptr<Study> {
    return std::make_unique<Effectivities>(options);
  });
  registrar.add_study(Ends::info(), [](const Problem&, const ParameterSet& options) -> std::unique_ptr<Study> {
    return std::make_unique<Ends>(options);
  });
}

}  // namespace

ANSATZ_PLUGIN("toys", "1.0.0", "tests", "none", "ansaetze and a study for tests", register_all)
