#include <catch2/catch.hpp>
#include <fstream>

#include "engine/io/fields/field_reader.hpp"
#include "engine/io/hdf5/file_checksum.hpp"
#include "engine/io/hdf5/hdf5.hpp"
#include "engine/io/hdf5/output_file.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

void write_chain(const base::Communicator& comm, const std::string& layout, const std::string& folder) {
  const auto mesh = chain(0, 12);
  const auto writer = io::make_visual_writer(layout, comm, {folder, "fields", {{"version", "1.2.3"}}});
  writer->set_mesh(mesh);
  const auto values = point_values(mesh, 0.0, 3);
  const sdk::VisualField field{"velocity", "m/s", sdk::VisualLocation::points, 3, values};
  for (const double time : {0.0, 1.0}) writer->write_step(time, {&field, 1});
}

/// Reads the field and describes the file; an sdk::Error of kind state is the only failure allowed.
/// \returns whether both worked
bool try_to_read(const base::Communicator& comm, const std::string& path) {
  const std::vector<std::int64_t> keys{3, 10, 12, 19};
  int components = 0;
  const auto read = error_of([&] { io::read_point_field(comm, path, "velocity", {}, keys, components); });
  const auto described = error_of([&] { io::describe_file(path); });
  if (read) CHECK(read->kind() == sdk::ErrorKind::state);
  if (described) CHECK(described->kind() == sdk::ErrorKind::state);
  return !read && !described;
}

struct Damaged {
  std::string layout, file, opened;
};

const Damaged cases[] = {{"series", "fields-000001.hdf", "fields.hdf.series"},
                         {"series", "mesh-0000.h5", "fields.hdf.series"},
                         {"series", "fields.hdf.series", "fields.hdf.series"},
                         {"single", "fields.vtkhdf", "fields.vtkhdf"}};

}  // namespace

TEST_CASE("A truncated result file is an error, at any length", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& damaged : cases) {
    INFO(damaged.file);
    const TemporaryFolder folder(comm);
    write_chain(comm, damaged.layout, folder.path());
    const std::string bytes = file_text(folder.file(damaged.file));
    REQUIRE(try_to_read(comm, folder.file(damaged.opened)));
    for (const std::size_t percent : {0, 1, 10, 35, 50, 75, 90, 99}) {
      write_file(folder.file(damaged.file), bytes.substr(0, bytes.size() * percent / 100));
      CHECK_FALSE(try_to_read(comm, folder.file(damaged.opened)));
    }
    write_file(folder.file(damaged.file), bytes);
    CHECK(try_to_read(comm, folder.file(damaged.opened)));
  }
}

TEST_CASE("A flipped byte in a result file never ends the program", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& damaged : cases) {
    INFO(damaged.file);
    const TemporaryFolder folder(comm);
    write_chain(comm, damaged.layout, folder.path());
    const std::string bytes = file_text(folder.file(damaged.file));
    // About 200 places, more densely in the first kilobyte, where the structure of the file is.
    const std::size_t stride = bytes.size() / 150 + 1;
    int refused = 0;
    for (std::size_t at = 0; at < bytes.size(); at += at < 1024 ? std::min<std::size_t>(stride, 19) : stride) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x5a);
      write_file(folder.file(damaged.file), flipped);
      if (!try_to_read(comm, folder.file(damaged.opened))) ++refused;
    }
    CHECK(refused > 5);
  }
}

TEST_CASE("A file of another kind is not taken for a result", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  write_file(folder.file("notes.hdf"), "these are notes, not numbers");
  auto error = error_of([&] { io::describe_file(folder.file("notes.hdf")); });
  REQUIRE(error);
  CHECK(error->kind() == sdk::ErrorKind::state);
  CHECK(error->report().find("not a readable HDF5 file") != std::string::npos);
  error = error_of([&] { io::describe_file(folder.path()); });
  REQUIRE(error);
  CHECK(error->what() == std::string("is a folder, not a file"));
  io::OutputFile other(comm, folder.file("other.h5"));
  other.text("/hello", "world");
  other.commit();
  error = error_of([&] { io::describe_file(folder.file("other.h5")); });
  REQUIRE(error);
  CHECK(error->what() == std::string("is not a result file"));
}

