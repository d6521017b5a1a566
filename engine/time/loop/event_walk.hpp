#pragma once
/// The zeros of one function in one step.

#include "engine/time/loop/events.hpp"

namespace ansatz::time {

/// One function through the samples of one step.
class EventFinder::Walk {
 public:
  Walk(EventFinder& finder, Stepper& stepper, std::size_t k, std::vector<Sample>& samples);

  std::vector<Event> run();

 private:
  double sign(const Sample& sample) const { return sample.noise ? 0.0 : sign_of(sample.value); }
  double round_off() const { return finder_.round_off(k_); }
  void mark_noise();
  bool is_noise(std::size_t first, std::size_t end) const;
  void step(std::size_t i);
  void arrive(std::size_t i);
  void leave(double now);
  void zero(double t);
  void touch(const Sample& sample);
  void set_kind(bool touching);
  void at_end();

  EventFinder& finder_;
  Stepper& stepper_;
  std::size_t k_;
  std::vector<Sample>& samples_;
  Memory& memory_;
  Signal g_;
  double small_;            ///< |g| that may be a touch
  bool is_open_ = false;    ///< g has been zero since the last event, whose kind is not known
  double from_sign_ = 0.0;  ///< before that
  std::vector<Event> events_;
};

}  // namespace ansatz::time
