#include "inspect/transcript/wire_decoder.h"

#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/message_note.h"
#include "tests/support/hello_builder.h"
#include "tests/support/wire_dialogue.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::certificate_message;
using test::change_cipher_spec;
using test::decode;
using test::decode_in_all_ways;
using test::HelloBytes;
using test::joined;
using test::message;
using test::record;
using test::sealed;
using test::ServerHelloBytes;
using test::WireDialogue;

constexpr auto kC2s = Direction::c2s;
constexpr auto kS2c = Direction::s2c;

ByteVector client_hello(std::vector<test::ExtensionBytes> extensions = {}) {
  HelloBytes hello;
  hello.extensions = std::move(extensions);
  return record(22, 0x0301, hello.message());
}

ByteVector hello_of(std::uint16_t version, std::vector<test::ExtensionBytes> extensions = {}) {
  ServerHelloBytes hello;
  hello.extensions = std::move(extensions);
  hello.legacy_version = version;
  return hello.message();
}

ByteVector tls13_hello(std::uint16_t cipher = 0x1301, bool psk = false) {
  ServerHelloBytes hello;
  hello.cipher = cipher;
  hello.extensions = {{43, {3, 4}}, {51, joined({{0, 29}, test::vector_of(2, ByteVector(32, 7))})}};
  if (psk) hello.extensions.push_back({41, {0, 0}});
  return record(22, 0x0303, hello.message());
}

ByteVector hello_retry() {
  const ByteVector flight = test::data_file("server_flights/tls13_retry");
  return record(22, 0x0303, {flight.begin(), flight.begin() + 88});
}

/// ServerHello to ServerHelloDone, in one record.
ByteVector tls12_flight() {
  return record(22, 0x0303,
                joined({hello_of(0x0303), certificate_message({{1, 2}, {3}}, false),
                        message(12, joined({{3, 0, 23, 1, 4, 4, 1}, test::vector_of(2, {9})})),
                        message(14, {})}));
}

WireDialogue tls12_handshake() {
  return {{kC2s, client_hello()},
          {kS2c, tls12_flight()},
          {kC2s, joined({record(22, 0x0303, message(16, {1, 2, 3})), change_cipher_spec(),
                         sealed(22, 40)})},
          {kS2c, joined({change_cipher_spec(), sealed(22, 40)})}};
}

WireDialogue with(WireDialogue dialogue, WireDialogue more) {
  dialogue.insert(dialogue.end(), more.begin(), more.end());
  return dialogue;
}

TEST(WireDecoder, AFullHandshakeUpToTls12) {
  const Transcript seen = decode_in_all_ways(tls12_handshake());
  EXPECT_EQ(seen.history, "CsxknGIi");
  EXPECT_TRUE(seen.established);
  EXPECT_FALSE(seen.resumed);
  EXPECT_EQ(seen.reached, Reached::finished);
  EXPECT_EQ(seen.certificates, (std::vector<ByteVector>{{1, 2}, {3}}));
  EXPECT_EQ(seen.group, NamedGroup{23});
  EXPECT_EQ(seen.client_hello->record_version, kTls10);
  EXPECT_EQ(seen.server_hello->version(), kTls12);
  EXPECT_EQ(seen.handshake_us, 3);
  EXPECT_EQ(seen.records_total, 7U);
  EXPECT_TRUE(seen.malformed.empty());
  EXPECT_TRUE(seen.alerts.empty());
}

TEST(WireDecoder, BeforeTheLastFinishedItIsNotEstablished) {
  WireDialogue dialogue = tls12_handshake();
  dialogue.back().bytes.pop_back();
  const Transcript seen = decode_in_all_ways(dialogue);
  EXPECT_FALSE(seen.established);
  EXPECT_EQ(seen.reached, Reached::certificate);
}

