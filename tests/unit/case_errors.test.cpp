#include <catch2/catch.hpp>

#include "tests/support/case_text.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;
using test::error_of;
using test::full_case;
using test::parse;
using test::report_of;
using test::small_case;

namespace {

/// `text` with the first `from` replaced.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// Report of the small case with a change.
std::string changed(const std::string& from, const std::string& to) {
  return report_of(replaced(small_case, from, to));
}

/// Report of the small case with lines added at line 7.
std::string with(const std::string& lines) { return report_of(small_case + lines); }

}  // namespace

TEST_CASE("an unknown key is an error with place, owner, mark and suggestion", "[case]") {
  const auto error = error_of([] { parse(replaced(small_case, "conductivity", "conductvity")); });
  CHECK(error.kind() == sdk::ErrorKind::case_file);
  CHECK(sdk::exit_code(error.kind()) == 2);
  CHECK_THAT(error.report(), StartsWith("error: 2 errors in case.toml\n"));
  CHECK_THAT(error.report(),
             Contains("case.toml:5:1: error: unknown key \"conductvity\" in [physics.heat] (plugin fake)\n"
                      "     5 | conductvity = 3.5\n"
                      "       | ^~~~~~~~~~~\n"
                      "  help: did you mean \"conductivity\" (W/(m K), > 0)? valid keys: "));
  CHECK_THAT(error.report(), Contains("missing coefficient \"conductivity\" in [physics.heat]") &&
                                 Contains("heat conductivity (W/(m K), > 0)"));
  CHECK_THAT(with("[solver]\nordr = 2\n"), Contains("case.toml:8:1: error: unknown key \"ordr\" in [solver]") &&
                                               Contains("did you mean \"order\"? valid keys: continuation, order"));
  CHECK_THAT(with("[ouput]\n"),
             Contains("case.toml:7:2: error: unknown key \"ouput\" in the case") && Contains("\"output\""));
  CHECK_THAT(changed("temperature = 0.0", "temprature = 0.0"),
             Contains("case.toml:6:27: error: unknown key \"temprature\" in [physics.heat.boundary[0]] (plugin fake)"));
}

TEST_CASE("all errors of a case are shown at once, in the order of the text", "[case]") {
  const auto error = error_of([] {
    parse(small_case + "[solver]\norder = 7\ntype = \"fme\"\n[time]\nmethod = \"bdf2\"\nend = -1\n[nonsense]\n");
  });
  const std::string text = error.what();
  CHECK_THAT(text, StartsWith("5 errors in case.toml\n"));
  const auto a = text.find("case.toml:8:9: error: \"solver.order\" = 7 is out of its range: 1 to 2");
  const auto b = text.find("case.toml:9:8: error: there is no ansatz \"fme\"; those of the loaded plugins are fem");
  const auto c = text.find("case.toml:10:1: error: \"time\" has neither a step nor tolerances");
  const auto d = text.find("case.toml:12:7: error: \"time.end\" = -1 is not after \"time.start\" = 0");
  const auto e = text.find("case.toml:13:2: error: unknown key \"nonsense\" in the case");
  CHECK(a < b);
  CHECK(b < c);
  CHECK(c < d);
  CHECK(d < e);
  CHECK(e != std::string::npos);
}

TEST_CASE("a syntax error has line, column and mark", "[case]") {
  const auto error = error_of([] { parse("title = \"x\"\n[mesh\nbox = 1\n"); });
  CHECK(error.kind() == sdk::ErrorKind::case_file);
  CHECK_THAT(error.report(), StartsWith("case.toml:2:6: error: ") && Contains("     2 | [mesh\n       |      ^"));
  CHECK(error_of([] { parse("a = 1\na = 2\n"); }).kind() == sdk::ErrorKind::case_file);
  CHECK(error_of([] { parse(std::string("title = \"\xff\xfe\"\n")); }).kind() == sdk::ErrorKind::case_file);
}

