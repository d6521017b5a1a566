#pragma once
/// VTK's errors and warnings as text instead of lines on the terminal.

#include <vtkLogger.h>
#include <vtkOutputWindow.h>
#include <vtkSmartPointer.h>

#include <string>

namespace ansatz::vtk {

class MessageWindow;

/// Collects what VTK reports from construction to destruction. Not collective.
class Messages {
 public:
  Messages();
  ~Messages();
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  /// Errors so far, without VTK's file names and line numbers; empty where there are none.
  std::string errors() const;
  /// Warnings so far. VTK's legacy reader only warns where data are missing.
  std::string warnings() const;

 private:
  vtkSmartPointer<vtkOutputWindow> before_;
  vtkSmartPointer<MessageWindow> window_;
  vtkLogger::Verbosity verbosity_before_;
};

}  // namespace ansatz::vtk
