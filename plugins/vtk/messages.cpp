#include "messages.hpp"

#include <vtkObjectFactory.h>

#include <algorithm>

namespace ansatz::vtk {
namespace {

/// The message after the address of VTK's object, "ERROR: In FILE, line N\nvtkClass (0x...): message\n\n", on one line.
std::string plain(std::string text) {
  const auto object = text.find("): ");
  if (object != text.npos) text.erase(0, object + 3);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

class MessageWindow : public vtkOutputWindow {
 public:
  static MessageWindow* New();
  vtkTypeMacro(MessageWindow, vtkOutputWindow);

  void DisplayText(const char*) override {}
  void DisplayErrorText(const char* text) override { add(errors_, text); }
  void DisplayWarningText(const char* text) override { add(warnings_, text); }
  void DisplayGenericWarningText(const char* text) override { add(warnings_, text); }
  void DisplayDebugText(const char*) override {}

  const std::string& errors() const { return errors_; }
  const std::string& warnings() const { return warnings_; }

 protected:
  MessageWindow() = default;

 private:
  static void add(std::string& list, const char* text) {
    const auto message = plain(text);
    if (list.size() + message.size() > 500 || list.find(message) != list.npos) return;
    list += (list.empty() ? "" : "; ") + message;
  }

  std::string errors_, warnings_;
};

vtkStandardNewMacro(MessageWindow);

Messages::Messages()
    : before_(vtkOutputWindow::GetInstance()),
      window_(vtkSmartPointer<MessageWindow>::New()),
      verbosity_before_(vtkLogger::GetCurrentVerbosityCutoff()) {
  vtkOutputWindow::SetInstance(window_);
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);
}

Messages::~Messages() {
  vtkLogger::SetStderrVerbosity(verbosity_before_);
  vtkOutputWindow::SetInstance(before_);
}

std::string Messages::errors() const { return window_->errors(); }
std::string Messages::warnings() const { return window_->warnings(); }

}  // namespace ansatz::vtk
