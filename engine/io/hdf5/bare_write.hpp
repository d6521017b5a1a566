#pragma once
/// The reference that the writers' speed is compared with.

#include <string>

#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// Writes `bytes_per_rank` bytes of each rank into one HDF5 dataset at `path` and closes the file: what MPI-IO and HDF5
/// alone take, one H5Dcreate and one H5Dwrite of contiguous blocks, with no fsync, as the writers do.
/// \param collective transfer mode of H5Dwrite \returns wall time [s], the slowest rank's. *Collective.*
/// \throws Error of kind output
double bare_write(const base::Communicator& comm, const std::string& path, std::int64_t bytes_per_rank,
                  bool collective = true);

}  // namespace ansatz::io
