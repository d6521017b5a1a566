#include <fmt/core.h>

#include "engine/app/commands.hpp"
#include "engine/app/show.hpp"
#include "engine/input/case_parser.hpp"

namespace ansatz::app {

int run(const CaseArguments& arguments, plugin::Registry& registry, const base::Communicator& comm) {
  const auto parsed = input::read_case(arguments.path, arguments.overrides, registry, comm);
  return study::run(parsed, arguments.run, registry, comm);
}

int check(const CaseArguments& arguments, plugin::Registry& registry, const base::Communicator& comm) {
  const auto parsed = input::read_case(arguments.path, arguments.overrides, registry, comm);
  study::check(parsed, registry, comm);
  if (comm.is_root()) show("{}: no errors found\n", parsed.path);
  return 0;
}

}  // namespace ansatz::app
