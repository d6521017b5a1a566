#include <stdexcept>

#include "ansatz/sdk/physics.hpp"
#include "reader.hpp"

using namespace ansatz::sdk;

namespace {

/// Nothing is said of what its coefficients are, and a default is out of its range.
struct Vague {
  Coefficient conductivity{"conductivity", "", positive, "", -1.0};
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    r[temperature].flux = conductivity(p) * p[temperature].grad;
  }
};

/// Its derivatives are lost on the way.
struct Frozen {
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>& p, Weak<S, dim>& r) const {
    const auto u = p[temperature];
    S conductivity = u.value * u.value;
    if constexpr (!std::is_same_v<S, Trace>) conductivity = S(value(conductivity));
    r[temperature].flux = conductivity * u.grad;
  }
};

/// Throws what the engine does not know.
struct Throws {
  ScalarField temperature{"temperature", "K"};
  static constexpr std::array<int, 1> dimensions{1};

  template <class S, int dim>
  void operator()(const Point<S, dim>&, Weak<S, dim>&) const {
    throw std::runtime_error("no licence key");
  }
};

template <class P>
void add(Registrar& registrar, const char* name) {
  registrar.add_physics(name, "is wrong in one way",
                        [name] { return std::make_unique<detail::PhysicsOf<P>>(name, "1.0.0", "is wrong in one way"); });
}

/// A writer that claims a file which it never writes, and never complains.
class SilentWriter final : public VisualWriter {
 public:
  void set_mesh(const VisualMesh&) override {}
  void write_step(double, std::span<const VisualField>) override {}
  std::string path() const override { return "/nowhere/at/all"; }
};

void register_all(Registrar& registrar) {
  add<Vague>(registrar, "vague");
  add<Frozen>(registrar, "frozen");
  add<Throws>(registrar, "throws");
  registrar.add_mesh_reader("careless", "reads anything", [] { return std::make_unique<TriangleReader>(1.0, "tri"); });
  registrar.add_visual_writer("silent", "writes nothing",
                              [](MPI_Comm, const VisualTarget&) { return std::make_unique<SilentWriter>(); });
}

}  // namespace

ANSATZ_PLUGIN("nonconforming", "1.0.0", "Ada", "BSD-3-Clause", "fails the conformance suite in many ways", register_all)
