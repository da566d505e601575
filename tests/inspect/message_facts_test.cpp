#include "inspect/transcript/message_facts.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;
using test::joined;
using test::message;
using test::vector_of;

constexpr auto kC2s = Direction::c2s;
constexpr auto kS2c = Direction::s2c;

/// A backend leg that has seen a ServerHello of this version and suite.
TranscriptBuilder answered(std::uint16_t version, std::uint16_t cipher = 0xc02f) {
  TranscriptBuilder builder(LegKind::backend_leg);
  test::ServerHelloBytes hello;
  hello.cipher = cipher;
  hello.legacy_version = std::min<std::uint16_t>(version, 0x0303);
  if (version > 0x0303) hello.extensions = {{43, test::big_endian(version, 2)}};
  builder.observe_message(1, kS2c, hello.message());
  EXPECT_EQ(builder.transcript().server_hello->version().value, version);
  return builder;
}

void observe(TranscriptBuilder& builder, Direction direction, const std::string& file) {
  builder.observe_message(2, direction, data_file("messages/" + file));
}

TEST(MessageFacts, OfAMutualTlsThirteenHandshake) {
  TranscriptBuilder builder = answered(0x0304, 0x1301);
  observe(builder, kS2c, "encrypted_extensions");
  observe(builder, kS2c, "certificate_request_tls13");
  observe(builder, kS2c, "certificate_stapled_tls13");
  observe(builder, kS2c, "certificate_verify_tls13");
  observe(builder, kC2s, "certificate_client_tls13");
  builder.observe_message(3, kC2s, message(15, joined({{4, 3}, vector_of(2, ByteVector(70, 1))})));
  const Transcript& seen = builder.transcript();
  EXPECT_TRUE(seen.malformed.empty());
  EXPECT_EQ(seen.alpn, "h2");
  ASSERT_EQ(seen.encrypted_extensions.size(), 2U);
  EXPECT_EQ(seen.encrypted_extensions[0].type, kMaxFragmentLength);
  EXPECT_EQ(seen.encrypted_extensions[0].offset, 0U);
  ASSERT_TRUE(seen.certificate_request);
  EXPECT_EQ(seen.certificate_request->authorities_total, 1U);
  EXPECT_EQ(seen.certificates.size(), 1U);
  EXPECT_EQ(seen.stapled_ocsp_bytes, 665U);
  EXPECT_EQ(seen.signature, SignatureScheme{0x0804});
  ASSERT_TRUE(seen.client_certificates);
  EXPECT_EQ(seen.client_certificates->size(), 1U);
  EXPECT_EQ(seen.client_signature, SignatureScheme{0x0403});
  EXPECT_EQ(seen.reached, Reached::certificate);
  EXPECT_EQ(seen.history, "sorxyXY");
}

TEST(MessageFacts, OfATlsTwelveHandshake) {
  TranscriptBuilder builder = answered(0x0303, 0x009e);
  builder.observe_message(2, kS2c, test::certificate_message({{1}}, false));
  observe(builder, kS2c, "certificate_status");
  const ByteVector prime = vector_of(2, joined({{0x80}, ByteVector(127, 1)}));
  builder.observe_message(
      3, kS2c,
      message(12,
              joined({prime, vector_of(2, {2}), vector_of(2, {9}), {4, 1}, vector_of(2, {7})})));
  observe(builder, kS2c, "certificate_request_tls12");
  builder.observe_message(4, kS2c, message(14, {}));
  builder.observe_message(5, kC2s, test::certificate_message({}, false));
  builder.observe_message(6, kC2s, message(16, {1, 2, 3}));
  observe(builder, kC2s, "next_protocol");
  observe(builder, kS2c, "new_session_ticket_tls10");
  const Transcript& seen = builder.transcript();
  EXPECT_TRUE(seen.malformed.empty());
  EXPECT_EQ(seen.stapled_ocsp_bytes, 471U);
  EXPECT_EQ(seen.dh_bits, 1024U);
  EXPECT_FALSE(seen.group);
  EXPECT_EQ(seen.signature, SignatureScheme{0x0401});
  EXPECT_EQ(seen.certificate_request->types.size(), 3U);
  ASSERT_TRUE(seen.client_certificates) << "an empty Certificate is an answer, too";
  EXPECT_TRUE(seen.client_certificates->empty());
  EXPECT_FALSE(seen.client_signature);
  EXPECT_EQ(seen.session_tickets, 1U);
  EXPECT_EQ(seen.history, "sxukrnXGQt");
}

