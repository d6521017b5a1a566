#pragma once
/// Raster pictures as files in memory.

#include <cstdint>
#include <span>
#include <string>

namespace ansatz::report {

/// A PNG file (ISO/IEC 15948) of 8 bits a channel, written by libpng.
/// \param rgba (height, width, 4) from the upper left corner on
/// \throws sdk::Error of kind output where libpng fails; internal for a wrong number of bytes
std::string png(int width, int height, std::span<const std::uint8_t> rgba);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace ansatz::report
