#include "inspect/findings/rule.h"

#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/support/hello_builder.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_plaintext_on_tls_port;

LegReport leg_that_began_with(LegKind kind, Direction direction, std::string_view text) {
  TranscriptBuilder builder(kind);
  builder.observe_connected(0, Party::proxy, std::nullopt);
  builder.observe_wire(10, direction, test::text_bytes(text));
  builder.observe_close(20, Party::backend, CloseHow::fin);
  return summarize_leg(builder.transcript());
}

TEST(FindingPlaintextOnTlsPort, TheClient) {
  SessionReport session;
  session.client_leg =
      leg_that_began_with(LegKind::client_leg, Direction::c2s, "GET / HTTP/1.1\r\n");
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->side, "client");
  EXPECT_EQ(finding->presented, "plain HTTP request");
  EXPECT_EQ(finding->confidence, "proven");
  ASSERT_EQ(finding->evidence.size(), 1U);
  EXPECT_EQ(finding->evidence[0].leg, "client_leg");
  EXPECT_EQ(finding->evidence[0].what, "plain HTTP request from the client");
}

TEST(FindingPlaintextOnTlsPort, NearMisses) {
  const std::string_view bytes[] = {"hello there", "\x16\x03\x01\x00\x01\x01", "GE", "\xff\xff"};
  for (const std::string_view text : bytes) {
    SessionReport session;
    session.client_leg = leg_that_began_with(LegKind::client_leg, Direction::c2s, text);
    EXPECT_FALSE(diagnose(session)) << text;
  }
  SessionReport session = test::not_tls_session();
  session.client_leg->outcome = "failed";
  EXPECT_FALSE(diagnose(session)) << "the outcome decides";
  session = test::not_tls_session();
  session.client_leg->first_bytes.reset();
  EXPECT_FALSE(diagnose(session));
  EXPECT_FALSE(diagnose(test::healthy_session()));
  EXPECT_FALSE(diagnose(test::no_common_version_session()));
  SessionReport answered = test::healthy_session();
  answered.backend_leg =
      leg_that_began_with(LegKind::backend_leg, Direction::s2c, "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_FALSE(diagnose(answered)) << "wrong-protocol-on-port";
  EXPECT_FALSE(diagnose(SessionReport{}));
}

}  // namespace
}  // namespace visavis::inspect
