#include <gtest/gtest.h>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/tcp_connection.h"

namespace visavis::inspect {
namespace {

/// Writes down what it is told: "c:text", "c:-5" for a gap of five, "c:fin".
class Diary : public TcpStreamSink {
 public:
  void data(bool first, const TcpSegment&, Bytes bytes) override {
    note(first, std::string(bytes.begin(), bytes.end()));
  }
  void gap(bool first, const TcpSegment&, std::uint64_t count) override {
    note(first, '-' + std::to_string(count));
  }
  void ended(bool first, const TcpSegment&, StreamEnd how) override {
    note(first, how == StreamEnd::fin ? "fin" : "rst");
  }
  std::string text;

 private:
  void note(bool first, const std::string& what) {
    text += (text.empty() ? "" : " ") + std::string(first ? "c:" : "s:") + what;
  }
};

NetworkEndpoint endpoint(bool client) {
  NetworkEndpoint made;
  made.address[0] = client ? 1 : 2;
  made.port = client ? 1000 : 443;
  return made;
}

/// A segment that owns its payload.
struct Packet {
  bool client = true;
  std::uint32_t sequence = 0;
  std::string flags{};
  std::string payload{};
  std::uint32_t acknowledged = 0;
  std::size_t missing = 0;

  [[nodiscard]] TcpSegment segment() const {
    const auto has = [this](char flag) { return flags.find(flag) != std::string::npos; };
    TcpSegment made;
    made.from = endpoint(client);
    made.to = endpoint(!client);
    made.sequence = sequence;
    made.acknowledged = acknowledged;
    made.syn = has('S');
    made.ack = has('A');
    made.fin = has('F');
    made.rst = has('R');
    made.payload = Bytes(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
    made.missing = missing;
    return made;
  }
};

/// What a connection of these packets says, with `finish` at its end.
std::string told(const std::vector<Packet>& packets) {
  Diary diary;
  TcpConnection connection(packets.front().segment(), diary);
  for (const Packet& packet : packets) connection.add(packet.segment());
  connection.finish();
  return diary.text;
}

const Packet kSyn{.sequence = 100, .flags = "S"};
const Packet kSynAck{.client = false, .sequence = 500, .flags = "SA", .acknowledged = 101};

TEST(TcpConnection, GivesBothStreamsInOrder) {
  EXPECT_EQ(
      told({kSyn,
            kSynAck,
            {.sequence = 101, .flags = "A", .payload = "hello", .acknowledged = 501},
            {.client = false, .sequence = 501, .flags = "A", .payload = "you", .acknowledged = 106},
            {.sequence = 106, .flags = "FA", .acknowledged = 504},
            {.client = false, .sequence = 504, .flags = "FA", .acknowledged = 107}}),
      "c:hello s:you c:fin s:fin");
}

TEST(TcpConnection, RetransmissionsAndOverlapsBringNothingTwice) {
  EXPECT_EQ(told({kSyn,
                  {.sequence = 101, .payload = "hello"},
                  {.sequence = 101, .payload = "hello"},
                  {.sequence = 103, .payload = "XXXthere"},
                  {.sequence = 100, .payload = "."},  // a keep-alive
                  {.sequence = 111, .payload = "!"}}),
            "c:hello c:there c:!");
}

TEST(TcpConnection, PutsInOrderWhatCameInAnother) {
  EXPECT_EQ(told({kSyn,
                  {.sequence = 107, .payload = "c"},
                  {.sequence = 105, .payload = "bb"},
                  {.sequence = 106, .payload = "xx"},
                  {.sequence = 101, .payload = "aaaa"},
                  {.sequence = 108, .flags = "F"}}),
            "c:aaaa c:bb c:x c:fin");
}

TEST(TcpConnection, WhatNeverComesIsAGap) {
  EXPECT_EQ(told({kSyn,
                  {.sequence = 101, .payload = "ab"},
                  {.sequence = 108, .payload = "ij"},
                  {.sequence = 110, .flags = "F"}}),
            "c:ab c:-5 c:ij c:fin");
}

TEST(TcpConnection, WhatWasAcknowledgedIsGivenUpAfterSomePackets) {
  std::vector<Packet> packets{kSyn, kSynAck, {.sequence = 111, .payload = "b"}};
  Diary diary;
  TcpConnection connection(packets.front().segment(), diary);
  for (const Packet& packet : packets) connection.add(packet.segment());
  for (int i = 0; i < 31; ++i)
    connection.add(
        Packet{.client = false, .sequence = 501, .flags = "A", .acknowledged = 112}.segment());
  EXPECT_EQ(diary.text, "");
  connection.add(
      Packet{.client = false, .sequence = 501, .flags = "A", .acknowledged = 112}.segment());
  EXPECT_EQ(diary.text, "c:-10 c:b");
  EXPECT_EQ(connection.held_bytes(), 0U);
}

TEST(TcpConnection, WhatWasAcknowledgedAndNeverShownIsAGapAtTheEnd) {
  EXPECT_EQ(told({kSyn,
                  kSynAck,
                  {.sequence = 101, .flags = "A", .payload = "ab", .acknowledged = 501},
                  {.client = false, .sequence = 501, .flags = "A", .acknowledged = 110}}),
            "c:ab c:-7");
}

TEST(TcpConnection, BeginsInTheMiddle) {
  EXPECT_EQ(
      told({{.client = false, .sequence = 5000, .flags = "A", .payload = "xy", .acknowledged = 900},
            {.sequence = 899, .flags = "A", .payload = "."},  // a keep-alive
            {.sequence = 900, .flags = "A", .payload = "ab", .acknowledged = 5002}}),
      "c:xy s:ab");
}

TEST(TcpConnection, BytesCutByTheSnapLengthAreAGap) {
  EXPECT_EQ(told({kSyn,
                  {.sequence = 101, .payload = "ab", .missing = 8},
                  {.sequence = 111, .payload = "cd"}}),
            "c:ab c:-8 c:cd");
  EXPECT_EQ(told({kSyn,
                  {.sequence = 111, .payload = "cd", .missing = 1},
                  {.sequence = 101, .payload = "ab", .missing = 8}}),
            "c:ab c:-8 c:cd c:-1");
}

TEST(TcpConnection, SequenceNumbersWrap) {
  EXPECT_EQ(told({{.sequence = 0xfffffffc, .flags = "S"},
                  {.sequence = 2, .payload = "fg"},
                  {.sequence = 0xfffffffd, .payload = "abcde"},
                  {.sequence = 4, .flags = "F"}}),
            "c:abcde c:fg c:fin");
}

TEST(TcpConnection, OfSeveralSynAcksTheAcknowledgedOneCounts) {
  EXPECT_EQ(told({kSyn,
                  {.client = false, .sequence = 500, .flags = "SA", .acknowledged = 101},
                  {.client = false, .sequence = 900, .flags = "SA", .acknowledged = 101},
                  {.sequence = 101, .flags = "A", .acknowledged = 501},
                  {.client = false,
                   .sequence = 501,
                   .flags = "A",
                   .payload = "yes",
                   .acknowledged = 101}}),
            "s:yes");
}

TEST(TcpConnection, AResetEndsItsSendersStreamAndCarriesNoData) {
  EXPECT_EQ(
      told(
          {kSyn,
           kSynAck,
           {.client = false, .sequence = 501, .flags = "RA", .payload = "why", .acknowledged = 101},
           {.client = false, .sequence = 501, .flags = "RA", .acknowledged = 101}}),
      "s:rst");
}

TEST(TcpConnection, DataInTheSynIsTheStreamsBeginning) {
  EXPECT_EQ(told({{.sequence = 100, .flags = "S", .payload = "fast"},
                  {.sequence = 105, .payload = "er"}}),
            "c:fast c:er");
}

TEST(TcpConnection, ASynAckThatComesFirstIsTheServers) {
  EXPECT_EQ(told({kSynAck, {.sequence = 101, .flags = "A", .payload = "a", .acknowledged = 501}}),
            "c:a");
}

TEST(TcpConnection, AnotherSynIsAnotherConnection) {
  Diary diary;
  TcpConnection connection(kSyn.segment(), diary);
  connection.add(kSyn.segment());
  EXPECT_FALSE(connection.is_new(kSyn.segment())) << "sent again";
  EXPECT_FALSE(connection.is_new(kSynAck.segment()));
  EXPECT_TRUE(connection.is_new((Packet{.sequence = 7000, .flags = "S"}).segment()));
  Diary other;
  const Packet middle{.sequence = 300, .payload = "x"};
  TcpConnection begun(middle.segment(), other);
  EXPECT_FALSE(begun.is_new(kSyn.segment())) << "nothing was said before it";
  begun.add(middle.segment());
  EXPECT_TRUE(begun.is_new(kSyn.segment()));
}

TEST(TcpConnection, WhatIsHeldIsBounded) {
  Diary diary;
  TcpConnection connection(kSyn.segment(), diary);
  connection.add(kSyn.segment());
  const std::string large(60'000, 'x');
  std::uint32_t sequence = 200;
  for (std::size_t i = 0; i < 200; ++i, sequence += 60'000) {
    connection.add(Packet{.sequence = sequence, .payload = large}.segment());
    EXPECT_LE(connection.held_bytes(), limits::kMaxHeldStreamBytes + large.size());
  }
  EXPECT_TRUE(diary.text.starts_with("c:-99 c:xxx"));
  Diary small;
  TcpConnection many(kSyn.segment(), small);
  many.add(kSyn.segment());
  for (std::uint32_t i = 0; i < 3 * limits::kMaxHeldSegments; ++i)
    many.add(Packet{.sequence = 200 + 2 * i, .payload = "x"}.segment());
  EXPECT_LE(many.held_bytes(), limits::kMaxHeldSegments + 1);
}

TEST(TcpConnection, ASequenceNumberFarAwayIsNoPartOfTheStream) {
  EXPECT_EQ(told({kSyn,
                  {.sequence = 101, .payload = "a"},
                  {.sequence = 0x60000000, .payload = "?"},
                  {.sequence = 102, .payload = "b"}}),
            "c:a c:b");
}

}  // namespace
}  // namespace visavis::inspect
