#include "engine/fem/forms/discrete_problem.hpp"

#include <algorithm>
#include <chrono>

#include "engine/fem/forms/form_facts.hpp"

namespace ansatz::fem {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One rigid motion in `dim` dimensions: translations first, then rotations.
void add_rigid_mode(const DofMap& dofs, int field, int mode, const std::vector<double>& x,
                    std::vector<double>& values) {
  const int dim = dofs.mesh().dim;
  const auto node_dofs = dofs.node_dofs(field);
  for (std::int32_t n = 0; n < dofs.fields()[field].nodes->num_owned; ++n) {
    double* u = values.data() + node_dofs[n];
    const double* p = x.data() + std::size_t(n) * dim;
    if (mode < dim) {
      u[mode] = 1.0;
    } else {
      const int axis = dim == 2 ? 2 : mode - dim;
      const int i = (axis + 1) % 3, j = (axis + 2) % 3;
      u[i] = -p[j];
      u[j] = p[i];
    }
  }
}

std::vector<std::uint8_t> field_of_unknowns(const DofMap& dofs) {
  std::vector<std::uint8_t> field_of(dofs.num_owned());
  for (int f = 0; f < dofs.num_fields(); ++f) {
    const auto& field = dofs.fields()[f];
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      std::fill_n(field_of.begin() + dofs.node_dofs(f)[n], field.components, static_cast<std::uint8_t>(f));
    }
  }
  return field_of;
}

}  // namespace

DiscreteProblem::DiscreteProblem(Form& form, const Dirichlet& dirichlet, linear::KrylovOptions options)
    : form_(form),
      dirichlet_(dirichlet),
      options_(std::move(options)),
      constrained_(std::make_shared<const Constrained>(form.dofs(), dirichlet.constrained())),
      values_(form.dofs().num_local()),
      field_of_(field_of_unknowns(form.dofs())) {}

DiscreteProblem::DiscreteProblem(const DiscreteProblem& like, linear::KrylovOptions options, bool mass_alone)
    : form_(like.form_),
      dirichlet_(like.dirichlet_),
      options_(std::move(options)),
      constrained_(like.constrained_),
      mass_alone_(mass_alone),
      values_(form_.dofs().num_local()),
      weak_vectors_(like.weak_vectors_),
      weak_held_(like.weak_held_),
      field_of_(like.field_of_) {}

linear::FieldsOfUnknowns DiscreteProblem::fields() const {
  return {dofs().num_fields(), field_of_, std::span(constrained()).first(size())};
}

void DiscreteProblem::select(sdk::Part part) {
  if (part != part_) assembled_.reset();
  part_ = part;
}

void DiscreteProblem::prescribe_rates(double t, std::span<double> rates) const {
  base::agree(comm(),
              [&] { dirichlet_.apply_rates(t, form_.definition().parameters, rates, form_.definition().data); });
}

void DiscreteProblem::prescribe_second_rates(double t, std::span<double> rates) const {
  base::agree(comm(),
              [&] { dirichlet_.apply_rates(t, form_.definition().parameters, rates, form_.definition().data, 2); });
}

void DiscreteProblem::pin(std::span<const std::int32_t> unknowns) {
  const auto& prescribed = dirichlet_.constrained();
  std::vector<double> flags(prescribed.begin(), prescribed.end());
  for (const auto unknown : unknowns) flags[unknown] = 1.0;
  dofs().update_ghosts(flags);
  constrain(std::make_shared<const Constrained>(dofs(), std::vector<std::uint8_t>(flags.begin(), flags.end())));
}

void DiscreteProblem::pin_as(const DiscreteProblem& other) {
  if (constrained_ != other.constrained_) constrain(other.constrained_);
}

void DiscreteProblem::constrain(std::shared_ptr<const Constrained> constrained) {
  constrained_ = std::move(constrained);
  forget_operators();
}

/// Of the old constraints, or of old parameters.
void DiscreteProblem::forget_operators() {
  assembled_.reset();
  if (constraints_) {
    solver_.reset();
    solver_is_ready_ = false;
  }
  constraints_.reset();
}