TEST_CASE("missing sections and keys are named", "[case]") {
  CHECK_THAT(report_of(""), Contains("missing section [mesh]") && Contains("missing section [physics]"));
  CHECK_THAT(changed("box = { size = [1.0, 2.0], cells = [4, 8] }", ""),
             Contains("case.toml:2:1: error: [mesh] needs either \"box\" or \"file\""));
  CHECK_THAT(changed("cells = [4, 8]", "cell = \"triangle\""),
             Contains("case.toml:3:7: error: missing key \"cells\" in [mesh.box]"));
  CHECK_THAT(changed("on = \"all\", ", ""),
             Contains("case.toml:6:13: error: missing key \"on\" in [physics.heat.boundary[0]]"));
  CHECK_THAT(changed(", temperature = 0.0", ""), Contains("[physics.heat.boundary[0]] sets nothing"));
}

TEST_CASE("wrong types say what is expected and what is there", "[case]") {
  CHECK_THAT(
      changed("3.5", "true"),
      Contains(
          "case.toml:5:16: error: \"physics.heat.conductivity\" must be a number, an expression or a list of them, "
          "not true or false\n     5 | conductivity = true\n       |                ^~~~"));
  CHECK_THAT(changed("[4, 8]", "[4, 8.5]"),
             Contains("case.toml:3:40: error: \"mesh.box.cells\" must be an integer, not a number"));
  CHECK_THAT(changed("\"Block\"", "3"), Contains("case.toml:1:9: error: \"title\" must be a string, not an integer"));
  CHECK_THAT(with("[solver]\norder = 1979-05-27\n"),
             Contains("\"solver.order\" must be an integer, not a date or time"));
  CHECK_THAT(report_of("plugins = [3]\n"),
             Contains("case.toml:1:12: error: \"plugins\" must be a list of strings, not an integer"));
  CHECK_THAT(report_of("mesh = 3\n" + small_case.substr(small_case.find("[physics"))),
             Contains("\"mesh\" must be a table, not an integer"));
  CHECK_THAT(changed("\"all\"", "3"),
             Contains("\"physics.heat.boundary[0].on\" must be a string or a list of strings, not an integer"));
}

TEST_CASE("numbers that are not finite or out of range are errors", "[case]") {
  CHECK_THAT(changed("3.5", "nan"),
             Contains("case.toml:5:16: error: \"physics.heat.conductivity\" is not a finite number"));
  CHECK_THAT(changed("3.5", "inf"), Contains("is not a finite number"));
  CHECK_THAT(changed("3.5", "-3.5"),
             Contains("case.toml:5:16: error: \"conductivity\" = -3.5 is out of its range: > 0"));
  CHECK_THAT(changed("3.5", "[1.0, 0.0]"), Contains("\"conductivity\" = 0 is out of its range: > 0"));
  CHECK_NOTHROW(parse(replaced(small_case, "3.5", "[[1.0, -0.5], [-0.5, 1.0]]")));
  CHECK_THAT(changed("3.5", "[[1.0, 0.0], [0.0, -1.0]]"), Contains("\"conductivity\" = -1 is out of its range: > 0"));
  CHECK_THAT(changed("3.5", "3.5\nporosity = 1.0"), Contains("\"porosity\" = 1 is out of its range: [0, 1)"));
  CHECK_THAT(changed("2.0]", "-2.0]"), Contains("\"mesh.box.size\" = -2 is out of its range: > 0"));
  CHECK_THAT(changed("[4, 8]", "[4, 0]"), Contains("\"mesh.box.cells\" = 0 is out of its range: 1 to"));
  CHECK_THAT(changed("temperature = 0.0", "film = -1.0"), Contains("\"film\" = -1 is out of its range: >= 0"));
}

