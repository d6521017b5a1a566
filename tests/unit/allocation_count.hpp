#pragma once
/// Counts what `new` is asked for, to test code that must not allocate. The program's operator new is in
/// reduced_allocations.test.cpp.

#include <cstddef>

namespace ansatz::test {

/// Calls of operator new on this thread so far.
std::size_t allocation_count();

}  // namespace ansatz::test
