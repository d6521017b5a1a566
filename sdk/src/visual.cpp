#include "ansatz/sdk/visual.hpp"

namespace ansatz::sdk {

VisualWriter::~VisualWriter() = default;

}  // namespace ansatz::sdk
