#include "engine/certify/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fem/forms/form_facts.hpp"
#include "engine/fem/forms/product_matrix.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/solvers/finite_elements/newton_options.hpp"

namespace ansatz::certify {
namespace {

constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();

/// Implicitness of the case's method; none where it has no check.
std::optional<double> implicitness(const input::TimeSpec& time) {
  if (time.adaptive()) return std::nullopt;
  if (time.method == "backward_euler") return 1.0;
  if (time.method == "crank_nicolson") return 0.5;
  return std::nullopt;
}

bool is_finite(const base::Communicator& comm, std::span<const double> values) {
  return comm.max(std::ranges::all_of(values, [](double x) { return std::isfinite(x); }) ? 0.0 : 1.0) == 0.0;
}

}  // namespace

/// From the solution before to time `end`.
struct Steps::Step {
  double begin = 0.0, end = 0.0;
  std::span<const double> before;
  double length() const { return end - begin; }
};

/// R as a function of u^n.
class Steps::System final : public linear::NonlinearSystem {
 public:
  System(Steps& steps, const Step& step) : steps_(steps), step_(step) {}
  void residual(std::span<const double> u, std::span<double> F) override {
    std::ranges::copy(steps_.residual(step_, u), F.begin());
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return steps_.discrete_->jacobian(step_.end, u, steps_.rate(step_, u), steps_.weights(step_));
  }
  linear::FieldsOfUnknowns fields() const override { return steps_.discrete_->fields(); }

