// Outputs of reduced bases and their bounds, against finite-element solutions and adjoints of the same problem.
#include <catch2/catch.hpp>
#include <limits>

#include "engine/reduced/basis/batch.hpp"
#include "tests/mpi/output_problems.hpp"

using namespace ansatz;
using test::OutputSetting;

namespace {

/// Convection that is not divergence-free to the matrix, values prescribed by a parameter, a flux into the domain.
const std::string convection = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k", 0.5] }
velocity     = ["b", 0.3]
source       = "1 + k*x"
boundary     = [{ on = "left", temperature = "t0 * (1 + y)" }, { on = "right", temperature = 0.0 }, { on = "top", heat_flux = "b" }]
[parameters]
b  = { range = [-2.0, 2.0], default = 1.0 }
k  = { range = [0.2, 1.0], default = 0.7 }
t0 = { range = [-1.0, 1.0], default = 0.5 }
)toml";

const std::string blocks = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [8, 6], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k1", "k2"] }
source       = 3.0
boundary     = [{ on = ["left", "bottom"], temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
)toml";

const std::vector<std::vector<double>> training{
    {-2.0, 0.2, -1.0}, {2.0, 1.0, 1.0}, {2.0, 0.2, 0.3}, {-2.0, 1.0, 0.0}, {0.1, 0.5, 0.9}};
const std::vector<std::vector<double>> tests{{0.7, 0.33, 0.8}, {-1.3, 0.9, -0.4}, {1.9, 0.21, 0.05}, {-0.2, 0.6, -1.0}};

/// Nothing is known of a constant that is infinite.
reduced::ReducedModel::Result with_infinite_constant(reduced::ReducedModel::Result result) {
  result.stability = result.bound = std::numeric_limits<double>::infinity();
  return result;
}

}  // namespace

TEST_CASE("Outputs are those of the reduced solution, and no bound is below the error", "[reduced][outputs]") {
  struct Kind {
    std::string expression, on;
    std::vector<double> point;
    int terms;
  };
  const std::vector<Kind> kinds{{"(x > 0.5 ? 2*temperature : 0) + 4", "", {}, 1},
                                {"t0*temperature + k^2*grad_temperature_y", "", {}, 2},
                                {"flux_x*normal_x + flux_y*normal_y", "left", {}, 1},  // k grad T . n
                                {"b*flux_x - temperature", "right", {}, 2},            // of the block of 0.5: b, and 1
                                {"temperature", "", {0.31, 0.77}, 1}};
  OutputSetting s(convection);
  s.train(training);
  const auto model = s.basis.model();
  for (const auto& kind : kinds) {
    CAPTURE(kind.expression);
    s.set(kind.expression, kind.on, false, kind.point);
    REQUIRE(s.functional);
    CHECK(s.functional->thetas.num_terms() == kind.terms);
    for (const bool with_dual : {false, true}) {
      if (with_dual) s.train_dual(training);
      const reduced::OutputModel output(s.data(), model.data());
      CHECK(output.kind() == (with_dual ? reduced::OutputBound::dual : reduced::OutputBound::simple));
      reduced::ReducedModel::Workspace work(model);
      reduced::OutputModel::Workspace output_work(output);
      for (const auto& mu : tests) {
        const auto result = model.solve(mu, work);
        const auto found = output.evaluate(mu, result, work, output_work);
        const double error = std::abs(found.value - s.truth(mu));
        CHECK(error <= found.bound);
        CHECK(found.bound <= found.simple_bound);
        CHECK_FALSE(found.is_estimate);
        if (with_dual) {
          CHECK(found.bound < 0.7 * found.simple_bound);
          CHECK(std::isinf(output.evaluate(mu, with_infinite_constant(result), work, output_work).bound));
          continue;
        }
        CHECK(found.bound > 1e-6);
        // The uncorrected value is that of the lifted solution.
        const auto u = s.basis.lift(result.coefficients, result.liftings);
        const auto t = s.functional->thetas(mu);
        double lifted = 0.0;
        for (std::size_t j = 0; j < t.size(); ++j) {
          const auto l = s.functional->vectors.column(static_cast<int>(j));
          lifted += t[j] * (linear::dot(s.basis.product().comm(), l, u) + s.functional->constants[j]);
        }
        CHECK(found.value == Approx(lifted).epsilon(1e-12).margin(1e-13));
      }
      // At a parameter of the training nothing is left but round-off.
      const auto result = model.solve(training[1], work);
      const auto found = output.evaluate(training[1], result, work, output_work);
      CHECK(found.bound <= 1e-9);
      CHECK(std::abs(found.value - s.truth(training[1])) <= 1e-10);
    }
  }
}

