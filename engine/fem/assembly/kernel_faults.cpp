#include "engine/fem/assembly/kernel_faults.hpp"

#include <fmt/format.h>

#include <cmath>
#include <new>

namespace ansatz::fem {
namespace {

using sdk::Error;
using sdk::ErrorKind;

const sdk::PhysicsInfo& info_of(const KernelCall& call) { return call.definition.physics->info(); }
const mesh::Mesh& mesh_of(const KernelCall& call) { return call.definition.dofs->mesh(); }

std::string place(const KernelCall& call, int point, int lane) {
  const auto& mesh = mesh_of(call);
  std::string text = call.integral;
  if (call.batch.local_facet >= 0) text += fmt::format(", region \"{}\"", mesh.region_names[call.batch.region]);
  text += fmt::format(", cell {}, position (", mesh.cell_ids[call.batch.cells[lane]]);
  for (int i = 0; i < mesh.dim; ++i) {
    text += fmt::format("{}{:.6g}", i > 0 ? ", " : "", call.points.position[point * mesh.dim + i][lane]);
  }
  return text + fmt::format("), time {:.6g}", call.points.time);
}

/// Name of the field that a slot belongs to.
std::string field_of_slot(const KernelCall& call, int slot) {
  const int component = slot / (1 + mesh_of(call).dim);
  const auto& dofs = *call.definition.dofs;
  int field = 0;
  while (component >= dofs.component_offset(field) + dofs.fields()[field].components) ++field;
  return dofs.fields()[field].name;
}

/// One point of one cell, in every lane.
class SinglePoint {
 public:
  SinglePoint(const KernelCall& call, int point, int lane) : batch_(call.points), point_(point), lane_(lane) {
    const int dim = mesh_of(call).dim, components = call.definition.dofs->num_components();
    batch_.num_points = 1;
    batch_.num_active = 1;
    take(batch_.position, dim);
    take(batch_.slots, components * (1 + dim));
    take(batch_.rates, components);
    take(batch_.hessians, components * dim * (dim + 1) / 2);
    take(batch_.normal, dim);
    take(batch_.cell_size, 1);
    take(batch_.data, batch_.num_data);
    take(batch_.data_gradients, batch_.num_data * dim);
  }
  const sdk::PointBatch& batch() const { return batch_; }

 private:
  void take(const Lanes*& values, int width) {
    if (values == nullptr) return;
    auto& copy = copies_.emplace_back();
    for (int k = 0; k < width; ++k) copy.emplace_back(values[point_ * width + k][lane_]);
    values = copy.data();
  }

  sdk::PointBatch batch_;
  int point_, lane_;
  std::vector<std::vector<Lanes>> copies_;
};

/// Place of the first point, cell by cell, at which the kernel throws by itself.
std::string place_of_throw(const KernelCall& call, const std::function<void(const sdk::PointBatch&)>& kernel) {
  for (int lane = 0; lane < call.points.num_active; ++lane) {
    for (int q = 0; q < call.points.num_points; ++q) {
      try {
        kernel(SinglePoint(call, q, lane).batch());
      } catch (...) {
        return place(call, q, lane);
      }
    }
  }
  return "near " + place(call, 0, 0);
}

/// ": the table ... its argument is 3", where a table that ends before is why the form is not finite at a point; or
/// nothing.
std::string table_of_fault(const KernelCall& call, int point, int lane) {
  const auto& kernels = call.definition.physics->kernels(mesh_of(call).dim);
  const SinglePoint at(call, point, lane);
  std::vector<Lanes> f(call.definition.dofs->num_components() * (1 + mesh_of(call).dim));
  sdk::detail::take_miss();
  try {
    if (call.batch.local_facet >= 0) {
      kernels.boundary_residual(at.batch(), f.data());
    } else {
      kernels.residual(at.batch(), sdk::Part::all, f.data());
    }
  } catch (...) {  // another fault than the one that is reported
  }
  return sdk::detail::why_miss();
}

}  // namespace

void throw_fault(const KernelCall& call, const sdk::CoefficientFault& fault) {
  const auto& info = info_of(call);
  int first = 0;
  for (const auto& coefficient : info.coefficients) {
    const int n = sdk::num_components(coefficient.shape, mesh_of(call).dim);
    if (fault.coefficient >= first + n) {
      first += n;
      continue;
    }
    throw Error(ErrorKind::not_finite,
                fmt::format("coefficient {} of {} has the value {} {}; admissible: {}{}", coefficient.name, info.name,
                            fault.value, coefficient.unit, coefficient.range.text(),
                            std::isnan(fault.value) ? table_of_fault(call, fault.point, fault.lane) : ""),
                place(call, fault.point, fault.lane),
                "its expression is \"" + call.points.coefficients[fault.coefficient].text() + "\"");
  }
  throw Error(ErrorKind::internal, "fault in an unknown coefficient");
}

void rethrow_named(const sdk::PhysicsInfo& physics, const std::function<std::string()>& place) {
  const auto name = "physics \"" + physics.name + "\"";
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const Error& error) {
    const auto& own = error.where();
    throw Error(error.kind(), error.what(), name + ", " + place() + (own.empty() ? "" : " (" + own + ")"),
                error.hint());
  } catch (const std::exception& error) {
    throw Error(ErrorKind::plugin, name + " failed: " + error.what(), place(),
                "the words after the colon are the plugin's own");
  } catch (...) {
    throw Error(ErrorKind::plugin, name + " failed with an exception that says nothing", place(),
                "a plugin's exceptions should be std::exception or sdk::Error");
  }
}

void rethrow_with_place(const KernelCall& call, const std::function<void(const sdk::PointBatch&)>& kernel) {
  rethrow_named(info_of(call), [&] { return place_of_throw(call, kernel); });
}

void require_finite(const KernelCall& call, const std::vector<Lanes>& values, int values_per_slot, const char* what) {
  const int slots = call.definition.dofs->num_components() * (1 + mesh_of(call).dim);
  const auto& points = call.points;
  for (int lane = 0; lane < points.num_active; ++lane) {
    for (int q = 0; q < points.num_points; ++q) {
      for (int s = 0; s < slots; ++s) {
        if (std::isfinite(points.slots[q * slots + s][lane])) continue;
        throw Error(ErrorKind::not_finite, "field " + field_of_slot(call, s) + " is not finite", place(call, q, lane),
                    "check the initial and the prescribed values");
      }
      for (int k = 0; k < slots * values_per_slot; ++k) {
        const double value = values[std::size_t(q) * slots * values_per_slot + k][lane];
        if (std::isfinite(value)) continue;
        throw Error(ErrorKind::not_finite,
                    fmt::format("physics \"{}\" gives {} {} in the equation of {}{}", info_of(call).name, what,
                                std::abs(value), field_of_slot(call, k / values_per_slot),
                                std::isnan(value) ? table_of_fault(call, q, lane) : ""),
                    place(call, q, lane),
                    "look there for a division by zero, a root or logarithm of what is not positive, or an overflow");
      }
    }
  }
}

}  // namespace ansatz::fem
