#include "inspect/handshake/client_hello.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "inspect/codepoint/extension_type.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::ExtensionBytes;
using test::HelloBytes;
using test::joined;
using test::vector_of;

ClientHello parsed(const ByteVector& message) {
  auto hello = parse_client_hello(message);
  EXPECT_TRUE(hello.ok()) << describe(hello.error());
  return hello.ok() ? *hello : ClientHello{};
}

ClientHello with_extension(const ExtensionBytes& extension) {
  HelloBytes hello;
  hello.extensions = {extension};
  return parsed(hello.message());
}

TEST(ClientHello, EveryFieldIsDecoded) {
  const ByteVector message = test::full_hello().message();
  const ClientHello hello = parsed(message);
  EXPECT_EQ(hello.raw, message);
  EXPECT_EQ(hello.length, message.size() - 4);
  EXPECT_FALSE(hello.sslv2);
  EXPECT_EQ(hello.legacy_version, kTls12);
  EXPECT_EQ(hello.random[0], 0x11);
  EXPECT_EQ(hello.random[31], 0x11);
  EXPECT_EQ(hello.session_id, ByteVector(32, 0x33));
  EXPECT_EQ(hello.ciphers, (std::vector{CipherSuite{0x3a3a}, CipherSuite{0x1301},
                                        CipherSuite{0xc02f}, kEmptyRenegotiationInfoScsv}));
  EXPECT_EQ(hello.compression, ByteVector{0});
  ASSERT_EQ(hello.extensions.size(), 13U);
  EXPECT_EQ(hello.sni, "shop.example.com");
  EXPECT_EQ(hello.max_fragment_length, 2);
  EXPECT_EQ(hello.groups, (std::vector{NamedGroup{0x5a5a}, NamedGroup{29}, NamedGroup{23}}));
  EXPECT_EQ(hello.ec_point_formats, (ByteVector{0, 1}));
  EXPECT_EQ(hello.sig_algs, (std::vector{SignatureScheme{0x0403}, SignatureScheme{0x0804}}));
  EXPECT_EQ(hello.sig_algs_cert, std::vector{SignatureScheme{0x0401}});
  EXPECT_EQ(hello.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(hello.session_ticket_len, 5);
  EXPECT_EQ(hello.supported_versions, (std::vector{ProtocolVersion{0x6a6a}, kTls13, kTls12}));
  EXPECT_EQ(hello.key_share_groups, (std::vector{NamedGroup{0x5a5a}, NamedGroup{29}}));
  EXPECT_EQ(hello.psk_identities, 1U);
  EXPECT_TRUE(hello.extension_problems.empty());
  EXPECT_TRUE(hello.has(kAlpn));
  EXPECT_FALSE(hello.has(kEarlyData));
  EXPECT_EQ(highest_version(hello), kTls13);
}

TEST(ClientHello, BodiesOfUnknownExtensionsAreKept) {
  const ClientHello hello = parsed(test::full_hello().message());
  EXPECT_EQ(hello.extensions[0].type.value, 0x4a4a);
  EXPECT_TRUE(hello.body(hello.extensions[0]).empty());
  const Bytes body = hello.body(hello.extensions[11]);
  EXPECT_EQ(ByteVector(body.begin(), body.end()), (ByteVector{1, 2, 3}));
}

TEST(ClientHello, WithoutExtensions) {
  HelloBytes bytes;
  bytes.with_extensions = false;
  const ClientHello none = parsed(bytes.message());
  EXPECT_TRUE(none.extensions.empty());
  EXPECT_FALSE(none.sni || none.supported_versions || none.groups || none.alpn);
  EXPECT_EQ(highest_version(none), kTls12);

  bytes.with_extensions = true;
  EXPECT_TRUE(parsed(bytes.message()).extensions.empty()) << "an empty list is another thing";
}

TEST(ClientHello, TruncatedAtEveryByte) {
  const ByteVector whole = test::full_hello().message();
  for (std::size_t count = 0; count < whole.size(); ++count) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count));
    const auto as_is = parse_client_hello(cut);
    ASSERT_FALSE(as_is.ok()) << count;
    EXPECT_LE(as_is.error().offset, count);
    if (count < 4) continue;
    // The same with a length field that agrees: then only the places where a hello may end are
    // good.
    const ByteVector agreed = test::message(1, {cut.begin() + 4, cut.end()});
    const auto shorter = parse_client_hello(agreed);
    const std::size_t without_extensions = 4 + 2 + 32 + 33 + 2 + 8 + 2;
    EXPECT_EQ(shorter.ok(), count == without_extensions) << count;
  }
}

