#include "inspect/transcript/transcript_builder.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::message;
using test::record;

constexpr auto kC2s = Direction::c2s;
constexpr auto kS2c = Direction::s2c;

ByteVector server_hello(std::vector<test::ExtensionBytes> extensions = {}) {
  test::ServerHelloBytes bytes;
  bytes.extensions = std::move(extensions);
  return bytes.message();
}

ByteVector hello_retry() { return joined({test::data_file("server_flights/tls13_retry")}); }

TEST(TranscriptBuilder, ReachedGrowsWithTheHandshake) {
  TranscriptBuilder builder(LegKind::backend_leg);
  const Transcript& seen = builder.transcript();
  EXPECT_EQ(seen.reached, Reached::none);
  builder.observe_connected(3, Party::proxy, 1250);
  EXPECT_EQ(seen.reached, Reached::tcp);
  EXPECT_EQ(seen.connect_us, 1250);
  builder.observe_wire(5, kC2s, record(22, 0x0301, {1}));
  builder.observe_message(10, kC2s, test::HelloBytes{}.message());
  EXPECT_EQ(seen.reached, Reached::client_hello);
  builder.observe_message(20, kS2c, server_hello({test::alpn({"h2"})}));
  EXPECT_EQ(seen.reached, Reached::server_hello);
  EXPECT_EQ(seen.alpn, "h2");
  builder.observe_message(30, kS2c, test::certificate_message({{1, 2}, {3}}, false));
  EXPECT_EQ(seen.reached, Reached::certificate);
  EXPECT_EQ(seen.certificates, (std::vector<ByteVector>{{1, 2}, {3}}));
  builder.observe_message(40, kS2c,
                          message(12, joined({{3, 0, 23, 1, 4, 4, 1}, test::vector_of(2, {9})})));
  EXPECT_EQ(seen.group, NamedGroup{23});
  EXPECT_EQ(seen.signature, SignatureScheme{0x0401});
  builder.observe_established(50, true);
  EXPECT_EQ(seen.reached, Reached::finished);
  EXPECT_TRUE(seen.established && seen.resumed);
  EXPECT_EQ(seen.handshake_us, 45);
  EXPECT_TRUE(seen.malformed.empty());
}

TEST(TranscriptBuilder, HistoryHasALetterForEverything) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_message(1, kC2s, test::HelloBytes{}.message());
  builder.observe_message(2, kS2c, server_hello());
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{11, 12, 13, 14})
    builder.observe_message(3, kS2c, message(type, {}));
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{11, 16, 15})
    builder.observe_message(4, kC2s, message(type, {}));
  builder.observe_change_cipher_spec(5, kC2s);
  builder.observe_message(6, kC2s, message(20, {}));
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{4, 22, 24, 0, 99})
    builder.observe_message(7, kS2c, message(type, {}));
  builder.expect_record(kC2s);
  builder.observe_plaintext(kC2s, 5);
  builder.observe_plaintext(kC2s, 6);
  builder.observe_alert(8, kS2c, 1, 0);
  builder.observe_close(9, Party::backend, CloseHow::close_notify);
  builder.observe_close(9, Party::client, CloseHow::fin);
  builder.observe_close(9, Party::client, CloseHow::rst);
  builder.observe_close(9, Party::client, CloseHow::timeout);
  EXPECT_EQ(builder.transcript().history, "CsxkrnXGYIFtuphqDl.|!~");
  EXPECT_EQ(builder.transcript().close->how, CloseHow::close_notify) << "the first one";
}

TEST(TranscriptBuilder, HelloRetryAndTheSecondHello) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_message(1, kC2s, test::full_hello().message());
  const ByteVector both = hello_retry();
  builder.observe_message(2, kS2c, Bytes(both).first(88));
  EXPECT_TRUE(builder.transcript().hello_retry);
  EXPECT_EQ(describe(builder.transcript().events.back()), "HelloRetryRequest");
  builder.observe_message(3, kC2s, test::HelloBytes{}.message());
  builder.observe_message(4, kS2c, Bytes(both).subspan(88));
  EXPECT_EQ(builder.transcript().history, "CjCs");
  EXPECT_EQ(builder.transcript().client_hello->sni, "shop.example.com") << "the first one is kept";
  EXPECT_FALSE(builder.transcript().server_hello->hello_retry) << "the real one is kept";
  EXPECT_EQ(builder.transcript().group, NamedGroup{24});
}

TEST(TranscriptBuilder, AlertsInClearAreReadOffTheWireOnce) {
  const ByteVector stream = joined({record(22, 0x0303, {2, 0, 0, 0}), record(21, 0x0303, {2, 70})});
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    TranscriptBuilder builder(LegKind::backend_leg);
    builder.observe_wire(1, kS2c, Bytes(stream).first(cut));
    builder.observe_wire(2, kS2c, Bytes(stream).subspan(cut));
    const Transcript& seen = builder.transcript();
    ASSERT_EQ(seen.alerts.size(), 1U) << cut;
    EXPECT_EQ(seen.alerts[0].description, kProtocolVersion);
    EXPECT_EQ(seen.alerts[0].level, 2);
    EXPECT_EQ(seen.alerts[0].sent_by, Party::backend);
    EXPECT_EQ(seen.alerts[0].event, seen.events.back().i);
    EXPECT_EQ(describe(seen.events.back()), "fatal protocol_version (70)");
    EXPECT_EQ(seen.records_total, 2U);
  }
}

