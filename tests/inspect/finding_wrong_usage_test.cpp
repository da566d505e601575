#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using testing::make_certificate;
using testing::make_chain;
using testing::TestCertificate;
using testing::TestChain;

const auto diagnose = diagnose_wrong_usage;

CertificateSpec with_usage(CertificateSpec spec, const std::string& usage,
                           const std::string& extended) {
  spec.key_usage = usage;
  spec.extended_key_usage = extended;
  return spec;
}

/// The IIS article's scenario 2: -2146762480.
TEST(FindingWrongUsage, TheLeafIsNotForServers) {
  const TestChain chain = make_chain(with_usage(testing::leaf_spec(), "", "clientAuth"));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"wrong-usage backend error proven"}));
  const auto finding = diagnose(session);
  EXPECT_EQ(finding->title, "The backend's certificate may not be used for a TLS server");
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_INVALID_PURPOSE");
  EXPECT_EQ(finding->codes.hresult, "0x800b0110");
  EXPECT_EQ(static_cast<std::int32_t>(0x800b0110U), -2146762480);
}

TEST(FindingWrongUsage, TheLeafsKeyUsageForbidsIt) {
  const TestChain chain = make_chain(with_usage(testing::leaf_spec(), "critical,cRLSign", ""));
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()),
            (Lines{"wrong-usage backend error proven"}));
}

TEST(FindingWrongUsage, AnIssuerIsNotForServers) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), with_usage(testing::intermediate_spec(), "", "clientAuth"));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"wrong-usage backend error proven"}));
  EXPECT_EQ(diagnose(session)->title,
            "An issuer in the backend's chain may not vouch for TLS servers");
  EXPECT_NE(diagnose(session)->presented.find("number 2"), std::string::npos);
}

TEST(FindingWrongUsage, ACertificateThatIsNoCaSignsAnother) {
  CertificateSpec no_ca = testing::intermediate_spec();
  no_ca.ca = false;
  no_ca.key_usage = "digitalSignature";
  const TestChain chain = make_chain(testing::leaf_spec(), no_ca);
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"wrong-usage backend error proven"}));
  const auto finding = diagnose(session);
  EXPECT_EQ(finding->title, "A certificate in the backend's chain signs others but is not a CA");
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_INVALID_CA");
  EXPECT_EQ(finding->codes.hresult, "0x80096019");
}

TEST(FindingWrongUsage, NearMisses) {
  const TestChain both =
      make_chain(with_usage(testing::leaf_spec(), "digitalSignature", "serverAuth,clientAuth"));
  EXPECT_EQ(lines(Judged{both.sent(), &both.root}.session()), Lines{});
  // A stray certificate for clients is sent along: clients ignore it.
  const TestChain chain = make_chain();
  const TestCertificate stray =
      make_certificate(with_usage(testing::leaf_spec("x.example.com"), "", "clientAuth"));
  std::vector<testing::Der> sent = chain.sent();
  sent.push_back(stray.der());
  EXPECT_EQ(lines(Judged{sent, &chain.root}.session()),
            (Lines{"unrelated-certificates backend info proven"}));
}

}  // namespace
}  // namespace visavis::inspect
