#pragma once
/// Functions of space and parameters that do not separate, by empirical interpolation.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/base/communicator.hpp"
#include "engine/reduced/interpolation/interpolation.hpp"
#include "engine/reduced/interpolation/point_fit.hpp"
#include "engine/reduced/separation/sample_points.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

class PatchEntries;

/// c(x, mu) ~ sum_m w_m(mu) c(x, mu_m), the weights from c at the magic points; the same on every rank.
///
/// The first `terms` form the approximation, the further ones tell its error, as far as the interpolation with all of
/// them may be taken for c: an estimate. The points are the magic ones, as many as terms, or others in any number with
/// weights that are fitted: the first of them for the first terms, all for all. Entries of an assembled operator or
/// vector are functions too, with their numbers for x and no positions (see separate_by_entries()).
struct InterpolatedFunction {
  std::string text;                        ///< of c, canonical
  std::vector<double> parameters;          ///< mu_m, shape (size, num_parameters)
  std::vector<std::int64_t> keys;          ///< of the points, see SamplePoints
  std::vector<double> points;              ///< x_l, shape (num_points, 3) [m]
  std::vector<sdk::Expression> at_points;  ///< c(x_l, mu), functions of the parameters, (num_points); none for entries
  std::shared_ptr<const PatchEntries> entries;  ///< c(x_l, mu) of entries, otherwise none
  Interpolation interpolation;
  /// Of other points than the magic ones, or another number; none: interpolation at the magic points.
  struct Fits {
    Dense basis;  ///< q_k(x_l), shape (num_points, size)
    PointFit few, all;
  };
  std::optional<Fits> fits;
  int terms = 0;
  bool exact = false;      ///< all terms are used, and leave round-off only at all parameters that were tried
  double scale = 0.0;      ///< largest |c| in training
  double remainder = 0.0;  ///< largest |c - sum_m w_m c(., mu_m)| of `terms` in training, relative to scale

  int size() const { return interpolation.size(); }
  int num_points() const { return fits ? fits->basis.rows : size(); }
  /// Points that the first `terms` need: the first ones.
  int num_points_of_terms() const { return fits ? fits->few.num_points() : terms; }
  /// Sets `fits`, for `terms` and all terms. \throws as PointFit
  /// \param basis q_k(x_l), shape (num_points, size)
  /// \param num_few points of the first `terms`
  void fit(Dense basis, int num_few);

  /// Doubles that the functions below work with.
  std::size_t scratch_size() const;
  /// c(x_l, mu), shape (num_points). Allocates nothing (entries: see PatchEntries).
  void values(std::span<const double> mu, std::span<double> out) const;
  /// w_m of the first `terms` (zero beyond them) and of all terms, shape (size) each. Allocates nothing.
  /// \param scratch (scratch_size)
  void weights(std::span<const double> mu, std::span<double> scratch, std::span<double> few,
               std::span<double> all) const;
  /// Largest difference in space between `terms` and all terms, at most: sum of the differences of the coefficients of
  /// the q_k, as |q_k| <= 1. Allocates nothing.
  /// \param scratch (scratch_size)
  double change(std::span<const double> mu, std::span<double> scratch) const;
};

struct InterpolationOptions {
  double tolerance = 1e-8;  ///< of the remainder in training, relative to the largest value
  int max_terms = 50;       ///< the further terms not counted: half as many again, at least 5
  sampling::SamplingOptions training = {
      .method = "sobol", .size = 256, .scrambling = "shift"};  ///< to which the box's corners are added
  PointRule points = PointRule::eim;
  double points_per_term = 1.0;  ///< above 1 with PointRule::s_opt only
  Pick pick = Pick::largest;

  bool is_plain() const { return points == PointRule::eim && points_per_term == 1.0; }
};

/// Chooses the points of a trained function, as many as the options say, rounded up, and no more than there are; sets
/// `fits` unless the options are plain. With fewer points than terms the points of all terms are those of
/// terms + further_terms(terms), also where training ended with fewer: the further terms alone would tell nothing.
/// \returns the points. *Collective.*
std::vector<MagicPoint> choose_points(InterpolatedFunction& function, const Eim& eim,
                                      const InterpolationOptions& options);

/// Largest |c - sum_m w_m c(., mu_m)| of the terms at eight parameters that training does not know, relative to the
/// largest of what it adds up.
/// \param c,points,box that it is trained with. *Collective.*
double difference_elsewhere(const base::Communicator& comm, const InterpolatedFunction& function,
                            const sdk::Expression& c, const SamplePoints& points,
                            std::span<const sampling::ParameterRange> box);

/// \throws sdk::Error of kind parameter where the function has no further terms, as its training has none left, though
/// it is not what they make of it: nothing would tell the error.
/// \param difference from the function itself, seen at other parameters, relative; more than round-off counts, whatever
/// the tolerance, as the estimate would be 0
void require_estimate(const InterpolatedFunction& function, double difference);

/// How many further terms tell the error of some.
int further_terms(int terms);

/// Trains by the empirical interpolation's own greedy choice, in the box of the parameters that c depends on.
/// \param c of position, parameters and data \throws sdk::Error of kind not_finite with c, position and parameters.
/// *Collective.*
InterpolatedFunction interpolated_function(const base::Communicator& comm, const sdk::Expression& c,
                                           const SamplePoints& points, std::span<const sampling::ParameterRange> box,
                                           const InterpolationOptions& options);

}  // namespace ansatz::reduced