TEST_CASE("wrong numbers of components are errors once the dimension is known", "[case]") {
  CHECK_THAT(
      changed("3.5", "[1.0, 2.0, 3.0]"),
      Contains("case.toml:5:16: error: \"conductivity\" needs 1, 2 (diagonal) or 4 values (a tensor in 2-D), not 3"));
  CHECK_THAT(changed("3.5", "[[1.0, 2.0], [3.0]]"), Contains("must be a square matrix: 2 lists of 2 entries"));
  CHECK_THAT(changed("3.5", "[]"), Contains("\"physics.heat.conductivity\" is an empty list"));
  CHECK_THAT(changed("3.5", "\" \""), Contains("is an empty expression"));
  CHECK_THAT(changed("3.5", "3.5\nbody_force = [1.0, 2.0, 3.0]"),
             Contains("\"body_force\" needs 2 values (a vector in 2-D), not 3"));
  CHECK_THAT(changed("3.5", "3.5\nbody_force = 1.0"),
             Contains("\"body_force\" needs 2 values (a vector in 2-D), not 1"));
  CHECK_THAT(changed("3.5", "3.5\ncapacity = [1.0, 2.0]"), Contains("\"capacity\" needs one value, not 2"));
  CHECK_THAT(changed("temperature = 0.0", "displacement = [1.0]"),
             Contains("\"displacement\" needs 2 values (a vector in 2-D), not 1"));
  CHECK_THAT(changed("temperature = 0.0", "displacement_z = 0.0"), Contains("unknown key \"displacement_z\""));
  CHECK_THAT(changed("temperature = 0.0", "displacement = [0.0, 0.0], displacement_x = 1.0"),
             Contains("\"displacement_x\" is given twice: \"displacement\" has all components"));
  CHECK_THAT(changed("temperature = 0.0", "temperature = \"free\""),
             Contains("\"temperature\" has no component but \"free\""));
  CHECK_THAT(changed("3.5", "[\"free\", 1.0]"), Contains("\"conductivity\" cannot be \"free\""));
  const auto from_file = replaced(small_case, "box = { size = [1.0, 2.0], cells = [4, 8] }", "file = \"plate.geo\"");
  CHECK_NOTHROW(parse(replaced(from_file, "3.5", "[1.0, 2.0, 3.0]")));
  CHECK_NOTHROW(parse(replaced(from_file, "temperature = 0.0", "displacement_z = 0.0")));
}

TEST_CASE("mistakes in the tables of coefficients are told", "[case]") {
  CHECK_THAT(changed("3.5", "{ by_block = [2, 2], values = [1, 2, 3] }"),
             Contains("\"physics.heat.conductivity.values\" has 3 entries for 4 blocks"));
  CHECK_THAT(changed("3.5", "{ by_block = [2], values = [1, 2] }"),
             Contains("\"physics.heat.conductivity.by_block\" needs 2 entries in 2-D"));
  CHECK_THAT(changed("3.5", "{ by_block = [1, 1] }"), Contains("needs \"values\", a list with one value a block"));
  CHECK_THAT(changed("3.5", "{ default = 1 }"),
             Contains("\"physics.heat.conductivity\" needs either \"by_region\" or \"by_block\""));
  CHECK_THAT(changed("3.5", "{ by_region = { a = -1 } }"), Contains("\"conductivity\" = -1 is out of its range: > 0"));
  CHECK_THAT(
      changed("3.5", "{ by_region = { a = 1 }, defualt = 1 }"),
      Contains("unknown key \"defualt\" in [physics.heat.conductivity]") && Contains("did you mean \"default\"?"));
  CHECK_THAT(changed("3.5", "3.5\nfilm = 2.0"), Contains("case.toml:6:8: error: \"film\" is given on boundaries"));
}

TEST_CASE("the physics must be one of the loaded plugins, and one", "[case]") {
  CHECK_THAT(
      changed("physics.heat", "physics.heatt"),
      Contains("case.toml:4:1: error: no loaded plugin has a physics \"heatt\"") && Contains("did you mean \"heat\"?"));
  CHECK_THAT(with("[physics.more]\n"), Contains("[physics] has 2 physics, but one is solved at a time"));
  CHECK_THAT(changed("[1.0, 2.0], cells = [4, 8]", "[1.0], cells = [4]"),
             Contains("physics \"heat\" exists in 2, 3-D, but the mesh is 1-D"));
  const auto missing = error_of([] { parse("plugins = [\"nonesuch\"]\n"); });
  CHECK(missing.kind() == sdk::ErrorKind::plugin);
  CHECK(missing.where() == "case.toml:1:11");
}

