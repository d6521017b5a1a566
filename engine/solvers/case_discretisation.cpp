#include "engine/solvers/case_discretisation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/adjoint/transposed_solver.hpp"
#include "engine/fem/evaluation/scattered_points.hpp"
#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/fem/forms/product_matrix.hpp"
#include "engine/linear/matrices/transposed_product.hpp"

namespace ansatz::solvers {
namespace {

constexpr double riesz_tolerance = 1e-12;

class CaseDiscretisation : public sdk::Discretisation {
 public:
  CaseDiscretisation(problem::Problem& problem, const linear::KrylovOptions& options)
      : problem_(problem), discrete_(problem.form(), problem.dirichlet(), options), transposed_(discrete_) {}

  const sdk::Communicator& comm() const override { return problem_.mesh().comm; }
  std::int32_t num_owned() const override { return dofs().num_owned(); }
  std::int64_t num_global() const override { return dofs().num_global(); }
  int num_history() const override { return 0; }

  std::vector<sdk::FieldNodes> fields() const override {
    std::vector<sdk::FieldNodes> fields;
    for (int f = 0; f < dofs().num_fields(); ++f) {
      const auto& space = dofs().fields()[f];
      auto x = fem::node_coordinates(problem_.mesh(), *space.nodes);
      x.resize(std::size_t(space.nodes->num_owned) * problem_.dim());
      const auto first = dofs().node_dofs(f).first(space.nodes->num_owned);
      fields.push_back({space.name,
                        problem_.physics().info().fields[f].unit,
                        space.components,
                        true,
                        std::move(x),
                        {first.begin(), first.end()}});
    }
    return fields;
  }

  void set_parameters(std::span<const double> parameters, std::uint64_t draw) override {
    const auto refuse = [](const std::string& what) {
      throw sdk::Error(sdk::ErrorKind::parameter, what, "Discretisation::set_parameters");
    };
    const auto wanted = problem_.parameters().size();
    if (parameters.size() != wanted)
      refuse(fmt::format("{} parameters are given, the case has {}", parameters.size(), wanted));
    if (!std::ranges::all_of(parameters, [](double value) { return std::isfinite(value); }))
      refuse(fmt::format("the parameters are not all finite: {}", fmt::join(parameters, ", ")));
    if (draw != 0) refuse("the case has no random fields to draw");
    problem_.set_parameters(parameters);
  }

  void prescribe(double t, std::span<double> u) override {
    check({u.size()});
    discrete_.prescribe(t, u);
  }
  std::vector<double> initial() override { return problem_.initial_state(); }

  void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) override {
    const auto given = rate_of(rate, {u.size(), F.size()});
    discrete_.residual(t, u, given, F);
  }

  void linearise(double t, std::span<const double> u, std::span<const double> rate,
                 sdk::JacobianWeights weights) override {
    const auto given = rate_of(rate, {u.size()});
    jacobian_ = nullptr;
    jacobian_ = &discrete_.jacobian(t, u, given, {.state = weights.state, .rate = weights.rate});
    version_ = problem_.form().version();
  }
  void apply(std::span<const double> v, std::span<double> Jv) override {
    check({v.size(), Jv.size()});
    jacobian().multiply(v, Jv);
  }
  void apply_transposed(std::span<const double> v, std::span<double> Jtv) override {
    check({v.size(), Jtv.size()});
    linear::multiply_transposed(jacobian(), v, Jtv);
  }
  void solve(std::span<const double> b, std::span<double> x) override {
    check({b.size(), x.size()});
    discrete_.solver(jacobian()).solve(b, x);
  }

  void solve_transposed(std::span<const double> b, std::span<double> x) override {
    check({b.size(), x.size()});
    transposed_.solve(jacobian(), b, x);
  }

  double dot(std::span<const double> a, std::span<const double> b) override {
    check({a.size(), b.size()});
    return comm().sum(std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
  }
  void mass(std::span<const double> u, std::span<double> Mu) override {
    check({u.size(), Mu.size()});
    current(mass_, Kind::l2, {}).multiply(u, Mu);
  }
  void h1(std::span<const double> u, std::span<double> Xu) override {
    check({u.size(), Xu.size()});
    current(h1_, Kind::h1, {}).multiply(u, Xu);
  }
  void riesz(std::span<const double> F, std::span<double> z) override {
    check({F.size(), z.size()});
    const auto& left_out = discrete_.constrained();
    const auto& X = current(free_, Kind::h1, left_out);
    if (!riesz_) {
      riesz_.emplace(comm(), linear::KrylovOptions{.relative_tolerance = riesz_tolerance}, true);
      riesz_->set_fields(discrete_.fields());
      riesz_->set_dimension(problem_.dim());
    }
    riesz_->set_operator(X);
    std::vector<double> b(F.begin(), F.end());
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (left_out[i] != 0) b[i] = 0.0;
    }
    riesz_->solve(b, z);
    for (std::size_t i = 0; i < z.size(); ++i) {
      if (left_out[i] != 0) z[i] = 0.0;
    }
  }

