#pragma once
/// Points of a strong form as batches of lanes. Private to strong_form.cpp.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "ansatz/sdk/strong_form.hpp"

namespace ansatz::sdk {

inline constexpr int block_points = 4;  ///< of a batch: derivatives of a block stay in the second cache
inline constexpr std::size_t block_size = std::size_t{block_points} * num_lanes;

/// Points in lanes: `count` of them from `first` on, the last one repeated in what is left of the lanes.
class StrongForm::Block {
 public:
  Block(const StrongForm& form, const PointSet& points, const At& at, std::span<const double> jets)
      : form_(form), points_(points), at_(at), jets_(jets), n_(points.size(form.dim_)) {
    const std::size_t num_slots = std::size_t(form.components_) * (1 + form.dim_), jet = form.width();
    num_data_ = n_ > 0 ? static_cast<int>(points.data.size() / n_) : 0;
    const std::size_t dim = form.dim_, components = form.components_, num_parameters = form.num_parameters_;
    const auto resize = [&](Input input, std::size_t width) { inputs_[input].resize(block_points * width); };
    resize(position, dim);
    resize(slots, form.sides() * num_slots);
    resize(rates, form.sides() * components);
    resize(hessians, components * dim * (dim + 1) / 2);
    resize(normal, dim);
    resize(data, num_data_);
    resize(data_gradients, num_data_ * dim);
    resize(times, 1);
    resize(parameters, num_parameters);
    value.resize(std::size_t(block_points) * form.rows());
    slope.resize(std::size_t(block_points) * form.rows() * jet);
    f.resize(block_points * num_slots);
    d.resize(block_points * num_slots * num_slots);
  }

  std::size_t first = 0, count = 0;
  std::vector<Lanes> value;   ///< (points, rows)
  std::vector<Lanes> slope;   ///< (points, rows, width)
  std::vector<Lanes> f, d;    ///< of a weak kernel
  std::vector<Lanes> steady;  ///< slopes without rates

  void load(std::size_t from) {
    first = from;
    count = std::min(block_size, n_ - from);
    const int dim = form_.dim_, components = form_.components_, jet = jet_size(dim, jet_all);
    const int num_hessian = dim * (dim + 1) / 2;
    for (std::size_t slot = 0; slot < std::size_t(num_points()) * num_lanes; ++slot) {
      const std::size_t i = index(slot), q = slot / num_lanes;
      const int lane = static_cast<int>(slot % num_lanes);
      copy(points_.positions, i, dim, inputs_[position], q, lane);
      copy(points_.normals, i, dim, inputs_[normal], q, lane);
      copy(points_.data, i, num_data_, inputs_[data], q, lane);
      copy(points_.data_gradients, i, num_data_ * dim, inputs_[data_gradients], q, lane);
      if (own_times()) copy(at_.times, i, 1, inputs_[times], q, lane);
      if (own_parameters()) copy(at_.parameters, i, form_.num_parameters_, inputs_[parameters], q, lane);
      for (int side = 0; side < form_.sides(); ++side) {
        for (int c = 0; c < components; ++c) {
          const double* u = &jets_[((i * form_.sides() + side) * components + c) * jet];
          const std::size_t at = std::size_t(side) * block_points * components + q * components + c;
          Lanes* s = &inputs_[slots][at * (1 + dim)];
          s[0].set(lane, u[0]);
          for (int j = 0; j < dim; ++j) s[1 + j].set(lane, u[jet_offset(dim, jet_all, jet_gradient) + j]);
          inputs_[rates][at].set(lane, u[jet_offset(dim, jet_all, jet_rate)]);
          for (int k = 0; side == 0 && k < num_hessian; ++k)
            inputs_[hessians][at * num_hessian + k].set(lane, u[jet_offset(dim, jet_all, jet_hessian) + k]);
        }
      }
    }
  }

  /// Numbers of the points of one batch point, from (n, width).
  void load_point(std::span<const double> from, int q, std::span<Lanes> to) const {
    for (int lane = 0; lane < num_lanes; ++lane) {
      const double* numbers = &from[index(std::size_t(q) * num_lanes + lane) * to.size()];
      for (std::size_t k = 0; k < to.size(); ++k) to[k].set(lane, numbers[k]);
    }
  }
  void store_point(std::span<const Lanes> from, int q, std::span<double> to) const {
    for (std::size_t lane = 0; lane < num_lanes && std::size_t(q) * num_lanes + lane < count; ++lane) {
      double* numbers = &to[(first + std::size_t(q) * num_lanes + lane) * from.size()];
      for (std::size_t k = 0; k < from.size(); ++k) numbers[k] = from[k][lane];
    }
  }
  /// The rows of all points.
  void store_rows(std::span<double> to) const {
    const std::size_t rows = form_.rows();
    for (int q = 0; q < num_points(); ++q) store_point(std::span(value).subspan(q * rows, rows), q, to);
  }

  int num_points() const { return static_cast<int>((count + num_lanes - 1) / num_lanes); }
  /// Of the point in a lane; `slot` counts lanes.
  std::size_t index(std::size_t slot) const { return first + std::min(slot, count - 1); }
  double time(std::size_t i) const { return at_.times[own_times() ? i : 0]; }
  std::span<const double> parameters_at(std::size_t i) const {
    return at_.parameters.subspan(own_parameters() ? i * form_.num_parameters_ : 0, form_.num_parameters_);
  }
  std::span<const double> position_of(std::size_t i) const {
    return std::span(points_.positions).subspan(i * form_.dim_, form_.dim_);
  }
  const Lanes* normals() const { return inputs_[normal].data(); }

  PointBatch batch(CoefficientTable table, int side = 0) const {
    PointBatch b;
    b.num_points = num_points();
    b.time = at_.times[0];
    b.times = own_times() ? inputs_[times].data() : nullptr;
    b.position = inputs_[position].data();
    const std::size_t at = std::size_t(side) * block_points * form_.components_;
    b.slots = inputs_[slots].data() + at * (1 + form_.dim_);
    b.rates = inputs_[rates].data() + at;
    b.hessians = inputs_[hessians].data();
    b.normal = points_.normals.empty() ? nullptr : inputs_[normal].data();
    b.data = inputs_[data].data();
    b.data_gradients = points_.data_gradients.empty() ? nullptr : inputs_[data_gradients].data();
    b.num_data = num_data_;
    b.coefficients = table;
    b.parameters = at_.parameters.first(form_.num_parameters_);
    b.parameters_at = own_parameters() ? inputs_[parameters].data() : nullptr;
    return b;
  }

 private:
  enum Input { position, slots, rates, hessians, normal, data, data_gradients, times, parameters, num_inputs };

  static void copy(std::span<const double> from, std::size_t i, int width, std::vector<Lanes>& to, std::size_t q,
                   int lane) {
    if (from.empty()) return;
    for (int k = 0; k < width; ++k) to[q * width + k].set(lane, from[i * width + k]);
  }
  bool own_times() const { return at_.times.size() > 1; }
  bool own_parameters() const { return at_.parameters.size() > std::size_t(form_.num_parameters_); }

  const StrongForm& form_;
  const PointSet& points_;
  const At& at_;
  std::span<const double> jets_;
  std::size_t n_;
  int num_data_ = 0;
  std::array<std::vector<Lanes>, num_inputs> inputs_;
};

}  // namespace ansatz::sdk