TEST(WireDecoder, WhatComesAfterChangeCipherSpecIsNotParsed) {
  // A NULL cipher's Finished, a renegotiation and a heartbeat look like messages; they are not.
  const Transcript seen = decode_in_all_ways(
      with(tls12_handshake(), {{kC2s, record(22, 0x0303, HelloBytes{}.message())},
                               {kS2c, tls12_flight()},
                               {kS2c, record(24, 0x0303, {1, 0, 3})},
                               {kC2s, change_cipher_spec()},
                               {kC2s, record(22, 0x0303, message(20, ByteVector(12, 1)))}}));
  EXPECT_EQ(seen.history, "CsxknGIiI");
  EXPECT_EQ(seen.records_total, 12U);
  EXPECT_TRUE(seen.malformed.empty());
}

TEST(WireDecoder, ApplicationDataIsALetterOnce) {
  const Transcript seen =
      decode_in_all_ways(with(tls12_handshake(), {{kC2s, joined({sealed(23, 30), sealed(23, 40)})},
                                                  {kS2c, sealed(23, 50)},
                                                  {kC2s, sealed(23, 9)}}));
  EXPECT_EQ(seen.history, "CsxknGIiDd");
  EXPECT_TRUE(seen.plaintext_lengths.c2s.empty()) << "no length is known";
}

TEST(WireDecoder, TheRawBytesEndWithTheHandshake) {
  WireDialogue dialogue = tls12_handshake();
  const ByteVector handshake = joined({dialogue[1].bytes, dialogue[3].bytes});
  dialogue[3].bytes = joined({dialogue[3].bytes, sealed(23, 50)});
  EXPECT_EQ(decode_in_all_ways(dialogue).raw.s2c, handshake);
}

TEST(WireDecoder, FalseStartDataComesBeforeTheServersFinished) {
  WireDialogue dialogue = tls12_handshake();
  dialogue[2].bytes = joined({dialogue[2].bytes, sealed(23, 99)});
  const Transcript seen = decode_in_all_ways(dialogue);
  EXPECT_EQ(seen.history, "CsxknGIDi");
  EXPECT_TRUE(seen.established);
}

TEST(WireDecoder, AResumedSessionUpToTls12HasNoServerHelloDone) {
  for (const bool ticket : {false, true}) {
    ByteVector flight = hello_of(0x0302);
    if (ticket) flight = joined({flight, message(4, {0, 0, 0, 0, 0, 1, 9})});
    const Transcript seen = decode_in_all_ways(
        {{kC2s, client_hello()},
         {kS2c, joined({record(22, 0x0302, flight), change_cipher_spec(), sealed(22, 48)})},
         {kC2s, joined({change_cipher_spec(), sealed(22, 48)})}});
    EXPECT_EQ(seen.history, ticket ? "CstiI" : "CsiI");
    EXPECT_TRUE(seen.established);
    EXPECT_TRUE(seen.resumed);
  }
}

TEST(WireDecoder, AlertsInClearAndEncrypted) {
  const Transcript clear =
      decode_in_all_ways({{kC2s, client_hello()}, {kS2c, record(21, 0x0303, {2, 40})}});
  EXPECT_EQ(clear.history, "Cl");
  ASSERT_EQ(clear.alerts.size(), 1U);
  EXPECT_EQ(clear.alerts[0].description, kHandshakeFailure);

  const Transcript sealed_one = decode_in_all_ways(
      with(tls12_handshake(), {{kS2c, sealed(21, 26)}, {kC2s, record(21, 0x0303, {1, 0})}}));
  EXPECT_EQ(sealed_one.history, "CsxknGIilL");
  ASSERT_EQ(sealed_one.alerts.size(), 1U) << "what it says is not known, so it is not listed";
  EXPECT_EQ(sealed_one.alerts[0].sent_by, Party::client);
  const auto& events = sealed_one.events;
  const auto found = std::find_if(events.begin(), events.end(), [](const Event& event) {
    return describe(event) == "alert (encrypted)";
  });
  ASSERT_NE(found, events.end());
  EXPECT_EQ(found->kind, EventKind::alert);
  EXPECT_EQ(found->sender, Party::backend);
  EXPECT_EQ(found->length, 26U);
}