  void evaluate(std::span<const double> u, const sdk::PointSet& at, std::span<double> out) override {
    const std::size_t dim = problem_.dim(), n = at.cells.size();
    const std::size_t stride = dofs().num_components() * (1 + dim);
    check({u.size()});
    base::agree(comm(), [&] {
      const auto num_cells = problem_.mesh().num_cells();
      const bool fits = at.reference.size() == n * dim && out.size() == n * stride;
      if (!fits || std::ranges::any_of(at.cells, [&](auto cell) { return cell < 0 || cell >= num_cells; })) {
        throw sdk::Error(sdk::ErrorKind::internal,
                         fmt::format("{} points need cells of this rank, {} coordinates in them and room for {} "
                                     "numbers, not {} and {}",
                                     n, n * dim, n * stride, at.reference.size(), out.size()),
                         "Discretisation::evaluate");
      }
    });
    const auto local = discrete_.with_ghosts(u);
    const fem::ScatteredPoints points(problem_.mesh(), at.cells, at.reference);
    for (int f = 0; f < dofs().num_fields(); ++f) {
      points.interpolate(*dofs().fields()[f].nodes, dofs().fields()[f].components, local, dofs().node_dofs(f), stride,
                         out.data() + dofs().component_offset(f) * (1 + dim));
    }
  }

 private:
  enum class Kind { l2, h1 };
  /// The matrix of a product, where the mesh was at a version of the form.
  struct Product {
    std::optional<linear::SparseMatrix> matrix;
    std::uint64_t version = 0;
  };

  const fem::DofMap& dofs() const { return problem_.dofs(); }

  /// Vectors have the length of the owned unknowns. *Collective.*
  void check(std::initializer_list<std::size_t> lengths) const {
    const auto n = static_cast<std::size_t>(num_owned());
    const auto wrong = std::ranges::find_if(lengths, [&](auto length) { return length != n; });
    base::agree(comm(), [&] {
      if (wrong != lengths.end())
        throw sdk::Error(sdk::ErrorKind::internal,
                         fmt::format("a vector has {} entries, not {} owned unknowns", *wrong, n), "Discretisation");
    });
  }
  /// Given on one rank is given on all: a rank may own no unknowns. *Collective.*
  fem::Rate rate_of(std::span<const double> rate, std::initializer_list<std::size_t> lengths) const {
    check(lengths);
    const bool is_given = comm().max(static_cast<std::int64_t>(rate.size())) > 0;
    if (!is_given) return std::nullopt;
    check({rate.size()});
    return rate;
  }

  const linear::SparseMatrix& jacobian() const {
    if (jacobian_ == nullptr || version_ != problem_.form().version()) {
      throw sdk::Error(sdk::ErrorKind::internal,
                       jacobian_ == nullptr ? "there is no Jacobian" : "the Jacobian is of other parameters",
                       "Discretisation", "call linearise() first");
    }
    return *jacobian_;
  }

  /// *Collective.*
  const linear::SparseMatrix& current(Product& product, Kind kind, std::span<const std::uint8_t> left_out) const {
    const auto& form = problem_.form();
    const bool moves = !problem_.map().expressions().empty();
    if (product.matrix && (!moves || product.version == form.version())) return *product.matrix;
    if (!product.matrix) {
      base::agree(comm(), [&] { form.sparsity(); });
      product.matrix.emplace(comm(), form.sparsity().pattern, dofs().block_size());
    }
    if (kind == Kind::l2) {
      fem::product_matrix(form, 0.0, 1.0, left_out, *product.matrix);
    } else {
      const double size = fem::domain_size(problem_.mesh());
      fem::product_matrix(form, 1.0, 1.0 / (size * size), left_out, *product.matrix);
    }
    product.version = form.version();
    return *product.matrix;
  }

  problem::Problem& problem_;
  fem::DiscreteProblem discrete_;
  adjoint::TransposedSolver transposed_;
  const linear::SparseMatrix* jacobian_ = nullptr;
  std::uint64_t version_ = 0;  ///< of the form, when it was made
  Product mass_, h1_, free_;   ///< the last without prescribed unknowns
  std::optional<linear::KrylovSolver> riesz_;
};

}  // namespace

std::unique_ptr<sdk::Discretisation> make_case_discretisation(problem::Problem& problem,
                                                              const linear::KrylovOptions& options) {
  return std::make_unique<CaseDiscretisation>(problem, options);
}

}  // namespace ansatz::solvers