TEST_CASE("No min-theta where an inflow makes a term indefinite in a region without conduction", "[reduced][outputs]") {
  OutputSetting s(convection);
  const auto& terms = s.basis.symmetric_terms();
  double least =
      0.0;  // v^T S v = -0.15 int v^2 of a function v at the bottom of the region of k, in the term without k
  for (const int q : terms.nonzero()) {
    const auto& S = terms[q];
    for (std::int32_t i = 0; i < S.pattern().num_owned; ++i) {
      const double entry = S.diagonal_values()[S.pattern().diagonal_position(i)];
      if (terms.constrained()[i] == 0) least = std::min(least, entry);
    }
  }
  CHECK(terms.comm().max(-least) == Approx(0.15 * 2.0 / 18).epsilon(1e-12));
  CHECK(s.basis.min_theta_objection().ends_with("is not positive semidefinite"));
  CHECK(s.basis.stability().name() == "SCM");
}

TEST_CASE("The dual basis holds the solution of the transposed finite-element system", "[reduced][outputs]") {
  OutputSetting s(convection, "t0*temperature*x", "");
  const std::vector<double> mu{1.7, 0.4, 0.8};
  s.train({mu});
  s.train_dual({mu});
  const auto model = s.dual->model();
  reduced::ReducedModel::Workspace work(model);
  const auto psi = s.dual->lift(model.solve(mu, work).coefficients, {});
  // A^T psi by the definition: w . A^T psi = psi . A w, for unit vectors w of free unknowns; all of it is -t0 l.
  auto& f = s.f;
  fem::DiscreteProblem discrete(f.problem.form(), f.problem.dirichlet(), {.solver = "direct"});
  f.problem.set_parameters(mu);
  std::vector<double> u(discrete.size(), 0.0), w(u.size()), Aw(u.size());
  discrete.prescribe(0.0, u);
  const auto& A = discrete.jacobian(0.0, u, std::nullopt, {});
  const auto l = s.functional->vectors.column(0);
  const auto first = f.problem.dofs().first_global();
  double size = 0.0;
  for (std::int64_t column = 0; column < f.problem.dofs().num_global(); ++column) {
    const bool mine = column >= first && column < first + discrete.size();
    const bool free = mine && f.problem.form().constrained()[column - first] == 0;
    std::ranges::fill(w, 0.0);
    if (mine) w[column - first] = 1.0;
    A.multiply(w, Aw);
    const double left = linear::dot(discrete.comm(), psi, Aw);
    if (!free) continue;
    CHECK(left == Approx(-0.8 * l[column - first]).margin(1e-13));
    size = std::max(size, std::abs(left));
  }
  CHECK(discrete.comm().max(size) > 1e-3);
}

TEST_CASE("An output that is a multiple of the load is compliant, with a bound that is quadratic",
          "[reduced][outputs]") {
  OutputSetting s(blocks, "temperature", "", true);  // mean over the area 2, source 3: l = f / 6
  REQUIRE(s.functional);
  const std::vector<std::vector<double>> picks{{0.1, 1.0}, {1.0, 0.1}, {0.3, 0.9}};
  double last_error = 1e9;
  for (const auto& pick : picks) {
    s.train({pick});
    const auto data = s.data();
    REQUIRE(data.compliance);
    CHECK(*data.compliance == Approx(1.0 / 6).epsilon(1e-12));
    const auto model = s.basis.model();
    const reduced::OutputModel output(data, model.data());
    reduced::ReducedModel::Workspace work(model);
    reduced::OutputModel::Workspace output_work(output);
    double largest = 0.0;
    for (const std::vector<double>& mu : {std::vector{0.5, 0.2}, {0.15, 0.8}, {0.9, 0.9}}) {
      const auto result = model.solve(mu, work);
      const auto found = output.evaluate(mu, result, work, output_work);
      const double error = s.truth(mu) - found.value;
      CHECK(error <= found.bound);
      CHECK(error >= -1e-12);  // l(e) = e^T A e / 6: the mean is never too large
      const double r = result.residual_norm;
      CHECK(found.bound == Approx(r * r / result.stability / 6).epsilon(1e-3).margin(1e-12));
      // The constants of coercivity and continuity differ by max k / min k at most.
      CHECK(found.bound <= 10.1 * error + 1e-11);
      CHECK(std::isinf(output.evaluate(mu, with_infinite_constant(result), work, output_work).bound));
      largest = std::max(largest, error);
    }
    CHECK(largest < last_error);
    last_error = largest;
  }
}

