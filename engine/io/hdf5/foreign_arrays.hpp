#pragma once
/// What other programs write that the engine's own files have not: arrays of any rank, texts of any kind.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/io/hdf5/hdf5.hpp"

namespace ansatz::io {

/// Numbers first[k] … first[k] + count[k] - 1 in each direction k of a dataset of that rank, the last index fastest.
/// Not collective. \throws sdk::Error of kind state for another rank or extents that it does not have.
std::vector<double> read_block(const InputFile& file, const std::string& dataset, std::span<const std::int64_t> first,
                               std::span<const std::int64_t> count);

/// An attribute of one text or a list of them, of fixed or of variable length. Not collective.
/// \throws sdk::Error of kind state where there is no such attribute, or it holds no texts.
std::vector<std::string> read_texts(const InputFile& file, const std::string& object, const std::string& name);

}  // namespace ansatz::io
