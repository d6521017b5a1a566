#include "ansatz/sdk/communicator.hpp"

#include <climits>
#include <cstring>
#include <numeric>

namespace ansatz::sdk {

Communicator::Communicator(MPI_Comm comm) {
  MPI_Comm duplicate = MPI_COMM_NULL;
  MPI_Comm_dup(comm, &duplicate);
  handle_ = std::shared_ptr<const MPI_Comm>(new MPI_Comm(duplicate), [](const MPI_Comm* owned) {
    int finalized = 0;
    MPI_Finalized(&finalized);
    MPI_Comm handle = *owned;
    if (!finalized) MPI_Comm_free(&handle);
    delete owned;
  });
  MPI_Comm_rank(duplicate, &rank_);
  MPI_Comm_size(duplicate, &size_);
}

std::vector<double> Communicator::sum(std::span<const double> values) const {
  std::vector<double> total(values.begin(), values.end());
  if (size_ == 1) return total;
  std::vector<double> all(values.size() * size_);
  if (values.size() > INT_MAX) throw Error(ErrorKind::internal, "more than 2^31 - 1 numbers to be summed over ranks");
  const int count = static_cast<int>(values.size());
  MPI_Allgather(values.data(), count, MPI_DOUBLE, all.data(), count, MPI_DOUBLE, get());
  for (std::size_t i = 0; i < values.size(); ++i) {
    total[i] = 0.0;
    for (int r = 0; r < size_; ++r) total[i] += all[r * values.size() + i];
  }
  return total;
}

double Communicator::sum(double value) const { return sum(std::span<const double>(&value, 1))[0]; }

std::int64_t Communicator::sum(std::int64_t value) const {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, MPI_SUM, get());
  return value;
}

double Communicator::max(double value) const {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, get());
  return value;
}

double Communicator::min(double value) const {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MIN, get());
  return value;
}

std::int64_t Communicator::max(std::int64_t value) const {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, MPI_MAX, get());
  return value;
}

std::int64_t Communicator::exclusive_scan(std::int64_t value) const {
  std::int64_t below = 0;
  MPI_Exscan(&value, &below, 1, MPI_INT64_T, MPI_SUM, get());
  return rank_ == 0 ? 0 : below;
}

std::vector<std::int64_t> Communicator::all_gather(std::int64_t value) const {
  std::vector<std::int64_t> all(size_);
  MPI_Allgather(&value, 1, MPI_INT64_T, all.data(), 1, MPI_INT64_T, get());
  return all;
}

std::string Communicator::broadcast(std::string text, int root) const {
  std::int64_t length = static_cast<std::int64_t>(text.size());
  MPI_Bcast(&length, 1, MPI_INT64_T, root, get());
  text.resize(length);
  broadcast(text.data(), text.size(), root);
  return text;
}

void Communicator::broadcast(void* data, std::size_t bytes, int root) const {
  auto* next = static_cast<std::byte*>(data);
  while (bytes > 0) {
    const int part = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
    MPI_Bcast(next, part, MPI_BYTE, root, get());
    next += part;
    bytes -= part;
  }
}

void Communicator::barrier() const { MPI_Barrier(get()); }

void Communicator::exchange_bytes(const std::vector<std::span<const std::byte>>& send,
                                  std::vector<std::vector<std::byte>>& receive) const {
  std::vector<std::int64_t> send_sizes(size_), receive_sizes(size_);
  for (int r = 0; r < size_; ++r) send_sizes[r] = static_cast<std::int64_t>(send[r].size());
  MPI_Alltoall(send_sizes.data(), 1, MPI_INT64_T, receive_sizes.data(), 1, MPI_INT64_T, get());
  receive.resize(size_);
  constexpr std::int64_t block = std::int64_t{1} << 30;
  constexpr int tag = 71;
  std::vector<MPI_Request> requests;
  for (int r = 0; r < size_; ++r) {
    receive[r].resize(receive_sizes[r]);
    if (r == rank_) {
      if (!send[r].empty()) std::memcpy(receive[r].data(), send[r].data(), send[r].size());
      continue;
    }
    for (std::int64_t at = 0; at < receive_sizes[r]; at += block) {
      requests.emplace_back();
      MPI_Irecv(receive[r].data() + at, static_cast<int>(std::min(block, receive_sizes[r] - at)), MPI_BYTE, r, tag,
                get(), &requests.back());
    }
  }
  for (int r = 0; r < size_; ++r) {
    if (r == rank_) continue;
    for (std::int64_t at = 0; at < send_sizes[r]; at += block) {
      requests.emplace_back();
      MPI_Isend(send[r].data() + at, static_cast<int>(std::min(block, send_sizes[r] - at)), MPI_BYTE, r, tag, get(),
                &requests.back());
    }
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
}

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::internal, "out of memory", {}, "use a coarser mesh or more ranks on more machines");
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what());
  } catch (...) {
    return Error(ErrorKind::internal, "unknown exception");
  }
}

void agree_on(const Communicator& comm, const std::optional<Error>& failure) {
  int lowest = failure ? comm.rank() : comm.size();
  MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, comm.get());
  if (lowest == comm.size()) return;
  int kind = failure ? static_cast<int>(failure->kind()) : 0;
  comm.broadcast(&kind, sizeof kind, lowest);
  const auto what = comm.broadcast(failure ? failure->what() : std::string(), lowest);
  const auto where = comm.broadcast(failure ? failure->where() : std::string(), lowest);
  const auto hint = comm.broadcast(failure ? failure->hint() : std::string(), lowest);
  throw Error(static_cast<ErrorKind>(kind), what, where, hint);
}

void agree(const Communicator& comm, const std::function<void()>& work) {
  std::optional<Error> failure;
  try {
    work();
  } catch (...) {
    failure = current_error();
  }
  agree_on(comm, failure);
}

}  // namespace ansatz::sdk
