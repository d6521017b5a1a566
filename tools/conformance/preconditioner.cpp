#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/random.hpp"
#include "checks.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/offered_preconditioner.hpp"

namespace ansatz::conformance {
namespace {

constexpr std::int64_t num_rows = 60;  // over all ranks
constexpr double round_off = 1e-12;

/// Rows of tridiagonal matrices (-b, d_i, -c) with d_i > b + c that vary from row to row and by `kind`.
struct Sample {
  Sample(const base::Communicator& comm, int kind, bool symmetric) {
    auto pattern = std::make_shared<linear::Pattern>();
    const std::int64_t first = num_rows * comm.rank() / comm.size(), end = num_rows * (comm.rank() + 1) / comm.size();
    pattern->num_owned = static_cast<std::int32_t>(end - first);
    pattern->first_global = first;
    if (first > 0) pattern->ghost_global.push_back(first - 1);
    if (end < num_rows) pattern->ghost_global.push_back(end);
    pattern->diag_offsets.push_back(0);
    pattern->ghost_offsets.push_back(0);
    std::vector<double> values, ghosts;
    for (std::int64_t i = first; i < end; ++i) {
      for (std::int64_t j = std::max<std::int64_t>(0, i - 1); j <= std::min(num_rows - 1, i + 1); ++j) {
        const double side = symmetric || j < i ? -1.0 : -0.5;
        const double value = i == j ? 2.5 + sdk::hashed(static_cast<std::uint64_t>(i + num_rows * kind)) : side;
        if (j >= first && j < end) {
          pattern->diag_columns.push_back(static_cast<PetscInt>(j - first));
          values.push_back(value);
        } else {
          pattern->ghost_columns.push_back(j < first ? 0 : static_cast<PetscInt>(pattern->ghost_global.size() - 1));
          ghosts.push_back(value);
        }
      }
      pattern->diag_offsets.push_back(static_cast<PetscInt>(pattern->diag_columns.size()));
      pattern->ghost_offsets.push_back(static_cast<PetscInt>(pattern->ghost_columns.size()));
    }
    matrix.emplace(comm, pattern, 1);
    matrix->begin_values();
    std::ranges::copy(values, matrix->diagonal_values().begin());
    std::ranges::copy(ghosts, matrix->ghost_values().begin());
    matrix->end_values();
    is_symmetric = symmetric;
  }
  sdk::MatrixView view() const { return linear::view_of(*matrix, is_symmetric); }
  std::size_t rows() const { return static_cast<std::size_t>(matrix->pattern().num_owned); }
  /// Owned part of a vector that is the same on any number of ranks.
  std::vector<double> vector(std::uint64_t seed) const {
    std::vector<double> out(rows());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto at = static_cast<std::uint64_t>(matrix->pattern().first_global) + i;
      out[i] = 2.0 * sdk::hashed(sdk::mixed(seed + sdk::golden) + at) - 1.0;
    }
    return out;
  }

  std::optional<linear::SparseMatrix> matrix;
  bool is_symmetric = true;
};

class Check {
 public:
  Check(Report& report, const plugin::PreconditionerOffer& offer)
      : report_(report), comm_(report.comm()), offer_(offer), name_("preconditioner " + offer.name + ": ") {}

  void all() {
    report_.check(name_ + "every option has a text and an admissible default", [&] { check_options(offer_.options); });
    report_.check(name_ + "it can be made with its defaults, and its knobs make sense", [&] {
      const auto made = make();
      for (const auto& knob : made->knobs()) check_knob(knob);
      require(made->traits().linear || !made->traits().symmetric, "what is not linear cannot be symmetric");
    });
    for (const bool symmetric : {true, false}) {
      const auto of = symmetric ? "a symmetric matrix" : "an unsymmetric matrix";
      const Sample sample(comm_, 1, symmetric);
      report_.check(name_ + "finite, of a zero zero, and the same each time, of " + of, [&] { check_values(sample); });
      report_.check(name_ + "linear where it says so, of " + of, [&] { check_linear(sample); });
      report_.check(name_ + "a set-up does not depend on earlier matrices, of " + of, [&] { check_memory(sample); });
    }
    report_.check(name_ + "symmetric and positive definite where it says so", [&] { check_symmetric(); });
    report_.check(name_ + "at both ends of each knob it is finite, and it returns from there",
                  [&] { check_knobs(Sample(comm_, 1, true)); });
  }

 private:
  using Vector = std::vector<double>;

