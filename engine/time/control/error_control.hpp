#pragma once
/// What errors of time steps are measured in.

#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

struct Tolerances {
  double relative = 1e-6;
  std::vector<double> absolute{1e-9};  ///< one for all unknowns, or one each
  std::vector<double> weights{};       ///< of the unknowns in the norm, 0: left out; empty: 1 each
};

/// scale_i = absolute_i + relative max(|y_i|, |y_new,i|);  sqrt(sum (w_i e_i / scale_i)^2 / sum w_i^2) over all ranks.
class ErrorControl final : public sdk::ErrorNorm {
 public:
  /// \param system for its size and sums; must outlive this
  /// \throws sdk::Error of kind parameter for absolute tolerances that are not positive, others that are negative, what
  /// is not finite or of another number than the unknowns, and weights that are all 0. *Collective.*
  ErrorControl(sdk::TimeSystem& system, Tolerances tolerances);

  double operator()(std::span<const double> error, std::span<const double> y,
                    std::span<const double> y_new) const override;
  std::span<const double> scale(std::span<const double> y) const override;
  /// w_i e_i / scale_i.
  double component(std::size_t i, double error, double y, double y_new) const;
  const Tolerances& tolerances() const { return tolerances_; }

 private:
  sdk::TimeSystem& system_;
  Tolerances tolerances_;
  double total_weight_ = 0.0;
  mutable std::vector<double> scale_;
};

}  // namespace ansatz::time
