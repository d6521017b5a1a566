#include <catch2/catch.hpp>

#include "ansatz/sdk/text.hpp"
#include "tests/support/physics_settings.hpp"

using namespace ansatz;
using namespace ansatz::test;
using sdk::JacobianWeights;
using sdk::Part;

namespace {

/// Moves u or du/dt of slot `in`, weighted; slots are moved at all points at once.
std::function<void(Points&, double)> move_slot(int in, JacobianWeights w) {
  return [in, w](Points& p, double step) {
    for (int q = 0; q < p.num_points; ++q) {
      p.slots[q * p.num_slots + in] += Lanes(w.state * step);
      if (in % (1 + p.dim) == 0) p.rates[q * p.components + in / (1 + p.dim)] += Lanes(w.rate * step);
    }
  };
}

std::function<void(Points&, double)> move_hessian(int entry, double weight) {
  return [entry, weight](Points& p, double step) {
    for (int q = 0; q < p.num_points; ++q) p.hessians[q * p.components * p.num_hessian + entry] += Lanes(weight * step);
  };
}

void check_jacobian(const Setting& s, const Kernel& residual, const Kernel& jacobian, JacobianWeights w) {
  const int n = s.points.num_slots;
  const auto d = run(jacobian, s.points.batch(), n * n);
  for (int in = 0; in < n; ++in) {
    CAPTURE(s.name, in);
    const auto slope = difference(residual, s.points, n, move_slot(in, w));
    CHECK(distance(column(d, s.points.num_points, n * n, in, n, n), slope) < 2e-9);
  }
}

}  // namespace

TEST_CASE("Pointwise Jacobians equal differences of the residual, in u and du/dt", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    for (const auto part : {Part::all, Part::stiff, Part::nonstiff}) {
      const JacobianWeights w{1.7, 0.6};
      check_jacobian(
          s, residual_of(s, part), [&](const auto& b, Lanes* d) { s.kernels().jacobian(b, part, w, d); }, w);
    }
    check_jacobian(s, residual_of(s),
                   [&](const auto& b, Lanes* d) {
                     s.kernels().jacobian(b, Part::all, {0.0, 1.0}, d);
                   },
                   {0.0, 1.0});
  }
}

TEST_CASE("Pointwise Jacobians of boundary terms equal differences", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    s.points.on_boundary = true;
    const JacobianWeights w{1.7, 0.6};
    check_jacobian(
        s, boundary_residual_of(s), [&](const auto& b, Lanes* d) { s.kernels().boundary_jacobian(b, w, d); }, w);
  }
}

TEST_CASE("The remainder of the first Taylor polynomial has order 2, and none where the form is linear",
          "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int n = s.points.num_slots;
    Values direction(s.points.slots.size()), rates(s.points.rates.size());
    for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = Lanes(std::sin(1.0 + 3.0 * i));
    for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = Lanes(std::cos(2.0 * i));
    const auto f = run(residual_of(s), s.points.batch(), n);
    const auto df =
        run([&](const auto& b, Lanes* out) { s.kernels().jacobian_vector(b, direction.data(), rates.data(), out); },
            s.points.batch(), n);
    const auto remainder = [&](double h) {
      Points moved = s.points;
      for (std::size_t i = 0; i < direction.size(); ++i) moved.slots[i] += Lanes(h) * direction[i];
      for (std::size_t i = 0; i < rates.size(); ++i) moved.rates[i] += Lanes(h) * rates[i];
      const auto g = run(residual_of(s), moved.batch(), n);
      double sum = 0.0;
      for (std::size_t i = 0; i < g.size(); ++i) {
        const Lanes r = g[i] - f[i] - Lanes(h) * df[i];
        for (int lane = 0; lane < num_lanes; ++lane) sum += r[lane] * r[lane];
      }
      return std::sqrt(sum);
    };
    if (s.linear) {
      CHECK(remainder(0.1) < 1e-11);
    } else {
      CHECK(std::log2(remainder(2e-3) / remainder(1e-3)) == Approx(2.0).margin(0.1));
      CHECK(std::log2(remainder(1e-3) / remainder(5e-4)) == Approx(2.0).margin(0.1));
    }
  }
}

