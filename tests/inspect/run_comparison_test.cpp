#include "inspect/experiment/run_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/compare/record_split.h"
#include "inspect/experiment/compare_plan.h"
#include "inspect/findings/rank.h"
#include "inspect/findings/rule_table.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint16_t kSuite = 0xc02f;
const std::vector<CertificateReport> kAlice{certificate_of("CN=alice", "CN=Staff CA")};
const std::string kOurLimit =
    "It works directly and fails through the proxy, which is the proxy's doing: The backend wants "
    "the client's certificate, which the proxy can't pass on.";

RunReport run_of(std::string_view name, SessionReport session, int exit_code,
                 std::vector<std::string> output = {}) {
  RunReport run;
  run.name = name;
  run.mode = session.client_leg ? "terminate" : "passthrough";
  session.mode = run.mode;
  session.findings = diagnose_session(session);
  rank_findings(session);
  run.session = std::move(session);
  run.exit_code = exit_code;
  run.output = std::move(output);
  return run;
}

RunReport direct_run(int exit_code, std::vector<std::string> output = {}) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({kSuite}).server_hello(0x0303, kSuite).established();
  return run_of(kDirectRun, passed_session(leg.leg()), exit_code, std::move(output));
}

LegScript asking_backend() {
  LegScript leg = LegScript::backend_leg();
  leg.hello({kSuite}).server_hello(0x0303, kSuite).certificate_request({"CN=Staff CA"});
  leg.client_certificate({});
  return leg;
}

/// Refused with this alert before the client was asked.
RunReport refused_run(std::uint8_t alert, int exit_code) {
  LegScript client = LegScript::client_leg();
  client.hello({kSuite}).alert("proxy", alert);
  LegScript backend = asking_backend();
  backend.alert("backend", alert).close("backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.verdict.proxied = "failed";
  return run_of(kProxiedRun, session, exit_code);
}

/// The client has shown its certificate to us, and the request was answered with this status.
RunReport answered_run(int status, int exit_code, std::vector<std::string> output) {
  LegScript client = LegScript::client_leg();
  client.hello({kSuite}).server_hello(0x0303, kSuite).certificate_request({"CN=Staff CA"});
  client.client_certificate(kAlice).established();
  SessionReport session = session_of(client.leg(), asking_backend().established().leg());
  session.client_to_backend_bytes = session.backend_to_client_bytes = 200;
  session.http.emplace_back().status = status;
  session.verdict.proxied = "ok";
  return run_of(kProxiedRun, session, exit_code, std::move(output));
}

ComparisonReport compared(std::vector<RunReport> runs) {
  ComparisonReport comparison;
  comparison.command = "curl {url}";
  comparison.runs = std::move(runs);
  complete_comparison(comparison);
  return comparison;
}

std::string verdict_of(const VerdictReport& verdict) {
  return verdict.verdict_class + " proxied " + verdict.proxied + " direct " + verdict.direct +
         " by " + verdict.direct_known_by;
}

std::vector<std::string> found(const std::vector<FindingReport>& findings) {
  std::vector<std::string> all;
  for (const FindingReport& each : findings)
    all.push_back(each.id + ' ' + each.side + ' ' + each.severity + ' ' + each.confidence);
  return all;
}

const std::string kIntroduces = "proxy-introduces proxied failed direct ok by passthrough";

TEST(RunComparison, WhoWorksDirectlyHasTheCertificateThatIsWanted) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 42, 116}) {
    const ComparisonReport comparison = compared({direct_run(0), refused_run(alert, 35)});
    EXPECT_EQ(verdict_of(comparison.verdict), kIntroduces);
    EXPECT_EQ(comparison.verdict.headline, kOurLimit);
    EXPECT_THAT(found(comparison.findings),
                ElementsAre("client-certificate-wanted proxy error proven"));
    const SessionReport& proxied = *comparison.runs[1].session;
    EXPECT_EQ(proxied.findings, comparison.findings);
    expect_complete(proxied.findings.front());
    expect_evidence_exists(proxied, proxied.findings.front());
    EXPECT_TRUE(runs_differ(comparison));
  }
  // GnuTLS's decode_error of an empty message says less (50).
  EXPECT_THAT(found(compared({direct_run(0), refused_run(50, 35)}).findings),
              ElementsAre("client-certificate-wanted proxy error likely"));
}

