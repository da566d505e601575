#include "inspect/handshake/key_exchange.h"

#include <gtest/gtest.h>

#include "inspect/handshake/message_assembler.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

constexpr CipherSuite kEcdheRsa{0xc02f};
constexpr CipherSuite kDheRsa{0x009e};
constexpr CipherSuite kRsa{0x002f};
constexpr CipherSuite kEcdhAnon{0xc018};
constexpr CipherSuite kDhAnon{0x0034};

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

/// A scheme and a signature, as TLS 1.2 has them.
ByteVector signature() { return joined({{8, 4}, vector_of(2, ByteVector(8, 5))}); }

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

TEST(KeyExchange, BeforeTlsTwelveTheSignatureHasNoScheme) {
  const auto ssl30 =
      parse_server_key_exchange(data_file("messages/server_key_exchange_ssl30"), {0xc014}, kSsl3);
  ASSERT_TRUE(ssl30.ok()) << describe(ssl30.error());
  EXPECT_EQ(ssl30->group, NamedGroup{23});
  EXPECT_FALSE(ssl30->signature);
  const auto weak =
      parse_server_key_exchange(data_file("messages/server_key_exchange_dhe512"), {0x0039}, kTls10);
  ASSERT_TRUE(weak.ok()) << describe(weak.error());
  EXPECT_EQ(weak->dh_bits, 512U);
  EXPECT_FALSE(weak->signature || weak->group);
}

TEST(KeyExchange, AnonymousSuitesSignNothing) {
  const auto ec = parse_server_key_exchange(data_file("messages/server_key_exchange_anonymous"),
                                            kEcdhAnon, kTls10);
  ASSERT_TRUE(ec.ok()) << describe(ec.error());
  EXPECT_EQ(ec->group, NamedGroup{29});
  EXPECT_FALSE(ec->signature);
  EXPECT_FALSE(parse_server_key_exchange(dhe({1}), kDhAnon, kTls12)->signature);
  EXPECT_EQ(parse_server_key_exchange(dhe({1}, signature()), kDhAnon, kTls12).error().code,
            ParseErrorCode::trailing);
}

struct PskSample {
  std::string file;
  CipherSuite suite;
  std::optional<NamedGroup> group;
  std::optional<std::uint32_t> dh_bits;
};

const PskSample kPskSamples[] = {
    {"psk", {0x008c}, std::nullopt, std::nullopt},
    {"rsa_psk", {0x0094}, std::nullopt, std::nullopt},
    {"ecdhe_psk", {0xc035}, NamedGroup{29}, std::nullopt},
    {"dhe_psk", {0x0090}, std::nullopt, 2048U},
};

TEST(KeyExchange, PskSuitesBeginWithAHintAndSignNothing) {
  for (const auto& [file, suite, group, dh_bits] : kPskSamples) {
    const auto exchange =
        parse_server_key_exchange(data_file("messages/server_key_exchange_" + file), suite, kTls12);
    ASSERT_TRUE(exchange.ok()) << file << describe(exchange.error());
    EXPECT_EQ(exchange->psk_hint_length, 7) << file << ": visavis";
    EXPECT_EQ(exchange->group, group) << file;
    EXPECT_EQ(exchange->dh_bits, dh_bits) << file;
    EXPECT_FALSE(exchange->signature) << file;
  }
  const ByteVector no_hint = message(12, {0, 0});
  EXPECT_EQ(parse_server_key_exchange(no_hint, {0x008c}, kTls12)->psk_hint_length, 0);
}

TEST(KeyExchange, ExportSuitesSendATemporaryKey) {
  const ByteVector parameters = joined({vector_of(2, joined({{0x80}, ByteVector(63, 1)})),
                                        vector_of(2, {1, 0, 1}), vector_of(2, ByteVector(128, 2))});
  for (const CipherSuite suite : {CipherSuite{0x0003}, CipherSuite{0x0008}, CipherSuite{0x0062}}) {
    const auto exchange = parse_server_key_exchange(message(12, parameters), suite, kTls10);
    ASSERT_TRUE(exchange.ok()) << describe(exchange.error());
    EXPECT_EQ(exchange->rsa_bits, 512U);
    EXPECT_FALSE(exchange->dh_bits || exchange->group || exchange->signature);
  }
}

TEST(KeyExchange, SrpIsNoDhe) {
  const ByteVector parameters = joined({vector_of(2, ByteVector(128, 7)), vector_of(2, {2}),
                                        vector_of(1, {1, 2, 3}), vector_of(2, ByteVector(128, 5))});
  const auto plain = parse_server_key_exchange(message(12, parameters), {0xc01d}, kTls12);
  ASSERT_TRUE(plain.ok()) << describe(plain.error());
  EXPECT_FALSE(plain->dh_bits || plain->signature);
  const auto rsa =
      parse_server_key_exchange(message(12, joined({parameters, signature()})), {0xc01e}, kTls12);
  ASSERT_TRUE(rsa.ok()) << describe(rsa.error());
  EXPECT_EQ(rsa->signature, SignatureScheme{0x0804});
}

