#include "inspect/handshake/server_hello.h"

#include <gtest/gtest.h>

#include "inspect/handshake/fingerprint.h"
#include "inspect/handshake/message_assembler.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::ServerHelloBytes;

std::vector<ByteVector> flight(const std::string& name) {
  const ByteVector bytes = test::data_file("server_flights/" + name);
  MessageAssembler assembler(65536);
  assembler.add(bytes);
  std::vector<ByteVector> messages;
  for (auto next = assembler.next(); next.ok(); next = assembler.next())
    messages.emplace_back(next->raw.begin(), next->raw.end());
  EXPECT_EQ(assembler.pending_bytes(), 0U);
  return messages;
}

TEST(ServerHello, OfTlsTwelve) {
  const auto hello = parse_server_hello(flight("tls12_ecdhe").at(0));
  ASSERT_TRUE(hello.ok()) << describe(hello.error());
  EXPECT_EQ(hello->version(), kTls12);
  EXPECT_EQ(hello->cipher.value, 0xc02f);
  EXPECT_TRUE(hello->session_id.empty());
  EXPECT_EQ(hello->compression, 0);
  EXPECT_TRUE(hello->has(kExtendedMasterSecret));
  EXPECT_FALSE(hello->has(kEncryptThenMac));
  EXPECT_FALSE(hello->hello_retry || hello->selected_version || hello->alpn ||
               hello->key_share_group || hello->pre_shared_key);
  EXPECT_EQ(ja3s_text(*hello), "771,49199,65281-11-35-23");
}

TEST(ServerHello, OfTlsTenWithEncryptThenMac) {
  const auto hello = parse_server_hello(flight("tls10_ecdhe").at(0));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->version(), kTls10);
  EXPECT_EQ(hello->cipher.value, 0xc013);
  EXPECT_TRUE(hello->has(kEncryptThenMac));
}

TEST(ServerHello, HelloRetryRequestAndTheOneAfterIt) {
  const auto messages = flight("tls13_retry");
  const auto retry = parse_server_hello(messages.at(0));
  ASSERT_TRUE(retry.ok());
  EXPECT_TRUE(retry->hello_retry);
  EXPECT_EQ(retry->version(), kTls13);
  EXPECT_EQ(retry->legacy_version, kTls12);
  EXPECT_EQ(retry->key_share_group, NamedGroup{24});
  EXPECT_EQ(retry->session_id.size(), 32U);

  const auto hello = parse_server_hello(messages.at(1));
  ASSERT_TRUE(hello.ok());
  EXPECT_FALSE(hello->hello_retry);
  EXPECT_EQ(hello->version(), kTls13);
  EXPECT_EQ(hello->cipher.value, 0x1302);
  EXPECT_EQ(hello->key_share_group, NamedGroup{24});
}

TEST(ServerHello, AlmostARetryIsNone) {
  ByteVector message = flight("tls13_retry").at(0);
  message[6 + 31] ^= 1;
  EXPECT_FALSE(parse_server_hello(message)->hello_retry);
}

TEST(ServerHello, DecodedExtensions) {
  ServerHelloBytes bytes;
  bytes.extensions = {test::alpn({"h2"}), {41, {0, 0}}, {43, {0x7f, 0x1c}}, {0x9a9a, {1}}};
  const auto hello = parse_server_hello(bytes.message());
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->alpn, "h2");
  EXPECT_TRUE(hello->pre_shared_key);
  EXPECT_EQ(hello->version().value, 0x7f1c) << "a draft stays itself";
  EXPECT_EQ(hello->extensions.size(), 4U);
}

TEST(ServerHello, AnAnswerOfTwoProtocolsIsNoAnswer) {
  ServerHelloBytes bytes;
  bytes.extensions = {test::alpn({"h2", "http/1.1"})};
  const auto hello = parse_server_hello(bytes.message());
  EXPECT_TRUE(!hello.ok() || !hello->alpn);
}