  std::unique_ptr<sdk::Preconditioner> make() const { return offer_.create(comm_, sdk::ParameterSet(offer_.options)); }
  std::unique_ptr<sdk::Preconditioner> made_for(const Sample& sample) const {
    auto made = make();
    set_up(*made, sample);
    return made;
  }
  // As the engine does: what fails on one rank ends on all.
  void set_up(sdk::Preconditioner& what, const Sample& sample) const {
    base::agree(comm_, [&] { what.set_up(sample.view()); });
  }
  Vector applied(sdk::Preconditioner& to, const Vector& r) const {
    Vector z(r.size(), std::nan(""));  // what it does not write shows
    base::agree(comm_, [&] { to.apply(r, z); });
    return z;
  }
  double dot(const Vector& a, const Vector& b) const { return linear::dot(comm_, a, b); }
  double norm(const Vector& a) const { return linear::norm(comm_, a); }
  double difference(const Vector& a, const Vector& b) const {
    Vector d(a);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] -= b[i];
    return norm(d);
  }

  static void check_knob(const sdk::Knob& knob) {
    require(!knob.name.empty(), "a knob has no name");
    require(std::isfinite(knob.low) && std::isfinite(knob.high) && knob.low < knob.high,
            fmt::format("the knob \"{}\" goes from {} to {}", knob.name, knob.low, knob.high));
    require(knob.initial >= knob.low && knob.initial <= knob.high,
            fmt::format("the knob \"{}\" begins with {}, out of its range", knob.name, knob.initial));
    require(!knob.logarithmic || knob.low > 0.0, fmt::format("the knob \"{}\" has ratios down to 0", knob.name));
  }

  void check_values(const Sample& sample) const {
    const auto made = made_for(sample);
    const auto r = sample.vector(1);
    const auto z = applied(*made, r);
    require(std::isfinite(norm(z)), "it gives a value that is not finite, or leaves one out");
    require(norm(z) > 0.0, "it gives zero");
    require(norm(applied(*made, Vector(r.size(), 0.0))) == 0.0, "of zero it gives something else than zero");
    require(difference(applied(*made, r), z) == 0.0, "the second time it gives another vector");
  }

  void check_linear(const Sample& sample) const {
    const auto made = made_for(sample);
    if (!made->traits().linear) return;
    const auto r = sample.vector(1), s = sample.vector(2);
    Vector both(r.size()), sum = applied(*made, r);
    const auto of_s = applied(*made, s);
    for (std::size_t i = 0; i < both.size(); ++i) {
      both[i] = 3.0 * r[i] + s[i];
      sum[i] = 3.0 * sum[i] + of_s[i];
    }
    const double off = difference(applied(*made, both), sum), size = norm(sum);
    require(off <= round_off * size, fmt::format("B(3 r + s) and 3 B r + B s differ by {:.2e} of {:.2e}", off, size));
  }

  void check_symmetric() const {
    const Sample sample(comm_, 1, true);
    const auto made = made_for(sample);
    if (!made->traits().symmetric) return;
    const auto r = sample.vector(1), s = sample.vector(2);
    const auto of_r = applied(*made, r), of_s = applied(*made, s);
    const double rs = dot(of_r, s), sr = dot(r, of_s), size = norm(of_r) * norm(s);
    require(std::abs(rs - sr) <= round_off * size, fmt::format("(B r, s) is {}, (r, B s) is {}", rs, sr));
    require(dot(of_r, r) > 0.0 && dot(of_s, s) > 0.0, "(B r, r) is not positive");
  }

  void check_memory(const Sample& sample) const {
    const auto r = sample.vector(1);
    const auto fresh = applied(*made_for(sample), r);
    const auto used = made_for(Sample(comm_, 2, sample.is_symmetric));
    applied(*used, r);
    set_up(*used, sample);
    require(difference(applied(*used, r), fresh) == 0.0, "after another matrix it gives another vector");
  }

  void check_knobs(const Sample& sample) const {
    const auto made = made_for(sample);
    const auto knobs = made->knobs();
    const auto r = sample.vector(1);
    const auto at_first = applied(*made, r);
    Vector initial;
    for (const auto& knob : knobs) initial.push_back(knob.initial);
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      for (const double end : {knobs[k].low, knobs[k].high}) {
        auto values = initial;
        values[k] = end;
        made->set_knobs(values);
        require(std::isfinite(norm(applied(*made, r))), fmt::format("not finite for {} = {}", knobs[k].name, end));
        set_up(*made, sample);
        made->set_knobs(initial);
        require(difference(applied(*made, r), at_first) == 0.0,
                fmt::format("after {} = {} the first value gives another vector", knobs[k].name, end));
      }
    }
  }

  Report& report_;
  base::Communicator comm_;
  const plugin::PreconditionerOffer& offer_;
  std::string name_;
};

}  // namespace

void check_preconditioner(Report& report, const plugin::PreconditionerOffer& offer) { Check(report, offer).all(); }

}  // namespace ansatz::conformance
