#pragma once
/// The ansatz `pod_regression`: modes of training solutions with coefficients that are regressed over the parameters.

#include <memory>
#include <optional>

#include "ansatz/sdk/problem.hpp"
#include "ansatz/sdk/solver.hpp"
#include "surrogate.hpp"

namespace pod_regression {

/// What [solver.pod_regression] may hold, and what the ansatz can do.
ansatz::sdk::SolverInfo solver_info();

/// u(mu, t_j) = sum_k c_kj(mu) phi_k for each field, with modes phi of the training solutions, orthonormal in L2.
class PodRegression final : public ansatz::sdk::Solver {
 public:
  /// \throws Error of kind parameter for options that contradict each other or the case
  PodRegression(const ansatz::sdk::Problem& problem, const ansatz::sdk::ParameterSet& options);

  void train(ansatz::sdk::Monitor& monitor) override;
  ansatz::sdk::Solution solve(const ansatz::sdk::Query& query, ansatz::sdk::Monitor& monitor) override;
  ansatz::sdk::Record model() const override;
  void use(const ansatz::sdk::Record& model) override;
  std::vector<std::string> options_of_solving() const override;

 private:
  /// Unknowns of a field on this rank.
  struct Field {
    std::string name;
    std::vector<std::int32_t> unknowns;
  };
  /// Solutions at one set of parameters, at each of the times.
  using Steps = std::vector<ansatz::sdk::Solution>;
  struct Learned;

  std::vector<double> all_parameters(std::span<const double> used) const;
  std::vector<double> used_parameters(std::span<const double> all) const;
  void prepare();
  std::string parameter_text(std::span<const double> all) const;
  /// One column a step, and with the mass matrix.
  std::pair<Matrix, Matrix> columns(const Field& field, const Steps& steps,
                                    const std::vector<std::vector<double>>& mass);
  std::vector<std::vector<double>> with_mass(const Steps& steps);
  void learn(Learned& learned, std::span<const double> all, const Steps& steps);
  std::vector<std::vector<double>> sample(const ansatz::sdk::Sampling& sampling) const;
  void solve_samples(Learned& learned, ansatz::sdk::Monitor& monitor);
  void read_samples(Learned& learned, ansatz::sdk::Monitor& monitor);
  void check_coverage(const Learned& learned, const std::string& path, ansatz::sdk::Monitor& monitor) const;
  void check_scalings(Learned& learned, std::span<const double> all, const Steps& steps);
  std::vector<Candidate> candidates(const Learned& learned) const;
  SurrogateOptions surrogate_options(const Learned& learned) const;
  void report(const Learned& learned, ansatz::sdk::Monitor& monitor) const;
  void validate(ansatz::sdk::Monitor& monitor);
  std::vector<std::vector<double>> fields_at(std::span<const double> all) const;
  ansatz::sdk::Certificate certificate(std::span<const double> used, std::span<const double> predicted, int step) const;

  const ansatz::sdk::Problem& problem_;
  ansatz::sdk::ParameterSet options_;
  std::vector<int> used_;  ///< parameters of the case that the model depends on
  std::vector<std::string> used_names_;
  std::vector<double> trained_at_;  ///< of all parameters; those that it does not depend on stay there
  std::unique_ptr<ansatz::sdk::Discretisation> discretisation_;
  std::vector<Field> fields_;
  std::string checksum_;  ///< of the file of solutions
  std::optional<Surrogate> surrogate_;
  std::vector<Matrix> modes_;  ///< of each field, (its unknowns, modes)
};

}  // namespace pod_regression