TEST_CASE("A Jacobian-vector product is the Jacobian times the vector", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int n = s.points.num_slots, nq = s.points.num_points, nc = s.points.components;
    const auto state = run(
        [&](const auto& b, Lanes* d) {
          s.kernels().jacobian(b, Part::all, {1.0, 0.0}, d);
        },
        s.points.batch(), n * n);
    const auto rate = run(
        [&](const auto& b, Lanes* d) {
          s.kernels().jacobian(b, Part::all, {0.0, 1.0}, d);
        },
        s.points.batch(), n * n);
    Values x(nq * n), v(nq * nc), expected(nq * n, Lanes(0.0)), expected_state(nq * n, Lanes(0.0));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = Lanes(std::cos(1.0 + 5.0 * i));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = Lanes(std::sin(2.0 + 3.0 * i));
    for (int q = 0; q < nq; ++q) {
      for (int out = 0; out < n; ++out) {
        for (int in = 0; in < n; ++in) {
          expected_state[q * n + out] += state[(q * n + out) * n + in] * x[q * n + in];
          if (in % (1 + s.points.dim) == 0) {
            expected[q * n + out] += rate[(q * n + out) * n + in] * v[q * nc + in / (1 + s.points.dim)];
          }
        }
      }
    }
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += expected_state[i];
    const auto both = run([&](const auto& b, Lanes* f) { s.kernels().jacobian_vector(b, x.data(), v.data(), f); },
                          s.points.batch(), n);
    const auto one = run([&](const auto& b, Lanes* f) { s.kernels().jacobian_vector(b, x.data(), nullptr, f); },
                         s.points.batch(), n);
    CHECK(distance(both, expected) < 1e-13);
    CHECK(distance(one, expected_state) < 1e-13);
  }
}

TEST_CASE("Derivatives with respect to parameters and time equal differences", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    const int n = s.points.num_slots, nc = s.points.components;
    const auto strong = [&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); };
    for (int k : {0, 1}) {
      CAPTURE(s.name, k);
      const auto move = [k](Points& p, double step) { p.parameters[k] += step; };
      CHECK(distance(
                run([&](const auto& b, Lanes* f) { s.kernels().parameter_derivative(b, k, f); }, s.points.batch(), n),
                difference(residual_of(s), s.points, n, move)) < 2e-9);
      CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().strong_parameter_derivative(b, k, f); },
                         s.points.batch(), nc),
                     difference(strong, s.points, nc, move)) < 2e-9);
      s.points.on_boundary = true;
      CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().boundary_parameter_derivative(b, k, f); },
                         s.points.batch(), n),
                     difference(boundary_residual_of(s), s.points, n, move)) < 2e-9);
      s.points.on_boundary = false;
    }
    const auto later = [](Points& p, double step) { p.time += step; };
    CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().time_derivative(b, f); }, s.points.batch(), n),
                   difference(residual_of(s), s.points, n, later)) < 2e-9);
    const Kernel stabilisation = [&](const auto& b, Lanes* f) { s.kernels().stabilisation_residual(b, f); };
    CHECK(distance(run([&](const auto& b, Lanes* f) { s.kernels().stabilisation_time_derivative(b, f); },
                       s.points.batch(), n),
                   difference(stabilisation, s.points, n, later)) < 2e-9);
    s.points.on_boundary = true;
    CHECK(
        distance(run([&](const auto& b, Lanes* f) { s.kernels().boundary_time_derivative(b, f); }, s.points.batch(), n),
                 difference(boundary_residual_of(s), s.points, n, later)) < 2e-9);
  }
}

