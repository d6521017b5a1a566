#pragma once
/// Ansaetze side by side: errors against a finer reference, certificates, seconds, and who is worth it.

#include <limits>
#include <string>
#include <vector>

#include "engine/solvers/case_problem.hpp"

namespace ansatz::compare {

/// Least, mean, 95 % and worst of some numbers.
struct Spread {
  double least = 0.0, mean = 0.0, most = 0.0, worst = 0.0;  ///< `most`: the smallest number that 95 % do not exceed
};
Spread spread_of(std::vector<double> numbers);

/// What was measured of one ansatz.
struct Row {
  std::string name, ansatz;
  bool is_classical = false;
  std::int64_t unknowns = 0;
  Spread error;                  ///< of fields against the reference, relative, L2
  Spread quantity_error;         ///< of the quantity with the largest one, relative to its largest value
  std::string worst_quantity;    ///< its name
  std::string certificate;       ///< "bound", "estimate", "" where nothing is known
  Spread effectivity;            ///< of certificates over the true differences to finite elements on the same mesh
  double seconds = 0.0;          ///< a query, median
  double offline_seconds = 0.0;  ///< infinite: not known
  double bytes = 0.0;
  double seconds_classical = 0.0;          ///< of finite elements of equal error; infinite: none is as accurate
  double break_even = 0.0;                 ///< queries; infinite: never. Of learned ones
  std::string verdict;                     ///< in words
  std::vector<std::string> problems = {};  ///< of points without an answer
};

struct Comparison {
  std::string reference;  ///< in words
  std::size_t points = 0;
  std::vector<Row> rows;  ///< learned ones in the order of the case, then classical ones from fine to coarse
};

/// Solves the case at all points by all its ansaetze ([compare] solvers), by finite elements on its mesh and on coarser
/// ones, and by the reference: degree 2 for degree 1, else a mesh refined once.
/// \param points values of all parameters of each; problems without any have one empty point
/// \throws sdk::Error of kind case_file for problems in time. *Collective.*
Comparison compare(const solvers::CaseProblem& of_case, const std::vector<std::vector<double>>& points,
                   double time_limit);

/// Fills in what rows say of each other: seconds_classical, break_even and verdict.
///
/// The seconds of finite elements of equal error lie on the straight line, in logarithms, between the two of them with
/// errors on either side; those of the coarsest one where even that is more accurate, and of the finest one where it is
/// as accurate up to 5 %. N = offline / (seconds of these - seconds of the ansatz) queries pay for the training.
void judge(std::vector<Row>& rows);

}  // namespace ansatz::compare