TEST(TranscriptBuilder, EncryptedAlertsAreNotReadOffTheWire) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_wire(1, kC2s, record(21, 0x0303, ByteVector(26, 2)));
  builder.observe_wire(1, kC2s, record(23, 0x0303, {2, 40}));
  builder.observe_wire(1, kC2s, record(21, 0x0303, {2}));
  builder.observe_wire(1, kC2s, record(21, 0x0303, {}));
  EXPECT_TRUE(builder.transcript().alerts.empty());
  builder.observe_alert(2, kC2s, 2, 46);
  ASSERT_EQ(builder.transcript().alerts.size(), 1U);
  EXPECT_EQ(builder.transcript().alerts[0].sent_by, Party::client);
}

TEST(TranscriptBuilder, PlaintextLengthsGoToTheRecordBegunLast) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_plaintext(kC2s, 5);  // before any record: nobody's
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{40, 32, 64, 48})
    builder.observe_wire(1, kC2s, record(23, 0x0301, ByteVector(length, 0)));
  builder.observe_wire(1, kS2c, record(23, 0x0301, ByteVector(80, 0)));
  builder.expect_record(kC2s);  // a handshake record: no length
  builder.expect_record(kC2s);
  builder.observe_plaintext(kC2s, 0);
  builder.expect_record(kC2s);
  builder.observe_plaintext(kC2s, 0);
  builder.observe_plaintext(kC2s, 33);  // a read says more
  builder.expect_record(kS2c);
  builder.observe_plaintext(kS2c, 7);
  const LegReport leg = summarize_leg(builder.transcript());
  ASSERT_EQ(leg.records.size(), 5U);
  EXPECT_EQ(leg.records[0].plaintext_length, std::nullopt);
  EXPECT_EQ(leg.records[1].plaintext_length, 0U);
  EXPECT_EQ(leg.records[2].plaintext_length, 33U);
  EXPECT_EQ(leg.records[3].plaintext_length, std::nullopt);
  EXPECT_EQ(leg.records[4].plaintext_length, 7U);
}

TEST(TranscriptBuilder, AnSslTwoHelloCountsAsARecordThatNobodyAnnounced) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_wire(
      1, kC2s, test::sslv2_record(test::sslv2_hello_body(0x0301, {0x2f}, {}, ByteVector(16, 1))));
  builder.observe_wire(2, kC2s, record(23, 0x0301, ByteVector(48, 0)));
  builder.expect_record(kC2s);
  builder.observe_plaintext(kC2s, 27);
  const LegReport leg = summarize_leg(builder.transcript());
  EXPECT_EQ(leg.records.at(0).plaintext_length, std::nullopt);
  EXPECT_EQ(leg.records.at(1).plaintext_length, 27U);
  EXPECT_FALSE(builder.transcript().not_tls);
}

TEST(TranscriptBuilder, RawBytesAreKeptUntilTheHandshakeEndsAndCutAtTheLimit) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_wire(1, kC2s, record(22, 0x0301, {1}));
  builder.expect_record(kC2s);
  builder.observe_established(2, false);
  builder.observe_wire(3, kC2s, record(23, 0x0301, {2}));
  EXPECT_EQ(builder.transcript().raw.c2s, record(22, 0x0301, {1}));
  EXPECT_FALSE(builder.transcript().raw_cut);

  TranscriptBuilder endless(LegKind::client_leg);
  const ByteVector large = record(22, 0x0301, ByteVector(60000, 1));
  for (int i = 0; i < 6; ++i) endless.observe_wire(1, kS2c, large);
  EXPECT_EQ(endless.transcript().raw.s2c.size(), limits::kMaxRawBytes);
  EXPECT_TRUE(endless.transcript().raw_cut);
  EXPECT_EQ(endless.transcript().records_total, 6U);
}

TEST(TranscriptBuilder, ListsAreBounded) {
  TranscriptBuilder builder(LegKind::client_leg);
  for (int i = 0; i < 2000; ++i) {
    builder.observe_wire(i, kC2s, record(23, 0x0303, {1}));
    builder.observe_message(i, kS2c, message(2, {1}));
    builder.observe_message(i, kC2s, message(1, {1}));
    builder.observe_alert(i, kS2c, 1, 112);
    builder.expect_record(kC2s);
    builder.observe_plaintext(kC2s, 1);
  }
  builder.observe_alert(9, kS2c, 2, 40);
  builder.observe_close(10, Party::proxy, CloseHow::fin);
  const Transcript& seen = builder.transcript();
  EXPECT_EQ(seen.records.size(), limits::kMaxListedRecords);
  EXPECT_EQ(seen.records_total, 2000U);
  EXPECT_EQ(seen.event_count, 4 * 2000U + 2);
  EXPECT_LE(seen.events.size(), limits::kMaxListedEvents + 2 * limits::kMaxLateEvents);
  EXPECT_LE(seen.alerts.size(), 2 * limits::kMaxLateEvents);
  EXPECT_LE(seen.malformed.size(), limits::kMaxLateEvents);
  EXPECT_LE(seen.plaintext_lengths.c2s.size(), limits::kMaxListedRecords);
  EXPECT_LE(seen.history.size(), 104U);
  EXPECT_EQ(seen.alerts.back().description, kHandshakeFailure)
      << "warnings do not crowd out the fatal alert";
  EXPECT_EQ(seen.events.back().kind, EventKind::close);
  for (const AlertSeen& alert : seen.alerts)
    EXPECT_TRUE(std::any_of(seen.events.begin(), seen.events.end(), [&](const Event& event) {
      return event.i == alert.event && event.kind == EventKind::alert;
    })) << alert.event;
}

