#pragma once
/// A page on a run, in one file: HTML without scripts, fonts or pictures from elsewhere.

#include <string>
#include <utility>
#include <vector>

#include "engine/io/charts/chart.hpp"
#include "engine/report/field_pictures.hpp"

namespace ansatz::report {

/// Texts in rows and columns.
struct Table {
  std::vector<std::string> head;  ///< empty: none
  std::vector<std::vector<std::string>> rows;
  std::size_t num_texts = 1;  ///< columns from the left that are texts; the others are numbers, set to the right
};

/// Sections of a page, in the order in which they are added. All texts are plain: what HTML would take for more is
/// escaped. Not collective.
class Report {
 public:
  explicit Report(std::string title) : title_(std::move(title)) {}

  void begin_section(const std::string& heading);
  void add_text(const std::string& text);
  /// A text that must not be overlooked.
  void add_warning(const std::string& text);
  void add_table(const Table& table);
  /// Beside each other where there is room.
  void add_chart(const io::Chart& chart);
  /// A picture that io/charts has drawn; nothing where it holds a script.
  void add_svg(std::string svg);
  /// With its colour bar; a remark instead where the page would grow beyond 2 MB.
  void add_picture(const Picture& picture);
  /// A link to a file in the folder of the page.
  void add_link(const std::string& file, const std::string& remark = {});

  std::string html() const;
  /// FOLDER/report.html, completely or not at all. \throws sdk::Error of kind output
  void write(const std::string& folder) const;

 private:
  void add(const std::string& html, bool is_figure = false);
  bool has_room(std::size_t bytes) const;

  std::string title_, body_;
  std::vector<std::pair<std::string, std::string>> contents_;  ///< id and heading
  bool in_figures_ = false;
};

/// A number with as many digits as people read.
std::string number(double value, int digits = 6);

}  // namespace ansatz::report
