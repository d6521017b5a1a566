#pragma once
/// Zeros and least values of one function of time between samples.

#include <functional>

namespace ansatz::time {

/// A function of time, the same on all ranks; not finite at most at single times. Before and after the times that it
/// knows it is what it is at the ends of these.
using Signal = std::function<double(double t)>;

struct SignalSample {
  double time = 0.0, value = 0.0;
};

/// -1, 0 or 1; 0 for what is not a number.
double sign_of(double x);

/// Shortest time between two samples that tell something.
double round_off_of_time(double a, double b);

/// The end of a bracket as short as round-off of time.
struct Crossing {
  double time = 0.0;
  bool is_pole = false;  ///< the function goes through infinity there
};

/// Where the sign at `a` ends, before or at `b`, whose sign is another one or 0.
Crossing crossing(const Signal& g, SignalSample a, SignalSample b);

/// The least value of sign * g between two times, as far as it is followed: down to round-off of time where it falls
/// with every shorter interval, as at kinks and cusps, or to the first value of the other sign.
/// \param best the least one known
SignalSample least_value(const Signal& g, double from, double to, double sign, SignalSample best);

/// Whether g has one sign from a time to another, and more values than round-off gives.
bool keeps_sign(const Signal& g, double from, double to, double sign);

/// Whether |g| grows by a quarter within round-off of time on both sides of a least value: zero is there as far as time
/// can tell.
bool is_cusp(const Signal& g, const SignalSample& least, double begin, double end);

/// Of a zero, by g ~ (zero - t)^m before it.
/// \param distance to the zero before
/// \param floor what |g| is not followed below
double multiplicity(const Signal& g, double zero, double distance, double floor);

}  // namespace ansatz::time
