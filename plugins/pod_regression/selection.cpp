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

  /// The best nugget for these settings.
  Choice with_nugget(Settings settings, bool is_exact) const {
    Choice best{settings, infinity};
    const Spectrum spectrum(inputs_, settings);
    if (!spectrum.determined()) return best;
    const auto coordinates = spectrum.coordinates(outputs_);
    const auto look = [&](double nugget) {
      const double score = norm(spectrum.errors(coordinates, nugget));
      if (score < best.score * (1.0 - better)) {
        best.score = score;
        best.settings.nugget = nugget;
      }
    };
    if (is_exact) {
      look(settings.nugget);
      return best;
    }
    for (int exponent = -12; exponent <= 0; ++exponent) look(std::pow(10.0, exponent));
    return best;
  }

  Choice kernel(Kernel kernel, int degree) const {
    Choice best{{kernel, {1.0}, choices_.nugget, degree}, infinity};
    const bool fixed = choices_.nugget > 0.0;
    if (choices_.length > 0.0) return with_nugget({kernel, {choices_.length}, choices_.nugget, degree}, fixed);
    for (int step = -6; step <= 12; ++step) {
      const auto tried = with_nugget({kernel, {std::pow(2.0, 0.5 * step)}, choices_.nugget, degree}, fixed);
      if (tried.score < best.score * (1.0 - better)) best = tried;
    }
    return best;
  }

  /// A length for each input.
  Choice by_input(Choice best) const {
    const int dim = inputs_.columns;
    best.settings.lengths.resize(dim, best.settings.lengths[0]);
    // Eigenvectors of at most so many samples in all: some seconds.
    const double cost = std::pow(static_cast<double>(inputs_.rows), 3);
    int left = static_cast<int>(std::clamp(4e9 / std::max(cost, 1.0), 20.0, 400.0));
    for (double step = 1.0; step >= 0.125 && left > 0;) {
      bool gained = false;
      for (int k = 0; k < dim && left > 0; ++k) {
        for (const double sign : {1.0, -1.0}) {
          auto settings = best.settings;
          settings.lengths[k] *= std::pow(2.0, sign * step);
          const auto tried = with_nugget(settings, choices_.nugget > 0.0);
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
    for (int degree = 0; degree <= choices.max_degree; ++degree) {
      if (num_polynomials(inputs.columns, degree) >= inputs.rows) break;
      offer(search.with_nugget({Kernel::none, {1.0}, 1.0, degree}, true));
    }
  }
  if (choices.thin_plate) {
    const bool fixed = choices.nugget > 0.0;
    offer(search.with_nugget({Kernel::thin_plate, {1.0}, choices.nugget, 1}, fixed));
  }
  for (const auto kernel : choices.kernels) {
    for (const int degree : choices.degrees) offer(search.kernel(kernel, degree));
  }
  const bool has_length = best.settings.kernel != Kernel::none;
  const bool is_chosen = choices.length == 0.0 || best.settings.kernel == Kernel::thin_plate;
  if (has_length && is_chosen && choices.length_by_input && inputs.columns > 1) offer(search.by_input(best));
  return best;
}

}  // namespace pod_regression
