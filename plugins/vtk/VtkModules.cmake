# Target vtk_modules with the given VTK modules, or vtk_modules_missing = a reason.
#
# An installed development package is found by VTK's own CMake files. Debian's libvtk9-dev cannot be installed beside
# python3-paraview, so it may instead be unpacked, for Ansatz's own build in build/packages/libvtk9-dev, and elsewhere with
# the cache entry ANSATZ_VTK_INCLUDE_DIR; its CMake files expect the libraries there too, so its headers are used with the
# installed libraries directly.
set(vtk_modules_missing "")
find_package(VTK 9.1 QUIET COMPONENTS ${vtk_components})
if(VTK_FOUND)
  add_library(vtk_modules INTERFACE)
  list(TRANSFORM vtk_components PREPEND "VTK::" OUTPUT_VARIABLE vtk_targets)
  target_link_libraries(vtk_modules INTERFACE ${vtk_targets})
  set(vtk_autoinit TRUE)
  return()
endif()

find_path(ANSATZ_VTK_INCLUDE_DIR vtkUnstructuredGrid.h DOC "Headers of VTK 9.1 that are not installed"
  HINTS ${CMAKE_SOURCE_DIR}/build/packages/libvtk9-dev/usr/include PATH_SUFFIXES vtk-9.1)
if(NOT EXISTS ${ANSATZ_VTK_INCLUDE_DIR}/vtkUnstructuredGrid.h)
  set(vtk_modules_missing "headers of VTK 9.1 not found (Debian: libvtk9-dev, or set ANSATZ_VTK_INCLUDE_DIR)")
  return()
endif()
set(libraries "")
foreach(component IN LISTS vtk_components)
  string(REGEX REPLACE "^vtk" "" file ${component})
  find_library(VTK_${component}_LIBRARY NAMES libvtk${file}-9.1.so libvtk${file}-9.1.so.1)
  if(NOT VTK_${component}_LIBRARY)
    set(vtk_modules_missing "library of VTK's module ${component} not found (Debian: libvtk9.1)")
    return()
  endif()
  list(APPEND libraries ${VTK_${component}_LIBRARY})
endforeach()
add_library(vtk_modules INTERFACE)
target_include_directories(vtk_modules SYSTEM INTERFACE ${ANSATZ_VTK_INCLUDE_DIR})
target_link_libraries(vtk_modules INTERFACE ${libraries})
