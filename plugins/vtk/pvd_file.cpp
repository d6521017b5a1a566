#include "pvd_file.hpp"

#include <fmt/format.h>
#include <vtkSmartPointer.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLUtilities.h>

#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "messages.hpp"

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

std::vector<PvdEntry> read_pvd(const std::string& path) {
  const Messages messages;
  const auto root = vtkSmartPointer<vtkXMLDataElement>::Take(vtkXMLUtilities::ReadElementFromFile(path.c_str()));
  auto* collection = root ? root->FindNestedElementWithName("Collection") : nullptr;
  if (collection == nullptr) {
    throw sdk::Error(sdk::ErrorKind::state, "this is not a ParaView collection", path, "it may be truncated or damaged");
  }
  std::vector<PvdEntry> entries;
  for (int i = 0; i < collection->GetNumberOfNestedElements(); ++i) {
    auto* element = collection->GetNestedElement(i);
    const char* file = element->GetAttribute("file");
    PvdEntry entry;
    if (file == nullptr || element->GetScalarAttribute("timestep", entry.time) == 0) continue;
    entry.file = file;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace ansatz::vtk
