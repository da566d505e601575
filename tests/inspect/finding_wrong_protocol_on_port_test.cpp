#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/findings/rule.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/inspect/judged_session.h"
#include "tests/support/hello_builder.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::string_view_literals;

const auto diagnose = diagnose_wrong_protocol_on_port;

/// What a server says to a ClientHello that was (or was not) sent before it spoke.
LegReport answered(LegKind kind, std::string_view text, bool hello_first = true,
                   bool hello = true) {
  TranscriptBuilder builder(kind);
  builder.observe_connected(0, Party::proxy, std::nullopt);
  const auto say_hello = [&] {
    const test::ByteVector record = test::data_file("hellos/openjdk_17");
    builder.observe_client_hello(5, *parse_client_hello(Bytes(record).subspan(5)), {}, false);
  };
  if (hello && hello_first) say_hello();
  builder.observe_wire(10, Direction::s2c, test::text_bytes(text));
  if (hello && !hello_first) say_hello();
  builder.observe_close(20, Party::backend, CloseHow::fin);
  return summarize_leg(builder.transcript());
}

SessionReport terminated(std::string_view text) {
  SessionReport session = test::healthy_session();
  session.backend_leg = answered(LegKind::backend_leg, text);
  return session;
}

TEST(FindingWrongProtocolOnPort, NamesTheServiceAndItsWayToTls) {
  struct Case {
    std::string_view bytes;
    std::string presented;
    std::string cause;
    std::string remedy;
  };
  const Case cases[] = {
      {"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", "plain HTTP response: HTTP/1.1 400 Bad Request",
       "a web server without TLS", "listen ... ssl"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "SSH banner: SSH-2.0-OpenSSH_9.2", "an SSH server", "ss -ltnp"},
      {"220 mail.example.com ESMTP\r\n", "SMTP or FTP banner: 220 mail.example.com ESMTP",
       "a mail server (SMTP)", "465"},
      {"220 ProFTPD FTP Server ready.\r\n", "SMTP or FTP banner: 220 ProFTPD FTP Server ready.",
       "an FTP server", "990"},
      {"220 ready\r\n", "SMTP or FTP banner: 220 ready", "a mail or FTP server", "SMTP 465"},
      {"* OK IMAP4rev1\r\n", "IMAP banner: * OK IMAP4rev1", "STARTTLS", "993"},
      {"+OK ready\r\n", "POP3 banner: +OK ready", "STLS", "995"},
      {"\x4a\0\0\0\x0a"
       "8.0.36"sv,
       "MySQL greeting: J", "MySQL or MariaDB", "ssl-mode=REQUIRED"},
      {"\xff\xfd\x18\xff\xfd\x20", "Telnet negotiation", "a Telnet server", "992"},
      {"\0\0\x12\x04\0\0\0\0\0\0\x03"sv, "plain HTTP/2 frames", "h2c", "usePlaintext"},
      {"PROXY UNKNOWN\r\n", "PROXY protocol header: PROXY UNKNOWN", "another service", "netstat"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.presented);
    const SessionReport session = terminated(each.bytes);
    const auto finding = diagnose(session);
    ASSERT_TRUE(finding);
    EXPECT_EQ(line(finding), "backend error proven proxy-check");
    EXPECT_EQ(finding->presented, each.presented);
    EXPECT_THAT(finding->cause, HasSubstr(each.cause));
    EXPECT_THAT(finding->cause, HasSubstr("answered the proxy's ClientHello"));
    EXPECT_THAT(finding->remedy, HasSubstr(each.remedy));
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
    EXPECT_EQ(finding->evidence.size(), 2U);
  }
}

/// Our library tells of its hello when it has made it; what counts is when that is sent.
TEST(FindingWrongProtocolOnPort, AHelloThatWasNotSentYetIsNotAnswered) {
  const test::ByteVector record = test::data_file("hellos/openjdk_17");
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_connected(0, Party::proxy, std::nullopt);
  builder.observe_client_hello(5, *parse_client_hello(Bytes(record).subspan(5)), {}, false);
  builder.observe_wire(10, Direction::s2c, test::text_bytes("SSH-2.0-x\r\n"));
  builder.observe_wire(11, Direction::c2s, record);
  builder.observe_close(20, Party::backend, CloseHow::fin);
  SessionReport session = test::healthy_session();
  session.backend_leg = summarize_leg(builder.transcript());
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_THAT(finding->cause, HasSubstr("spoke before it was asked"));
}

TEST(FindingWrongProtocolOnPort, BytesWithoutANameAreLikely) {
  const auto finding = diagnose(terminated("\x01\x02\x03what"));
  EXPECT_EQ(line(finding), "backend error likely proxy-check");
  EXPECT_EQ(finding->presented, "unknown bytes");
  EXPECT_THAT(finding->cause, HasSubstr("something between damages"));
}

TEST(FindingWrongProtocolOnPort, WhatIsShownOfABannerIsBoundedAndPrintable) {
  const auto finding = diagnose(terminated("SSH-2.0-" + std::string(4000, 'x')));
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->presented, "SSH banner: SSH-2.0-" + std::string(52, 'x'));
  EXPECT_EQ(diagnose(terminated("SSH-\x1b[31mred"))->presented, "SSH banner: SSH-");
}

TEST(FindingWrongProtocolOnPort, PassedThroughItTellsWhoSpokeFirst) {
  SessionReport session =
      passed_session(answered(LegKind::direct_leg, "220 mail ESMTP\r\n", false));
  auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error proven proxy-check");
  EXPECT_THAT(finding->cause, HasSubstr("spoke before it was asked"));
  session = passed_session(answered(LegKind::direct_leg, "HTTP/1.1 400 Bad Request\r\n"));
  finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error proven proxy-check");
  EXPECT_THAT(finding->cause, HasSubstr("answered the client's ClientHello"));
  EXPECT_EQ(lines(session), (Lines{"wrong-protocol-on-port backend error proven"}));
}

TEST(FindingWrongProtocolOnPort, NearMisses) {
  const SessionReport silent_client =
      passed_session(answered(LegKind::direct_leg, "220 mail ESMTP\r\n", true, false));
  EXPECT_FALSE(diagnose(silent_client)) << "both may speak plain";
  EXPECT_FALSE(diagnose(terminated("\x15\x03\x01\0\x02\x02\x28"sv))) << "an alert is TLS";
  EXPECT_FALSE(diagnose(terminated(""))) << "no-server-hello";
  EXPECT_FALSE(diagnose(test::not_tls_session())) << "the client's plaintext";
  EXPECT_FALSE(diagnose(test::healthy_session()));
  EXPECT_FALSE(diagnose(SessionReport{}));
  SessionReport session = terminated("SSH-2.0-x\r\n");
  session.backend_leg->first_bytes.reset();
  EXPECT_FALSE(diagnose(session));
}

TEST(FindingWrongProtocolOnPort, PlaintextAfterARecordIsNotSeenHere) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_wire(1, Direction::s2c,
                       test::joined({test::record(22, 0x0303, {2}), test::text_bytes("HTTP/1.1")}));
  SessionReport session;
  session.backend_leg = summarize_leg(builder.transcript());
  EXPECT_FALSE(diagnose(session));
}

}  // namespace
}  // namespace visavis::inspect
