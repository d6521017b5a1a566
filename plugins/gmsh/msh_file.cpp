#include "msh_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string_view>

#include "ansatz/sdk/error.hpp"

namespace ansatz::gmsh {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

[[noreturn]] void fail_truncated(const std::string& what, const std::string& path) {
  fail(fmt::format("the mesh file is truncated: {}", what), path, "copy it again or let Gmsh write it again");
}

/// Position after the line `$name` at the beginning of a line; npos where there is none.
std::size_t after_line(std::string_view file, const std::string& name) {
  for (auto at = file.find(name); at != file.npos; at = file.find(name, at + 1)) {
    const auto end = file.find_first_not_of(" \t\r", at + name.size());
    if ((at == 0 || file[at - 1] == '\n') && end != file.npos && file[end] == '\n') return end + 1;
  }
  return file.npos;
}

/// The text between the lines `$name` and `$Endname`.
std::string_view section(std::string_view file, const std::string& name, const std::string& path) {
  const auto first = after_line(file, "$" + name);
  if (first == file.npos) fail_truncated(fmt::format("it has no section ${}", name), path);
  const auto last = file.rfind("$End" + name);
  if (last == file.npos || last < first)
    fail_truncated(fmt::format("section ${} does not end with $End{}", name, name), path);
  return file.substr(first, last - first);
}

/// The numbers of a section, one after the other.
class Numbers {
 public:
  Numbers(std::string_view text, bool binary, std::string name, const std::string& path)
      : text_(text), binary_(binary), name_(std::move(name)), path_(path) {}

  /// \param bytes of a binary one
  std::int64_t integer(int bytes) {
    if (!binary_) return word<std::int64_t>();
    const auto* data = take(bytes);
    if (bytes == 8) return from<std::int64_t>(data);
    return from<std::int32_t>(data);
  }
  void integers(std::int64_t count, int bytes) { skip<std::int64_t>(count, bytes); }
  void reals(std::int64_t count) { skip<double>(count, 8); }
  /// A number that is text in binary files too, up to the end of its line.
  std::int64_t line() {
    const auto value = word<std::int64_t>();
    if (binary_ && !text_.empty()) text_.remove_prefix(std::min(text_.find('\n'), text_.size() - 1) + 1);
    return value;
  }
  /// \throws Error where `count` differs from what was announced, or something is left.
  void finish(std::int64_t announced, std::int64_t count) const {
    const bool rest = text_.find_first_not_of(" \t\r\n") != text_.npos;
    if (announced == count && !rest) return;
    fail(
        fmt::format("section ${} announces {} entries, and has {}{}", name_, announced, count, rest ? " and more" : ""),
        path_, "the file is damaged: copy it again or let Gmsh write it again");
  }
  [[noreturn]] void fail_short() const {
    fail_truncated(fmt::format("section ${} has less than it announces", name_), path_);
  }

 private:
  template <class T>
  T word() {
    const auto first = text_.find_first_not_of(" \t\r\n");
    if (first == text_.npos) fail_short();
    text_.remove_prefix(first + (text_[first] == '+'));
    T value{};
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    const auto length = static_cast<std::size_t>(end - text_.data());
    if (error == std::errc::invalid_argument || (length < text_.size() && !std::strchr(" \t\r\n", text_[length]))) {
      fail(fmt::format("section ${} has \"{}\" for a number", name_,
                       text_.substr(0, std::min<std::size_t>(text_.find_first_of(" \t\r\n"), 40))),
           path_, "the file is damaged: copy it again or let Gmsh write it again");
    }
    text_.remove_prefix(length);
    return value;
  }

  template <class T>
  void skip(std::int64_t count, int bytes) {
    if (count < 0) fail_short();
    if (!binary_) {
      for (; count > 0; --count) word<T>();
    } else if (count > static_cast<std::int64_t>(text_.size()) / bytes) {
      fail_short();
    } else {
      take(count * bytes);
    }
  }

  const char* take(std::int64_t bytes) {
    if (bytes > static_cast<std::int64_t>(text_.size())) fail_short();
    const char* data = text_.data();
    text_.remove_prefix(static_cast<std::size_t>(bytes));
    return data;
  }

  template <class T>
  static T from(const char* data) {
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
  }

  std::string_view text_;
  bool binary_;
  std::string name_;
  const std::string& path_;
};

/// Goes through the sections of one file.
class Walk {
 public:
  Walk(std::string_view file, double version, bool binary, const std::function<int(int)>& num_nodes,
       const std::string& path)
      : file_(file), binary_(binary), old_(version < 4.1), num_nodes_(num_nodes), path_(path) {
    msh_.version = version;
  }