TEST(RunComparison, WhoFailsDirectlyTooMayHaveNone) {
  const ComparisonReport comparison = compared({direct_run(35), refused_run(40, 35)});
  EXPECT_EQ(verdict_of(comparison.verdict),
            "fails-both proxied failed direct failed by passthrough");
  EXPECT_THAT(found(comparison.findings),
              ElementsAre("client-certificate-wanted client error likely"));
  EXPECT_FALSE(runs_differ(comparison));
}

/// A client that takes a refusal for an answer ends with 0; what it prints tells.
TEST(RunComparison, ARefusalByStatusIsNoSuccess) {
  const std::vector<std::string> page{"hello"};
  const std::vector<std::string> refusal{"400 No required SSL certificate was sent"};
  const ComparisonReport shown = compared({direct_run(0, page), answered_run(400, 0, refusal)});
  EXPECT_EQ(verdict_of(shown.verdict), kIntroduces);
  EXPECT_EQ(shown.verdict.headline, kOurLimit);
  EXPECT_EQ(verdict_of(shown.runs[1].session->verdict), kIntroduces);
  EXPECT_FALSE(shown.runs[1].ok);
  EXPECT_THAT(shown.runs[1].result, HasSubstr("can't pass on"));
  EXPECT_THAT(found(shown.findings), ElementsAre("client-certificate-wanted proxy error likely"));
  EXPECT_TRUE(runs_differ(shown));

  const ComparisonReport alike = compared({direct_run(0, refusal), answered_run(400, 0, refusal)});
  EXPECT_EQ(verdict_of(alike.verdict), "healthy proxied ok direct ok by passthrough");
  EXPECT_FALSE(runs_differ(alike));

  const ComparisonReport hidden = compared({direct_run(0), answered_run(403, 0, {})});
  EXPECT_EQ(verdict_of(hidden.verdict), "unknown proxied ok direct unknown by none");
  EXPECT_EQ(verdict_of(hidden.runs[1].session->verdict),
            "unknown proxied ok direct unknown by none");
  EXPECT_THAT(hidden.verdict.headline, HasSubstr("let the client print its answer"));

  const ComparisonReport fine = compared({direct_run(0), answered_run(200, 0, {})});
  EXPECT_EQ(verdict_of(fine.verdict), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(fine.findings, IsEmpty());
  // Whoever fails directly has met something else.
  const ComparisonReport failed = compared({direct_run(7), answered_run(400, 0, refusal)});
  EXPECT_EQ(verdict_of(failed.verdict), "proxy-masks proxied ok direct failed by passthrough");
}

TEST(RunComparison, OurHelloRefusedIsOursWhenTheClientsOwnIsTaken) {
  LegScript client = LegScript::client_leg();
  client.hello({kSuite}).alert("proxy", 40);
  LegScript backend = LegScript::backend_leg();
  backend.hello({kSuite}).alert("backend", 40).close("backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.mirror.unmirrored = {{"backend_leg", "extensions: record_size_limit", ""}};
  session.verdict.proxied = "failed";
  const ComparisonReport ours = compared({direct_run(0), run_of(kProxiedRun, session, 35)});
  EXPECT_THAT(found(ours.findings), ElementsAre("our-hello-refused proxy error proven"));
  EXPECT_EQ(ours.findings.front().judged_by, "proxy-check");
  EXPECT_THAT(ours.findings.front().cause, HasSubstr("Directly the same client works with it"));
  expect_complete(ours.findings.front());
  expect_evidence_exists(*ours.runs[1].session, ours.findings.front());
  // Directly it fails as well: then it is between the two.
  const ComparisonReport theirs = compared({direct_run(35), run_of(kProxiedRun, session, 35)});
  EXPECT_THAT(found(theirs.findings), ElementsAre("no-common-cipher both error likely"));
}

/// TLS 1.0 with a CBC suite: the request in these plaintext lengths, behind a first one of its own.
SessionReport split_session(const std::vector<std::uint32_t>& plaintexts, bool answered) {
  constexpr std::uint16_t kAesSha = 0x002f;
  const auto leg_of = [&](LegScript script) {
    script.hello({kAesSha}, {}, 0x0301).server_hello(0x0301, kAesSha).established();
    const auto record = [&](bool c2s, std::uint32_t plaintext) {
      script.record(c2s, 23, static_cast<std::uint16_t>((plaintext + 36) / 16 * 16));
      script->records.back().plaintext_length = plaintext;
    };
    record(true, 40);
    record(false, 70);
    script.after_ms(300);
    for (const std::uint32_t plaintext : plaintexts) record(true, plaintext);
    if (answered) record(false, 70);
    script.close(answered ? "client" : "backend", "fin");
    LegReport report = script.leg();
    report.split_c2s = split_kind(report, true);
    return report;
  };
  SessionReport session =
      session_of(leg_of(LegScript::client_leg()), leg_of(LegScript::backend_leg()));
  session.verdict.proxied = answered ? "ok" : "failed";
  return session;
}

/// Java: what is proven is told of the run in which the records are known, and what helps is what
/// was changed beside what the proxy changes in any case.
TEST(RunComparison, ASplitAfterTheFirstRequestIsProven) {
  SessionReport split = split_session({1, 51}, false);
  ASSERT_EQ(split.backend_leg->split_c2s, "1/n-1-after-first");
  SessionReport whole = split_session({52}, true);
  whole.split_policy = "none";
  whole.client_leg->split_c2s = "1/n-1-after-first";
  for (SessionReport* session : {&split, &whole})
    session->mirror.unmirrored = {{"backend_leg", "suites: TLS_RSA_WITH_NULL_SHA", ""}};
  SessionReport direct = passed_session(*split.backend_leg);
  for (RecordRow& record : direct.direct_leg->records) record.plaintext_length.reset();
  direct.direct_leg->split_c2s = "split-unknown";
  direct.verdict.direct = "failed";

  const std::vector<RunReport> first{run_of(kDirectRun, direct, 1), run_of(kProxiedRun, split, 1)};
  std::vector<std::string> planned;
  for (const PlannedRun& each : further_runs(first)) planned.push_back(each.name);
  EXPECT_THAT(planned,
              ElementsAre("proxied, split none", "proxied, split 1/n-1", "proxied, split 0/n"));

  std::vector<RunReport> runs = first;
  runs.push_back(run_of("proxied, split none", whole, 0));
  const ComparisonReport comparison = compared(runs);
  EXPECT_EQ(verdict_of(comparison.verdict),
            "fails-both proxied failed direct failed by passthrough");
  EXPECT_THAT(found(comparison.findings),
              ElementsAre("record-split-intolerance backend error proven"));
  EXPECT_THAT(comparison.findings.front().cause, HasSubstr("(1/n-1)"));
  EXPECT_EQ(comparison.verdict.headline,
            "It fails directly and through the proxy alike, and works once the proxy changes the "
            "record split (none): The backend does not take a request that is split over two "
            "records; in one record it does.");
  EXPECT_EQ(verdict_of(comparison.runs[2].session->verdict),
            "proxy-masks proxied ok direct failed by passthrough");
}

TEST(ComparePlan, TriesSplitsOnlyWithAClientThatSplits) {
  EXPECT_EQ(first_runs().size(), 2U);
  EXPECT_THAT(further_runs({direct_run(0), answered_run(200, 0, {})}), IsEmpty());
  EXPECT_THAT(further_runs({}), IsEmpty());
}

}  // namespace
}  // namespace visavis::inspect
