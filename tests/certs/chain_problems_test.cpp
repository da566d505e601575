#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "certs/chain_check.h"
#include "tests/certs/chain_judge.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::intermediate_spec;
using visavis::testing::kDay;
using visavis::testing::kNow;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;
using visavis::testing::TestKey;

TEST(ChainProblems, Expiry) {
  CertificateSpec spec = leaf_spec();
  spec.not_after_s = kNow;
  const TestChain chain = make_chain(spec);
  expect_healthy(judge(chain.sent(), &chain.root, kHost, kNow - 1));
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 CERT_HAS_EXPIRED"));
  EXPECT_EQ(verdict.problems[0].hresult, "0x800b0101");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("expired"), IsEmpty()));
  EXPECT_EQ(verdict.valid_from_s, kNow);
}

TEST(ChainProblems, AnExpiredIntermediate) {
  CertificateSpec middle = intermediate_spec();
  middle.not_after_s = kNow - 1;
  const TestChain chain = make_chain(leaf_spec(), middle);
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("1 CERT_HAS_EXPIRED"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), ElementsAre("expired")));
}

TEST(ChainProblems, NotYetValid) {
  CertificateSpec spec = leaf_spec();
  spec.not_before_s = kNow + 1;
  const TestChain chain = make_chain(spec);
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 CERT_NOT_YET_VALID"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("not-yet-valid"), IsEmpty()));
  EXPECT_EQ(verdict.valid_until_s, kNow + 1);
  expect_healthy(judge(chain.sent(), &chain.root, kHost, kNow + 1));
}

TEST(ChainProblems, EveryProblemAtEveryDepth) {
  CertificateSpec leaf = leaf_spec();
  leaf.not_after_s = kNow - kDay;
  leaf.extended_key_usage = "clientAuth";
  CertificateSpec middle = intermediate_spec();
  middle.not_before_s = kNow + kDay;
  const TestChain chain = make_chain(leaf, middle);
  const ChainVerdict verdict = judge(chain.sent(), nullptr, "other.example");
  const auto all = codes(verdict);
  for (const char* code : {"0 CERT_HAS_EXPIRED", "0 INVALID_PURPOSE", "0 HOSTNAME_MISMATCH",
                           "1 CERT_NOT_YET_VALID", "1 UNABLE_TO_GET_ISSUER_CERT_LOCALLY"})
    EXPECT_THAT(all, Contains(code));
  EXPECT_THAT(verdict.certificate_problems[0],
              ElementsAre("expired", "wrong-usage", "name-mismatch"));
  EXPECT_THAT(verdict.certificate_problems[1], ElementsAre("not-yet-valid"));
}

TEST(ChainProblems, Names) {
  CertificateSpec spec = leaf_spec();
  spec.san = {"DNS:www.example.com", "DNS:*.wild.example", "IP:192.0.2.1", "IP:2001:db8::1"};
  const TestChain chain = make_chain(spec);
  for (const char* host : {"www.example.com", "WWW.EXAMPLE.COM", "www.example.com.",
                           "a.wild.example", "192.0.2.1", "2001:db8::1", "[2001:DB8::1]", ""})
    expect_healthy(judge(chain.sent(), &chain.root, host));
  for (const char* host : {"example.com", "wild.example", "a.b.wild.example", ".example.com",
                           "www.example.com.evil.example", ".", "not a name"}) {
    const ChainVerdict verdict = judge(chain.sent(), &chain.root, host);
    EXPECT_THAT(codes(verdict), ElementsAre("0 HOSTNAME_MISMATCH")) << host;
    EXPECT_EQ(verdict.problems[0].hresult, "0x800b010f");
    EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("name-mismatch"), IsEmpty()));
  }
  for (const char* host : {"192.0.2.2", "2001:db8::2"})
    EXPECT_THAT(codes(judge(chain.sent(), &chain.root, host)),
                ElementsAre("0 IP_ADDRESS_MISMATCH"));
  const std::string with_nul("www.example.com\0.evil", 21);
  EXPECT_THAT(codes(judge(chain.sent(), &chain.root, with_nul)),
              ElementsAre("0 HOSTNAME_MISMATCH"));
}

