#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {

/// visible returns the text with everything written out that a terminal or a reader would not see
/// as a character: control characters as \x1b, direction marks, zero-width characters and line
/// separators as \u202e. Bytes that are no UTF-8 become U+FFFD. Of a text of more than `most`
/// characters the first are followed by "...". What it returns is safe to print.
std::string visible(std::string_view text, std::size_t most = std::string_view::npos);

/// same_text is true when a reader could not tell the two apart; a report compares what it shows,
/// so that it says the same after its strings went through JSON.
bool same_text(std::string_view a, std::string_view b);

/// display_width returns the columns that a `visible` text takes: East Asian wide characters two,
/// every other character one. A combining mark counts too, so that a line's length bounds its
/// characters.
std::size_t display_width(std::string_view text);

/// shortened returns a `visible` text cut to `width` columns, "..." at its end where it was longer.
std::string shortened(std::string_view text, std::size_t width);

/// VisibleText is a text made `visible`: the text itself, which must outlive it, where nothing has
/// to be written out.
class VisibleText {
 public:
  explicit VisibleText(std::string_view text, std::size_t most = std::string_view::npos);
  VisibleText(const VisibleText&) = delete;
  VisibleText& operator=(const VisibleText&) = delete;

  [[nodiscard]] std::string_view text() const { return text_; }
  /// is_plain says that each byte of the text is a character of one column.
  [[nodiscard]] bool is_plain() const { return plain_; }

 private:
  std::string_view text_;
  bool plain_;
  std::string written_out_;
};

/// LineBreaks breaks a text, which must outlive it, into lines of at most `width` columns, later
/// lines indented by `hanging`. It breaks at spaces, else after punctuation (a suite's name at
/// "_"), else anywhere. Empty text: no line. `width` must be larger than `hanging` + 1.
class LineBreaks {
 public:
  LineBreaks(const VisibleText& text, std::size_t width, std::size_t hanging = 0);

  /// next goes to the next line, the first one at first. False: there is none.
  bool next();
  [[nodiscard]] std::size_t indent() const { return indent_; }
  /// text is the line's, behind its indent.
  [[nodiscard]] std::string_view text() const { return text_; }
  /// columns are the line's, with its indent.
  [[nodiscard]] std::size_t columns() const;

 private:
  std::string_view left_;
  std::size_t width_;
  std::size_t hanging_;
  bool plain_;
  bool begun_ = false;
  std::size_t indent_ = 0;
  std::string_view text_;
};

/// wrap returns all lines of LineBreaks, of a text made visible.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t hanging = 0);

}  // namespace visavis::inspect