TEST(WireDecoder, EncryptedAlertsDoNotCrowdOutTheClose) {
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  for (const auto& [direction, bytes] : tls12_handshake()) decoder.observe(1, direction, bytes);
  for (int i = 0; i < 1000; ++i) decoder.observe(2, kS2c, sealed(21, 26));
  builder.observe_close(3, Party::backend, CloseHow::fin);
  EXPECT_EQ(builder.transcript().events.back().kind, EventKind::close);
  EXPECT_LE(builder.transcript().events.size(),
            limits::kMaxListedEvents + 2 * limits::kMaxLateEvents);
}

WireDialogue tls13_handshake(std::uint16_t cipher = 0x1301, std::size_t finished = 53) {
  return {{kC2s, client_hello({test::supported_versions({0x0304})})},
          {kS2c, joined({tls13_hello(cipher), change_cipher_spec(), sealed(23, 900)})},
          {kC2s, joined({change_cipher_spec(), sealed(23, finished)})}};
}

TEST(WireDecoder, Tls13ShowsTheHellosOnly) {
  const Transcript seen = decode_in_all_ways(tls13_handshake());
  EXPECT_EQ(seen.history, "CsiI");
  EXPECT_TRUE(seen.established);
  EXPECT_FALSE(seen.resumed);
  EXPECT_EQ(seen.group, NamedGroup{29});
  EXPECT_TRUE(seen.certificates.empty());
}

TEST(WireDecoder, Tls13KnowsTheClientsFinishedByItsLength) {
  struct Row {
    std::uint16_t cipher;
    std::size_t length;
    bool established;
  };
  for (const auto& [cipher, length, established] :
       {Row{0x1301, 19, false}, Row{0x1301, 52, false}, Row{0x1301, 53, true},
        Row{0x1302, 53, false}, Row{0x1302, 69, true}, Row{0x1303, 53, true},
        Row{0x1305, 44, false}, Row{0x1305, 45, true}, Row{0x1301, 1200, true}}) {
    const Transcript seen = decode_in_all_ways(tls13_handshake(cipher, length));
    EXPECT_EQ(seen.established, established) << cipher << ' ' << length;
    EXPECT_TRUE(seen.alerts.empty()) << "19 bytes are probably an alert: nothing is certain";
  }
}

TEST(WireDecoder, Tls13ResumesWithAPreSharedKey) {
  WireDialogue dialogue = tls13_handshake();
  dialogue[1].bytes = joined({tls13_hello(0x1301, true), sealed(23, 90)});
  EXPECT_TRUE(decode_in_all_ways(dialogue).resumed);
}

TEST(WireDecoder, Tls13DataIsALetterWhereItIsCertain) {
  const WireDialogue after{{kS2c, sealed(23, 300)}, {kC2s, sealed(23, 22)}, {kC2s, sealed(23, 19)}};
  EXPECT_EQ(decode_in_all_ways(with(tls13_handshake(), after)).history, "CsiI");
  const WireDialogue data{{kC2s, sealed(23, 100)}};
  EXPECT_EQ(decode_in_all_ways(with(tls13_handshake(), data)).history, "CsiID");
  // The long record may have been a Certificate: what follows may still be the handshake.
  const WireDialogue certificate = with(tls13_handshake(0x1301, 700), data);
  EXPECT_EQ(decode_in_all_ways(certificate).history, "CsiI");
  EXPECT_EQ(decode_in_all_ways(with(certificate, {{kC2s, sealed(23, 53)}, {kC2s, sealed(23, 60)}}))
                .history,
            "CsiID");
}

TEST(WireDecoder, Tls13WithoutTheServersEncryptedFlightIsNotEstablished) {
  const Transcript seen = decode_in_all_ways({{kC2s, client_hello()},
                                              {kS2c, joined({tls13_hello(), sealed(23, 19)})},
                                              {kC2s, sealed(23, 53)}});
  EXPECT_FALSE(seen.established);
}

