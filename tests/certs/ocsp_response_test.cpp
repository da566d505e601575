#include "certs/ocsp_response.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/support/revocation.h"

namespace visavis::certs {
namespace {

using visavis::testing::Der;
using visavis::testing::kDay;
using visavis::testing::kNow;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::make_ocsp_response;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;

class OcspResponse : public ::testing::Test {
 protected:
  OcspFacts read(const Der& response) { return read_ocsp_response(response, chain_.sent()); }
  TestChain chain_ = make_chain();
};

TEST_F(OcspResponse, Good) {
  const OcspFacts facts = read(make_ocsp_response({chain_.leaf, chain_.intermediate}));
  EXPECT_EQ(facts.status, "good");
  EXPECT_EQ(facts.this_update, "2027-01-14T08:00:00Z");
  EXPECT_EQ(facts.next_update, "2027-01-16T08:00:00Z");
  EXPECT_FALSE(facts.revoked_at);
  EXPECT_TRUE(facts.for_this_certificate);
  EXPECT_EQ(facts.signature_ok, true);
}

TEST_F(OcspResponse, Revoked) {
  const OcspFacts facts = read(
      make_ocsp_response({.subject = chain_.leaf, .issuer = chain_.intermediate, .revoked = true}));
  EXPECT_EQ(facts.status, "revoked");
  EXPECT_EQ(facts.revoked_at, "2026-12-16T08:00:00Z");
}

TEST_F(OcspResponse, OfAnotherCertificateOrIssuer) {
  const TestCertificate other = make_certificate(testing::leaf_spec(), &chain_.intermediate);
  OcspFacts facts = read(make_ocsp_response({other, chain_.intermediate}));
  EXPECT_FALSE(facts.for_this_certificate);
  EXPECT_EQ(facts.signature_ok, true);
  // An issuer of the same name with another key.
  const TestCertificate namesake = make_certificate(testing::intermediate_spec(), &chain_.root);
  facts = read(make_ocsp_response({chain_.leaf, namesake}));
  EXPECT_FALSE(facts.for_this_certificate);
  EXPECT_EQ(facts.signature_ok, false);
}

/// RFC 6960 4.2.2.2: a responder that the issuer certified for it, and nobody else.
TEST_F(OcspResponse, SignedByAResponder) {
  testing::CertificateSpec spec = testing::leaf_spec("responder");
  spec.extended_key_usage = "OCSPSigning";
  const TestCertificate responder = make_certificate(spec, &chain_.intermediate);
  const auto by = [&](const TestCertificate& signer) {
    return read(make_ocsp_response({chain_.leaf, chain_.intermediate, &signer})).signature_ok;
  };
  EXPECT_EQ(by(responder), true);
  EXPECT_EQ(by(make_certificate(spec, &chain_.root)), false) << "another issuer's";
  EXPECT_EQ(by(chain_.leaf), false) << "not certified for it";
  EXPECT_EQ(by(chain_.root), false);
}

TEST_F(OcspResponse, WithoutTheIssuerNobodyCanTell) {
  const Der response = make_ocsp_response({chain_.leaf, chain_.intermediate});
  const OcspFacts facts = read_ocsp_response(response, {chain_.leaf.der()});
  EXPECT_TRUE(facts.for_this_certificate);
  EXPECT_FALSE(facts.signature_ok);
  EXPECT_FALSE(read_ocsp_response(response, {}).for_this_certificate);
}

TEST_F(OcspResponse, ResponderErrors) {
  // RFC 6960 4.2.1: OCSPResponse { tryLater (3) }, { unauthorized (6) }.
  EXPECT_EQ(read({0x30, 3, 0x0a, 1, 3}).status, "trylater");
  EXPECT_EQ(read({0x30, 3, 0x0a, 1, 6}).status, "unauthorized");
  EXPECT_EQ(read({0x30, 3, 0x0a, 1, 0}).status, "unreadable") << "successful, and nothing in it";
}

TEST_F(OcspResponse, CutAtEveryByteOrChanged) {
  const Der whole = make_ocsp_response({chain_.leaf, chain_.intermediate});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Der cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(read(cut).status, "unreadable") << length;
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int change : {-1, 1}) {
      Der changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] + change);
      const OcspFacts facts = read(changed);
      EXPECT_FALSE(facts.status.empty());
      // What is signed can't be changed unseen; what is not says nothing.
      if (facts.status == "revoked" || facts.status == "unknown") {
        EXPECT_NE(facts.signature_ok, true) << at;
      }
    }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace visavis::certs
