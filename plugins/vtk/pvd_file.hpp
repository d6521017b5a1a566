#pragma once
/// ParaView's collection file: which file belongs to which time.

#include <string>
#include <vector>

#include "ansatz/sdk/growing_text.hpp"

namespace ansatz::vtk {

struct PvdEntry {
  double time = 0.0;  ///< [s]
  std::string file;   ///< relative to the collection
};

/// \param comment one line for people
sdk::GrowingTextFormat pvd_format(const std::string& comment);
/// An entry of it.
std::string pvd_text(const PvdEntry& entry);

/// The entries of a collection, in its order. Not collective. \throws Error of kind state.
std::vector<PvdEntry> read_pvd(const std::string& path);

}  // namespace ansatz::vtk
