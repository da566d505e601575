#include "certs/certificate_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <set>

#include "certs/certificate_reader.h"
#include "certs/der.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;

Der sample() {
  CertificateSpec spec = leaf_spec();
  spec.san = {"DNS:a.example", "IP:192.0.2.1"};
  spec.extensions = {{"authorityInfoAccess", "caIssuers;URI:http://ca.example/"}};
  return make_chain(spec).leaf.der();
}

TEST(CertificateOutline, AWholeCertificateHasNoProblem) {
  for (const Der& der : {sample(), make_certificate(root_spec()).der()}) {
    const CertificateOutline outline = read_outline(der);
    EXPECT_FALSE(outline.problem) << text(*outline.problem);
    EXPECT_GE(outline.extensions.size(), 3U);
    for (const ExtensionPlace& extension : outline.extensions) {
      EXPECT_EQ(extension.value.data(), der.data() + extension.offset);
      EXPECT_LE(extension.offset + extension.value.size(), der.size());
    }
  }
}

TEST(CertificateOutline, EveryCutIsNamed) {
  const Der whole = sample();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::span<const std::uint8_t> cut = std::span(whole).first(length);
    const auto problem = read_outline(cut).problem;
    ASSERT_TRUE(problem) << length;
    EXPECT_LE(problem->offset, length);
    EXPECT_EQ(read_certificate(cut).parse_problem,
              "not an X.509 certificate in DER: " + text(*problem));
  }
  EXPECT_EQ(text(*read_outline(std::span(whole).first(4)).problem),
            "Certificate at byte 1: a length of " + std::to_string(whole.size() - 4) +
                " bytes where 0 are left");
}

/// The offsets of all length bytes (the last one of each length field), found by walking.
std::vector<std::size_t> length_bytes(const Der& der) {
  std::vector<std::size_t> offsets;
  const auto walk = [&](const auto& self, std::size_t at, std::size_t end) -> void {
    while (at < end) {
      DerElement element;
      if (read_der(der, at, end, element)) return;
      offsets.push_back(element.content - 1);
      if ((element.tag & 0x20) != 0) self(self, element.content, element.end);
      at = element.end;
    }
  };
  walk(walk, 0, der.size());
  return offsets;
}

TEST(CertificateOutline, EveryLengthOffByOneIsNamedWithItsField) {
  const Der whole = sample();
  std::set<std::string> fields;
  const auto offsets = length_bytes(whole);
  ASSERT_GT(offsets.size(), 40U);
  ERR_clear_error();
  for (const std::size_t at : offsets)
    for (const int change : {-1, 1}) {
      Der der = whole;
      der[at] = static_cast<std::uint8_t>(der[at] + change);
      const CertificateFacts facts = read_certificate(der);
      EXPECT_NE(facts.parse_problem, "") << at << " " << change;
      const auto problem = read_outline(der).problem;
      if (!problem) continue;  // only the contents are wrong then, and OpenSSL says that
      EXPECT_LE(problem->offset, der.size());
      fields.insert(problem->field.substr(0, problem->field.find_first_of(" 0123456789")));
    }
  EXPECT_EQ(ERR_peek_error(), 0U);
  // A length that is too long takes from the field behind it, which is then the one that breaks.
  for (const char* field :
       {"Certificate", "tbsCertificate", "version", "signature", "issuer", "validity", "notAfter",
        "subject", "subjectPublicKeyInfo", "extension", "signatureAlgorithm", "signatureValue"})
    EXPECT_TRUE(fields.contains(field)) << field;
}

TEST(CertificateOutline, AFieldOfAnotherTypeIsNamedWithBoth) {
  const Der whole = sample();
  DerElement certificate;
  DerElement tbs;
  DerElement version;
  ASSERT_FALSE(read_der(whole, 0, whole.size(), certificate));
  ASSERT_FALSE(read_der(whole, certificate.content, certificate.end, tbs));
  ASSERT_FALSE(read_der(whole, tbs.content, tbs.end, version));
  Der der = whole;
  der[version.end] = 0x30;  // serialNumber
  EXPECT_EQ(read_certificate(der).parse_problem,
            "not an X.509 certificate in DER: serialNumber at byte " + std::to_string(version.end) +
                ": SEQUENCE where INTEGER should be");
}

TEST(CertificateOutline, AnExtensionThatBreaksIsLocated) {
  CertificateSpec spec = leaf_spec();
  spec.san.clear();
  // GeneralNames with a dNSName of 32 bytes, of which one is there.
  spec.extensions = {{"subjectAltName", "DER:30:03:82:20:61"}};
  const Der der = make_certificate(spec).der();
  const Der value{0x30, 0x03, 0x82, 0x20, 0x61};
  const auto at = std::search(der.begin(), der.end(), value.begin(), value.end()) - der.begin();
  EXPECT_EQ(read_certificate(der).parse_problem,
            "X509v3 Subject Alternative Name cannot be read (at byte " + std::to_string(at + 3) +
                ": a length of 32 bytes where 1 are left)");
  // A structure that fits, of the wrong type.
  spec.extensions = {{"subjectAltName", "DER:05:00"}};
  EXPECT_THAT(read_certificate(make_certificate(spec).der()).parse_problem,
              StartsWith("X509v3 Subject Alternative Name cannot be read (at byte "));
}