void DiscreteProblem::prescribe(double t, std::span<double> u) const {
  base::agree(comm(), [&] { dirichlet_.apply(t, form_.definition().parameters, u, form_.definition().data); });
}

std::vector<double> DiscreteProblem::with_ghosts(std::span<const double> owned) const {
  std::vector<double> local(form_.dofs().num_local());
  std::copy(owned.begin(), owned.end(), local.begin());
  form_.dofs().update_ghosts(local);
  return local;
}

FormState DiscreteProblem::state(double t, std::span<const double> u, Rate rate) {
  std::copy(u.begin(), u.end(), values_.begin());
  form_.dofs().update_ghosts(values_);
  if (!rate || !form_.transient()) return {t, values_, {}, part_, constrained_.get()};
  rates_.resize(values_.size());
  std::copy(rate->begin(), rate->end(), rates_.begin());
  form_.dofs().update_ghosts(rates_);
  return {t, values_, rates_, part_, constrained_.get()};
}

void DiscreteProblem::residual(double t, std::span<const double> u, Rate rate, std::span<double> F) {
  const auto start = std::chrono::steady_clock::now();
  const auto at = state(t, u, rate);
  base::agree(comm(), [&] { form_.residual(at, F); });
  assembly_seconds_ += seconds_since(start);
}

void DiscreteProblem::residual_rate(double t, std::span<const double> u, std::span<const double> rate, Rate du,
                                    Rate drate, std::span<double> F) {
  const auto start = std::chrono::steady_clock::now();
  const auto at = state(t, u, rate);
  std::vector<double> moves, rates_move;
  if (du) moves = with_ghosts(*du);
  if (drate && form_.transient()) rates_move = with_ghosts(*drate);
  base::agree(comm(), [&] { form_.residual_rate(at, {t, moves, rates_move}, F); });
  assembly_seconds_ += seconds_since(start);
}

void DiscreteProblem::forget_jacobian() { assembled_.reset(); }

void DiscreteProblem::reactions(double t, std::span<const double> u, Rate rate, std::span<double> F) {
  auto at = state(t, u, rate);
  at.part = sdk::Part::all;
  base::agree(comm(), [&] { form_.unconstrained_residual(at, F); });
}

Moments DiscreteProblem::moments(double t, std::span<const double> u, Rate rate,
                                 const std::vector<std::span<const double>>& tests) {
  auto at = state(t, u, rate);
  at.part = sdk::Part::all;
  return summed(tests, [&](const auto& local) { return form_.moments(at, local); });
}

Moments DiscreteProblem::moment_slopes(double t, std::span<const double> u, std::span<const double> v,
                                       const std::vector<std::span<const double>>& tests) {
  auto at = state(t, u, std::nullopt);
  at.part = sdk::Part::all;
  const auto moves = with_ghosts(v);
  return summed(tests, [&](const auto& local) { return form_.moment_slopes(at, moves, local); });
}

Moments DiscreteProblem::summed(const std::vector<std::span<const double>>& tests,
                                const std::function<Moments(const std::vector<std::vector<double>>&)>& moments) const {
  std::vector<std::vector<double>> local;
  for (const auto test : tests) local.push_back(with_ghosts(test));
  Moments sums;
  base::agree(comm(), [&] { sums = moments(local); });
  return {comm().sum(std::span<const double>(sums.net)), comm().sum(std::span<const double>(sums.gross))};
}

void DiscreteProblem::explain_not_finite(double t, std::span<const double> u, Rate rate) {
  const auto at = state(t, u, rate);
  base::agree(comm(), [&] { form_.explain_not_finite(at); });
}

const linear::SparseMatrix& DiscreteProblem::jacobian(double t, std::span<const double> u, Rate rate,
                                                      const Weights& weights) {
  const auto start = std::chrono::steady_clock::now();
  if (!matrix_) {
    base::agree(comm(), [&] { form_.sparsity(); });
    matrix_.emplace(comm(), form_.sparsity().pattern, dofs().block_size());
  }
  if (version_ != form_.version()) forget_operators();
  if (!form_.constant_jacobian() || previous_jacobian(weights) == nullptr) {
    version_ = form_.version();
    const auto at = state(t, u, rate);
    form_.jacobian(at, weights, *matrix_);
    find_weak_modes(at, weights);
    if (has_constraints(form_) && !solver_is_ready_)
      make_solver(*matrix_);  // with operators of constraints where it needs them
    if (constraints_) constraints_->update(at, weights.of_kernels());
    assembled_ = weights;
  }
  assembly_seconds_ += seconds_since(start);
  return *matrix_;
}