TEST(WireDecoder, HelloRetryRequestAndTheSecondHello) {
  const Transcript seen = decode_in_all_ways(
      {{kC2s, client_hello({test::server_name("first.example")})},
       {kS2c, joined({hello_retry(), change_cipher_spec()})},
       {kC2s, joined({change_cipher_spec(), client_hello({test::server_name("second.example")})})},
       {kS2c, joined({tls13_hello(), sealed(23, 500)})},
       {kC2s, sealed(23, 53)}});
  EXPECT_EQ(seen.history, "CjiICs");
  EXPECT_TRUE(seen.hello_retry);
  EXPECT_TRUE(seen.established);
  EXPECT_EQ(seen.client_hello->sni, "first.example");
  EXPECT_FALSE(seen.server_hello->hello_retry);
}

TEST(WireDecoder, EarlyDataIsNotTheClientsFinished) {
  const ByteVector hello = client_hello({test::supported_versions({0x0304}), {42, {}}});
  WireDialogue dialogue{{kC2s, joined({hello, change_cipher_spec(), sealed(23, 400)})},
                        {kS2c, joined({tls13_hello(0x1301, true), sealed(23, 90)})},
                        {kC2s, sealed(23, 500)}};
  EXPECT_FALSE(decode_in_all_ways(dialogue).established);
  dialogue.push_back({kC2s, joined({sealed(23, 21), sealed(23, 53)})});
  const Transcript seen = decode_in_all_ways(dialogue);
  EXPECT_TRUE(seen.established);
  EXPECT_TRUE(seen.resumed);
  EXPECT_EQ(seen.history, "CIs");
  EXPECT_EQ(decode_in_all_ways(with(dialogue, {{kC2s, sealed(23, 80)}})).history, "CIsD");
}

TEST(WireDecoder, AClientsChangeCipherSpecWithoutItsServer) {
  // One direction was captured. Behind a whole flight the records are encrypted ...
  const Transcript full = decode_in_all_ways(
      {{kC2s, joined({client_hello(), record(22, 0x0303, message(16, {1})), change_cipher_spec(),
                      record(22, 0x0303, message(20, ByteVector(12, 0))), sealed(23, 50)})}});
  EXPECT_EQ(full.history, "CGID");
  // ... behind the hello alone, a second hello would say TLS 1.3; this one resumes.
  const Transcript resumed = decode_in_all_ways(
      {{kC2s, joined({client_hello(), change_cipher_spec(), sealed(22, 40), sealed(23, 50)})}});
  EXPECT_EQ(resumed.history, "CID");
  const Transcript retried =
      decode_in_all_ways({{kC2s, joined({client_hello(), change_cipher_spec(), client_hello(),
                                         sealed(23, 53), sealed(23, 60)})}});
  EXPECT_EQ(retried.history, "CIC");
  for (const Transcript* seen : {&full, &resumed, &retried}) {
    EXPECT_FALSE(seen->established);
    EXPECT_TRUE(seen->malformed.empty());
  }
}

TEST(WireDecoder, AServersChangeCipherSpecWithoutItsClient) {
  const Transcript seen = decode_in_all_ways(
      {{kS2c, joined({tls12_flight(), change_cipher_spec(), sealed(22, 40), sealed(23, 70)})}});
  EXPECT_EQ(seen.history, "sxknid");
  EXPECT_FALSE(seen.established);
}

TEST(WireDecoder, TheServersAnswerMayBeSeenAfterTheClientsChangeCipherSpec) {
  const Transcript seen = decode_in_all_ways(
      {{kC2s, client_hello()},
       {kC2s, change_cipher_spec()},
       {kS2c, joined({record(22, 0x0303, hello_of(0x0303)), change_cipher_spec(), sealed(22, 40)})},
       {kC2s, sealed(22, 40)}});
  EXPECT_TRUE(seen.established);
  EXPECT_TRUE(seen.resumed);
}

TEST(WireDecoder, AMessageOverManyRecordsHasTheFirstOnesVersion) {
  const ByteVector hello = HelloBytes{}.message();
  ByteVector stream;
  for (std::size_t i = 0; i < hello.size(); ++i)
    stream = joined({stream, record(22, i == 0 ? 0x0300 : 0x0303, {hello[i]})});
  const Transcript seen = decode_in_all_ways({{kC2s, stream}, {kS2c, tls12_flight()}});
  EXPECT_EQ(seen.client_hello->record_version, kSsl3);
  EXPECT_EQ(seen.history, "Csxkn");
}

