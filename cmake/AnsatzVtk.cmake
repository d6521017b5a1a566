# ansatz_link_vtk(TARGET MODULE...): links VTK's libraries, for example IOParallelXML, by name.
#
# Debian's libvtk9-dev cannot be installed beside python3-paraview, so tools/setup unpacks its headers in build/packages
# and installs the libraries alone; where libvtk9-dev is installed, its headers are used.
find_path(ANSATZ_VTK_INCLUDE_DIR vtkVersionMacros.h PATH_SUFFIXES vtk-9.1
  HINTS ${PROJECT_SOURCE_DIR}/build/packages/libvtk9-dev/usr/include)

function(ansatz_link_vtk target)
  if(NOT ANSATZ_VTK_INCLUDE_DIR)
    message(FATAL_ERROR "The headers of VTK 9.1 are not there: run tools/setup, or unpack Debian's libvtk9-dev")
  endif()
  target_include_directories(${target} SYSTEM PRIVATE ${ANSATZ_VTK_INCLUDE_DIR})
  foreach(module IN LISTS ARGN)
    find_library(ANSATZ_VTK_${module} NAMES libvtk${module}-9.1.so libvtk${module}-9.1.so.1 REQUIRED)
    target_link_libraries(${target} PRIVATE ${ANSATZ_VTK_${module}})
  endforeach()
endfunction()
