#include "engine/reduced/interpolation/eim.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

void subtract(double factor, std::span<const double> q, std::span<double> v) {
  for (std::size_t i = 0; i < v.size(); ++i) v[i] -= factor * q[i];
}

}  // namespace

const char* text(EimStop stop) {
  switch (stop) {
    case EimStop::tolerance:
      return "tolerance";
    case EimStop::size:
      return "size";
    case EimStop::round_off:
      return "round-off";
  }
  return "";
}

Eim::Eim(base::Communicator comm, std::vector<std::int64_t> keys, Pairs pairs)
    : comm_(std::move(comm)), keys_(std::move(keys)), pairs_(pairs), basis_(keys_.size()) {
  // Each key is seen by one rank, whoever has it.
  std::vector<std::vector<std::int64_t>> send(comm_.size());
  for (const auto key : keys_) send[static_cast<std::uint64_t>(key) % comm_.size()].push_back(key);
  std::vector<std::int64_t> seen;
  for (const auto& part : comm_.exchange(send)) seen.insert(seen.end(), part.begin(), part.end());
  base::agree(comm_, [&] {
    std::ranges::sort(seen);
    if (std::ranges::adjacent_find(seen) != seen.end() || (pairs_ == Pairs::complex && keys_.size() % 2 != 0)) {
      throw Error(ErrorKind::internal, "the rows of an empirical interpolation have no unique numbers", "reduced::Eim",
                  "give each row a key of its own, and complex rows as all real parts, then all imaginary parts");
    }
  });
}

EimResult Eim::extend(Block snapshots, const EimOptions& options, int first_number) {
  check(snapshots, first_number);
  const int count = snapshots.num_columns();
  scale_ = std::max(scale_, largest(snapshots, count).value);
  if (pairs_ == Pairs::complex) append_turned(snapshots);
  Rows coefficients = reduce(snapshots, 2);
  EimResult result;
  result.scale = scale_;
  const double noise = options.round_off * std::numeric_limits<double>::epsilon() * scale_;
  while (true) {
    const LargestEntry best = largest(snapshots, count);
    result.remainders.push_back(best.value);
    if (options.tolerance > 0.0 && best.value <= options.tolerance * scale_) {
      result.stop = EimStop::tolerance;
      return result;
    }
    if (best.value <= noise) {
      result.stop = EimStop::round_off;
      return result;
    }
    if (terms() >= options.max_terms) {
      result.stop = EimStop::size;
      return result;
    }
    LargestEntry picked = worst(snapshots, count, best, options.pick);
    if (picked.value <= noise) picked = best;  // many small entries, none of which can be a pivot
    const auto& [value, column, point] = picked;
    take(snapshots, coefficients, column, point, first_number + column);
    if (pairs_ == Pairs::complex) {
      take(snapshots, coefficients, column + count, partner(point), first_number + column);
    }
  }
}

bool Eim::extend(std::span<const double> snapshot, int number) {
  Block one(snapshot.size());
  one.append(snapshot);
  const int before = size();
  extend(std::move(one), {.max_terms = terms() + 1}, number);
  return size() > before;
}

std::vector<Eim::Remainder> Eim::remainders(Block snapshots, Pick pick) const {
  check(snapshots, 0);
  reduce(snapshots, 2);
  std::vector<Remainder> out;
  double largest_entry = 0.0;
  for (int j = 0; j < snapshots.num_columns(); ++j) {
    const double value = largest_of(snapshots, j).value;
    out.push_back({value, value});
    largest_entry = std::max(largest_entry, value);
  }
  if (pick == Pick::largest || largest_entry == 0.0) return out;
  const auto in_norm = norms(snapshots, snapshots.num_columns(), largest_entry, pick);
  for (std::size_t j = 0; j < out.size(); ++j) out[j].norm = in_norm[j];
  return out;
}

std::vector<double> Eim::remainders(Block snapshots) const {
  std::vector<double> out;
  for (const auto& remainder : remainders(std::move(snapshots), Pick::largest)) out.push_back(remainder.largest);
  return out;
}

LargestEntry Eim::largest_of(const Block& columns, int column) const {
  Block one(keys_.size());
  one.append(columns.column(column));
  LargestEntry best = largest(one, 1);
  best.column = column;
  return best;
}

/// Of the first columns, over all ranks.
/// \param largest entry of all of them
std::vector<double> Eim::norms(const Block& columns, int count, double largest, Pick pick) const {
  const std::size_t rows = pairs_ == Pairs::none ? keys_.size() : keys_.size() / 2;
  const OrderlessSums sums(comm_.sum(static_cast<std::int64_t>(rows)));
  std::vector<std::int64_t> units(count, 0);
  for (int j = 0; j < count; ++j) {
    const auto v = columns.column(j);
    for (std::size_t i = 0; i < rows; ++i) {
      const double size = pairs_ == Pairs::none ? std::abs(v[i]) : std::hypot(v[i], v[rows + i]);
      const double share = std::min(size / largest, 1.0);
      units[j] += sums.units(pick == Pick::sum ? share : share * share);
    }
  }
  auto out = sums.total(comm_, units);
  for (double& norm : out) norm *= pick == Pick::sum ? largest : largest * largest;
  return out;
}

/// The largest entry of the column with the largest norm; of those that tie, the first.
/// \param largest entry of all
LargestEntry Eim::worst(const Block& columns, int count, const LargestEntry& largest, Pick pick) const {
  if (pick == Pick::largest) return largest;
  const auto of = norms(columns, count, largest.value, pick);
  const double threshold = (1.0 - tie_tolerance) * *std::ranges::max_element(of);
  const auto first = std::ranges::find_if(of, [=](double norm) { return norm >= threshold; });
  return largest_of(columns, static_cast<int>(first - of.begin()));
}