TEST(ClientHello, BytesBehindTheHelloAreAnError) {
  ByteVector more = test::full_hello().message();
  more.push_back(0);
  EXPECT_EQ(parse_client_hello(more).error(),
            (ParseError{ParseErrorCode::bad_length, "handshake length", 4}));
  const ByteVector agreed = test::message(1, {more.begin() + 4, more.end()});
  EXPECT_EQ(parse_client_hello(agreed).error().code, ParseErrorCode::trailing);
}

/// One length field too large or too small, all others as they were.
TEST(ClientHello, OneWrongLengthPerField) {
  const ByteVector whole = test::full_hello().message();
  struct Field {
    const char* name;
    std::size_t at;  // of the length's last byte
  };
  const Field fields[] = {{"handshake length", 3}, {"legacy_session_id", 38},
                          {"cipher_suites", 72},   {"legacy_compression_methods", 81},
                          {"extensions", 84},      {"the last extension", whole.size() - 52 - 1}};
  for (const Field& field : fields)
    for (const int change : {-2, -1, 1, 2, 64}) {
      ByteVector wrong = whole;
      wrong[field.at] = static_cast<std::uint8_t>(wrong[field.at] + change);
      const auto hello = parse_client_hello(wrong);
      EXPECT_FALSE(hello.ok()) << field.name << " changed by " << change;
      if (hello.ok()) continue;
      EXPECT_LE(hello.error().offset, wrong.size());
    }
}

TEST(ClientHello, WrongTypeAndOverlongSessionId) {
  ByteVector server_hello = HelloBytes{}.message();
  server_hello[0] = 2;
  EXPECT_EQ(parse_client_hello(server_hello).error(),
            (ParseError{ParseErrorCode::bad_value, "handshake type", 1}));
  HelloBytes bytes;
  bytes.session_id = ByteVector(33, 1);
  EXPECT_EQ(parse_client_hello(bytes.message()).error().code, ParseErrorCode::bad_length);
}

TEST(ClientHello, OddCipherListIsAnError) {
  ByteVector bytes = HelloBytes{}.message();
  const ByteVector odd = joined({ByteVector(bytes.begin() + 4, bytes.begin() + 39),
                                 vector_of(2, {0x13, 0x01, 0x13}),
                                 {1, 0}});
  EXPECT_EQ(parse_client_hello(test::message(1, odd)).error(),
            (ParseError{ParseErrorCode::bad_length, "cipher_suites", 41}));
}

struct BrokenExtension {
  const char* name;
  ExtensionBytes extension;
};

