#pragma once
/// A physics at one point, for unit tests of plugins. Not used by plugins themselves. Example:
///
///   PhysicsAtPoint<Diffusion, 2> point;
///   point.coefficient("conductivity", {3.0}).gradient("temperature", {1.0, 2.0});
///   REQUIRE(point.flux("temperature", 0, 1) == 6.0);

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/physics.hpp"

namespace ansatz::sdk {

/// Sets the inputs of a physics P by name and evaluates its weak form. What is not set is 0, coefficients with a
/// default have it. Tensors are row-major, gradients have shape (components, dim). \throws Error of kind parameter for
/// an unknown name or a wrong number of values.
template <class P, int dim>
class PhysicsAtPoint {
 public:
  PhysicsAtPoint() {
    {
      const detail::Collecting scope(declarations_);
      physics_.emplace();
    }
    e_.values.fill(Lanes(0.0));
    e_.rates.fill(Lanes(0.0));
    e_.gradients.fill(Lanes(0.0));
    e_.coefficients.fill(Lanes(0.0));
    e_.point.x = Vec<Lanes, dim>::zero();
    e_.point.t = Lanes(0.0);
    int first = 0;
    for (const auto& c : info().coefficients) {
      const int n = num_components(c.shape, dim);
      const bool tensor = c.shape == Shape::tensor;
      for (int i = 0; i < n && !c.initial.empty(); ++i) {
        if (!tensor || i / dim == i % dim) e_.coefficients[first + i] = Lanes(c.initial[0]);
      }
      first += n;
    }
  }

  const PhysicsInfo& info() const { return declarations_.info; }

  PhysicsAtPoint& coefficient(const std::string& name, const std::vector<double>& values) {
    return assign(info().coefficients, name, 1, values, e_.coefficients.data());
  }
  PhysicsAtPoint& value(const std::string& field, const std::vector<double>& values) {
    return assign(info().fields, field, 1, values, e_.values.data());
  }
  PhysicsAtPoint& gradient(const std::string& field, const std::vector<double>& values) {
    return assign(info().fields, field, dim, values, e_.gradients.data());
  }
  PhysicsAtPoint& rate(const std::string& field, const std::vector<double>& values) {
    return assign(info().fields, field, 1, values, e_.rates.data());
  }
  PhysicsAtPoint& position(const std::array<double, dim>& x) {
    for (int i = 0; i < dim; ++i) e_.point.x[i] = Lanes(x[i]);
    return *this;
  }
  /// [s]
  PhysicsAtPoint& time(double t) {
    e_.point.t = Lanes(t);
    return *this;
  }

  /// f0 of a component of a field's equation.
  double source(const std::string& field, int component = 0) {
    evaluate();
    return e_.f0[find(info().fields, field).first + component][0];
  }
  /// f1 of a component of a field's equation along an axis.
  double flux(const std::string& field, int component, int axis) {
    evaluate();
    return e_.f1[(find(info().fields, field).first + component) * dim + axis][0];
  }

 private:
  struct Place {
    int first, count;
  };

  template <class Infos>
  Place find(const Infos& infos, const std::string& name) const {
    int first = 0;
    for (const auto& entry : infos) {
      const int count = num_components(entry.shape, dim);
      if (entry.name == name) return {first, count};
      first += count;
    }
    throw Error(ErrorKind::parameter, "the physics declares no \"" + name + "\"", "PhysicsAtPoint");
  }

  template <class Infos>
  PhysicsAtPoint& assign(const Infos& infos, const std::string& name, int each, const std::vector<double>& values,
                         Lanes* target) {
    const Place place = find(infos, name);
    if (static_cast<int>(values.size()) != place.count * each) {
      throw Error(ErrorKind::parameter,
                  "\"" + name + "\" has " + std::to_string(place.count * each) + " values, not " +
                      std::to_string(values.size()),
                  "PhysicsAtPoint");
    }
    std::transform(values.begin(), values.end(), target + place.first * each, [](double x) { return Lanes(x); });
    return *this;
  }

  void evaluate() {
    const int components = info().num_field_components(dim);
    auto weak = e_.weak(components);
    (*physics_)(e_.point, weak);
    for (int c = 0; c < components; ++c) e_.f0[c] += e_.g0[c];
    for (int c = 0; c < components * dim; ++c) e_.f1[c] += e_.g1[c];
  }

  detail::Declarations declarations_;
  std::optional<P> physics_;
  detail::Evaluation<Lanes, dim> e_;
};

}  // namespace ansatz::sdk
