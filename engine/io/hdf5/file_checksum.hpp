#pragma once
/// Checksums at the end of files, so that a flipped bit in what they hold is an error and not another result.

#include <string>

namespace ansatz::io {

/// Appends a line with the checksum of all bytes before it. HDF5 ignores what comes after its end. Not collective.
/// \throws sdk::Error of kind output.
void append_checksum(const std::string& path);

/// Reads the whole file. Not collective. \throws sdk::Error of kind state where the line is missing, not the last one,
/// or does not fit.
void verify_checksum(const std::string& path);

}  // namespace ansatz::io
