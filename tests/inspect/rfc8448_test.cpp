#include <gtest/gtest.h>

#include <fstream>

#include "inspect/transcript/wire_decoder.h"
#include "tests/support/wire_dialogue.h"

/// The traces of RFC 8448, through the decoder.
namespace visavis::inspect {
namespace {

struct Trace {
  test::WireDialogue dialogue;
  std::string key_log;
};

Trace read_trace(const std::string& name) {
  std::ifstream file(std::string(VISAVIS_SOURCE_DIR "/tests/data/rfc8448/") + name + ".txt");
  Trace trace;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("c2s "))
      trace.dialogue.push_back({Direction::c2s, test::from_hex(line.substr(4))});
    else if (line.starts_with("s2c "))
      trace.dialogue.push_back({Direction::s2c, test::from_hex(line.substr(4))});
    else
      trace.key_log += line + "\n";
  }
  EXPECT_FALSE(trace.dialogue.empty());
  return trace;
}

struct Seen : PlaintextTap, MessageTap {
  PerDirection<test::ByteVector> text;
  PerDirection<std::vector<test::ByteVector>> messages;
  Transcript transcript;

  void plaintext(std::int64_t, Direction direction, Bytes bytes) override {
    text[direction].insert(text[direction].end(), bytes.begin(), bytes.end());
  }
  void message(std::int64_t, Direction direction, ProtocolVersion, Bytes bytes) override {
    messages[direction].emplace_back(bytes.begin(), bytes.end());
  }
};

Seen decode(const Trace& trace) {
  TranscriptBuilder builder(LegKind::direct_leg);
  WireDecoder decoder(builder);
  Seen seen;
  KeyLog key_log;
  key_log.add(trace.key_log);
  decoder.set_message_tap(&seen);
  decoder.use_key_log(key_log, &seen);
  for (const test::WireStep& step : trace.dialogue) decoder.observe(1, step.direction, step.bytes);
  seen.transcript = std::move(builder.transcript());
  return seen;
}

test::ByteVector fifty() {
  test::ByteVector bytes(50);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

TEST(Rfc8448, SimpleHandshake) {
  const Seen seen = decode(read_trace("simple_1rtt"));
  EXPECT_EQ(seen.transcript.history, "CsoxyfFtDdL.l.");
  EXPECT_EQ(seen.text.c2s, fifty());
  EXPECT_EQ(seen.text.s2c, fifty());
  ASSERT_EQ(seen.messages.s2c.size(), 6U);
  EXPECT_EQ(
      seen.messages.s2c[1],
      test::from_hex("080000240022000a00140012001d00170018001901000101010201030104001c00024001"
                     "00000000"));
  EXPECT_EQ(seen.messages.s2c[4],
            test::from_hex("140000209b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f07"
                           "18"));
  EXPECT_EQ(seen.transcript.certificates.size(), 1U);
  EXPECT_EQ(seen.transcript.session_tickets, 1U);
  EXPECT_FALSE(seen.transcript.resumed);
}

TEST(Rfc8448, ResumedHandshakeWithEarlyData) {
  const Seen seen = decode(read_trace("resumed_0rtt"));
  EXPECT_EQ(seen.transcript.history, "CDsofEFdL.l.");
  test::ByteVector sent{'A', 'B', 'C', 'D', 'E', 'F'};
  const test::ByteVector rest = fifty();
  sent.insert(sent.end(), rest.begin(), rest.end());
  EXPECT_EQ(seen.text.c2s, sent);
  EXPECT_EQ(seen.text.s2c, fifty());
  EXPECT_TRUE(seen.transcript.resumed);
  EXPECT_EQ(seen.transcript.plaintext_lengths.c2s, (std::vector<std::int32_t>{-1, 6, -1, -1, 50}));
}

/// Whatever is damaged, nothing is shown that was not sent, and the other direction is read on.
TEST(Rfc8448, DamageIsNeverRead) {
  const Trace whole = read_trace("simple_1rtt");
  for (std::size_t step = 2; step < whole.dialogue.size(); ++step)
    for (std::size_t at = 5; at < whole.dialogue[step].bytes.size(); at += 7) {
      Trace damaged = whole;
      damaged.dialogue[step].bytes[at] ^= 0x10;
      const Seen seen = decode(damaged);
      const Direction hurt = whole.dialogue[step].direction;
      const Direction other = hurt == Direction::c2s ? Direction::s2c : Direction::c2s;
      EXPECT_EQ(seen.text[other], fifty()) << "step " << step << ", byte " << at;
      // Only the alerts come behind the data.
      EXPECT_EQ(seen.text[hurt], step >= 7 ? fifty() : test::ByteVector{})
          << "step " << step << ", byte " << at;
      EXPECT_TRUE(seen.transcript.malformed.empty());
    }
}

/// Without one of its secrets a side is read as far as the others go.
TEST(Rfc8448, MissingAndWrongSecrets) {
  const Trace whole = read_trace("simple_1rtt");
  const auto without = [&](const std::string& label) {
    Trace trace = whole;
    const std::size_t at = trace.key_log.find(label);
    trace.key_log.erase(at, trace.key_log.find('\n', at) - at);
    return decode(trace);
  };
  const Seen no_server_handshake = without("SERVER_HANDSHAKE");
  EXPECT_EQ(no_server_handshake.text.s2c, fifty()) << "found by its own keys";
  EXPECT_TRUE(no_server_handshake.transcript.certificates.empty());
  EXPECT_TRUE(no_server_handshake.transcript.established);
  const Seen no_client_handshake = without("CLIENT_HANDSHAKE");
  EXPECT_EQ(no_client_handshake.text.c2s, fifty());
  const Seen no_server_traffic = without("SERVER_TRAFFIC");
  EXPECT_TRUE(no_server_traffic.text.s2c.empty());
  EXPECT_EQ(no_server_traffic.text.c2s, fifty());
  EXPECT_EQ(no_server_traffic.transcript.certificates.size(), 1U);

  Trace wrong = whole;
  for (const char* tail : {"ad38", "5a21", "04a5", "1643"})
    wrong.key_log.replace(wrong.key_log.find(std::string(tail) + "\n"), 4, "0000");
  const Seen seen = decode(wrong);
  const Transcript plain = test::decode(whole.dialogue);
  EXPECT_EQ(seen.transcript.history, plain.history) << "as one without secrets";
  EXPECT_EQ(seen.transcript.established, plain.established);
  EXPECT_TRUE(seen.text.c2s.empty());
  EXPECT_TRUE(seen.text.s2c.empty());
}

}  // namespace
}  // namespace visavis::inspect