TEST_CASE("Derivatives along coefficients equal differences, of residuals and of Jacobians", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    CAPTURE(s.name);
    const int n = s.points.num_slots;
    std::vector<sdk::Expression> directions;
    for (std::size_t k = 0; k < s.points.table.size(); ++k) directions.emplace_back(std::sin(1.0 + double(k)));
    directions[0] = sdk::Expression::compile("a*x + t", symbols_of(s.physics, s.points.dim, parameter_names), "test");
    const auto move = [&](Points& p, double step) {
      for (std::size_t k = 0; k < p.table.size(); ++k) {
        p.table[k] = sdk::linear_combination(std::vector<double>{1.0, step}, std::vector{p.table[k], directions[k]});
      }
    };
    const JacobianWeights w{1.7, 0.6};
    const auto check = [&](const Kernel& derivative, const Kernel& of, int width) {
      CHECK(distance(run(derivative, s.points.batch(), width), difference(of, s.points, width, move, 5e-4)) < 5e-9);
    };
    check([&](const auto& b, Lanes* f) { s.kernels().coefficient_derivative(b, directions, f); }, residual_of(s), n);
    check([&](const auto& b, Lanes* d) { s.kernels().coefficient_jacobian(b, directions, w, d); },
          [&](const auto& b, Lanes* d) { s.kernels().jacobian(b, Part::all, w, d); }, n * n);
    s.points.on_boundary = true;
    check([&](const auto& b, Lanes* f) { s.kernels().boundary_coefficient_derivative(b, directions, f); },
          [&](const auto& b, Lanes* f) { s.kernels().boundary_residual(b, f); }, n);
    check([&](const auto& b, Lanes* d) { s.kernels().boundary_coefficient_jacobian(b, directions, w, d); },
          [&](const auto& b, Lanes* d) { s.kernels().boundary_jacobian(b, w, d); }, n * n);
  }
}

TEST_CASE("A coefficient without unknowns may be steep: it is not differentiated by them", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  Points points(*diffusion, 2,
                coefficients(*diffusion, 2,
                             {{"conductivity", "1 + sqrt(t)"}, {"source", "t^0.3 + abs(x)"}, {"reaction", "sqrt(t)"}}));
  points.time = 0.0;
  const int n = points.num_slots;
  const auto finite = [](const Values& values) {
    return std::ranges::all_of(values, [](const Lanes& x) { return std::isfinite(x[0]); });
  };
  CHECK(finite(run(
      [&](const auto& b, Lanes* d) {
        diffusion->kernels(2).jacobian(b, Part::all, {1.0, 1.0}, d);
      },
      points.batch(), n * n)));
  CHECK(finite(run([&](const auto& b, Lanes* r) { diffusion->kernels(2).strong_residual(b, r); }, points.batch(), 1)));
  CHECK_FALSE(
      finite(run([&](const auto& b, Lanes* f) { diffusion->kernels(2).time_derivative(b, f); }, points.batch(), n)));
}

TEST_CASE("The derivative of the strong residual equals differences in every entry of the jet", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    const int nc = s.points.components, dim = s.points.dim, nh = s.points.num_hessian;
    const Kernel strong = [&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); };
    for (const auto parts : {sdk::jet_all, sdk::jet_all & ~sdk::jet_rate, sdk::jet_rate, sdk::jet_hessian}) {
      const int entries = sdk::jet_size(dim, parts);
      const auto d = run([&](const auto& b, Lanes* out) { s.kernels().strong_derivative(b, parts, out); },
                         s.points.batch(), nc * nc * entries);
      const auto check = [&](int in, int entry, const std::function<void(Points&, double)>& move) {
        CAPTURE(s.name, parts, in, entry);
        CHECK(distance(column(d, s.points.num_points, nc * nc * entries, in * entries + entry, nc * entries, nc),
                       difference(strong, s.points, nc, move)) < 5e-9);
      };
      for (int in = 0; in < nc; ++in) {
        if ((parts & sdk::jet_value) != 0) check(in, 0, move_slot(in * (1 + dim), {1.0, 0.0}));
        if ((parts & sdk::jet_rate) != 0)
          check(in, sdk::jet_offset(dim, parts, sdk::jet_rate), move_slot(in * (1 + dim), {0.0, 1.0}));
        for (int k = 0; (parts & sdk::jet_gradient) != 0 && k < dim; ++k)
          check(in, sdk::jet_offset(dim, parts, sdk::jet_gradient) + k, move_slot(in * (1 + dim) + 1 + k, {1.0, 0.0}));
        for (int k = 0; (parts & sdk::jet_hessian) != 0 && k < nh; ++k)
          check(in, sdk::jet_offset(dim, parts, sdk::jet_hessian) + k, move_hessian(in * nh + k, 1.0));
      }
    }
  }
}

