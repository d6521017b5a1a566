#pragma once
/// Sizes as the shorter integers of PETSc, MPI, Scotch and local numbers.

#include <cstdint>
#include <limits>
#include <utility>

namespace ansatz::base {

/// \throws sdk::Error of kind mesh: there are `size` of `what`, one more than `most` is too many.
[[noreturn]] void refuse_size(std::int64_t size, std::int64_t most, const char* what, const char* hint);

/// `size` as a T, never another number. Not collective: it may fail on one rank alone, so call it inside agree().
/// \param what is counted, in the plural: "entries of the matrix on one rank"
/// \throws sdk::Error of kind mesh where T cannot hold it.
template <class T, class Size>
T narrow(Size size, const char* what, const char* hint = "use more ranks, a coarser mesh, or a lower order") {
  if (std::in_range<T>(size)) return static_cast<T>(size);
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  refuse_size(std::in_range<std::int64_t>(size) ? static_cast<std::int64_t>(size) : most,
              std::int64_t{std::numeric_limits<T>::max()}, what, hint);
}

}  // namespace ansatz::base
