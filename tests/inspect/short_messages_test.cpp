#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/certificate_url.h"
#include "inspect/handshake/compressed_certificate.h"
#include "inspect/handshake/key_update.h"
#include "inspect/handshake/next_protocol.h"
#include "inspect/handshake/short_message.h"
#include "inspect/handshake/supplemental_data.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

// The messages with little in them.
namespace visavis::inspect {
namespace {

using test::big_endian;
using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

TEST(KeyUpdate, SaysWhetherThePeerMustToo) {
  const ByteVector real = data_file("messages/key_update");
  const auto asked = parse_key_update(real);
  ASSERT_TRUE(asked.ok()) << describe(asked.error());
  EXPECT_TRUE(asked->update_requested);
  EXPECT_FALSE(parse_key_update(message(24, {0}))->update_requested);
  EXPECT_EQ(parse_key_update(message(24, {2})).error(),
            (ParseError{ParseErrorCode::bad_value, "request_update", 5}));
  test::expect_cuts_fail(real, parse_key_update);
  test::expect_wrong_lengths_fail(real, {3}, parse_key_update);
  test::expect_other_type_fails(real, parse_key_update);
}

ByteVector compressed(std::uint16_t algorithm, std::uint32_t length, const ByteVector& bytes) {
  return message(25,
                 joined({big_endian(algorithm, 2), big_endian(length, 3), vector_of(3, bytes)}));
}

TEST(CompressedCertificate, SaysHowAndHowLarge) {
  const ByteVector whole = compressed(2, 2629, ByteVector(1815, 0x5a));
  const auto parsed = parse_compressed_certificate(whole);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  EXPECT_EQ(name(parsed->algorithm), "brotli");
  EXPECT_EQ(parsed->uncompressed_length, 2629U);
  EXPECT_EQ(parsed->compressed_length, 1815U);
  EXPECT_EQ(name(parse_compressed_certificate(compressed(0x4001, 9, {1}))->algorithm), "0x4001");
  EXPECT_EQ(parse_compressed_certificate(compressed(1, 9, {})).error(),
            (ParseError{ParseErrorCode::bad_length, "compressed_certificate_message", 12}));
  const ByteVector small = compressed(1, 9, {1, 2, 3});
  test::expect_cuts_fail(small, parse_compressed_certificate);
  test::expect_wrong_lengths_fail(small, {3, 11}, parse_compressed_certificate);
  test::expect_other_type_fails(small, parse_compressed_certificate);
}

TEST(NextProtocol, OfARealClient) {
  const ByteVector real = data_file("messages/next_protocol");
  const auto parsed = parse_next_protocol(real);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  EXPECT_EQ(parsed->selected, "http/1.1");
  EXPECT_EQ(parsed->padding_length, 22) << "padded to 32 bytes";
  test::expect_cuts_fail(real, parse_next_protocol);
  test::expect_wrong_lengths_fail(real, {3, 4, 13}, parse_next_protocol);
  test::expect_other_type_fails(real, parse_next_protocol);
}

TEST(SupplementalData, ListsItsEntries) {
  const ByteVector entries =
      joined({big_endian(0, 2), vector_of(2, {1, 2, 3}), big_endian(16386, 2), vector_of(2, {4})});
  const ByteVector whole = message(23, vector_of(3, entries));
  const auto parsed = parse_supplemental_data(whole);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0].type, 0);
  EXPECT_EQ((*parsed)[0].length, 3);
  EXPECT_EQ((*parsed)[1].type, 16386);
  EXPECT_EQ(parse_supplemental_data(message(23, vector_of(3, {}))).error(),
            (ParseError{ParseErrorCode::bad_length, "supp_data", 7}));
  test::expect_cuts_fail(whole, parse_supplemental_data);
  test::expect_wrong_lengths_fail(whole, {3, 6, 10, 17}, parse_supplemental_data);
  test::expect_other_type_fails(whole, parse_supplemental_data);
  const ByteVector many = message(23, vector_of(3, ByteVector(4 * 1000, 0)));
  EXPECT_EQ(parse_supplemental_data(many)->size(), limits::kMaxSupplementalData);
}

ByteVector certificate_url(std::uint8_t type, std::string_view url, std::uint8_t padding = 1) {
  const ByteVector entry =
      joined({vector_of(2, test::text_bytes(url)), {padding}, ByteVector(20, 0xab)});
  return message(21, joined({{type}, vector_of(2, entry)}));
}

TEST(CertificateUrl, SaysWhereToFetch) {
  const ByteVector whole = certificate_url(1, "http://a.test/path.pkipath");
  const auto parsed = parse_certificate_url(whole);
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  EXPECT_TRUE(parsed->pkipath);
  EXPECT_EQ(parsed->urls, std::vector<std::string>{"http://a.test/path.pkipath"});
  EXPECT_EQ(parse_certificate_url(certificate_url(2, "x")).error().field, "CertChainType");
  EXPECT_EQ(parse_certificate_url(certificate_url(0, "x", 0)).error(),
            (ParseError{ParseErrorCode::bad_value, "padding", 11}));
  EXPECT_EQ(parse_certificate_url(certificate_url(0, "")).error(),
            (ParseError{ParseErrorCode::bad_length, "url", 9}));
  test::expect_cuts_fail(whole, parse_certificate_url);
  test::expect_wrong_lengths_fail(whole, {3, 6, 8}, parse_certificate_url);
  test::expect_other_type_fails(whole, parse_certificate_url);
}

TEST(EmptyMessage, HasNoBody) {
  for (const HandshakeType type : {kHelloRequest, kServerHelloDone, kEndOfEarlyData}) {
    const auto parser = [type](Bytes bytes) { return parse_empty_message(bytes, type); };
    const ByteVector whole = message(type.value, {});
    test::expect_cuts_fail(whole, parser);
    test::expect_wrong_lengths_fail(whole, {3}, parser);
    test::expect_other_type_fails(whole, parser);
  }
}

TEST(OpaqueMessage, IsOnlyMeasured) {
  for (const HandshakeType type : {kClientKeyExchange, kFinished, kMessageHash}) {
    const auto parser = [type](Bytes bytes) { return parse_opaque_message(bytes, type); };
    const ByteVector whole = message(type.value, ByteVector(12, 9));
    EXPECT_EQ(*parser(whole), 12U);
    EXPECT_EQ(*parser(message(type.value, {})), 0U);
    test::expect_other_type_fails(whole, parser);
    for (std::size_t count = 0; count < whole.size(); ++count)
      EXPECT_FALSE(parser(Bytes(whole).first(count)).ok()) << count;
  }
}

}  // namespace
}  // namespace visavis::inspect