TEST_CASE("boxes are checked", "[case]") {
  CHECK_THAT(changed("cells = [4, 8]", "cells = [4]"), Contains("\"mesh.box.cells\" has 1 entries but \"size\" has 2"));
  CHECK_THAT(changed("cells = [4, 8]", "cells = [4, 8], cell = \"hexahedron\""),
             Contains("cell \"hexahedron\" is for 3-D, but \"size\" has 2 entries"));
  CHECK_THAT(changed("cells = [4, 8]", "cells = [4, 8], cell = \"quadrilateral\", pattern = \"left\""),
             Contains("\"pattern\" is for triangles only"));
  CHECK_THAT(changed("cells = [4, 8]", "cells = [2, 8], periodic = [true, false]"),
             Contains("a periodic direction needs at least 3 cells"));
  CHECK_THAT(changed("[mesh]", "[mesh]\nfile = \"a.msh\""), Contains("[mesh] needs either \"box\" or \"file\""));
  CHECK_THAT(changed("[mesh]", "[mesh]\nsize_factor = 2.0"), Contains("\"mesh.size_factor\" is for mesh files only"));
  CHECK_THAT(changed("[mesh]", "[mesh]\nmap = [\"x\"]"), Contains("\"mesh.map\" needs 2 expressions, not 1"));
}

TEST_CASE("parameters need a range, and a default inside of it", "[case]") {
  CHECK_THAT(with("[parameters]\nk = { range = [0.1, 1.0], default = 2.0 }\n"),
             Contains("case.toml:8:37: error: \"parameters.k.default\" = 2 is outside of its range [0.1, 1]"));
  CHECK_THAT(with("[parameters]\nk = { range = [0.1, 1.0] }\n"),
             Contains("case.toml:8:5: error: missing key \"default\" in [parameters.k]"));
  CHECK_THAT(with("[parameters]\nk = { default = 1.0 }\n"),
             Contains("missing key \"range\" in [parameters.k]") && !Contains("2 errors"));
  CHECK_THAT(with("[parameters]\nk = { range = [1.0, 0.1], default = 0.5 }\n"),
             Contains("\"parameters.k.range\" must be [low, high] with low <= high"));
  CHECK_THAT(with("[parameters]\nk = { range = [0.0, inf], default = 0.5 }\n"),
             Contains("\"parameters.k.range\" is not a finite number"));
  CHECK_THAT(with("[parameters]\nk = { range = [0.0, 1.0, 2.0], default = 0.5 }\n"), Contains("must be [low, high]"));
  CHECK_THAT(with("[parameters]\nk = 3\n"), Contains("\"parameters.k\" must be a table, not an integer"));
}

TEST_CASE("names that expressions see are valid and different", "[case]") {
  CHECK_THAT(with("[constants]\nx = 3\n"),
             Contains("case.toml:8:5: error: the name \"x\" is taken: it is a coordinate or time already"));
  CHECK_THAT(with("[constants]\ntemperature = 3\n"),
             Contains("the name \"temperature\" is taken: it is a field already"));
  CHECK_THAT(with("[constants]\n\"2a\" = 3\n"), Contains("\"2a\" is not a valid name"));
  CHECK_THAT(with("[constants]\nk = 3\n[tables.k]\nx = [0, 1]\ny = [0, 1]\n"),
             Contains("the name \"k\" is taken: it is a constant already"));
  CHECK_NOTHROW(parse(small_case + "[regions.a]\nrho = 3\n[regions.b]\nrho = 4\n"));
}

TEST_CASE("tables must increase and have equal columns", "[case]") {
  CHECK_THAT(with("[tables.c]\nx = [0, 2, 2]\ny = [1, 2, 3]\n"),
             Contains("[tables.c]: \"x\" must increase: entry 3 is 2, after 2"));
  CHECK_THAT(with("[tables.c]\nx = [0, 1]\ny = [1, 2, 3]\n"), Contains("[tables.c]: \"x\" has 2 entries, \"y\" has 3"));
  CHECK_THAT(with("[tables.c]\nx = [0]\ny = [1]\n"), Contains("[tables.c] needs at least two points"));
  CHECK_THAT(with("[tables.c]\nx = [0, 1]\n"), Contains("[tables.c] needs either \"x\" and \"y\", or \"file\""));
  CHECK_THAT(with("[tables.c]\nfile = \"no/such.txt\"\n"),
             Contains("case.toml:8:8: error: table file \"no/such.txt\" cannot be read"));
}

