#include "engine/certify/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/product_matrix.hpp"
#include "engine/fem/motions/free_motions.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/linear/matrices/vector.hpp"

namespace ansatz::certify {
namespace {

constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();
constexpr double solve_tolerance = 1e-8;  // of corrections
constexpr double rough = 0.1;             // of the share of round-off

/// Fields have units of their own: with several the norm is the largest relative one.
/// \param sizes norms of the solution
double largest(const std::vector<double>& norms, const std::vector<double>& sizes) {
  double found = 0.0;
  for (std::size_t f = 0; f < norms.size(); ++f) {
    if (norms[f] > 0.0) found = std::max(found, norms.size() == 1 ? norms[f] : norms[f] / sizes[f]);
  }
  return found;
}

}  // namespace

Check::Check(const solvers::CaseProblem& problem)
    : of_case_(problem), problem_(problem.problem()), moves_(!problem.problem().map().expressions().empty()) {}

Check::~Check() = default;

Verdict Check::of(std::span<const double> u) {
  if (!discrete_) discrete_ = of_case_.make_discrete();
  std::vector<double> prescribed(u.begin(), u.end()), missed(u.size());
  discrete_->prescribe(0.0, prescribed);
  for (std::size_t i = 0; i < u.size(); ++i) missed[i] = prescribed[i] - u[i];
  try {
    const auto* spec = of_case_.parsed().certify ? &*of_case_.parsed().certify : nullptr;
    const bool wants_energy = spec == nullptr || spec->norm != "h1";
    std::string reason = wants_energy ? "" : "certify.norm is \"h1\"";
    if (wants_energy) {
      prepare_energy();
      reason = energy_->objection();
      if (reason.empty()) {
        auto verdict = by_energy(prescribed, missed);
        if (verdict.is_known()) return verdict;
        reason = verdict.reason;
      }
      if (spec != nullptr && spec->norm == "energy") {
        throw sdk::Error(sdk::ErrorKind::case_file, "certify.norm = \"energy\": " + reason, spec->at.text(),
                         "set certify.norm = \"h1\", or leave it out");
      }
    }
    auto verdict = by_correction(prescribed, missed);
    if (verdict.reason.empty()) verdict.reason = reason;
    return verdict;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    return Verdict::nothing(error.what());
  }
}

/// The norm is that at the defaults of the parameters.
void Check::prepare_energy() {
  const auto version = problem_.form().version();
  if (energy_ && (!moves_ || mesh_version_ == version)) return;
  energy_.reset();
  energy_ = std::make_unique<EnergyNorm>(problem_, *discrete_, of_case_.parsed().default_parameters());
  mesh_version_ = version;
}

double Check::norm(std::span<const double> v, std::span<const double> beside) {
  if (is_in_energy_) return energy_->norm(v);
  return largest(norms(v), norms(beside));
}

Verdict Check::by_energy(std::span<const double> u, std::span<const double> missed) {
  const double alpha = energy_->coercivity();
  if (!(alpha > 0.0))
    return Verdict::nothing("at these parameters a term is indefinite, or the energy norm sees what it does not");
  Verdict verdict;
  is_in_energy_ = true;
  const auto& comm = discrete_->comm();
  const double of_residual = energy_->dual_norm(residual(u)) / alpha;
  const double round_off = energy_->rough_dual_norm(round_off_of(u)) / alpha;
  const bool misses = linear::norm(comm, missed) > 0.0;
  const double of_missed = misses ? energy_->norm(missed) : 0.0;
  verdict.size = energy_->norm(u);
  verdict.certificate = {.kind = sdk::Certificate::Kind::bound,
                         .value = of_residual + round_off + of_missed,
                         .norm = "energy norm at the default parameters",
                         .parts = {{"residual", of_residual}, {"round-off", round_off}}};
  if (misses) verdict.certificate.parts.emplace_back("prescribed values", of_missed);
  verdict.constants["coercivity"] = alpha;
  return verdict;
}

Verdict Check::by_correction(std::span<const double> u, std::span<const double> missed) {
  const auto& comm = discrete_->comm();
  is_in_energy_ = false;
  discrete_->pin({});
  const auto motions = fem::find_free_motions(*discrete_, 0.0, u, std::nullopt, {1.0, 0.0});
  if (std::ranges::any_of(motions, &fem::FreeMotion::weak))
    return Verdict::nothing("the equations determine " + motions.front().text() + " too weakly");
  if (!motions.empty()) discrete_->pin(fem::unknowns_to_hold(discrete_->dofs(), motions));
  const auto F = residual(u);
  discrete_->jacobian(0.0, u, std::nullopt, {1.0, 0.0});
  auto d = corrected(F);
  if (!motions.empty()) {  // the solution has the mean 0 of what the equations leave undetermined
    auto solved = d;
    linear::add_scaled(1.0, u, solved);
    fem::remove_motions(comm, motions, solved);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = solved[i] - u[i];
  }
  auto rounded = round_off_of(u);
  std::vector<double> noise(u.size());
  discrete_->solver(discrete_->last_jacobian()).solve(rounded, noise, false, {.relative = rough});
  const auto sizes = norms(u), of_d = norms(d), of_noise = norms(noise), of_missed = norms(missed);
  const bool is_one = sizes.size() == 1;
  const auto measure = [&](const std::vector<double>& norms) { return largest(norms, sizes); };
  Verdict verdict;
  double value = measure(of_d);
  const double round_off = measure(of_noise), prescribed = measure(of_missed);
  double second = 0.0;
  if (!problem_.form().linear() && value > 0.0) {
    std::vector<double> next(u.begin(), u.end()), F_next(u.size());
    linear::add_scaled(1.0, d, next);
    discrete_->residual(0.0, next, std::nullopt, F_next);
    second = measure(norms(corrected(F_next)));
  }
  if (second > round_off) {
    const double omega = 2.0 * second / (value * value), h = omega * value;
    verdict.constants = {{"curvature", omega}, {"kantorovich", h}};
    if (!(h <= 0.5)) {
      auto none = Verdict::nothing(
          fmt::format("too far from a solution for Newton and Kantorovich's test: h = {:.3g} > 1/2", h));
      none.constants = verdict.constants;
      return none;
    }
    value = 2.0 * value / (1.0 + std::sqrt(1.0 - 2.0 * h));
  } else {
    value += second;  // the curvature is lost in round-off
  }
  verdict.size = is_one ? sizes.front() : 1.0;
  verdict.certificate = {.kind = sdk::Certificate::Kind::estimate,
                         .value = value + round_off + prescribed,
                         .norm = is_one ? "H1 norm" : "largest relative H1 norm of a field",
                         .parts = {{"correction", value}, {"round-off", round_off}}};
  if (linear::norm(comm, missed) > 0.0) verdict.certificate.parts.emplace_back("prescribed values", prescribed);
  return verdict;
}

std::vector<double> Check::residual(std::span<const double> u) {
  std::vector<double> F(u.size());
  discrete_->residual(0.0, u, std::nullopt, F);
  return F;
}

/// -J^-1 F with the Jacobian that was assembled last.
std::vector<double> Check::corrected(std::span<const double> F) {
  std::vector<double> right(F.begin(), F.end()), d(F.size());
  for (double& f : right) f = -f;
  if (linear::norm(discrete_->comm(), right) == 0.0) return d;
  discrete_->solver(discrete_->last_jacobian()).solve(right, d, false, {.relative = solve_tolerance});
  return d;
}

/// A size of what F(u) may be wrong by, in each equation.
std::vector<double> Check::round_off_of(std::span<const double> u) {
  std::vector<double> sizes(u.size());
  discrete_->jacobian(0.0, u, std::nullopt, {1.0, 0.0}).multiply_absolute(u, sizes);
  const auto& constrained = discrete_->constrained();
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = constrained[i] != 0 ? 0.0 : rounding * sizes[i];
  return sizes;
}

/// Of each field, sqrt(int |grad v|^2 + |v|^2 / L^2) with the size L of the domain.
std::vector<double> Check::norms(std::span<const double> v) {
  const auto& form = problem_.form();
  const auto& dofs = problem_.dofs();
  const auto& comm = discrete_->comm();
  if (!h1_ || (moves_ && h1_version_ != form.version())) {
    base::agree(comm, [&] { form.sparsity(); });
    if (!h1_) h1_.emplace(comm, form.sparsity().pattern, dofs.block_size());
    const double size = fem::domain_size(problem_.mesh());
    fem::product_matrix(form, 1.0, 1.0 / (size * size), {}, *h1_);
    h1_version_ = form.version();
  }
  return by_field(*discrete_, *h1_, v);
}

}  // namespace ansatz::certify
