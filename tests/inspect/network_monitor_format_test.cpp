#include "inspect/capture/network_monitor_format.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/capture_reader.h"
#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;

constexpr std::size_t kHeaderBytes = 128;
constexpr std::int64_t kStartNs = 1'700'000'000'250'000'000;  // 2023-11-14T22:13:20.250Z

ByteVector number(std::uint64_t value, std::size_t width) {
  ByteVector bytes;
  for (std::size_t i = 0; i < width; ++i, value >>= 8U)
    bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

/// NetworkMonitorFile writes a file of version 2 as Network Monitor does.
struct NetworkMonitorFile {
  unsigned minor = 0;
  unsigned medium = 1;
  ByteVector frames{};
  ByteVector table{};

  void frame(std::uint64_t microseconds, const ByteVector& bytes, unsigned own_medium = 1,
             std::uint64_t utc = 0, std::size_t original_length = 0) {
    table = joined({table, number(kHeaderBytes + frames.size(), 4)});
    const std::size_t wire = original_length > 0 ? original_length : bytes.size();
    frames =
        joined({frames, number(microseconds, 8), number(wire, 4), number(bytes.size(), 4), bytes});
    if (minor >= 1) frames = joined({frames, number(own_medium, 2)});
    if (minor >= 2) frames = joined({frames, number(0xffffffff, 4)});
    if (minor >= 3) frames = joined({frames, number(utc, 8), number(0, 1)});
  }
  [[nodiscard]] ByteVector file() const { return file(kHeaderBytes + frames.size()); }
  [[nodiscard]] ByteVector file(std::size_t table_at) const {
    ByteVector all =
        joined({{'G', 'M', 'B', 'U'}, number(minor, 1), number(2, 1), number(medium, 2)});
    for (const unsigned part : {2023U, 11U, 2U, 14U, 22U, 13U, 20U, 250U})
      all = joined({all, number(part, 2)});
    all = joined({all, number(table_at, 4), number(table.size(), 4)});
    all.resize(kHeaderBytes);
    return joined({all, frames, table});
  }
};

struct Packet {
  ByteVector bytes;
  int link_type = 0;
  std::int64_t time_ns = 0;
  std::size_t original_length = 0;

  friend bool operator==(const Packet&, const Packet&) = default;
};

struct Read {
  std::vector<Packet> packets;
  std::optional<CaptureProblem> problem;
  std::size_t interfaces = 0;
};

Read read(const ByteVector& file) {
  ByteStream stream{Bytes(file)};
  CaptureReader reader(stream);
  EXPECT_TRUE(reader.is_capture());
  Read seen;
  CapturedPacket packet;
  while (reader.next(packet)) {
    EXPECT_TRUE(packet.timed);
    EXPECT_LT(packet.interface, reader.interfaces().size());
    EXPECT_EQ(reader.interfaces()[packet.interface].link_type, packet.link_type);
    seen.packets.push_back({{packet.bytes.begin(), packet.bytes.end()},
                            packet.link_type,
                            packet.time_ns,
                            packet.original_length});
  }
  seen.problem = reader.problem();
  seen.interfaces = reader.interfaces().size();
  return seen;
}

const ByteVector kFirst{1, 2, 3, 4, 5};
const ByteVector kSecond(70, 0xab);

TEST(NetworkMonitorFormat, HasTimesFromTheStartOfItsCapture) {
  for (const unsigned minor : {0U, 1U, 2U, 3U}) {
    NetworkMonitorFile file{.minor = minor};
    file.frame(5, kFirst);
    file.frame(1'750'001, kSecond, 1, 0, 1514);
    file.frame(static_cast<std::uint64_t>(-1'500'000), kFirst);  // before it
    const Read seen = read(file.file());
    EXPECT_FALSE(seen.problem) << minor;
    const std::vector<Packet> expected{{kFirst, 1, kStartNs + 5'000, 5},
                                       {kSecond, 1, kStartNs + 1'750'001'000, 1514},
                                       {kFirst, 1, kStartNs - 1'500'000'000, 5}};
    EXPECT_EQ(seen.packets, expected) << minor;
    EXPECT_EQ(seen.interfaces, 1U);
  }
}

/// Version 2.3: 100 nanoseconds since 1601, in UTC, in each frame.
TEST(NetworkMonitorFormat, PrefersTimesInUtc) {
  NetworkMonitorFile file{.minor = 3};
  constexpr std::uint64_t kTicksTo1970 = 116'444'736'000'000'000;
  file.frame(5, kFirst, 1, kTicksTo1970 + 16'000'000'001'234'567);
  file.frame(6, kFirst, 1, 1);           // 1601
  file.frame(7, kFirst, 1, UINT64_MAX);  // some 60,000 years
  const Read seen = read(file.file());
  ASSERT_EQ(seen.packets.size(), 3U);
  EXPECT_EQ(seen.packets[0].time_ns, 1'600'000'000'123'456'700);
  EXPECT_EQ(seen.packets[1].time_ns, 100);
  EXPECT_LE(seen.packets[2].time_ns, INT64_MAX - 9'000'000'000);
}

TEST(NetworkMonitorFormat, ADateThatIsNoneIsNoReasonToGiveUp) {
  NetworkMonitorFile file;
  file.frame(5, kFirst);
  ByteVector bytes = file.file();
  bytes[10] = 13;  // month
  const Read seen = read(bytes);
  ASSERT_EQ(seen.packets.size(), 1U);
  EXPECT_EQ(seen.packets[0].time_ns, 250'005'000);
}

TEST(NetworkMonitorFormat, KnowsTheMediumOfEachFrame) {
  NetworkMonitorFile file{.minor = 2};
  for (const unsigned medium : {0U, 1U, 7U, 9U, 6U, 0xe071U, 0xe083U, 2U})
    file.frame(0, kFirst, medium);
  file.frame(0, kSecond, 0xffff);  // what Network Monitor says of itself is no packet
  file.frame(0, kSecond, 0xfffd);
  file.frame(0, kSecond, 9);
  const Read seen = read(file.file());
  EXPECT_FALSE(seen.problem);
  std::vector<int> types;
  for (const Packet& packet : seen.packets) types.push_back(packet.link_type);
  EXPECT_EQ(types, (std::vector<int>{1, 1, 101, 101, -1, 0x71, -1, -1, 101}));
  EXPECT_EQ(seen.packets.back().bytes, kSecond);
  EXPECT_EQ(seen.interfaces, 4U);
  // Before version 2.1 all are of the file's.
  NetworkMonitorFile older{.medium = 9};
  older.frame(0, kFirst);
  EXPECT_EQ(read(older.file()).packets.at(0).link_type, 101);
}

TEST(NetworkMonitorFormat, FramesAreCountedAgainstTheirTable) {
  for (const unsigned minor : {0U, 3U}) {
    NetworkMonitorFile file{.minor = minor};
    file.frame(1, kFirst);
    file.frame(2, kSecond);
    const ByteVector all = file.file();
    const Read whole = read(all);
    const std::size_t end = kHeaderBytes + file.frames.size();
    for (std::size_t length = 4; length < all.size(); ++length) {
      const Read cut = read({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length)});
      ASSERT_TRUE(cut.problem) << length;
      ASSERT_EQ(cut.packets.size() == 2, length >= end) << length;
      for (std::size_t i = 0; i < cut.packets.size(); ++i)
        ASSERT_EQ(cut.packets[i], whole.packets[i]) << length;
      ASSERT_LE(cut.problem->byte, length);
    }
  }
  NetworkMonitorFile file;
  file.frame(1, kFirst);
  file.frame(2, kSecond);
  ByteVector cut = file.file();
  cut.resize(kHeaderBytes + 16 + kFirst.size());
  EXPECT_EQ(read(cut).problem, (CaptureProblem{149, "the file ends after 1 of 2 frames"}));
  cut = file.file();
  cut.pop_back();
  EXPECT_EQ(read(cut).problem,
            (CaptureProblem{cut.size() - 3, "the file ends before all of its frame table"}));
  cut.resize(kHeaderBytes + 16 + kFirst.size() + 1);
  EXPECT_EQ(read(cut).problem, (CaptureProblem{149, "the file ends after 1 of 2 frames"}));
}

/// Frames are read one behind the other, which the table confirms, in whatever order it has them.
TEST(NetworkMonitorFormat, FramesLieWhereTheTableSays) {
  NetworkMonitorFile file;
  file.frame(1, kFirst);
  file.frame(2, kSecond);
  ByteVector table = file.table;
  std::rotate(file.table.begin(), file.table.begin() + 4, file.table.end());
  EXPECT_FALSE(read(file.file()).problem);
  const std::size_t behind = kHeaderBytes + file.frames.size();
  ByteVector other = file.file();
  other[behind] ^= 1U;
  EXPECT_EQ(read(other).packets.size(), 2U);
  EXPECT_EQ(read(other).problem,
            (CaptureProblem{behind, "the frames do not lie where the frame table says"}));
  // Other tables may lie before it.
  const ByteVector all = file.file(behind + 100'000);
  ByteVector apart(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(behind));
  apart.resize(behind + 100'000);
  EXPECT_FALSE(read(joined({apart, table})).problem);
  // A table within the frames is none.
  EXPECT_EQ(read(file.file(behind - 1)).problem,
            (CaptureProblem{behind - 1, "the frames do not lie where the frame table says"}));
}

/// Network Monitor writes the table last.
TEST(NetworkMonitorFormat, OneThatWasNotFinishedIsReadToItsEnd) {
  NetworkMonitorFile file;
  file.frame(1, kFirst);
  file.frame(2, kSecond);
  file.table.clear();
  const Read seen = read(file.file(0));
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.packets.size(), 2U);
}

TEST(NetworkMonitorFormat, WhatCantBeReadIsTold) {
  NetworkMonitorFile file;
  file.frame(1, kFirst);
  ByteVector other = file.file();
  other[5] = 3;
  EXPECT_EQ(read(other).problem, (CaptureProblem{5, "Network Monitor's format, version 3"}));
  EXPECT_EQ(read(file.file(kHeaderBytes)).problem.value_or(CaptureProblem{}).byte, 24U);
  other = file.file();
  other[28] = 3;
  EXPECT_EQ(read(other).problem, (CaptureProblem{28, "a frame table of 3 bytes"}));
  other[28] = 0;  // though there are frames
  EXPECT_EQ(read(other).problem, (CaptureProblem{28, "a frame table of 0 bytes"}));
  EXPECT_FALSE(read(NetworkMonitorFile{}.file()).problem);
  ByteVector large = file.file();
  const ByteVector length = number(limits::kMaxCapturedPacketBytes + 1, 4);
  std::copy(length.begin(), length.end(), large.begin() + kHeaderBytes + 12);
  EXPECT_EQ(read(large).problem,
            (CaptureProblem{128, "a frame of 262145 bytes after 0 of 1 frames"}));
}

}  // namespace
}  // namespace visavis::inspect
