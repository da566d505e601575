#include "inspect/handshake/certificate_message.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::certificate_message;
using test::joined;

const std::vector<ByteVector> kChain{ByteVector(300, 1), ByteVector(20, 2), ByteVector(1, 3)};

TEST(CertificateMessage, BothShapes) {
  for (const bool tls13 : {false, true}) {
    const auto parsed =
        parse_certificate_message(certificate_message(kChain, tls13), tls13 ? kTls13 : kTls12);
    ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
    EXPECT_EQ(parsed->certificates, kChain);
    EXPECT_FALSE(parsed->cut);
  }
}

TEST(CertificateMessage, TheShapeFollowsTheVersionDraftsIncluded) {
  EXPECT_TRUE(parse_certificate_message(certificate_message(kChain, true), {0x7f1c}).ok());
  for (const auto version : {kSsl3, kTls10, kTls11, kTls12})
    EXPECT_TRUE(parse_certificate_message(certificate_message(kChain, false), version).ok());
  EXPECT_FALSE(parse_certificate_message(certificate_message(kChain, false), kTls13).ok());
  EXPECT_FALSE(parse_certificate_message(certificate_message(kChain, true), kTls12).ok());
}

TEST(CertificateMessage, AnEmptyListIsLegal) {
  for (const bool tls13 : {false, true}) {
    const auto parsed =
        parse_certificate_message(certificate_message({}, tls13), tls13 ? kTls13 : kTls12);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(parsed->certificates.empty());
  }
}

TEST(CertificateMessage, ContextAndExtensionsAreStepped) {
  const ByteVector entry = joined({test::vector_of(3, {9, 9}), test::vector_of(2, {0, 5, 0, 0})});
  const ByteVector message = test::message(
      11, joined({test::vector_of(1, ByteVector(255, 7)), test::vector_of(3, entry)}));
  const auto parsed = parse_certificate_message(message, kTls13);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->certificates, (std::vector<ByteVector>{{9, 9}}));
}

TEST(CertificateMessage, CutAtTheLimit) {
  std::vector<ByteVector> many(limits::kMaxCertificates, ByteVector{1});
  EXPECT_FALSE(parse_certificate_message(certificate_message(many, false), kTls12)->cut);
  many.emplace_back(ByteVector{2});
  const auto parsed = parse_certificate_message(certificate_message(many, false), kTls12);
  EXPECT_TRUE(parsed->cut);
  EXPECT_EQ(parsed->certificates.size(), limits::kMaxCertificates);
}

TEST(CertificateMessage, OfARealClient) {
  const auto parsed =
      parse_certificate_message(test::data_file("messages/certificate_client_tls13"), kTls13);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  ASSERT_EQ(parsed->certificates.size(), 1U);
  EXPECT_EQ(parsed->certificates[0].size(), 390U);
  EXPECT_FALSE(parsed->ocsp_bytes || parsed->ocsp_problem);
}

TEST(CertificateMessage, AStapledResponseStandsInItsEntry) {
  const auto parsed =
      parse_certificate_message(test::data_file("messages/certificate_stapled_tls13"), kTls13);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  ASSERT_EQ(parsed->certificates.size(), 1U);
  EXPECT_EQ(parsed->ocsp_bytes, 665U);
  EXPECT_FALSE(parsed->ocsp_problem);
}

ByteVector entry(std::uint8_t der, const ByteVector& extensions) {
  return joined({test::vector_of(3, {der}), test::vector_of(2, extensions)});
}

TEST(CertificateMessage, OnlyTheFirstCertificatesResponseCounts) {
  const ByteVector stapled = joined({{0, 5}, test::vector_of(2, {1, 0, 0, 2, 7, 7})});
  const auto parse = [](const ByteVector& entries) {
    return *parse_certificate_message(test::message(11, joined({{0}, test::vector_of(3, entries)})),
                                      kTls13);
  };
  EXPECT_EQ(parse(entry(1, stapled)).ocsp_bytes, 2U);
  EXPECT_FALSE(parse(joined({entry(1, {}), entry(2, stapled)})).ocsp_bytes);
}

TEST(CertificateMessage, ABrokenResponseIsNamedAndTheCertificateKept) {
  const ByteVector broken = joined({{0, 5}, test::vector_of(2, {1, 0, 0, 9, 7, 7})});
  const auto parsed = parse_certificate_message(
      test::message(11, joined({{0}, test::vector_of(3, entry(1, broken))})), kTls13);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  EXPECT_EQ(parsed->certificates.size(), 1U);
  EXPECT_FALSE(parsed->ocsp_bytes);
  EXPECT_EQ(parsed->ocsp_problem,
            (ParseError{ParseErrorCode::truncated, "OCSPResponse", 4 + 1 + 3 + 4 + 2 + 4 + 4}));
}

TEST(CertificateMessage, ARawPublicKeyHasAShapeOfItsOwn) {
  const ByteVector whole = test::data_file("messages/certificate_raw_public_key");
  const auto bytes = parse_raw_public_key(whole);
  ASSERT_TRUE(bytes.ok()) << describe(bytes.error());
  EXPECT_EQ(*bytes, 294U);
  EXPECT_FALSE(parse_certificate_message(whole, kTls12).ok());
  test::expect_cuts_fail(whole, parse_raw_public_key);
  test::expect_wrong_lengths_fail(whole, {3, 6}, parse_raw_public_key);
  test::expect_other_type_fails(whole, parse_raw_public_key);
}

TEST(CertificateMessage, TruncatedAtEveryByte) {
  for (const bool tls13 : {false, true}) {
    const ByteVector whole = certificate_message(kChain, tls13);
    for (std::size_t count = 0; count < whole.size(); ++count) {
      const ProtocolVersion version = tls13 ? kTls13 : kTls12;
      EXPECT_FALSE(parse_certificate_message(Bytes(whole).first(count), version).ok());
      if (count < 4) continue;
      const ByteVector agreed = test::message(
          11, ByteVector(whole.begin() + 4, whole.begin() + static_cast<std::ptrdiff_t>(count)));
      EXPECT_FALSE(parse_certificate_message(agreed, version).ok()) << count;
    }
  }
}

TEST(CertificateMessage, WrongLengthsOfEntries) {
  const ByteVector stapled = test::data_file("messages/certificate_stapled_tls13");
  const auto parse = [](Bytes bytes) { return parse_certificate_message(bytes, kTls13); };
  test::expect_cuts_fail(stapled, parse);
  // Header, context, list, certificate, its extensions, the extension.
  test::expect_wrong_lengths_fail(stapled, {3, 4, 7, 10, 496, 500}, parse);
}

TEST(CertificateMessage, OneWrongLengthPerField) {
  const ByteVector old = certificate_message(kChain, false);
  for (const std::size_t at : {std::size_t{3}, std::size_t{6}, std::size_t{9}})
    for (const int change : {-1, 1, 64}) {
      ByteVector wrong = old;
      wrong[at] = static_cast<std::uint8_t>(wrong[at] + change);
      EXPECT_FALSE(parse_certificate_message(wrong, kTls12).ok()) << at << ' ' << change;
    }
  ByteVector trailing = certificate_message(kChain, true);
  trailing = test::message(11, joined({{trailing.begin() + 4, trailing.end()}, {0}}));
  EXPECT_EQ(parse_certificate_message(trailing, kTls13).error().code, ParseErrorCode::trailing);
  ByteVector other = old;
  other[0] = 12;
  EXPECT_EQ(parse_certificate_message(other, kTls12).error().code, ParseErrorCode::bad_value);
}

}  // namespace
}  // namespace visavis::inspect
