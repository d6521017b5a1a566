#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "engine/io/fields/field_reader.hpp"
#include "engine/io/hdf5/bare_write.hpp"
#include "engine/io/hdf5/output_file.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

/// Stands for a full disk on one rank: files cannot grow beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// Whether all ranks have the same error of this kind, and its text.
std::string agreed_error(const base::Communicator& comm, const std::optional<sdk::Error>& error, sdk::ErrorKind kind) {
  CHECK(error.has_value());
  CHECK((error && error->kind() == kind));
  const std::string text = error ? error->report() : std::string();
  CHECK(text == comm.broadcast(text));
  return text;
}

void write_once(const base::Communicator& comm, const std::string& layout, const std::string& folder,
                std::int64_t cells) {
  const auto mesh = chain_part(comm, cells);
  const auto writer = io::make_visual_writer(layout, comm, {folder, "fields", {}});
  writer->set_mesh(mesh);
  const auto values = point_values(mesh, 1.0, 1);
  const sdk::VisualField field{"temperature", "K", sdk::VisualLocation::points, 1, values};
  writer->write_step(1.0, {&field, 1});
}

}  // namespace

TEST_CASE("A folder that cannot be made is one clear error on all ranks", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  if (comm.is_root()) write_file(folder.file("plain"), "a file, not a folder");
  comm.barrier();
  for (const std::string layout : {"series", "single"}) {
    const auto error = error_of([&] { write_once(comm, layout, folder.file("plain/run"), 8); });
    const auto text = agreed_error(comm, error, sdk::ErrorKind::output);
    CHECK(text.find("cannot create the folder: Not a directory") != std::string::npos);
    CHECK(text.find("help: a file stands where a folder is needed") != std::string::npos);
  }
}

TEST_CASE("A disk that fills up on any rank is one error on all ranks and leaves no half file", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (int limited = 0; limited < comm.size(); ++limited) {
    INFO("rank with the full disk: " << limited);
    const TemporaryFolder folder(comm);
    const std::vector<double> old_values(10, 1.0), values(20000, 2.0);
    io::OutputFile old_file(comm, folder.file("state.h5"));
    old_file.rows<double>("/values", old_values);
    old_file.commit();
    std::optional<sdk::Error> error;
    {
      std::optional<FileSizeLimit> limit;
      if (comm.rank() == limited) limit.emplace(100000);
      io::OutputFile file(comm, folder.file("state.h5"));
      file.rows<double>("/values", values);
      error = error_of([&] { file.commit(); });
    }
    const auto text = agreed_error(comm, error, sdk::ErrorKind::output);
    CHECK(text.find("cannot write the file: File too large") != std::string::npos);
    CHECK(raw_dataset(folder.file("state.h5"), "/values") == std::vector<double>(10 * comm.size(), 1.0));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      CHECK(entry.path().extension() != ".tmp");
  }
}

TEST_CASE("A step that does not fit on the disk can be repeated when there is space", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const std::string layout : {"series", "single"}) {
    INFO(layout);
    const TemporaryFolder folder(comm);
    const auto mesh = chain_part(comm, 20000);
    const auto writer = io::make_visual_writer(layout, comm, {folder.path(), "fields", {}});
    writer->set_mesh(mesh);
    const auto values = point_values(mesh, 1.0, 3);
    const sdk::VisualField field{"velocity", "m/s", sdk::VisualLocation::points, 3, values};
    writer->write_step(0.0, {&field, 1});
    std::optional<sdk::Error> error;
    {
      std::optional<FileSizeLimit> limit;
      if (comm.is_root()) limit.emplace(200000);
      error = error_of([&] { writer->write_step(1.0, {&field, 1}); });
    }
    agreed_error(comm, error, sdk::ErrorKind::output);
    const std::string path = folder.file(layout == "series" ? "fields.hdf.series" : "fields.vtkhdf");
    CHECK(io::describe_file(path).times == std::vector{0.0});
    comm.barrier();
    writer->write_step(1.0, {&field, 1});
    CHECK(io::describe_file(path).times == std::vector{0.0, 1.0});
    const std::vector<std::int64_t> keys{19999, 20006};
    int components = 0;
    CHECK(io::read_point_field(comm, path, "velocity", {}, keys, components)[2] == value_at(19999, 1.0, 2));
  }
}

TEST_CASE("Reading back names the fields, times and meshes that do not fit", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  write_once(comm, "series", folder.path(), 9);
  const std::string series = folder.file("fields.hdf.series");
  const std::vector<std::int64_t> good{3, 10}, bad{3, 11};
  int components = 0;
  const auto read = [&](const std::string& path, const std::string& field, std::optional<double> time, auto& keys) {
    return agreed_error(comm, error_of([&] { io::read_point_field(comm, path, field, time, keys, components); }),
                        sdk::ErrorKind::state);
  };
  CHECK(read(series, "temprature", {}, good).find("it has: temperature") != std::string::npos);
  CHECK(read(series, "temperature", 7.0, good).find("no step at time 7") != std::string::npos);
  CHECK(read(folder.file("nothing.hdf.series"), "temperature", {}, good).find("does not exist") != std::string::npos);
  // Only one rank asks for the key that does not exist.
  CHECK(read(series, "temperature", {}, comm.is_root() ? bad : good).find("belongs to another mesh") !=
        std::string::npos);
  comm.barrier();
  if (comm.is_root()) std::filesystem::remove(folder.file("mesh-0000.h5"));
  comm.barrier();
  CHECK(read(series, "temperature", {}, good).find("mesh-0000.h5\" of the same folder, which is missing") !=
        std::string::npos);
}

TEST_CASE("Fields that do not fit the mesh on one rank are refused on all", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto mesh = chain_part(comm, 9);
  const auto writer = io::make_visual_writer("series", comm, {folder.path(), "fields", {}});
  writer->set_mesh(mesh);
  const std::vector<double> values(mesh.num_points() + (comm.is_root() ? 1 : 0), 0.0);
  const sdk::VisualField field{"temperature", "K", sdk::VisualLocation::points, 1, values};
  agreed_error(comm, error_of([&] { writer->write_step(0.0, {&field, 1}); }), sdk::ErrorKind::internal);
  const sdk::VisualField slash{"a/b", "K", sdk::VisualLocation::points, 1, std::span(values).first(mesh.num_points())};
  agreed_error(comm, error_of([&] { writer->write_step(0.0, {&slash, 1}); }), sdk::ErrorKind::output);
}

TEST_CASE("The reference write of the benchmark puts every rank's values in the file", "[io][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  CHECK(io::bare_write(comm, folder.file("bare.h5"), 800) > 0.0);
  std::vector<double> expected;
  for (int rank = 0; rank < comm.size(); ++rank) expected.insert(expected.end(), 100, 1.0 + rank);
  CHECK(raw_dataset(folder.file("bare.h5"), "/values") == expected);
}
