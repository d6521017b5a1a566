#include "new_plugin.hpp"

#include <ansatz/sdk/error.hpp>
#include <ansatz/sdk/plugin.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace ansatz::sdk;
namespace fs = std::filesystem;

NewPlugin::NewPlugin(MPI_Comm comm, const VisualTarget& target) : comm_(comm), target_(target) {
  MPI_Comm_rank(comm_, &rank_);
  MPI_Comm_size(comm_, &size_);
  agree(fs::is_directory(target_.folder), target_.folder);
}

void NewPlugin::write_step(double time, std::span<const VisualField> fields) {
  char number[16];
  std::snprintf(number, sizeof number, "_%05d.csv", step_++);
  const std::string file = target_.folder + "/" + target_.base + number, part = file + ".part";
  // The ranks append in turn; the file gets its name when it is complete.
  for (int turn = 0; turn < size_; ++turn) {
    bool good = true;
    if (turn == rank_) {
      std::ofstream out(part, turn == 0 ? std::ios::trunc : std::ios::app);
      out << table(time, fields);
      good = static_cast<bool>(out.flush());
    }
    agree(good, part);
  }
  std::error_code failed;
  if (rank_ == 0) fs::rename(part, file, failed);
  agree(!failed, file);
  path_ = file;
}

/// Rows of this rank, with 17 digits; rank 0 heads them with the names.
std::string NewPlugin::table(double time, std::span<const VisualField> fields) const {
  std::ostringstream out;
  out.precision(17);
  if (rank_ == 0) {
    out << "time,x,y,z";
    for (const auto& field : fields) {
      if (field.location != VisualLocation::points) continue;
      for (int c = 0; c < field.components; ++c) out << ',' << field.name << '_' << c;
    }
    out << '\n';
  }
  for (std::int64_t p = 0; p < mesh_.num_points(); ++p) {
    out << time;
    for (int i = 0; i < 3; ++i) out << ',' << mesh_.points[3 * p + i];
    for (const auto& field : fields) {
      if (field.location != VisualLocation::points) continue;
      for (int c = 0; c < field.components; ++c) out << ',' << field.values[p * field.components + c];
    }
    out << '\n';
  }
  return out.str();
}

/// Throws on all ranks when it failed on any, so that none waits for another.
void NewPlugin::agree(bool good, const std::string& file) const {
  int mine = good ? 1 : 0, all = 1;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, comm_);
  if (all == 0) throw Error(ErrorKind::output, "cannot be written", file, "check the folder and the space on the disk");
}

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "point fields as CSV tables", [](Registrar& r) {
  r.add_visual_writer("new_plugin", "point fields as CSV tables", [](MPI_Comm comm, const VisualTarget& target) {
    return std::make_unique<NewPlugin>(comm, target);
  });
})