 private:
  Steps& steps_;
  const Step& step_;
};

std::string Steps::objection(const solvers::CaseProblem& problem) {
  const auto& parsed = problem.parsed();
  if (!implicitness(*parsed.time))
    return "in time only steps of one length by backward_euler or crank_nicolson are checked";
  if (!parsed.time->jumps.empty() || !parsed.time->stops.empty()) return "conditions jump in time";
  if (parsed.initial.steady) return "the start is a steady state";
  if (!problem.problem().form().algebraic_fields().empty()) return "there are fields without rates";
  return {};
}

Steps::Steps(const solvers::CaseProblem& problem, sdk::Monitor& outer, std::string policy, double tolerance,
             Ledger& ledger)
    : of_case_(problem),
      problem_(problem.problem()),
      outer_(outer),
      policy_(std::move(policy)),
      tolerance_(tolerance),
      theta_(*implicitness(*problem.parsed().time)),
      ledger_(ledger),
      discrete_(problem.make_discrete()) {
  const auto& form = problem_.form();
  const double start = problem.parsed().time->start;
  const auto facts = fem::matrix_facts(form, {0.0, 1.0});
  if (form.mass_depends_on_state() || !form.linear()) {
    reason_ = "the equations are nonlinear";
  } else if (facts.semidefinite == fem::Semidefinite::unknown || !facts.symmetric) {
    reason_ = "the capacity is not known to be positive";
  } else if (theta_ < 1.0 && !form.constant_jacobian()) {
    reason_ = "with crank_nicolson, coefficients depend on time";
  } else if (form.mass_depends_on_time()) {
    reason_ = "the capacity depends on time";
  } else {
    energy_.emplace(problem_, *discrete_, problem.parsed().default_parameters(), start);
    reason_ = energy_->objection();
  }
  if (!reason_.empty()) energy_.reset();
}

Steps::~Steps() = default;

bool Steps::state(std::function<void(sdk::StateArchive&)> exchange) {
  return outer_.state([this, exchange = std::move(exchange)](sdk::StateArchive& archive) {
    exchange(archive);
    archive.integer("certify.step", step_);
    archive.number("certify.time", last_.time);
    archive.unknowns("certify.values", last_.values);
    archive.unknowns("certify.missing", missing_);
    archive.integer("certify.accepted", ledger_.accepted);
    archive.integer("certify.polished", ledger_.polished);
    archive.integer("certify.fell_back", ledger_.fell_back);
    std::vector<double> sums{sum_, round_off_, missed_, energies_, alpha_};
    sums.insert(sums.end(), largest_.begin(), largest_.end());
    archive.numbers("certify.sums", sums);
    if (!archive.loading()) return;
    sum_ = sums.at(0), round_off_ = sums.at(1), missed_ = sums.at(2), energies_ = sums.at(3), alpha_ = sums.at(4);
    largest_.assign(sums.begin() + 5, sums.end());
    last_.parameters = problem_.parameters();
  });
}

void Steps::observe(const sdk::Solution& at, std::int64_t step, bool is_last, const sdk::StepTaken* taken) {
  const auto times = of_case_.times();
  const bool fits = step == step_ + 1 && step < static_cast<std::int64_t>(times.size()) &&
                    at.values.size() == static_cast<std::size_t>(discrete_->size());
  if (discrete_->comm().max(fits ? 0.0 : 1.0) > 0.0) {
    throw sdk::Error(sdk::ErrorKind::plugin,
                     fmt::format("the ansatz showed step {} where {} of {} was to come, or vectors of another length",
                                 step, step_ + 1, times.size() - 1));
  }
  auto solution = at;
  solution.time = times[static_cast<std::size_t>(step)];
  const auto before = ledger_.accepted;
  if (step == 0) {
    start(solution);
  } else {
    const auto values = last_.values;
    check_step({last_.time, solution.time, values}, solution);
    last_ = solution;
  }
  step_ = step;
  outer_.observe(last_, step, is_last, ledger_.accepted > before ? taken : nullptr);
}

void Steps::take_the_rest() {
  const auto times = of_case_.times();
  if (step_ < 0) {
    start({.time = times.front(),
           .values = std::vector<double>(discrete_->size(), std::nan("")),
           .parameters = problem_.parameters()});
    step_ = 0;
    outer_.observe(last_, 0, times.size() == 1);
  }
  while (step_ + 1 < static_cast<std::int64_t>(times.size())) {
    const auto before = last_.values;
    const double begin = last_.time;
    last_ = {.time = times[static_cast<std::size_t>(step_ + 1)], .values = before, .parameters = problem_.parameters()};
    const Step step{begin, last_.time, before};
    replace(step, last_, false);
    ++step_;
    outer_.observe(last_, step_, step_ + 1 == static_cast<std::int64_t>(times.size()));
  }
}

/// The initial values of the case are known.
void Steps::start(sdk::Solution at) {
  auto given = problem_.initial_state();
  discrete_->prescribe(at.time, given);
  missing_.assign(given.size(), 0.0);
  largest_ = field_norms(given);
  auto difference = at.values;
  linear::add_scaled(-1.0, given, difference);
  const bool is_number = is_finite(discrete_->comm(), at.values);
  const double square = !is_number ? infinity_ : proves() ? mass_square(at.time, difference) : relative(difference);
  const double allowed = proves() ? tolerance_ * tolerance_ * mass_square(at.time, given) : tolerance_;
  const bool is_right = square == 0.0 || square <= allowed;
  ledger_.word = "accepted";
  if (repairs() && !is_right) {
    at.values = given;
    at.rates.reset();
    at.of_rates.reset();
    ledger_.word = "fell_back";
  } else {
    sum_ += square;
  }
  ledger_.count();
  last_ = std::move(at);
}

/// \param at in: the answer; out: what is shown
void Steps::check_step(const Step& step, sdk::Solution& at) {
  if (!is_finite(discrete_->comm(), at.values)) {
    if (!repairs()) return;  // who takes it says which value is no number
    return replace(step, at, false);
  }
  auto u = at.values;
  discrete_->prescribe(step.end, u);
  auto missing = u;
  linear::add_scaled(-1.0, at.values, missing);
  const double c = contribution(step, u);
  if (repairs() && !is_enough(step, u, c)) {
    at.values = u;
    return replace(step, at, policy_ == "polish");
  }
  if (repairs()) {
    at.values = u;
  } else if (linear::norm(discrete_->comm(), missing) > 0.0) {
    missed_ = proves() ? missed_ + step.length() * energy(step.end, missing) : std::max(missed_, relative(missing));
  }
  missing_ = repairs() ? std::vector<double>(u.size(), 0.0) : std::move(missing);
  sum_ += c;
  round_off_ += last_round_off_;
  if (proves()) energies_ += step.length() * energy(step.end, u);
  ledger_.word = "accepted";
  ledger_.count();
}

/// The case's own step.
void Steps::replace(const Step& step, sdk::Solution& at, bool has_guess) {
  const bool from_guess = take_step(step, at.values, has_guess);
  at.rates = rate(step, at.values);
  at.of_rates.reset();
  at.quantities.clear();
  at.certificate.reset();
  missing_.assign(at.values.size(), 0.0);
  sum_ += contribution(step, at.values);
  round_off_ += last_round_off_;
  if (proves()) energies_ += step.length() * energy(step.end, at.values);
  ledger_.word = from_guess ? "polished" : "fell_back";
  ledger_.count();
}

/// \returns whether it was found from the guess in u, which is taken where its residual is below that of the solution
/// before.
bool Steps::take_step(const Step& step, std::vector<double>& u, bool has_guess) {
  std::vector<double> start(step.before.begin(), step.before.end());
  discrete_->prescribe(step.end, start);
  const linear::FieldNorms norms_of(discrete_->comm(), discrete_->fields());
  const auto of_start = residual(step, start);
  auto options = solvers::newton_options(problem_);
  bool takes_guess = false;
  if (has_guess) {
    const auto at_start = norms_of.of(of_start), there = norms_of.of(residual(step, u));
    takes_guess = linear::scaled_norm(there, at_start) < std::sqrt(static_cast<double>(at_start.size()));
  }
  System system(*this, step);
  if (takes_guess) {
    options.first_residual = of_start;
    options.linear_tolerance = discrete_->linear_options().relative_tolerance;
    auto trial = u;
    try {
      auto& solver = discrete_->solver(system.jacobian(trial));
      linear::newton(discrete_->comm(), system, solver, trial, options);
      u = std::move(trial);
      return true;
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    }
    options.first_residual.clear();
  }
  auto& solver = discrete_->solver(system.jacobian(start));
  linear::newton(discrete_->comm(), system, solver, start, options);
  u = std::move(start);
  return false;
}

/// What a step adds to the sum; its share of round-off into last_round_off_.
double Steps::contribution(const Step& step, std::span<const double> u) {
  const auto R = residual(step, u);
  const auto& J = discrete_->jacobian(step.end, u, rate(step, u), weights(step));
  std::vector<double> sizes(u.size()), rounded(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) sizes[i] = std::abs(u[i]) + std::abs(step.before[i]);
  J.multiply_absolute(sizes, rounded);
  const auto& constrained = discrete_->constrained();
  for (std::size_t i = 0; i < u.size(); ++i) rounded[i] = constrained[i] != 0 ? 0.0 : rounding * rounded[i];
  if (proves()) {
    const double alpha = energy_->coercivity(step.end);
    alpha_ = std::min(alpha_, alpha);
    if (!(alpha > 0.0)) {
      last_round_off_ = 0.0;
      return infinity_;
    }
    const double noise = energy_->rough_dual_norm(rounded), dual = energy_->dual_norm(R);
    last_round_off_ = step.length() * noise * noise / alpha;
    return step.length() * (dual + noise) * (dual + noise) / alpha;
  }
  auto& solver = discrete_->solver(J);
  std::vector<double> d(u.size(), 0.0), noise(u.size(), 0.0);
  if (linear::norm(discrete_->comm(), R) > 0.0) solver.solve(R, d, false, {.relative = 1e-6});
  solver.solve(rounded, noise, false, {.relative = 0.1});
  const auto norms = field_norms(u);
  for (std::size_t f = 0; f < norms.size(); ++f) largest_[f] = std::max(largest_[f], norms[f]);
  last_round_off_ = relative(noise);
  return relative(d) + last_round_off_;
}

/// The step uses no more than its share of the tolerance.
bool Steps::is_enough(const Step& step, std::span<const double> u, double contribution) {
  const auto& time = *of_case_.parsed().time;
  const double share = step.length() / (time.end - time.start);
  if (!proves()) return contribution <= tolerance_ * share;
  const double size = mass_square(step.end, u) + energies_ + step.length() * energy(step.end, u);
  return contribution <= tolerance_ * tolerance_ * share * size;
}

fem::Weights Steps::weights(const Step& step) const { return {theta_, 1.0 / step.length()}; }

std::vector<double> Steps::rate(const Step& step, std::span<const double> u) const {
  std::vector<double> v(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) v[i] = (u[i] - step.before[i]) / step.length();
  return v;
}

std::vector<double> Steps::residual(const Step& step, std::span<const double> u) {
  const auto v = rate(step, u);
  std::vector<double> F(u.size()), old(u.size());
  discrete_->residual(step.end, u, v, F);
  if (theta_ == 1.0) return F;
  discrete_->residual(step.begin, step.before, v, old);
  for (std::size_t i = 0; i < F.size(); ++i) F[i] = theta_ * F[i] + (1.0 - theta_) * old[i];
  return F;
}

/// a(u, u) of a linear form, prescribed unknowns included.
double Steps::energy(double t, std::span<const double> u) {
  std::vector<double> F(u.size()), zero(u.size(), 0.0), at_zero(u.size());
  discrete_->reactions(t, u, std::nullopt, F);
  discrete_->reactions(t, zero, std::nullopt, at_zero);
  linear::add_scaled(-1.0, at_zero, F);
  return std::max(0.0, linear::dot(discrete_->comm(), u, F));
}

/// |u|_M^2, likewise.
double Steps::mass_square(double t, std::span<const double> u) {
  std::vector<double> F(u.size()), zero(u.size(), 0.0), at_zero(u.size());
  discrete_->reactions(t, zero, u, F);
  discrete_->reactions(t, zero, std::nullopt, at_zero);
  linear::add_scaled(-1.0, at_zero, F);
  return std::max(0.0, linear::dot(discrete_->comm(), u, F));
}

std::vector<double> Steps::field_norms(std::span<const double> u) {
  const auto& form = problem_.form();
  if (!l2_) {
    base::agree(discrete_->comm(), [&] { form.sparsity(); });
    l2_.emplace(discrete_->comm(), form.sparsity().pattern, problem_.dofs().block_size());
    fem::product_matrix(form, 0.0, 1.0, {}, *l2_);
  }
  return by_field(*discrete_, *l2_, u);
}

/// The largest L2 norm of a field over the largest that it has had.
double Steps::relative(std::span<const double> u) {
  const auto norms = field_norms(u);
  double largest = 0.0;
  for (std::size_t f = 0; f < norms.size(); ++f) {
    if (norms[f] > 0.0) largest = std::max(largest, norms[f] / largest_[f]);
  }
  return largest;
}

Verdict Steps::verdict() {
  Verdict verdict;
  verdict.reason = reason_;
  if (proves()) {
    const double missed = std::sqrt(missed_ + mass_square(last_.time, missing_));
    verdict.size = std::sqrt(mass_square(last_.time, last_.values) + energies_);
    verdict.certificate = {
        .kind = sdk::Certificate::Kind::bound,
        .value = std::sqrt(sum_) + missed,
        .norm = "sqrt(|e(end)|_M^2 + integral of a(e, e))",
        .parts = {{"initial values and residual", std::sqrt(sum_)}, {"round-off", std::sqrt(round_off_)}}};
    if (missed > 0.0) verdict.certificate.parts.emplace_back("prescribed values", missed);
    verdict.constants["coercivity"] = alpha_;
    if (!verdict.is_known()) verdict = Verdict::nothing("at these parameters a term is indefinite at some time");
    return verdict;
  }
  verdict.size = 1.0;
  verdict.certificate = {.kind = sdk::Certificate::Kind::estimate,
                         .value = sum_ + missed_,
                         .norm = "largest relative L2 norm of a field, summed over steps",
                         .parts = {{"steps", sum_}, {"round-off", round_off_}}};
  if (missed_ > 0.0) verdict.certificate.parts.emplace_back("prescribed values", missed_);
  return verdict;
}

}  // namespace ansatz::certify
