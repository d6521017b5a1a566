#include "netcdf_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::vtk {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, "copy the file again or write it again");
}

/// Reads the header of a classic file (grammar: netCDF classic format specification, appendix of the user's guide).
class Header {
 public:
  explicit Header(const std::string& path) : path_(path), file_(path, std::ios::binary) {}

  /// Bytes that the file must have; -1 for netCDF-4.
  std::int64_t announced_length() {
    std::array<char, 4> magic{};
    file_.read(magic.data(), 4);
    if (!file_) fail("the file is truncated", path_);
    if (magic == std::array{'\x89', 'H', 'D', 'F'}) return -1;
    const int version = magic[3];
    if (magic[0] != 'C' || magic[1] != 'D' || magic[2] != 'F' || (version != 1 && version != 2 && version != 5)) {
      fail("this is not an Exodus (netCDF) file", path_);
    }
    wide_counts_ = version == 5;
    wide_offsets_ = version != 1;
    std::int64_t num_records = count();
    if (!wide_counts_ && num_records == 0xFFFFFFFF) num_records = 0;  // a file still being written says so
    read_dimensions();
    skip_attributes();
    return length_of_variables(num_records);
  }

 private:
  std::int64_t number(int bytes) {
    std::array<unsigned char, 8> data{};
    file_.read(reinterpret_cast<char*>(data.data()), bytes);
    if (!file_) fail("the file is truncated in its header", path_);
    std::int64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = (value << 8) | data[i];
    return value;
  }
  std::int64_t count() { return number(wide_counts_ ? 8 : 4); }
  void skip(std::int64_t bytes) { file_.seekg((bytes + 3) / 4 * 4, std::ios::cur); }
  void skip_name() { skip(count()); }
  /// Number of entries of a list, after its tag.
  std::int64_t list() {
    number(4);
    return count();
  }
  /// Bytes of one value of a netCDF type.
  int width(std::int64_t type) {
    constexpr std::array<int, 12> widths{0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
    if (type < 1 || type >= static_cast<std::int64_t>(widths.size())) fail("the header of the file is damaged", path_);
    return widths[type];
  }

  void read_dimensions() {
    for (std::int64_t n = list(); n > 0; --n) {
      skip_name();
      dimensions_.push_back(count());
    }
  }

  void skip_attributes() {
    for (std::int64_t n = list(); n > 0; --n) {
      skip_name();
      const int bytes = width(number(4));
      skip(count() * bytes);
    }
  }

  std::int64_t length_of_variables(std::int64_t num_records) {
    std::int64_t length = 0, first_record = -1, padded_size = 0, record_size = 0, num_record_variables = 0;
    for (std::int64_t n = list(); n > 0; --n) {
      skip_name();
      bool is_record = false;
      std::int64_t values = 1;
      for (std::int64_t d = count(); d > 0; --d) {
        const auto id = static_cast<std::size_t>(count());
        if (id >= dimensions_.size()) fail("the header of the file is damaged", path_);
        if (dimensions_[id] == 0) is_record = true;
        if (dimensions_[id] != 0) values *= dimensions_[id];
      }
      skip_attributes();
      const std::int64_t bytes = values * width(number(4));
      count();  // the stored size is unreliable for large variables
      const std::int64_t begin = number(wide_offsets_ ? 8 : 4);
      if (!is_record) length = std::max(length, begin + bytes);
      if (is_record && (first_record < 0 || begin < first_record)) first_record = begin;
      if (!is_record) continue;
      ++num_record_variables;
      record_size = bytes;
      padded_size += (bytes + 3) / 4 * 4;
    }
    // Records are padded to four bytes unless there is only one such variable.
    if (num_record_variables > 1) record_size = padded_size;
    if (num_record_variables > 0) length = std::max(length, first_record + num_records * record_size - 3);
    return length;
  }

  std::string path_;
  std::ifstream file_;
  bool wide_counts_ = false;
  bool wide_offsets_ = false;
  std::vector<std::int64_t> dimensions_;
};

}  // namespace

void require_whole_netcdf(const std::string& path) {
  const auto announced = Header(path).announced_length();
  if (static_cast<std::int64_t>(std::filesystem::file_size(path)) < announced) fail("the file is truncated", path);
}

}  // namespace ansatz::vtk
