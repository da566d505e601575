#include "inspect/handshake/client_hello.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::sslv2_hello_body;

TEST(SslTwoHello, EveryField) {
  const ByteVector body = sslv2_hello_body(0x0301, {0x00002f, 0x0700c0, 0x000005, 0x0000ff},
                                           ByteVector(16, 7), ByteVector(16, 9));
  const auto hello = parse_sslv2_client_hello(body);
  ASSERT_TRUE(hello.ok()) << describe(hello.error());
  EXPECT_TRUE(hello->sslv2);
  EXPECT_EQ(hello->raw, body);
  EXPECT_EQ(hello->length, body.size());
  EXPECT_EQ(hello->legacy_version, kTls10);
  EXPECT_EQ(highest_version(*hello), kTls10);
  EXPECT_EQ(hello->sslv2_cipher_specs,
            (std::vector<std::uint32_t>{0x00002f, 0x0700c0, 0x000005, 0x0000ff}));
  EXPECT_EQ(hello->ciphers,
            (std::vector{CipherSuite{0x2f}, CipherSuite{5}, kEmptyRenegotiationInfoScsv}));
  EXPECT_EQ(hello->session_id, ByteVector(16, 7));
  EXPECT_TRUE(hello->extensions.empty());
  EXPECT_EQ(hello->random[15], 0);
  EXPECT_EQ(hello->random[16], 9) << "a short challenge is right-aligned";
}

TEST(SslTwoHello, OfALongChallengeTheLastThirtyTwoBytesCount) {
  ByteVector challenge(40);
  for (std::size_t i = 0; i < challenge.size(); ++i) challenge[i] = static_cast<std::uint8_t>(i);
  const auto hello = parse_sslv2_client_hello(sslv2_hello_body(2, {0x010080}, {}, challenge));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->random[0], 8);
  EXPECT_EQ(hello->random[31], 39);
  EXPECT_EQ(hello->legacy_version, kSsl2);
  EXPECT_TRUE(hello->ciphers.empty());
}

TEST(SslTwoHello, TruncatedAtEveryByte) {
  const ByteVector whole =
      sslv2_hello_body(0x0301, {0x2f, 0x35}, ByteVector(16, 1), ByteVector(32, 2));
  for (std::size_t count = 0; count < whole.size(); ++count) {
    const auto hello = parse_sslv2_client_hello(Bytes(whole).first(count));
    ASSERT_FALSE(hello.ok()) << count;
    EXPECT_LE(hello.error().offset, count);
  }
}

TEST(SslTwoHello, OneWrongLengthPerField) {
  const ByteVector whole =
      sslv2_hello_body(0x0301, {0x2f, 0x35}, ByteVector(16, 1), ByteVector(32, 2));
  for (const std::size_t at : {std::size_t{4}, std::size_t{6}, std::size_t{8}})
    for (const int change : {-1, 1, 3, 100}) {
      ByteVector wrong = whole;
      wrong[at] = static_cast<std::uint8_t>(wrong[at] + change);
      EXPECT_FALSE(parse_sslv2_client_hello(wrong).ok()) << at << " changed by " << change;
    }
}

TEST(SslTwoHello, WrongTypeTrailingAndOddSpecs) {
  ByteVector bytes = sslv2_hello_body(0x0301, {0x2f}, {}, ByteVector(16, 2));
  bytes.push_back(0);
  EXPECT_EQ(parse_sslv2_client_hello(bytes).error().code, ParseErrorCode::trailing);
  bytes = sslv2_hello_body(0x0301, {0x2f}, {}, ByteVector(16, 2));
  bytes[0] = 4;
  EXPECT_EQ(parse_sslv2_client_hello(bytes).error(),
            (ParseError{ParseErrorCode::bad_value, "msg_type", 1}));
  bytes = test::from_hex("01 0301 0004 0000 0001 00002f00 55");
  EXPECT_EQ(parse_sslv2_client_hello(bytes).error().code, ParseErrorCode::bad_length);
}

}  // namespace
}  // namespace visavis::inspect
