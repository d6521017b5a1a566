#include "plugins/vtk/messages.hpp"

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
  void DisplayErrorText(const char* text) override { add(text); }
  void DisplayWarningText(const char*) override {}
  void DisplayGenericWarningText(const char*) override {}
  void DisplayDebugText(const char*) override {}

  const std::string& errors() const { return errors_; }

 protected:
  MessageWindow() = default;

 private:
  void add(const char* text) {
    const auto message = plain(text);
    if (errors_.size() + message.size() > 2000 || errors_.find(message) != errors_.npos) return;
    errors_ += (errors_.empty() ? "" : "; ") + message;
  }

  std::string errors_;
};

vtkStandardNewMacro(MessageWindow);

Messages::Messages() : before_(vtkOutputWindow::GetInstance()), window_(vtkSmartPointer<MessageWindow>::New()) {
  vtkOutputWindow::SetInstance(window_);
}

Messages::~Messages() { vtkOutputWindow::SetInstance(before_); }

std::string Messages::errors() const { return window_->errors(); }

}  // namespace ansatz::vtk