void DiscreteProblem::set_weak_modes(const std::vector<std::vector<double>>& vectors, std::vector<std::int32_t> held) {
  weak_vectors_.clear();
  if (form_.definition().stabilise) return;
  for (auto vector : vectors) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      if (constrained()[i] != 0) vector[i] = 0.0;
    }
    weak_vectors_.push_back(with_ghosts(vector));
  }
  weak_held_ = std::move(held);
  assembled_.reset();
}

void DiscreteProblem::find_weak_modes(const FormState& at, const Weights& weights) {
  if (weak_vectors_.empty() || weights.rate == 0.0) return;
  linear::WeakModes modes;
  base::agree(comm(), [&] { modes = form_.products(at, weights, weak_vectors_); });
  modes.held = weak_held_;
  matrix_->set_weak_modes(std::make_shared<const linear::WeakModes>(std::move(modes)));
}

const linear::SparseMatrix* DiscreteProblem::previous_jacobian(const Weights& weights) const {
  return assembled_ == weights && version_ == form_.version() ? &*matrix_ : nullptr;
}

/// All matrices that are solved with are symmetric.
bool DiscreteProblem::is_symmetric() const {
  if (!form_.linear() || form_.symmetric()) return form_.linear();
  const bool is_constant = mass_alone_ && !form_.mass_depends_on_time();
  return is_constant && matrix_facts(form_, {.state = 0.0, .rate = 1.0}).symmetric;
}

void DiscreteProblem::open_solver() {
  if (solver_) return;
  solver_.emplace(comm(), options_, is_symmetric());
  auto modes = near_null_modes(form_.dofs(), form_.definition().physics->info());
  if (!modes.empty()) solver_->set_near_null_space(std::move(modes));
  solver_->set_fields({dofs().num_fields(), field_of_, {}});
  solver_->set_dimension(form_.dofs().mesh().dim);
}

void DiscreteProblem::make_solver(const linear::SparseMatrix& matrix) {
  open_solver();
  solver_is_ready_ = true;
  if (!has_constraints(form_)) return;
  const bool is_automatic = options_.solver.empty() && options_.preconditioner.empty();
  if (solver_->needs_constraints(matrix) && (!is_automatic || has_constraint_operators(form_)))
    constraints_.emplace(form_, constrained());
  solver_->set_constraints(constraints_ ? constraints_->constraints() : linear::Constraints{});
}

linear::KrylovSolver& DiscreteProblem::solver(const linear::SparseMatrix& matrix) {
  if (!solver_is_ready_) make_solver(matrix);
  solver_->set_operator(matrix);
  return *solver_;
}

void DiscreteProblem::exchange_tuner(sdk::StateArchive& archive) {
  open_solver();
  solver_->exchange_tuner(archive);
}

std::vector<std::string> DiscreteProblem::take_notes() {
  return solver_ ? solver_->take_notes() : std::vector<std::string>();
}

std::vector<std::vector<double>> near_null_modes(const DofMap& dofs, const sdk::PhysicsInfo& info) {
  std::vector<std::vector<double>> modes;
  if (info.near_null_space != sdk::NullSpace::rigid_body) return modes;
  const int dim = dofs.mesh().dim;
  for (int f = 0; f < dofs.num_fields(); ++f) {
    if (info.fields[f].shape != sdk::Shape::vector) continue;
    const auto x = node_coordinates(dofs.mesh(), *dofs.fields()[f].nodes);
    const int rotations = dim == 3 ? 3 : (dim == 2 ? 1 : 0);
    for (int mode = 0; mode < dim + rotations; ++mode) {
      add_rigid_mode(dofs, f, mode, x, modes.emplace_back(dofs.num_owned(), 0.0));
    }
  }
  return modes;
}

}  // namespace ansatz::fem
