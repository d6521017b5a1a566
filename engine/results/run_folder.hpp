#pragma once
/// What all runs write beside their results.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/results/references.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::results {

std::string version_text();
/// The first line of a run: the title, and what it is about.
std::string headline(const input::Case& parsed, const std::string& what);

/// Creates the run folder with effective.toml.
/// \param out empty: runs/NAME. *Collective.*
/// \throws sdk::Error of kind output; usage.
std::string make_run_folder(const input::Case& parsed, const std::string& out, const base::Communicator& comm);

/// The references of the case that hold for its parameters. *Collective.*
std::vector<Reference> references_of(const input::Case& parsed, const base::Communicator& comm);

/// What a run found.
struct Summary {
  std::vector<quantities::QuantityValue> quantities;
  std::optional<sdk::Certificate> certificate = {};       ///< of the solution
  std::optional<sdk::Certificate> mesh_certificate = {};  ///< of the same, against the equations themselves
  std::map<std::string, double> work = {};                ///< counts
  std::map<std::string, double> certify = {};  ///< what became of answers that were checked; none: no section
  std::map<std::string, double> timings = {};  ///< [s]; "training", "solve" and "output" are costs, too
};

/// summary.json: values with their bounds, the certificate, costs, timings, versions. *Collective.*
void write_summary(const std::string& folder, const input::Case& parsed, const plugin::Registry& registry,
                   const base::Communicator& comm, const Summary& found);

/// The table of quantities, and of their references where these were asked for (null: not).
/// \returns whether all are within their tolerances. *Collective.*
bool report_quantities(RunLog& log, const base::Communicator& comm,
                       const std::vector<quantities::QuantityValue>& quantities,
                       const std::vector<Reference>* references);

/// \throws sdk::Error of kind verification.
[[noreturn]] void fail_verification();

}  // namespace ansatz::results