LargestEntry Eim::largest(const Block& columns, int count) const {
  if (pairs_ == Pairs::none) return largest_entry(comm_, keys_, columns.values(), count);
  const std::size_t half = keys_.size() / 2;
  std::vector<double> moduli(half * count);
  for (int j = 0; j < count; ++j) {
    const auto v = columns.column(j);
    for (std::size_t i = 0; i < half; ++i) moduli[j * half + i] = std::sqrt(v[i] * v[i] + v[half + i] * v[half + i]);
  }
  LargestEntry best = largest_entry(comm_, std::span(keys_).first(half), moduli, count);
  if (best.column < 0) return best;
  // The larger part becomes the pivot.
  const bool swap = comm_.rank() == best.point.rank && std::abs(columns.column(best.column)[half + best.point.index]) >
                                                           std::abs(columns.column(best.column)[best.point.index]);
  if (comm_.max(static_cast<std::int64_t>(swap)) > 0) best.point = partner(best.point);
  return best;
}

void Eim::check(const Block& snapshots, int first_number) const {
  base::agree(comm_, [&] {
    if (snapshots.num_rows() != keys_.size()) {
      throw Error(ErrorKind::internal, "a snapshot has another number of rows than the interpolation", "reduced::Eim",
                  "evaluate snapshots at the rows whose keys were given");
    }
    for (int j = 0; j < snapshots.num_columns(); ++j) {
      for (const double v : snapshots.column(j)) {
        if (std::isfinite(v)) continue;
        throw Error(ErrorKind::not_finite,
                    "snapshot " + std::to_string(first_number + j) + " of an empirical interpolation is not finite",
                    "reduced::Eim", "restrict the parameters to where the function is defined");
      }
    }
  });
}

void Eim::append_turned(Block& snapshots) const {
  const int count = snapshots.num_columns();
  const std::size_t half = keys_.size() / 2;
  std::vector<double> turned(keys_.size());
  for (int j = 0; j < count; ++j) {
    const auto v = snapshots.column(j);
    for (std::size_t i = 0; i < half; ++i) {
      turned[i] = -v[half + i];
      turned[half + i] = v[i];
    }
    snapshots.append(turned);
  }
}

MagicPoint Eim::partner(const MagicPoint& point) const {
  MagicPoint other = point;
  if (comm_.rank() == point.rank) {
    const std::size_t half = keys_.size() / 2;
    other.index = point.index < half ? point.index + half : point.index - half;
    other.key = keys_[other.index];
  }
  comm_.broadcast(&other, sizeof other, point.rank);
  return other;
}

Dense Eim::at_magic(const Block& columns) const { return entries_at(comm_, magic_, columns); }

Eim::Rows Eim::reduce(Block& columns, int passes) const {
  const int count = columns.num_columns();
  Rows coefficients(size(), std::vector<double>(count));
  for (int pass = 0; pass < passes && size() > 0; ++pass) {
    Dense values = at_magic(columns);
    for (int j = 0; j < count; ++j) {
      online_.interpolate(values.column(j), values.column(j));
      for (int k = 0; k < size(); ++k) {
        subtract(values(k, j), basis_.column(k), columns.column(j));
        coefficients[k][j] += values(k, j);
      }
    }
  }
  return coefficients;
}

void Eim::take(Block& remainders, Rows& coefficients, int column, const MagicPoint& point, int number) {
  const int n = size();
  const bool here = comm_.rank() == point.rank;
  // The elimination below was the first pass of the residual operator, this is the second.
  Block term(keys_.size());
  term.append(remainders.column(column));
  const Rows correction = reduce(term, 1);
  for (int k = 0; k < n; ++k) coefficients[k][column] += correction[k][0];

  // From the owner of the point: the pivot, q_k(x), and every column's remainder at x.
  const int count = remainders.num_columns();
  std::vector<double> at_point(1 + n + count);
  if (here) {
    at_point[0] = term.column(0)[point.index];
    for (int k = 0; k < n; ++k) at_point[1 + k] = basis_.column(k)[point.index];
    for (int j = 0; j < count; ++j) at_point[1 + n + j] = remainders.column(j)[point.index];
  }
  comm_.broadcast(at_point.data(), at_point.size() * sizeof(double), point.rank);
  const double pivot = at_point[0];
  for (double& v : term.column(0)) v /= pivot;

  const Dense above = at_magic(term);
  coefficients.emplace_back(at_point.begin() + 1 + n, at_point.end());
  coefficients.back()[column] = pivot;
  std::vector<double> snapshot;
  for (const auto& row : coefficients) snapshot.push_back(row[column]);
  online_.extend(std::span(at_point).subspan(1, n), above.values, snapshot);

  for (int j = 0; j < count; ++j) subtract(coefficients.back()[j], term.column(0), remainders.column(j));
  std::ranges::fill(remainders.column(column), 0.0);
  basis_.append(term.column(0));
  magic_.push_back(point);
  picks_.push_back(number);
}

Block tabulate(std::size_t num_rows, int num_parameters,
               const std::function<void(int j, std::span<double> values)>& evaluate) {
  Block out(num_rows);
  std::vector<double> values(num_rows);
  for (int j = 0; j < num_parameters; ++j) {
    std::ranges::fill(values, 0.0);
    evaluate(j, values);
    out.append(values);
  }
  return out;
}

}  // namespace ansatz::reduced
