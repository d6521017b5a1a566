#include "ansatz/sdk/growing_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {
namespace {

constexpr std::int64_t page = 4096;         // a write inside of one is not seen in parts
constexpr std::int64_t least_room = 16384;  // that can be hidden
constexpr std::int64_t share_of_room = 4;

/// An open file.
class File {
 public:
  File(const std::string& path, int flags) : path_(path), id_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (id_ < 0) fail(errno);
  }
  ~File() {
    if (id_ >= 0) ::close(id_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view text, std::int64_t at) const {
    for (std::size_t done = 0; done < text.size();) {
      const auto written = ::pwrite(id_, text.data() + done, text.size() - done, at + static_cast<std::int64_t>(done));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(written == 0 ? ENOSPC : errno);
      done += static_cast<std::size_t>(written);
    }
  }
  void read(std::string& text) const {
    for (std::size_t done = 0; done < text.size();) {
      const auto got = ::pread(id_, text.data() + done, text.size() - done, static_cast<std::int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail(got == 0 ? EIO : errno);
      done += static_cast<std::size_t>(got);
    }
  }
  /// Of the file, whatever its name.
  FileIdentity identity() const {
    struct stat status {};
    if (::fstat(id_, &status) != 0) fail(errno);
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
  }
  void require(const FileIdentity& expected) const {
    if (identity() == expected) return;
    throw Error(ErrorKind::output, "the list of steps was replaced by another program", path_,
                "does another run write into this folder? Give each a folder of its own, with --out");
  }
  void close() {
    if (::close(std::exchange(id_, -1)) != 0 && errno != EINTR) fail(errno);
  }

 private:
  [[noreturn]] void fail(int number) const {
    throw Error(ErrorKind::output, std::string("the list of steps cannot be written: ") + std::strerror(number), path_,
                "is the folder writable, and is there space on the disk?");
  }

  std::string path_;
  int id_;
};

std::string blanks(std::int64_t count) { return std::string(static_cast<std::size_t>(count), ' '); }

bool is_in_one_page(std::int64_t first, std::int64_t size) { return first / page == (first + size - 1) / page; }

std::int64_t next_page(std::int64_t at) { return (at + page - 1) / page * page; }

}  // namespace

/// The first place from there on at which the tail, and what hides the room, lie inside of one page.
std::int64_t GrowingText::place_of_tail(std::int64_t from) const {
  const auto size = static_cast<std::int64_t>(format_.tail.size() + format_.hide.size());
  return format_.hide.empty() || is_in_one_page(from, size) ? from : next_page(from);
}

void GrowingText::append(std::string_view entry) {
  const auto text = (tail_ == 0 ? std::string() : format_.separator) + std::string(entry);
  if (tail_ == 0 || !append_in_place(text)) write_anew(text);
}

bool GrowingText::append_in_place(std::string_view text) {
  const auto length = static_cast<std::int64_t>(text.size());
  if (format_.hide.empty()) {
    const auto at = is_in_one_page(tail_, length) ? tail_ : next_page(tail_);
    if (length > page || at + length > room_) return false;
    File file(path_, O_WRONLY);
    file.require(identity_);
    file.write(text, at);
    file.close();
    tail_ = at + length;
    return true;
  }
  const auto end = format_.tail + format_.hide;
  const auto size = static_cast<std::int64_t>(end.size());
  const auto from = tail_ + size, next = place_of_tail(from + length);
  if (next + size > room_) return false;
  File file(path_, O_WRONLY);
  file.require(identity_);
  file.write(std::string(text) + blanks(next - from - length) + end, from);
  file.write(blanks(size), tail_);
  file.close();
  tail_ = next;
  return true;
}

void GrowingText::write_anew(std::string_view text) {
  std::string all = format_.head;
  if (tail_ > 0) {
    all.resize(static_cast<std::size_t>(tail_));
    const File before(path_, O_RDONLY);
    before.require(identity_);
    before.read(all);
  }
  all += text;
  const auto length = static_cast<std::int64_t>(all.size()), more = std::max(least_room, length / share_of_room);
  const auto tail = place_of_tail(length);
  auto room = length + more;
  if (format_.hide.empty()) {
    all += blanks(more) + format_.tail + "\n";
  } else {
    all += blanks(tail - length) + format_.tail + format_.hide;
    room = static_cast<std::int64_t>(all.size()) + more;
    all += blanks(more) + format_.show + "\n";
  }
  const std::string temporary = path_ + ".tmp";
  File file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  file.write(all, 0);
  identity_ = file.identity();
  file.close();
  if (std::rename(temporary.c_str(), path_.c_str()) != 0) {
    throw Error(ErrorKind::output, std::string("the list of steps cannot be put in place: ") + std::strerror(errno),
                path_, "is the folder writable?");
  }
  tail_ = tail;
  room_ = room;
}

}  // namespace ansatz::sdk
