#pragma once
/// What the writers of XML (XDMF, SVG) share.

#include <string>

namespace ansatz::io {

/// Text that may stand in an element or an attribute; control characters, which XML forbids, become spaces.
std::string xml_escaped(const std::string& text);

}  // namespace ansatz::io
