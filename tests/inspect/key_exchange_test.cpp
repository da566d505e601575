#include "inspect/handshake/key_exchange.h"

#include <gtest/gtest.h>

#include "inspect/handshake/message_assembler.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::message;
using test::vector_of;

constexpr CipherSuite kEcdheRsa{0xc02f};
constexpr CipherSuite kDheRsa{0x009e};
constexpr CipherSuite kRsa{0x002f};
constexpr CipherSuite kEcdhAnon{0xc018};
constexpr CipherSuite kDhAnon{0x0034};
constexpr CipherSuite kEcdhePsk{0xc035};

ByteVector flight_message(const std::string& name, std::uint8_t type) {
  const ByteVector bytes = test::data_file("server_flights/" + name);
  MessageAssembler assembler(65536);
  assembler.add(bytes);
  for (auto next = assembler.next(); next.ok(); next = assembler.next())
    if (next->type.value == type) return {next->raw.begin(), next->raw.end()};
  ADD_FAILURE() << name << " has no message of type " << int{type};
  return {};
}

ByteVector ecdhe(const ByteVector& tail) {
  return message(12, joined({{3, 0, 29}, vector_of(1, ByteVector(32, 1)), tail}));
}

ByteVector dhe(const ByteVector& prime, const ByteVector& tail = {}) {
  return message(12, joined({vector_of(2, prime), vector_of(2, {2}), vector_of(2, {9, 9}), tail}));
}

TEST(KeyExchange, OfRealServers) {
  const auto ec = parse_server_key_exchange(flight_message("tls12_ecdhe", 12), kEcdheRsa, kTls12);
  ASSERT_TRUE(ec.ok()) << describe(ec.error());
  EXPECT_EQ(ec->group, NamedGroup{29});
  EXPECT_EQ(ec->signature, SignatureScheme{0x0804});
  EXPECT_FALSE(ec->dh_bits);

  const auto dh = parse_server_key_exchange(flight_message("tls12_dhe", 12), kDheRsa, kTls12);
  ASSERT_TRUE(dh.ok());
  EXPECT_EQ(dh->dh_bits, 2048U);
  EXPECT_FALSE(dh->group);
  EXPECT_EQ(dh->signature, SignatureScheme{0x0804});

  const auto old = parse_server_key_exchange(flight_message("tls10_ecdhe", 12), {0xc013}, kTls10);
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(old->group, NamedGroup{29});
  EXPECT_FALSE(old->signature) << "before TLS 1.2 the scheme is not named";
}

TEST(KeyExchange, AnonymousSuitesSignNothing) {
  const auto ec = parse_server_key_exchange(ecdhe({}), kEcdhAnon, kTls12);
  ASSERT_TRUE(ec.ok());
  EXPECT_EQ(ec->group, NamedGroup{29});
  EXPECT_FALSE(ec->signature);
  EXPECT_FALSE(parse_server_key_exchange(dhe({1}), kDhAnon, kTls12)->signature);
}

TEST(KeyExchange, PrimesAreMeasuredInSignificantBits) {
  const auto bits = [](const ByteVector& prime) {
    return parse_server_key_exchange(dhe(prime), kDheRsa, kTls10)->dh_bits;
  };
  EXPECT_EQ(bits(ByteVector(64, 0xff)), 512U);
  EXPECT_EQ(bits(joined({{0, 0}, ByteVector(64, 0xff)})), 512U) << "leading zeros do not count";
  EXPECT_EQ(bits({1, 0}), 9U);
  EXPECT_EQ(bits({0x7f}), 7U);
  EXPECT_EQ(bits({0, 0}), 0U);
  EXPECT_EQ(bits({}), 0U);
}

TEST(KeyExchange, OtherSuitesGiveNothing) {
  for (const CipherSuite suite : {kRsa, kEcdhePsk, CipherSuite{0xfefe}, CipherSuite{0x1301}}) {
    const auto exchange = parse_server_key_exchange(message(12, {1, 2, 3}), suite, kTls12);
    ASSERT_TRUE(exchange.ok());
    EXPECT_FALSE(exchange->group || exchange->dh_bits || exchange->signature);
  }
  EXPECT_FALSE(parse_server_key_exchange(message(13, {}), kRsa, kTls12).ok());
}

TEST(KeyExchange, ExplicitCurvesAreRefused) {
  EXPECT_EQ(parse_server_key_exchange(message(12, {1, 0, 29, 1, 4}), kEcdheRsa, kTls12).error(),
            (ParseError{ParseErrorCode::bad_value, "curve_type", 5}));
}

TEST(KeyExchange, TruncatedAtEveryByte) {
  const ByteVector tail = joined({{8, 4}, vector_of(2, ByteVector(8, 5))});
  const std::pair<ByteVector, CipherSuite> samples[] = {{ecdhe(tail), kEcdheRsa},
                                                        {dhe({1, 2}, tail), kDheRsa}};
  for (const auto& [whole, suite] : samples)
    for (std::size_t count = 0; count < whole.size(); ++count) {
      const auto exchange = parse_server_key_exchange(Bytes(whole).first(count), suite, kTls12);
      ASSERT_FALSE(exchange.ok());
      EXPECT_LE(exchange.error().offset, count);
    }
}

TEST(CertificateVerify, NamesItsScheme) {
  const ByteVector whole = message(15, joined({{8, 5}, vector_of(2, ByteVector(70, 1))}));
  EXPECT_EQ(*parse_certificate_verify_scheme(whole), SignatureScheme{0x0805});
  for (std::size_t count = 0; count < whole.size(); ++count)
    EXPECT_FALSE(parse_certificate_verify_scheme(Bytes(whole).first(count)).ok());
  const ByteVector trailing = message(15, joined({{8, 5}, vector_of(2, {1}), {0}}));
  EXPECT_EQ(parse_certificate_verify_scheme(trailing).error().code, ParseErrorCode::trailing);
  EXPECT_FALSE(parse_certificate_verify_scheme(message(20, {8, 5, 0, 0})).ok());
}

ByteVector encrypted_extensions(const std::vector<test::ExtensionBytes>& extensions) {
  ByteVector block;
  for (const auto& extension : extensions)
    block = joined({block, test::big_endian(extension.type, 2), vector_of(2, extension.body)});
  return message(8, vector_of(2, block));
}

TEST(EncryptedExtensions, TheProtocolChosen) {
  EXPECT_EQ(*parse_encrypted_extensions_alpn(encrypted_extensions({})), std::nullopt);
  const ByteVector whole = encrypted_extensions({{0, {}}, test::alpn({"h2"}), {10, {0, 0}}});
  EXPECT_EQ(*parse_encrypted_extensions_alpn(whole), "h2");
  for (std::size_t count = 0; count < whole.size(); ++count)
    EXPECT_FALSE(parse_encrypted_extensions_alpn(Bytes(whole).first(count)).ok());
}

TEST(EncryptedExtensions, ABrokenNameIsNamedByItsPlace) {
  const ByteVector broken = encrypted_extensions({{0, {}}, {16, {0, 2, 9, 'h'}}, {10, {0, 0}}});
  EXPECT_EQ(parse_encrypted_extensions_alpn(broken).error(),
            (ParseError{ParseErrorCode::truncated, "ProtocolName", 4 + 2 + 4 + 4 + 3}));
  const ByteVector trailing = message(8, {0, 0, 1});
  EXPECT_EQ(parse_encrypted_extensions_alpn(trailing).error().code, ParseErrorCode::trailing);
}

}  // namespace
}  // namespace visavis::inspect
