#pragma once
/// Separated forms of problems that are only known assembled, such as those on meshes that parameters move.

#include <functional>

#include "engine/fem/forms/patch.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::reduced {

/// A linear problem with parameters: operator, right-hand side and prescribed values as something assembles them.
struct EntriesProblem {
  fem::Form& form;  ///< linear, without rates; with its constraints
  const fem::Dirichlet& dirichlet;
  /// Makes form, prescribed values and mesh those at `mu`. May be collective.
  std::function<void(std::span<const double> mu)> set_parameters;
  std::shared_ptr<const fem::PatchSetting> setting;
  std::span<const double> points_before;            ///< the mesh's points before the setting's map, (num_points, dim)
  std::size_t most_bytes = std::size_t{256} << 20;  ///< of assembled entries that each rank keeps
  /// Told after each term of an interpolation how far it is: what is counted, and how many of at most `total` there
  /// are.
  std::function<void(const std::string& what, std::size_t done, std::size_t total)> on_progress = nullptr;
};

/// Separates by interpolation of what is assembled (arXiv 1307.4330): A(mu) ~ sum_m beta_m(mu) A(mu_m), the beta from
/// as many entries of A(mu), the magic ones; the right-hand side -F(prescribed values) and the vector of prescribed
/// values have interpolations of their own. Online the magic entries are assembled from the few cells around them
/// (PatchEntries).
/// Training: greedy, each sample relative to its own largest entry, over the options' training parameters with the
/// corners of the box. Samples are kept as long as they need no more than `most_bytes`, and the others assembled again
/// in each pass. Where the interpolation leaves 1e-13 with no more terms than an estimate would have, so also at other
/// parameters, it needs no further terms, as for all problems that have few terms; otherwise further terms tell its
/// error, as in separate(). Either way what is known of it was seen at some parameters, so that errors are estimates.
/// interpolation_error: largest difference of the interpolations from the problem at parameters outside of the
/// training, relative to the size of their terms.
/// \param reason why there is none, where none is returned: the equations are not linear
/// \throws as EntriesProblem::set_parameters and fem::Form::residual(). The problem is left at some parameters.
/// *Collective.*
std::optional<SeparatedProblem> separate_by_entries(const EntriesProblem& problem,
                                                    std::span<const sampling::ParameterRange> box, std::string& reason,
                                                    const InterpolationOptions& options);

}  // namespace ansatz::reduced