TEST(ChainProblems, ANameInTheCommonNameAlone) {
  CertificateSpec spec = leaf_spec();
  spec.san.clear();
  const TestChain chain = make_chain(spec);
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(ElementsAre("common-name-only"), IsEmpty()));
  EXPECT_THAT(judge(chain.sent(), &chain.root, "b.example").certificate_problems[0],
              ElementsAre("name-mismatch"));
}

TEST(ChainProblems, UsagesThatForbidTlsServers) {
  CertificateSpec leaf = leaf_spec();
  leaf.extended_key_usage = "clientAuth,emailProtection";
  TestChain chain = make_chain(leaf);
  ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 INVALID_PURPOSE"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("wrong-usage"), IsEmpty()));

  CertificateSpec middle = intermediate_spec();
  middle.extended_key_usage = "codeSigning";
  chain = make_chain(leaf_spec(), middle);
  verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("1 INVALID_PURPOSE"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), ElementsAre("wrong-usage")));
}

TEST(ChainProblems, IssuersThatMayNotIssue) {
  CertificateSpec middle = intermediate_spec();
  middle.ca = false;
  TestChain chain = make_chain(leaf_spec(), middle);
  ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), Contains("1 INVALID_CA"));
  EXPECT_THAT(verdict.certificate_problems[1], Contains("not-a-ca"));
  EXPECT_FALSE(verdict.incomplete);

  middle = intermediate_spec();
  middle.key_usage = "digitalSignature";
  chain = make_chain(leaf_spec(), middle);
  verdict = judge(chain.sent(), &chain.root);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_FALSE(verdict.incomplete);
  EXPECT_THAT(verdict.certificate_problems[1], Contains("not-a-ca"));
}

TEST(ChainProblems, ConstraintsOfIssuers) {
  CertificateSpec root = root_spec();
  root.extensions = {{"nameConstraints", "critical,excluded;DNS:example.com"}};
  TestChain chain = make_chain(leaf_spec(), intermediate_spec(), root);
  ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 EXCLUDED_VIOLATION"));
  EXPECT_THAT(verdict.certificate_problems[0], ElementsAre("name-constraint"));

  CertificateSpec leaf = leaf_spec();
  leaf.extensions = {{"1.2.3.4", "critical,DER:05:00"}};
  chain = make_chain(leaf);
  verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 UNHANDLED_CRITICAL_EXTENSION"));
  EXPECT_THAT(verdict.certificate_problems[0], ElementsAre("critical-extension"));
}

TEST(ChainProblems, WeakKeysAndSignaturesAreNamedButDoNotDecideTrust) {
  CertificateSpec leaf = leaf_spec();
  leaf.key = TestKey::rsa_1024;
  leaf.digest = "SHA1";
  CertificateSpec middle = intermediate_spec();
  middle.digest = "MD5";
  CertificateSpec root = root_spec();
  root.key = TestKey::rsa_2048;
  root.digest = "SHA1";
  const TestChain chain = make_chain(leaf, middle, root);
  auto sent = chain.sent();
  sent.push_back(chain.root.der());
  const ChainVerdict verdict = judge(sent, &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(ElementsAre("weak-key", "weak-signature"), ElementsAre("weak-signature"),
                          ElementsAre("root-sent")));
}

TEST(ChainProblems, APathThatIsTooLong) {
  CertificateSpec limited = root_spec();
  limited.common_name = "No CA below";
  limited.path_length = 0;
  const TestCertificate top = make_certificate(limited);
  const TestCertificate middle = make_certificate(intermediate_spec(), &top);
  const TestCertificate leaf = make_certificate(leaf_spec(), &middle);
  const ChainVerdict verdict = judge({leaf.der(), middle.der()}, &top);
  EXPECT_THAT(codes(verdict), ElementsAre("2 PATH_LENGTH_EXCEEDED"));
  EXPECT_EQ(verdict.problems[0].hresult, "0x80096019");
  // The certificate objected to is the root, which was not sent: only its name tells.
  EXPECT_EQ(verdict.problems[0].subject, "CN=No CA below");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(ChainProblems, AnExpiredRootOfTheStoreIsNamed) {
  CertificateSpec root = root_spec();
  root.not_after_s = kNow - kDay;
  const TestChain chain = make_chain(leaf_spec(), intermediate_spec(), root);
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("2 CERT_HAS_EXPIRED"));
  EXPECT_EQ(verdict.problems[0].subject, "CN=Test Root");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_FALSE(verdict.incomplete);
}

