#pragma once
/// Bodies that a case gives.

#include <algorithm>
#include <ansatz/sdk/error.hpp>

#include "body_system.hpp"

namespace ansatz::nbody {

/// Any bodies, given by the case. By default two that circle each other with the period sqrt(2) pi.
struct Bodies : BodySystem<Bodies> {
  using BodySystem::BodySystem;
  static sdk::ParameterSchema parameters();
  /// \throws sdk::Error of kind parameter for lists of another length, and bodies at one place.
  static Setup setup(const sdk::ParameterSet& parameters);
};

namespace detail {

[[noreturn]] inline void fail(const std::string& what, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::parameter, what, "system bodies", hint);
}

inline void check_length(const std::vector<double>& list, const std::string& name, std::size_t bodies,
                         std::size_t dimension) {
  if (list.size() == bodies * dimension) return;
  fail(name + " has " + std::to_string(list.size()) + " numbers, but " + std::to_string(bodies) + " bodies in " +
           std::to_string(dimension) + " dimensions need " + std::to_string(bodies * dimension),
       "give the coordinates of the first body, then those of the second, and so on");
}

inline void check_places(const std::vector<double>& q, std::size_t bodies, std::size_t dimension) {
  for (std::size_t i = 0; i < bodies; ++i) {
    for (std::size_t j = i + 1; j < bodies; ++j) {
      const auto first = q.begin() + static_cast<std::ptrdiff_t>(i * dimension);
      const auto second = q.begin() + static_cast<std::ptrdiff_t>(j * dimension);
      if (std::equal(first, first + static_cast<std::ptrdiff_t>(dimension), second)) {
        fail("the bodies " + std::to_string(i + 1) + " and " + std::to_string(j + 1) + " are at one place",
             "move one of them: point masses attract each other without bound there");
      }
    }
  }
}

}  // namespace detail

inline sdk::ParameterSchema Bodies::parameters() {
  const double speed = std::sqrt(0.5);
  sdk::ParameterSchema schema;
  schema.add({.name = "masses",
              .initial = std::vector<double>{1.0, 1.0},
              .unit = "kg",
              .doc = "of the bodies; 0 for one that is only attracted",
              .range = sdk::nonnegative});
  schema.add({.name = "positions",
              .initial = std::vector<double>{-0.5, 0.0, 0.5, 0.0},
              .unit = "m",
              .doc = "coordinates of the first body, then of the second, ..."});
  schema.add({.name = "velocities",
              .initial = std::vector<double>{0.0, -speed, 0.0, speed},
              .unit = "m/s",
              .doc = "in the same order"});
  schema.add({.name = "gravitational_constant",
              .initial = 1.0,
              .unit = "m^3/(kg s^2)",
              .doc = "G; 6.6743e-11 in SI units, 1 in units made for it",
              .range = sdk::positive});
  schema.add(
      {.name = "dimension", .initial = std::int64_t{2}, .unit = "1", .doc = "2: plane, 3: space", .range = {2.0, 3.0}});
  return schema;
}

inline Setup Bodies::setup(const sdk::ParameterSet& parameters) {
  Setup setup{.masses = parameters.numbers("masses"),
              .positions = parameters.numbers("positions"),
              .velocities = parameters.numbers("velocities"),
              .end = std::sqrt(2.0) * 3.14159265358979323846,
              .length_unit = "m",
              .velocity_unit = "m/s",
              .constant = parameters.number("gravitational_constant"),
              .dimension = static_cast<int>(parameters.integer("dimension"))};
  const std::size_t bodies = setup.masses.size(), dimension = static_cast<std::size_t>(setup.dimension);
  if (bodies == 0) detail::fail("there are no masses", "give one for each body");
  detail::check_length(setup.positions, "positions", bodies, dimension);
  detail::check_length(setup.velocities, "velocities", bodies, dimension);
  detail::check_places(setup.positions, bodies, dimension);
  return setup;
}

}  // namespace ansatz::nbody
