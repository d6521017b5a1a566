#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

#include "ansatz/sdk/random.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/plugin/registry.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/record.hpp"

// Experiments of Khodak, Chow, Balcan and Talwalkar, "Learning to relax", ICLR 2024.
namespace ansatz::bench {
namespace {

using Vector = std::vector<double>;

constexpr int rounds = 5000;
constexpr int num_factors = 20;  ///< fixed ones that are tried, from 1 to 1.95
constexpr double tolerance = 1e-8;

double factor(int i) { return 1.0 + 0.95 * i / (num_factors - 1); }

/// d I + c A for the five-point matrix A = (4, -1, -1, -1, -1) of n x n points in a square.
class FivePoint {
 public:
  FivePoint(const base::Communicator& comm, int n) {
    auto pattern = std::make_shared<linear::Pattern>();
    pattern->num_owned = n * n;
    pattern->diag_offsets.push_back(0);
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i) {
        const int at = j * n + i;
        if (j > 0) pattern->diag_columns.push_back(at - n);
        if (i > 0) pattern->diag_columns.push_back(at - 1);
        pattern->diag_columns.push_back(at);
        if (i < n - 1) pattern->diag_columns.push_back(at + 1);
        if (j < n - 1) pattern->diag_columns.push_back(at + n);
        pattern->diag_offsets.push_back(static_cast<PetscInt>(pattern->diag_columns.size()));
      }
    }
    pattern->ghost_offsets.assign(pattern->diag_offsets.size(), 0);
    matrix_.emplace(comm, std::move(pattern), 1);
  }

  const linear::SparseMatrix& set(double d, double c) {
    const auto& pattern = matrix_->pattern();
    matrix_->begin_values();
    std::ranges::fill(matrix_->diagonal_values(), -c);
    for (std::int32_t row = 0; row < pattern.num_owned; ++row)
      matrix_->diagonal_values()[pattern.diagonal_position(row)] = d + 4.0 * c;
    matrix_->end_values();
    return *matrix_;
  }

 private:
  std::optional<linear::SparseMatrix> matrix_;
};

/// One way to solve, with what it took so far.
class Way {
 public:
  /// \param settings of the preconditioner and of the tuner
  Way(const base::Communicator& comm, const plugin::Registry& registry, const std::string& solver,
      const std::string& preconditioner, std::optional<double> omega = {}, const std::string& tuner = {},
      std::int64_t bins = 1, std::int64_t seed = 1) {
    linear::KrylovOptions options{
        .solver = solver, .preconditioner = preconditioner, .relative_tolerance = tolerance, .max_iterations = 100'000};
    if (const auto* offer = registry.find_preconditioner(preconditioner)) {
      sdk::ParameterSet values(offer->options);
      if (omega) values.set("omega", *omega);
      options.make_preconditioner = [=](const base::Communicator& ranks) { return offer->create(ranks, values); };
    }
    if (const auto* offer = registry.find_tuner(tuner)) {
      sdk::ParameterSet values(offer->options);
      if (bins > 1) values.set("bins", bins);
      values.set("seed", seed);
      options.make_tuner = [=](std::span<const sdk::Knob> knobs) { return offer->create(knobs, values); };
    }
    solver_.emplace(comm, std::move(options), true);
  }

  void solve(const linear::SparseMatrix& matrix, const Vector& b, Vector& x) {
    solver_->set_operator(matrix);
    const auto result = solver_->solve(b, x);
    iterations_ += result.iterations;
    seconds_ += result.setup_seconds + result.solve_seconds;
  }
  std::int64_t iterations() const { return iterations_; }
  double seconds() const { return seconds_; }

 private:
  std::optional<linear::KrylovSolver> solver_;
  std::int64_t iterations_ = 0;
  double seconds_ = 0.0;
};

/// exp(1 - 1 / (1 - (d / r)^2)) at the distance d < r of a centre, 0 beyond.
double bump(double x, double y, double centre_x, double centre_y, double radius) {
  const double square = ((x - centre_x) * (x - centre_x) + (y - centre_y) * (y - centre_y)) / (radius * radius);
  return square < 1.0 ? std::exp(1.0 - 1.0 / (1.0 - square)) : 0.0;
}

/// u_t = kappa(t) Laplace(u) + f in the unit square, 0 on its boundary, by Crank-Nicolson.
class Heat {
 public:
  static constexpr double dt = 1e-3;
  /// \param cells in each direction
  Heat(const base::Communicator& comm, int cells) : n_(cells - 1), left_(comm, n_), right_(comm, n_) { restart(); }

