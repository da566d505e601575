#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "inspect/report/columns.h"

/// Lists in a table's cells: all of them are bounded, and say what they leave out.
namespace visavis::inspect {

/// Items of a cell that are shown: alerts, problems, stores, malformed messages.
inline constexpr std::size_t kMaxItems = 6;

/// more_line returns "and 3 more", for what a bounded list leaves out.
inline std::string more_line(std::size_t count) { return "and " + std::to_string(count) + " more"; }

/// counted returns "1 suite" or "3 suites".
inline std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

/// cell_with returns a cell of one line.
inline Cell cell_with(std::string line) {
  Cell cell;
  cell.push_back(std::move(line));
  return cell;
}

/// join writes the first items of a list, separated, and how many more there are.
template <class List, class Write>
std::string join(const List& list, std::size_t most, const Write& write) {
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
    if (i > 0) text += ", ";
    text += write(list[i]);
  }
  if (list.size() > most) text += ", " + more_line(list.size() - most);
  return text;
}

/// add_lines adds a line per item, bounded.
template <class List, class Write>
void add_lines(Cell& cell, const List& list, const Write& write) {
  for (std::size_t i = 0; i < std::min(list.size(), kMaxItems); ++i) cell.push_back(write(list[i]));
  if (list.size() > kMaxItems) cell.push_back(more_line(list.size() - kMaxItems));
}

/// same writes an item as it is.
inline const std::string& same(const std::string& text) { return text; }

}  // namespace visavis::inspect
