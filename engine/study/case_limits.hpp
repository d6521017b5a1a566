#pragma once
/// The limits of a case: its matrix factorised at a few parameters, and columns of a table at others.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/problem/problem.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/reduced/limits/operator_limits.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::study {

/// The logarithm of the determinant, and the quantities of the case that are linear in the solution, with formulas of
/// these; as `study.of` says.
class CaseLimits {
 public:
  static constexpr const char* log_determinant = "log_determinant";  ///< name of its column

  /// Separates the problem, says which quantities are left out and why, and factorises at the parameters that are
  /// picked. References must outlive this. \throws as limits(). *Collective.*
  CaseLimits(problem::Problem& problem, const linear::KrylovOptions& options, results::RunLog& log);

  /// Columns of the table, the logarithm of the determinant first where it is wanted.
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::string>& units() const { return units_; }
  bool is_determinant(std::size_t column) const { return column == 0 && wants_determinant_; }
  std::int64_t num_unknowns() const { return num_unknowns_; }  ///< free ones, over all ranks
  /// io::SweepTable::facts.
  const std::map<std::string, double>& facts() const { return facts_; }

  struct Row {
    std::vector<quantities::QuantityValue> values;  ///< (columns)
    std::vector<double> sizes;   ///< (columns) of the terms that each adds up, where they are known, else 0; of values
                                 ///< from a factorisation only
    double amplification = 1.0;  ///< reduced::LimitValues::amplification
  };
  /// From the factorisations there are. Not collective.
  Row interpolated(std::span<const double> mu) const;
  /// From one at these parameters. \throws sdk::Error of kind case_file where the equations leave something
  /// undetermined; as reduced::OperatorLimits::solve(). *Collective.*
  Row direct(std::span<const double> mu);

 private:
  reduced::SeparatedProblem separated();
  std::vector<reduced::SeparatedFunctional> functionals();
  sampling::TrainingSet training_set(const reduced::Thetas& thetas) const;
  void train(reduced::SeparatedProblem separated, std::vector<reduced::SeparatedFunctional> outputs);
  reduced::FactorisedPoint factorised(std::span<const double> mu);
  Row row(std::span<const double> mu, const reduced::LimitValues& values) const;

  problem::Problem& problem_;
  results::RunLog& log_;
  const input::Case& case_;
  const input::LimitsSpec& spec_;
  bool wants_determinant_;
  std::vector<sampling::ParameterRange> box_;
  fem::DiscreteProblem discrete_;
  std::optional<reduced::OperatorLimits> limits_;
  std::vector<std::string> names_, units_;
  std::vector<int> output_of_;  ///< of each quantity of the case, -1 for formulas and for what is left out
  std::vector<int> columns_;    ///< quantities of the case in the table
  std::int64_t num_unknowns_ = 0;
  std::map<std::string, double> facts_;
};

}  // namespace ansatz::study
