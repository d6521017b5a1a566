#pragma once
/// Quantities at many parameters as one table, in HDF5 and as text.

#include <map>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// Names and units of the columns of an array.
struct Columns {
  std::vector<std::string> names;
  std::vector<std::string> units;

  /// The same names, of numbers without units.
  Columns without_units() const { return {names, std::vector<std::string>(names.size(), "1")}; }
};

/// One row a point.
struct SweepTable {
  std::string title;
  std::string ansatz;      ///< "fem", "reduced_basis", "limits"
  std::string bound_kind;  ///< "bound" or "estimate"; empty without bounds
  Columns parameters, quantities;
  std::vector<double> parameter_values;  ///< (num_points, num_parameters)
  std::vector<double> quantity_values;   ///< (num_points, num_quantities)
  std::vector<double> bounds;            ///< (num_points, num_quantities), infinite where there is none; or empty
  std::vector<double> solution_bounds;   ///< (num_points) or empty
  std::vector<double> amplifications;    ///< (num_points) sum |lambda_r| of limits, or empty
  std::vector<double> seconds;           ///< (num_points)
  std::vector<std::string> problems;  ///< (num_points) why values are not-a-number; empty texts or an empty list: none
  std::map<std::string, double> facts;  ///< further numbers on the whole table, by name
  std::vector<double> held_out_values;  ///< (num_held_out, num_parameters) where errors were seen; or empty
  std::vector<double> held_out_errors;  ///< (num_held_out, num_quantities) relative ones; or empty

  std::size_t num_points() const { return seconds.size(); }
  std::size_t num_problems() const;  ///< points with one
};

/// Writes a table that all ranks have: the arrays /parameters, /quantities, /bounds, /solution_bound, /amplification,
/// /held_out_parameters, /held_out_errors, /seconds and /problems (texts), with the attributes `names` and `units`
/// (lists of texts), `kind` of bounds, and `title`, `ansatz` and the facts of the file. *Collective.* \throws
/// sdk::Error of kind output.
void write_sweep(const base::Communicator& comm, const std::string& path, const SweepTable& table);

/// Whether a file holds such a table. Not collective. \throws sdk::Error of kind state where it is no HDF5 file.
bool is_sweep(const std::string& path);
/// Not collective. \throws sdk::Error of kind state.
SweepTable read_sweep(const std::string& path);

/// The same as text, one line a point, a head with names and units, for spreadsheets. *Collective.* \throws sdk::Error
/// of kind output.
void write_sweep_csv(const base::Communicator& comm, const std::string& path, const SweepTable& table);

}  // namespace ansatz::io
