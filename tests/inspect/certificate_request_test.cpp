#include "inspect/handshake/certificate_request.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

constexpr ClientCertificateType kRsaSign{1};
constexpr ClientCertificateType kDssSign{2};
constexpr ClientCertificateType kEcdsaSign{64};

/// The DER of a Name with one attribute, as both captures of OpenSSL's have it.
const ByteVector kRootCertificate =
    test::from_hex("301b3119301706035504030c10526f6f74206365727469666963617465");

auto parser(ProtocolVersion version) {
  return [version](Bytes bytes) { return parse_certificate_request(bytes, version); };
}

TEST(CertificateRequest, OfSslThreeWithoutIssuers) {
  const auto request =
      parse_certificate_request(data_file("messages/certificate_request_ssl30"), kSsl3);
  ASSERT_TRUE(request.ok()) << describe(request.error());
  EXPECT_EQ(request->types, (std::vector{kRsaSign, kDssSign}));
  EXPECT_FALSE(request->sig_algs);
  EXPECT_TRUE(request->authorities.empty());
  EXPECT_EQ(request->authorities_total, 0U);
}

TEST(CertificateRequest, OfTlsElevenHasNoSchemes) {
  const auto request =
      parse_certificate_request(data_file("messages/certificate_request_tls11"), kTls11);
  ASSERT_TRUE(request.ok()) << describe(request.error());
  EXPECT_EQ(request->types, (std::vector{kRsaSign, kDssSign, kEcdsaSign}));
  EXPECT_FALSE(request->sig_algs);
  EXPECT_EQ(request->authorities, std::vector<ByteVector>{kRootCertificate});
  EXPECT_EQ(request->authorities_total, 1U);
}

TEST(CertificateRequest, OfTlsTwelveHasSchemesAndIssuers) {
  const auto request =
      parse_certificate_request(data_file("messages/certificate_request_tls12"), kTls12);
  ASSERT_TRUE(request.ok()) << describe(request.error());
  EXPECT_EQ(request->types, (std::vector{kRsaSign, kDssSign, kEcdsaSign}));
  ASSERT_TRUE(request->sig_algs);
  EXPECT_EQ(request->sig_algs->size(), 15U);
  EXPECT_EQ(request->sig_algs->front(), SignatureScheme{0x0601});
  EXPECT_EQ(request->sig_algs->back(), SignatureScheme{0x0203});
  ASSERT_EQ(request->authorities.size(), 1U);
  EXPECT_EQ(request->authorities[0].size(), 106U);
  EXPECT_TRUE(request->extensions.empty());
}

TEST(CertificateRequest, OfTlsThirteenHasExtensions) {
  const auto request =
      parse_certificate_request(data_file("messages/certificate_request_tls13"), kTls13);
  ASSERT_TRUE(request.ok()) << describe(request.error());
  EXPECT_TRUE(request->context.empty());
  EXPECT_TRUE(request->types.empty());
  ASSERT_TRUE(request->sig_algs);
  EXPECT_EQ(request->sig_algs->size(), 16U);
  EXPECT_EQ(request->sig_algs->front(), SignatureScheme{0x0403});
  EXPECT_FALSE(request->sig_algs_cert);
  EXPECT_EQ(request->authorities, std::vector<ByteVector>{kRootCertificate});
  ASSERT_EQ(request->extensions.size(), 2U);
  EXPECT_EQ(request->extensions[0].type, kSignatureAlgorithms);
  EXPECT_EQ(request->extensions[1].type, kCertificateAuthorities);
  EXPECT_EQ(request->extensions[1].length, 33);
}

TEST(CertificateRequest, AfterTheHandshakeItHasAContext) {
  const ByteVector schemes = vector_of(2, test::list16({0x0804}));
  const ByteVector extensions = joined({{0, 50}, vector_of(2, schemes), {0, 49, 0, 0}});
  const ByteVector whole = message(13, joined({vector_of(1, {7, 8}), vector_of(2, extensions)}));
  const auto request = parse_certificate_request(whole, kTls13);
  ASSERT_TRUE(request.ok()) << describe(request.error());
  EXPECT_EQ(request->context, (ByteVector{7, 8}));
  EXPECT_EQ(request->sig_algs_cert, std::vector{SignatureScheme{0x0804}});
  EXPECT_FALSE(request->sig_algs);
}

