#pragma once
/// What is known of a study before a case is read.

#include <functional>
#include <memory>
#include <string>

#include "ansatz/sdk/parameters.hpp"

namespace ansatz::sdk {

class Problem;
class Study;

struct StudyInfo {
  std::string name, doc;
  ParameterSchema options = {};  ///< of the section [study.NAME]
};

/// Makes one; not collective, and both references outlive the study.
using StudyFactory = std::function<std::unique_ptr<Study>(const Problem&, const ParameterSet&)>;

}  // namespace ansatz::sdk
