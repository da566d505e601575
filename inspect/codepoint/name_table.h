#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "inspect/codepoint/grease.h"

namespace visavis::inspect {

/// NameEntry is one line of a registry: the wire number and its name.
struct NameEntry {
  std::uint16_t value;
  std::string_view name;
};

/// is_name_table is true when the values are strictly ascending (so sorted and unique), no name is
/// empty, and no value is GREASE's, which `name` answers for all types alike.
constexpr bool is_name_table(std::span<const NameEntry> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i > 0 && table[i - 1].value >= table[i].value) return false;
    if (table[i].name.empty() || is_grease(table[i].value)) return false;
  }
  return true;
}

/// find_name returns the name of `value`, or an empty view when the table has none. The table must
/// pass is_name_table; the view lives as long as the table's names.
constexpr std::string_view find_name(std::span<const NameEntry> table, std::uint16_t value) {
  const auto found =
      std::lower_bound(table.begin(), table.end(), value,
                       [](const NameEntry& entry, std::uint16_t v) { return entry.value < v; });
  if (found == table.end() || found->value != value) return {};
  return found->name;
}

}  // namespace visavis::inspect
