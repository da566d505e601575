#include "inspect/findings/rule.h"

#include <gtest/gtest.h>

#include "tests/support/sample_legs.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_incomplete_chain;

SessionReport incomplete() {
  SessionReport session = test::incomplete_chain_session();
  session.findings.clear();
  return session;
}

TEST(FindingIncompleteChain, TheIssuerIsNeitherSentNorKnown) {
  const auto finding = diagnose(incomplete());
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->side, "backend");
  EXPECT_EQ(finding->confidence, "likely") << "a private root would look the same";
  EXPECT_EQ(finding->judged_by, "proxy-check");
  EXPECT_NE(finding->cause.find("sent 1 certificate;"), std::string::npos);
  EXPECT_NE(finding->cause.find("CN=Example Issuing CA 2"), std::string::npos);
  EXPECT_EQ(finding->presented, "a chain that ends at 'CN=shop.example.com,O=Example Shop,C=US'");
  ASSERT_EQ(finding->evidence.size(), 1U);
  EXPECT_EQ(finding->evidence[0].leg, "backend_leg");
  EXPECT_EQ(finding->evidence[0].event, 2U);
}

TEST(FindingIncompleteChain, SeveralCertificates) {
  SessionReport session = incomplete();
  session.backend_leg->certificates = test::public_chain();
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_NE(finding->cause.find("sent 2 certificates;"), std::string::npos);
}

TEST(FindingIncompleteChain, OnADirectLeg) {
  SessionReport session = test::passthrough_session();
  session.direct_leg->chain = incomplete().backend_leg->chain;
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->evidence.at(0).leg, "direct_leg");
}

TEST(FindingIncompleteChain, NearMisses) {
  using Change = void (*)(LegReport&);
  const std::pair<const char*, Change> changes[] = {
      {"trusted all the same", [](LegReport& l) { l.chain->trusted = true; }},
      {"another problem",
       [](LegReport& l) {
         l.chain->missing_issuer.reset();
         l.chain->problems = {{0, "X509_V_ERR_CERT_HAS_EXPIRED", "0x800b0101"}};
       }},
      {"not checked", [](LegReport& l) { l.chain.reset(); }},
      {"no certificates, a resumed leg", [](LegReport& l) { l.certificates.clear(); }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = incomplete();
    change(*session.backend_leg);
    EXPECT_FALSE(diagnose(session)) << what;
  }
  EXPECT_FALSE(diagnose(test::healthy_session()));
  EXPECT_FALSE(diagnose(SessionReport{}));
}

TEST(FindingIncompleteChain, TheChainThatWeMintedIsNotTheBackends) {
  SessionReport session = test::healthy_session();
  session.client_leg->chain = incomplete().backend_leg->chain;
  EXPECT_FALSE(diagnose(session));
}

}  // namespace
}  // namespace visavis::inspect
