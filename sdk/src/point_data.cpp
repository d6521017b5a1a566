#include "ansatz/sdk/point_data.hpp"

namespace ansatz::sdk {

PointDataReader::~PointDataReader() = default;

}  // namespace ansatz::sdk
