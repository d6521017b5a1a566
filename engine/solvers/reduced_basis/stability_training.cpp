#include "engine/solvers/reduced_basis/stability_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/stability/inf_sup.hpp"
#include "engine/reduced/stability/interpolated_stability.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"

namespace ansatz::solvers {
namespace {

constexpr std::size_t num_further_points = 1000;  // at which a bound costs next to nothing

/// A constant that is not positive.
class NotPositive final : public sdk::Error {
 public:
  using sdk::Error::Error;
};

class StabilityTraining {
 public:
  StabilityTraining(reduced::ReducedBasis& basis, const input::Case& parsed, results::RunLog& log)
      : basis_(basis), case_(parsed), log_(log), ranges_(problem::parameter_ranges(parsed)) {}

  void run() {
    auto wanted = case_.reduced.stability;
    const auto& objection = basis_.min_theta_objection();
    if (wanted.empty()) wanted = objection.empty() ? "min_theta" : is_coercive() ? "scm" : "inf_sup";
    if (wanted == "min_theta") return use_min_theta();
    if (!objection.empty()) log_.say("  no min-theta: " + objection);
    start_ = MPI_Wtime();
    if (case_.reduced.stability.empty() && !case_.time) {
      wanted = first_that_holds(wanted);
    } else {
      basis_.set_stability(trained(wanted));
    }
    const auto& stability = basis_.stability();
    log_.say(fmt::format("  {}: {} of the {} from {} exact ones, {:.2f} s",
                         wanted == "scm"       ? "SCM"
                         : wanted == "inf_sup" ? "perturbation"
                                               : "interpolation",
                         stability.is_rigorous() ? "lower bound" : "estimate", stability.quantity(),
                         stability.data().eigenvalues.size(), MPI_Wtime() - start_));
    if (!stability.is_rigorous())
      log_.say(
          fmt::format("  not rigorous: safety {:.3g}, the largest error of leaving one out", stability.data().safety));
    log_.event("stability", {{"from", stability.name()},
                             {"constants", static_cast<std::int64_t>(stability.data().eigenvalues.size())},
                             {"safety", stability.data().safety},
                             {"seconds_taken", MPI_Wtime() - start_}});
  }

 private:
  void use_min_theta() const {
    const auto& objection = basis_.min_theta_objection();
    if (objection.empty() && basis_.num_counted_terms() > 0) {
      log_.say(fmt::format(
          "  min-theta: {} terms are positive semidefinite up to {:.0e} of the inner product, by counts of negative "
          "eigenvalues",
          basis_.num_counted_terms(), basis_.semidefinite_shift));
    }
    if (objection.empty()) return;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "min-theta is not a bound of the coercivity constant here: " + objection, case_.reduced.at.text(),
                     "remove reduced.stability, or set it to \"scm\" or \"inf_sup\"");
  }

  bool is_coercive() const {
    if (basis_.made_product().is_energy) return true;
    const auto& terms = basis_.symmetric_terms();
    if (terms.nonzero().empty()) return false;
    const auto S = terms.matrix();
    terms.combine(thetas()(reference_parameters(case_)), 1.0, *S);
    return linear::is_positive_definite(*S);
  }

  const reduced::Thetas& thetas() const { return basis_.problem().operator_thetas; }

  /// A log line a step, and now and then one for people.
  /// \param most steps
  auto recorder(const std::string& name, int most) {
    const auto progress = std::make_shared<results::Progress>(
        log_, static_cast<std::size_t>(most), "stability constants at most", results::Progress::Lines::seconds_only);
    return [this, name, progress, count = std::size_t{0}](const sampling::GreedyStep& step) mutable {
      progress->done(++count);
      log_.event(name, {{"gap", step.indicator}, {"index", static_cast<std::int64_t>(step.index)}});
    };
  }

  /// The training set of the basis, the corners of the box and points between: a bound may be loose, or none, where
  /// nothing was trained.
  sampling::TrainingSet with_further_points() const {
    auto training = training_set(case_);
    std::vector<int> all(ranges_.size());
    std::iota(all.begin(), all.end(), 0);
    const auto further = sampling::sample_with_corners(
        all, ranges_, {.method = "sobol", .size = num_further_points, .scrambling = "shift"});
    for (std::size_t i = 0; i < further.size(); ++i) training.append(further[i]);
    return training;
  }