  void restart() {
    step_ = 0;
    u = on_points([](double x, double y) { return bump(x, y, 0.5, 0.5, 0.25); });
  }
  /// The system of the next step.
  const linear::SparseMatrix& next(Vector& b) {
    const double pi = std::numbers::pi, t = (step_++ + 0.5) * dt, wave = std::sin(2.0 * pi * t);
    const double kappa = std::max(0.1 * wave, -10.0 * wave), c = 0.5 * dt * kappa * (n_ + 1) * (n_ + 1);
    b.resize(u.size());
    right_.set(1.0, -c).multiply(u, b);
    const double x0 = 0.5 + 0.25 * std::cos(16.0 * pi * t), y0 = 0.5 + 0.25 * std::sin(16.0 * pi * t);
    const auto f = on_points([&](double x, double y) { return 32.0 * bump(x, y, x0, y0, 0.125); });
    for (std::size_t i = 0; i < b.size(); ++i) b[i] += dt * f[i];
    return left_.set(1.0, c);
  }

  Vector u;

 private:
  template <class Function>
  Vector on_points(Function function) const {
    Vector out;
    const double h = 1.0 / (n_ + 1);
    for (int j = 1; j <= n_; ++j) {
      for (int i = 1; i <= n_; ++i) out.push_back(function(i * h, j * h));
    }
    return out;
  }

  int n_, step_ = 0;
  FivePoint left_, right_;
};

/// What is printed of a comparison.
class Table {
 public:
  explicit Table(const base::Communicator& comm) : record_(comm) {}
  void add(const std::string& way, double iterations, double seconds) {
    iterations_[way] += iterations;
    record_.add_seconds(way, seconds_[way] += seconds);
  }
  void set(const std::string& name, double value) { record_.set(name, value); }
  void print() {
    record_.set("iterations", nlohmann::json(iterations_));
    record_.print();
  }

