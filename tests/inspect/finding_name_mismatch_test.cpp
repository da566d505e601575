#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using testing::make_chain;
using testing::TestChain;

const auto diagnose = diagnose_name_mismatch;

Judged asked_for(const TestChain& chain, const std::string& host,
                 const std::string& backend = "10.0.0.5:443") {
  Judged judged{chain.sent(), &chain.root};
  judged.host = host;
  judged.backend = backend;
  return judged;
}

TEST(FindingNameMismatch, TheNameThatTheClientAsksFor) {
  const TestChain chain = make_chain();
  const SessionReport session = asked_for(chain, "shop.example.com").session();
  EXPECT_EQ(lines(session), (Lines{"name-mismatch backend error proven"}));
  const auto finding = diagnose(session);
  EXPECT_EQ(finding->title, "The backend's certificate is not for 'shop.example.com'");
  EXPECT_EQ(finding->presented, "the names DNS:www.example.com");
  EXPECT_EQ(finding->codes.x509, session.backend_leg->chain->problems.front().code);
  EXPECT_EQ(finding->codes.hresult, session.backend_leg->chain->problems.front().hresult);
  EXPECT_EQ(finding->codes.java,
            "CertificateException: No subject alternative DNS name matching shop.example.com "
            "found");
}

/// curl https://localhost:8443 at a proxy for www.example.com: our set-up, not the backend's fault.
TEST(FindingNameMismatch, TheProxysOwnNameIsNotTheBackends) {
  const TestChain chain = make_chain();
  const SessionReport session = asked_for(chain, "localhost", "WWW.example.com:443").session();
  EXPECT_EQ(lines(session), (Lines{"name-mismatch proxy warning likely"}));
  EXPECT_NE(diagnose(session)->remedy.find("--connect-to"), std::string::npos);
  CertificateSpec wild = testing::leaf_spec();
  wild.san = {"DNS:*.example.com"};
  const TestChain wildcard = make_chain(wild);
  EXPECT_EQ(lines(asked_for(wildcard, "localhost", "a.example.com:443").session()),
            (Lines{"name-mismatch proxy warning likely"}));
  EXPECT_EQ(lines(asked_for(wildcard, "localhost", "a.b.example.com:443").session()),
            (Lines{"name-mismatch backend error proven"}))
      << "the wildcard is one label";
}

TEST(FindingNameMismatch, WithoutSniWeDoNotKnowWhatTheClientChecks) {
  const TestChain chain = make_chain();
  const SessionReport session = asked_for(chain, "", "10.0.0.5:443").session();
  EXPECT_EQ(lines(session), (Lines{"name-mismatch backend warning likely"}));
  const auto finding = diagnose(session);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_IP_ADDRESS_MISMATCH");
  EXPECT_EQ(finding->codes.java,
            "CertificateException: No subject alternative names matching IP address 10.0.0.5 "
            "found");
  EXPECT_NE(finding->remedy.find("as iPAddress"), std::string::npos);
  EXPECT_EQ(lines(asked_for(chain, "", "backend7:443").session()),
            (Lines{"name-mismatch backend warning likely"}));
}

TEST(FindingNameMismatch, WhoeverRefusedItMakesItAnError) {
  const TestChain chain = make_chain();
  EXPECT_EQ(lines(asked_for(chain, "", "10.0.0.5:443").passed(42)),
            (Lines{"name-mismatch backend error likely"}));
  SessionReport session = asked_for(chain, "", "10.0.0.5:443").session();
  session.backend_leg->outcome = "failed";
  session.backend_leg->failure = "refused by --verify enforce: X509_V_ERR_IP_ADDRESS_MISMATCH";
  EXPECT_EQ(lines(session), (Lines{"name-mismatch backend error likely"}));
}

TEST(FindingNameMismatch, ByCommonNameAloneSomeClientsFail) {
  CertificateSpec spec = testing::leaf_spec();
  spec.san.clear();
  const TestChain chain = make_chain(spec);
  const SessionReport session = asked_for(chain, "www.example.com").session();
  ASSERT_TRUE(session.backend_leg->chain->trusted) << "OpenSSL reads the common name";
  EXPECT_EQ(lines(session), (Lines{"name-mismatch backend warning proven"}));
  EXPECT_EQ(diagnose(session)->codes.java,
            "CertificateException: No name matching www.example.com found");
  EXPECT_NE(diagnose(session)->presented.find("no alternative names"), std::string::npos);
}

TEST(FindingNameMismatch, LongListsAreCut) {
  CertificateSpec spec = testing::leaf_spec();
  spec.san.clear();
  for (int i = 0; i < 14; ++i) spec.san.push_back("DNS:n" + std::to_string(i) + ".example.com");
  const TestChain chain = make_chain(spec);
  const auto finding = diagnose(asked_for(chain, "www.example.com").session());
  ASSERT_TRUE(finding);
  EXPECT_TRUE(finding->presented.ends_with("DNS:n9.example.com and 4 more")) << finding->presented;
}

TEST(FindingNameMismatch, NearMisses) {
  CertificateSpec spec = testing::leaf_spec();
  spec.san = {"DNS:www.example.com", "IP:10.0.0.5", "DNS:*.shop.example.com"};
  const TestChain chain = make_chain(spec);
  EXPECT_EQ(lines(asked_for(chain, "WWW.EXAMPLE.com").session()), Lines{});
  EXPECT_EQ(lines(asked_for(chain, "a.shop.example.com").session()), Lines{});
  EXPECT_EQ(lines(asked_for(chain, "", "10.0.0.5:443").session()), Lines{});
  EXPECT_EQ(lines(asked_for(chain, "", "www.example.com:443").session()), Lines{});
}

}  // namespace
}  // namespace visavis::inspect
