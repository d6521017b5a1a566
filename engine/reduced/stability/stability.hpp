#pragma once
/// Lower bounds of coercivity and inf-sup constants, online: from stored numbers alone, the same on every rank.

#include <span>
#include <string>
#include <vector>

#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/algebra/small_program.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

/// The numbers of a bound of  alpha(mu) = min_v (v^T A(mu) v) / (v^T X v),  A(mu) = sum_q a_q(mu) A_q, for models and
/// files. Only the terms whose symmetric part S_q = (A_q + A_q^T) / 2 is not zero count; y_q(v) = v^T S_q v / v^T X v.
struct StabilityData {
  std::string kind = "none";  ///< "none" (nothing known), "min-theta", "SCM", "inf-sup", "interpolation"
  bool inf_sup = false;       ///< the constant is beta(mu) = min_v max_w w^T A(mu) v / (|v|_X |w|_X) instead
  std::vector<int> terms;     ///< numbers of the terms that count
  // min-theta: X = sum_q reference_q S_q, and v^T S_q v >= -shifts_q v^T X v
  std::vector<double> reference;  ///< a_q(reference), >= 0, shape (num_terms)
  std::vector<double> shifts;     ///< 0 where S_q is known to be positive semidefinite, shape (num_terms)
  // SCM
  std::vector<sampling::ParameterRange> box;  ///< to measure distances
  std::vector<double> low, high;              ///< of y_q over all v, shape (num_terms)
  Dense points;                               ///< picked parameters, shape (dimension, num_picks)
  Dense factors;                              ///< a_q there, shape (num_terms, num_picks)
  std::vector<double> eigenvalues;            ///< never above alpha there, shape (num_picks)
  Dense minimisers;                           ///< y_q of their eigenvectors, shape (num_terms, num_picks)
  Dense known_points;                         ///< training parameters, shape (dimension, num_known)
  Dense known_factors;                        ///< a_q there, shape (num_terms, num_known)
  std::vector<double> known;                  ///< lower bounds of alpha there, from earlier picks, shape (num_known)
  // inf-sup: box, points, factors and eigenvalues as above, reference where min-theta holds too, and
  Dense slopes;                     ///< a bound of |A_q| around each pick, shape (num_terms, num_picks)
  std::vector<int> coercive_terms;  ///< those of min-theta; as many as in reference
  // interpolation: box, points and eigenvalues as above, and
  std::vector<double>
      weights;          ///< of |z - z_k|, then of 1 and z in units of the box, shape (num_picks + 1 + dimension)
  double safety = 1.0;  ///< the interpolated constant is divided by this
};

/// A lower bound of the stability constant at any parameters.
///
/// - min-theta: min_q a_q(mu) / reference_q - sum_q shifts_q |a_q(mu)| over the terms that count, those with
/// reference_q = 0
///   in the sum alone. Rigorous where X = sum_q reference_q S_q, v^T S_q v >= -shifts_q v^T X v, and the a_q are
///   positive (Patera and Rozza, 2007, for shifts of 0): a_q = m reference_q + r_q with r_q >= 0 and the minimum m.
/// - SCM, the successive constraint method (Huynh, Rozza, Sen, Patera, C. R. Math. 345, 2007):
///     min { sum_q a_q(mu) y_q : low <= y <= high, sum_q a_q(mu_k) y_q >= alpha_k },
///   mu_k the nearest picked parameters with their eigenvalues, and the nearest training parameters with the lower
///   bounds known there (in place of the 0 of the paper, so that coercivity is not assumed). Rigorous where the stored
///   numbers are; how accurately the program is solved does not matter (see SmallProgram).
/// - inf-sup, of beta instead of alpha: max_k beta_k - sum_q |a_q(mu) - a_q(mu_k)| slopes_qk over the picked
/// parameters.
///   where min-theta holds, that is another lower bound (beta >= alpha), and the larger one is taken. Rigorous where
///   the stored numbers are.
/// - interpolation: exp of an interpolation of log alpha or log beta at the picked parameters with |z - z_k| and linear
///   functions (z in units of the box), divided by the safety. Not rigorous.
/// - none: zero.
class Stability {
 public:
  Stability() = default;
  /// \param shifts none: zeros
  static Stability min_theta(std::vector<int> terms, std::vector<double> reference, std::vector<double> shifts = {});
  /// \throws sdk::Error of kind state where the shapes do not fit each other.
  explicit Stability(StabilityData data);

  const StabilityData& data() const { return data_; }
  const std::string& name() const { return data_.kind; }
  bool is_rigorous() const { return data_.kind != "interpolation"; }
  bool is_inf_sup() const { return data_.inf_sup; }
  /// No bound of a constant of the same kind.
  Stability without_numbers() const;
  /// "coercivity" or "inf-sup constant".
  std::string quantity() const { return data_.inf_sup ? "inf-sup constant" : "coercivity"; }

  class Workspace {
   public:
    explicit Workspace(const Stability& stability);

   private:
    friend class Stability;
    SmallProgram program_;
    std::vector<double> cost_, distances_;
    std::vector<int> order_;
  };

  /// The lower bound at mu; zero or less where it says nothing. Allocates nothing.
  /// \param values a_q(mu) of all terms
  double lower(std::span<const double> mu, std::span<const double> values, Workspace& work) const;
  /// An upper bound of alpha: the least Rayleigh quotient of the stored eigenvectors; infinity without any. Rigorous up
  /// to round-off. Allocates nothing.
  double upper(std::span<const double> values) const;

 private:
  void add_nearest(std::span<const double> mu, const Dense& points, const Dense& factors,
                   std::span<const double> bounds, int most, Workspace& work) const;

  double by_perturbation(std::span<const double> values) const;
  double interpolated(std::span<const double> mu) const;

  StabilityData data_;
};

}  // namespace ansatz::reduced
