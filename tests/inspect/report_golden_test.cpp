#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "inspect/report/json_report.h"
#include "inspect/report/text_report.h"
#include "tests/support/sample_reports.h"

// What the reports look like, whole: tests/golden/session_*.json and .txt. UPDATE_GOLDEN=1 rewrites
// them; the difference is then read in review.
namespace visavis::inspect {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = VISAVIS_SOURCE_DIR "/tests/golden/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, golden) << path;
}

TEST(ReportGolden, Text) {
  expect_golden("session_healthy.txt", render_text(test::healthy_session()));
  expect_golden("session_no_common_version.txt", render_text(test::no_common_version_session()));
  expect_golden("session_incomplete_chain.txt", render_text(test::incomplete_chain_session()));
  expect_golden("session_client_certificate.txt", render_text(test::client_certificate_session()));
  expect_golden("session_passthrough_refused.txt",
                render_text(test::passthrough_refused_session()));
  expect_golden("session_passthrough_healthy.txt",
                render_text(test::passthrough_healthy_session()));
}

TEST(ReportGolden, Json) {
  expect_golden("session_healthy.json", render_json(test::healthy_session()) + '\n');
  expect_golden("session_no_common_version.json",
                render_json(test::no_common_version_session()) + '\n');
  expect_golden("session_incomplete_chain.json",
                render_json(test::incomplete_chain_session()) + '\n');
  expect_golden("session_client_certificate.json",
                render_json(test::client_certificate_session()) + '\n');
  expect_golden("session_passthrough_refused.json",
                render_json(test::passthrough_refused_session()) + '\n');
  expect_golden("session_passthrough_healthy.json",
                render_json(test::passthrough_healthy_session()) + '\n');
}

}  // namespace
}  // namespace visavis::inspect
