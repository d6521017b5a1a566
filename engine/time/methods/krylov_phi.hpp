#pragma once
/// Functions of large matrices that exponential integrators need, by Krylov spaces.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ansatz::time {

/// w(t) = sum_k t^k phi_k(t A) b_k with phi_0 = exp, phi_k(z) = (phi_(k-1)(z) - 1 / (k-1)!) / z: the solution of
///   w' = A w + sum_(k>0) t^(k-1) / (k-1)! b_k,  w(0) = b_0.
/// With the powers of t as further unknowns that is one exponential of an augmented matrix (Al-Mohy and Higham 2011),
/// projected to Krylov spaces of growing size by Arnoldi's process. The estimate of the error is the part of the
/// solution in the direction that the space lacks (Saad 1992), which is then added; where the largest space does not
/// suffice, the time is divided (Niesen and Wright 2012). *Evaluation is collective* as far as the functions are.
class KrylovPhi {
 public:
  using Operator = std::function<void(std::span<const double> x, std::span<double> out)>;

  /// \param apply out = A x, owned parts
  /// \param sum of a number over all ranks
  KrylovPhi(std::size_t size, Operator apply, std::function<double(double)> sum);

  /// \param b b_0, b_1, ..., each of the size or empty for 0
  /// \param times ascending, positive
  /// \param error norm of an error, in which 1 is just acceptable
  /// \param out w at the times
  /// \throws sdk::Error of kind solver where it takes too many products with A.
  void evaluate(std::span<const std::span<const double>> b, std::span<const double> times,
                const std::function<double(std::span<const double>)>& error, std::span<std::vector<double>> out);

  /// Products with A so far.
  std::int64_t products() const { return products_; }

 private:
  struct Space {
    int dimension = 0;    ///< of the projected matrix, with the direction it lacks
    double length = 0.0;  ///< of the vector that it belongs to
    double reach = 0.0;   ///< time for which it is accurate enough
  };
  double dot(std::span<const double> x, std::span<const double> y) const;
  void apply_augmented(std::span<const double> x, std::span<double> out);
  Space build(double left, const std::function<double(std::span<const double>)>& error);
  std::vector<double> coefficients(int dimension, double time) const;
  void add_up(const Space& space, double time, std::span<double> out) const;

  std::size_t size_;
  Operator apply_;
  std::function<double(double)> sum_;
  std::int64_t products_ = 0;

  double unit_ = 0.0;                       ///< of time: the last one
  std::vector<std::vector<double>> added_;  ///< b_k of k > 0 in units of the time and of the augmented unknowns
  std::vector<double> present_;             ///< augmented state
  std::vector<std::vector<double>> basis_;
  std::vector<double> projected_;  ///< column after column, `most + 1` rows
};

}  // namespace ansatz::time