  reduced::Stability scm() {
    reduced::ScmOptions options;
    options.on_step = recorder("scm", options.max_picks);
    return train_scm(basis_.symmetric_terms(), thetas(), ranges_, basis_.X(), with_further_points(), options);
  }

  reduced::Stability trained(const std::string& kind) {
    return kind == "scm" ? scm() : kind == "inf_sup" ? inf_sup() : interpolated();
  }

  /// Trains this kind, or the next one that has a constant. \returns which
  std::string first_that_holds(std::string kind) {
    while (kind != "interpolated") {
      try {
        basis_.set_stability(trained(kind));
        return kind;
      } catch (const sdk::Error& error) {  // on all ranks alike
        const bool is_unbounded = kind == "scm" || dynamic_cast<const reduced::Unbounded*>(&error) != nullptr;
        const bool may_go_on =
            error.kind() == sdk::ErrorKind::solver || (error.kind() == sdk::ErrorKind::case_file && is_unbounded);
        if (!may_go_on) throw;
        log_.say(fmt::format("  no {}: {}", kind == "scm" ? "SCM" : "bound of the inf-sup constant", error.what()));
        kind = kind == "scm" ? "inf_sup" : "interpolated";
      }
    }
    basis_.set_stability(interpolated());
    return kind;
  }

  reduced::Stability inf_sup() {
    const reduced::SingularValues values(basis_.problem(), basis_.symmetric_terms(), basis_.made_product().matrix);
    reduced::InfSupOptions options;
    options.on_step = recorder("inf_sup", options.max_picks);
    return train_inf_sup(values, thetas(), ranges_, with_further_points(), options, basis_.stability());
  }

  /// Constants of coercivity, or of the inf-sup condition where the problem is not coercive at one of the parameters.
  reduced::Stability interpolated() {
    reduced::InterpolatedStabilityOptions options;
    options.on_step = recorder("interpolated_stability", options.max_picks);
    if (is_coercive()) {
      try {
        return train_interpolated([this](std::span<const double> mu) { return coercivity_at(mu); }, false, ranges_,
                                  training_set(case_), options);
      } catch (const NotPositive& error) {  // on all ranks alike
        log_.say(fmt::format("  no coercivity constants: {}; those of the inf-sup condition are interpolated",
                             error.what()));
      }
    }
    const reduced::SingularValues values(basis_.problem(), basis_.symmetric_terms(), basis_.made_product().matrix);
    return train_interpolated(
        [&](std::span<const double> mu) { return positive(values.smallest(thetas()(mu)).lower, mu); }, true, ranges_,
        training_set(case_), options);
  }

  double coercivity_at(std::span<const double> mu) const {
    const auto& terms = basis_.symmetric_terms();
    const auto values = thetas()(mu);
    const auto S = terms.matrix();
    terms.combine(values, 0.0, *S);
    const double scale = linear::spectral_radius(*S, basis_.X(), terms.start());
    return positive(coercivity(terms, values, basis_.X(), scale, 0.0).lower, mu);
  }

  double positive(double constant, std::span<const double> mu) const {
    if (constant > 0.0) return constant;
    throw NotPositive(
        sdk::ErrorKind::case_file,
        fmt::format("the stability constant is {:.3g} at {}", constant, sampling::parameter_text(mu, ranges_)),
        "parameters", "the equations have no one solution there, or hardly: make the ranges of the parameters smaller");
  }

  reduced::ReducedBasis& basis_;
  const input::Case& case_;
  results::RunLog& log_;
  std::vector<sampling::ParameterRange> ranges_;
  double start_ = 0.0;
};

}  // namespace

void train_stability(reduced::ReducedBasis& basis, const input::Case& parsed, results::RunLog& log) {
  StabilityTraining(basis, parsed, log).run();
}

}  // namespace ansatz::solvers