TEST(CertificateRequest, TheShapeFollowsTheVersion) {
  const ByteVector tls11 = data_file("messages/certificate_request_tls11");
  const ByteVector tls12 = data_file("messages/certificate_request_tls12");
  const ByteVector tls13 = data_file("messages/certificate_request_tls13");
  EXPECT_TRUE(parse_certificate_request(tls13, {0x7f1c}).ok()) << "a draft of TLS 1.3";
  EXPECT_FALSE(parse_certificate_request(tls13, kTls12).ok());
  EXPECT_FALSE(parse_certificate_request(tls12, kTls13).ok());
  EXPECT_FALSE(parse_certificate_request(tls12, kTls11).ok());
  EXPECT_FALSE(parse_certificate_request(tls11, kTls12).ok());
}

TEST(CertificateRequest, CutAtEveryByte) {
  test::expect_cuts_fail(data_file("messages/certificate_request_ssl30"), parser(kSsl3));
  test::expect_cuts_fail(data_file("messages/certificate_request_tls11"), parser(kTls11));
  test::expect_cuts_fail(data_file("messages/certificate_request_tls12"), parser(kTls12));
  test::expect_cuts_fail(data_file("messages/certificate_request_tls13"), parser(kTls13));
}

TEST(CertificateRequest, OneWrongLengthPerField) {
  // Header, types, issuers, name.
  const ByteVector tls11 = data_file("messages/certificate_request_tls11");
  test::expect_wrong_lengths_fail(tls11, {3, 4, 9, 11}, parser(kTls11));
  // Header, types, schemes, issuers, name.
  const ByteVector tls12 = data_file("messages/certificate_request_tls12");
  test::expect_wrong_lengths_fail(tls12, {3, 4, 9, 41, 43}, parser(kTls12));
  // Header, context, extensions, the first one's, its schemes, the second one's, its names, name.
  const ByteVector tls13 = data_file("messages/certificate_request_tls13");
  test::expect_wrong_lengths_fail(tls13, {3, 6, 10, 12, 48, 50, 52}, parser(kTls13));
  test::expect_other_type_fails(tls12, parser(kTls12));
}

TEST(CertificateRequest, ABrokenListIsNamedByItsPlace) {
  const ByteVector odd = joined({vector_of(1, {1}), vector_of(2, {4, 3, 8}), vector_of(2, {})});
  EXPECT_EQ(parse_certificate_request(message(13, odd), kTls12).error(),
            (ParseError{ParseErrorCode::bad_length, "supported_signature_algorithms", 8}));
  const ByteVector nameless = joined({vector_of(1, {1}), vector_of(2, {0, 0})});
  EXPECT_EQ(parse_certificate_request(message(13, nameless), kTls10).error(),
            (ParseError{ParseErrorCode::bad_length, "DistinguishedName", 10}));
  const ByteVector broken = joined({{0, 13}, vector_of(2, vector_of(2, {4, 3, 8}))});
  EXPECT_EQ(
      parse_certificate_request(message(13, joined({{0}, vector_of(2, broken)})), kTls13).error(),
      (ParseError{ParseErrorCode::bad_length, "signature_algorithms", 13}));
}

TEST(CertificateRequest, IssuersAreCountedBeyondTheLimit) {
  ByteVector names;
  for (std::size_t i = 0; i < limits::kMaxAuthorities + 44; ++i)
    names = joined({names, vector_of(2, {0x30, 0})});
  const ByteVector whole = message(13, joined({vector_of(1, {1}), vector_of(2, names)}));
  const auto request = parse_certificate_request(whole, kTls11);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->authorities.size(), limits::kMaxAuthorities);
  EXPECT_EQ(request->authorities_total, limits::kMaxAuthorities + 44);
}

}  // namespace
}  // namespace visavis::inspect
