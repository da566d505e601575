#include "inspect/handshake/certificate_verify.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;

auto parser(ProtocolVersion version) {
  return [version](Bytes bytes) { return parse_certificate_verify(bytes, version); };
}

TEST(CertificateVerify, NamesItsSchemeFromTlsTwelveOn) {
  const auto tls12 =
      parse_certificate_verify(data_file("messages/certificate_verify_tls12"), kTls12);
  ASSERT_TRUE(tls12.ok()) << describe(tls12.error());
  EXPECT_EQ(tls12->scheme, SignatureScheme{0x0403});
  EXPECT_EQ(tls12->signature_length, 72);
  const auto tls13 =
      parse_certificate_verify(data_file("messages/certificate_verify_tls13"), kTls13);
  ASSERT_TRUE(tls13.ok()) << describe(tls13.error());
  EXPECT_EQ(tls13->scheme, SignatureScheme{0x0804});
  EXPECT_EQ(tls13->signature_length, 256);
}

TEST(CertificateVerify, HasNoSchemeBefore) {
  const auto ssl30 =
      parse_certificate_verify(data_file("messages/certificate_verify_ssl30"), kSsl3);
  ASSERT_TRUE(ssl30.ok()) << describe(ssl30.error());
  EXPECT_FALSE(ssl30->scheme);
  EXPECT_EQ(ssl30->signature_length, 256);
  const auto tls11 =
      parse_certificate_verify(data_file("messages/certificate_verify_tls11"), kTls11);
  ASSERT_TRUE(tls11.ok()) << describe(tls11.error());
  EXPECT_FALSE(tls11->scheme);
  EXPECT_EQ(tls11->signature_length, 70);
}

TEST(CertificateVerify, TheShapeFollowsTheVersion) {
  EXPECT_FALSE(
      parse_certificate_verify(data_file("messages/certificate_verify_tls12"), kTls11).ok());
  EXPECT_FALSE(
      parse_certificate_verify(data_file("messages/certificate_verify_tls11"), kTls12).ok());
}

TEST(CertificateVerify, CutAtEveryByteAndWithWrongLengths) {
  const ByteVector tls11 = data_file("messages/certificate_verify_tls11");
  test::expect_cuts_fail(tls11, parser(kTls11));
  test::expect_wrong_lengths_fail(tls11, {3, 5}, parser(kTls11));
  const ByteVector tls13 = data_file("messages/certificate_verify_tls13");
  test::expect_cuts_fail(tls13, parser(kTls13));
  test::expect_wrong_lengths_fail(tls13, {3, 6}, parser(kTls13));
  test::expect_other_type_fails(tls13, parser(kTls13));
}

}  // namespace
}  // namespace visavis::inspect
