#include "inspect/handshake/sslv2_server.h"

#include <gtest/gtest.h>

#include "certs/digest.h"
#include "tests/support/hello_builder.h"
#include "tests/support/wire_dialogue.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::decode_in_all_ways;
using test::from_hex;
using test::joined;
using test::WireDialogue;

constexpr auto kC2s = Direction::c2s;
constexpr auto kS2c = Direction::s2c;

/// The body of the first record of a stream of tests/data/sslv2; two bytes of header before it.
ByteVector first_body(const ByteVector& stream) {
  const std::size_t length = static_cast<std::size_t>(stream.at(0) & 0x7f) << 8 | stream.at(1);
  return {stream.begin() + 2, stream.begin() + 2 + static_cast<std::ptrdiff_t>(length)};
}

ByteVector real_server_hello() { return first_body(test::data_file("sslv2/server_to_client")); }

ByteVector real_master_key() {
  const ByteVector stream = test::data_file("sslv2/client_to_server");
  return first_body({stream.begin() + 48, stream.end()});
}

TEST(SslTwoServer, ARealHello) {
  const auto hello = parse_sslv2_server_hello(real_server_hello());
  ASSERT_TRUE(hello.ok()) << describe(hello.error());
  EXPECT_FALSE(hello->session_id_hit);
  EXPECT_EQ(hello->certificate_type, 1);
  EXPECT_EQ(hello->version, kSsl2);
  EXPECT_EQ(certs::hex(certs::sha256(hello->certificate)),
            "8ce7a4de80166f6198ad559e2aaaa0d858ad2fb173557a9b159cfcaf4760beef");
  std::vector<std::uint32_t> ciphers;
  for (const Sslv2Cipher cipher : hello->ciphers) ciphers.push_back(cipher.value);
  EXPECT_EQ(ciphers, (std::vector<std::uint32_t>{458944, 196736, 65664, 393280, 262272, 131200}));
  EXPECT_EQ(hello->connection_id.size(), 16U);
}

TEST(SslTwoServer, ARealKeyMessage) {
  const auto cipher = parse_sslv2_client_master_key(real_master_key());
  ASSERT_TRUE(cipher.ok()) << describe(cipher.error());
  EXPECT_EQ(name(*cipher), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
  EXPECT_EQ(name(Sslv2Cipher{0x0700c1}), "0x000700c1");
}

template <class Parse>
void expect_exact(const ByteVector& whole, Parse parse) {
  ASSERT_TRUE(parse(whole).ok());
  for (std::size_t count = 0; count < whole.size(); ++count) {
    const auto cut = parse(Bytes(whole).first(count));
    ASSERT_FALSE(cut.ok()) << count;
    EXPECT_LE(cut.error().offset, count);
  }
  EXPECT_EQ(parse(joined({whole, {0}})).error().code, ParseErrorCode::trailing);
  ByteVector wrong = whole;
  wrong[0] = 9;
  EXPECT_EQ(parse(wrong).error(), (ParseError{ParseErrorCode::bad_value, "msg_type", 1}));
}

/// Each length's low byte lies at one of `places`.
template <class Parse>
void expect_no_wrong_length(const ByteVector& whole, std::initializer_list<std::size_t> places,
                            Parse parse) {
  for (const std::size_t at : places)
    for (const int change : {-1, 1, 3}) {
      ByteVector wrong = whole;
      wrong[at] = static_cast<std::uint8_t>(wrong[at] + change);
      EXPECT_FALSE(parse(wrong).ok()) << at << " changed by " << change;
    }
}

TEST(SslTwoServer, TruncatedTrailingAndOneWrongLengthPerField) {
  const ByteVector hello = real_server_hello();
  expect_exact(hello, parse_sslv2_server_hello);
  expect_no_wrong_length(hello, {6, 8, 10}, parse_sslv2_server_hello);
  const ByteVector key = real_master_key();
  expect_exact(key, parse_sslv2_client_master_key);
  expect_no_wrong_length(key, {5, 7, 9}, parse_sslv2_client_master_key);
  expect_exact({0, 0, 1}, parse_sslv2_error);
}

TEST(SslTwoServer, CipherSpecsHaveThreeBytes) {
  const auto odd = parse_sslv2_server_hello(from_hex("04 00 01 0002 0000 0004 0000 01008001"));
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error().code, ParseErrorCode::bad_length);
  EXPECT_EQ(odd.error().field, "cipher_specs");
}

TEST(SslTwoServer, ErrorsHaveWords) {
  EXPECT_EQ(sslv2_error_note(1), "SSL 2.0 ERROR: no cipher");
  EXPECT_EQ(sslv2_error_note(2), "SSL 2.0 ERROR: no certificate");
  EXPECT_EQ(sslv2_error_note(4), "SSL 2.0 ERROR: bad certificate");
  EXPECT_EQ(sslv2_error_note(6), "SSL 2.0 ERROR: unsupported certificate type");
  EXPECT_EQ(sslv2_error_note(3), "SSL 2.0 ERROR of an unknown code");
}