TEST_CASE("Points with times and parameters of their own give what each gives alone", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    const int n = s.points.num_slots, nc = s.points.components, nh = s.points.num_hessian, dim = s.points.dim;
    const auto& k = s.kernels();
    const auto directions = std::vector<sdk::Expression>(
        s.points.table.size(),
        sdk::Expression::compile("a*x + t", symbols_of(s.physics, dim, parameter_names), "test"));
    const JacobianWeights w{1.7, 0.6};
    const std::size_t num_parameters = s.points.parameters.size();
    Values times(s.points.num_points), parameters(s.points.num_points * num_parameters);
    for (int q = 0; q < s.points.num_points; ++q) {
      for (int lane = 0; lane < num_lanes; ++lane) {
        times[q].set(lane, 0.3 + 0.01 * (q * num_lanes + lane));
        for (std::size_t p = 0; p < num_parameters; ++p)
          parameters[q * num_parameters + p].set(lane, s.points.parameters[p] * (1.0 + 0.02 * (q * num_lanes + lane)));
      }
    }
    struct Named {
      const char* name;
      Kernel kernel;
      int width;
      bool on_boundary = false;
    };
    const std::vector<Named> kernels{
        {"residual", [&](const auto& b, Lanes* f) { k.residual(b, Part::all, f); }, n},
        {"jacobian", [&](const auto& b, Lanes* d) { k.jacobian(b, Part::all, w, d); }, n * n},
        {"parameter", [&](const auto& b, Lanes* f) { k.parameter_derivative(b, 1, f); }, n},
        {"time", [&](const auto& b, Lanes* f) { k.time_derivative(b, f); }, n},
        {"direction", [&](const auto& b, Lanes* f) { k.coefficient_derivative(b, directions, f); }, n},
        {"slopes", [&](const auto& b, Lanes* f) { k.coefficient_slopes(b, f); }, n * int(directions.size())},
        {"strong", [&](const auto& b, Lanes* r) { k.strong_residual(b, r); }, nc},
        {"strong derivative", [&](const auto& b, Lanes* d) { k.strong_derivative(b, sdk::jet_all, d); },
         nc * nc * sdk::jet_size(dim)},
        {"strong parameter", [&](const auto& b, Lanes* r) { k.strong_parameter_derivative(b, 0, r); }, nc},
        {"stabilisation", [&](const auto& b, Lanes* f) { k.stabilisation_residual(b, f); }, n},
        {"stabilisation jacobian", [&](const auto& b, Lanes* d) { k.stabilisation_jacobian(b, w, d); },
         n * nc * (1 + dim + nh)},
        {"energy", [&](const auto& b, Lanes* e) { k.energy(b, e); }, 1},
        {"boundary", [&](const auto& b, Lanes* f) { k.boundary_residual(b, f); }, n, true},
        {"boundary jacobian", [&](const auto& b, Lanes* d) { k.boundary_jacobian(b, w, d); }, n * n, true},
        {"boundary parameter", [&](const auto& b, Lanes* f) { k.boundary_parameter_derivative(b, 1, f); }, n, true}};
    for (const auto& [name, kernel, width, on_boundary] : kernels) {
      CAPTURE(s.name, name);
      s.points.on_boundary = on_boundary;
      auto batch = s.points.batch();
      batch.times = times.data();
      batch.parameters_at = parameters.data();
      const auto together = run(kernel, batch, width);
      bool equal = true;
      for (int q = 0; q < s.points.num_points; ++q) {
        for (int lane = 0; lane < num_lanes; ++lane) {
          Points alone = s.points;
          alone.time = times[q][lane];
          for (std::size_t p = 0; p < num_parameters; ++p)
            alone.parameters[p] = parameters[q * num_parameters + p][lane];
          const auto expected = run(kernel, alone.batch(), width);
          for (int i = 0; i < width; ++i) equal &= together[q * width + i][lane] == expected[q * width + i][lane];
        }
      }
      CHECK(equal);
    }
  }
}

