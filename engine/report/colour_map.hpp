#pragma once
/// Colours of numbers.

#include <array>
#include <cstdint>
#include <string>

namespace ansatz::report {

using Rgb = std::array<std::uint8_t, 3>;

/// The map viridis, perceptually uniform and readable with any colour vision (S. van der Walt, N. Smith, matplotlib
/// 2015), linear between 16 of its colours. \param share 0 (dark violet) to 1 (yellow); others are taken for the ends
Rgb viridis(double share);

/// "#rrggbb".
std::string hexadecimal(Rgb colour);

}  // namespace ansatz::report
