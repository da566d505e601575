#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "inspect/report/json_reader.h"
#include "inspect/report/text_report.h"

namespace visavis::inspect {
namespace {

std::string contents_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// README.md opens with a report of a real session, kept as JSON: the text must be what we render
/// today.
TEST(Readme, ShowsTheReportAsItIsRendered) {
  const std::string root = VISAVIS_SOURCE_DIR;
  std::string problem;
  const auto session =
      read_session_json(contents_of(root + "/tests/data/readme_session.json"), &problem);
  ASSERT_TRUE(session) << problem;
  const std::string readme = contents_of(root + "/README.md");
  const std::string opening = "<!-- report -->\n```\n";
  const std::size_t begin = readme.find(opening);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t text_begin = begin + opening.size();
  const std::size_t text_end = readme.find("```\n", text_begin);
  ASSERT_NE(text_end, std::string::npos);
  const std::string rendered = render_text(*session);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(root + "/README.md", std::ios::binary)
        << readme.substr(0, text_begin) << rendered << readme.substr(text_end);
    return;
  }
  EXPECT_EQ(readme.substr(text_begin, text_end - text_begin), rendered);
}

}  // namespace
}  // namespace visavis::inspect