TEST(MessageFacts, OldVersionsHaveTheirOwnShapes) {
  for (const auto& [version, name] :
       {std::pair<std::uint16_t, std::string>{0x0300, "ssl30"}, {0x0302, "tls11"}}) {
    TranscriptBuilder builder = answered(version, 0xc013);
    observe(builder, kS2c, "certificate_request_" + name);
    observe(builder, kC2s, "certificate_verify_" + name);
    EXPECT_TRUE(builder.transcript().malformed.empty()) << name;
    EXPECT_TRUE(builder.transcript().certificate_request) << name;
    EXPECT_FALSE(builder.transcript().client_signature) << "not named before TLS 1.2";
  }
}

TEST(MessageFacts, TicketsAndKeyUpdatesAreCountedToTheEnd) {
  TranscriptBuilder builder = answered(0x0304, 0x1301);
  observe(builder, kS2c, "new_session_ticket_tls13");
  builder.observe_established(3, false);
  for (int i = 0; i < 1000; ++i) {
    observe(builder, kS2c, "new_session_ticket_tls13");
    observe(builder, kC2s, "key_update");
    builder.observe_message(4, kS2c, message(24, {0}));
    builder.observe_message(5, kS2c, message(24, {7}));
  }
  const Transcript& seen = builder.transcript();
  EXPECT_EQ(seen.session_tickets, 1001U);
  EXPECT_EQ(seen.key_updates, 3000U);
  EXPECT_EQ(seen.malformed.size(), limits::kMaxLateEvents);
  EXPECT_LE(seen.events.size(), limits::kMaxListedEvents);
  const LegReport leg = summarize_leg(seen);
  EXPECT_EQ(leg.session_tickets, 1001U);
  EXPECT_EQ(leg.key_updates, 3000U);
}

TEST(MessageFacts, ACertificateAskedForLateCounts) {
  TranscriptBuilder builder = answered(0x0304, 0x1301);
  builder.observe_established(3, false);
  observe(builder, kS2c, "certificate_request_tls13");
  observe(builder, kC2s, "certificate_client_tls13");
  observe(builder, kC2s, "certificate_verify_tls13");
  const Transcript& seen = builder.transcript();
  ASSERT_TRUE(seen.certificate_request);
  ASSERT_TRUE(seen.client_certificates);
  EXPECT_EQ(seen.client_certificates->size(), 1U);
  EXPECT_EQ(seen.client_signature, SignatureScheme{0x0804});
  EXPECT_FALSE(seen.signature) << "the server's stays what it was";
}

TEST(MessageFacts, OfTwoClientCertificatesTheFirstThatIsNotEmptyCounts) {
  TranscriptBuilder builder = answered(0x0303);
  builder.observe_message(2, kC2s, test::certificate_message({}, false));
  builder.observe_established(3, false);
  builder.observe_message(4, kC2s, test::certificate_message({{1}, {2}}, false));
  builder.observe_message(5, kC2s, test::certificate_message({{3}}, false));
  EXPECT_EQ(builder.transcript().client_certificates, (std::vector<ByteVector>{{1}, {2}}));
  EXPECT_TRUE(builder.transcript().certificates.empty());
}

TEST(MessageFacts, TheFirstRequestCounts) {
  TranscriptBuilder builder = answered(0x0303);
  observe(builder, kS2c, "certificate_request_tls12");
  builder.observe_message(3, kS2c,
                          message(13, joined({vector_of(1, {64}), vector_of(2, {}), {0, 0}})));
  EXPECT_EQ(builder.transcript().certificate_request->types.size(), 3U);
}

TEST(MessageFacts, RawKeysAreNoCertificates) {
  TranscriptBuilder builder(LegKind::direct_leg);
  observe(builder, kS2c, "server_hello_raw_public_key");
  observe(builder, kS2c, "certificate_raw_public_key");
  const Transcript& seen = builder.transcript();
  EXPECT_TRUE(seen.malformed.empty()) << describe(seen.malformed[0].error);
  EXPECT_TRUE(seen.certificates.empty());
  EXPECT_EQ(seen.reached, Reached::certificate);
}

