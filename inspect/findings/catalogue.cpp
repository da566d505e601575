#include "inspect/findings/catalogue.h"

#include <algorithm>
#include <utility>

#include "inspect/bytes/near_names.h"

namespace visavis::inspect {

/// The files of `explain/`, sorted by name; made by CMake.
extern const std::pair<std::string_view, std::string_view> kExplanationFiles[];
extern const std::size_t kExplanationCount;

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The part behind "## NAME", up to the next heading.
std::string_view part(std::string_view text, std::string_view name) {
  constexpr std::string_view kHeading = "\n## ";
  for (std::size_t at = text.find(kHeading); at != std::string_view::npos;
       at = text.find(kHeading, at + 1)) {
    std::string_view rest = text.substr(at + kHeading.size());
    if (take_line(rest) != name) continue;
    return trimmed(rest.substr(0, rest.find(kHeading)));
  }
  return {};
}

/// "- KEY: value" of the list on top.
std::string_view entry(std::string_view text, std::string_view key) {
  std::string_view rest = text.substr(0, text.find("\n## "));
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (!line.starts_with("- ")) continue;
    line.remove_prefix(2);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(": "))
      return trimmed(line.substr(key.size() + 2));
  }
  return {};
}

std::vector<FindingExplanation> read_catalogue() {
  std::vector<FindingExplanation> all;
  all.reserve(kExplanationCount);
  for (std::size_t i = 0; i < kExplanationCount; ++i)
    all.push_back(parse_explanation(kExplanationFiles[i].first, kExplanationFiles[i].second));
  return all;
}

}  // namespace

FindingExplanation parse_explanation(std::string_view id, std::string_view text) {
  FindingExplanation found;
  found.id = id;
  std::string_view rest = text;
  const std::string_view first = take_line(rest);
  found.title = first.starts_with("# ") ? trimmed(first.substr(2)) : std::string_view();
  found.severity = entry(text, "severity");
  found.side = entry(text, "side");
  found.found_by = entry(text, "found by");
  found.cause = part(text, "Cause");
  found.evidence = part(text, "Evidence");
  found.on_client = part(text, "Remedy on the client");
  found.on_backend = part(text, "Remedy on the backend");
  found.sources = part(text, "Sources");
  return found;
}

const std::vector<FindingExplanation>& finding_catalogue() {
  static const std::vector<FindingExplanation> all = read_catalogue();
  return all;
}

const FindingExplanation* explain_finding(std::string_view id) {
  const auto& all = finding_catalogue();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const auto& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> near_findings(std::string_view typed, std::size_t most) {
  std::vector<std::string_view> ids;
  for (const FindingExplanation& each : finding_catalogue()) ids.push_back(each.id);
  return near_names(typed, ids, most);
}

std::string catalogue_table(const std::vector<FindingExplanation>& catalogue) {
  std::string table = "| finding | severity | side | found by | what |\n|---|---|---|---|---|\n";
  for (const FindingExplanation& each : catalogue) {
    table += "| [`" + std::string(each.id) + "`](explain/" + std::string(each.id) + ".md) | ";
    table += std::string(each.severity) + " | " + std::string(each.side) + " | ";
    table += std::string(each.found_by) + " | " + std::string(each.title) + " |\n";
  }
  return table;
}

}  // namespace visavis::inspect