TEST_CASE("solver, linear, time and output are checked", "[case]") {
  CHECK_THAT(with("[solver]\nstabilisation = \"supg\"\n"), Contains("physics \"heat\" has no stabilisation"));
  CHECK_THAT(with("[linear]\nsolver = \"gmress\"\n"),
             Contains("\"linear.solver\" = \"gmress\" is not one of \"automatic\", \"cg\"") &&
                 Contains("did you mean \"gmres\"?"));
  CHECK_THAT(with("[linear]\nrelative_tolerance = 0.0\n"),
             Contains("\"linear.relative_tolerance\" = 0 is out of its range: (0, 1)"));
  CHECK_THAT(with("[time]\nmethod = \"bdf2\"\nend = 1.0\nstep = 2.0\n"),
             Contains("\"time.step\" = 2 is longer than the time from start to end"));
  CHECK_THAT(with("[output]\nfields = [\"temprature\"]\n"),
             Contains("physics \"heat\" has no field \"temprature\"") && Contains("\"temperature\""));
  CHECK_THAT(with("[output]\nlayout = \"vtu\"\n"),
             Contains("\"output.layout\" = \"vtu\" is not one of series, single") && Contains("add \"vtk\""));
  CHECK_THAT(with("[output]\nevery = 0\n"), Contains("\"output.every\" = 0 is out of its range"));
  CHECK_THAT(with("[initial]\ntemperature = [1.0, 2.0]\n"), Contains("\"temperature\" needs one value, not 2"));
}

TEST_CASE("a start from the steady state is checked", "[case]") {
  const std::string time = "[time]\nmethod = \"bdf2\"\nend = 1.0\nstep = 0.5\n",
                    start = "[initial]\nstart = \"steady\"\n";
  CHECK_THAT(with(start), Contains("case.toml:8:9: error: \"initial.start\" is for problems in time") &&
                              Contains("add a section [time]"));
  CHECK_THAT(
      with(time + start + "temperature = 1.0\n"),
      Contains("case.toml:13:15: error: \"temperature\" is given twice: by its value and by start = \"steady\"") &&
          Contains("[initial.perturbation]"));
  CHECK_THAT(with(time + start + "displacement_x = 1.0\n"), Contains("\"displacement_x\" is given twice"));
  CHECK_THAT(with(time + start + "[initial.perturbation]\ntemprature = 1.0\n"),
             Contains("case.toml:14:1: error: unknown key \"temprature\" in [initial.perturbation]") &&
                 Contains("did you mean \"temperature\""));
  CHECK_THAT(with(time + start + "[initial.perturbation]\ntemperature = [1.0, 2.0]\n"),
             Contains("\"temperature\" needs one value"));
  CHECK_THAT(
      with(time + "[initial.perturbation]\ntemperature = 1.0\n"),
      Contains("case.toml:11:1: error: a perturbation is of the steady state") && Contains("add start = \"steady\""));
  CHECK_THAT(
      with(time + "[initial]\nstart = \"stedy\"\n"),
      Contains("\"initial.start\" = \"stedy\" is not one of \"steady\"") && Contains("did you mean \"steady\"?"));
}

TEST_CASE("continuation is refused in time, unless the start is a steady state", "[case]") {
  const std::string text =
      small_case +
      "[parameters]\nk = { range = [1, 2], default = 2 }\n[solver]\ncontinuation = { parameter = \"k\", from = 1 }\n"
      "[time]\nmethod = \"bdf2\"\nend = 1.0\nstep = 0.5\n";
  CHECK_THAT(report_of(text),
             Contains("case.toml:10:16: error: continuation is for steady states") && Contains("start = \"steady\""));
  CHECK(parse(text + "[initial]\nstart = \"steady\"\n").solver.continuation->from == 1.0);
}

TEST_CASE("quantities are checked", "[case]") {
  CHECK_THAT(with("[quantities]\nq = { average = \"temperature\" }\n"),
             Contains("[quantities.q] needs one of point, mean, integral") && Contains("unknown key \"average\""));
  CHECK_THAT(with("[quantities]\nq = { mean = \"temperature\", norm = \"temperature\" }\n"),
             Contains("[quantities.q] has more than one kind: mean, norm"));
  CHECK_THAT(with("[quantities]\nq = { point = \"temperature\" }\n"), Contains("missing key \"at\" in [quantities.q]"));
  CHECK_THAT(with("[quantities]\nq = { point = \"temperature\", at = [1, 2, 3] }\n"),
             Contains("\"at\" needs 2 coordinates, not 3"));
  CHECK_THAT(with("[quantities]\nq = { reaction = \"temperature\" }\n"),
             Contains("missing key \"on\" in [quantities.q]"));
  CHECK_THAT(with("[quantities]\nq = { reaction = \"stress_xx\", on = \"left\" }\n"),
             Contains("a reaction needs a field or a component of one, not \"stress_xx\""));
  CHECK_THAT(with("[quantities]\nq = { mean = \"temperature\", at = [1, 2] }\n"),
             Contains("\"at\" has no meaning for a mean quantity"));
  CHECK_THAT(with("[quantities]\nq = { norm = \"temperature\", type = \"l3\" }\n"),
             Contains("\"quantities.q.type\" = \"l3\" is not one of \"l2\", \"h1_semi\""));
}

