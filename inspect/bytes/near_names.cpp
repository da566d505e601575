#include "inspect/bytes/near_names.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace visavis::inspect {
namespace {

/// The letters and digits alone.
std::string normalized(std::string_view typed) {
  std::string text;
  for (const char c : typed.substr(0, 64)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text += c;
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Levenshtein's distance: letters put in, left out or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string_view> near_names(std::string_view typed,
                                         std::span<const std::string_view> names,
                                         std::size_t most) {
  const std::string wanted = normalized(typed);
  struct Candidate {
    std::size_t rank;
    std::string_view name;
  };
  std::vector<Candidate> candidates;
  for (const std::string_view each : names) {
    // Whoever types a part of a name means it more surely than whoever types something similar.
    const std::string name = normalized(each);
    const bool holds = !wanted.empty() && name.find(wanted) != std::string::npos;
    const std::size_t rank = holds ? 0 : distance(wanted, name);
    if (holds || rank <= std::max<std::size_t>(2, name.size() / 4))
      candidates.push_back({rank, each});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  std::vector<std::string_view> near;
  for (const Candidate& each : candidates) {
    if (near.size() == most) break;
    near.push_back(each.name);
  }
  return near;
}

}  // namespace visavis::inspect
