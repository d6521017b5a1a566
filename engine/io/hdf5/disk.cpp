#include "engine/io/hdf5/disk.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "ansatz/sdk/error.hpp"

namespace ansatz::io {
namespace {

/// Owner of a POSIX file descriptor.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : path_(path), id_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (id_ < 0) fail_output("cannot open the file for writing", path_, errno);
  }
  ~Descriptor() {
    if (id_ >= 0) ::close(id_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return id_; }
  /// Closes and reports what network file systems report only then.
  void close() {
    if (::close(std::exchange(id_, -1)) != 0 && errno != EINTR) fail_output("cannot write the file", path_, errno);
  }

 private:
  std::string path_;
  int id_;
};

const char* hint_for(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "free some space, or write to another disk";
    case EFBIG:
      return "the limit of the file size is reached: see \"ulimit -f\"";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a folder in which you may write";
    case ENOTDIR:
    case EEXIST:
      return "a file stands where a folder is needed: remove it, or choose another folder";
    default:
      return "check the folder and its file system";
  }
}

}  // namespace

void fail_output(const std::string& what, const std::string& path, int error_number) {
  throw sdk::Error(sdk::ErrorKind::output, what + ": " + std::strerror(error_number), path, hint_for(error_number));
}

void make_folder(const std::string& folder) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_output("cannot create the folder", folder, error.value());
  if (!std::filesystem::is_directory(folder, error)) fail_output("cannot create the folder", folder, ENOTDIR);
}

void reserve_space(const std::string& path, std::int64_t offset, std::int64_t bytes) {
  rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && static_cast<rlim_t>(offset + bytes) > limit.rlim_cur) {
    fail_output("cannot write the file", path, EFBIG);
  }
  Descriptor file(path, O_WRONLY | O_CREAT);
  struct statfs system;
  if (::fstatfs(file.get(), &system) == 0 && system.f_type == TMPFS_MAGIC) {
    // Reserving in memory would write every page twice; the free space is exact there.
    const auto free = static_cast<std::int64_t>(system.f_bavail) * static_cast<std::int64_t>(system.f_bsize);
    if (free < bytes) fail_output("cannot write the file", path, ENOSPC);
    return;
  }
  while (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, offset, std::max<std::int64_t>(bytes, 1)) != 0) {
    if (errno == EINTR) continue;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) fail_output("cannot write the file", path, errno);
    break;
  }
  file.close();
}

void release_space(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && ::truncate(path.c_str(), status.st_size) != 0) {
    fail_output("cannot write the file", path, errno);
  }
}

std::int64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) fail_output("cannot find the file", path, error.value());
  return static_cast<std::int64_t>(bytes);
}

void write_blocks(const std::string& path, std::span<const Block> blocks) {
  constexpr std::size_t largest = std::size_t{1} << 30;
  Descriptor file(path, O_WRONLY);
  for (const Block& block : blocks) {
    std::size_t done = 0;
    while (done < block.bytes.size()) {
      const auto written = ::pwrite(file.get(), block.bytes.data() + done, std::min(block.bytes.size() - done, largest),
                                    block.offset + static_cast<std::int64_t>(done));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail_output("cannot write the file", path, written == 0 ? ENOSPC : errno);
      done += static_cast<std::size_t>(written);
    }
  }
  file.close();
}

void publish(const std::string& temporary, const std::string& final_name) {
  if (std::rename(temporary.c_str(), final_name.c_str()) != 0) {
    fail_output("cannot put the finished file in place", final_name, errno);
  }
}

void flush_to_disk(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  while (::fsync(file.get()) != 0) {
    if (errno == EINTR) continue;
    if (errno == EINVAL || errno == ENOSYS) return;  // the file system knows no such thing
    fail_output("cannot bring the file to the disk", path, errno);
  }
}

std::string temporary_of(const std::string& path) {
  std::array<char, 65> host{};  // longer names are cut
  if (::gethostname(host.data(), host.size() - 1) != 0) host = {};
  return path + "." + host.data() + "." + std::to_string(::getpid()) + ".tmp";
}

void write_text_file(const std::string& path, const std::string& text) {
  const std::string temporary = temporary_of(path);
  Descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC).close();
  const Block block{0, std::as_bytes(std::span(text))};
  write_blocks(temporary, {&block, 1});
  publish(temporary, path);
}

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    throw sdk::Error(sdk::ErrorKind::state, "the file does not exist or cannot be read", path, "check the path");
  }
  return text.str();
}

}  // namespace ansatz::io