TEST(CertificateOutline, BytesBehindAnExtensionsValueAreLocated) {
  CertificateSpec spec = leaf_spec();
  spec.san.clear();
  spec.extensions = {{"subjectAltName", "DER:30:03:82:01:61:ff"}};
  const Der der = make_certificate(spec).der();
  const Der value{0x30, 0x03, 0x82, 0x01, 0x61, 0xff};
  const auto at = std::search(der.begin(), der.end(), value.begin(), value.end()) - der.begin();
  const CertificateFacts facts = read_certificate(der);
  EXPECT_EQ(facts.parse_problem,
            "X509v3 Subject Alternative Name has bytes behind its value (at byte " +
                std::to_string(at + 5) + ": no room for a tag and a length)");
  EXPECT_EQ(facts.san, std::vector<std::string>{"DNS:a"});
}

TEST(CertificateOutline, ContentsThatMakeItNoCertificateAreNamed) {
  const Der whole = sample();
  // keyUsage: critical, digitalSignature. X.690 8.2 and 8.6.
  const Der usage{0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x07, 0x80};
  const auto at = std::search(whole.begin(), whole.end(), usage.begin(), usage.end());
  ASSERT_NE(at, whole.end());
  Der der = whole;
  der[static_cast<std::size_t>(at - whole.begin()) + 1] = 2;
  EXPECT_THAT(read_certificate(der).parse_problem,
              HasSubstr(" critical at byte " + std::to_string(at - whole.begin()) +
                        ": a BOOLEAN of 2 bytes"));
  DerElement certificate;
  DerElement tbs;
  DerElement algorithm;
  DerElement signature;
  ASSERT_FALSE(read_der(whole, 0, whole.size(), certificate));
  ASSERT_FALSE(read_der(whole, certificate.content, certificate.end, tbs));
  ASSERT_FALSE(read_der(whole, tbs.end, certificate.end, algorithm));
  ASSERT_FALSE(read_der(whole, algorithm.end, certificate.end, signature));
  der = whole;
  der[signature.content] = 8;
  EXPECT_EQ(read_certificate(der).parse_problem,
            "not an X.509 certificate in DER: signatureValue at byte " +
                std::to_string(signature.offset) + ": a BIT STRING with 8 bits unused");
}

TEST(CertificateOutline, DuplicateExtensionsOfAnyKindAreNamedOnce) {
  CertificateSpec spec = leaf_spec();
  spec.extensions = {{"1.2.3.4", "DER:05:00"},
                     {"1.2.3.4", "DER:05:00"},
                     {"1.2.3.4", "DER:05:00"},
                     {"keyUsage", "keyAgreement"}};
  EXPECT_EQ(read_certificate(make_certificate(spec).der()).parse_problem,
            "extension 1.2.3.4 comes twice; X509v3 Key Usage comes twice");
}

TEST(CertificateOutline, AbsurdSizesAreBoundedWork) {
  CertificateSpec spec = leaf_spec();
  spec.san.clear();
  for (int i = 0; i < 10'000; ++i) spec.san.push_back("DNS:n" + std::to_string(i) + ".example");
  const Der many_names = make_certificate(spec).der();
  EXPECT_EQ(read_certificate(many_names).san.size(), 10'000U);
  CertificateFactsCache cache;
  EXPECT_EQ(cache.facts_of(many_names)->san.size(), 10'000U);
  EXPECT_EQ(cache.size(), 0U) << "large ones are not remembered";

  spec = leaf_spec();
  for (int i = 0; i < 300; ++i)
    spec.extensions.emplace_back("1.2.3." + std::to_string(i), "DER:05:00");
  const Der many_extensions = make_certificate(spec).der();
  EXPECT_EQ(read_outline(many_extensions).extensions.size(), 256U);
  EXPECT_EQ(read_certificate(many_extensions).parse_problem, "");
}

TEST(CertificateOutline, JunkIsNoCertificate) {
  EXPECT_EQ(text(*read_outline({}).problem), "Certificate at byte 0: missing");
  for (int first = 0; first < 256; ++first) {
    const std::array<std::uint8_t, 3> junk{static_cast<std::uint8_t>(first), 1, 0};
    const auto problem = read_outline(junk).problem;
    ASSERT_TRUE(problem);
    EXPECT_LE(problem->offset, junk.size());
  }
}

}  // namespace
}  // namespace visavis::certs