 private:
  Record record_;
  std::map<std::string, double> iterations_, seconds_;
};

int least_of(const std::vector<Way>& ways) {
  return static_cast<int>(std::ranges::min_element(ways, {}, &Way::iterations) - ways.begin());
}

void heat(const base::Communicator& comm, const plugin::Registry& registry, int cells) {
  constexpr int apart = 25;  // steps between those on which all factors are tried
  Table table(comm);
  Heat problem(comm, cells);
  Vector b, x(problem.u.size());
  std::vector<Way> fixed;
  for (int i = 0; i < num_factors; ++i) fixed.emplace_back(comm, registry, "cg", "ssor", factor(i));
  Way plain(comm, registry, "cg", "none"), hypre(comm, registry, "cg", "hypre");
  for (int n = 0; n < rounds; ++n) {
    const auto& A = problem.next(b);
    if (n % apart == 0) {
      for (auto& way : fixed) way.solve(A, b, x);
      hypre.solve(A, b, x);
    }
    plain.solve(A, b, problem.u);
  }
  const auto all_steps = [&](const Way& of) {
    return std::pair(of.iterations() * double(apart), of.seconds() * apart);
  };
  table.add("plain", double(plain.iterations()), plain.seconds());
  table.add("hypre_sampled", all_steps(hypre).first, all_steps(hypre).second);
  table.add("one_sampled", all_steps(fixed[0]).first, all_steps(fixed[0]).second);
  const auto run = [&](const std::string& name, Way way) {
    problem.restart();
    for (int n = 0; n < rounds; ++n) {
      const auto& A = problem.next(b);
      way.solve(A, b, problem.u);
    }
    table.add(name, double(way.iterations()), way.seconds());
  };
  const int best = least_of(fixed);
  table.set("best_factor", factor(best));
  run("best", Way(comm, registry, "cg", "ssor", factor(best)));
  run("bandit", Way(comm, registry, "cg", "ssor", {}, "tsallis_inf"));
  run("bandit_context", Way(comm, registry, "cg", "ssor", {}, "tsallis_inf", 8));
  run("cheb_cb", Way(comm, registry, "cg", "ssor", {}, "cheb_cb"));
  table.print();
}

/// Beta(a, b) for halves and whole numbers: of squares of normal numbers.
double beta(sdk::Random& random, double a, double b) {
  const auto gamma = [&](double shape) {
    double sum = 0.0;
    for (int k = 0; k < static_cast<int>(std::lround(2.0 * shape)); ++k) sum += std::pow(random.normal(), 2);
    return sum;
  };
  const double x = gamma(a), y = gamma(b);
  return x / (x + y);
}

/// Systems A + s I with random shifts and right-hand sides, solved by SOR.
void shifts(const base::Communicator& comm, const plugin::Registry& registry, bool high_variance, int trials) {
  constexpr int n = 10, apart = 5;
  Table table(comm);
  FivePoint A(comm, n);
  Vector b(n * n), x(b.size());
  double best_factor = 0.0;
  for (int trial = 1; trial <= trials; ++trial) {
    const auto each_round = [&](auto work) {
      sdk::Random random(static_cast<std::uint64_t>(trial));
      for (int t = 0; t < rounds; ++t) {
        const double shift = -0.15 + 0.6 * (high_variance ? beta(random, 0.5, 1.5) : beta(random, 2.0, 6.0));
        double square = 0.0;
        do {
          square = 0.0;
          for (double& value : b) square += std::pow(value = random.normal(), 2);
        } while (square > n * n);
        work(t, A.set(shift, 1.0));
      }
    };
    std::vector<Way> fixed;
    for (int i = 0; i < num_factors; ++i) fixed.emplace_back(comm, registry, "richardson", "sor", factor(i));
    each_round([&](int t, const auto& matrix) {
      if (t % apart != 0) return;
      for (auto& way : fixed) way.solve(matrix, b, x);
    });
    table.add("one_sampled", double(fixed[0].iterations()) * apart, fixed[0].seconds() * apart);
    const auto run = [&](const std::string& name, Way way) {
      each_round([&](int, const auto& matrix) { way.solve(matrix, b, x); });
      table.add(name, double(way.iterations()), way.seconds());
    };
    best_factor += factor(least_of(fixed)) / trials;
    run("best", Way(comm, registry, "richardson", "sor", factor(least_of(fixed))));
    run("bandit", Way(comm, registry, "richardson", "sor", {}, "tsallis_inf", 1, trial));
    run("bandit_context", Way(comm, registry, "richardson", "sor", {}, "tsallis_inf", 8, trial));
    run("cheb_cb", Way(comm, registry, "richardson", "sor", {}, "cheb_cb", 1, trial));
  }
  table.set("best_factor", best_factor);
  table.print();
}

}  // namespace

void run_relaxation(const base::Communicator& comm, const Options& options) {
  const plugin::Registry registry(comm, {});
  const auto is = [&](const char* setting) { return std::ranges::count(options.settings, setting) > 0; };
  if (is("problem=sor_high")) return shifts(comm, registry, true, options.repetitions);
  if (is("problem=sor_low")) return shifts(comm, registry, false, options.repetitions);
  for (const int cells : {25, 50, 100}) {
    if (options.settings == std::vector{fmt::format("problem=heat_{}", cells)}) return heat(comm, registry, cells);
  }
  throw sdk::Error(sdk::ErrorKind::usage, "there is no such problem", "ansatz_bench relaxation",
                   "--set problem=sor_high, sor_low, heat_25, heat_50 or heat_100");
}

}  // namespace ansatz::bench
