#pragma once
/// Texts of the solver. Private to solver.cpp and training.cpp.

#include <cmath>
#include <cstdio>
#include <string>

namespace pod_regression {

inline constexpr const char* section = "solver.pod_regression";

inline std::string percent(double x) {
  if (!std::isfinite(x)) return "not determined";
  char text[32];
  std::snprintf(text, sizeof text, "%.2g %%", 100.0 * x);
  return text;
}

inline std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

}  // namespace pod_regression
