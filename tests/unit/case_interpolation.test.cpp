#include <catch2/catch.hpp>

#include "tests/support/case_text.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using test::parse;
using test::report_of;
using test::small_case;

TEST_CASE("the interpolation of a reduced basis has defaults, and what is said of it", "[case]") {
  const auto plain = parse(small_case).reduced.interpolation;
  CHECK(plain.tolerance == 1e-8);
  CHECK(plain.max_terms == 50);
  CHECK(plain.training.kind == "sobol");
  CHECK(plain.training.count == 256);
  const std::string reduced =
      "[parameters]\na = { range = [0, 1], default = 0 }\n[solver]\ntype = \"reduced_basis\"\n[reduced]\n";
  const auto parsed = parse(small_case + reduced +
                            "interpolation = { tolerance = 1e-3, max_terms = 21, training = { halton = 60 } }\n");
  CHECK(parsed.reduced.interpolation.tolerance == 1e-3);
  CHECK(parsed.reduced.interpolation.max_terms == 21);
  CHECK(parsed.reduced.interpolation.training.kind == "halton");
  CHECK(parsed.reduced.interpolation.training.count == 60);
  CHECK(parsed.reduced.training.kind == "grid");
  CHECK_THAT(parsed.effective_toml,
             Contains("interpolation = { tolerance = 0.001, max_terms = 21, training = { halton = 60, seed = 1 } }"));
}

TEST_CASE("points and picks of the interpolation are written only where they are not the default", "[case]") {
  const auto with = [](const std::string& text) {
    return parse(small_case +
                 "[parameters]\na = { range = [0, 1], default = 0 }\n[solver]\ntype = \"reduced_basis\"\n[reduced]\n" +
                 "interpolation = " + text + "\n");
  };
  const auto plain = with(R"({ points = "eim", points_per_term = 1.0, pick = "largest" })");
  CHECK_THAT(plain.effective_toml,
             Contains("interpolation = { tolerance = 1e-08, max_terms = 50, training = { sobol = 256, seed = 1 } }"));
  const auto other = with(R"({ points = "s_opt", points_per_term = 1.5, pick = "sum" })");
  CHECK(other.reduced.interpolation.points == "s_opt");
  CHECK(other.reduced.interpolation.points_per_term == 1.5);
  CHECK(other.reduced.interpolation.pick == "sum");
  CHECK_THAT(other.effective_toml, Contains(R"(points = "s_opt", points_per_term = 1.5, pick = "sum" })"));
}

TEST_CASE("mistakes in the interpolation of a reduced basis are found with their line", "[case]") {
  const auto with = [](const std::string& text) {
    return report_of(small_case + "[reduced]\ninterpolation = " + text + "\n");
  };
  CHECK_THAT(
      with("{ tol = 1e-3 }"),
      Contains("case.toml:8:19: error: unknown key \"tol\" in [reduced.interpolation]") && Contains("tolerance"));
  CHECK_THAT(with("{ tolerance = 0.0 }"), Contains("case.toml:8:") && Contains("tolerance"));
  CHECK_THAT(with("{ max_terms = 0 }"), Contains("case.toml:8:") && Contains("max_terms"));
  CHECK_THAT(with("{ training = { sobol = 5, random = 7 } }"),
             Contains("case.toml:8:") && Contains("several kinds of training sets"));
  CHECK_THAT(with("{ points = \"deim\" }"), Contains("case.toml:8:") && Contains("q_deim"));
  CHECK_THAT(with("{ pick = \"max\" }"), Contains("case.toml:8:") && Contains("largest"));
  CHECK_THAT(with("{ points = \"s_opt\", points_per_term = 0.0 }"), Contains("case.toml:8:") && Contains("[0.7, 10]"));
  CHECK_THAT(with("{ points = \"s_opt\", points_per_term = 11 }"), Contains("case.toml:8:") && Contains("10"));
  CHECK_THAT(with("{ points_per_term = 1.5 }"),
             Contains("case.toml:8:") && Contains("at most as many as the terms") && Contains("s_opt"));
  CHECK_THAT(with("{ points = \"q_deim\", points_per_term = 1.01 }"), Contains("\"q_deim\" are at most as many"));
  CHECK_THAT(with("7"), Contains("case.toml:8:") && Contains("table"));
}
