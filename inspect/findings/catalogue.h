#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {

/// FindingExplanation is the long form of one finding, for people. Its text is data: one file a
/// finding in `explain/`, whose README says how it is written. All text lives as long as the
/// program.
struct FindingExplanation {
  std::string_view id;          ///< "no-common-version"
  std::string_view title;       ///< one line
  std::string_view severity;    ///< which severities it can have: "error", "error, warning"
  std::string_view side;        ///< who must change: "client", "backend, both" ...
  std::string_view found_by;    ///< session, compare, experiment: what can show it
  std::string_view cause;       ///< why it happens; one or several paragraphs
  std::string_view evidence;    ///< what to look for in the report
  std::string_view on_client;   ///< remedy on the client's side
  std::string_view on_backend;  ///< remedy on the backend's side
  std::string_view sources;     ///< RFC sections and the like
};

/// finding_catalogue lists all findings, by id.
const std::vector<FindingExplanation>& finding_catalogue();

/// explain_finding returns the finding with this id; nullptr when there is none.
const FindingExplanation* explain_finding(std::string_view id);

/// near_findings returns at most `most` ids that are like what somebody typed, best first.
std::vector<std::string_view> near_findings(std::string_view typed, std::size_t most);

/// parse_explanation reads one file of `explain/`. What a file lacks stays empty.
FindingExplanation parse_explanation(std::string_view id, std::string_view text);

/// catalogue_table is the table of all findings in Markdown, a line a finding: what the README of
/// this folder shows.
std::string catalogue_table(const std::vector<FindingExplanation>& catalogue);

}  // namespace visavis::inspect
