#pragma once
/// The fourth-order Hermite scheme for x'' = a(x, v) with its jerk: predict, evaluate once, correct.

#include <cstdint>
#include <span>
#include <vector>

namespace ansatz::time {

/// Accelerations and their time derivatives along the motion. Shapes (size).
class JerkFunction {
 public:
  virtual ~JerkFunction() = default;
  virtual std::size_t size() const = 0;
  virtual void evaluate(std::span<const double> x, std::span<const double> v, std::span<double> a,
                        std::span<double> jerk) = 0;
  /// A time in which the motion changes much: steps are a fraction of it.
  virtual double shortest_time(std::span<const double> x, std::span<const double> v) const = 0;
};

/// P(EC)^1 (Makino and Aarseth, PASJ 44, 1992):
///   x_p = x + h v + h^2 a / 2 + h^3 j / 6,  v_p = v + h a + h^2 j / 2,  (a1, j1) at (x_p, v_p),
///   v1 = v + h (a + a1) / 2 + h^2 (j - j1) / 12,  x1 = x + h (v + v1) / 2 + h^2 (a - a1) / 12,
/// with h = fraction * shortest_time().
class Hermite {
 public:
  /// Evaluates once.
  /// \param f must outlive this
  Hermite(JerkFunction& f, std::vector<double> x, std::vector<double> v, double fraction);

  /// Goes on to `stop`; the last step is cut there.
  void advance(double stop);
  /// Another fraction from the next step on.
  void set_fraction(double fraction) { fraction_ = fraction; }

  double time() const { return time_; }
  std::span<const double> positions() const { return x_; }
  std::span<const double> velocities() const { return v_; }
  std::int64_t evaluations() const { return evaluations_; }

 private:
  void step(double h);

  JerkFunction& f_;
  double fraction_, time_ = 0.0;
  std::vector<double> x_, v_, a_, j_, x1_, v1_, a1_, j1_;
  std::int64_t evaluations_ = 1;
};

}  // namespace ansatz::time
