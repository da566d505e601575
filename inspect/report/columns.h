#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {

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

/// lay_out gives the row's lines: label, note, left value, then "|" or "!=" and each further one.
void lay_out(const ColumnRow& row, const ColumnLayout& layout,
             const std::function<void(std::string_view line)>& give);

/// rule returns the line below a table's head.
std::string rule(const ColumnLayout& layout);

}  // namespace visavis::inspect
