#include "inspect/capture/capture_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::PcapFile;
using test::PcapngFile;
using test::text_bytes;

struct Packet {
  ByteVector bytes;
  int link_type = 0;
  std::int64_t time_ns = 0;
  std::size_t original_length = 0;
  std::string comment{};
  bool timed = true;

  friend bool operator==(const Packet&, const Packet&) = default;
};

struct Read {
  std::vector<Packet> packets;
  std::string secrets;
  std::optional<CaptureProblem> problem;
  bool is_capture = false;
};

Read read(const ByteVector& file) {
  ByteStream stream{Bytes(file)};
  CaptureReader reader(stream);
  Read seen;
  CapturedPacket packet;
  while (reader.next(packet)) {
    EXPECT_EQ(packet.number, seen.packets.size() + 1);
    seen.packets.push_back({{packet.bytes.begin(), packet.bytes.end()},
                            packet.link_type,
                            packet.time_ns,
                            packet.original_length,
                            std::string(packet.comment),
                            packet.timed});
    seen.secrets += reader.take_secrets();
  }
  seen.secrets += reader.take_secrets();
  seen.problem = reader.problem();
  seen.is_capture = reader.is_capture();
  return seen;
}

const ByteVector kFirst{1, 2, 3, 4, 5};
const ByteVector kSecond(70, 0xab);

/// The file up to each byte gives the packets that are whole, and where it breaks off a problem
/// that lies at or before the cut.
void expect_truncation_is_told(const ByteVector& file, const std::vector<std::size_t>& boundaries) {
  const Read whole = read(file);
  ASSERT_FALSE(whole.problem);
  for (std::size_t length = 0; length < file.size(); ++length) {
    const Read cut =
        read(ByteVector(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)));
    ASSERT_LE(cut.packets.size(), whole.packets.size()) << length;
    for (std::size_t i = 0; i < cut.packets.size(); ++i)
      ASSERT_EQ(cut.packets[i], whole.packets[i]) << length;
    const bool boundary =
        std::find(boundaries.begin(), boundaries.end(), length) != boundaries.end();
    ASSERT_EQ(cut.problem.has_value(), !boundary) << length;
    if (cut.problem) {
      ASSERT_LE(cut.problem->byte, length);
    }
  }
}

