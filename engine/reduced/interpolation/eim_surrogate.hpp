#pragma once
/// Empirical interpolation trained by the common greedy loop, on training sets that may grow.

#include <functional>
#include <span>
#include <vector>

#include "engine/reduced/interpolation/eim.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// Indicator: the largest entry of what the interpolation leaves of g(mu, .). In another norm: scaled, so that the
/// parameter with the largest norm has the largest entry of all.
///
///   EimSurrogate surrogate(eim, sample);
///   greedy(surrogate, training, {.tolerance = 1e-8, .relative = true});
///
/// Snapshots are sampled anew at each step, a few at a time, and not kept: for large snapshots or adaptive training
/// sets. Where all snapshots fit into memory Eim::extend() is faster, with the same picks (up to ties).
class EimSurrogate final : public sampling::Surrogate {
 public:
  /// Values of g(mu, .) at the rows of this rank, shape (num_rows). May be collective.
  using Sample = std::function<void(std::span<const double> mu, std::span<double> values)>;

  /// \param eim must outlive this
  EimSurrogate(Eim& eim, Sample sample, Pick pick = Pick::largest);

  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  bool extend(std::span<const double> mu) override;

  /// Parameter of each snapshot that became a term; picks() of the interpolation counts them.
  const std::vector<std::vector<double>>& parameters() const { return parameters_; }

 private:
  Eim& eim_;
  Sample sample_;
  Pick pick_;
  std::vector<std::vector<double>> parameters_;
};

}  // namespace ansatz::reduced
