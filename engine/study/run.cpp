#include "engine/study/run.hpp"

#include "ansatz/sdk/error.hpp"

namespace ansatz::study {

int run(const Case&, const RunOptions&, plugin::Registry&, const base::Communicator&) {
  throw sdk::Error(sdk::ErrorKind::internal, "not built yet", "study::run");
}

void check(const Case&, plugin::Registry&, const base::Communicator&) {}

}  // namespace ansatz::study
