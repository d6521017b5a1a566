#include "engine/time/learning/step_features.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {
namespace {

constexpr double least_error = 1e-10;  ///< smaller ones say no more

}  // namespace

const std::vector<std::string>& step_features() {
  static const std::vector<std::string> names{"ln e_n",
                                              "ln e_(n-1)",
                                              "ln e_(n-2)",
                                              "ln h_n/h_(n-1)",
                                              "ln h_(n-1)/h_(n-2)",
                                              "rejections of step n",
                                              "rejections of step n-1",
                                              "ln(1 + stiffness number)",
                                              "iterations",
                                              "contraction",
                                              "order",
                                              "log10 relative tolerance",
                                              "part of the interval left"};
  return names;
}

const std::vector<double>& step_actions() {
  static const std::vector<double> values = [] {
    std::vector<double> v;
    for (int k = -5; k <= 5; ++k) v.push_back(0.14 * k);
    return v;
  }();
  return values;
}

void StepHistory::accepted(const StepFacts& facts, int rejections) {
  if (!began_) origin_ = facts.time;
  log_errors_ = {std::log(std::max(facts.error, least_error)), log_errors_[0], log_errors_[1]};
  log_ratios_ = {began_ ? std::log(facts.step / step_) : 0.0, log_ratios_[0]};
  rejections_ = {static_cast<double>(rejections), rejections_[0]};
  step_ = facts.step;
  began_ = true;
  order_ = facts.q;
  left_ = std::max(facts.stop - facts.time - facts.step, 0.0) / (facts.stop - origin_);
  if (facts.method == nullptr) return;
  stiffness_ = facts.method->stiffness();
  iterations_ = facts.method->work().iterations;
  contraction_ = facts.method->work().contraction;
}

void StepHistory::features(std::span<double> out) const {
  const double all[] = {log_errors_[0], log_errors_[1], log_errors_[2], log_ratios_[0],
                        log_ratios_[1], rejections_[0], rejections_[1], std::log1p(std::max(stiffness_, 0.0)),
                        iterations_,    contraction_,   order_,         std::log10(relative_tolerance_),
                        left_};
  std::copy(std::begin(all), std::end(all), out.begin());
}

void StepHistory::exchange(sdk::StateArchive& archive, const std::string& name) {
  double began = began_ ? 1.0 : 0.0;
  double* const all[] = {&log_errors_[0], &log_errors_[1], &log_errors_[2], &log_ratios_[0], &log_ratios_[1],
                         &rejections_[0], &rejections_[1], &step_,          &origin_,        &stiffness_,
                         &iterations_,    &contraction_,   &order_,         &left_,          &began};
  std::vector<double> values;
  for (const double* value : all) values.push_back(*value);
  archive.numbers(name, values);
  if (!archive.loading()) return;
  if (values.size() != std::size(all)) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored history of steps has another length", "StepHistory",
                     "it was written by another version: start anew");
  }
  for (std::size_t i = 0; i < std::size(all); ++i) *all[i] = values[i];
  began_ = began != 0.0;
}

}  // namespace ansatz::time
