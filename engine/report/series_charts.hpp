#pragma once
/// Charts of what runs and sweeps find.

#include "engine/io/charts/chart.hpp"
#include "engine/io/charts/sweep_file.hpp"
#include "engine/quantities/time_series.hpp"

namespace ansatz::report {

/// The first 24 quantities over time, up to 6 of one unit and of like sizes in a chart; long series are thinned, with
/// the least and largest value of each stretch kept.
/// \param columns names and units of the quantities
std::vector<io::Chart> charts_over_time(const quantities::TimeSeries& series, const io::Columns& columns);

/// Points of the first quantities over each of the parameters that vary, at most 12 charts; none where one parameter
/// varies, whose chart the study draws.
std::vector<io::Chart> charts_over_parameters(const io::SweepTable& table);

}  // namespace ansatz::report
