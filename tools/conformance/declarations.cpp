#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "checks.hpp"
#include "names.hpp"

namespace ansatz::conformance {
namespace {

void check_names(const sdk::PhysicsInfo& info) {
  Names names, quantities;
  for (const auto& f : info.fields) names.add("field", f.name);
  for (const auto& c : info.coefficients) names.add("coefficient", c.name);
  for (const auto& o : info.options) names.add("option", o.name);
  for (const auto& d : info.derived) quantities.add("derived field", d.name);
  for (const auto& q : info.quantities) quantities.add("quantity", q.name);
  for (const auto& f : info.fields) quantities.add("field", f.name);
}

void check_documentation(const sdk::PhysicsInfo& info) {
  require(!info.purpose.empty() && !info.version.empty(), "the physics has no purpose or no version");
  require(!info.fields.empty(), "the physics has no field");
  for (const auto& f : info.fields) check_documented("field", f.name, f.unit, f.name);
  for (const auto& c : info.coefficients) check_documented("coefficient", c.name, c.unit, c.doc);
  for (const auto& d : info.derived) check_documented("derived field", d.name, d.unit, d.doc);
  for (const auto& q : info.quantities) check_documented("quantity", q.name, q.unit, q.doc);
  for (const auto& o : info.options) check_documented("option", o.name, "1", o.doc);
}

void check_ranges(const sdk::PhysicsInfo& info) {
  for (const auto& c : info.coefficients) {
    require(c.range.low < c.range.high, fmt::format("the range of \"{}\" is empty: {}", c.name, c.range.text()));
    if (c.initial.empty()) continue;
    require(std::isfinite(c.initial[0]), fmt::format("the default of \"{}\" is not finite", c.name));
    require(c.on_boundary || c.range.contains(c.initial[0]),
            fmt::format("the default {} of \"{}\" is not in its range {}", c.initial[0], c.name, c.range.text()));
  }
  for (const auto& o : info.options) {
    const std::set<std::string> choices(o.choices.begin(), o.choices.end());
    require(!choices.empty() && choices.size() == o.choices.size() && !choices.contains(""),
            fmt::format("option \"{}\" has no choices, an empty one, or one twice", o.name));
  }
}

void check_refusals(const plugin::PhysicsOffer& offer) {
  const auto physics = offer.create();
  const auto& info = physics->info();
  expect_error("an unknown option", [&] { physics->set_option("no_such_option", "x"); });
  for (const auto& o : info.options) {
    expect_error("a wrong choice of option " + o.name, [&] { physics->set_option(o.name, "no such choice"); });
    for (const auto& choice : o.choices) offer.create()->set_option(o.name, choice);
  }
  for (int dim : {-1, 0, 1, 2, 3, 4}) {
    if (std::ranges::find(info.dimensions, dim) != info.dimensions.end()) {
      physics->kernels(dim);
    } else {
      expect_error(fmt::format("kernels in {} dimensions, which it does not declare", dim),
                   [&] { physics->kernels(dim); });
    }
  }
}

void check_memory(const plugin::PhysicsOffer& offer) {
  const auto create_some = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto physics = offer.create();
      for (const int dim : physics->info().dimensions) physics->kernels(dim);
    }
    return mallinfo2().uordblks;
  };
  const auto before = create_some(10), after = create_some(100);
  require(after <= before + 4096, fmt::format("100 objects that are gone again leave {} bytes behind", after - before));
}

}  // namespace

void check_declarations(Report& report, const plugin::PhysicsOffer& offer) {
  const auto physics = offer.create();
  const auto& info = physics->info();
  report.check("physics " + offer.name + ": names are valid and used once", [&] {
    require(info.name == offer.name,
            fmt::format("it is offered as \"{}\" but calls itself \"{}\"", offer.name, info.name));
    check_names(info);
  });
  report.check("physics " + offer.name + ": everything has a text and a unit", [&] { check_documentation(info); });
  report.check("physics " + offer.name + ": ranges, defaults and options are valid", [&] { check_ranges(info); });
  report.check("physics " + offer.name + ": space dimensions are declared", [&] {
    require(!info.dimensions.empty() && std::ranges::all_of(info.dimensions, [](int d) { return d >= 1 && d <= 3; }),
            "dimensions are some of 1, 2 and 3");
  });
  report.check("physics " + offer.name + ": wrong options and dimensions are refused with an SDK error",
               [&] { check_refusals(offer); });
  report.check("physics " + offer.name + ": objects are destroyed without a trace", [&] { check_memory(offer); });
}

}  // namespace ansatz::conformance
