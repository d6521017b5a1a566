// Lists of steps that grow: readable at every moment, written in place.
#include "ansatz/sdk/growing_text.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "ansatz/sdk/error.hpp"

using ansatz::sdk::GrowingText;
using ansatz::sdk::GrowingTextFormat;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/ansatz-growing-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

const GrowingTextFormat json{"{\"steps\": [\n", ",\n", "\n]}", {}, {}};
const GrowingTextFormat xml{"<?xml version=\"1.0\"?>\n<List>\n", {}, "</List>\n", "<?room ", "?>"};

/// An entry is as long as its number says.
std::string entry(const GrowingTextFormat& format, int i, int length) {
  const auto text = std::string(length, static_cast<char>('a' + i % 26));
  return format.hide.empty() ? "{\"i\": " + std::to_string(i) + ", \"text\": \"" + text + "\"}"
                             : "  <Step i=\"" + std::to_string(i) + "\">" + text + "</Step>\n";
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Numbers of the entries, by parsers that throw where the file is not whole.
std::vector<int> numbers(const GrowingTextFormat& format, const std::string& path) {
  std::vector<int> out;
  if (format.hide.empty()) {
    const auto list = nlohmann::json::parse(content(path));
    for (const auto& step : list.at("steps")) out.push_back(step.at("i"));
    return out;
  }
  std::istringstream text(content(path));
  boost::property_tree::ptree root;
  boost::property_tree::read_xml(text, root);
  for (const auto& [tag, step] : root.get_child("List")) {
    if (tag == "Step") out.push_back(step.get<int>("<xmlattr>.i"));
  }
  return out;
}

bool counts_up(const std::vector<int>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i)) return false;
  }
  return true;
}

/// Which file stands at the path: a file that was renamed onto it is another one.
ino_t identity(const std::string& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_ino;
}

}  // namespace

TEST_CASE("A growing list is whole after each entry, whatever their lengths", "[io]") {
  const Folder folder;
  for (const auto& format : {json, xml}) {
    const auto path = folder.file("list");
    GrowingText list(path, format);
    for (int i = 0; i < 300; ++i) {
      list.append(entry(format, i, i % 50 == 49 ? 9000 : 13 * (i % 17)));
      const auto found = numbers(format, path);
      REQUIRE(static_cast<int>(found.size()) == i + 1);
      REQUIRE(counts_up(found));
    }
  }
}

TEST_CASE("A list of 12,000 steps is written anew a few times only", "[io]") {
  const Folder folder;
  for (const auto& format : {json, xml}) {
    const auto path = folder.file("list");
    GrowingText list(path, format);
    int renewals = 0;
    for (int i = 0; i < 12000; ++i) {
      const auto before = identity(path);
      list.append(entry(format, i, format.hide.empty() ? 30 : 1200));
      renewals += identity(path) != before ? 1 : 0;
    }
    CHECK(static_cast<int>(numbers(format, path).size()) == 12000);
    // A quarter more each time: 12000 * 1230 B = 16 kB * 1.25^31.
    CHECK(renewals <= 45);
  }
}

TEST_CASE("A growing list is readable whenever its writer is killed", "[io]") {
  const Folder folder;
  for (int k = 0; k < 20; ++k) {
    const auto& format = k % 2 == 0 ? json : xml;
    const auto path = folder.file("list" + std::to_string(k));
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        GrowingText list(path, format);
        for (int i = 0;; ++i) list.append(entry(format, i, 7 * (i % 100)));
      } catch (...) {
      }
      ::_exit(1);
    }
    while (!std::filesystem::exists(path)) ::usleep(100);
    ::usleep(2000 + 1117 * k);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::vector<int> found;
    REQUIRE_NOTHROW(found = numbers(format, path));
    CHECK(!found.empty());
    CHECK(counts_up(found));
  }
}

TEST_CASE("A list that another program has replaced is left alone, and an error", "[io]") {
  const Folder folder;
  for (const auto& format : {json, xml}) {
    const auto path = folder.file("list");
    GrowingText list(path, format), other(path, format);
    list.append(entry(format, 0, 1));
    other.append(entry(format, 7, 1));
    CHECK_THROWS_WITH(list.append(entry(format, 1, 1)), Catch::Contains("replaced by another program"));
    CHECK_THROWS_WITH(list.append(entry(format, 1, 9000)), Catch::Contains("replaced by another program"));
    CHECK(numbers(format, path) == std::vector{7});
  }
}

TEST_CASE("A list that cannot be written is an error that names the file", "[io]") {
  GrowingText list("/proc/none/list", json);
  CHECK_THROWS_AS(list.append("1"), ansatz::sdk::Error);
}
