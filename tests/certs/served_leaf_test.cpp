#include "certs/served_leaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "certs/digest.h"
#include "certs/leaf_covers.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::CertificateSpec;
using visavis::testing::kNow;
using visavis::testing::kValidUntil;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::TestChain;

CertifiedKey pair_of(const TestChain& chain) {
  CertifiedKey pair{share(chain.leaf.certificate()), share(chain.leaf.key()), {}};
  pair.chain.push_back(share(chain.intermediate.certificate()));
  return pair;
}

TEST(ServedLeaf, HasWhatALeafHas) {
  const TestChain chain = make_chain();
  const auto leaf = served_leaf(pair_of(chain));
  EXPECT_EQ(certificate_der(*leaf->certificate), chain.leaf.der());
  EXPECT_EQ(leaf->id, hex(sha256(chain.leaf.der())));
  EXPECT_EQ(leaf->not_after_s, kValidUntil);
  ASSERT_EQ(leaf->chain.size(), 1U);
  EXPECT_EQ(certificate_der(*leaf->chain[0]), chain.intermediate.der());
}

TEST(ServedLeaf, CoversItsNames) {
  CertificateSpec spec = leaf_spec();
  spec.san = {"DNS:www.example.com", "DNS:*.wild.example", "IP:192.0.2.1", "IP:2001:db8::1"};
  const auto leaf = served_leaf(pair_of(make_chain(spec)));
  ERR_clear_error();
  for (const char* host : {"www.example.com", "WWW.Example.COM", "www.example.com.",
                           "a.wild.example", "192.0.2.1", "2001:db8::1", "[2001:DB8::1]"})
    EXPECT_TRUE(leaf_covers(*leaf, host)) << host;
  const std::string with_nul("www.example.com\0.evil", 21);
  for (const std::string& host :
       {std::string("example.com"), std::string(".example.com"), std::string("wild.example"),
        std::string("a.b.wild.example"), std::string("192.0.2.2"), std::string("::1"),
        std::string(), std::string("."), std::string("*.wild.example x"), with_nul})
    EXPECT_FALSE(leaf_covers(*leaf, host)) << host;
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(ServedLeaf, WarningsAreWhatPeersWillObjectTo) {
  const auto warnings = [](const CertificateSpec& spec, Purpose purpose = Purpose::tls_server) {
    return certificate_warnings(*make_certificate(spec).certificate(), purpose, kNow);
  };
  EXPECT_THAT(warnings(leaf_spec()), IsEmpty());
  CertificateSpec spec = leaf_spec();
  spec.not_after_s = kNow;
  EXPECT_THAT(warnings(spec), ElementsAre("expired on 2027-01-15T08:00:00Z"));
  spec.not_after_s = kNow + 1;
  EXPECT_THAT(warnings(spec), IsEmpty());
  spec.not_before_s = kNow + 1;
  EXPECT_THAT(warnings(spec), ElementsAre("is not valid before 2027-01-15T08:00:01Z"));
  spec = leaf_spec();
  spec.extended_key_usage = "clientAuth,emailProtection";
  EXPECT_THAT(warnings(spec), ElementsAre("is not for TLS servers by its usages (clientAuth, "
                                          "emailProtection, digitalSignature)"));
  EXPECT_THAT(warnings(spec, Purpose::tls_client), IsEmpty());
  EXPECT_THAT(warnings(leaf_spec(), Purpose::tls_client),
              ElementsAre("is not for TLS clients by its usages (serverAuth, digitalSignature)"));
  spec.not_after_s = kNow - 1;
  EXPECT_EQ(warnings(spec).size(), 2U) << "all of them";
}

}  // namespace
}  // namespace visavis::certs
