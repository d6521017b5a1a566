#include <fmt/format.h>

#include "ansatz/sdk/unit.hpp"
#include "checks.hpp"

namespace ansatz::conformance {
namespace {

void check_declared(Report& report, const std::string& name, const std::string& doc,
                    const sdk::ParameterSchema& options) {
  report.check(name + ": it and every option have a text, and options units and admissible defaults", [&] {
    require(!doc.empty(), "it has no text");
    for (const auto& option : options.parameters()) {
      require(!option.doc.empty(), fmt::format("option \"{}\" has no text", option.name));
      require(option.unit.empty() || sdk::Unit::parse(option.unit).has_value(),
              fmt::format("the unit \"{}\" of option \"{}\" is not a unit", option.unit, option.name));
      if (!option.required) sdk::ParameterSet(options).set(option.name, option.initial);
    }
  });
}

}  // namespace

void check_solver(Report& report, const plugin::SolverOffer& offer) {
  const auto name = "ansatz " + offer.name;
  check_declared(report, name, offer.info.doc, offer.info.options);
  report.check(name + ": there are problems that it is for", [&] {
    require(offer.info.steady || offer.info.in_time != sdk::SolverInfo::Time::none,
            "it is neither for steady problems nor for problems in time");
    require(!offer.info.finds_events || offer.info.in_time == sdk::SolverInfo::Time::any_steps,
            "it finds events, but does not take steps of any length");
  });
}

void check_study(Report& report, const plugin::StudyOffer& offer) {
  check_declared(report, "study " + offer.name, offer.info.doc, offer.info.options);
}

}  // namespace ansatz::conformance
