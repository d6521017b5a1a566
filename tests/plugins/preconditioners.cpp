// Preconditioners that are right and wrong in one way each, and a tuner that leaves the range.
#define ANSATZ_PLUGIN_AUTHOR "Ada"
#define ANSATZ_PLUGIN_LICENCE "BSD-3-Clause"
#include <ansatz/sdk/error.hpp>
#include <ansatz/sdk/plugin.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace ansatz::sdk;

namespace {

/// The diagonal, with something else on top of it.
class Diagonal : public Preconditioner {
 public:
  explicit Diagonal(PreconditionerTraits traits = {}) : traits_(traits) {}
  PreconditionerTraits traits() const override { return traits_; }
  void set_up(const MatrixView& matrix) override {
    diagonal_.clear();
    for (std::int32_t row = 0; row < matrix.rows(); ++row) diagonal_.push_back(matrix.diagonal(row));
  }
  void apply(std::span<const double> r, std::span<double> z) override {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = r[i] / diagonal_[i];
  }

 protected:
  PreconditionerTraits traits_;
  std::vector<double> diagonal_;
};

/// z_i / |z|: not linear.
class Normed final : public Diagonal {
 public:
  Normed(const Communicator& comm, PreconditionerTraits traits) : Diagonal(traits), comm_(comm) {}
  void apply(std::span<const double> r, std::span<double> z) override {
    Diagonal::apply(r, z);
    double square = 0.0;
    for (const double x : z) square += x * x;
    const double size = std::sqrt(comm_.sum(square));
    for (double& x : z) x /= size > 0.0 ? size : 1.0;
  }

 private:
  Communicator comm_;
};

/// Each entry a half of the next one more: not symmetric.
class Leaning final : public Diagonal {
 public:
  using Diagonal::Diagonal;
  void apply(std::span<const double> r, std::span<double> z) override {
    Diagonal::apply(r, z);
    for (std::size_t i = 0; i + 1 < z.size(); ++i) z[i] += 0.5 * z[i + 1];
  }
};

/// Adds up the diagonals of all matrices so far.
class Hoarding final : public Diagonal {
 public:
  void set_up(const MatrixView& matrix) override {
    const auto before = diagonal_;
    Diagonal::set_up(matrix);
    for (std::size_t i = 0; i < before.size() && i < diagonal_.size(); ++i) diagonal_[i] += before[i];
  }
};

/// Fails on the last rank in the third application.
class Failing final : public Diagonal {
 public:
  Failing(const Communicator& comm, std::string how) : comm_(comm), how_(std::move(how)) {}
  void set_up(const MatrixView& matrix) override {
    Diagonal::set_up(matrix);
    if (how_ == "set_up" && comm_.rank() == comm_.size() - 1)
      throw Error(ErrorKind::solver, "no licence for this matrix", {}, "buy one");
  }
  void apply(std::span<const double> r, std::span<double> z) override {
    Diagonal::apply(r, z);
    if (comm_.rank() != comm_.size() - 1 || ++applied_ < 3) return;
    if (how_ == "nan" && !z.empty()) z[0] = std::numeric_limits<double>::quiet_NaN();
    if (how_ == "throw") throw std::runtime_error("the table ends");
  }

 private:
  Communicator comm_;
  std::string how_;
  int applied_ = 0;
};

class Escaping final : public Tuner {
 public:
  explicit Escaping(std::span<const Knob> knobs) : knobs_(knobs.begin(), knobs.end()) {}
  void propose(std::span<const double>, std::span<double> knobs) override {
    for (std::size_t k = 0; k < knobs.size(); ++k) knobs[k] = knobs_[k].high + 1.0;
  }
  void learn(std::int64_t, bool) override {}
  void exchange(StateArchive&) override {}

 private:
  std::vector<Knob> knobs_;
};

/// A random choice that it forgets to store.
class Forgetful final : public Tuner {
 public:
  explicit Forgetful(std::span<const Knob> knobs) : knobs_(knobs.begin(), knobs.end()) {}
  void propose(std::span<const double>, std::span<double> knobs) override {
    ++count_;
    for (std::size_t k = 0; k < knobs.size(); ++k)
      knobs[k] = knobs_[k].low + (knobs_[k].high - knobs_[k].low) * (count_ % 7) / 7.0;
  }
  void learn(std::int64_t, bool) override {}
  void exchange(StateArchive&) override {}

 private:
  std::vector<Knob> knobs_;
  int count_ = 0;
};

template <class P, class... More>
void add(Registrar& registrar, const char* name, More... more) {
  registrar.add_preconditioner(name, "for tests", ParameterSchema(),
                               [=](const Communicator&, const ParameterSet&) { return std::make_unique<P>(more...); });
}

void register_all(Registrar& registrar) {
  add<Leaning>(registrar, "leaning", PreconditionerTraits{.linear = true, .symmetric = false});
  add<Leaning>(registrar, "secretly_leaning", PreconditionerTraits{.linear = true, .symmetric = true});
  add<Hoarding>(registrar, "hoarding");
  const auto add_normed = [&](const char* name, PreconditionerTraits traits) {
    registrar.add_preconditioner(
        name, "for tests", ParameterSchema(),
        [traits](const Communicator& comm, const ParameterSet&) { return std::make_unique<Normed>(comm, traits); });
  };
  add_normed("normed", {.linear = false, .symmetric = false});
  add_normed("secretly_normed", {.linear = true, .symmetric = false});
  registrar.add_preconditioner("failing", "for tests",
                               ParameterSchema().add({.name = "how",
                                                      .initial = std::string("set_up"),
                                                      .unit = "1",
                                                      .doc = "what fails",
                                                      .choices = {"set_up", "nan", "throw"}}),
                               [](const Communicator& comm, const ParameterSet& options) {
                                 return std::make_unique<Failing>(comm, options.string("how"));
                               });
  registrar.add_tuner("escaping", "for tests", ParameterSchema(), [](std::span<const Knob> knobs, const ParameterSet&) {
    return std::make_unique<Escaping>(knobs);
  });
  registrar.add_tuner(
      "forgetful", "for tests", ParameterSchema(),
      [](std::span<const Knob> knobs, const ParameterSet&) { return std::make_unique<Forgetful>(knobs); });
}

}  // namespace

ANSATZ_PLUGIN("preconditioners", "0.1.0", ANSATZ_PLUGIN_AUTHOR, ANSATZ_PLUGIN_LICENCE, "of the tests", register_all)
