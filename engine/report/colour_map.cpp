#include "engine/report/colour_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ansatz::report {
namespace {

constexpr std::array<std::uint32_t, 16> anchors{0x440154, 0x481A6C, 0x472F7D, 0x414487, 0x39568C, 0x31688E,
                                                0x2A788E, 0x23888E, 0x1F988B, 0x22A884, 0x35B779, 0x54C568,
                                                0x7AD151, 0xA5DB36, 0xD2E21B, 0xFDE725};

}  // namespace

Rgb viridis(double share) {
  const double place = std::clamp(share, 0.0, 1.0) * (anchors.size() - 1);
  const auto k = std::min<std::size_t>(static_cast<std::size_t>(place), anchors.size() - 2);
  const double x = place - static_cast<double>(k);
  Rgb colour{};
  for (int c = 0; c < 3; ++c) {
    const int shift = 8 * (2 - c);
    const double a = (anchors[k] >> shift) & 0xff, b = (anchors[k + 1] >> shift) & 0xff;
    colour[c] = static_cast<std::uint8_t>(std::lround(a + x * (b - a)));
  }
  return colour;
}

std::string hexadecimal(Rgb colour) { return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]); }

}  // namespace ansatz::report
