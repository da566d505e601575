// What is known of an HTTP exchange, in the reports.
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

TEST(HttpExchange, SaysWhyThereIsNoWholeResponse) {
  SessionReport session = test::healthy_session();
  session.http = {{"http/2", "GET", "/a", 200, 0, 5, 1.5}};
  EXPECT_THAT(render_json(session), Not(HasSubstr("excused")));
  session.http.front().excused = "the client cancelled it";
  EXPECT_EQ(read_session_json(render_json(session), nullptr), session);
  const std::string text = render_text(session, {});
  EXPECT_THAT(text, HasSubstr("GET /a -> 200, http/2, body 0 up, 5 down, first byte after 1.5 ms"));
  EXPECT_THAT(text, HasSubstr("the client cancelled it"));
}

TEST(HttpExchange, SaysThatItEndedWithTheConnection) {
  SessionReport session = test::healthy_session();
  session.http = {{"http/1.0", "GET", "/a", 200, 0, 5, 1.5}};
  EXPECT_THAT(render_json(session), Not(HasSubstr("until_close")));
  session.http.front().until_close = true;
  EXPECT_EQ(read_session_json(render_json(session), nullptr), session);
}

TEST(HttpExchange, SaysWhomItIsFor) {
  SessionReport session = test::healthy_session();
  session.http = {{"http/2", "GET", "/a", 200, 0, 5, 1.5}};
  EXPECT_THAT(render_json(session), Not(HasSubstr("\"host\"")));
  session.http.front().host = "shop.example.com:8443";
  EXPECT_THAT(render_json(session), HasSubstr("\"host\":\"shop.example.com:8443\""));
  EXPECT_EQ(read_session_json(render_json(session), nullptr), session);
}

TEST(HttpConnect, IsNamedInBothReports) {
  SessionReport session = test::healthy_session();
  EXPECT_THAT(render_text(session, {}), Not(HasSubstr("CONNECT")));
  session.connect = "shop.example.com:443";
  EXPECT_EQ(read_session_json(render_json(session), nullptr), session);
  const std::string text = render_text(session, {});
  EXPECT_THAT(text, HasSubstr("shop.example.com:443 by HTTP CONNECT"));
}

}  // namespace
}  // namespace visavis::inspect