TEST_CASE("Texts, attributes and arrays come back from a file as they went in", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::vector<double> numbers{1.5, -2.0, 3.25, 4.0, 5.0, 6.0};
  const std::vector<std::int64_t> integers{std::int64_t{1} << 40, -7};
  const std::vector<std::uint8_t> bytes{0, 255, 7};
  const std::string longer(100000, 'x');
  io::OutputFile file(comm, folder.file("state.h5"));
  file.rows<double>("/a/b/numbers", numbers, 2);
  file.rows<std::int64_t>("/integers", integers);
  file.rows<std::uint8_t>("/bytes", bytes);
  file.rows<double>("/nothing", {}, 3);
  file.text("/texts/long", longer);
  file.text("/texts/empty", "");
  file.text("/texts/degree", "°C");
  file.attribute("/a/b/numbers", "unit", "m²/s");
  file.attribute("/a", "shape", std::vector<std::int64_t>{3, 4});
  file.attribute("/a", "time", 0.1);
  file.commit();

  const io::InputFile in(folder.file("state.h5"));
  CHECK(in.all<double>("/a/b/numbers") == numbers);
  CHECK(in.shape("/a/b/numbers") == std::vector<std::int64_t>{3, 2});
  CHECK(in.rows<double>("/a/b/numbers", 1, 2) == std::vector{3.25, 4.0, 5.0, 6.0});
  CHECK(in.all<std::int64_t>("/integers") == integers);
  CHECK(in.all<std::uint8_t>("/bytes") == bytes);
  CHECK(in.shape("/nothing") == std::vector<std::int64_t>{0, 3});
  CHECK(in.all<double>("/nothing").empty());
  CHECK(in.text("/texts/long") == longer);
  CHECK(in.text("/texts/empty").empty());
  CHECK(in.text("/texts/degree") == "°C");
  CHECK(in.text_attribute("/a/b/numbers", "unit") == "m²/s");
  CHECK(in.integer_attribute("/a", "shape") == std::vector<std::int64_t>{3, 4});
  CHECK(in.number_attribute("/a", "time") == 0.1);
  CHECK(in.names("/texts") == std::vector<std::string>{"degree", "empty", "long"});
  CHECK(in.has("/a/b"));
  CHECK_FALSE(in.has("/a/c/numbers"));

  const auto missing = error_of([&] { in.all<double>("/a/c"); });
  REQUIRE(missing);
  CHECK(missing->where() == folder.file("state.h5") + ":/a/c");
  CHECK(error_of([&] { in.rows<double>("/a/b/numbers", 2, 2); }));
  CHECK(error_of([&] { in.rows<double>("/a/b/numbers", -1, 1); }));
  CHECK(error_of([&] { in.all<double>("/texts/long"); }));
  CHECK(error_of([&] { in.text("/integers"); }));
}

TEST_CASE("An unknown output layout names those that exist", "[io]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto error = error_of([&] { io::make_visual_writer("serie", comm, {"/tmp", "fields", {}}); });
  REQUIRE(error);
  CHECK(error->kind() == sdk::ErrorKind::case_file);
  CHECK(error->hint().find("\"series\"") != std::string::npos);
  CHECK(error->hint().find("\"single\"") != std::string::npos);
}

TEST_CASE("A checksum at the end of a file finds every flipped bit and every cut", "[io]") {
  const TemporaryFolder folder(base::Communicator(MPI_COMM_WORLD));
  const auto path = folder.file("sealed");
  const auto is_refused = [](const std::string& file) {
    const auto error = error_of([&] { io::verify_checksum(file); });
    return error && error->kind() == sdk::ErrorKind::state;
  };
  for (const auto& content : std::vector{std::string(), std::string("seven b"), std::string("0123456789abcdef"),
                                         std::string(2'000'003, 'x')}) {
    std::ofstream(path, std::ios::binary) << content;
    CHECK(is_refused(path));
    io::append_checksum(path);
    CHECK_NOTHROW(io::verify_checksum(path));
    const auto sealed = file_text(path);
    CHECK(sealed.substr(0, content.size()) == content);
    for (std::size_t at = 0; at < sealed.size(); at += std::max<std::size_t>(1, sealed.size() / 40)) {
      auto flipped = sealed;
      flipped[at] = static_cast<char>(flipped[at] ^ 4);
      std::ofstream(path, std::ios::binary) << flipped;
      CHECK(is_refused(path));
    }
    std::ofstream(path, std::ios::binary) << sealed.substr(0, sealed.size() - 1);
    CHECK(is_refused(path));
    std::ofstream(path, std::ios::binary) << sealed + "x";
    CHECK(is_refused(path));
  }
  CHECK(is_refused(folder.file("missing")));
}
