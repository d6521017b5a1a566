#pragma once
/// ParaView's collection file: which file belongs to which time.

#include <string>
#include <vector>

namespace ansatz::vtk {

struct PvdEntry {
  double time = 0.0;  ///< [s]
  std::string file;   ///< relative to the collection
};

/// Replaces `path` as a whole: writes beside it and renames, so that a reader never sees half a file. Not collective.
/// \param comment one line for people. \throws Error of kind output.
void write_pvd(const std::string& path, const std::vector<PvdEntry>& entries, const std::string& comment);

/// The entries of a collection, in its order. Not collective. \throws Error of kind state.
std::vector<PvdEntry> read_pvd(const std::string& path);

}  // namespace ansatz::vtk
