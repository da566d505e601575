#include "inspect/handshake/certificate_status.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

TEST(CertificateStatus, OfARealServer) {
  const auto status = parse_certificate_status(data_file("messages/certificate_status"));
  ASSERT_TRUE(status.ok()) << describe(status.error());
  EXPECT_EQ(status->type, kOcsp);
  EXPECT_EQ(status->responses, 1U);
  EXPECT_EQ(status->response_bytes, 471U);
}

TEST(CertificateStatus, AListHasOneResponseACertificate) {
  const ByteVector list =
      joined({vector_of(3, ByteVector(100, 1)), vector_of(3, {}), vector_of(3, {2, 3})});
  const auto status = parse_certificate_status(message(22, joined({{2}, vector_of(3, list)})));
  ASSERT_TRUE(status.ok()) << describe(status.error());
  EXPECT_EQ(status->type, kOcspMulti);
  EXPECT_EQ(status->responses, 2U);
  EXPECT_EQ(status->response_bytes, 102U);
}

TEST(CertificateStatus, AnUnknownTypeStaysItself) {
  const auto status = parse_certificate_status(message(22, {9, 1, 2, 3}));
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(name(status->type), "0x09");
  EXPECT_EQ(status->response_bytes, 3U);
}

TEST(CertificateStatus, AResponseHasAtLeastAByte) {
  EXPECT_EQ(parse_certificate_status(message(22, {1, 0, 0, 0})).error(),
            (ParseError{ParseErrorCode::bad_length, "OCSPResponse", 8}));
}

TEST(CertificateStatus, CutAtEveryByteAndWithWrongLengths) {
  const ByteVector whole = data_file("messages/certificate_status");
  test::expect_cuts_fail(whole, parse_certificate_status);
  test::expect_wrong_lengths_fail(whole, {3, 7}, parse_certificate_status);
  test::expect_other_type_fails(whole, parse_certificate_status);
  const ByteVector list =
      message(22, joined({{2}, vector_of(3, joined({vector_of(3, {1, 2}), vector_of(3, {3})}))}));
  test::expect_cuts_fail(list, parse_certificate_status);
  test::expect_wrong_lengths_fail(list, {3, 7, 10, 15}, parse_certificate_status);
}

}  // namespace
}  // namespace visavis::inspect
