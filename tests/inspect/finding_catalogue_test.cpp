// The long forms of the findings: each rule has one, whole, and the README's table is made of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "inspect/findings/catalogue.h"
#include "inspect/findings/rule_table.h"
#include "inspect/report/json_explanation.h"
#include "inspect/report/text_explanation.h"

namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::set<std::string> words_of(std::string_view list) {
  std::set<std::string> words;
  std::istringstream text{std::string(list)};
  for (std::string word; std::getline(text, word, ',');)
    words.insert(word.substr(std::min(word.find_first_not_of(' '), word.size())));
  return words;
}

TEST(Catalogue, EveryRuleHasALongForm) {
  for (const Rule& rule : rules()) EXPECT_NE(explain_finding(rule.id), nullptr) << rule.id;
}

TEST(Catalogue, EveryLongFormIsWhole) {
  const std::set<std::string> severities{"error", "warning", "info"};
  const std::set<std::string> sides{"client", "backend", "both", "proxy", "network"};
  const std::set<std::string> finders{"session", "compare", "experiment"};
  for (const FindingExplanation& each : finding_catalogue()) {
    SCOPED_TRACE(std::string(each.id));
    EXPECT_THAT(each.title, Not(IsEmpty()));
    EXPECT_EQ(each.title.find('\n'), std::string_view::npos);
    for (const std::string& word : words_of(each.severity))
      EXPECT_TRUE(severities.contains(word)) << word;
    for (const std::string& word : words_of(each.side)) EXPECT_TRUE(sides.contains(word)) << word;
    for (const std::string& word : words_of(each.found_by))
      EXPECT_TRUE(finders.contains(word)) << word;
    EXPECT_FALSE(each.severity.empty() || each.side.empty() || each.found_by.empty());
    for (const std::string_view part :
         {each.cause, each.evidence, each.on_client, each.on_backend, each.sources})
      EXPECT_THAT(part, Not(IsEmpty()));
  }
}

/// What is said to be found in a session is found by a rule; what an experiment proves may have
/// none.
TEST(Catalogue, NoLongFormWithoutARule) {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) ids.insert(rule.id);
  for (const FindingExplanation& each : finding_catalogue()) {
    const bool by_rule = words_of(each.found_by).contains("session");
    EXPECT_TRUE(!by_rule || ids.contains(each.id)) << each.id;
  }
}

TEST(Catalogue, FileIsReadPartByPart) {
  const FindingExplanation found = parse_explanation(
      "x",
      "# What is wrong\n\n- severity: error, info\n- side: both\n- found by: session\n\n## Cause\n"
      "First\nline.\n\nSecond.\n\n## Evidence\nSeen.\n\n## Remedy on the client\nA\n## Remedy on "
      "the backend\nB\n\n## Sources\nRFC 1\n");
  EXPECT_EQ(found.title, "What is wrong");
  EXPECT_EQ(found.severity, "error, info");
  EXPECT_EQ(found.side, "both");
  EXPECT_EQ(found.found_by, "session");
  EXPECT_EQ(found.cause, "First\nline.\n\nSecond.");
  EXPECT_EQ(found.evidence, "Seen.");
  EXPECT_EQ(found.on_client, "A");
  EXPECT_EQ(found.on_backend, "B");
  EXPECT_EQ(found.sources, "RFC 1");
  EXPECT_THAT(parse_explanation("x", "").title, IsEmpty());
  EXPECT_THAT(parse_explanation("x", "## Cause\n").cause, IsEmpty());
}

TEST(Catalogue, NearIdsAreSuggested) {
  EXPECT_THAT(near_findings("common version", 3), ElementsAre("no-common-version"));
  EXPECT_THAT(near_findings("no-comon-version", 1), ElementsAre("no-common-version"));
  EXPECT_THAT(near_findings("zzzzzzzz", 3), IsEmpty());
}

TEST(Catalogue, TextIsWrappedAndWhole) {
  const FindingExplanation* found = explain_finding("no-common-version");
  ASSERT_NE(found, nullptr);
  const std::string text = render_explanation(*found, {.width = 60});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 60U) << line;
  for (const char* heading :
       {"CAUSE", "EVIDENCE", "REMEDY ON THE CLIENT", "REMEDY ON THE BACKEND", "SOURCES"})
    EXPECT_THAT(text, HasSubstr(std::string("\n") + heading + "\n"));
  EXPECT_THAT(render_explanation_json("x", *found),
              HasSubstr(R"("type":"explanation","inputs":[{"input":"x","readings":[{"vocabulary":)"
                        R"("finding","value":"no-common-version")"));
}

TEST(Catalogue, ReadmeShowsTheTable) {
  const std::string path = VISAVIS_SOURCE_DIR "/inspect/findings/README.md";
  std::ifstream file(path, std::ios::binary);
  std::string readme((std::istreambuf_iterator<char>(file)), {});
  const std::string table = catalogue_table(finding_catalogue());
  const std::size_t begin = std::min(readme.find("| finding |"), readme.size());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << readme.substr(0, begin) << table;
    return;
  }
  EXPECT_EQ(readme.substr(begin), table) << path;
}

}  // namespace
}  // namespace visavis::inspect
