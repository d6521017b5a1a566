#pragma once
/// Successive over-relaxation as a preconditioner.

#include <vector>

#include "ansatz/sdk/plugin.hpp"

namespace ansatz::linear {

/// One sweep over the rows of each rank from zero, or one there and one back, for A = L + D + U in the rows and columns
/// of a rank (between ranks it is block Jacobi):
///   SOR   B = w (D + w L)^-1,
///   SSOR  B = w (2 - w) (D + w U)^-1 D (D + w L)^-1, symmetric where A is, and positive definite where D is.
/// The knob "omega" is w. On one rank plain iteration with SOR is the method of that name.
class Relaxation final : public sdk::Preconditioner {
 public:
  enum class Sweeps { forward, symmetric };
  /// \param options see options() \throws sdk::Error of kind parameter
  Relaxation(Sweeps sweeps, const sdk::ParameterSet& options);
  static sdk::ParameterSchema options();

  sdk::PreconditionerTraits traits() const override { return {.linear = true, .symmetric = is_symmetric_}; }
  void set_up(const sdk::MatrixView& matrix) override;
  void apply(std::span<const double> r, std::span<double> z) override;
  std::vector<sdk::Knob> knobs() const override { return {knob_}; }
  void set_knobs(std::span<const double> values) override { omega_ = values[0]; }

 private:
  bool is_symmetric_;
  sdk::Knob knob_;
  double omega_;
  std::vector<std::int32_t> offsets_, columns_, diagonal_;  ///< diagonal_: position of a row's entry in columns_
  std::vector<double> values_, inverse_;                    ///< inverse_: of the diagonal
};

/// "sor" and "ssor".
void register_relaxations(sdk::Registrar& registrar);

}  // namespace ansatz::linear
