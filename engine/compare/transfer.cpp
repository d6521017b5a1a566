#include "engine/compare/transfer.hpp"

#include <algorithm>
#include <cmath>

#include "engine/base/communicator.hpp"

namespace ansatz::compare {

Reference::Reference(const sdk::Problem& problem) : space_(problem.make_discretisation()), fields_(space_->fields()) {
  const auto& comm = problem.comm();
  for (const auto& field : fields_) {
    nodes_.push_back(comm.gather_all(std::span<const double>(field.coordinates)));
    first_.push_back(comm.exclusive_scan(static_cast<std::int64_t>(field.first.size())));
  }
}

double Reference::relative_distance(std::span<const double> u, std::span<const double> v) const {
  double largest = 0.0;
  std::vector<double> part(u.size()), product(u.size());
  const auto norm = [&](const sdk::FieldNodes& field, const auto& value) {
    std::ranges::fill(part, 0.0);
    for (const auto first : field.first) {
      for (int c = 0; c < field.components; ++c) part[first + c] = value(static_cast<std::size_t>(first + c));
    }
    space_->mass(part, product);
    return std::sqrt(std::max(0.0, space_->dot(part, product)));
  };
  for (const auto& field : fields_) {
    const double size = norm(field, [&](std::size_t i) { return v[i]; });
    const double distance = norm(field, [&](std::size_t i) { return u[i] - v[i]; });
    if (distance > 0.0) largest = std::max(largest, size > 0.0 ? distance / size : distance);
  }
  return largest;
}

Transfer::Transfer(const sdk::Problem& from, const Reference& to)
    : from_(from), to_(to), space_(from.make_discretisation()), dim_(static_cast<std::size_t>(from.mesh().dim)) {
  std::size_t components = 0;
  for (const auto& field : to.fields()) components += static_cast<std::size_t>(field.components);
  stride_ = components * (1 + dim_);
  for (std::size_t f = 0; f < to.fields().size(); ++f) {
    auto& field = fields_.emplace_back();
    field.points = from.locate(to.nodes(f), field.numbers);
  }
}

std::vector<double> Transfer::operator()(std::span<const double> u) const {
  std::vector<double> out(static_cast<std::size_t>(to_.space().num_owned()));
  std::size_t slot = 0;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const auto& field = to_.fields()[f];
    const auto count = static_cast<std::size_t>(field.components);
    std::vector<double> values(fields_[f].numbers.size() * stride_), all(to_.nodes(f).size() / dim_ * count, 0.0);
    space_->evaluate(u, fields_[f].points, values);
    for (std::size_t i = 0; i < fields_[f].numbers.size(); ++i) {
      for (std::size_t c = 0; c < count; ++c)
        all[static_cast<std::size_t>(fields_[f].numbers[i]) * count + c] =
            values[i * stride_ + (slot + c) * (1 + dim_)];
    }
    all = from_.comm().sum(all);
    const auto first = static_cast<std::size_t>(to_.first_node(f));
    for (std::size_t n = 0; n < field.first.size(); ++n) {
      for (std::size_t c = 0; c < count; ++c)
        out[static_cast<std::size_t>(field.first[n]) + c] = all[(first + n) * count + c];
    }
    slot += count;
  }
  return out;
}

}  // namespace ansatz::compare
