#pragma once
/// A problem without an engine: a bar of two materials, -(k u')' = 1 + t, u = 0 at the ends, linear elements; in time
/// u' is added and implicit Euler taken. With it comes a monitor that keeps what it is told.

#include <cmath>
#include <map>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/problem.hpp"
#include "ansatz/sdk/random.hpp"
#include "ansatz/sdk/solver.hpp"

namespace bar {

using namespace ansatz::sdk;

constexpr int cells = 20, nodes = cells + 1;

[[noreturn]] inline void unused() { throw Error(ErrorKind::internal, "the bar has no such thing"); }

/// Rows of a tridiagonal matrix a K + b M, shape (nodes, 3).
inline std::vector<double> matrix(std::span<const double> k, double a, double b) {
  std::vector<double> A(3 * nodes, 0.0);
  const double h = 1.0 / cells;
  for (int c = 0; c < cells; ++c) {
    const double stiff = a * k[2 * c < cells ? 0 : 1] / h;
    for (int i = 0; i < 2; ++i) {
      A[3 * (c + i) + 1] += stiff + b * h / 3.0;
      A[3 * (c + i) + (i == 0 ? 2 : 0)] += -stiff + b * h / 6.0;
    }
  }
  return A;
}

inline std::vector<double> product(const std::vector<double>& A, std::span<const double> u) {
  std::vector<double> out(nodes, 0.0);
  for (int i = 0; i < nodes; ++i) {
    for (int j = -1; j <= 1; ++j) {
      if (i + j >= 0 && i + j < nodes) out[i] += A[3 * i + j + 1] * u[i + j];
    }
  }
  return out;
}

/// A u = f with u = 0 at the ends.
inline std::vector<double> solved(std::vector<double> A, std::vector<double> f) {
  for (const int end : {0, nodes - 1}) {
    A[3 * end] = A[3 * end + 2] = f[end] = 0.0;
    A[3 * end + 1] = 1.0;
  }
  for (int i = 1; i < nodes; ++i) {
    const double factor = A[3 * i] / A[3 * (i - 1) + 1];
    A[3 * i + 1] -= factor * A[3 * (i - 1) + 2];
    f[i] -= factor * f[i - 1];
  }
  for (int i = nodes - 1; i >= 0; --i) {
    if (i + 1 < nodes) f[i] -= A[3 * i + 2] * f[i + 1];
    f[i] /= A[3 * i + 1];
  }
  return f;
}

inline std::vector<double> load(double t) {
  return product(matrix(std::vector<double>{1.0, 1.0}, 0.0, 1.0), std::vector<double>(nodes, 1.0 + t));
}

class BarDiscretisation final : public Discretisation {
 public:
  explicit BarDiscretisation(const Communicator& comm) : comm_(comm) {}
  const Communicator& comm() const override { return comm_; }
  std::int32_t num_owned() const override { return nodes; }
  std::int64_t num_global() const override { return nodes; }
  int num_history() const override { return 0; }
  std::vector<FieldNodes> fields() const override {
    FieldNodes out;
    out.name = "temperature";
    for (int i = 0; i < nodes; ++i) {
      out.coordinates.push_back(double(i) / cells);
      out.first.push_back(i);
    }
    return {out};
  }
  void set_parameters(std::span<const double> parameters, std::uint64_t) override {
    parameters_.assign(parameters.begin(), parameters.end());
  }
  void prescribe(double, std::span<double> u) override { u.front() = u.back() = 0.0; }
  std::vector<double> initial() override { return std::vector<double>(nodes, 0.0); }
  void residual(double t, std::span<const double> u, std::span<const double>, std::span<double> F) override {
    const auto Ku = product(matrix(parameters_, 1.0, 0.0), u), f = load(t);
    for (int i = 0; i < nodes; ++i) F[i] = i == 0 || i == nodes - 1 ? 0.0 : Ku[i] - f[i];
  }
  void linearise(double, std::span<const double>, std::span<const double>, JacobianWeights) override { unused(); }
  void apply(std::span<const double>, std::span<double>) override { unused(); }
  void apply_transposed(std::span<const double>, std::span<double>) override { unused(); }
  void solve(std::span<const double>, std::span<double>) override { unused(); }
  double dot(std::span<const double> a, std::span<const double> b) override {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  void mass(std::span<const double> u, std::span<double> Mu) override {
    const auto product_of = product(matrix(std::vector<double>{1.0, 1.0}, 0.0, 1.0), u);
    std::copy(product_of.begin(), product_of.end(), Mu.begin());
  }
  void h1(std::span<const double>, std::span<double>) override { unused(); }
  void riesz(std::span<const double>, std::span<double>) override { unused(); }
  void evaluate(std::span<const double>, const PointSet&, std::span<double>) override { unused(); }

 private:
  const Communicator& comm_;
  std::vector<double> parameters_;
};

class Truth final : public Solver {
 public:
  Truth(std::vector<double> times, double breaks_above) : times_(std::move(times)), breaks_above_(breaks_above) {}
  Solution solve(const Query& query, Monitor& monitor) override {
    const auto& k = query.parameters;
    if (k[0] > breaks_above_) throw Error(ErrorKind::solver, "no convergence");
    Solution out;
    out.parameters.assign(k.begin(), k.end());
    if (times_.empty()) {
      out.values = solved(matrix(k, 1.0, 0.0), load(0.0));
      monitor.observe(out, 0, true);
      return out;
    }
    out.values.assign(nodes, 0.0);
    monitor.observe(out, 0, false);
    for (std::size_t j = 1; j < times_.size(); ++j) {
      const double step = times_[j] - times_[j - 1];
      auto f = load(times_[j]);
      const auto Mu = product(matrix(k, 0.0, 1.0 / step), out.values);
      for (int i = 0; i < nodes; ++i) f[i] += Mu[i];
      out.values = solved(matrix(k, 1.0, 1.0 / step), std::move(f));
      out.time = times_[j];
      monitor.observe(out, static_cast<std::int64_t>(j), j + 1 == times_.size());
    }
    return out;
  }

