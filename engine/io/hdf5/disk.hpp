#pragma once
/// Plain file operations whose failures say why and what to do.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ansatz::io {

/// One block of memory and its place in a file.
struct Block {
  std::int64_t offset = 0;  ///< [B] from the start of the file
  std::span<const std::byte> bytes;
};

/// Error of kind output for the C library's `error_number`, for example of a full disk. Not collective.
[[noreturn]] void fail_output(const std::string& what, const std::string& path, int error_number);

/// Creates the folder and its parents. \throws Error of kind output. Not collective.
void make_folder(const std::string& folder);

/// Reserves disk space from `offset` on without changing the file's size; creates the file if needed. Does nothing on
/// file systems that cannot reserve. \throws Error of kind output when the disk is full. Not collective.
void reserve_space(const std::string& path, std::int64_t offset, std::int64_t bytes);
/// Returns what reserve_space() reserved beyond the end of the file. Not collective.
void release_space(const std::string& path);

/// Size of a file [B]. \throws Error of kind output when it is missing. Not collective.
std::int64_t file_bytes(const std::string& path);

/// Writes the blocks straight to their places in an existing file. \throws Error of kind output. Not collective: ranks
/// may write disjoint blocks of one file at a time.
void write_blocks(const std::string& path, std::span<const Block> blocks);

/// Puts the file under its final name in one step, replacing an older one. \throws Error of kind output. Not
/// collective.
void publish(const std::string& temporary, const std::string& final_name);

/// Returns when what this rank wrote of a file, or the names in a folder, would survive a loss of power. \throws Error
/// of kind output. Not collective.
void flush_to_disk(const std::string& path);

/// Name beside `path` for a file that is not finished, of this process alone. Not collective.
std::string temporary_of(const std::string& path);

/// Writes a text file completely or not at all. \throws Error of kind output. Not collective.
void write_text_file(const std::string& path, const std::string& text);

/// \throws Error of kind state when the file is missing or cannot be read. Not collective.
std::string read_text_file(const std::string& path);

}  // namespace ansatz::io
