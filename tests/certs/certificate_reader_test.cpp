#include "certs/certificate_reader.h"
#include "certs/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <string>
#include <thread>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TestChain;
using visavis::testing::TestKey;

TEST(ReadCertificate, FactsOfALeaf) {
  CertificateSpec spec = leaf_spec();
  spec.organization =
      "B\xc3\xbc"
      "cher";
  spec.san = {"DNS:www.example.com", "DNS:*.example.org",        "IP:192.0.2.1",
              "IP:2001:db8::1",      "URI:https://example.com/", "email:a@example.com"};
  spec.not_before_s = 1'767'323'045;  // 2026-01-02T03:04:05Z
  spec.not_after_s = 2'556'143'999;   // 2050-12-31T23:59:59Z: a GeneralizedTime
  spec.extended_key_usage = "serverAuth,1.2.3.4";
  spec.extensions = {{"authorityInfoAccess",
                      "caIssuers;URI:http://ca.example/i.crt,OCSP;URI:http://ocsp.example/"}};
  const TestChain chain = make_chain(spec);
  const CertificateFacts facts = read_certificate(chain.leaf.der());
  EXPECT_EQ(facts.parse_problem, "");
  EXPECT_EQ(facts.subject,
            "CN=www.example.com,O=B\xc3\xbc"
            "cher");
  EXPECT_EQ(facts.issuer, "CN=Test Intermediate");
  EXPECT_EQ(facts.common_name, "www.example.com");
  EXPECT_EQ(facts.not_before, "2026-01-02T03:04:05Z");
  EXPECT_EQ(facts.not_before_s, 1'767'323'045);
  EXPECT_EQ(facts.not_after, "2050-12-31T23:59:59Z");
  EXPECT_EQ(facts.not_after_s, 2'556'143'999);
  EXPECT_THAT(facts.san,
              ElementsAre("DNS:www.example.com", "DNS:*.example.org", "IP:192.0.2.1",
                          "IP:2001:db8::1", "URI:https://example.com/", "email:a@example.com"));
  EXPECT_EQ(facts.key, "EC P-256");
  EXPECT_EQ(facts.key_kind, KeyKind::ec);
  EXPECT_EQ(facts.key_bits, 256);
  EXPECT_EQ(facts.key_security_bits, 128);
  EXPECT_EQ(facts.signature, "ecdsa-with-SHA256");
  EXPECT_EQ(facts.sha256, hex(sha256(chain.leaf.der())));
  EXPECT_FALSE(facts.ca);
  EXPECT_FALSE(facts.self_issued);
  EXPECT_EQ(facts.subject_key_id.size(), 40U);
  EXPECT_EQ(facts.authority_key_id, read_certificate(chain.intermediate.der()).subject_key_id);
  EXPECT_THAT(facts.ca_issuers_urls, ElementsAre("http://ca.example/i.crt"));
  EXPECT_THAT(facts.key_usages, ElementsAre("digitalSignature"));
  EXPECT_THAT(facts.extended_key_usages, ElementsAre("serverAuth", "1.2.3.4"));
  EXPECT_EQ(facts.serial.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(facts.serial.size() % 2, 0U);
}

TEST(ReadCertificate, FactsOfARoot) {
  const auto root = make_certificate(root_spec());
  const CertificateFacts facts = read_certificate(root.der());
  EXPECT_TRUE(facts.ca);
  EXPECT_TRUE(facts.self_issued);
  EXPECT_EQ(facts.authority_key_id, "");
  EXPECT_THAT(facts.san, IsEmpty());
  EXPECT_THAT(facts.key_usages, ElementsAre("keyCertSign", "cRLSign"));
}

TEST(ReadCertificate, KeysAndSignatures) {
  struct Case {
    TestKey key;
    const char* text;
    KeyKind kind;
    int security_bits;
    const char* digest;
    const char* signature;
  };
  for (const Case& c :
       {Case{TestKey::rsa_2048, "RSA 2048", KeyKind::rsa, 112, "SHA256", "sha256WithRSAEncryption"},
        Case{TestKey::rsa_1024, "RSA 1024", KeyKind::rsa, 80, "SHA1", "sha1WithRSAEncryption"},
        Case{TestKey::ec_p384, "EC P-384", KeyKind::ec, 192, "SHA384", "ecdsa-with-SHA384"},
        Case{TestKey::ed25519, "Ed25519", KeyKind::ed25519, 128, "", "ED25519"}}) {
    CertificateSpec spec = root_spec();
    spec.key = c.key;
    spec.digest = c.digest;
    const CertificateFacts facts = read_certificate(make_certificate(spec).der());
    EXPECT_EQ(facts.key, c.text);
    EXPECT_EQ(facts.key_kind, c.kind);
    EXPECT_EQ(facts.key_security_bits, c.security_bits);
    EXPECT_EQ(facts.signature, c.signature);
  }
}

TEST(ReadCertificate, AnUnknownKeyIsNamedByItsOid) {
  Der der = make_certificate(root_spec()).der();
  // id-ecPublicKey 1.2.840.10045.2.1 becomes 1.2.840.10045.2.99
  const Der oid{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
  const auto at = std::search(der.begin(), der.end(), oid.begin(), oid.end());
  ASSERT_NE(at, der.end());
  *(at + 8) = 0x63;
  const CertificateFacts facts = read_certificate(der);
  EXPECT_EQ(facts.key, "1.2.840.10045.2.99");
  EXPECT_EQ(facts.key_kind, KeyKind::other);
  EXPECT_EQ(facts.key_bits, 0);
  EXPECT_THAT(facts.parse_problem, HasSubstr("public key"));
  EXPECT_EQ(facts.subject, "CN=Test Root");  // the rest is read
}

TEST(ReadCertificate, NoByteOfACutCertificateCrashes) {
  CertificateSpec spec = leaf_spec();
  spec.san = {"DNS:a.example", "IP:192.0.2.1"};
  const Der whole = make_chain(spec).leaf.der();
  ERR_clear_error();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const CertificateFacts facts = read_certificate(std::span(whole).first(length));
    EXPECT_THAT(facts.parse_problem, StartsWith("not an X.509 certificate in DER: Certificate at "))
        << length;
    EXPECT_EQ(facts.sha256.size(), 64U);
    EXPECT_EQ(decode_certificate(std::span(whole).first(length)), nullptr);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(ReadCertificate, NoFlippedByteCrashesOrLeavesAnError) {
  CertificateSpec spec = leaf_spec();
  spec.extensions = {{"authorityInfoAccess", "caIssuers;URI:http://ca.example/"}};
  const Der whole = make_chain(spec).leaf.der();
  ERR_clear_error();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int flip : {0x01, 0x80, 0xff}) {
      Der der = whole;
      der[at] = static_cast<std::uint8_t>(der[at] ^ flip);
      const CertificateFacts facts = read_certificate(der);
      for (const std::string& text : {facts.subject, facts.issuer, facts.common_name})
        EXPECT_EQ(text.find('\0'), std::string::npos) << at;
    }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(ReadCertificate, BytesAfterTheEndAreAProblem) {
  Der der = make_certificate(root_spec()).der();
  der.insert(der.end(), 3, 0);
  const CertificateFacts facts = read_certificate(der);
  EXPECT_EQ(facts.parse_problem,
            "3 bytes after the certificate's end at byte " + std::to_string(der.size() - 3));
  EXPECT_EQ(facts.subject, "CN=Test Root");
  EXPECT_NE(decode_certificate(der), nullptr);
}

TEST(ReadCertificate, HostileExtensions) {
  CertificateSpec spec = leaf_spec();
  spec.san.clear();
  spec.extensions = {{"subjectAltName", "DER:30:08:82:06:61:00:62:2e:1b:80"}};
  EXPECT_THAT(read_certificate(make_certificate(spec).der()).san,
              ElementsAre("DNS:a\\00b.\\1B\\80"));
  spec.extensions = {{"subjectAltName", "DER:30:08:82:20:61"}};
  CertificateFacts facts = read_certificate(make_certificate(spec).der());
  EXPECT_THAT(facts.san, IsEmpty());
  EXPECT_THAT(facts.parse_problem, HasSubstr("Subject Alternative Name cannot be read"));
  spec.extensions = {{"subjectAltName", "DNS:a"}, {"subjectAltName", "DNS:b"}};
  facts = read_certificate(make_certificate(spec).der());
  EXPECT_THAT(facts.parse_problem, HasSubstr("Subject Alternative Name comes twice"));
}

TEST(ReadCertificate, DatesThatCannotBeRead) {
  Der der = make_certificate(root_spec()).der();
  const std::string from = "200101000000Z";
  const auto at = std::search(der.begin(), der.end(), from.begin(), from.end());
  ASSERT_NE(at, der.end());
  *at = 'x';
  const CertificateFacts facts = read_certificate(der);
  EXPECT_EQ(facts.not_before, "");
  EXPECT_EQ(facts.not_before_s, 0);
  EXPECT_EQ(facts.not_after, "2049-12-31T00:00:00Z");
  EXPECT_EQ(facts.parse_problem, "notBefore cannot be read");
}

TEST(ReadPem, AllBlocksInOrder) {
  const TestChain chain = make_chain();
  const std::string pem =
      "a comment\n" + chain.leaf.pem() + chain.leaf.key_pem() + "text\n" + chain.intermediate.pem();
  EXPECT_THAT(read_pem_certificates(pem), ElementsAre(chain.leaf.der(), chain.intermediate.der()));
}

TEST(ReadPem, OtherLabels) {
  const auto root = make_certificate(root_spec());
  std::string old_label = root.pem();
  for (const char* mark : {"BEGIN ", "END "})
    old_label.insert(old_label.find(mark) + std::string(mark).size(), "X509 ");
  EXPECT_THAT(read_pem_certificates(old_label), ElementsAre(root.der()));
}

TEST(ReadPem, TrustSettingsAreLeftOut) {
  const auto root = make_certificate(root_spec());
  std::string pem = root.pem();
  for (const char* mark : {"BEGIN ", "END "})
    pem.insert(pem.find(mark) + std::string(mark).size(), "TRUSTED ");
  EXPECT_THAT(read_pem_certificates(pem), ElementsAre(root.der()));
}

TEST(ReadPem, NothingToFind) {
  EXPECT_THAT(read_pem_certificates(""), IsEmpty());
  EXPECT_THAT(read_pem_certificates("-----BEGIN CERTIFICATE-----"), IsEmpty());
  EXPECT_THAT(read_pem_certificates("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
              IsEmpty());
  EXPECT_THAT(read_pem_certificates(std::string(5000, 'x')), IsEmpty());
  EXPECT_THAT(read_pem_certificates(std::string(5000, '\0')), IsEmpty());
}

TEST(ReadPem, ABrokenBlockIsPassedOver) {
  const TestChain chain = make_chain();
  std::string broken = chain.root.pem();
  broken[broken.find('\n') + 10] = '!';
  ERR_clear_error();
  EXPECT_THAT(read_pem_certificates(broken + chain.leaf.pem()), ElementsAre(chain.leaf.der()));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(ReadPem, NoCutTextCrashes) {
  const std::string pem = make_certificate(root_spec()).pem();
  for (std::size_t length = 0; length < pem.size(); ++length)
    EXPECT_LE(read_pem_certificates(pem.substr(0, length)).size(), 1U);
}

TEST(FactsCache, TheSameFactsForTheSameBytes) {
  const TestChain chain = make_chain();
  CertificateFactsCache cache;
  const auto first = cache.facts_of(chain.leaf.der());
  EXPECT_EQ(*first, read_certificate(chain.leaf.der()));
  EXPECT_EQ(cache.facts_of(chain.leaf.der()), first);
  EXPECT_NE(cache.facts_of(chain.root.der()), first);
  EXPECT_EQ(cache.size(), 2U);
}

TEST(FactsCache, OfCertificatesThatEndAlikeEachHasItsOwnFacts) {
  const Der leaf = make_chain().leaf.der();
  Der other = leaf;
  other[15 + 4] ^= 0x55;  // in the serial number: behind three headers and the version
  CertificateFactsCache cache;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(*cache.facts_of(leaf), read_certificate(leaf));
    EXPECT_EQ(*cache.facts_of(other), read_certificate(other));
  }
  EXPECT_NE(read_certificate(other).serial, read_certificate(leaf).serial);
}

TEST(FactsCache, IsBounded) {
  CertificateFactsCache cache(4);
  for (std::uint8_t i = 0; i < 100; ++i) {
    const std::array<std::uint8_t, 1> junk{i};
    EXPECT_NE(cache.facts_of(junk)->parse_problem, "");
  }
  EXPECT_EQ(cache.size(), 4U);
}

TEST(FactsCache, ManyThreads) {
  const TestChain chain = make_chain();
  CertificateFactsCache cache(2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(cache.facts_of(chain.leaf.der())->common_name, "www.example.com");
        EXPECT_EQ(cache.facts_of(chain.root.der())->common_name, "Test Root");
        EXPECT_EQ(cache.facts_of(chain.intermediate.der())->common_name, "Test Intermediate");
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace visavis::certs
