#pragma once
/// A system of ordinary differential equations as the engine holds it, made from an author's class. Included by
/// ode.hpp.

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk::detail {

template <class T>
ParameterSchema ode_parameters() {
  if constexpr (requires { T::parameters(); }) {
    return T::parameters();
  } else {
    return {};
  }
}

/// Whether T has this templated member for plain numbers.
template <class T>
concept HasRightHandSide = requires(const T& s, const double& t, std::span<const double> y, std::span<double> f) {
  s(t, y, f);
};
template <class T>
concept HasNonstiff = requires(const T& s, const double& t, std::span<const double> y, std::span<double> f) {
  s.nonstiff(t, y, f);
};
template <class T>
concept HasAcceleration = requires(const T& s, const double& t, std::span<const double> y, std::span<double> f) {
  s.acceleration(t, y, y, f);
};
template <class T>
concept HasLinear = requires(const T& s, std::span<double> L) {
  s.linear(L);
};
template <class T>
concept HasInvariants = requires(const T& s, std::span<const double> y, std::span<double> out) {
  s.invariants(y, out);
};
template <class T>
concept HasEvents = requires(const T& s, std::span<const double> y, std::span<double> out) {
  s.events(0.0, y, out);
};

/// The engine's view of a system T.
template <class T>
class OdeSystemOf final : public OdeSystem {
  static_assert(HasRightHandSide<T> || HasAcceleration<T>,
                "a system gives operator()(t, y, f) or acceleration(t, q, v, a)");

 public:
  OdeSystemOf(const std::string& name, const ParameterSet& parameters)
      : info_(T::info(parameters)), system_(parameters) {
    const auto wrong = [&](const std::string& what) {
      throw Error(ErrorKind::plugin, "the system " + name + " " + what, {}, "mend its info()");
    };
    if (info_.components.empty()) wrong("has no components");
    if (info_.initial.size() != info_.components.size()) {
      wrong("has " + std::to_string(info_.components.size()) + " components but " +
            std::to_string(info_.initial.size()) + " initial values");
    }
    if (!(info_.end > info_.start)) wrong("ends before it starts");
    if (info_.second_order != HasAcceleration<T>)
      wrong("says second_order but has no acceleration(), or the other way round");
    if (info_.second_order && info_.components.size() % 2 != 0)
      wrong("is of second order with an odd number of components");
    if (info_.invariants.empty() == HasInvariants<T>)
      wrong("names invariants but has no invariants(), or the other way round");
    if (info_.events.empty() == HasEvents<T>) wrong("names events but has no events(), or the other way round");
  }

  const OdeInfo& info() const override { return info_; }

  void f(double t, std::span<const double> y, Part part, std::span<double> out) const override {
    evaluate<double>(t, y, part, out);
  }

  void jacobian(double t, std::span<const double> y, Part part, std::span<double> J) const override {
    const int n = static_cast<int>(size());
    std::fill(J.begin(), J.end(), 0.0);
    const int lower = banded() ? info_.band->lower : n - 1, upper = banded() ? info_.band->upper : n - 1;
    const int colours = std::min(n, lower + upper + 1);  // columns j, j + colours, ... share no row
    std::vector<D> states(y.begin(), y.end()), values(n);
    for (int first = 0; first < colours; first += chunk) {
      const int used = std::min(chunk, colours - first);
      for (int c = 0; c < used; ++c) {
        for (int j = first + c; j < n; j += colours) states[j].d[c] = 1.0;
      }
      evaluate<D>(D(t), states, part, values);
      for (int c = 0; c < used; ++c) {
        for (int j = first + c; j < n; j += colours) {
          for (int i = std::max(0, j - upper); i <= std::min(n - 1, j + lower); ++i) {
            J[banded() ? std::size_t(upper + i - j) + std::size_t(j) * (lower + upper + 1) : std::size_t(j) * n + i] =
                values[i].d[c];
          }
          states[j].d[c] = 0.0;
        }
      }
    }
  }

  void time_derivative(double t, std::span<const double> y, std::span<double> out) const override {
    using D1 = Dual<double, 1>;
    std::vector<D1> states(y.begin(), y.end()), values(size());
    D1 time(t);
    time.d[0] = 1.0;
    evaluate<D1>(time, states, Part::all, values);
    for (std::size_t i = 0; i < size(); ++i) out[i] = values[i].d[0];
  }

  bool splits() const override { return HasNonstiff<T>; }
  bool has_linear_part() const override { return HasLinear<T>; }
  void linear([[maybe_unused]] std::span<double> L) const override {
    if constexpr (HasLinear<T>) {
      system_.linear(L);
    } else {
      absent("linear part");
    }
  }

  void acceleration([[maybe_unused]] double t, [[maybe_unused]] std::span<const double> q,
                    [[maybe_unused]] std::span<const double> v, [[maybe_unused]] std::span<double> a) const override {
    if constexpr (HasAcceleration<T>) {
      system_.acceleration(t, q, v, a);
    } else {
      absent("acceleration");
    }
  }

  void jerk([[maybe_unused]] double t, [[maybe_unused]] std::span<const double> q,
            [[maybe_unused]] std::span<const double> v, [[maybe_unused]] std::span<double> a,
            [[maybe_unused]] std::span<double> j) const override {
    if constexpr (HasAcceleration<T>) {
      using D1 = Dual<double, 1>;
      std::vector<double> a0(q.size());
      if (info_.velocity_dependent) system_.acceleration(t, q, v, std::span<double>(a0));  // v' in the derivative
      std::vector<D1> dq(q.begin(), q.end()), dv(v.begin(), v.end()), da(q.size());
      D1 time(t);
      time.d[0] = 1.0;
      for (std::size_t i = 0; i < q.size(); ++i) {
        dq[i].d[0] = v[i];
        dv[i].d[0] = a0[i];
      }
      system_.acceleration(time, std::span<const D1>(dq), std::span<const D1>(dv), std::span<D1>(da));
      for (std::size_t i = 0; i < q.size(); ++i) {
        a[i] = da[i].v;
        j[i] = da[i].d[0];
      }
    } else {
      absent("acceleration");
    }
  }

  void invariants([[maybe_unused]] std::span<const double> y, [[maybe_unused]] std::span<double> out) const override {
    if constexpr (HasInvariants<T>) system_.invariants(y, out);
  }
  void events([[maybe_unused]] double t, [[maybe_unused]] std::span<const double> y,
              [[maybe_unused]] std::span<double> out) const override {
    if constexpr (HasEvents<T>) system_.events(t, y, out);
  }

 private:
  static constexpr int chunk = 8;  ///< columns of the Jacobian at a time
  using D = Dual<double, chunk>;

  template <class S>
  void evaluate(const S& t, std::span<const S> y, Part part, std::span<S> out) const {
    if constexpr (HasNonstiff<T>) {
      if (part == Part::nonstiff) return system_.nonstiff(t, y, out);
    } else if (part == Part::nonstiff) {
      return std::fill(out.begin(), out.end(), S(0.0));
    }
    if constexpr (HasRightHandSide<T>) {
      system_(t, y, out);
    } else {
      const std::size_t half = y.size() / 2;
      std::copy(y.begin() + half, y.end(), out.begin());
      system_.acceleration(t, y.first(half), y.subspan(half), out.subspan(half));
    }
    if constexpr (HasNonstiff<T>) {
      if (part == Part::stiff) {
        std::vector<S> rest(y.size());
        system_.nonstiff(t, y, std::span<S>(rest));
        for (std::size_t i = 0; i < rest.size(); ++i) out[i] -= rest[i];
      }
    }
  }
  [[noreturn]] static void absent(const char* what) {
    throw Error(ErrorKind::internal, std::string("this system has no ") + what);
  }

  OdeInfo info_;
  T system_;
};

}  // namespace ansatz::sdk::detail