/// Every decoded extension, each broken in several ways.
std::vector<BrokenExtension> broken_extensions() {
  const ByteVector share = joined({{0, 29}, vector_of(2, {1, 2})});
  const ByteVector identity = joined({vector_of(2, {1}), test::big_endian(0, 4)});
  return {
      {"sni: list cut", {0, test::from_hex("0009 00 0004 61")}},
      {"sni: name cut", {0, test::from_hex("0004 00 0004 61")}},
      {"sni: trailing", {0, joined({test::server_name("a.b").body, {0}})}},
      {"sni: one byte", {0, {0}}},
      {"versions: empty", {43, {}}},
      {"versions: odd", {43, vector_of(1, {3, 4, 3})}},
      {"versions: trailing", {43, joined({vector_of(1, {3, 4}), {3, 3}})}},
      {"versions: cut", {43, {4, 3, 4}}},
      {"groups: odd", {10, vector_of(2, {0, 29, 0})}},
      {"groups: cut", {10, {0, 4, 0, 29}}},
      {"groups: trailing", {10, joined({vector_of(2, {0, 29}), {0}})}},
      {"schemes: odd", {13, vector_of(2, {4})}},
      {"schemes: cut", {13, {0, 4, 4, 3}}},
      {"schemes: no length", {13, {0}}},
      {"cert schemes: odd", {50, vector_of(2, {4, 3, 4})}},
      {"cert schemes: empty body", {50, {}}},
      {"formats: cut", {11, {2, 0}}},
      {"formats: trailing", {11, {1, 0, 0}}},
      {"formats: empty body", {11, {}}},
      {"alpn: empty body", {16, {}}},
      {"alpn: empty name", {16, vector_of(2, {0})}},
      {"alpn: second name empty", {16, vector_of(2, {2, 'h', '2', 0})}},
      {"alpn: name cut", {16, vector_of(2, {9, 'h', '2'})}},
      {"alpn: trailing", {16, joined({vector_of(2, {2, 'h', '2'}), {0}})}},
      {"shares: empty body", {51, {}}},
      {"shares: key cut", {51, vector_of(2, {0, 29, 0, 9, 1})}},
      {"shares: group cut", {51, vector_of(2, {0})}},
      {"shares: second cut", {51, vector_of(2, joined({share, {0, 23, 1}}))}},
      {"shares: trailing", {51, joined({vector_of(2, share), {0}})}},
      {"fragment: empty", {1, {}}},
      {"fragment: two", {1, {1, 2}}},
      {"psk: empty body", {41, {}}},
      {"psk: no binders", {41, vector_of(2, identity)}},
      {"psk: age cut", {41, joined({vector_of(2, {0, 1, 9, 0, 0}), {0, 0}})}},
      {"psk: trailing", {41, joined({vector_of(2, identity), {0, 0}, {0}})}},
  };
}

TEST(ClientHello, ABrokenExtensionIsListedAndItsFieldAbsent) {
  for (const auto& [name, extension] : broken_extensions()) {
    const ClientHello hello = with_extension(extension);
    ASSERT_EQ(hello.extension_problems.size(), 1U) << name;
    const ParseError& problem = hello.extension_problems[0];
    EXPECT_GE(problem.offset, hello.extensions[0].offset) << name;
    EXPECT_LE(problem.offset, hello.raw.size()) << name;
    EXPECT_TRUE(hello.has(ExtensionType{extension.type}));
    EXPECT_FALSE(hello.sni || hello.supported_versions || hello.groups || hello.sig_algs ||
                 hello.sig_algs_cert || hello.ec_point_formats || hello.alpn ||
                 hello.key_share_groups || hello.max_fragment_length)
        << name;
    EXPECT_EQ(hello.psk_identities, 0U) << name;
  }
}

TEST(ClientHello, ABrokenExtensionLeavesTheOthersAlone) {
  HelloBytes bytes = test::full_hello();
  bytes.extensions[3].body.push_back(0);
  bytes.extensions[7].body[1] = 0xff;
  const ClientHello hello = parsed(bytes.message());
  EXPECT_EQ(hello.extension_problems.size(), 2U);
  EXPECT_FALSE(hello.groups || hello.alpn);
  EXPECT_EQ(hello.sni, "shop.example.com");
  EXPECT_EQ(hello.psk_identities, 1U);
}

TEST(ClientHello, ExtensionsThatMayBeEmpty) {
  EXPECT_TRUE(with_extension({0, {}}).extension_problems.empty()) << "a server's form, seen";
  EXPECT_FALSE(with_extension({0, {}}).sni);
  EXPECT_EQ(with_extension({35, {}}).session_ticket_len, 0);
  EXPECT_EQ(with_extension({43, {0}}).supported_versions, std::vector<ProtocolVersion>{});
  EXPECT_EQ(with_extension({16, {0, 0}}).alpn, std::vector<std::string>{});
  EXPECT_EQ(with_extension({51, {0, 0}}).key_share_groups, std::vector<NamedGroup>{})
      << "asks for a HelloRetryRequest";
}

TEST(ClientHello, OnlyHostNamesAreServerNames) {
  const ByteVector other = joined({{7}, vector_of(2, test::text_bytes("x"))});
  const ByteVector host = joined({{0}, vector_of(2, test::text_bytes("a.test"))});
  EXPECT_EQ(with_extension({0, vector_of(2, joined({other, host, host}))}).sni, "a.test");
  EXPECT_FALSE(with_extension({0, vector_of(2, other)}).sni);
}

