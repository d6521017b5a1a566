#pragma once
/// Other programs, started before this one uses MPI.

#include <string>
#include <vector>

namespace ansatz::conformance {

/// Runs a program, its output into `log`. \returns its exit code; -1 where it did not end within `seconds` and was
/// killed with all that it started, 128 + n where signal n ended it.
int run(const std::vector<std::string>& command, const std::string& log, int seconds);

/// Words that start a program on so many ranks, also as root and on fewer cores.
std::vector<std::string> mpirun(int ranks);

std::string read_text(const std::string& file);

}  // namespace ansatz::conformance