 private:
  std::vector<double> times_;
  double breaks_above_;
};

/// Random conductivities, with the solutions of the bar.
class File final : public SolutionFile {
 public:
  explicit File(std::vector<double> parameters) : parameters_(std::move(parameters)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(parameters_.size() / 2); }
  std::span<const double> parameters() const override { return parameters_; }
  std::span<const double> times() const override { return {}; }
  std::vector<Solution> read(std::int64_t number) const override {
    Solution out;
    out.values = solved(matrix(parameters().subspan(2 * number, 2), 1.0, 0.0), load(0.0));
    return {out};
  }
  std::uint64_t checksum() const override { return parameters_.size(); }

 private:
  std::vector<double> parameters_;
};

class Bar final : public Problem {
 public:
  explicit Bar(std::vector<double> time_levels = {}, double breaks = 1e9)
      : comm_(MPI_COMM_WORLD), times_(std::move(time_levels)), breaks_above(breaks) {
    parameters_ = {{"k1", "W/(m K)", 0.1, 1.0, 0.5, false}, {"k2", "W/(m K)", 0.1, 1.0, 0.5, false}};
  }
  const Communicator& comm() const override { return comm_; }
  const Physics& physics() const override { unused(); }
  MeshView mesh() const override { unused(); }
  std::span<const CaseParameter> parameters() const override { return parameters_; }
  std::span<const double> times() const override { return times_; }
  bool is_linear() const override { return true; }
  std::vector<std::string> quantities() const override { return {}; }
  std::vector<std::optional<Expression>> initial() const override { unused(); }
  std::span<const Site> sites() const override { return {}; }
  PointSet sample(int, const Sampling&) const override { unused(); }
  PointSet quadrature(int, int) const override { unused(); }
  PointSet locate(std::span<const double>, std::vector<std::int64_t>&) const override { unused(); }
  std::vector<double> sample_parameters(const Sampling& sampling) const override {
    Random random(static_cast<std::uint64_t>(sampling.seed));
    std::vector<double> out;
    for (std::int64_t i = 0; i < 2 * sampling.size; ++i) out.push_back(0.1 + 0.9 * random.uniform());
    return out;
  }
  std::unique_ptr<SolutionFile> open_solutions(const std::string&) const override {
    return std::make_unique<File>(sample_parameters({"random", file_size, 3}));
  }
  std::unique_ptr<Discretisation> make_discretisation() const override {
    return std::make_unique<BarDiscretisation>(comm_);
  }
  std::unique_ptr<Solver> make_solver(const std::string&) const override {
    return std::make_unique<Truth>(times_, breaks_above);
  }
  std::unique_ptr<TimeLoop> make_time_loop(TimeSystem&, std::vector<double>) const override { unused(); }

 private:
  Communicator comm_;
  std::vector<double> times_;
  std::vector<CaseParameter> parameters_;

 public:
  double breaks_above;  ///< of k1: no solution
  std::int64_t file_size = 25;
};

class Notes final : public Monitor {
 public:
  std::vector<std::string> lines, warnings;
  std::map<std::string, std::map<std::string, double>> events;
  std::vector<Solution> solutions;

  void say(const std::string& line) override { lines.push_back(line); }
  void warn(const std::string& line) override { warnings.push_back(line); }
  void event(const std::string& name, std::initializer_list<std::pair<const char*, LogValue>> values) override {
    for (const auto& [key, value] : values) {
      if (const auto* number = std::get_if<double>(&value)) events[name][key] = *number;
    }
  }
  void progress(double, const std::string&) override {}
  void chart(const std::string&, const std::string&, const std::string&, const std::string&, const std::vector<Curve>&,
             bool) override {}
  bool is_quiet() const override { return false; }
  bool state(std::function<void(StateArchive&)>) override { return false; }
  void after_step(std::int64_t, double) override {}
  void observe(const Solution& at, std::int64_t, bool, const StepTaken*) override { solutions.push_back(at); }
};

}  // namespace bar
