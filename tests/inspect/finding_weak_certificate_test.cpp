#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

/// Keys and signatures that are too weak, and keys that may not do what the handshake needs.
namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using ::testing::HasSubstr;
using testing::intermediate_spec;
using testing::leaf_spec;
using testing::make_chain;
using testing::TestChain;
using testing::TestKey;

CertificateSpec with_key(CertificateSpec spec, TestKey key) {
  spec.key = key;
  return spec;
}

CertificateSpec with_digest(CertificateSpec spec, const std::string& digest) {
  spec.digest = digest;
  return spec;
}

TEST(FindingWeakKey, Rsa1024IsAWarning) {
  const TestChain chain = make_chain(with_key(leaf_spec(), TestKey::rsa_1024));
  const Judged judged{chain.sent(), &chain.root};
  EXPECT_EQ(lines(judged.session()), (Lines{"weak-key backend warning proven"}));
  const auto finding = diagnose_weak_key(judged.session());
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_EE_KEY_TOO_SMALL");
  EXPECT_THAT(finding->title, HasSubstr("(RSA 1024)"));
  EXPECT_EQ(lines(judged.passed(42)), (Lines{"weak-key backend error proven"}));
  EXPECT_EQ(line(diagnose_weak_key(judged.passed(42))), "backend error proven client-alert");
}

TEST(FindingWeakKey, OfAnIssuer) {
  const TestChain chain = make_chain(leaf_spec(), with_key(intermediate_spec(), TestKey::rsa_1024));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"weak-key backend warning proven"}));
  const auto finding = diagnose_weak_key(session);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_CA_KEY_TOO_SMALL");
  EXPECT_THAT(finding->cause, HasSubstr("'CN=Test Intermediate' (number 2 of those sent)"));
  EXPECT_THAT(finding->cause, HasSubstr("own certificate is fine"));
}

TEST(FindingWeakKey, BelowThatEverybodyRefuses) {
  const TestChain chain = make_chain(with_key(leaf_spec(), TestKey::rsa_1024));
  SessionReport session = Judged{chain.sent(), &chain.root}.session();
  for (const char* key : {"RSA 512", "EC P-192", "DSA 1024", "RSA"}) {
    session.backend_leg->certificates[0].key = key;
    EXPECT_EQ(lines(session), (Lines{"weak-key backend error proven"})) << key;
  }
}

TEST(FindingWeakKey, NearMisses) {
  for (const TestKey key : {TestKey::rsa_2048, TestKey::ec_p256, TestKey::ed25519}) {
    const TestChain chain = make_chain(with_key(leaf_spec(), key));
    EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{});
  }
}

TEST(FindingWeakSignature, Sha1OnLeafAndIssuer) {
  TestChain chain = make_chain(with_digest(leaf_spec(), "SHA1"));
  const Judged judged{chain.sent(), &chain.root};
  EXPECT_EQ(lines(judged.session()), (Lines{"weak-signature backend error proven"}));
  EXPECT_THAT(diagnose_weak_signature(judged.session())->title, HasSubstr("(ecdsa-with-SHA1)"));
  EXPECT_EQ(line(diagnose_weak_signature(judged.passed(42))), "backend error proven client-alert");

  chain = make_chain(leaf_spec(), with_digest(intermediate_spec(), "SHA1"));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"weak-signature backend error proven"}));
  EXPECT_THAT(diagnose_weak_signature(session)->presented, HasSubstr("number 2"));
}

/// Nobody looks at a root's own signature.
TEST(FindingWeakSignature, NotOfARoot) {
  const TestChain chain =
      make_chain(leaf_spec(), intermediate_spec(), with_digest(testing::root_spec(), "SHA1"));
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{});
}

/// The session in TLS 1.2 with this suite.
SessionReport with_suite(const Judged& judged, std::uint16_t suite) {
  SessionReport session = judged.session();
  for (auto* leg : {&*session.client_leg, &*session.backend_leg}) {
    leg->server_hello->version = code_point(ProtocolVersion{0x0303});
    leg->server_hello->cipher = code_point(CipherSuite{suite});
  }
  return session;
}

constexpr std::uint16_t kStaticRsa = 0x009c;
constexpr std::uint16_t kEcdhe = 0xc02f;

TEST(FindingKeyUsage, IsHeldAgainstTheKeyExchange) {
  CertificateSpec spec = with_key(leaf_spec(), TestKey::rsa_2048);
  spec.key_usage = "critical,keyEncipherment";
  TestChain chain = make_chain(spec);
  Judged judged{chain.sent(), &chain.root};
  EXPECT_EQ(lines(judged.session()), (Lines{"key-usage backend error proven"})) << "TLS 1.3";
  EXPECT_EQ(lines(with_suite(judged, kEcdhe)), (Lines{"key-usage backend error proven"}));
  EXPECT_EQ(diagnose_key_usage(judged.session())->codes.chrome, "ERR_SSL_KEY_USAGE_INCOMPATIBLE");
  EXPECT_EQ(lines(with_suite(judged, kStaticRsa)), Lines{}) << "all that static RSA needs";

  spec.key_usage = "critical,digitalSignature";
  chain = make_chain(spec);
  judged = {chain.sent(), &chain.root};
  EXPECT_EQ(lines(judged.session()), Lines{});
  EXPECT_EQ(lines(with_suite(judged, kEcdhe)), Lines{});
  EXPECT_EQ(lines(with_suite(judged, kStaticRsa)), (Lines{"key-usage backend error proven"}));
  EXPECT_THAT(diagnose_key_usage(with_suite(judged, kStaticRsa))->title,
              HasSubstr("keyEncipherment is missing"));

  spec.key_usage = "";
  chain = make_chain(spec);
  EXPECT_EQ(lines(with_suite(Judged{chain.sent(), &chain.root}, kStaticRsa)), Lines{});
}

/// A certificate for nothing that a server does has one finding, not two.
TEST(FindingKeyUsage, IsSilentWhereTheUsageIsWrongAltogether) {
  CertificateSpec spec = leaf_spec();
  spec.key_usage = "critical,cRLSign";
  const TestChain chain = make_chain(spec);
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()),
            (Lines{"wrong-usage backend error proven"}));
}

}  // namespace
}  // namespace visavis::inspect
