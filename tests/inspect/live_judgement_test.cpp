#include "inspect/report/live_judgement.h"

#include <gtest/gtest.h>

#include "inspect/report/complete_report.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

LegScript leg(LegScript script) {
  script.hello({0xc02f}).server_hello(0x0303, 0xc02f).established();
  return script;
}

SessionReport read_session() {
  SessionReport session =
      session_of(leg(LegScript::client_leg()).leg(), leg(LegScript::backend_leg()).leg());
  complete_report(session);
  return session;
}

FindingReport finding(const std::string& id, std::string_view kind) {
  FindingReport finding;
  finding.id = id;
  finding.kind = kind;
  finding.title = "About " + id;
  finding.cause = "GET /secret";
  finding.presented = "/secret";
  finding.remedy = "Look there";
  finding.evidence = {{"backend_leg", 1, "/secret"}};
  return finding;
}

SessionReport live_session(std::vector<FindingReport> findings) {
  SessionReport live = read_session();
  live.verdict = {"fails-both", "failed", "failed", "twin", "It fails", false};
  live.findings = std::move(findings);
  return live;
}

std::vector<std::string> ids(const SessionReport& session) {
  std::vector<std::string> ids;
  for (const FindingReport& each : session.findings) ids.push_back(each.id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(LiveJudgement, HasNoContent) {
  const auto live =
      live_judgement(live_session({finding("truncation", finding_kind::kConnection)}));
  ASSERT_EQ(live.findings->size(), 1U);
  EXPECT_EQ(live.findings->front().title, "About truncation");
  EXPECT_EQ(live.findings->front().remedy, "Look there");
  EXPECT_EQ(live.findings->front().cause + live.findings->front().presented, "");
  EXPECT_TRUE(live.findings->front().evidence.empty());
}

TEST(LiveJudgement, StandsInPlaceOfWhatWasMadeOfLess) {
  SessionReport read = read_session();
  const FindingReport seen = finding("truncation", finding_kind::kConnection);
  read.findings = {finding("reset-after-request", finding_kind::kConnection), seen};
  put_live(live_judgement(live_session({seen, finding("misdirected-request", "connection")})),
           read);
  EXPECT_EQ(ids(read), (Ids{"truncation", "misdirected-request"}));
  EXPECT_EQ(read.findings[0], seen) << "what both found keeps its evidence";
  EXPECT_EQ(read.findings[1].cause,
            "The proxy found this live; the capture does not show what it was made of.");
  EXPECT_EQ(read.verdict.headline, "It fails");
  EXPECT_TRUE(read.verdict.from_live);
}

TEST(LiveJudgement, ThatSaysTheSameChangesNothing) {
  SessionReport read = read_session();
  const SessionReport before = read;
  put_live(live_judgement(read_session()), read);
  EXPECT_EQ(read, before);
  EXPECT_FALSE(read.verdict.from_live);
}

/// Who reads a capture may trust other roots, or know of what was revoked meanwhile.
TEST(LiveJudgement, LeavesCertificatesThatAreThereToTheReader) {
  const FindingReport live = finding("untrusted-root", finding_kind::kCertificate);
  const FindingReport revoked = finding("revoked", finding_kind::kCertificate);
  SessionReport read = read_session();
  const std::string headline = read.verdict.headline;
  read.backend_leg->certificates = {certificate_of("CN=a", "CN=b")};
  read.findings = {revoked};
  put_live(live_judgement(live_session({live})), read);
  EXPECT_EQ(ids(read), Ids{"revoked"});
  EXPECT_EQ(read.verdict.headline, headline);
  // Those that are encrypted there nobody else has seen.
  read.backend_leg->certificates.clear();
  read.findings.clear();
  put_live(live_judgement(live_session({live})), read);
  EXPECT_EQ(ids(read), Ids{"untrusted-root"});
  EXPECT_EQ(read.verdict.headline, "It fails");
}

}  // namespace
}  // namespace visavis::inspect