TEST(CaptureReader, ReadsPcapInBothByteOrdersAndWithNanoseconds) {
  for (const bool big : {false, true})
    for (const bool nano : {false, true}) {
      PcapFile file{.magic = nano ? 0xa1b23c4d : 0xa1b2c3d4, .big = big, .link_type = 113};
      file.begin();
      file.packet(1'700'000'000, 5, kFirst);
      file.packet(1'700'000'001, 999'999, kSecond, 60);
      const Read seen = read(file.bytes);
      ASSERT_FALSE(seen.problem);
      ASSERT_EQ(seen.packets.size(), 2U);
      const std::int64_t unit = nano ? 1 : 1000;
      EXPECT_EQ(seen.packets[0], (Packet{kFirst, 113, 1'700'000'000'000'000'000 + 5 * unit, 5}));
      EXPECT_EQ(seen.packets[1], (Packet{ByteVector(60, 0xab), 113,
                                         1'700'000'001'000'000'000 + 999'999 * unit, 70}));
    }
}

TEST(CaptureReader, ReadsKuznetzovsPacketHeaders) {
  for (const bool big : {false, true}) {
    PcapFile file{.magic = 0xa1b2cd34, .big = big, .extra_header_bytes = 8};
    file.begin();
    file.packet(1, 0, kFirst);
    file.packet(2, 0, kSecond);
    const Read seen = read(file.bytes);
    ASSERT_EQ(seen.packets.size(), 2U);
    EXPECT_EQ(seen.packets[0].bytes, kFirst);
    EXPECT_EQ(seen.packets[1].bytes, kSecond);
  }
}

TEST(CaptureReader, ALinkTypesUpperBitsAreNoPartOfIt) {
  PcapFile file{.link_type = 0xf8000001};  // a frame check sequence of 4 bytes: its length is told
  file.begin();
  file.packet(1, 0, kFirst);
  EXPECT_EQ(read(file.bytes).packets.at(0).link_type, 1);
}

TEST(CaptureReader, PcapBrokenOffAtEachByteIsTold) {
  PcapFile file;
  file.begin();
  std::vector<std::size_t> boundaries{file.bytes.size()};
  file.packet(1, 0, kFirst);
  boundaries.push_back(file.bytes.size());
  file.packet(2, 0, kSecond);
  expect_truncation_is_told(file.bytes, boundaries);
}

TEST(CaptureReader, APcapPacketOfImpossibleLengthStopsAtItsByte) {
  PcapFile file;
  file.begin();
  file.packet(1, 0, kFirst);
  const std::size_t at = file.bytes.size();
  file.packet(2, 0, kSecond);
  for (const std::size_t byte : {at + 10, at + 11}) {
    ByteVector broken = file.bytes;
    broken[byte] = 0x7f;
    const Read seen = read(broken);
    EXPECT_EQ(seen.packets.size(), 1U);
    ASSERT_TRUE(seen.problem);
    EXPECT_EQ(seen.problem->byte, at);
  }
  ByteVector longer = file.bytes;
  ++longer[at + 8];
  EXPECT_EQ(read(longer).problem,
            (CaptureProblem{at, "the file ends in a packet: 86 of its 87 bytes"}));
  ByteVector shorter = file.bytes;
  --shorter[at + 8];
  EXPECT_EQ(read(shorter).problem->byte, file.bytes.size() - 1);
}

PcapngFile pcapng_with_all(bool big, std::vector<std::size_t>& boundaries) {
  PcapngFile file{.big = big};
  const auto ended = [&] { boundaries.push_back(file.bytes.size()); };
  file.section(), ended();
  file.interface(1, 0, joined({file.option(2, text_bytes("eth0")), file.option(0, {})})), ended();
  file.interface(113, 64, joined({file.option(9, {9}), file.option(14, file.number(1000, 8))}));
  ended();
  file.secrets(0x544c534b, "CLIENT_RANDOM 00 11"), ended();
  file.secrets(0x57474b4c, "not of TLS"), ended();
  file.enhanced(0, 1'700'000'000'000'001, kFirst,
                joined({file.option(1, text_bytes("hello there")), file.option(0, {})}));
  ended();
  file.enhanced(1, 5'000'000'007, kSecond), ended();
  file.block(4, ByteVector(12, 0)), ended();  // name resolution
  file.simple(kFirst, kFirst.size()), ended();
  file.section(), ended();
  file.interface(101, 3, {}), ended();
  file.simple(ByteVector(kFirst.begin(), kFirst.begin() + 3), kFirst.size()), ended();
  return file;
}

TEST(CaptureReader, ReadsPcapngInBothByteOrders) {
  for (const bool big : {false, true}) {
    std::vector<std::size_t> boundaries;
    const Read seen = read(pcapng_with_all(big, boundaries).bytes);
    ASSERT_FALSE(seen.problem) << seen.problem->what;
    const ByteVector cut(kFirst.begin(), kFirst.begin() + 3);
    const std::vector<Packet> expected{
        {kFirst, 1, 1'700'000'000'000'001'000, 5, "hello there"},
        {kSecond, 113, 1'005'000'000'007, 70},
        {kFirst, 1, 0, 5, {}, false},
        {cut, 101, 0, 5, {}, false},
    };
    EXPECT_EQ(seen.packets, expected);
    EXPECT_EQ(seen.secrets, "CLIENT_RANDOM 00 11\n");
  }
}

TEST(CaptureReader, SectionsOfDifferentByteOrdersFollowEachOther) {
  std::vector<std::size_t> ignored;
  const Read seen =
      read(joined({pcapng_with_all(true, ignored).bytes, pcapng_with_all(false, ignored).bytes}));
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.packets.size(), 8U);
}

TEST(CaptureReader, PcapngBrokenOffAtEachByteIsTold) {
  for (const bool big : {false, true}) {
    std::vector<std::size_t> boundaries;
    const PcapngFile file = pcapng_with_all(big, boundaries);
    expect_truncation_is_told(file.bytes, boundaries);
  }
}

TEST(CaptureReader, TimeResolutionsOfTenAndOfTwo) {
  struct Case {
    std::uint8_t resolution;
    std::uint64_t stamp;
    std::int64_t time_ns;
  };
  for (const Case& each : {Case{0, 3, 3'000'000'000}, Case{3, 1500, 1'500'000'000},
                           Case{9, 1'500'000'001, 1'500'000'001}, Case{0x81, 3, 1'500'000'000},
                           Case{12, 2'000'000'000'000, 2'000'000'000}}) {
    PcapngFile file;
    file.section();
    file.interface(1, 0, file.option(9, {each.resolution}));
    file.enhanced(0, each.stamp, kFirst);
    EXPECT_EQ(read(file.bytes).packets.at(0).time_ns, each.time_ns) << int{each.resolution};
  }
  PcapngFile file;
  file.section();
  const std::size_t at = file.bytes.size();
  file.interface(1, 0, file.option(9, {99}));
  EXPECT_EQ(read(file.bytes).problem,
            (CaptureProblem{at, "an interface's time resolution is out of range"}));
}

/// Damaged stamps of any time: later code takes differences, and adds seconds.
TEST(CaptureReader, TimesStayWhereTheyCanBeCountedWith) {
  constexpr std::int64_t kMost = INT64_MAX - 5'000'000'000;
  for (const std::uint8_t sign : ByteVector{0x00, 0x7f, 0x80, 0xff})
    for (const std::uint64_t stamp : {std::uint64_t{0}, UINT64_MAX / 3, UINT64_MAX})
      for (const std::uint8_t resolution : ByteVector{0, 6, 9, 0x80, 0xbf}) {
        PcapngFile file;
        file.section();
        ByteVector offset(8, sign == 0x7f ? 0xff : sign);
        offset.back() = sign;
        file.interface(1, 0, joined({file.option(9, {resolution}), file.option(14, offset)}));
        file.enhanced(0, stamp, kFirst);
        const std::int64_t time_ns = read(file.bytes).packets.at(0).time_ns;
        EXPECT_GE(time_ns, 0) << stamp << ' ' << int{sign} << ' ' << int{resolution};
        EXPECT_LE(time_ns, kMost) << stamp << ' ' << int{sign} << ' ' << int{resolution};
      }
}

TEST(CaptureReader, BrokenPcapngBlocksAreToldWithTheirByte) {
  std::vector<std::size_t> boundaries;
  const PcapngFile file = pcapng_with_all(false, boundaries);
  const std::size_t at = boundaries[4];  // the first packet's block
  const auto broken = [&](std::size_t byte, std::uint8_t value) {
    ByteVector copy = file.bytes;
    copy[byte] = value;
    return read(copy).problem;
  };
  const auto length = file.bytes[at + 4];
  EXPECT_EQ(broken(at + 4, static_cast<std::uint8_t>(length + 1))->byte, at);
  EXPECT_EQ(broken(at + 4, 8)->what, "a block of 8 bytes");
  EXPECT_EQ(broken(boundaries[5] - 4, 0),
            (CaptureProblem{boundaries[5] - 4, "a block's two lengths differ"}));
  EXPECT_EQ(broken(at + 8, 7),
            (CaptureProblem{at, "a packet of interface 7, which the section does not describe"}));
  EXPECT_EQ(broken(at + 20, 200), (CaptureProblem{at, "a packet is longer than its block"}));
  EXPECT_EQ(broken(8, 0), (CaptureProblem{8, "a section of unknown byte order"}));
}

TEST(CaptureReader, ABlockTooLargeToReadIsPassedOver) {
  PcapngFile file;
  file.section();
  file.interface(1, 0);
  file.block(0x0bad, ByteVector(17U * 1024 * 1024, 1));
  file.enhanced(0, 0, kFirst);
  const Read seen = read(file.bytes);
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.packets.size(), 1U);
}

TEST(CaptureReader, WhatIsNoCaptureIsNamed) {
  const auto looks = [](const ByteVector& bytes) {
    const Read seen = read(bytes);
    EXPECT_FALSE(seen.is_capture);
    EXPECT_TRUE(seen.packets.empty());
    return seen.problem ? seen.problem->what : "";
  };
  EXPECT_EQ(looks({}), "the file is empty");
  EXPECT_EQ(looks(text_bytes("{\"a\":1}\n")), "no capture, but JSON text");
  EXPECT_EQ(looks(text_bytes("just some words\n")), "no capture, but text");
  EXPECT_EQ(looks(text_bytes("RTSS\x01\x02")),
            "no capture, but a Network Monitor 1 capture: save it as pcap with Wireshark");
  EXPECT_EQ(looks({0x1f, 0x8b, 8, 0}), "no capture, but gzip: unpack it first (gunzip)");
  EXPECT_EQ(looks(text_bytes("-----BEGIN CERTIFICATE-----\n")),
            "no capture, but PEM text (certificates or keys)");
  EXPECT_EQ(looks(ByteVector(64, 0xee)), "no capture: neither pcap, pcapng nor Network Monitor's");
  EXPECT_EQ(looks({0xa1, 0xb2}), "no capture: neither pcap, pcapng nor Network Monitor's");
}

}  // namespace
}  // namespace visavis::inspect