TEST_CASE("An output that is no multiple of the load is not compliant", "[reduced][outputs]") {
  OutputSetting s(blocks);
  s.train({{0.3, 0.5}});
  s.set("temperature", "right");
  CHECK_FALSE(s.data().compliance);
  s.set("x < 1 ? temperature : 0");
  CHECK_FALSE(s.data().compliance);
  // With prescribed values the load has a part of its own.
  auto text = blocks;
  text.replace(text.find("temperature = 0.0"), 17, "temperature = 1.0");
  OutputSetting lifted(text, "temperature", "", true);
  lifted.train({{0.3, 0.5}});
  CHECK_FALSE(lifted.data().compliance);
}

TEST_CASE("Errors and bounds with a dual basis fall twice as fast as those of the solution", "[reduced][outputs]") {
  OutputSetting s(convection, "flux_x*normal_x + flux_y*normal_y", "right");
  REQUIRE(s.functional);
  std::vector<std::vector<double>> picks;
  for (int k = 0; k < 10; ++k) {
    const auto unit = [&](double step) { return std::fmod(0.37 + step * k, 1.0); };
    picks.push_back({4 * unit(0.618) - 2, 0.2 + 0.8 * unit(0.414), 2 * unit(0.732) - 1});
  }
  s.train(picks);
  s.train_dual(picks);
  const auto model = s.basis.model();
  const reduced::OutputModel output(s.data(), model.data());
  reduced::ReducedModel::Workspace work(model);
  reduced::OutputModel::Workspace output_work(output);
  const auto at = [&](int size) {
    std::array<double, 3> largest{};  // bound of the solution, bound of the output, error of the output
    for (const auto& mu : tests) {
      const auto result = model.solve(mu, work, size);
      const auto found = output.evaluate(mu, result, work, output_work, size);
      largest[0] = std::max(largest[0], result.bound);
      largest[1] = std::max(largest[1], found.bound);
      largest[2] = std::max(largest[2], std::abs(found.value - s.truth(mu)));
    }
    return largest;
  };
  const auto few = at(4), many = at(10);
  const double rate = std::log(few[0] / many[0]);
  CHECK(rate > std::log(3.0));
  CHECK(std::log(few[1] / many[1]) >= 1.7 * rate);
  CHECK(std::log(few[2] / many[2]) >= 1.5 * rate);
  CHECK(many[2] <= many[1]);
}

TEST_CASE("What is not linear, or does not separate, has no functional, and the reason is said", "[reduced][outputs]") {
  OutputSetting s(blocks);
  for (const auto* text : {"temperature^2", "max(temperature, 100)", "temperature > 50 ? 1 : 0", "abs(temperature)",
                           "1/(3 + temperature)"}) {
    s.set(text);
    CHECK_FALSE(s.functional);
    CHECK(s.reason.starts_with("not linear"));
  }
  s.set("exp(-k1*x)*temperature");
  CHECK_FALSE(s.functional);
  CHECK(s.reason.starts_with("not separable"));
}

TEST_CASE("Stresses are linear outputs where they depend on Young's modulus, and von Mises' is none",
          "[reduced][outputs]") {
  const std::string bar = R"toml(
plugins = ["elasticity"]
[mesh]
box = { size = [2.0, 1.0], cells = [4, 2], cell = "quadrilateral" }
[physics.elasticity]
youngs_modulus = { by_block = [2, 1], values = ["E", 1.0] }
poisson_ratio  = 0.3
boundary       = [{ on = "left", displacement = [0.0, "d"] }, { on = "right", pressure = -0.1 }]
[parameters]
E = { range = [0.5, 5.0], default = 1.0 }
d = { range = [0.0, 0.1], default = 0.0 }
)toml";
  OutputSetting s(bar, "stress_xx + 2*stress_xy", "", true);
  REQUIRE(s.functional);
  CHECK(s.functional->thetas.num_terms() == 2);
  const std::vector<std::vector<double>> picks{{0.5, 0.0}, {5.0, 0.1}, {2.0, 0.05}};
  s.train(picks);
  s.train_dual(picks);
  const auto model = s.basis.model();
  const reduced::OutputModel output(s.data(), model.data());
  reduced::ReducedModel::Workspace work(model);
  reduced::OutputModel::Workspace output_work(output);
  for (const std::vector<double>& mu : {std::vector{0.8, 0.03}, {3.3, 0.09}}) {
    const auto found = output.evaluate(mu, model.solve(mu, work), work, output_work);
    CHECK(std::abs(found.value - s.truth(mu)) <= found.bound);
    CHECK(found.bound < 0.01);
  }
  s.set("von_mises");
  CHECK_FALSE(s.functional);
  CHECK(s.reason.starts_with("not linear"));
}