TEST(KeyExchange, PrimesAreMeasuredInSignificantBits) {
  const auto bits = [](const ByteVector& prime) {
    return parse_server_key_exchange(dhe(prime), kDhAnon, kTls10)->dh_bits;
  };
  EXPECT_EQ(bits(ByteVector(64, 0xff)), 512U);
  EXPECT_EQ(bits(joined({{0, 0}, ByteVector(64, 0xff)})), 512U) << "leading zeros do not count";
  EXPECT_EQ(bits({1, 0}), 9U);
  EXPECT_EQ(bits({0x7f}), 7U);
  EXPECT_EQ(bits({0, 0}), 0U);
  EXPECT_EQ(bits({}), 0U);
}

TEST(KeyExchange, OtherSuitesGiveNothing) {
  for (const CipherSuite suite : {kRsa, CipherSuite{0xfefe}, CipherSuite{0x1301}}) {
    const auto exchange = parse_server_key_exchange(message(12, {1, 2, 3}), suite, kTls12);
    ASSERT_TRUE(exchange.ok());
    EXPECT_FALSE(exchange->group || exchange->dh_bits || exchange->rsa_bits ||
                 exchange->signature || exchange->psk_hint_length);
  }
  EXPECT_FALSE(parse_server_key_exchange(message(13, {}), kRsa, kTls12).ok());
}

/// Prime, curve (a, b), base, order, cofactor, then the point.
ByteVector explicit_prime() {
  ByteVector parameters{1};
  for (std::uint8_t length = 1; length <= 7; ++length)
    parameters = joined({parameters, vector_of(1, ByteVector(length, length))});
  return message(12, joined({parameters, signature()}));
}

TEST(KeyExchange, ACurveThatIsSpelledOutIsNamedAsSuch) {
  const auto prime = parse_server_key_exchange(explicit_prime(), kEcdheRsa, kTls12);
  ASSERT_TRUE(prime.ok()) << describe(prime.error());
  EXPECT_EQ(prime->group, kExplicitPrimeCurve);
  EXPECT_EQ(name(*prime->group), "arbitrary_explicit_prime_curves");
  EXPECT_EQ(prime->signature, SignatureScheme{0x0804});
  const auto char2 =
      parse_server_key_exchange(message(12, {2, 0, 163, 1, 1, 7}), kEcdheRsa, kTls12);
  ASSERT_TRUE(char2.ok()) << describe(char2.error());
  EXPECT_EQ(char2->group, kExplicitChar2Curve);
  EXPECT_FALSE(char2->signature) << "nobody says how long its parameters are";
  EXPECT_EQ(parse_server_key_exchange(message(12, {4, 0, 29, 1, 4}), kEcdheRsa, kTls12).error(),
            (ParseError{ParseErrorCode::bad_value, "curve_type", 5}));
}

auto parser(CipherSuite suite, ProtocolVersion version) {
  return [=](Bytes bytes) { return parse_server_key_exchange(bytes, suite, version); };
}

TEST(KeyExchange, CutAtEveryByte) {
  test::expect_cuts_fail(ecdhe(signature()), parser(kEcdheRsa, kTls12));
  test::expect_cuts_fail(dhe({1, 2}, signature()), parser(kDheRsa, kTls12));
  test::expect_cuts_fail(explicit_prime(), parser(kEcdheRsa, kTls12));
  test::expect_cuts_fail(data_file("messages/server_key_exchange_ssl30"), parser({0xc014}, kSsl3));
  for (const PskSample& sample : kPskSamples)
    test::expect_cuts_fail(data_file("messages/server_key_exchange_" + sample.file),
                           parser(sample.suite, kTls12));
}

TEST(KeyExchange, OneWrongLengthPerField) {
  // Header, point, signature.
  test::expect_wrong_lengths_fail(ecdhe(signature()), {3, 7, 43}, parser(kEcdheRsa, kTls12));
  // Header, prime, generator, public value, signature.
  test::expect_wrong_lengths_fail(dhe({1, 2}, signature()), {3, 5, 9, 12, 18},
                                  parser(kDheRsa, kTls12));
  const ByteVector psk = data_file("messages/server_key_exchange_ecdhe_psk");
  test::expect_wrong_lengths_fail(psk, {3, 5, 16}, parser({0xc035}, kTls12));
  test::expect_other_type_fails(psk, parser({0xc035}, kTls12));
}

}  // namespace
}  // namespace visavis::inspect