TEST_CASE("Derivatives by single coefficients are those along them", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    const int n = s.points.num_slots, num = static_cast<int>(s.points.table.size());
    for (const bool on_boundary : {false, true}) {
      s.points.on_boundary = on_boundary;
      const auto slopes = run(
          [&](const auto& b, Lanes* d) {
            on_boundary ? s.kernels().boundary_coefficient_slopes(b, d) : s.kernels().coefficient_slopes(b, d);
          },
          s.points.batch(), n * num);
      for (int k = 0; k < num; ++k) {
        CAPTURE(s.name, on_boundary, k);
        std::vector<sdk::Expression> directions(num);
        directions[k] = sdk::Expression(1.0);
        const auto expected = run(
            [&](const auto& b, Lanes* f) {
              on_boundary ? s.kernels().boundary_coefficient_derivative(b, directions, f)
                          : s.kernels().coefficient_derivative(b, directions, f);
            },
            s.points.batch(), n);
        CHECK(distance(column(slopes, s.points.num_points, n * num, k, num, n), expected) < 1e-14);
      }
    }
  }
}

TEST_CASE("The strong residual is the divergence along a path in space", "[fem][kernels]") {
  // u = slots + H (x - x0) at a point: the flux differenced in x gives div f1 with no use of duals.
  const All all;
  for (const auto& s : all.settings) {
    CAPTURE(s.name);
    const int dim = s.points.dim, nc = s.points.components, n = s.points.num_slots, nh = s.points.num_hessian;
    const auto entry = [dim](int i, int j) {
      if (i == j) return i;
      return dim == 2 ? 2 : (i + j == 1 ? 3 : (i + j == 3 ? 4 : 5));
    };
    const auto f = run(residual_of(s), s.points.batch(), n);
    Values expected;
    for (int q = 0; q < s.points.num_points; ++q) {
      for (int c = 0; c < nc; ++c) expected.push_back(f[q * n + c * (1 + dim)]);
    }
    for (int i = 0; i < dim; ++i) {
      const auto slope = difference(residual_of(s), s.points, n, [&](Points& p, double h) {
        for (int q = 0; q < p.num_points; ++q) {
          p.position[q * dim + i] += Lanes(h);
          for (int c = 0; c < nc; ++c) {
            const Lanes* hessian = s.points.hessians.data() + (q * nc + c) * nh;
            Lanes* slot = p.slots.data() + q * n + c * (1 + dim);
            slot[0] += Lanes(h) * slot[1 + i] + Lanes(0.5 * h * h) * hessian[entry(i, i)];
            for (int j = 0; j < dim; ++j) slot[1 + j] += Lanes(h) * hessian[entry(i, j)];
          }
        }
      });
      for (int q = 0; q < s.points.num_points; ++q) {
        for (int c = 0; c < nc; ++c) expected[q * nc + c] -= slope[q * n + c * (1 + dim) + 1 + i];
      }
    }
    CHECK(distance(run([&](const auto& b, Lanes* r) { s.kernels().strong_residual(b, r); }, s.points.batch(), nc),
                   expected) < 5e-9);
  }
}

TEST_CASE("The Jacobian of a stabilisation equals differences, in u, du/dt and second derivatives", "[fem][kernels]") {
  const All all;
  for (const auto& s : all.settings) {
    if (!s.physics.info().has_stabilisation) continue;
    const int nc = s.points.components, dim = s.points.dim, nh = s.points.num_hessian, entries = 1 + dim + nh;
    const int n = s.points.num_slots;
    for (const JacobianWeights w : {JacobianWeights{1.0, 0.0}, JacobianWeights{0.4, 2.5}, JacobianWeights{0.0, 1.0}}) {
      const Kernel residual = [&](const auto& b, Lanes* f) { s.kernels().stabilisation_residual(b, f); };
      const auto d = run([&](const auto& b, Lanes* out) { s.kernels().stabilisation_jacobian(b, w, out); },
                         s.points.batch(), n * nc * entries);
      for (int in = 0; in < nc; ++in) {
        for (int k = 0; k < entries; ++k) {
          CAPTURE(s.name, in, k, w.state, w.rate);
          const auto slope = k <= dim ? difference(residual, s.points, n, move_slot(in * (1 + dim) + k, w))
                                      : difference(residual, s.points, n, move_hessian(in * nh + k - 1 - dim, w.state));
          CHECK(distance(column(d, s.points.num_points, n * nc * entries, in * entries + k, nc * entries, n), slope) <
                5e-9);
        }
      }
    }
  }
}