TEST_CASE("Derived fields are linear by their formula, however small what is not, and however large their coefficients",
          "[reduced][outputs]") {
  const std::string wall = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0], cells = [8], cell = "interval" }
[physics.diffusion]
conductivity = { by_block = [2], values = ["LEFT", "RIGHT"] }
boundary     = [{ on = "left", temperature = "a" }, { on = "right", temperature = 0.0 }]
[parameters]
a = { range = [1.0, 2.0], default = 1.0 }
k = { range = [1.0, 3.0], default = 2.0 }
)toml";
  const auto with = [&](const std::string& left, const std::string& right) {
    auto text = wall;
    text.replace(text.find("LEFT"), 4, left);
    text.replace(text.find("RIGHT"), 5, right);
    return text;
  };
  const auto functional = [](const std::string& text, std::string& reason) {
    test::Fixture f(text);
    const reduced::FieldQuantity quantity{f.problem.solution_expression("flux_x", "test"), {}, true};
    return reduced::separate_functional(f.problem.form().definition(), quantity, reason);
  };
  std::string reason;
  CHECK_FALSE(functional(with("1 + 1e-14*temperature", "k"), reason));
  CHECK(reason.starts_with("not linear"));
  CHECK_FALSE(functional(with("1", "k + exp(-k*x)"), reason));
  CHECK(reason.starts_with("not separable"));
  test::Fixture f(with("1e12", "k*1e-12"));
  const auto& dofs = f.problem.dofs();
  std::vector<double> u(dofs.num_local());
  for (std::int32_t i = 0; i < dofs.num_owned(); ++i)
    u[i] = std::cos(3.0 * static_cast<double>(dofs.first_global() + i));
  dofs.update_ghosts(u);
  for (const auto* side : {"left", "right"}) {
    reduced::FieldQuantity quantity{f.problem.solution_expression("flux_x", "test"), {}, false};
    quantity.domain.facets = f.problem.mesh().sets.at(side).facets;
    const auto found = reduced::separate_functional(f.problem.form().definition(), quantity, reason);
    REQUIRE(found);
    for (const std::vector<double>& mu : {std::vector{1.5, 1.3}, {2.0, 3.0}}) {
      const auto t = found->thetas(mu);
      double value = 0.0;
      for (std::size_t j = 0; j < t.size(); ++j) {
        const auto l = found->vectors.column(static_cast<int>(j));
        value += t[j] * (linear::dot(dofs.mesh().comm, l, std::span(u).first(l.size())) + found->constants[j]);
      }
      f.problem.form().set_parameters(mu);
      const double truth = f.problem.evaluator().integrate(quantity.expression, {0.0, u, {}}, quantity.domain);
      CHECK(value == Approx(truth).epsilon(1e-12));
    }
  }
}

TEST_CASE("A batch gives what single calls give, shared among ranks", "[reduced][outputs]") {
  OutputSetting s(convection, "temperature", "top");
  s.train(training);
  s.train_dual(training);
  const auto model = s.basis.model();
  std::vector<reduced::OutputModel> outputs;
  outputs.emplace_back(s.data(), model.data());
  const auto points = sample(sampling::ParameterBox(s.f.box), {.method = "random", .size = 23});
  const auto batch = reduced::evaluate_batch(s.f.problem.mesh().comm, model, outputs, points);
  REQUIRE(batch.values.size() == 23);
  reduced::ReducedModel::Workspace work(model);
  reduced::OutputModel::Workspace output_work(outputs[0]);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto result = model.solve(points[i], work);
    const auto found = outputs[0].evaluate(points[i], result, work, output_work);
    CHECK(batch.values[i] == found.value);
    CHECK(batch.bounds[i] == found.bound);
    CHECK(batch.solution_bounds[i] == result.bound);
  }
  CHECK_FALSE(batch.is_estimate);
}
