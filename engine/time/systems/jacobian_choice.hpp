#pragma once

namespace ansatz::time {

/// The matrix W of linearly implicit methods.
enum class JacobianChoice {
  exact,   ///< df/dy at the start of each step
  frozen,  ///< df/dy at the first step
  stiff,   ///< that of the stiff part of f
};

}  // namespace ansatz::time
