#pragma once
/// Initial values of fields at their nodes.

#include "ansatz/sdk/expression.hpp"

namespace ansatz::fem {

/// Values of one component of a field at its nodes: value(x, t, parameters, data).
struct InitialValue {
  int field = 0, component = 0;
  sdk::Expression value;
};

}  // namespace ansatz::fem