  MshFile run() {
    auto nodes = numbers("Nodes"), elements = numbers("Elements");
    if (msh_.version < 3.0) {
      nodes_2(nodes);
      elements_2(elements);
      std::ranges::sort(msh_.groups);
    } else {
      nodes_4(nodes);
      elements_4(elements);
    }
    return std::move(msh_);
  }

 private:
  Numbers numbers(const std::string& name) const { return {section(file_, name, path_), binary_, name, path_}; }

  int nodes_of(std::int64_t type) {
    const auto [at, is_new] = widths_.try_emplace(type, 0);
    if (is_new) at->second = type > 0 && type < 1000 ? num_nodes_(static_cast<int>(type)) : 0;
    if (at->second > 0) return at->second;
    fail(fmt::format("elements of Gmsh's type {} are not supported", type), path_, "save the mesh without them");
  }

  void nodes_2(Numbers& in) {
    const auto count = in.line();
    for (std::int64_t i = 0; i < count; ++i) {
      in.integer(4);
      in.reals(3);
    }
    in.finish(count, count);
  }

  void elements_2(Numbers& in) {
    const auto count = in.line();
    std::int64_t read = 0;
    while (read < count) {
      std::int64_t number = binary_ ? 0 : in.integer(4);
      const auto type = in.integer(4), follow = binary_ ? in.integer(4) : 1, num_tags = in.integer(4);
      if (follow < 1) in.fail_short();
      const int width = nodes_of(type);
      for (std::int64_t i = 0; i < follow; ++i) {
        if (binary_) number = in.integer(4);
        if (num_tags > 0) {
          if (const auto group = std::abs(in.integer(4)); group != 0)
            msh_.groups.emplace_back(number, static_cast<int>(group));
          in.integers(num_tags - 1, 4);
        }
        in.integers(width, 4);
      }
      read += follow;
    }
    in.finish(count, read);
  }

  /// Number of blocks and of entries.
  std::array<std::int64_t, 2> head_4(Numbers& in) const {
    const auto blocks = in.integer(8), total = in.integer(8);
    if (!old_) in.integers(2, 8);
    return {blocks, total};
  }

  void nodes_4(Numbers& in) {
    const auto [blocks, total] = head_4(in);
    std::int64_t read = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
      auto dimension = in.integer(4), tag = in.integer(4);
      if (old_) std::swap(dimension, tag);
      const bool has_parameters = in.integer(4) != 0;
      const auto count = in.integer(8), width = 3 + (has_parameters ? dimension : 0);
      if (!old_) in.integers(count, 8);
      for (std::int64_t i = 0; i < count; ++i) {
        if (old_) in.integer(4);
        in.reals(width);
      }
      read += count;
    }
    in.finish(total, read);
  }

  void elements_4(Numbers& in) {
    const auto [blocks, total] = head_4(in);
    std::int64_t read = 0;
    for (std::int64_t b = 0; b < blocks; ++b) {
      in.integers(2, 4);
      const auto type = in.integer(4), count = in.integer(8);
      const int width = 1 + nodes_of(type);
      for (std::int64_t i = 0; i < count; ++i) in.integers(width, old_ ? 4 : 8);
      read += count;
    }
    in.finish(total, read);
  }

  std::string_view file_;
  bool binary_, old_;  ///< old: version 4.0
  const std::function<int(int)>& num_nodes_;
  const std::string& path_;
  MshFile msh_;
  std::map<std::int64_t, int> widths_;  ///< nodes by type
};

}  // namespace

MshFile inspect_msh(const std::string& path, const std::function<int(int)>& num_nodes) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  if (file.find_first_not_of(" \t\r\n") != file.find('$') ||
      (file.find("$MeshFormat") == file.npos && !file.starts_with("$Mesh"))) {
    fail("this is not a Gmsh mesh: it has no $MeshFormat", path,
         "files of Gmsh 1 and other formats must be converted, for example with gmsh -format msh41");
  }
  std::istringstream format{std::string(section(file, "MeshFormat", path).substr(0, 64))};
  double version = 0.0;
  int binary = 0, data_size = 0;
  format >> version >> binary >> data_size;
  if (!format || !((version >= 2.0 && version < 3.0) || (version >= 4.0 && version < 5.0))) {
    fail(fmt::format("MSH version {} is not supported", version), path, "save as version 2.2 or 4.1 in Gmsh");
  }
  if (binary != 0) {
    format.get();
    std::int32_t one = 0;
    format.read(reinterpret_cast<char*>(&one), sizeof(one));
    if (one != 1) fail("the binary mesh was written with another byte order", path, "save it as ASCII in Gmsh");
  }
  return Walk(file, version, binary != 0, num_nodes, path).run();
}

}  // namespace ansatz::gmsh
