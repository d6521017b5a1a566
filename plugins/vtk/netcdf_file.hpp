#pragma once
/// Length check of netCDF files: the netCDF library reads zeros where a classic file ends too early.

#include <string>

namespace ansatz::vtk {

/// Compares the length of a file with what its header announces, for the classic formats (CDF-1, 2 and 5); a netCDF-4
/// file is checked by HDF5 itself. \throws Error of kind mesh: truncated, or no netCDF file.
void require_whole_netcdf(const std::string& path);

}  // namespace ansatz::vtk