TEST(ChainProblems, EveryProblemHasItsCertificatesName) {
  CertificateSpec leaf = leaf_spec();
  leaf.not_after_s = kNow - 1;
  CertificateSpec middle = intermediate_spec();
  middle.not_after_s = kNow - 1;
  const TestChain chain = make_chain(leaf, middle);
  std::vector<std::string> lines;
  for (const ChainProblem& problem : judge(chain.sent(), nullptr, "b.example").problems)
    lines.push_back(problem.code.substr(11) + " " + problem.subject);
  EXPECT_THAT(lines,
              ::testing::UnorderedElementsAre(
                  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY CN=Test Intermediate",
                  "CERT_HAS_EXPIRED CN=Test Intermediate", "CERT_HAS_EXPIRED CN=www.example.com",
                  "HOSTNAME_MISMATCH CN=www.example.com"));
}

TEST(ChainProblems, KeyUsagesOfALeaf) {
  CertificateSpec leaf = leaf_spec();
  leaf.key = TestKey::rsa_2048;
  leaf.key_usage = "critical,keyEncipherment";
  TestChain chain = make_chain(leaf);
  ChainVerdict verdict = judge(chain.sent(), &chain.root);
  expect_healthy(verdict);  // static RSA works with it
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(ElementsAre("no-digital-signature"), IsEmpty()));
  leaf.key_usage = "critical,keyCertSign";
  chain = make_chain(leaf);
  verdict = judge(chain.sent(), &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 INVALID_PURPOSE"));
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(ElementsAre("wrong-usage", "no-digital-signature"), IsEmpty()));
  leaf.key_usage = "";
  chain = make_chain(leaf);
  EXPECT_THAT(judge(chain.sent(), &chain.root).certificate_problems,
              ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(ChainProblems, KeysThatNobodyCanUse) {
  const TestChain chain = make_chain();
  Der der = chain.leaf.der();
  // id-ecPublicKey 1.2.840.10045.2.1 becomes 1.2.840.10045.2.99
  const Der oid{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
  const auto at = std::search(der.begin(), der.end(), oid.begin(), oid.end());
  ASSERT_NE(at, der.end());
  *(at + 8) = 0x63;
  EXPECT_THAT(judge({der, chain.intermediate.der()}, &chain.root).certificate_problems[0],
              ElementsAre("unsupported-key", "bad-signature"));

  const PkeyPtr written_out(EVP_EC_gen("P-256"));
  ASSERT_EQ(
      EVP_PKEY_set_utf8_string_param(written_out.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit"),
      1);
  const TestCertificate leaf =
      make_certificate(leaf_spec(), &chain.intermediate, written_out.get());
  const ChainVerdict verdict = judge({leaf.der(), chain.intermediate.der()}, &chain.root);
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("explicit-curve"), IsEmpty()));
}

TEST(ChainProblems, AForgedSignature) {
  const TestChain chain = make_chain();
  Der forged = chain.leaf.der();
  forged.back() ^= 1;
  const ChainVerdict verdict = judge({forged, chain.intermediate.der()}, &chain.root);
  EXPECT_THAT(codes(verdict), ElementsAre("0 CERT_SIGNATURE_FAILURE"));
  EXPECT_EQ(verdict.problems[0].hresult, "0x80096004");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("bad-signature"), IsEmpty()));
  EXPECT_FALSE(verdict.incomplete);
}

TEST(ChainProblems, NoFlippedByteOfALeafCrashes) {
  const TestChain chain = make_chain();
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain.root.certificate());
  ChainCheck check(stores, 0);
  ERR_clear_error();
  for (std::size_t at = 0; at < chain.leaf.der().size(); ++at) {
    auto sent = chain.sent();
    sent[0][at] ^= 0x55;
    EXPECT_FALSE(check.check(sent, kHost, kNow)->trusted) << at;
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace visavis::certs
