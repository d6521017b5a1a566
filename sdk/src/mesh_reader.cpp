#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::sdk {

MeshReader::~MeshReader() = default;

}  // namespace ansatz::sdk
