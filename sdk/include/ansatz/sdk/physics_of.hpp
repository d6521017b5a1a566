#pragma once
/// A physics as the engine holds it, made from an author's class. Included by physics.hpp.

#include <array>
#include <memory>
#include <optional>

#include "ansatz/sdk/point_kernels.hpp"

namespace ansatz::sdk::detail {

/// The space dimensions of a physics: its constant `dimensions`, or all.
template <class P>
constexpr bool supports(int dim) {
  if constexpr (requires { P::dimensions; }) {
    for (int d : P::dimensions) {
      if (d == dim) return true;
    }
    return false;
  }
  return true;
}

/// The engine's view of a physics P: constructs it while collecting its declarations, and owns its kernels.
template <class P>
class PhysicsOf final : public Physics {
 public:
  PhysicsOf(const char* name, const char* version, const char* purpose) {
    {
      const Collecting scope(declarations_);
      physics_.emplace();
    }
    PhysicsInfo& info = declarations_.info;
    info.name = name;
    info.version = version;
    info.purpose = purpose;
    if constexpr (requires { P::has_nonstiff_terms; }) info.has_nonstiff_terms = P::has_nonstiff_terms;
    if constexpr (requires { P::near_null_space; }) info.near_null_space = P::near_null_space;
    add_kernels<1>();
    add_kernels<2>();
    add_kernels<3>();
  }

  const PhysicsInfo& info() const override { return declarations_.info; }

  void set_option(const std::string& name, const std::string& choice) override {
    const auto& options = info().options;
    for (std::size_t k = 0; k < options.size(); ++k) {
      if (options[k].name != name) continue;
      for (std::size_t i = 0; i < options[k].choices.size(); ++i) {
        if (options[k].choices[i] == choice) return declarations_.options[k]->choose(static_cast<int>(i));
      }
      throw Error(ErrorKind::parameter, "option " + name + " of " + info().name + " has no choice \"" + choice + "\"");
    }
    throw Error(ErrorKind::parameter, info().name + " has no option \"" + name + "\"");
  }

  const PointKernels& kernels(int dim) const override {
    if (dim < 1 || dim > 3 || !kernels_[dim - 1]) {
      throw Error(ErrorKind::case_file,
                  "physics " + info().name + " is not defined in " + std::to_string(dim) + " dimensions");
    }
    return *kernels_[dim - 1];
  }

 private:
  template <int dim>
  void add_kernels() {
    if constexpr (supports<P>(dim)) {
      PhysicsInfo& info = declarations_.info;
      if (info.num_field_components(dim) > max_components || info.num_coefficient_components(dim) > max_coefficients) {
        throw Error(ErrorKind::plugin, "physics " + info.name + " declares too many components", {},
                    "the SDK's limits are max_components and max_coefficients in physics.hpp");
      }
      info.dimensions.push_back(dim);
      info.has_boundary_terms = Kernels<P, dim>::has_boundary;
      info.has_stabilisation = Kernels<P, dim>::has_stabilise;
      info.has_energy = Kernels<P, dim>::has_energy;
      info.has_boundary_energy = Kernels<P, dim>::has_boundary_energy;
      kernels_[dim - 1] = std::make_unique<Kernels<P, dim>>(*physics_, info);
    }
  }

  Declarations declarations_;
  std::optional<P> physics_;
  std::array<std::unique_ptr<PointKernels>, 3> kernels_;
};

}  // namespace ansatz::sdk::detail
