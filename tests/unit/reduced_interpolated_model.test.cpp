// Factors that are weights of interpolated functions, and what a reduced model makes of them, computed by hand.
#include <catch2/catch.hpp>

#include "engine/reduced/basis/reduced_model.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;
using namespace ansatz::reduced;
using namespace ansatz::sampling;

namespace {

sdk::Expression of_a(const std::string& text) {
  sdk::SymbolTable symbols;
  symbols.add_parameter("a", 0);
  return sdk::Expression::compile(text, symbols, "test");
}

Dense matrix(int rows, int columns, std::vector<double> values) {
  Dense out(rows, columns);
  out.values = std::move(values);
  return out;
}

/// Two magic points with the values a and a^2, B = (1 0; 0.5 1), U = (2 1; 0 4), one term and a further one.
std::shared_ptr<const InterpolatedFunction> by_hand() {
  InterpolatedFunction function;
  function.text = "c(x, a)";
  function.at_points = {of_a("a"), of_a("a^2")};
  function.interpolation = Interpolation(matrix(2, 2, {1.0, 0.5, 0.0, 1.0}), matrix(2, 2, {2.0, 0.0, 1.0, 4.0}));
  function.terms = 1;
  return std::make_shared<const InterpolatedFunction>(std::move(function));
}

// At a = 3: with one term w = 3/2. With both: c = (3, 9 - 1.5), w_1 = 7.5 / 4, w_0 = (3 - w_1) / 2.
constexpr double one_term = 1.5, second = 1.875, first = 0.5625;

}  // namespace

TEST_CASE("Terms with weights of an interpolated function, and their corrections", "[reduced]") {
  Thetas thetas;
  const int expression = thetas.add_factor(of_a("2*a"));
  const int weight = thetas.add_interpolation(by_hand());
  CHECK(thetas.add_interpolation(by_hand()) == weight);
  thetas.add_term(expression);
  thetas.add_term(weight, expression);
  thetas.add_term(weight - 1);
  thetas.add_term(-1);
  const std::vector<double> mu{3.0};
  CHECK(thetas(mu) == std::vector{6.0, 6.0 * one_term, 0.0, 1.0});
  std::vector<double> scratch(thetas.scratch_size()), values(4), corrections(4);
  thetas.evaluate(mu, scratch, values, corrections);
  CHECK(corrections == std::vector{0.0, 6.0 * (first - one_term), second, 0.0});
  CHECK(thetas.change(mu, scratch) == 7.5);
  CHECK(thetas.text(weight - 1) == "weight 1 of the interpolation of \"c(x, a)\"");
  CHECK(thetas.text(-1) == "1");
  const std::vector<ParameterRange> box{{"a", 1.0, 2.0}};
  CHECK(thetas.range(0, box).first == Approx(2.0));
  CHECK(std::isinf(thetas.range(1, box).second));
  Thetas other;
  other.add_term(other.add_factor_of(thetas, weight - 1), other.add_factor_of(thetas, expression));
  other.evaluate(mu, scratch, std::span(values).first(1), std::span(corrections).first(1));
  CHECK(values[0] == 0.0);
  CHECK(corrections[0] == 6.0 * second);
  CHECK_THROWS_WITH(thetas.evaluate(mu, std::span(scratch).first(1), values), Catch::Contains("too small"));
}

TEST_CASE("Weights that are fitted at more points, and what the further terms change", "[reduced]") {
  // Points with the values a, a^2 and 1; q = (1, 0.5, 0) and (0, 1, 0): the first two as by hand, the third says
  // nothing. The first term sees the first two points: c = (a + 0.5 a^2) / 1.25.
  auto function = *by_hand();
  function.at_points.push_back(of_a("1"));
  function.fit(matrix(3, 2, {1.0, 0.5, 0.0, 0.0, 1.0, 0.0}), 2);
  CHECK(function.num_points() == 3);
  CHECK(function.num_points_of_terms() == 2);
  const std::vector<double> mu{3.0};
  std::vector<double> few(2), all(2), scratch(function.scratch_size());
  const std::size_t before = test::allocation_count();
  function.weights(mu, scratch, few, all);
  const double change = function.change(mu, scratch);
  CHECK(test::allocation_count() == before);
  CHECK(few[0] == Approx(6.0 / 2.0));
  CHECK(few[1] == 0.0);
  CHECK(all[0] == Approx(first));
  CHECK(all[1] == Approx(second));
  CHECK(change == Approx(std::abs(3.0 - 6.0) + 7.5));  // of c = (3, 7.5) and (6, 0)
  Thetas thetas;
  const int weight = thetas.add_interpolation(std::make_shared<const InterpolatedFunction>(function));
  thetas.add_term(weight);
  std::vector<double> work(thetas.scratch_size()), value(1), correction(1);
  thetas.evaluate(mu, work, value, correction);
  CHECK(value[0] == Approx(3.0));
  CHECK(correction[0] == Approx(first - 3.0));
  CHECK(thetas.change(mu, work) == change);
}

TEST_CASE("The errors of interpolated operators and right-hand sides are reported apart", "[reduced]") {
  // 2 c = 4 with one basis function; residual columns: the right-hand side's terms, then the operator's.
  ReducedModelData data;
  data.box = {{"a", 0.0, 5.0}};
  data.reference = {1.0};
  data.size = 1;
  data.operator_thetas.add_term(-1);
  const int weight = data.operator_thetas.add_interpolation(by_hand());
  data.operator_thetas.add_term(weight);
  data.operator_thetas.add_term(weight - 1);
  data.operators = {matrix(1, 1, {2.0}), matrix(1, 1, {0.0}), matrix(1, 1, {0.0})};
  data.rhs_thetas.add_term(-1);
  data.rhs_thetas.add_term(data.rhs_thetas.add_interpolation(by_hand()) - 1);
  data.rhs = matrix(1, 2, {4.0, 1.0});
  data.residual = matrix(2, 5, {3.0, 0.0, 0.0, 0.5, -1.5, 0.0, 0.0, 0.0, 0.0, 1.0});
  const ReducedModel model(data);
  CHECK(model.is_estimate());
  ReducedModel::Workspace work(model);
  const std::vector<double> mu{3.0};
  const auto before = test::allocation_count();
  const auto result = model.solve(mu, work);
  CHECK(test::allocation_count() == before);
  CHECK(result.is_estimate);
  CHECK(result.coefficients[0] == 2.0);
  CHECK(result.residual_norm == 0.0);
  CHECK(result.operator_error == Approx(2.0 * second).epsilon(1e-15));
  CHECK(result.rhs_error == Approx(0.5 * second).epsilon(1e-15));
  CHECK(result.prescribed_error == 0.0);
}
