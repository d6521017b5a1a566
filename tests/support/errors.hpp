#pragma once
/// Errors that tests provoke.

#include "ansatz/sdk/error.hpp"

namespace ansatz::test {

/// The Error that `work` throws; one that says so if it throws none.
template <class Work>
sdk::Error error_of(const Work& work) {
  try {
    work();
  } catch (const sdk::Error& error) {
    return error;
  }
  return sdk::Error(sdk::ErrorKind::internal, "nothing was thrown");
}

/// Its kind; `stopped`, which nothing tested throws, if there is none.
template <class Work>
sdk::ErrorKind kind_of(const Work& work) {
  try {
    work();
  } catch (const sdk::Error& error) {
    return error.kind();
  }
  return sdk::ErrorKind::stopped;
}

}  // namespace ansatz::test
