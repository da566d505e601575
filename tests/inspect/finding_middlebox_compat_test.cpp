// The ChangeCipherSpec of TLS 1.3's compatibility mode: who refuses it. (The session id's part is
// with bad-server-hello's tests.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

LegScript modern(LegScript leg, const std::string& server) {
  leg.hello({0x1301}, {0x0304});
  leg->client_hello->session_id = "a1b2";
  leg->client_hello->extensions = {code_point(kSupportedVersions), code_point(kKeyShare)};
  leg.server_hello(0x0304, 0x1301);
  leg->server_hello->session_id = "a1b2";
  leg->server_hello->extensions = {code_point(kSupportedVersions), code_point(kKeyShare)};
  leg.message(server, "ChangeCipherSpec");
  return leg;
}

TEST(FindingMiddleboxCompat, AClientThatRefusesTheChangeCipherSpec) {
  LegScript leg = modern(LegScript::direct_leg(), "backend");
  leg.alert("client", 10).close("client", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"middlebox-compat client error likely"}));
}

/// Our library is done by then, and had no data to send yet.
TEST(FindingMiddleboxCompat, ABackendThatRefusesTheChangeCipherSpec) {
  LegScript backend = modern(LegScript::backend_leg(), "backend");
  backend.message("backend", "Finished").message("proxy", "ChangeCipherSpec").established();
  backend->events.pop_back();  // the backend's Finished came before
  backend.alert("backend", 10).close("backend", "fin");
  LegScript client = modern(LegScript::client_leg(), "proxy");
  client.established().close("proxy", "fin");
  EXPECT_EQ(lines(session_of(client.leg(), backend.leg())),
            (Lines{"middlebox-compat backend error likely"}));
}

/// The second hello came behind it: more servers stumble over that.
TEST(FindingMiddleboxCompat, AfterAHelloRetryRequestTheHelloIsTheLikelier) {
  LegScript leg = modern(LegScript::direct_leg(), "backend");
  leg->server_hello->random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  leg->hello_retry = true;
  leg.message("client", "ChangeCipherSpec").message("client", "ClientHello");
  leg.alert("backend", 10).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())),
            (Lines{"hello-retry-unsupported backend error likely"}));
}

/// The backend has none: it was our library that put it there.
TEST(FindingMiddleboxCompat, OneThatOnlyWeSentIsOurDoing) {
  LegScript client = modern(LegScript::client_leg(), "proxy");
  client.alert("client", 10).close("client", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello({0x1301}, {0x0304}).server_hello(0x0304, 0x1301).established();
  backend.close("proxy", "fin");
  EXPECT_EQ(lines(session_of(client.leg(), backend.leg())),
            (Lines{"middlebox-compat proxy error likely"}));
}

TEST(FindingMiddleboxCompat, NearMisses) {
  LegScript other = modern(LegScript::direct_leg(), "backend");
  other.alert("client", 47).close("client", "fin");
  EXPECT_THAT(lines(passed_session(other.leg())), Not(Contains(HasSubstr("middlebox-compat"))));
  LegScript went_on = modern(LegScript::direct_leg(), "backend");
  went_on.message("client", "Finished").alert("client", 10).close("client", "fin");
  EXPECT_THAT(lines(passed_session(went_on.leg())), Not(Contains(HasSubstr("middlebox-compat"))));
  // A request had gone, and may be what was not expected.
  LegScript asked = modern(LegScript::backend_leg(), "backend");
  asked.message("proxy", "ChangeCipherSpec").established().record(true, 23, 100);
  asked->records.back().plaintext_length = 80;
  asked.alert("backend", 10).close("backend", "fin");
  LegScript client = modern(LegScript::client_leg(), "proxy");
  client.established().close("proxy", "fin");
  EXPECT_THAT(lines(session_of(client.leg(), asked.leg())),
              Not(Contains(HasSubstr("middlebox-compat"))));
  LegScript old = LegScript::direct_leg();
  old.hello({0xc02f}).server_hello(0x0303, 0xc02f).message("client", "ChangeCipherSpec");
  old.alert("backend", 10).close("backend", "fin");
  EXPECT_THAT(lines(passed_session(old.leg())), Not(Contains(HasSubstr("middlebox-compat"))))
      << "there it means something";
}

}  // namespace
}  // namespace visavis::inspect