TEST_CASE("output times are within the time of the case, and say which steps are written", "[case]") {
  const std::string time = "[time]\nmethod = \"bdf2\"\nstart = 1.0\nend = 2.0\nstep = 0.25\n";
  CHECK_THAT(with(time + "[output]\nat = [0.5, 1.5, 2.5]\n"),
             Contains("case.toml:13:6: error: the output time 0.5 is not between start and end, 1 and 2") &&
                 Contains("time 2.5 is not") && !Contains("time 1.5 is not"));
  CHECK_THAT(with(time + "[output]\nat = [nan]\n"), Contains("case.toml:13:"));
  CHECK_THAT(with("[output]\nat = [0.5]\n"),
             Contains("case.toml:8:6: error: \"output.at\" are times, and the case has none"));
  const auto every = [&](const std::string& keys) {
    return parse(small_case + time + "[output]\n" + keys).output.every;
  };
  CHECK(every("") == 1);
  CHECK(every("at = [1.5]\n") == 0);
  CHECK(every("at = []\n") == 1);
  CHECK(every("at = [1.5]\nevery = 3\n") == 3);
  const auto parsed = parse(small_case + time + "[output]\nat = [1.5, 1.25]\n");
  const auto again = parse(parsed.effective_toml);
  CHECK(again.output.times == std::vector<double>{1.5, 1.25});
  CHECK(again.output.every == 0);
  CHECK(again.effective_toml == parsed.effective_toml);
}

TEST_CASE("two physics or two systems are refused with what to do instead", "[case]") {
  CHECK_THAT(with("[physics.other]\n"), Contains("[physics] has 2 physics, but one is solved at a time") &&
                                            Contains("[data.NAME]") && Contains("new-plugin physics"));
}

TEST_CASE("an override is validated like the file and named in its error", "[case]") {
  CHECK_THAT(report_of(small_case, {"solver.ordr=2"}),
             StartsWith("--set solver.ordr=2: error: unknown key \"ordr\" in [solver]"));
  CHECK_THAT(report_of(small_case, {"solver.order=9"}),
             StartsWith("--set solver.order=9: error: \"solver.order\" = 9 is out of its range: 1 to 2"));
  CHECK_THAT(report_of(small_case, {"solver.order=two"}),
             Contains("--set solver.order=two: error: \"solver.order\" must be an integer, not a string"));
  CHECK_THAT(report_of(small_case, {"title.x=1"}),
             Contains("--set title.x=1: error: cannot set a key of \"title\": it is a string"));
  CHECK_THAT(report_of(small_case, {"physics.heat.boundary.5.on=left"}),
             Contains("\"physics.heat.boundary.5\" does not exist"));
  CHECK_THAT(report_of(small_case, {"physics.heat.conductivity=-1"}),
             StartsWith("--set physics.heat.conductivity=-1: error: \"conductivity\" = -1"));
  for (const char* malformed : {"solver.order", "=3", "a..b=3", ".=1"}) {
    const auto error = error_of([&] { parse(small_case, {malformed}); });
    CHECK(error.kind() == sdk::ErrorKind::usage);
    CHECK(error.where() == std::string("--set ") + malformed);
  }
}

TEST_CASE("continuation is refused for reduced bases", "[case]") {
  CHECK_THAT(
      report_of(small_case + "[parameters]\nk = { range = [1, 2], default = 2 }\n[solver]\ntype = \"reduced_basis\"\n"
                             "continuation = { parameter = \"k\", from = 1 }\n"),
      Contains("case.toml:11:16: error: continuation is for finite elements"));
}