TEST(ClientHello, NamesAreKeptAsSent) {
  using namespace std::string_view_literals;
  const auto hostile = "a\0\x1b[2J\xff"sv;
  EXPECT_EQ(with_extension(test::server_name(hostile)).sni, hostile);
  EXPECT_EQ(with_extension(test::alpn({hostile})).alpn->at(0), hostile);
}

TEST(ClientHello, DuplicatesAreAllKept) {
  HelloBytes bytes;
  bytes.extensions = {test::server_name("first.test"), test::alpn({"h2"}),
                      test::server_name("second.test"), test::alpn({"h3"})};
  bytes.ciphers = {0x1301, 0x1301};
  const ClientHello hello = parsed(bytes.message());
  EXPECT_EQ(hello.extensions.size(), 4U);
  EXPECT_EQ(hello.ciphers.size(), 2U);
  EXPECT_EQ(hello.sni, "first.test");
  EXPECT_EQ(
      hello.extension_problems,
      (std::vector{ParseError{ParseErrorCode::duplicate, "server_name", hello.extensions[2].offset},
                   ParseError{ParseErrorCode::duplicate, "application_layer_protocol_negotiation",
                              hello.extensions[3].offset}}));
}

TEST(ClientHello, DuplicatesAreFoundAmongManyAndBounded) {
  HelloBytes bytes;
  for (std::uint16_t type = 0x1000; type < 0x1064; ++type) bytes.extensions.push_back({type, {}});
  EXPECT_TRUE(parsed(bytes.message()).extension_problems.empty());
  bytes.extensions.push_back({0x1010, {}});
  const ClientHello once = parsed(bytes.message());
  ASSERT_EQ(once.extension_problems.size(), 1U);
  EXPECT_EQ(describe(once.extension_problems[0]).substr(0, 20), "duplicate: extension");
  bytes.extensions.assign(10000, {0x1010, {}});
  EXPECT_EQ(parsed(bytes.message()).extension_problems.size(), limits::kMaxExtensionProblems);
}

TEST(ClientHello, ThePreSharedKeyMustBeTheLastExtension) {
  HelloBytes bytes = test::full_hello();
  std::swap(bytes.extensions[11], bytes.extensions[12]);
  const ClientHello hello = parsed(bytes.message());
  ASSERT_EQ(hello.extension_problems.size(), 1U);
  EXPECT_EQ(hello.extension_problems[0],
            (ParseError{ParseErrorCode::bad_value, "pre_shared_key is not the last extension",
                        hello.extensions[11].offset}));
  EXPECT_EQ(hello.psk_identities, 1U);
}

TEST(ClientHello, TheKeySharesOfDraftsAreAtForty) {
  const ByteVector shares = test::key_shares({29}).body;
  HelloBytes bytes;
  bytes.extensions = {{40, shares}, test::supported_versions({0x7f12, 0x0303})};
  EXPECT_EQ(parsed(bytes.message()).key_share_groups, std::vector{NamedGroup{29}});
  bytes.extensions = {{40, {0, 9, 1}}, test::supported_versions({0x7f12, 0x0303})};
  EXPECT_FALSE(parsed(bytes.message()).key_share_groups);
  EXPECT_TRUE(parsed(bytes.message()).extension_problems.empty());
  bytes.extensions = {{40, shares}};
  EXPECT_FALSE(parsed(bytes.message()).key_share_groups) << "BSAFE's extended_random";
}

TEST(ClientHello, HighestVersionIgnoresGreaseAndDrafts) {
  EXPECT_EQ(highest_version(with_extension(test::supported_versions({0xfafa, 0x0302, 0x0301}))),
            kTls11);
  EXPECT_EQ(highest_version(with_extension(test::supported_versions({0x7f1c, 0x0303}))), kTls12);
  EXPECT_EQ(highest_version(with_extension(test::supported_versions({0x7f1c}))), ProtocolVersion{});
  EXPECT_EQ(highest_version(with_extension({43, {3}})), kTls12) << "broken: as if not there";
}

}  // namespace
}  // namespace visavis::inspect
