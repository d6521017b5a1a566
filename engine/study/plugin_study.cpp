#include "engine/study/plugin_study.hpp"

#include <fmt/format.h>

#include "engine/study/study_run.hpp"

namespace ansatz::study {
namespace {

std::unique_ptr<sdk::Study> make_study(const solvers::CaseProblem& of_case, const plugin::StudyOffer& offer) {
  const auto& options = of_case.parsed().study.options.at(offer.name);
  std::unique_ptr<sdk::Study> study;
  base::agree(of_case.comm(), [&] {
    study = offer.create(of_case, options);
    if (!study) throw sdk::Error(sdk::ErrorKind::plugin, fmt::format("the plugin made no study \"{}\"", offer.name));
  });
  return study;
}

}  // namespace

results::Summary run_plugin_study(const solvers::CaseProblem& of_case, const plugin::StudyOffer& offer,
                                  double time_limit) {
  StudyRun run(of_case, time_limit);
  make_study(of_case, offer)->run(run);
  auto found = run.take();
  found.timings["training"] = run.training_seconds();
  found.certify.merge(run.calibration_numbers());
  return found;
}

void check_plugin_study(const solvers::CaseProblem& of_case) {
  for (const auto& offer : of_case.registry().offers().studies) {
    if (offer.name == of_case.parsed().study.type) make_study(of_case, offer);
  }
}

}  // namespace ansatz::study
