// What a full disk has cost the capture is in the session's report, in text and JSON, and read
// back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"
#include "inspect/report/text_report.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PacketsNotCaptured, AreInTheReportWhereThereAreAny) {
  SessionReport session = test::healthy_session();
  EXPECT_THAT(render_json(session), Not(HasSubstr("packets_not_captured")));
  EXPECT_THAT(render_text(session, {}), Not(HasSubstr("NOT CAPTURED")));
  session.packets_not_captured = 17;
  EXPECT_THAT(render_json(session), HasSubstr("\"packets_not_captured\":17"));
  EXPECT_THAT(render_text(session, {}),
              HasSubstr("NOT CAPTURED: 17 packets that the capture file could not take\n"));
  std::string problem;
  const auto read = read_session_json(render_json(session), &problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(read->packets_not_captured, 17U);
}

}  // namespace
}  // namespace visavis::inspect
