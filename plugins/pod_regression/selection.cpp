#include "selection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pod_regression {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double better = 1e-3;  // relative gain below which the simpler or earlier choice stays

/// Tries settings, keeps the best.
class Search {
 public:
  Search(const Matrix& inputs, const Matrix& outputs, std::span<const double> weights, const Choices& choices)
      : inputs_(inputs), outputs_(outputs), weights_(weights), choices_(choices) {}

  /// The settings with the best of some nuggets.
  Choice with_nugget(Settings settings, std::span<const double> nuggets) const {
    Choice best{settings, infinity};
    const Spectrum spectrum(inputs_, settings);
    if (!spectrum.determined()) return best;
    const auto coordinates = spectrum.coordinates(outputs_);
    for (const double nugget : nuggets) {
      const double score = norm(spectrum.errors(coordinates, nugget));
      if (score >= best.score * (1.0 - better)) continue;
      best.score = score;
      best.settings.nugget = nugget;
    }
    return best;
  }

  std::vector<double> nuggets() const {
    if (choices_.nugget > 0.0) return {choices_.nugget};
    std::vector<double> out;
    for (int exponent = -12; exponent <= 0; exponent += 2) out.push_back(std::pow(10.0, exponent));
    return out;
  }
  /// Those of a refinement: the nugget and its neighbours.
  std::vector<double> nuggets_near(double nugget) const {
    if (choices_.nugget > 0.0) return {choices_.nugget};
    return {nugget, std::max(1e-12, 0.1 * nugget), std::min(1.0, 10.0 * nugget)};
  }

  Choice thin_plate() const {
    const auto best = with_nugget({Kernel::thin_plate, {1.0}, 1.0, 1}, nuggets());
    return with_nugget(best.settings, nuggets_near(best.settings.nugget));
  }

  Choice kernel(Kernel kernel, int degree) const {
    Choice best{{kernel, {1.0}, 1.0, degree}, infinity};
    if (choices_.length > 0.0) return with_nugget({kernel, {choices_.length}, 1.0, degree}, nuggets());
    for (int step = -3; step <= 6; ++step) {
      const auto tried = with_nugget({kernel, {std::pow(2.0, step)}, 1.0, degree}, nuggets());
      if (tried.score < best.score * (1.0 - better)) best = tried;
    }
    return best;
  }

  /// Lengths and nugget by smaller steps; with a length for each input or one for all.
  Choice refined(Choice best, bool by_input) const {
    auto& lengths = best.settings.lengths;
    if (by_input) lengths.resize(inputs_.columns, lengths[0]);
    const double cost = std::pow(static_cast<double>(inputs_.rows), 3);  // of a look
    int left = static_cast<int>(std::clamp(1e9 / std::max(cost, 1.0), 20.0, 200.0));
    for (double step = by_input ? 1.0 : 0.5; step >= 0.125 && left > 0;) {
      bool gained = false;
      for (std::size_t k = 0; k < best.settings.lengths.size() && left > 0; ++k) {
        for (const double sign : {1.0, -1.0}) {
          auto settings = best.settings;
          settings.lengths[k] *= std::pow(2.0, sign * step);
          const auto tried = with_nugget(settings, nuggets_near(settings.nugget));
          --left;
          if (tried.score >= best.score * (1.0 - better)) continue;
          best = tried;
          gained = true;
          break;
        }
      }
      if (!gained) step /= 2.0;
    }
    return best;
  }

 private:
  double norm(const std::vector<double>& errors) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < errors.size(); ++i) sum += std::pow(weights_[i] * errors[i], 2);
    return std::isfinite(sum) ? std::sqrt(sum / errors.size()) : infinity;
  }

  const Matrix& inputs_;
  const Matrix& outputs_;
  std::span<const double> weights_;
  const Choices& choices_;
};

}  // namespace

Choice select(const Matrix& inputs, const Matrix& outputs, std::span<const double> weights, const Choices& choices) {
  const Search search(inputs, outputs, weights, choices);
  Choice best{{Kernel::none, {1.0}, 1.0, 0}, infinity};
  const auto offer = [&](const Choice& tried) {
    if (tried.score < best.score * (1.0 - better)) best = tried;
  };
  if (choices.polynomial) {
    const double alone[] = {1.0};
    for (int degree = 0; degree <= choices.max_degree; ++degree) {
      if (num_polynomials(inputs.columns, degree) >= inputs.rows) break;
      offer(search.with_nugget({Kernel::none, {1.0}, 1.0, degree}, alone));
    }
  }
  if (choices.thin_plate) offer(search.thin_plate());
  for (const auto kernel : choices.kernels) {
    for (const int degree : choices.degrees) offer(search.kernel(kernel, degree));
  }
  const bool has_length = best.settings.kernel != Kernel::none && best.settings.kernel != Kernel::thin_plate;
  if (!has_length || choices.length > 0.0) return best;
  offer(search.refined(best, false));
  if (choices.length_by_input && inputs.columns > 1) offer(search.refined(best, true));
  return best;
}

}  // namespace pod_regression
