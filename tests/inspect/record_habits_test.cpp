#include "inspect/compare/record_habits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using Raw = std::vector<std::uint8_t>;

Raw message(std::uint8_t type, std::size_t length) {
  Raw bytes{type, 0, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
  bytes.resize(4 + length, 0x5a);
  return bytes;
}

Raw operator+(Raw left, const Raw& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Raw record(const Raw& body, std::uint8_t type = 22) {
  Raw bytes{type, 3, 1, static_cast<std::uint8_t>(body.size() >> 8),
            static_cast<std::uint8_t>(body.size())};
  return bytes + body;
}

/// The body in records of `size` bytes.
Raw sliced(const Raw& body, std::size_t size) {
  Raw bytes;
  for (std::size_t at = 0; at < body.size(); at += size) {
    const auto begin = body.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = static_cast<std::ptrdiff_t>(std::min(size, body.size() - at));
    bytes = bytes + record(Raw(begin, begin + count));
  }
  return bytes;
}

LegReport leg(ProtocolVersion version, const std::vector<std::uint32_t>& plaintexts,
              bool c2s = true) {
  LegReport report;
  report.outcome = "established";
  report.established.emplace();
  report.established->version = code_point(version);
  report.established->cipher = code_point(CipherSuite{0x002f});
  for (const std::uint32_t plaintext : plaintexts)
    report.records.push_back(
        {2, c2s, 23, 0x0301, static_cast<std::uint16_t>(plaintext + 40), plaintext});
  return report;
}

std::vector<std::string> of_raw(const Raw& c2s, const Raw& s2c) {
  return record_habits(LegReport{}, c2s, s2c);
}
std::vector<std::string> of(const LegReport& report) { return record_habits(report, {}, {}); }

const Raw kFlight[] = {message(2, 70), message(11, 813), message(14, 0)};

TEST(RecordHabits, OneMessageARecordIsNone) {
  const Raw flight = record(kFlight[0]) + record(kFlight[1]) + record(kFlight[2]);
  EXPECT_THAT(of_raw(record(message(1, 200)), flight), IsEmpty());
  EXPECT_THAT(of_raw({}, {}), IsEmpty());
}

TEST(RecordHabits, MessagesTogetherInOneRecord) {
  const Raw flight = record(kFlight[0] + kFlight[1] + kFlight[2]);
  EXPECT_THAT(of_raw({}, flight), ElementsAre("s2c: 3 handshake messages in one record"));
}

/// As s_server with -max_send_frag 512 does it: 813 bytes of Certificate became 512 and 301.
TEST(RecordHabits, AMessageOverSeveralRecords) {
  EXPECT_THAT(of_raw({}, record(kFlight[0]) + sliced(kFlight[1], 512) + record(kFlight[2])),
              ElementsAre("s2c: Certificate over 2 records"));
  EXPECT_THAT(of_raw(sliced(message(1, 200), 16), {}),
              ElementsAre("c2s: ClientHello over 13 records"));
  EXPECT_THAT(of_raw(sliced(message(1, 200), 1), {}),
              ElementsAre("c2s: ClientHello over 204 records"));
  EXPECT_THAT(
      of_raw({}, sliced(kFlight[0] + kFlight[1] + kFlight[2], 512)),
      ElementsAre("s2c: Certificate over 2 records", "s2c: 2 handshake messages in one record"));
}

TEST(RecordHabits, EmptyHandshakeRecords) {
  EXPECT_THAT(of_raw(record({}) + record(message(1, 200)), {}),
              ElementsAre("c2s: 1 empty handshake records"));
}

TEST(RecordHabits, WhatIsEncryptedIsNotRead) {
  const Raw encrypted = record({1}, 20) + record(kFlight[0] + kFlight[2]);
  EXPECT_THAT(of_raw(record(message(1, 200)) + encrypted, record(kFlight[0]) + encrypted),
              IsEmpty());
}

TEST(RecordHabits, RawBytesMayEndAnywhere) {
  const Raw flight = sliced(kFlight[0] + kFlight[1] + kFlight[2], 300);
  const auto whole = of_raw(flight, {});
  ASSERT_EQ(whole.size(), 2U);
  std::size_t lines = 0;
  for (std::size_t length = 0; length <= flight.size(); ++length) {
    const auto cut = record_habits(LegReport{}, Bytes(flight).first(length), {});
    EXPECT_GE(cut.size(), lines) << "what was seen stays";
    lines = cut.size();
  }
  EXPECT_EQ(lines, 2U);
}

TEST(RecordHabits, OrdinaryDataIsNone) {
  EXPECT_THAT(of(leg(kTls12, {79})), IsEmpty());
  EXPECT_THAT(of(leg(kTls13, {500, 16384, 16384, 7000}, false)), IsEmpty());
  EXPECT_THAT(of(leg(kTls12, {16384, 16384, 16384, 16384, 16384, 16384, 16384, 16384, 1})),
              IsEmpty());
  EXPECT_THAT(of(leg(kTls10, {0, 79})), IsEmpty()) << "a split is not a habit of its own";
  EXPECT_THAT(of(leg(kTls10, {1, 78, 1, 90, 1, 100, 1, 60, 1, 10})), IsEmpty());
}

TEST(RecordHabits, SizesOfApplicationData) {
  EXPECT_THAT(of(leg(kTls12, std::vector<std::uint32_t>(9, 4096), false)),
              ElementsAre("s2c: application data in records of 4096 bytes"));
  EXPECT_THAT(of(leg(kTls13, {1, 1, 1, 2, 1, 1, 1, 1})),
              ElementsAre("c2s: application data in tiny records, 2 bytes at most"));
  EXPECT_THAT(of(leg(kTls13, std::vector<std::uint32_t>(7, 1))), IsEmpty()) << "too few to tell";
}

TEST(RecordHabits, EmptyRecordsAndSplitsThatNoVersionAsksFor) {
  EXPECT_THAT(of(leg(kTls12, {0, 79, 0})),
              ElementsAre("c2s: 2 empty records of application data",
                          "c2s: one byte and then the rest, as in a 1/n-1 split, though TLS 1.2 "
                          "needs none"));
  EXPECT_THAT(of(leg(kTls13, {1, 78})),
              ElementsAre("c2s: one byte and then the rest, as in a 1/n-1 split, though TLS 1.3 "
                          "needs none"));
}

/// A client's dialogue: its records with the peer's between them, or so many microseconds apart.
LegReport dialogue(const std::vector<std::uint32_t>& plaintexts, std::uint32_t answer,
                   std::int64_t apart_us = 1) {
  LegReport report = leg(kTls13, {});
  std::int64_t at = 0;
  for (const std::uint32_t plaintext : plaintexts) {
    const auto length = static_cast<std::uint16_t>(plaintext + 17);
    report.records.push_back({at, true, 23, 0x0303, length, plaintext});
    if (answer > 0)
      report.records.push_back(
          {at, false, 23, 0x0303, static_cast<std::uint16_t>(answer + 17), answer});
    at += apart_us;
  }
  return report;
}

using Sizes = std::vector<std::uint32_t>;

Sizes operator+(Sizes left, const Sizes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST(RecordHabits, ByteByByte) {
  EXPECT_THAT(of(leg(kTls12, Sizes(18, 1))),
              ElementsAre("c2s: application data in tiny records, 1 byte at most"));
  EXPECT_THAT(of(leg(kTls13, Sizes(8, 1) + Sizes{300})),
              ElementsAre("c2s: 8 records of application data in a row with 1 byte each"))
      << "and no 1/n-1 split";
  EXPECT_THAT(
      of(leg(kTls12, Sizes{300} + Sizes(9, 2) + Sizes{1, 300})),
      ElementsAre("c2s: 10 records of application data in a row with 2 bytes each at most"));
  EXPECT_THAT(of(leg(kTls10, Sizes{78} + Sizes(12, 1))),
              ElementsAre("c2s: 12 records of application data in a row with 1 byte each"))
      << "a 1/n-1 split alternates";
  EXPECT_THAT(of(leg(kTls13, Sizes(7, 2) + Sizes{3, 2, 2, 300})), IsEmpty());
}

/// Somebody types, or two programs take turns: whatever the sizes are, that is no habit.
TEST(RecordHabits, ADialogueIsNone) {
  EXPECT_THAT(of(dialogue(Sizes(40, 1), 1)), IsEmpty()) << "each letter is echoed";
  EXPECT_THAT(of(dialogue(Sizes(40, 1), 0, 30000)), IsEmpty()) << "a key held down, no echo";
  EXPECT_THAT(of(dialogue(Sizes(40, 1), 0, 1000)),
              ElementsAre("c2s: application data in tiny records, 1 byte at most"));
  EXPECT_THAT(of(dialogue(Sizes(40, 79), 200)), IsEmpty()) << "the same request over and over";
  EXPECT_THAT(of(dialogue(Sizes(40, 79), 0, 1'000'000)), IsEmpty()) << "a message a second";
  EXPECT_THAT(of(dialogue(Sizes(40, 1024), 0)),
              ElementsAre("c2s: application data in records of 1024 bytes"));
  // Writes of 2000 bytes under TLS 1.0, split 1/n-1, each answered.
  LegReport split = leg(kTls10, {});
  for (int i = 0; i < 20; ++i) {
    split.records.push_back({i, true, 23, 0x0301, 48, 1});
    split.records.push_back({i, true, 23, 0x0301, 2032, 1999});
    split.records.push_back({i, false, 23, 0x0301, 112, 80});
  }
  EXPECT_THAT(of(split), IsEmpty());
}

/// More than an HTTP/2 client's opening, and more bytes around it than in it.
TEST(RecordHabits, ManyRecordsWhereOneWouldDo) {
  const auto habits = [](ProtocolVersion version, std::size_t count, std::uint32_t plaintext,
                         std::uint16_t more = 17, std::int64_t apart_us = 0) {
    LegReport report = leg(version, {});
    for (std::size_t i = 0; i < count; ++i)
      report.records.push_back({static_cast<std::int64_t>(i) * apart_us, true, 23, 0x0303,
                                static_cast<std::uint16_t>(plaintext + more), plaintext});
    return of(report);
  };
  EXPECT_THAT(habits(kTls13, 16, 20),
              ElementsAre("c2s: 16 records at one instant for 320 bytes of application data, where "
                          "one would do"));
  EXPECT_THAT(habits(kTls13, 15, 20), IsEmpty());
  EXPECT_THAT(habits(kTls13, 16, 21),
              ElementsAre("c2s: 16 records at one instant for 336 bytes of application data, where "
                          "one would do"))
      << "22 bytes are around each";
  EXPECT_THAT(habits(kTls13, 16, 22), IsEmpty());
  EXPECT_THAT(habits(kTls13, 16, 20, 17, 1), IsEmpty()) << "not at one instant";
  EXPECT_THAT(habits(kTls12, 16, 28, 24), Not(IsEmpty())) << "AES-GCM: 29 bytes, RFC 5288 3";
  EXPECT_THAT(habits(kTls12, 16, 29, 24), IsEmpty());
  // A client's opening in HTTP/2 with a record a frame, and its window updates in a burst.
  EXPECT_THAT(of(leg(kTls13, {24, 27, 13, 14, 14, 14, 14, 14, 14, 90})), IsEmpty());
  EXPECT_THAT(of(leg(kTls13, Sizes{27} + Sizes(12, 13))), IsEmpty());
  // Eight writes of a letter and 9 bytes, split 1/n-1.
  Sizes split;
  for (int i = 0; i < 8; ++i) split = split + Sizes{1, 18};
  EXPECT_THAT(of(leg(kTls10, split)), IsEmpty());
}

/// RFC 5246 6.2.3: 2^14 + 2048; RFC 8446 5.2: 2^14 + 256.
TEST(RecordHabits, OversizedRecords) {
  const auto with = [](ProtocolVersion version, std::uint16_t length) {
    LegReport report = leg(version, {});
    report.records.push_back({3, false, 23, 0x0303, length, std::nullopt});
    return of(report);
  };
  EXPECT_THAT(with(kTls12, 18432), IsEmpty());
  EXPECT_THAT(with(kTls12, 18433),
              ElementsAre("s2c: a record of 18433 bytes, more than the 18432 that are allowed"));
  EXPECT_THAT(with(kTls13, 16640), IsEmpty());
  EXPECT_THAT(with(kTls13, 16641),
              ElementsAre("s2c: a record of 16641 bytes, more than the 16640 that are allowed"));
}

}  // namespace
}  // namespace visavis::inspect
