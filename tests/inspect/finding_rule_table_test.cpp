#include <gtest/gtest.h>

#include <set>

#include "inspect/findings/rule_table.h"
#include "tests/inspect/judged_session.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

TEST(RuleTable, EachIdOnceAndTheHonestOneLast) {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
  EXPECT_EQ(rules().back().id, "alert-unexplained") << "it hears what the others found";
}

TEST(RuleTable, EveryRuleHasAKind) {
  const std::set<std::string_view> kinds{finding_kind::kProxy, finding_kind::kConnection,
                                         finding_kind::kCertificate, finding_kind::kObservation};
  for (const Rule& rule : rules()) EXPECT_TRUE(kinds.contains(rule.kind)) << rule.id;
}

TEST(RuleTable, HealthySessionsHaveNone) {
  SessionReport session = test::healthy_session();
  session.findings.clear();
  EXPECT_TRUE(diagnose_session(session).empty());
  EXPECT_TRUE(diagnose_session(SessionReport{}).empty());
}

/// Hostile strings and half-empty legs make no rule stumble; what is found is complete.
TEST(RuleTable, AnySessionIsBorne) {
  for (const auto& [name, session] : test::sample_sessions())
    for (const FindingReport& finding : diagnose_session(session)) {
      EXPECT_FALSE(finding.id.empty());
      EXPECT_FALSE(finding.title.empty()) << name;
    }
  SessionReport bare;
  bare.client_leg.emplace();
  bare.backend_leg.emplace();
  EXPECT_TRUE(diagnose_session(bare).empty());
  bare.client_leg.reset();
  EXPECT_TRUE(diagnose_session(bare).empty());
  SessionReport direct;
  direct.direct_leg.emplace();
  EXPECT_TRUE(diagnose_session(direct).empty());
  // A chain verdict about certificates that are not there, and the other way round.
  SessionReport odd = test::incomplete_chain_session();
  odd.backend_leg->certificates.clear();
  EXPECT_TRUE(diagnose_session(odd).empty());
  odd = test::incomplete_chain_session();
  odd.backend_leg->chain->problems = {{-1, "X509_V_ERR_CERT_REJECTED", ""},
                                      {99, "X509_V_ERR_CERT_UNTRUSTED", ""}};
  odd.backend_leg->chain->missing_issuer.reset();
  const Findings found = diagnose_session(odd);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, "untrusted-root");
  EXPECT_EQ(found[0].presented, "the root 'CN=Example Issuing CA 2,O=Example Trust,C=US'");
}

}  // namespace
}  // namespace visavis::inspect
