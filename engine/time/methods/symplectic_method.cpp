#include <algorithm>

#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/tableaus/symplectic_composition.hpp"

namespace ansatz::time {
namespace {

/// Kicks and drifts of y = (q, v). The acceleration at the end of a step is that of the first kick of the next one.
class SymplecticMethod final : public sdk::TimeMethod {
 public:
  SymplecticMethod(const SymplecticComposition& composition, const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : composition_(composition),
        info_(info),
        system_(system),
        size_(system.traits().positions),
        a_(size_),
        new_a_(size_) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm&, std::span<double> y_new,
               std::span<double>) override {
    std::ranges::copy(y, y_new.begin());
    const auto q = y_new.first(size_), v = y_new.subspan(size_);
    if (!has_a_) system_.acceleration(t, q, v, a_);
    has_a_ = true;
    base::add_term(composition_.kicks[0] * h, a_, v);
    double passed = 0.0;
    for (std::size_t i = 0; i < composition_.drifts.size(); ++i) {
      base::add_term(composition_.drifts[i] * h, v, q);
      passed += composition_.drifts[i];
      const double now = i + 1 == composition_.drifts.size() ? t + h : t + passed * h;
      system_.prescribe(now, y_new);
      system_.acceleration(now, q, v, new_a_);
      base::add_term(composition_.kicks[i + 1] * h, new_a_, v);
    }
    system_.prescribe(t + h, y_new);
  }

  void accept() override { std::swap(a_, new_a_); }
  void restart() override { has_a_ = false; }
  void exchange(sdk::StateArchive& archive) override {
    std::int64_t has = has_a_;
    archive.integer("has_symplectic_acceleration", has);
    has_a_ = has != 0;
    if (!has_a_) return;
    std::vector<double> stored = a_;  // the archive knows vectors of all unknowns
    stored.resize(system_.size());
    archive.unknowns("symplectic_acceleration", stored);
    std::ranges::copy(std::span(stored).first(size_), a_.begin());
  }

 private:
  const SymplecticComposition& composition_;
  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  std::size_t size_;
  std::vector<double> a_, new_a_;  ///< at both ends of the step
  bool has_a_ = false;             ///< a_ is that of the present state
};

}  // namespace

std::vector<MethodEntry> symplectic_entries() {
  return tableau_entries<SymplecticMethod>(symplectic_compositions(), [](const SymplecticComposition& composition) {
    return sdk::TimeMethodInfo{.name = composition.name,
                               .doc = "symplectic and symmetric, for q'' = a(t, q)",
                               .order = composition.order,
                               .needs_second_order = true,
                               .source = composition.source};
  });
}

}  // namespace ansatz::time
