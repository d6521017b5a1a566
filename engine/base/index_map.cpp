#include "engine/base/index_map.hpp"

#include <algorithm>
#include <type_traits>

#include "engine/base/narrow.hpp"

namespace ansatz::base {

GhostExchange::GhostExchange(const Communicator& comm, std::span<const std::int32_t> ghost_owner,
                             std::span<const std::int32_t> ghost_remote)
    : comm_(comm), send_offsets_{0}, receive_offsets_{0} {
  std::vector<std::vector<std::int32_t>> remote(comm.size()), local(comm.size());
  for (std::size_t i = 0; i < ghost_owner.size(); ++i) {
    remote[ghost_owner[i]].push_back(ghost_remote[i]);
    local[ghost_owner[i]].push_back(static_cast<std::int32_t>(i));
  }
  const auto wanted = comm.exchange(remote);
  const auto append = [](int rank, const std::vector<std::int32_t>& part, std::vector<int>& ranks,
                         std::vector<std::int32_t>& offsets, std::vector<std::int32_t>& numbers) {
    if (part.empty()) return;
    ranks.push_back(rank);
    numbers.insert(numbers.end(), part.begin(), part.end());
    offsets.push_back(narrow<std::int32_t>(numbers.size(), "values of nodes to be exchanged by one rank"));
  };
  agree(comm, [&] {
    for (int r = 0; r < comm.size(); ++r) {
      append(r, wanted[r], send_ranks_, send_offsets_, send_numbers_);
      append(r, local[r], receive_ranks_, receive_offsets_, receive_numbers_);
    }
  });
}

void GhostExchange::forward(std::span<const double> owned, std::span<double> ghosts, int block) const {
  forward_any(owned, ghosts, block);
}

void GhostExchange::forward(std::span<const std::int64_t> owned, std::span<std::int64_t> ghosts, int block) const {
  forward_any(owned, ghosts, block);
}

template <class T>
void GhostExchange::forward_any(std::span<const T> owned, std::span<T> ghosts, int block) const {
  constexpr int tag = 72;
  const MPI_Datatype type = std::is_same_v<T, double> ? MPI_DOUBLE : MPI_INT64_T;
  const std::size_t width = block;
  const auto message = [&](std::int32_t numbers) {
    return narrow<int>(std::int64_t{numbers} * block, "numbers in one message");
  };
  for (const auto* offsets : {&send_offsets_, &receive_offsets_}) {  // before anything is on its way
    for (std::size_t i = 0; i + 1 < offsets->size(); ++i) message((*offsets)[i + 1] - (*offsets)[i]);
  }
  std::vector<T> send(send_numbers_.size() * width), receive(receive_numbers_.size() * width);
  std::vector<MPI_Request> requests(send_ranks_.size() + receive_ranks_.size());
  auto* request = requests.data();
  for (std::size_t i = 0; i < receive_ranks_.size(); ++i) {
    const int count = message(receive_offsets_[i + 1] - receive_offsets_[i]);
    MPI_Irecv(receive.data() + receive_offsets_[i] * width, count, type, receive_ranks_[i], tag, comm_.get(),
              request++);
  }
  for (std::size_t i = 0; i < send_numbers_.size(); ++i) {
    std::copy_n(owned.data() + send_numbers_[i] * width, width, send.data() + i * width);
  }
  for (std::size_t i = 0; i < send_ranks_.size(); ++i) {
    const int count = message(send_offsets_[i + 1] - send_offsets_[i]);
    MPI_Isend(send.data() + send_offsets_[i] * width, count, type, send_ranks_[i], tag, comm_.get(), request++);
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  for (std::size_t i = 0; i < receive_numbers_.size(); ++i) {
    std::copy_n(receive.data() + i * width, width, ghosts.data() + receive_numbers_[i] * width);
  }
}

}  // namespace ansatz::base
