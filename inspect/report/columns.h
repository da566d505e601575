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

/// wrap breaks a `visible` text into lines of at most `width` columns, later lines indented by
/// `hanging`. It breaks at spaces, else after punctuation (a suite's name at "_"), else anywhere.
/// Empty text: no line. `width` must be larger than `hanging` + 1.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t hanging = 0);

/// Characters of one line of a cell, at most: of a name of 64 KiB the beginning tells enough.
inline constexpr std::size_t kMaxCellText = 300;

/// Cell is what stands in one field of a table: raw lines, made visible and wrapped when laid out.
using Cell = std::vector<std::string>;

/// ColumnRow is one aspect of up to three legs; a layout of fewer columns shows the first cells.
struct ColumnRow {
  std::string label;
  std::string note;      ///< beside the label: mirrored, ours
  bool differs = false;  ///< prints != between left and right
  Cell left;
  Cell right;
  Cell third{};
  bool third_differs = false;  ///< prints != between right and third
};

/// ColumnLayout says how wide everything is. `note` is 0 where notes stand below their label.
struct ColumnLayout {
  /// Widths below which three columns can't be read.
  static constexpr std::size_t kThreeColumns = 90;

  std::size_t label = 0;
  std::size_t note = 0;
  std::size_t column = 0;
  std::size_t columns = 2;

  static ColumnLayout three_columns(std::size_t width);
  static ColumnLayout two_columns(std::size_t width);
  static ColumnLayout one_column(std::size_t width);
};

/// lay_out returns the row's lines: label, note, left value, then "|" or "!=" and each further one.
std::vector<std::string> lay_out(const ColumnRow& row, const ColumnLayout& layout);

/// rule returns the line below a table's head.
std::string rule(const ColumnLayout& layout);

}  // namespace visavis::inspect
