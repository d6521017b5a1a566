#pragma once
/// Functions of time within steps, as polynomials on pieces that are halved until they are the functions.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// Polynomials of degree 8 through Chebyshev points of each function.
struct Piece {
  static constexpr int num_nodes = 9;
  /// (1 - cos(k pi / 8)) / 2 of the length.
  static constexpr std::array<double, num_nodes> nodes{
      0.0, 0.03806023374435662, 0.14644660940672624, 0.30865828381745514,
      0.5, 0.69134171618254486, 0.85355339059327376, 0.96193976625564338,
      1.0};

  enum class State : std::uint8_t {
    resolved,   ///< the polynomial is the function to the tolerance
    open,       ///< halving was given up: only the samples are known
    jump,       ///< too short to be halved, and bounded: the function jumps here
    unbounded,  ///< too short to be halved, and the function grows with every halving
  };

  double begin = 0.0, end = 0.0;
  std::vector<double> values;  ///< (functions, num_nodes)
  std::vector<State> states;   ///< (functions)
  std::vector<double> errors;  ///< (functions) the largest difference of those that PieceSampler looks at

  double time(int node) const;
  std::span<const double, num_nodes> samples(std::size_t function) const {
    return std::span<const double, num_nodes>(values.data() + num_nodes * function, num_nodes);
  }
};

/// The polynomial through samples at Piece::nodes, of s in [0, 1].
double polynomial(std::span<const double, Piece::num_nodes> samples, double s);
/// Its integral over [0, 1].
double polynomial_mean(std::span<const double, Piece::num_nodes> samples);
/// Where its derivative is zero in (0, 1), ascending.
std::vector<double> stationary_points(std::span<const double, Piece::num_nodes> samples);
/// Where it has a value in [0, 1], ascending; touching counts where it is met exactly.
std::vector<double> points_of_value(std::span<const double, Piece::num_nodes> samples, double value);

/// Values of several functions at one time of the step, the same on all ranks.
using SignalFunctions = std::function<void(double t, std::span<double> values)>;

/// Samples functions step by step. A piece is halved until polynomials meet further samples to `tolerance` of the range
/// of that function so far, or to round-off of its size: the quartic through every second node the nodes between them,
/// or the polynomial through all nodes three further samples (to a quarter, as a kink may lie well for these) where the
/// quartic has a third of the digits. Samples that are not finite are met by nothing. What a function does between the
/// samples of a piece that passes is not seen. The number of samples is limited: 3000, and 24 more with each step.
class PieceSampler {
 public:
  PieceSampler(std::size_t num_functions, double tolerance);

  /// Appends the pieces of [from, to].
  /// \param at_from,at_to values at the ends, of the functions within the step *Collective* where the functions are.
  void sample(const SignalFunctions& functions, double from, double to, std::span<const double> at_from,
              std::span<const double> at_to, std::vector<Piece>& pieces);
  std::size_t num_functions() const { return low_.size(); }
  double tolerance() const { return tolerance_; }
  /// Largest minus least value so far.
  double range(std::size_t function) const { return high_[function] - low_[function]; }
  double largest(std::size_t function) const;  ///< absolute value so far
  /// \param name of its entries
  void exchange(const std::string& name, sdk::StateArchive& archive);

 private:
  struct Part;
  double allowed(const Piece& piece, std::size_t function, double tolerance) const;
  bool meets(const SignalFunctions& functions, Piece& piece);
  void finish(Part& part, bool is_short);

  double tolerance_;
  std::vector<double> low_, high_, scratch_;
  double budget_;
};

}  // namespace ansatz::time