TEST(WireDecoder, SegmentsAreTheCallsUntilTheHelloIsWhole) {
  const ByteVector hello = client_hello();
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  decoder.observe(1, kC2s, Bytes(hello).first(10));
  decoder.observe(1, kC2s, {});
  decoder.observe(2, kS2c, record(22, 0x0303, {}));
  decoder.observe(3, kC2s, Bytes(hello).subspan(10, 5));
  EXPECT_FALSE(builder.transcript().client_hello);
  decoder.observe(4, kC2s, joined({{hello.begin() + 15, hello.end()}, {22, 3}}));
  decoder.observe(5, kC2s, ByteVector{1});
  const auto last = static_cast<std::uint32_t>(hello.size() - 13);
  EXPECT_EQ(builder.transcript().hello_segments, (std::vector<std::uint32_t>{10, 5, last}));
  EXPECT_FALSE(builder.transcript().segments_exact);
  decoder.set_segments_exact(true);
  EXPECT_TRUE(builder.transcript().segments_exact);
}

TEST(WireDecoder, ATrickledHelloKeepsABoundedListOfSegments) {
  const ByteVector hello = client_hello({{21, ByteVector(2000, 0)}});
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  decoder.set_segments_exact(true);
  for (const std::uint8_t byte : hello) decoder.observe(1, kC2s, Bytes(&byte, 1));
  ASSERT_TRUE(builder.transcript().client_hello);
  EXPECT_TRUE(builder.transcript().segments_exact);
  EXPECT_EQ(builder.transcript().hello_segments.size(), limits::kMaxHelloSegments);
}

