#include "engine/io/visualisation/visual_writer.hpp"

#include "engine/io/visualisation/series_writer.hpp"
#include "engine/io/visualisation/single_writer.hpp"

namespace ansatz::io {

const std::vector<std::string>& visual_layouts() {
  static const std::vector<std::string> layouts{"series", "single"};
  return layouts;
}

std::unique_ptr<sdk::VisualWriter> make_visual_writer(const std::string& layout, const base::Communicator& comm,
                                                      const sdk::VisualTarget& target,
                                                      std::optional<double> keep_until) {
  if (layout == "series") return std::make_unique<SeriesWriter>(comm, target, keep_until);
  if (layout == "single" && !keep_until) return std::make_unique<SingleWriter>(comm, target);
  if (layout == "single") {
    throw sdk::Error(sdk::ErrorKind::case_file, "the layout \"single\" cannot be continued by a restart", "[output]",
                     "use layout = \"series\", or write to another folder");
  }
  const std::string hint = layout == "vtu" || layout == "pvtu" || layout == "pvd"
                               ? "for VTK's own files load the plugin: plugins = [\"vtk\"], layout = \"vtu\""
                               : "use layout = \"series\" (default) or \"single\", or \"vtu\" with the plugin \"vtk\"";
  throw sdk::Error(sdk::ErrorKind::case_file, "unknown output layout \"" + layout + "\"", "[output]", hint);
}

}  // namespace ansatz::io
