#include "proxy/session_output.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>

#include "tests/support/sample_reports.h"
#include "tests/support/test_certificates.h"

namespace visavis::proxy {
namespace {

class SessionOutputTest : public ::testing::Test {
 protected:
  /// What is on stdout after two healthy sessions.
  [[nodiscard]] static std::string written(const OutputOptions& options) {
    ::testing::internal::CaptureStdout();
    SessionOutput output(options);
    output.take(test::healthy_session());
    output.take(test::healthy_session());
    output.flush();
    output.flush();  // nothing twice
    return ::testing::internal::GetCapturedStdout();
  }
  [[nodiscard]] std::vector<std::string> log_lines() const {
    std::ifstream stream(log_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  visavis::testing::TemporaryDirectory folder_;
  std::filesystem::path log_ = folder_.path() / "log";
};

TEST_F(SessionOutputTest, JsonIsOneDocumentALineOnStdoutAndInTheLog) {
  const std::string text =
      written({.json = true, .style = {}, .log = log_, .har = {}, .version = {}});
  std::istringstream stream(text);
  const auto lines = log_lines();
  ASSERT_EQ(lines.size(), 2U);
  for (const std::string& logged : lines) {
    std::string line;
    ASSERT_TRUE(std::getline(stream, line));
    EXPECT_EQ(line, logged);
    EXPECT_EQ(boost::json::parse(line).at("schema").as_int64(), 1);
  }
}

TEST_F(SessionOutputTest, TextIsForStdoutAndTheLogStaysJson) {
  const std::string one = inspect::render_text(test::healthy_session(), {});
  EXPECT_EQ(written({.json = false, .style = {}, .log = log_, .har = {}, .version = {}}),
            one + one);
  EXPECT_EQ(log_lines().size(), 2U);
  EXPECT_EQ(boost::json::parse(log_lines()[0]).at("schema").as_int64(), 1);
}

TEST_F(SessionOutputTest, TheLogIsAppendedTo) {
  std::ofstream(log_) << "{}\n";
  (void)written({.json = true, .style = {}, .log = log_, .har = {}, .version = {}});
  EXPECT_EQ(log_lines().size(), 3U);
  EXPECT_EQ(log_lines()[0], "{}");
}

TEST_F(SessionOutputTest, ALogThatCannotBeOpenedIsRefusedInOneLine) {
  try {
    const SessionOutput output({.json = true,
                                .style = {},
                                .log = folder_.path() / "no" / "log",
                                .har = {},
                                .version = {}});
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("--log "));
  }
}

TEST_F(SessionOutputTest, AFullDiskEndsTheLogAndNothingElse) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  const std::string text =
      written({.json = true, .style = {}, .log = "/dev/full", .har = {}, .version = {}});
  std::istringstream stream(text);  // the diagnosis is there too: without our main, spdlog's stdout
  int documents = 0;
  for (std::string line; std::getline(stream, line);) documents += line.starts_with('{') ? 1 : 0;
  EXPECT_EQ(documents, 2);
}

}  // namespace
}  // namespace visavis::proxy
