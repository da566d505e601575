#include "inspect/report/columns.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "inspect/report/visible_text.h"

namespace visavis::inspect {
namespace {

/// Columns by which a cell's later lines are indented.
constexpr std::size_t kHanging = 2;

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  out.append(width - std::min(width, display_width(text)), ' ');
}

/// TextLines goes through the lines of texts that stand one below the other.
class TextLines {
 public:
  TextLines(std::span<const std::string> texts, std::size_t width, std::size_t hanging)
      : texts_(texts), width_(width), hanging_(hanging) {}

  /// next goes to the next line, the first one at first. False: there is none, now and later.
  bool next() {
    while (!breaks_ || !breaks_->next()) {
      breaks_.reset();
      if (texts_.empty()) return false;
      text_.emplace(texts_.front(), kMaxCellText);
      breaks_.emplace(*text_, width_, hanging_);
      texts_ = texts_.subspan(1);
    }
    return true;
  }
  /// add_to writes the line, or nothing where there is none, and spaces up to `width`.
  void add_to(std::string& out, std::size_t width) const {
    std::size_t columns = 0;
    if (breaks_) {
      out.append(breaks_->indent(), ' ').append(breaks_->text());
      columns = breaks_->columns();
    }
    out.append(width - std::min(width, columns), ' ');
  }

 private:
  std::span<const std::string> texts_;
  std::size_t width_;
  std::size_t hanging_;
  std::optional<VisibleText> text_;
  std::optional<LineBreaks> breaks_;
};

}  // namespace

ColumnLayout ColumnLayout::three_columns(std::size_t width) {
  ColumnLayout layout;
  layout.label = 10;
  layout.column = (width - layout.label - 1 - 8) / 3;
  layout.columns = 3;
  return layout;
}

ColumnLayout ColumnLayout::two_columns(std::size_t width) {
  ColumnLayout layout;
  layout.label = 10;
  layout.note = width >= 90 ? 8 : 0;
  const std::size_t before = layout.label + 1 + (layout.note > 0 ? layout.note + 1 : 0);
  layout.column = (width - before - 4) / 2;
  return layout;
}

ColumnLayout ColumnLayout::one_column(std::size_t width) {
  ColumnLayout layout;
  layout.label = 10;
  layout.column = width - layout.label - 1;
  layout.columns = 1;
  return layout;
}

void lay_out(const ColumnRow& row, const ColumnLayout& layout,
             const std::function<void(std::string_view line)>& give) {
  const std::string note =
      row.note.empty() ? ""
                       : shortened(visible(row.note), layout.note > 0 ? layout.note : layout.label);
  const std::array<std::string, 2> labels{row.label, layout.note > 0 ? "" : note};
  TextLines label(labels, layout.label, 0);
  std::array<TextLines, 3> cells{TextLines(row.left, layout.column, kHanging),
                                 TextLines(row.right, layout.column, kHanging),
                                 TextLines(row.third, layout.column, kHanging)};
  const std::array<bool, 3> differs{false, row.differs, row.third_differs};
  std::string line;
  for (bool first = true;; first = false) {
    bool more = label.next();
    for (std::size_t c = 0; c < layout.columns; ++c) more |= cells[c].next();
    if (!more) return;
    line.clear();
    label.add_to(line, layout.label + 1);
    if (layout.note > 0) append_padded(line, first ? note : "", layout.note + 1);
    for (std::size_t c = 0; c < layout.columns; ++c) {
      if (c > 0) line += differs[c] && first ? " != " : " |  ";
      cells[c].add_to(line, layout.column);
    }
    give(std::string_view(line).substr(0, line.find_last_not_of(' ') + 1));
  }
}

std::string rule(const ColumnLayout& layout) {
  const std::size_t before = layout.label + 1 + (layout.note > 0 ? layout.note + 1 : 0);
  std::string line(before + layout.column, '-');
  for (std::size_t c = 1; c < layout.columns; ++c)
    line += "-+" + std::string(layout.column + 2, '-');
  return line;
}

}  // namespace visavis::inspect
