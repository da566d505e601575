#include "inspect/findings/rule.h"

#include <gtest/gtest.h>

#include "inspect/codepoint/alert.h"
#include "tests/support/sample_legs.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_no_server_hello;

/// The hello went out, and the backend closed without one byte.
SessionReport silent_session(const char* by, const char* how) {
  SessionReport session = test::healthy_session();
  LegReport& leg = *session.backend_leg;
  leg.outcome = "failed";
  leg.reached = "client_hello";
  leg.established.reset();
  leg.server_hello.reset();
  leg.certificates.clear();
  leg.chain.reset();
  leg.alerts.clear();
  leg.raw_s2c.clear();
  leg.close = CloseReport{by, how};
  leg.events.resize(2);
  leg.events.push_back({2, 900, by, "close", how, 0});
  return session;
}

TEST(FindingNoServerHello, FinRstAndSilence) {
  const auto fin = diagnose(silent_session("backend", "fin"));
  ASSERT_TRUE(fin);
  EXPECT_EQ(fin->presented, "FIN");
  EXPECT_EQ(fin->side, "backend");
  EXPECT_EQ(fin->confidence, "likely");
  EXPECT_EQ(fin->severity, "error");
  EXPECT_NE(fin->cause.find("closed it (FIN)"), std::string::npos);
  ASSERT_EQ(fin->evidence.size(), 2U);
  EXPECT_EQ(fin->evidence[1].event, 2U);

  const auto rst = diagnose(silent_session("backend", "rst"));
  ASSERT_TRUE(rst);
  EXPECT_EQ(rst->presented, "RST");

  const auto silence = diagnose(silent_session("proxy", "timeout"));
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->presented, "nothing");
  EXPECT_EQ(silence->codes.chrome, "ERR_TIMED_OUT");
}

TEST(FindingNoServerHello, NearMisses) {
  using Change = void (*)(LegReport&);
  const std::pair<const char*, Change> changes[] = {
      {"an alert",
       [](LegReport& l) {
         l.alerts = {{1, "backend", "fatal", code_point(kHandshakeFailure)}};
       }},
      {"a part of a record", [](LegReport& l) { l.raw_s2c = "1603"; }},
      {"a ServerHello", [](LegReport& l) { l.reached = "server_hello"; }},
      {"no hello was sent", [](LegReport& l) { l.reached = "tcp"; }},
      {"not ended", [](LegReport& l) { l.close.reset(); }},
      {"not ended, says the outcome", [](LegReport& l) { l.outcome = "incomplete"; }},
      {"we gave up",
       [](LegReport& l) {
         l.close = CloseReport{"proxy", "fin"};
       }},
      {"the client gave up",
       [](LegReport& l) {
         l.close = CloseReport{"client", "rst"};
       }},
      {"not TLS", [](LegReport& l) { l.outcome = "not-tls"; }},
      {"malformed",
       [](LegReport& l) { l.malformed = {"ServerHello sent by backend: truncated"}; }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = silent_session("backend", "fin");
    change(*session.backend_leg);
    EXPECT_FALSE(diagnose(session)) << what;
  }
  for (const auto& [name, session] : test::sample_sessions())
    EXPECT_FALSE(diagnose(session)) << name;
}

TEST(FindingNoServerHello, SilenceOfTheClientIsNotTheBackends) {
  SessionReport session = test::healthy_session();
  session.client_leg = silent_session("client", "fin").backend_leg;
  EXPECT_FALSE(diagnose(session));
}

}  // namespace
}  // namespace visavis::inspect
