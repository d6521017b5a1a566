#include "engine/io/hdf5/file_checksum.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"
#include "engine/io/hdf5/disk.hpp"

namespace ansatz::io {
namespace {

constexpr const char* label = "\nansatz checksum ";
constexpr std::int64_t line_bytes = 17 + 16 + 1;

/// Of the first bytes of a file, in words of 8 bytes, the last one filled with zeros.
std::uint64_t sum_of(std::ifstream& file, std::int64_t bytes) {
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t sum = static_cast<std::uint64_t>(bytes);
  while (bytes > 0) {
    const auto part = std::min<std::int64_t>(bytes, static_cast<std::int64_t>(buffer.size()));
    if (!file.read(buffer.data(), part)) break;  // the caller sees the state of the file
    for (std::int64_t at = 0; at < part; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, buffer.data() + at, static_cast<std::size_t>(std::min<std::int64_t>(8, part - at)));
      sum = sdk::mixed((sum ^ word) + sdk::golden);
    }
    bytes -= part;
  }
  return sum;
}

std::string line_for(std::uint64_t sum) { return fmt::format("{}{:016x}\n", label, sum); }

}  // namespace

void append_checksum(const std::string& path) {
  const auto bytes = file_bytes(path);
  std::ifstream file(path, std::ios::binary);
  const auto line = line_for(sum_of(file, bytes));
  if (!file) fail_output("cannot read the file back", path, EIO);
  const Block block{bytes, std::as_bytes(std::span(line.data(), line.size()))};
  write_blocks(path, std::span(&block, 1));
}

void verify_checksum(const std::string& path) {
  const auto fail = [&](const std::string& what) {
    throw sdk::Error(sdk::ErrorKind::state, what, path, "it was cut off or altered: make it again, or take a copy");
  };
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail("cannot read the file");
  const auto bytes = static_cast<std::int64_t>(file.tellg()) - line_bytes;
  if (bytes < 0) fail("the file does not end with a checksum");
  file.seekg(0);
  const auto expected = line_for(sum_of(file, bytes));
  std::array<char, line_bytes> line{};
  if (!file.read(line.data(), line_bytes)) fail("cannot read the file");
  const std::string_view found(line.data(), line.size());
  if (!found.starts_with(label)) fail("the file does not end with a checksum");
  if (found != expected) fail("the file does not fit its checksum");
}

}  // namespace ansatz::io
