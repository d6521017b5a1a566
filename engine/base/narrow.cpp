#include "engine/base/narrow.hpp"

#include <fmt/format.h>

#include "ansatz/sdk/error.hpp"

namespace ansatz::base {

void refuse_size(std::int64_t size, std::int64_t most, const char* what, const char* hint) {
  throw sdk::Error(sdk::ErrorKind::mesh,
                   fmt::format("there are {} {}, and at most {} can be numbered", size, what, most), {}, hint);
}

}  // namespace ansatz::base
