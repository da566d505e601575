// Of several findings, the one that explains the failure leads; and what Windows would make of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/rank.h"
#include "inspect/findings/windows_reading.h"
#include "inspect/findings/windows_words.h"
#include "inspect/report/complete_report.h"
#include "tests/inspect/leg_script.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FindingReport finding(std::string id, std::string_view kind, std::string severity,
                      std::string confidence = "proven") {
  FindingReport report;
  report.id = std::move(id);
  report.kind = kind;
  report.severity = std::move(severity);
  report.confidence = std::move(confidence);
  return report;
}

std::vector<std::string> ranked(SessionReport session, std::vector<FindingReport> findings) {
  session.findings = std::move(findings);
  rank_findings(session);
  std::vector<std::string> order;
  for (const FindingReport& each : session.findings) order.push_back(each.id + ' ' + each.role);
  return order;
}

SessionReport working() { return test::healthy_session(); }

SessionReport refused() {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).alert("proxy", 40).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).alert("backend", 40).close("backend", "fin");
  return session_of(client.leg(), backend.leg());
}

const FindingReport kCipher = finding("cipher", finding_kind::kConnection, "error", "likely");
const FindingReport kTimeout = finding("timeout", finding_kind::kConnection, "warning");
const FindingReport kExpired = finding("expired", finding_kind::kCertificate, "error");
const FindingReport kRoot = finding("root", finding_kind::kObservation, "info");
const FindingReport kOdd = finding("alert-unexplained", finding_kind::kConnection, "error");

TEST(Rank, OfASessionThatWorksNoneIsACause) {
  EXPECT_THAT(ranked(working(), {kRoot, kTimeout, kExpired}),
              ElementsAre("expired observation", "timeout observation", "root observation"));
  EXPECT_THAT(ranked(working(), {}), IsEmpty());
}

TEST(Rank, WhatEndsTheConnectionLeads) {
  EXPECT_THAT(ranked(refused(), {kExpired, kRoot, kTimeout, kCipher}),
              ElementsAre("cipher cause", "expired observation", "timeout observation",
                          "root observation"));
  EXPECT_THAT(ranked(refused(), {kExpired, kTimeout}),
              ElementsAre("timeout cause", "expired observation"));
}

TEST(Rank, ACertificateIsTheCauseOnlyWhereSomebodySaidSo) {
  EXPECT_THAT(ranked(refused(), {kExpired}), ElementsAre("expired observation"));
  FindingReport objected = kExpired;
  objected.judged_by = "client-alert";
  EXPECT_THAT(ranked(refused(), {kRoot, objected}),
              ElementsAre("expired cause", "root observation"));
}

TEST(Rank, AnyNameIsBetterThanNone) {
  EXPECT_THAT(ranked(refused(), {kOdd, kTimeout}),
              ElementsAre("timeout cause", "alert-unexplained observation"));
  EXPECT_THAT(ranked(refused(), {kOdd, kRoot}),
              ElementsAre("alert-unexplained cause", "root observation"));
  EXPECT_THAT(ranked(refused(), {kRoot}), ElementsAre("root observation"));
}

std::vector<std::string> read(SessionReport session) {
  complete_report(session);
  std::vector<std::string> lines;
  if (!session.windows) return lines;
  for (const PeerReading& peer : session.windows->peers)
    lines.push_back(peer.party + ' ' + std::to_string(peer.event.value_or(0)) + ' ' + peer.says +
                    ' ' + peer.code.value_or("-") + ' ' + peer.code_name.value_or("-"));
  return lines;
}

TEST(WindowsReading, TellsWhoLogsWhatOfAnAlert) {
  EXPECT_THAT(
      read(refused()),
      ElementsAre("client 36887 a fatal alert was received: 40 0x80090326 SEC_E_ILLEGAL_MESSAGE",
                  "backend 36874 a connection came with no cipher suite that is supported here - -",
                  "backend 36888 a fatal alert was generated: 40 - -"));
}

TEST(WindowsReading, ThereIsNoneOfWhatWorks) {
  EXPECT_THAT(read(working()), IsEmpty());
  EXPECT_THAT(read(SessionReport{}), IsEmpty());
}

TEST(WindowsWords, OfUnknownNumbersAreEmpty) {
  EXPECT_EQ(event_words(1), "");
  EXPECT_EQ(event_party(1), EventParty::either);
  EXPECT_EQ(event_party(36874), EventParty::server);
  EXPECT_EQ(event_party(36884), EventParty::client);
  EXPECT_EQ(status_name("0x800b0110"), "CERT_E_WRONG_USAGE");
  EXPECT_EQ(status_name("0x1"), "");
}

}  // namespace
}  // namespace visavis::inspect