/// The real session in the order of its packets.
WireDialogue real_session() {
  const ByteVector c2s = test::data_file("sslv2/client_to_server");
  const ByteVector s2c = test::data_file("sslv2/server_to_client");
  const auto part = [](const ByteVector& bytes, std::ptrdiff_t from, std::ptrdiff_t to) {
    return ByteVector(bytes.begin() + from, bytes.begin() + to);
  };
  return {{kC2s, part(c2s, 0, 48)},    {kS2c, part(s2c, 0, 950)},    {kC2s, part(c2s, 48, 324)},
          {kS2c, part(s2c, 950, 993)}, {kC2s, part(c2s, 324, 367)},  {kS2c, part(s2c, 993, 1036)},
          {kC2s, part(c2s, 367, 448)}, {kS2c, part(s2c, 1036, 1366)}};
}

TEST(SslTwoSession, ARealOne) {
  const Transcript seen = decode_in_all_ways(real_session());
  EXPECT_EQ(seen.history, "CsG");
  EXPECT_TRUE(seen.established);
  EXPECT_FALSE(seen.resumed);
  EXPECT_TRUE(seen.client_hello->sslv2);
  EXPECT_EQ(seen.client_hello->record_version, kSsl2);
  EXPECT_EQ(seen.client_hello->sslv2_cipher_specs.size(), 7U);
  EXPECT_EQ(seen.sslv2_server_hello->ciphers.size(), 6U);
  EXPECT_FALSE(seen.server_hello);
  EXPECT_EQ(seen.sslv2_cipher, Sslv2Cipher{0x0700c0});
  ASSERT_EQ(seen.certificates.size(), 1U);
  EXPECT_EQ(seen.certificates[0].size(), 903U);
  EXPECT_EQ(seen.records_total, 10U);
  EXPECT_FALSE(seen.not_tls);
  EXPECT_TRUE(seen.malformed.empty());
  std::vector<std::string> words;
  for (const Event& event : seen.events)
    if (event.kind == EventKind::message) words.push_back(describe(event).str());
  EXPECT_EQ(words, (std::vector<std::string>{"ClientHello", "SSL 2.0 ServerHello",
                                             "SSL 2.0 ClientMasterKey"}));
}

TEST(SslTwoSession, NotEstablishedBeforeTheServersFinished) {
  WireDialogue dialogue = real_session();
  dialogue.resize(5);
  EXPECT_FALSE(decode_in_all_ways(dialogue).established);
}

ByteVector hello_of(std::uint16_t version) {
  return test::sslv2_record(
      test::sslv2_hello_body(version, {0x00002f, 0x010080}, {}, ByteVector(16, 5)));
}

TEST(SslTwoSession, TheServerRefuses) {
  const Transcript seen =
      decode_in_all_ways({{kC2s, hello_of(2)}, {kS2c, from_hex("8003 00 0001")}});
  EXPECT_EQ(describe(seen.events.back()), "SSL 2.0 ERROR: no cipher");
  EXPECT_EQ(seen.history, "Cl");
  EXPECT_TRUE(seen.alerts.empty());
  EXPECT_FALSE(seen.not_tls);
}

TEST(SslTwoSession, ResumedItGoesStraightToFinished) {
  const Transcript seen = decode_in_all_ways(
      {{kC2s, hello_of(2)},
       {kS2c, from_hex("800d 04 01 00 0002 0000 0000 0002 abcd")},
       {kC2s, joined({from_hex("0028 07"), ByteVector(40, 2)})},
       {kS2c,
        joined({from_hex("0028 07"), ByteVector(40, 5), from_hex("8021"), ByteVector(33, 6)})}});
  EXPECT_TRUE(seen.established);
  EXPECT_TRUE(seen.resumed);
  EXPECT_EQ(seen.history, "Cs");
  EXPECT_FALSE(seen.sslv2_cipher);
}

TEST(SslTwoSession, AHelloInThisFormMayBecomeTls) {
  const Transcript seen = decode_in_all_ways(
      {{kC2s, hello_of(0x0301)},
       {kS2c,
        joined({
            test::record(22, 0x0301, test::ServerHelloBytes{.legacy_version = 0x0301}.message()),
            test::record(22, 0x0301, test::message(14, {})),
        })},
       {kC2s, joined({test::record(22, 0x0301, test::message(16, {1})), test::change_cipher_spec(),
                      test::sealed(22, 40)})},
       {kS2c, joined({test::change_cipher_spec(), test::sealed(22, 40)})}});
  EXPECT_EQ(seen.history, "CsnGIi");
  EXPECT_TRUE(seen.established);
  EXPECT_EQ(seen.server_hello->version(), kTls10);
  EXPECT_FALSE(seen.sslv2_server_hello);
}

TEST(SslTwoSession, AMalformedServerHelloIsNamed) {
  ByteVector hello = test::data_file("sslv2/server_to_client");
  hello[8] = 0xff;  // the certificate's length
  const Transcript seen = decode_in_all_ways({{kC2s, hello_of(2)}, {kS2c, hello}});
  ASSERT_EQ(seen.malformed.size(), 1U);
  EXPECT_EQ(seen.malformed[0].type, kServerHello);
  EXPECT_FALSE(seen.sslv2_server_hello);
}

}  // namespace
}  // namespace visavis::inspect
