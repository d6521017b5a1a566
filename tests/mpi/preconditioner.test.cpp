#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/relaxation/relaxation.hpp"
#include "engine/linear/solvers/offered_preconditioner.hpp"
#include "engine/linear/tuning/tsallis_tuner.hpp"
#include "engine/time/loop/memory_archive.hpp"
#include "sdk/template/preconditioner/new_plugin.hpp"
#include "tests/mpi/rows.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::test;
using linear::KrylovOptions;
using linear::KrylovSolver;

namespace {

constexpr std::int64_t width = 20;

KrylovOptions with(const std::string& solver,
                   std::function<std::unique_ptr<sdk::Preconditioner>(const base::Communicator&)> make) {
  return {.solver = solver, .preconditioner = "offered", .make_preconditioner = std::move(make)};
}

KrylovOptions relaxed(const std::string& solver, linear::Relaxation::Sweeps sweeps, double omega) {
  return with(solver, [=](const base::Communicator&) {
    sdk::ParameterSet options(linear::Relaxation::options());
    options.set("omega", omega);
    return std::make_unique<linear::Relaxation>(sweeps, options);
  });
}

KrylovOptions tuned() {
  auto options = relaxed("cg", linear::Relaxation::Sweeps::symmetric, 1.0);
  options.make_tuner = [](std::span<const sdk::Knob> knobs) {
    return std::make_unique<linear::TsallisTuner>(knobs, sdk::ParameterSet(linear::TsallisTuner::options()));
  };
  return options;
}

/// The identity, which can fail.
class Identity : public sdk::Preconditioner {
 public:
  explicit Identity(sdk::PreconditionerTraits traits = {}) : traits_(traits) {}
  sdk::PreconditionerTraits traits() const override { return traits_; }
  void set_up(const sdk::MatrixView&) override {}
  void apply(std::span<const double> r, std::span<double> z) override {
    std::ranges::copy(r, z.begin());
    if (++applied == 3 && fault) fault(z);
  }
  std::function<void(std::span<double>)> fault;
  int applied = 0;

 private:
  sdk::PreconditionerTraits traits_;
};

struct Fixture {
  base::Communicator comm{MPI_COMM_WORLD};
  Share mine = share(comm, width* width);
  std::unique_ptr<linear::SparseMatrix> matrix = make_matrix(comm, mine, square(width));
  std::vector<double> b = apply(mine, square(width), wave), x = std::vector<double>(b.size());