TEST(ServerHello, WithoutExtensions) {
  ServerHelloBytes bytes;
  bytes.legacy_version = 0x0300;
  bytes.with_extensions = false;
  const auto hello = parse_server_hello(bytes.message());
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->version(), kSsl3);
  EXPECT_EQ(ja3s_text(*hello), "768,49199,");
}

TEST(ServerHello, TruncatedAtEveryByteOrWithAnyByteChanged) {
  for (const ByteVector& whole : {flight("tls12_ecdhe")[0], flight("tls13_retry")[0],
                                  flight("tls13_retry")[1], flight("tls10_ecdhe")[0]}) {
    for (std::size_t count = 0; count < whole.size(); ++count) {
      const auto cut = parse_server_hello(Bytes(whole).first(count));
      ASSERT_FALSE(cut.ok()) << count;
      EXPECT_LE(cut.error().offset, count);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      ByteVector changed = whole;
      changed[at] ^= 0x41;
      const auto hello = parse_server_hello(changed);
      if (hello.ok()) continue;
      EXPECT_LE(hello.error().offset, changed.size());
    }
  }
}

TEST(ServerHello, ABrokenVersionIsNamedByItsPlace) {
  ServerHelloBytes bytes;
  bytes.extensions = {{23, {}}, {43, {3}}, {0xff01, ByteVector(40, 0)}};
  EXPECT_EQ(parse_server_hello(bytes.message()).error(),
            (ParseError{ParseErrorCode::truncated, "selected_version", 4 + 38 + 2 + 4 + 4}));
  bytes.extensions[1].body = {3, 4, 5};
  EXPECT_EQ(parse_server_hello(bytes.message()).error().code, ParseErrorCode::trailing);
}

TEST(ServerHello, OtherBrokenExtensionsAreListedAndTheirFieldsAbsent) {
  const test::ExtensionBytes broken[] = {{16, {0, 1, 0}}, {16, {}}, {51, {0}},   {41, {0}},
                                         {41, {0, 0, 0}}, {19, {}}, {20, {2, 2}}};
  for (const auto& extension : broken) {
    ServerHelloBytes bytes;
    bytes.extensions = {{23, {}}, extension, {43, {3, 4}}};
    const auto hello = parse_server_hello(bytes.message());
    ASSERT_TRUE(hello.ok()) << extension.type;
    ASSERT_EQ(hello->extension_problems.size(), 1U) << extension.type;
    EXPECT_GE(hello->extension_problems[0].offset, hello->extensions[1].offset);
    EXPECT_EQ(hello->version(), kTls13);
    EXPECT_FALSE(hello->alpn || hello->key_share_group || hello->pre_shared_key ||
                 hello->client_certificate_type || hello->server_certificate_type);
  }
}

TEST(ServerHello, DuplicatesAreListed) {
  ServerHelloBytes bytes;
  bytes.extensions = {test::alpn({"h2"}), {23, {}}, test::alpn({"h2"})};
  const auto hello = parse_server_hello(bytes.message());
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(
      hello->extension_problems,
      (std::vector{ParseError{ParseErrorCode::duplicate, "application_layer_protocol_negotiation",
                              hello->extensions[2].offset}}));
}

TEST(ServerHello, OfRealServersWithRareExtensions) {
  const auto npn = parse_server_hello(test::data_file("messages/server_hello_npn"));
  ASSERT_TRUE(npn.ok()) << describe(npn.error());
  EXPECT_TRUE(npn->has(ExtensionType{0x3374}));
  const auto raw_key = parse_server_hello(test::data_file("messages/server_hello_raw_public_key"));
  ASSERT_TRUE(raw_key.ok()) << describe(raw_key.error());
  EXPECT_EQ(raw_key->server_certificate_type, kRawPublicKey);
  EXPECT_FALSE(raw_key->client_certificate_type);
}

