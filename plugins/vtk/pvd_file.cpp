#include "pvd_file.hpp"

#include <fmt/format.h>
#include <vtkSmartPointer.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLUtilities.h>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "messages.hpp"

namespace ansatz::vtk {

sdk::GrowingTextFormat pvd_format(const std::string& comment) {
  return {"<?xml version=\"1.0\"?>\n" + (comment.empty() ? "" : "<!-- " + comment + " -->\n") +
              "<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n  <Collection>\n",
          {},
          "  </Collection>\n</VTKFile>\n",
          "<?room ",
          "?>"};
}

std::string pvd_text(const PvdEntry& entry) {
  return fmt::format("    <DataSet timestep=\"{:.17g}\" group=\"\" part=\"0\" file=\"{}\"/>\n", entry.time,
                     sdk::xml_escaped(entry.file));
}

std::vector<PvdEntry> read_pvd(const std::string& path) {
  const Messages messages;
  const auto root = vtkSmartPointer<vtkXMLDataElement>::Take(vtkXMLUtilities::ReadElementFromFile(path.c_str()));
  auto* collection = root ? root->FindNestedElementWithName("Collection") : nullptr;
  if (collection == nullptr) {
    throw sdk::Error(sdk::ErrorKind::state, "this is not a ParaView collection", path,
                     "it may be truncated or damaged");
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