TEST_CASE("The structure of a form never denies a dependence that its Jacobian has", "[fem][kernels]") {
  All all;
  for (auto& s : all.settings) {
    for (const bool boundary : {false, true}) {
      s.points.on_boundary = boundary;
      const auto structure =
          boundary ? s.kernels().boundary_structure(s.points.table) : s.kernels().structure(s.points.table);
      const int n = s.points.num_slots;
      REQUIRE(structure.depends.size() == static_cast<std::size_t>(n));
      for (const bool rate : {false, true}) {
        const JacobianWeights w{rate ? 0.0 : 1.0, rate ? 1.0 : 0.0};
        const auto d = run(
            [&](const auto& b, Lanes* out) {
              boundary ? s.kernels().boundary_jacobian(b, w, out) : s.kernels().jacobian(b, Part::all, w, out);
            },
            s.points.batch(), n * n);
        for (int out = 0; out < n; ++out) {
          for (int in = 0; in < n; ++in) {
            if (rate && in % (1 + s.points.dim) != 0) continue;
            const int bit = rate ? n + in / (1 + s.points.dim) : in;
            CAPTURE(s.name, boundary, rate, out, in);
            if ((structure.depends[out] >> bit & 1U) == 0) CHECK(d[out * n + in][0] == 0.0);
          }
        }
      }
      if (!boundary) CHECK(structure.linear == s.linear);
    }
  }
}

TEST_CASE("Two accumulators: all is the sum of stiff and nonstiff", "[fem][kernels]") {
  const auto physics = make_coupled();
  const Setting s = setting("coupled", *physics, 2, coupled_texts());
  const int n = s.points.num_slots;
  const auto all = run(residual_of(s), s.points.batch(), n);
  const auto stiff = run(residual_of(s, Part::stiff), s.points.batch(), n);
  const auto nonstiff = run(residual_of(s, Part::nonstiff), s.points.batch(), n);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i][2] == Approx(stiff[i][2] + nonstiff[i][2]).epsilon(1e-14));
  // By hand at the first point: fields in their order pressure, velocity_x, velocity_y, three slots each.
  const auto at = [&](int i) { return s.points.slots[i][0]; };
  const double c = parameter_values[1] + 0.5 * s.points.time * parameter_values[0] * s.points.position[0][0];
  CHECK(nonstiff[0][0] == Approx(c * (at(3) * at(3) + at(6) * at(6)) + 0.1 * at(0)));
  CHECK(nonstiff[3][0] == Approx(0.7 * c * at(0) * at(1)));
  CHECK(nonstiff[6][0] == Approx(0.7 * c * at(0) * at(2)));
  CHECK(nonstiff[1][0] == 0.0);
}

TEST_CASE("A coefficient that is not finite or out of its range is found with its place", "[fem][kernels]") {
  const LoadedPhysics diffusion("diffusion");
  const auto fault = [&](const Texts& texts, int num_active) {
    Points points(*diffusion, 2, coefficients(*diffusion, 2, texts));
    for (int q = 0; q < 3; ++q) {
      for (int lane = 0; lane < num_lanes; ++lane) {
        points.position[2 * q].set(lane, q + 0.01 * lane);
        points.position[2 * q + 1].set(lane, 1.0);
      }
    }
    Values f(3 * points.num_slots);
    auto batch = points.batch();
    batch.num_active = num_active;
    return diffusion->kernels(2).residual(batch, Part::all, f.data());
  };
  const auto negative = fault({{"conductivity", "1"}, {"conductivity_yy", "1.045 - x"}}, 8);
  CHECK(negative.coefficient == 3);
  CHECK(negative.point == 1);
  CHECK(negative.lane == 5);
  CHECK(negative.value == Approx(-0.005));
  CHECK(fault({{"conductivity", "2.045 - x"}}, 5).coefficient == -1);  // only in lanes without a cell
  CHECK(fault({{"conductivity", "1"}, {"conductivity_xy", "-x"}}, 8).coefficient == -1);  // off the diagonal
  const auto infinite = fault({{"conductivity", "1"}, {"source", "1/(x - 2.03)"}}, 8);
  CHECK(infinite.coefficient == 8);
  CHECK(infinite.point == 2);
  CHECK(infinite.lane == 3);
  CHECK_FALSE(std::isfinite(infinite.value));
  CHECK(fault({{"conductivity", "1"}, {"reaction", "sqrt(x - 5)"}}, 8).coefficient == 5);
}