TEST(TranscriptBuilder, WhatIsNotTlsIsNamedHoweverItIsCut) {
  const ByteVector request = test::text_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (std::size_t cut = 0; cut <= request.size(); ++cut) {
    TranscriptBuilder builder(LegKind::client_leg);
    builder.observe_wire(1, kC2s, Bytes(request).first(cut));
    builder.observe_wire(2, kC2s, Bytes(request).subspan(cut));
    ASSERT_TRUE(builder.transcript().not_tls) << cut;
    EXPECT_EQ(*builder.transcript().not_tls, Protocol::http_request) << cut;
    EXPECT_EQ(builder.transcript().not_tls_sender, Party::client);
    EXPECT_EQ(summarize_leg(builder.transcript()).outcome, "not-tls");
  }
}

TEST(TranscriptBuilder, ABannerThatEndsTooEarlyIsUnknownBytes) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_wire(1, kS2c, test::text_bytes("HT"));
  EXPECT_FALSE(builder.transcript().not_tls);
  builder.observe_close(2, Party::backend, CloseHow::fin);
  EXPECT_EQ(builder.transcript().not_tls, Protocol::unknown);
  EXPECT_EQ(builder.transcript().not_tls_sender, Party::backend);
}

TEST(TranscriptBuilder, GarbageBehindTheFirstRecordIsStillTls) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_wire(1, kC2s, joined({record(22, 0x0301, {}), test::text_bytes("GET / HTTP")}));
  EXPECT_FALSE(builder.transcript().not_tls);
  EXPECT_EQ(builder.transcript().records_total, 1U);
}

TEST(TranscriptBuilder, MessagesThatCannotBeParsedAreNamed) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_message(1, kC2s, message(1, {3, 3}));
  builder.observe_message(2, kS2c, message(2, {3, 3}));
  builder.observe_message(3, kS2c, message(11, {0, 0, 9}));
  builder.observe_message(4, kS2c, {});
  builder.observe_message(5, kS2c, test::from_hex("020000"));
  const LegReport leg = summarize_leg(builder.transcript());
  EXPECT_EQ(leg.malformed,
            (std::vector<std::string>{
                "ClientHello sent by proxy: truncated: random at byte 6",
                "ServerHello sent by backend: truncated: random at byte 6",
                "Certificate sent by backend: truncated: certificate_list at byte 7"}));
  EXPECT_EQ(leg.outcome, "failed");
  EXPECT_FALSE(leg.client_hello || leg.server_hello);
}

TEST(TranscriptBuilder, OutcomeOfALegThatHasNotEnded) {
  TranscriptBuilder builder(LegKind::direct_leg);
  EXPECT_EQ(summarize_leg(builder.transcript()).outcome, "incomplete");
  builder.observe_alert(1, kS2c, 1, 112);
  EXPECT_EQ(summarize_leg(builder.transcript()).outcome, "incomplete")
      << "unrecognized_name as a warning ends nothing";
  builder.observe_alert(1, kS2c, 2, 40);
  EXPECT_EQ(summarize_leg(builder.transcript()).outcome, "failed");

  TranscriptBuilder closed(LegKind::direct_leg);
  closed.observe_alert(1, kS2c, 1, 0);
  EXPECT_EQ(summarize_leg(closed.transcript()).outcome, "failed");
}

TEST(TranscriptBuilder, WhatComesAfterTheHandshakeChangesNoFacts) {
  TranscriptBuilder builder(LegKind::backend_leg);
  builder.observe_message(1, kC2s, test::full_hello().message());
  builder.observe_message(2, kS2c, server_hello());
  builder.observe_established(3, false);
  builder.observe_message(4, kS2c, server_hello({test::alpn({"evil"})}));
  builder.observe_message(5, kS2c, test::certificate_message({{1}}, false));
  builder.observe_message(6, kC2s, test::HelloBytes{}.message());
  const Transcript& seen = builder.transcript();
  EXPECT_FALSE(seen.alpn);
  EXPECT_TRUE(seen.certificates.empty());
  EXPECT_EQ(seen.client_hello->sni, "shop.example.com");
  EXPECT_EQ(seen.reached, Reached::finished);
}

}  // namespace
}  // namespace visavis::inspect