TEST(MessageFacts, ACompressedCertificateIsReachedButUnknown) {
  TranscriptBuilder builder = answered(0x0304, 0x1301);
  builder.observe_message(
      2, kS2c, message(25, joined({{0, 2}, {0, 9, 9}, vector_of(3, ByteVector(40, 1))})));
  EXPECT_TRUE(builder.transcript().malformed.empty());
  EXPECT_TRUE(builder.transcript().certificates.empty());
  EXPECT_EQ(builder.transcript().reached, Reached::certificate);
  EXPECT_EQ(builder.transcript().history, "sx");
}

struct Broken {
  Direction direction;
  ByteVector bytes;
  std::string line;
};

TEST(MessageFacts, EveryBrokenMessageIsNamed) {
  const Broken samples[] = {
      {kS2c, message(0, {1}), "HelloRequest sent by backend: trailing bytes: body at byte 4"},
      {kS2c, message(4, {0}),
       "NewSessionTicket sent by backend: truncated: ticket_lifetime at byte 4"},
      {kS2c, message(12, {7}),
       "ServerKeyExchange sent by backend: bad value: curve_type at byte 5"},
      {kS2c, message(13, {1}),
       "CertificateRequest sent by backend: truncated: certificate_types at byte 5"},
      {kS2c, message(14, {1}), "ServerHelloDone sent by backend: trailing bytes: body at byte 4"},
      {kS2c, message(22, {}),
       "CertificateStatus sent by backend: truncated: status_type at byte 4"},
      {kS2c, message(23, {}), "SupplementalData sent by backend: truncated: supp_data at byte 4"},
      {kC2s, message(5, {1}), "EndOfEarlyData sent by proxy: trailing bytes: body at byte 4"},
      {kC2s, message(11, {}), "Certificate sent by proxy: truncated: certificate_list at byte 4"},
      {kC2s, message(15, {1}),
       "CertificateVerify sent by proxy: truncated: signature scheme at byte 4"},
      {kC2s, message(21, {}), "CertificateUrl sent by proxy: truncated: CertChainType at byte 4"},
      {kC2s, message(24, {}), "KeyUpdate sent by proxy: truncated: request_update at byte 4"},
      {kC2s, message(25, {}),
       "CompressedCertificate sent by proxy: truncated: algorithm at byte 4"},
      {kC2s, message(67, {}), "NextProtocol sent by proxy: truncated: selected_protocol at byte 4"},
  };
  for (const auto& [direction, bytes, line] : samples) {
    TranscriptBuilder builder = answered(0x0303);
    builder.observe_message(2, direction, bytes);
    EXPECT_EQ(summarize_leg(builder.transcript()).malformed, std::vector<std::string>{line});
  }
}

TEST(MessageFacts, WhatIsWrongOnlyInPartIsKeptAndNamed) {
  TranscriptBuilder builder = answered(0x0304, 0x1301);
  builder.observe_message(2, kS2c, message(8, test::extension_block({{0, {}}, {0, {}}})));
  const ByteVector stapled = joined({{0, 5}, vector_of(2, {1, 0, 0, 0})});
  const ByteVector entry = joined({vector_of(3, {9}), vector_of(2, stapled)});
  builder.observe_message(3, kS2c, message(11, joined({{0}, vector_of(3, entry)})));
  const Transcript& seen = builder.transcript();
  EXPECT_EQ(seen.encrypted_extensions.size(), 2U);
  EXPECT_EQ(seen.certificates.size(), 1U);
  EXPECT_FALSE(seen.stapled_ocsp_bytes);
  EXPECT_EQ(summarize_leg(seen).malformed,
            (std::vector<std::string>{
                "EncryptedExtensions sent by backend: duplicate: server_name at byte 14",
                "Certificate sent by backend: bad length: OCSPResponse at byte 22"}));
}

TEST(MessageFacts, ADraftsHelloRetryRequestIsOne) {
  TranscriptBuilder builder(LegKind::direct_leg);
  builder.observe_message(
      1, kS2c, message(6, joined({{0x7f, 0x13, 0x13, 1}, test::extension_block({{40, {0, 24}}})})));
  const Transcript& seen = builder.transcript();
  EXPECT_TRUE(seen.hello_retry);
  EXPECT_EQ(seen.history, "j");
  EXPECT_EQ(seen.group, NamedGroup{24});
  EXPECT_EQ(describe(seen.events.back()), "HelloRetryRequest");
}

}  // namespace
}  // namespace visavis::inspect
