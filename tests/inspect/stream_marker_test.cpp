// What two captures of one stream are compared by, and how long a capture went on.
#include "inspect/capture/stream_marker.h"

#include <gtest/gtest.h>

#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"
#include "tests/inspect/end_captures.h"
#include "tests/support/sample_reports.h"
#include "tests/support/test_certificates.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;

ByteVector counted(std::size_t bytes) {
  ByteVector all(bytes);
  for (std::size_t i = 0; i < bytes; ++i) all[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8));
  return all;
}

StreamMarks marks_of(const ByteVector& stream, std::size_t piece) {
  StreamMarker marker;
  for (std::size_t at = 0; at < stream.size(); at += piece)
    marker.data(Bytes(stream).subspan(at, std::min(piece, stream.size() - at)));
  return marker.marks(0);
}

TEST(StreamMarker, AnyChunkingGivesTheSameMarks) {
  const ByteVector stream = counted(20'003);
  const StreamMarks whole = marks_of(stream, stream.size());
  EXPECT_EQ(whole.bytes, 20'003U);
  EXPECT_EQ(whole.beginnings.size(), 4U);
  for (const std::size_t piece : {1U, 3U, 7U, 8U, 1460U, 4095U, 4096U, 4097U, 16'384U})
    EXPECT_EQ(marks_of(stream, piece), whole) << piece;
}

TEST(StreamMarker, EveryChangedByteShowsInItsBeginningAndBehindIt) {
  const ByteVector stream = counted(9000);
  const StreamMarks whole = marks_of(stream, stream.size());
  for (std::size_t at = 0; at < stream.size(); at += 13) {
    ByteVector changed = stream;
    changed[at] ^= 1;
    const StreamMarks marks = marks_of(changed, changed.size());
    EXPECT_NE(marks.all, whole.all) << at;
    for (std::size_t i = 0; i < whole.beginnings.size(); ++i)
      EXPECT_EQ(marks.beginnings[i] == whole.beginnings[i], stream_mark_position(i) <= at) << at;
  }
}

TEST(StreamMarker, BeginningsOfALongStreamAreFewAndTheirPositionsKnown) {
  EXPECT_EQ(stream_mark_position(0), 4096U);
  EXPECT_EQ(stream_mark_position(63), 256U * 1024);
  EXPECT_EQ(stream_mark_position(64), 512U * 1024);
  EXPECT_EQ(stream_mark_position(66), 2048U * 1024);
  EXPECT_EQ(marks_of(ByteVector(3U * 1024 * 1024), 65'536).beginnings.size(), 67U);
}

TcpSegment segment(std::uint32_t sequence, std::size_t bytes, const ByteVector& from) {
  TcpSegment made;
  made.sequence = sequence;
  made.payload = Bytes(from).first(bytes);
  return made;
}

TEST(StreamMarker, WhatWaitsForAnAcknowledgmentIsCountedFromItsFirstSending) {
  const ByteVector bytes(1000);
  StreamMarker marker;
  TcpSegment syn;
  syn.syn = true;
  syn.sequence = 0xfffffff0;  // the numbers wrap
  marker.packet(syn, 0);
  marker.acknowledged(0xfffffff1, 10);
  EXPECT_EQ(marker.marks(20).unacknowledged, 0U);
  marker.packet(segment(0xfffffff1, 1000, bytes), 100);
  marker.packet(segment(0xfffffff1, 1000, bytes), 300);  // again
  EXPECT_EQ(marker.marks(700).unacknowledged, 1000U);
  EXPECT_EQ(marker.marks(700).unacknowledged_us, 600);
  marker.acknowledged(0xfffffff1 + 400U, 800);
  EXPECT_EQ(marker.marks(900).unacknowledged, 600U);
  EXPECT_EQ(marker.marks(900).unacknowledged_us, 100);
  EXPECT_FALSE(marker.marks(900).more_acknowledged);
  marker.acknowledged(0xfffffff1 + 1001U, 1000);  // a FIN that was not seen
  EXPECT_EQ(marker.marks(1100).unacknowledged, 0U);
  EXPECT_TRUE(marker.marks(1100).more_acknowledged);
}

TEST(StreamMarker, MarksReadBackFromJson) {
  SessionReport session = test::passthrough_session();
  CaptureView& view = session.direct_leg->capture.emplace();
  view.silent_us = 5'000'000;
  view.c2s_marks = StreamMarks{20'003, {1, UINT64_MAX}, 0xdeadbeef, 7, 8, true};
  view.s2c_marks.emplace();
  const std::string json = render_json(session);
  std::string problem;
  const auto read = read_session_json(json, &problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(*read, session);
  std::string wrong = json;
  wrong.replace(wrong.find("deadbeef"), 8, "deadbeez");
  EXPECT_FALSE(read_session_json(wrong, &problem));
  EXPECT_NE(problem.find("a number in hex was expected"), std::string::npos) << problem;
}

/// Interface Statistics Blocks: draft-ietf-opsawg-pcapng 4.6. dumpcap 4.0 writes microseconds there
/// though its interface counts nanoseconds; both are read.
TEST(CaptureEnd, IsWhatTheInterfacesStatisticsSay) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::uint64_t kPacket = 1'767'225'600 * kSecond;
  constexpr std::uint64_t kEnd = kPacket + 9 * kSecond;
  for (const bool big : {false, true})
    for (const std::uint64_t stamp : {kEnd, kEnd / 1000}) {
      test::PcapngFile file{.big = big};
      file.section();
      file.interface(1, 0, file.option(9, {9}));
      file.enhanced(0, kPacket, test::ethernet_frame(0x0800, {}));
      ByteVector when = file.number(stamp >> 32, 4);
      for (const std::uint8_t byte : file.number(stamp & 0xffffffff, 4)) when.push_back(byte);
      ByteVector body = file.number(0, 4);
      body.resize(12);
      for (const std::uint8_t byte : file.option(3, when)) body.push_back(byte);
      file.block(5, body);
      for (std::size_t cut = 0; cut <= 1; ++cut) {
        const testing::TemporaryDirectory folder;
        const auto path = folder.write(
            "a.pcapng", std::string(file.bytes.begin(), file.bytes.end() - static_cast<int>(cut)));
        ByteStream stream(path);
        CaptureReader reader(stream);
        CapturedPacket packet;
        EXPECT_TRUE(reader.next(packet));
        EXPECT_FALSE(reader.ended_ns());
        EXPECT_FALSE(reader.next(packet));
        if (cut == 0) {
          EXPECT_EQ(reader.ended_ns().value_or(0) / 1000, static_cast<std::int64_t>(kEnd / 1000));
        } else {
          EXPECT_FALSE(reader.ended_ns());
        }
      }
    }
}

}  // namespace
}  // namespace visavis::inspect
