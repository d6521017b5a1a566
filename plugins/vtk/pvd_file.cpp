#include "pvd_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::vtk {

void write_pvd(const std::string& path, const std::vector<PvdEntry>& entries, const std::string& comment) {
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::trunc);
  file << "<?xml version=\"1.0\"?>\n";
  if (!comment.empty()) file << "<!-- " << comment << " -->\n";
  file << "<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n  <Collection>\n";
  for (const auto& entry : entries) {
    file << fmt::format("    <DataSet timestep=\"{:.17g}\" group=\"\" part=\"0\" file=\"{}\"/>\n", entry.time,
                        sdk::xml_escaped(entry.file));
  }
  file << "  </Collection>\n</VTKFile>\n";
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(part, path, failed);
  if (!file || failed) {
    throw sdk::Error(sdk::ErrorKind::output, "the list of steps cannot be written", path,
                     "is the folder writable, and is there space on the disk?");
  }
}

}  // namespace ansatz::vtk
