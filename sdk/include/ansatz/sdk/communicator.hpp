#pragma once
/// An MPI communicator with an owner, typed collectives, and rank agreement.

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {

/// Shared handle of a private duplicate of an MPI communicator; copies share the duplicate, the last one frees it.
class Communicator {
 public:
  /// Duplicates `comm`. *Collective.*
  explicit Communicator(MPI_Comm comm);

  MPI_Comm get() const { return *handle_; }
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }

  /// *Collective* reductions over all ranks; every rank gets the result. Sums are evaluated in rank order
  /// on every rank, so that they are reproducible for a rank count.
  double sum(double value) const;
  std::int64_t sum(std::int64_t value) const;
  double max(double value) const;
  double min(double value) const;
  std::int64_t max(std::int64_t value) const;
  /// Element-wise sum in rank order. *Collective.*
  std::vector<double> sum(std::span<const double> values) const;
  /// Sum of `value` over the ranks below this one. *Collective.*
  std::int64_t exclusive_scan(std::int64_t value) const;
  /// One value of each rank, by rank. *Collective.*
  std::vector<std::int64_t> all_gather(std::int64_t value) const;
  /// Text of `root` on every rank. *Collective.*
  std::string broadcast(std::string text, int root = 0) const;
  void barrier() const;

  /// Bytes of `root` on every rank, in place. *Collective.* Shape: any, equal on all ranks.
  void broadcast(void* data, std::size_t bytes, int root = 0) const;

  /// Sends `send[r]` to rank r and returns what each rank sent here, by rank. *Collective.*
  template <class T>
  std::vector<std::vector<T>> exchange(const std::vector<std::vector<T>>& send) const;

  /// All ranks' values, concatenated in rank order. *Collective.* Only for data that is small on every rank.
  template <class T>
  std::vector<T> gather_all(std::span<const T> values) const;

 private:
  void exchange_bytes(const std::vector<std::span<const std::byte>>& send,
                      std::vector<std::vector<std::byte>>& receive) const;

  std::shared_ptr<const MPI_Comm> handle_;
  int rank_ = 0;
  int size_ = 1;
};

/// Runs `work` on every rank; if it throws on any, the error of the lowest failing rank is thrown on all. *Collective.*
///
/// `work` must not communicate in such a way that one rank's failure blocks another; put a collective part in an
/// agree() of its own. \throws Error of the lowest failing rank; other exceptions become ErrorKind::internal.
void agree(const Communicator& comm, const std::function<void()>& work);

/// The shared part of agree(): `failure` is this rank's error or nothing. *Collective.*
void agree_on(const Communicator& comm, const std::optional<Error>& failure);

/// The current exception as an Error. Call only inside a catch block. Not collective.
Error current_error();

template <class T>
std::vector<std::vector<T>> Communicator::exchange(const std::vector<std::vector<T>>& send) const {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<std::span<const std::byte>> bytes(send.size());
  for (std::size_t r = 0; r < send.size(); ++r) bytes[r] = std::as_bytes(std::span(send[r]));
  std::vector<std::vector<std::byte>> received;
  exchange_bytes(bytes, received);
  std::vector<std::vector<T>> out(received.size());
  for (std::size_t r = 0; r < received.size(); ++r) {
    const auto* first = reinterpret_cast<const T*>(received[r].data());
    out[r].assign(first, first + received[r].size() / sizeof(T));
  }
  return out;
}

template <class T>
std::vector<T> Communicator::gather_all(std::span<const T> values) const {
  std::vector<std::vector<T>> send(size_, std::vector<T>(values.begin(), values.end()));
  std::vector<T> out;
  for (const auto& part : exchange(send)) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace ansatz::sdk