TEST(WireDecoder, WhatIsNoTls) {
  const Transcript request =
      decode_in_all_ways({{kC2s, test::text_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")}});
  EXPECT_EQ(request.not_tls, Protocol::http_request);
  const Transcript banner =
      decode_in_all_ways({{kS2c, test::text_bytes("220 mail.example ESMTP\r\n")}});
  EXPECT_EQ(banner.not_tls, Protocol::smtp_or_ftp);
  EXPECT_EQ(banner.not_tls_sender, Party::backend);
}

TEST(WireDecoder, WhatIsNoTlsAnyMoreIsAnEvent) {
  const Transcript seen = decode_in_all_ways(
      with(tls12_handshake(), {{kS2c, test::text_bytes("500 plain again\r\n")}}));
  EXPECT_FALSE(seen.not_tls);
  EXPECT_EQ(seen.events.back().kind, EventKind::tcp);
  EXPECT_EQ(describe(seen.events.back()), "bytes that are no TLS record");
  EXPECT_EQ(seen.events.back().sender, Party::backend);
}

TEST(WireDecoder, AMalformedHelloIsNamed) {
  ByteVector hello = HelloBytes{}.message();
  hello[38] = 200;  // session id's length
  const Transcript seen = decode_in_all_ways({{kC2s, record(22, 0x0301, hello)}});
  ASSERT_EQ(seen.malformed.size(), 1U);
  EXPECT_EQ(seen.malformed[0].type, kClientHello);
  EXPECT_EQ(seen.malformed[0].error.field, "legacy_session_id");
  EXPECT_FALSE(seen.client_hello);
}

TEST(WireDecoder, AMessageThatIsTooLongEndsTheReadingOfItsDirection) {
  const Transcript seen = decode(
      {{kC2s, client_hello()},
       {kS2c,
        joined({record(22, 0x0303, hello_of(0x0303)), record(22, 0x0303, {11, 0xff, 0xff, 0xff, 0}),
                record(22, 0x0303, message(14, {})), change_cipher_spec(), sealed(22, 40)})},
       {kC2s,
        joined({record(22, 0x0303, message(16, {1})), change_cipher_spec(), sealed(22, 40)})}});
  ASSERT_EQ(seen.malformed.size(), 1U);
  EXPECT_EQ(seen.malformed[0].type, kCertificate);
  EXPECT_EQ(seen.malformed[0].error.code, ParseErrorCode::too_large);
  EXPECT_EQ(seen.history, "CsiGI");
  EXPECT_TRUE(seen.established) << "what was not parsed does not hide the records behind it";
}

TEST(WireDecoder, TruncatedAtEveryByteItHoldsAPartOfTheSame) {
  const WireDialogue whole = with(tls12_handshake(), {{kC2s, sealed(23, 30)}});
  const std::string history = decode(whole).history;
  for (std::size_t step = 0; step < whole.size(); ++step)
    for (std::size_t count = 0; count < whole[step].bytes.size(); ++count) {
      WireDialogue cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(step) + 1);
      cut.back().bytes.resize(count);
      const Transcript seen = decode(cut);
      EXPECT_TRUE(history.starts_with(seen.history)) << step << ' ' << count;
      EXPECT_TRUE(seen.malformed.empty());
      EXPECT_LE(seen.established, step == 4) << "not before both have sent Finished";
    }
}

struct Collected : MessageTap {
  std::vector<std::pair<Direction, std::uint8_t>> types;
  void message(std::int64_t, Direction direction, ProtocolVersion version, Bytes bytes) override {
    EXPECT_GE(bytes.size(), 4U);
    EXPECT_EQ(version, bytes[0] == 1 ? kTls10 : kTls12);
    types.emplace_back(direction, bytes[0]);
  }
};

TEST(WireDecoder, TheTapSeesEveryMessageInClear) {
  TranscriptBuilder builder(LegKind::direct_leg);
  Collected collected;
  WireDecoder decoder(builder);
  decoder.set_message_tap(&collected);
  for (const auto& [direction, bytes] : tls12_handshake()) decoder.observe(1, direction, bytes);
  EXPECT_EQ(collected.types,
            (std::vector<std::pair<Direction, std::uint8_t>>{
                {kC2s, 1}, {kS2c, 2}, {kS2c, 11}, {kS2c, 12}, {kS2c, 14}, {kC2s, 16}}));
}

std::vector<std::uint32_t> cut_off(const Transcript& transcript) {
  std::vector<std::uint32_t> lengths;
  for (const Event& event : transcript.events)
    if (event.note == message_note::kCertificateCutOff) {
      EXPECT_EQ(event.kind, EventKind::message);
      EXPECT_EQ(event.sender, Party::backend);
      lengths.push_back(event.length);
    }
  return lengths;
}

/// A client that refuses a Certificate message for its size does so at its header.
TEST(WireDecoder, ACertificateThatItsClientCutsOff) {
  const ByteVector alert = record(21, 0x0303, {2, 47});
  const ByteVector whole = certificate_message({ByteVector(9000, 1)}, false);
  const ByteVector begun(whole.begin(), whole.begin() + 5000);
  const ByteVector hello = record(22, 0x0303, hello_of(0x0303));
  EXPECT_EQ(cut_off(decode_in_all_ways({{kC2s, client_hello()},
                                        {kS2c, joined({hello, record(22, 0x0303, begun)})},
                                        {kC2s, alert}})),
            std::vector{static_cast<std::uint32_t>(whole.size())});
  // Longer than we keep ourselves.
  EXPECT_EQ(cut_off(decode({{kC2s, client_hello()},
                            {kS2c, joined({hello, record(22, 0x0303, {11, 0x10, 0, 0, 1})})},
                            {kC2s, alert}})),
            std::vector<std::uint32_t>{0x100004});
  // Its header is not whole; it came whole; it is another message; the backend's own alert.
  const ByteVector short_header(whole.begin(), whole.begin() + 3);
  const ByteVector other(begun.size(), 12);
  for (const ByteVector& came : {short_header, whole, other})
    EXPECT_TRUE(cut_off(decode_in_all_ways({{kC2s, client_hello()},
                                            {kS2c, joined({hello, record(22, 0x0303, came)})},
                                            {kC2s, alert}}))
                    .empty());
  EXPECT_TRUE(cut_off(decode({{kC2s, client_hello()},
                              {kS2c, joined({hello, record(22, 0x0303, begun), alert})}}))
                  .empty());
}

}  // namespace
}  // namespace visavis::inspect
