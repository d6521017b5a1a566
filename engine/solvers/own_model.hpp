#pragma once
/// Built-in ansaetze whose model has a file format of its own.

namespace ansatz::solvers {

/// Beside sdk::Solver: instead of train(), model() and use().
class OwnModel {
 public:
  virtual ~OwnModel() = default;
  /// The model from its file, or a new one where there is none or study.type = "train". *Collective.* \throws
  /// sdk::Error of kind state where the file belongs to another problem.
  virtual void load_or_train() = 0;
};

}  // namespace ansatz::solvers