/// Up to draft 21 of TLS 1.3: version, random, suite, extensions.
ByteVector draft_hello(std::uint16_t version, const std::vector<test::ExtensionBytes>& extensions) {
  return test::message(2, joined({test::big_endian(version, 2),
                                  ByteVector(32, 0x44),
                                  {0x13, 0x01},
                                  test::extension_block(extensions)}));
}

TEST(ServerHello, OfEarlyDraftsHasAShapeOfItsOwn) {
  const ByteVector share = joined({{0, 29}, test::vector_of(2, ByteVector(32, 1))});
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0x7f0e, 0x7f12, 0x7f15}) {
    const auto hello = parse_server_hello(draft_hello(version, {{40, share}}));
    ASSERT_TRUE(hello.ok()) << describe(hello.error());
    EXPECT_EQ(hello->version().value, version);
    EXPECT_EQ(hello->cipher.value, 0x1301);
    EXPECT_EQ(hello->random[31], 0x44);
    EXPECT_TRUE(hello->session_id.empty());
    EXPECT_EQ(hello->key_share_group, NamedGroup{29}) << "key_share was 40";
  }
  EXPECT_FALSE(parse_server_hello(draft_hello(0x7f16, {{40, share}})).ok());
  EXPECT_FALSE(parse_server_hello(draft_hello(0x0303, {{40, share}})).ok());
}

TEST(ServerHello, FortyIsAKeyShareOnlyInADraft) {
  ServerHelloBytes bytes;
  bytes.extensions = {{40, {0, 2, 7, 7}}};
  EXPECT_FALSE(parse_server_hello(bytes.message())->key_share_group) << "BSAFE's extended_random";
  bytes.extensions = {{40, joined({{0, 23}, test::vector_of(2, {4})})}, {43, {0x7f, 0x16}}};
  EXPECT_EQ(parse_server_hello(bytes.message())->key_share_group, NamedGroup{23});
}

TEST(DraftHelloRetryRequest, HasASuiteFromDraftNineteenOn) {
  const ByteVector extensions = test::extension_block({{40, {0, 24}}});
  const ByteVector draft18 = test::message(6, joined({{0x7f, 0x12}, extensions}));
  const auto without = parse_draft_hello_retry_request(draft18);
  ASSERT_TRUE(without.ok()) << describe(without.error());
  EXPECT_TRUE(without->hello_retry);
  EXPECT_EQ(without->key_share_group, NamedGroup{24});
  const ByteVector draft19 = test::message(6, joined({{0x7f, 0x13, 0x13, 0x02}, extensions}));
  const auto with = parse_draft_hello_retry_request(draft19);
  ASSERT_TRUE(with.ok()) << describe(with.error());
  EXPECT_EQ(with->cipher.value, 0x1302);
  // Without extensions it would be complete, too.
  for (std::size_t count = 0; count < draft19.size(); ++count)
    EXPECT_FALSE(parse_draft_hello_retry_request(Bytes(draft19).first(count)).ok()) << count;
  test::expect_wrong_lengths_fail(draft19, {3, 9, 13}, parse_draft_hello_retry_request);
  test::expect_other_type_fails(draft19, parse_draft_hello_retry_request);
}

TEST(ServerHello, WrongTypeLengthAndSessionId) {
  ByteVector message = ServerHelloBytes{}.message();
  message[0] = 1;
  EXPECT_EQ(parse_server_hello(message).error().field, "handshake type");
  message = ServerHelloBytes{}.message();
  message[3] += 1;
  EXPECT_EQ(parse_server_hello(message).error(),
            (ParseError{ParseErrorCode::bad_length, "handshake length", 4}));
  ServerHelloBytes bytes;
  bytes.session_id = ByteVector(33, 1);
  EXPECT_EQ(parse_server_hello(bytes.message()).error().code, ParseErrorCode::bad_length);
}

}  // namespace
}  // namespace visavis::inspect
