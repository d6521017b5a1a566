#pragma once
/// Norms of the residual of a reduced solution that do not lose half of the digits (Casenave, Ern, Lelievre, arXiv
/// 1212.0970).
///
/// The residual is G_0 + sum_I x_I G_I with x = (alpha_k gamma_i) over all terms of the operator and all modes.
/// Expanding its square in the Gram matrix of the G cancels terms of size 1: nothing below 1e-8 of the source is seen.
/// Neither form here does that. Both say where their own round-off lies.

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/interpolation/eim.hpp"

namespace ansatz::reduced {

/// A norm of a residual and the level below which it is noise.
struct ResidualNorm {
  double value = 0.0;
  double round_off = 0.0;
};

/// ||B (1; x)||_2 with B the coefficients of (G_0, G_I) in a basis that is orthonormal in X; floor near eps ||G_0||.
class ResidualBasis {
 public:
  /// \param B shape (rank, 1 + num_terms), the same on every rank: R of orthonormalise(X, (G_0, G_I))
  /// \param accuracy of the G and of B, relative to ||G_I||: what solves left, and columns dropped as dependent
  explicit ResidualBasis(Dense B, double accuracy = std::numeric_limits<double>::epsilon());

  int num_terms() const { return B_.columns - 1; }
  std::size_t workspace_size() const { return static_cast<std::size_t>(B_.rows); }
  const Dense& coefficients() const { return B_; }

  /// The norm, and accuracy * sqrt(1 + num_terms) * (||G_0|| + sum_I |x_I| ||G_I||). Allocates nothing.
  /// \param x shape (num_terms)
  /// \param workspace shape (workspace_size())
  ResidualNorm norm(std::span<const double> x, std::span<double> workspace) const;

 private:
  Dense B_;
  double accuracy_;
  std::vector<double> lengths_;  ///< of the columns
};

/// Square of the residual norm by interpolation, with what it leaves out.
struct InterpolatedSquare {
  double value = 0.0;      ///< sum_r lambda_r W_r, negative where it is noise
  double round_off = 0.0;  ///< 10 eps sum_r |lambda_r| W_r
  double remainder = 0.0;  ///< change by the last term: estimates what the interpolation leaves

  /// sqrt(max(0, value) + round_off + remainder): an estimate of the norm, never below sqrt(value).
  double estimate() const;
};

/// E4: the square of the norm is linear in Y(mu) = (1, x_I, x_I x_J [I <= J]), so Y(mu) ~ sum_r lambda_r Y(mu_r) gives
/// ||r(mu)||^2 ~ sum_r lambda_r W_r with W_r = ||r(mu_r)||^2, which any code can compute accurately, of a few mu_r.
///
/// Not a bound by itself: certify only where round_off and remainder are small beside the value.
class ResidualInterpolation {
 public:
  /// All it consists of, for model files.
  struct Parts {
    int num_terms = 0;
    std::vector<int> picks;       ///< training parameters mu_r
    std::vector<int> components;  ///< I, J of the magic components x_I x_J, -1 for 1; shape (size, 2)
    std::vector<double> squares;  ///< W_r
    Interpolation online;
  };

  /// Picks parameters and components of Y. *Collective*; the result is the same on every rank.
  /// \param x coordinates at the training parameters, shape (num_terms, num_parameters), the same on every rank
  /// \param squared_norm W of a training parameter, called in the order of the picks on every rank alike
  /// \param options as far as round-off, by default: the entries of Y are products of what is known to the last digit
  /// \throws sdk::Error of kind not_finite where x is not, solver where a W is negative or not finite
  ResidualInterpolation(const base::Communicator& comm, const Dense& x,
                        const std::function<double(int parameter)>& squared_norm,
                        const EimOptions& options = {.round_off = 5.0});

  /// \throws sdk::Error of kind state where the parts do not fit each other
  explicit ResidualInterpolation(Parts parts);

  const Parts& parts() const { return parts_; }
  int num_terms() const { return parts_.num_terms; }
  int size() const { return parts_.online.size(); }
  /// 1 + num_terms + num_terms (num_terms + 1) / 2.
  std::int64_t full_size() const;
  const std::vector<int>& picks() const { return parts_.picks; }  ///< training parameters mu_r

  /// The square at coordinates x, from size() entries of Y. Allocates nothing.
  /// \param x shape (num_terms)
  /// \param workspace shape (2 * size())
  InterpolatedSquare square(std::span<const double> x, std::span<double> workspace) const;

 private:
  Parts parts_;
};

}  // namespace ansatz::reduced