  linear::KrylovResult solve(const KrylovOptions& options, bool symmetric = true) {
    KrylovSolver solver(comm, options, symmetric);
    solver.set_operator(*matrix);
    return solver.solve(b, x);
  }
  sdk::Error error(const std::function<void(std::span<double>)>& fault, int rank) {
    return error_of([&] {
      solve(with("gmres", [&](const base::Communicator& ranks) {
        auto made = std::make_unique<Identity>();
        if (ranks.rank() == rank) made->fault = fault;
        return made;
      }));
    });
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "The Jacobi of the template is the built-in one, bit by bit", "[linear][preconditioner]") {
  for (const char* solver : {"cg", "minres", "gmres", "fgmres"}) {
    CAPTURE(solver);
    const auto own = solve({.solver = solver, .preconditioner = "jacobi"});
    const auto expected = x;
    const auto offered = solve(with(solver, [](const base::Communicator&) { return std::make_unique<NewPlugin>(); }));
    CHECK(offered.iterations == own.iterations);
    CHECK(offered.history == own.history);
    CHECK(x == expected);
  }
}

TEST_CASE_METHOD(Fixture, "Relaxation solves with the methods that may use it", "[linear][preconditioner]") {
  using enum linear::Relaxation::Sweeps;
  const auto expected = fill(mine, wave);
  const auto plain = solve({.solver = "cg", .preconditioner = "none"});
  const auto ssor = solve(relaxed("cg", symmetric, 1.5));
  CHECK(largest_difference(comm, x, expected) < 2e-8);
  CHECK(ssor.iterations < plain.iterations);
  CHECK(ssor.description == "cg with offered");
  const auto sor = solve(relaxed("gmres", forward, 1.2));
  CHECK(largest_difference(comm, x, expected) < 2e-8);
  CHECK(sor.iterations < solve({.solver = "gmres", .preconditioner = "none"}).iterations);
  // Automatic: what may be used.
  CHECK(solve(relaxed("", symmetric, 1.5)).description == "cg with offered");
  CHECK(solve(relaxed("", forward, 1.5)).description == "gmres with offered");
  auto options = relaxed("richardson", forward, 1.0);
  options.max_iterations = 5000;
  const auto stationary = solve(options);
  CHECK(largest_difference(comm, x, expected) < 1e-7);
  CHECK(stationary.iterations > plain.iterations);
}

TEST_CASE_METHOD(Fixture, "Plain iteration is the method of Gauss and Seidel on one rank", "[linear][preconditioner]") {
  if (comm.size() > 1) return;
  auto options = relaxed("richardson", linear::Relaxation::Sweeps::forward, 1.0);
  options.max_iterations = 5000;
  options.relative_tolerance = 1e-6;
  const auto result = solve(options);
  std::vector<double> u(b.size(), 0.0), r(b.size());
  int sweeps = 0;
  for (;; ++sweeps) {
    matrix->multiply(u, r);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = b[i] - r[i];
    if (linear::norm(comm, r) <= 0.98e-6 * linear::norm(comm, b)) break;
    for (std::size_t i = 0; i < u.size(); ++i) {
      double left = b[i], diagonal = 0.0;
      for (const auto& [j, value] : square(width)(static_cast<std::int64_t>(i))) {
        left -= value * u[static_cast<std::size_t>(j)];
        if (j == static_cast<std::int64_t>(i)) diagonal = value;
      }
      u[i] += left / diagonal;
    }
  }
  CHECK(std::abs(result.iterations - sweeps) <= 1);
}

TEST_CASE_METHOD(Fixture, "Plain iteration that diverges is an error", "[linear][preconditioner]") {
  // The steps of this iteration are twice too long.
  const auto error = error_of(
      [&] { solve(with("richardson", [](const base::Communicator&) { return std::make_unique<Identity>(); })); });
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(std::string(error.what()).find("the residual grows") != std::string::npos);
  CHECK(error.hint().find("\"cg\"") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Solvers refuse a preconditioner that they cannot use", "[linear][preconditioner]") {
  const auto kind = [&](const char* solver, sdk::PreconditionerTraits traits) {
    return kind_of(
        [&] { solve(with(solver, [=](const base::Communicator&) { return std::make_unique<Identity>(traits); })); });
  };
  const auto none = sdk::ErrorKind::stopped, refused = sdk::ErrorKind::parameter;
  const sdk::PreconditionerTraits unsymmetric{.linear = true, .symmetric = false},
      nonlinear{.linear = false, .symmetric = false};
  for (const char* solver : {"cg", "minres"}) CHECK(kind(solver, unsymmetric) == refused);
  for (const char* solver : {"gmres", "fgmres"}) CHECK(kind(solver, unsymmetric) == none);
  for (const char* solver : {"cg", "minres", "gmres", "richardson"}) CHECK(kind(solver, nonlinear) == refused);
  for (const char* solver : {"", "fgmres"}) CHECK(kind(solver, nonlinear) == none);
  CHECK(kind("direct", {}) == refused);
}

TEST_CASE_METHOD(Fixture, "An error on one rank ends the solve on all", "[linear][preconditioner]") {
  const int last = comm.size() - 1;
  const auto not_finite = error([](auto z) { z[0] = std::numeric_limits<double>::infinity(); }, last);
  CHECK(not_finite.kind() == sdk::ErrorKind::not_finite);
  CHECK(std::string(not_finite.what()).find("preconditioner \"offered\"") != std::string::npos);
  const auto own = error([](auto) { throw sdk::Error(sdk::ErrorKind::state, "no table", "there", "make one"); }, last);
  CHECK(own.kind() == sdk::ErrorKind::state);
  CHECK(own.where() == "there");
  const auto foreign = error([](auto) { throw std::runtime_error("oh"); }, 0);
  CHECK(foreign.kind() == sdk::ErrorKind::plugin);
  CHECK(std::string(foreign.what()).find("oh") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "After an error the solver can be used again", "[linear][preconditioner]") {
  Identity* made = nullptr;
  KrylovSolver solver(comm,
                      with("cg",
                           [&](const base::Communicator&) {
                             auto one = std::make_unique<Identity>();
                             made = one.get();
                             one->fault = [](auto z) { z[0] = std::nan(""); };
                             return one;
                           }),
                      true);
  solver.set_operator(*matrix);
  CHECK(kind_of([&] { solver.solve(b, x); }) == sdk::ErrorKind::not_finite);
  solver.solve(b, x);
  CHECK(largest_difference(comm, x, fill(mine, wave)) < 2e-8);
}

TEST_CASE_METHOD(Fixture, "A tuner chooses on all ranks alike and goes on from its state", "[linear][preconditioner]") {
  const auto iterations = [&](KrylovSolver& solver, int solves) {
    std::vector<int> counts;
    for (int n = 0; n < solves; ++n) counts.push_back(solver.solve(b, x).iterations);
    return counts;
  };
  KrylovSolver solver(comm, tuned(), true), again(comm, tuned(), true);
  solver.set_operator(*matrix);
  again.set_operator(*matrix);
  const auto first = iterations(solver, 20);
  CHECK(*std::ranges::max_element(first) > *std::ranges::min_element(first));
  time::MemoryArchive archive;
  solver.exchange_tuner(archive);
  archive.load();
  again.exchange_tuner(archive);
  CHECK(iterations(solver, 20) == iterations(again, 20));
}

TEST_CASE_METHOD(Fixture, "A solve whose knobs fail is done again with their initial values",
                 "[linear][preconditioner]") {
  /// Always the end of the range.
  class Stubborn final : public sdk::Tuner {
   public:
    void propose(std::span<const double>, std::span<double> knobs) override { knobs[0] = 1.95; }
    void learn(std::int64_t, bool converged) override { failures += converged ? 0 : 1; }
    void exchange(sdk::StateArchive&) override {}
    int failures = 0;
  };
  Stubborn* tuner = nullptr;
  auto options = relaxed("cg", linear::Relaxation::Sweeps::symmetric, 1.5);
  options.max_iterations = solve(options).iterations + 1;
  options.make_tuner = [&](std::span<const sdk::Knob>) {
    auto made = std::make_unique<Stubborn>();
    tuner = made.get();
    return made;
  };
  KrylovSolver solver(comm, options, true);
  solver.set_operator(*matrix);
  solver.solve(b, x);
  CHECK(largest_difference(comm, x, fill(mine, wave)) < 2e-8);
  solver.solve(b, x);
  CHECK(tuner->failures == 2);
  int notes = 0;
  for (const auto& note : solver.take_notes()) notes += note.find("initial values") != std::string::npos ? 1 : 0;
  CHECK(notes == 1);
}

TEST_CASE_METHOD(Fixture, "The context of a solve tells a mass from a stiffness", "[linear][preconditioner]") {
  const auto of = [&](double shift) {
    const auto shifted = make_matrix(comm, mine, [&](std::int64_t row) {
      auto entries = square(width)(row);
      entries[row] += shift;
      return entries;
    });
    return linear::stiffness(*shifted, {});
  };
  CHECK(of(1e9) == Approx(std::log10(2.0) / 4.0).epsilon(1e-6));
  CHECK(of(1.0) < of(0.1));
  CHECK(of(0.1) < of(0.0));
  CHECK(of(0.0) <= 1.0);
}
