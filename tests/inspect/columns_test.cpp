#include "inspect/report/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines_of(const ColumnRow& row, const ColumnLayout& layout) {
  std::vector<std::string> lines;
  lay_out(row, layout, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

TEST(Columns, RowsStandSideBySide) {
  const ColumnLayout layout = ColumnLayout::two_columns(60);
  const ColumnRow differing{"version", "mirrored", true, {"TLS 1.2"}, {"TLS 1.0"}};
  EXPECT_THAT(lines_of(differing, layout),
              ElementsAre("version    TLS 1.2                != TLS 1.0",
                          "mirrored                          |"));
  const ColumnRow equal{"suite", "", false, {"A", "B"}, {"C"}};
  EXPECT_THAT(lines_of(equal, layout), ElementsAre("suite      A                      |  C",
                                                   "           B                      |"));
}

TEST(Columns, ThirdColumnIsMarkedOnItsOwn) {
  const ColumnLayout layout = ColumnLayout::three_columns(90);
  const ColumnRow row{"version", "ours", false, {"TLS 1.2"}, {"TLS 1.2"}, {"alert 70"}, true};
  EXPECT_THAT(
      lines_of(row, layout),
      ElementsAre("version    TLS 1.2                 |  TLS 1.2                 != alert 70",
                  "ours                               |                          |"));
  EXPECT_EQ(
      rule(layout),
      "-----------------------------------+--------------------------+-------------------------");
}

TEST(Columns, OneColumnUsesTheWholeWidth) {
  const ColumnLayout layout = ColumnLayout::one_column(60);
  EXPECT_EQ(rule(layout), std::string(60, '-'));
  EXPECT_THAT(lines_of({"history", "", true, {"CSx"}, {"no"}}, layout),
              ElementsAre("history    CSx"));
}

}  // namespace
}  // namespace visavis::inspect
