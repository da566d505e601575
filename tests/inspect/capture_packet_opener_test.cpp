#include <gtest/gtest.h>

#include "inspect/capture/packet_opener.h"
#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::big_endian;
using test::ByteVector;
using test::ethernet_frame;
using test::from_hex;
using test::ipv4_packet;
using test::ipv6_packet;
using test::joined;
using test::kTcpNumber;
using test::kUdpNumber;
using test::TcpPacket;
using test::text_bytes;
using test::udp_packet;

const TcpPacket kPacket{.sequence = 7, .acknowledged = 9, .flags = "A", .payload = {1, 2, 3}};

struct Seen {
  std::string from;
  std::string to;
  ByteVector payload;
  std::size_t missing = 0;

  friend bool operator==(const Seen&, const Seen&) = default;
};

std::optional<Seen> open_with(PacketOpener& opener, const ByteVector& frame, int link_type = 1) {
  const OpenedPacket opened = opener.open({.link_type = link_type, .bytes = Bytes(frame)});
  if (!opened.tcp) return std::nullopt;
  return Seen{to_string(opened.tcp->from), to_string(opened.tcp->to),
              ByteVector(opened.tcp->payload.begin(), opened.tcp->payload.end()),
              opened.tcp->missing};
}

std::optional<Seen> open(const ByteVector& frame, int link_type = 1) {
  PacketOpener opener;
  return open_with(opener, frame, link_type);
}

const Seen kV4{"10.0.0.1:1000", "10.0.0.2:443", {1, 2, 3}};
const Seen kV6{"[2001:db8::1]:1000", "[2001:db8::2]:443", {1, 2, 3}};

ByteVector v4() { return ipv4_packet(kTcpNumber, kPacket.bytes()); }
ByteVector v6() { return ipv6_packet(kTcpNumber, kPacket.bytes()); }

TEST(PacketOpener, ReadsTcpsHeader) {
  PacketOpener opener;
  TcpPacket packet = kPacket;
  packet.flags = "SAFR";
  packet.options = {1, 1, 1, 1, 1, 1, 1, 1};
  const ByteVector frame = test::tcp_frame(packet);
  const auto tcp =
      opener.open({.link_type = 1, .bytes = Bytes(frame), .time_ns = 5, .number = 6}).tcp;
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->sequence, 7U);
  EXPECT_EQ(tcp->acknowledged, 9U);
  EXPECT_TRUE(tcp->syn && tcp->ack && tcp->fin && tcp->rst);
  EXPECT_EQ(tcp->payload.size(), 3U);
  EXPECT_EQ(tcp->time_ns, 5);
  EXPECT_EQ(tcp->packet, 6U);
}

TEST(PacketOpener, OpensEveryLinkLayer) {
  const ByteVector tagged = joined({{0, 5}, big_endian(0x0800, 2), v4()});
  EXPECT_EQ(open(ethernet_frame(0x0800, v4())), kV4);
  EXPECT_EQ(open(ethernet_frame(0x86dd, v6())), kV6);
  EXPECT_EQ(open(ethernet_frame(0x8100, tagged)), kV4);
  EXPECT_EQ(open(ethernet_frame(0x88a8, joined({{0, 1}, big_endian(0x8100, 2), tagged}))), kV4);
  EXPECT_EQ(open(ethernet_frame(0x8847, joined({{0, 1, 0x00, 64, 0, 2, 0x01, 64}, v4()}))), kV4);
  EXPECT_EQ(open(joined({ByteVector(14, 0), big_endian(0x0800, 2), v4()}), 113), kV4);
  EXPECT_EQ(open(joined({big_endian(0x86dd, 2), ByteVector(18, 0), v6()}), 276), kV6);
  EXPECT_EQ(open(joined({{2, 0, 0, 0}, v4()}), 0), kV4);
  EXPECT_EQ(open(joined({{0, 0, 0, 30}, v6()}), 108), kV6);
  for (const int raw : {12, 14, 101}) {
    EXPECT_EQ(open(v4(), raw), kV4) << raw;
    EXPECT_EQ(open(v6(), raw), kV6) << raw;
  }
  EXPECT_EQ(open(v4(), 228), kV4);
  EXPECT_EQ(open(v6(), 229), kV6);
  EXPECT_EQ(open(v4(), 9999), std::nullopt);
}

TEST(PacketOpener, PaddingOfAShortFrameIsNoPayload) {
  EXPECT_EQ(open(joined({ethernet_frame(0x0800, v4()), ByteVector(6, 0)})), kV4);
}

TEST(PacketOpener, ALengthOfZeroIsWhatSegmentationOffloadLeaves) {
  ByteVector packet = v4();
  packet[2] = packet[3] = 0;
  EXPECT_EQ(open(packet, 101), kV4);
  packet = v6();
  packet[4] = packet[5] = 0;
  EXPECT_EQ(open(packet, 101), kV6);
}

TEST(PacketOpener, WhatTheSnapLengthCutOffIsCounted) {
  for (const ByteVector& whole : {v4(), v6()}) {
    ByteVector cut = whole;
    cut.resize(whole.size() - 2);
    const auto seen = open(cut, 101);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->payload, ByteVector{1});
    EXPECT_EQ(seen->missing, 2U);
  }
}

TEST(PacketOpener, ExtensionHeadersArePassedOver) {
  const ByteVector hop{43, 0, 1, 4, 0, 0, 0, 0};
  const ByteVector routing{60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const ByteVector destination{51, 0, 1, 4, 0, 0, 0, 0};
  const ByteVector authentication{44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const ByteVector only_fragment{kTcpNumber, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(open(ipv6_packet(0, joined({hop, routing, destination, authentication, only_fragment,
                                        kPacket.bytes()})),
                 101),
            kV6);
}

TEST(PacketOpener, FragmentsArePutTogetherInAnyOrder) {
  TcpPacket packet = kPacket;
  packet.payload = ByteVector(100, 0x5a);
  const ByteVector bytes = packet.bytes();
  const auto part = [&](std::size_t begin, std::size_t end) {
    return ByteVector(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                      bytes.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const std::size_t end = bytes.size();
  const auto piece = [&](bool v6_too, std::size_t from, std::size_t to) {
    const test::Fragment place{77, from, to < end};
    return v6_too ? ipv6_packet(44, test::ipv6_fragment(kTcpNumber, place, part(from, to)))
                  : ipv4_packet(kTcpNumber, part(from, to), true, place);
  };
  for (const bool over_v6 : {false, true}) {
    PacketOpener opener;
    EXPECT_EQ(open_with(opener, piece(over_v6, 80, end), 101), std::nullopt);
    EXPECT_EQ(open_with(opener, piece(over_v6, 0, 40), 101), std::nullopt);
    const auto seen = open_with(opener, piece(over_v6, 40, 80), 101);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->payload, packet.payload);
    // Another packet of the same number is a packet of its own.
    EXPECT_EQ(open_with(opener, piece(over_v6, 0, 40), 101), std::nullopt);
  }
  PacketOpener opener;  // overlapping: the first bytes stay
  EXPECT_EQ(open_with(opener, piece(false, 0, 64), 101), std::nullopt);
  ByteVector other = piece(false, 40, end);
  for (std::size_t i = 20; i < 20 + 24; ++i) other[i] = 0xff;
  const auto seen = open_with(opener, other, 101);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->payload, packet.payload);
}

TEST(FragmentStore, KeepsABoundedNumberOfPackets) {
  FragmentStore store;
  const ByteVector piece(8, 1);
  for (std::uint32_t id = 0; id <= FragmentStore::kMaxPackets; ++id)
    EXPECT_TRUE(store.add({{}, {}, id, 6}, 0, true, piece).empty());
  EXPECT_TRUE(store.add({{}, {}, 0, 6}, 8, false, piece).empty()) << "the oldest is gone";
  EXPECT_EQ(store.add({{}, {}, 5, 6}, 8, false, piece).size(), 16U);
  for (std::size_t i = 0; i < 2 * FragmentStore::kMaxFragments; ++i)
    EXPECT_TRUE(store.add({{}, {}, 999, 6}, 16 * i, true, piece).empty());
  EXPECT_TRUE(store.add({{}, {}, 6, 6}, 65'528, false, piece).empty()) << "longer than a packet";
}

TEST(PacketOpener, OpensTunnels) {
  const ByteVector frame = ethernet_frame(0x0800, v4());
  const auto over_udp = [](std::uint16_t port, const ByteVector& payload) {
    return ipv6_packet(kUdpNumber, udp_packet(999, port, payload));
  };
  EXPECT_EQ(open(over_udp(4789, joined({{8, 0, 0, 0, 0, 0, 1, 0}, frame})), 101), kV4);
  EXPECT_EQ(open(over_udp(6081, joined({{0, 0, 0x65, 0x58, 0, 0, 1, 0}, frame})), 101), kV4);
  EXPECT_EQ(open(over_udp(2152, joined({{0x30, 0xff, 0, 9, 0, 0, 0, 1}, v4()})), 101), kV4);
  EXPECT_EQ(open(ipv4_packet(4, v4()), 101), kV4);
  EXPECT_EQ(open(ipv4_packet(41, v6()), 101), kV6);
  EXPECT_EQ(open(ipv4_packet(47, joined({{0, 0, 0x08, 0}, v4()})), 101), kV4);
  EXPECT_EQ(open(ipv4_packet(47, joined({{0x20, 0, 0x65, 0x58, 0, 0, 0, 7}, frame})), 101), kV4);
}

TEST(PacketOpener, NoTunnelIsEndless) {
  ByteVector packet = v4();
  for (int i = 0; i < 3; ++i) packet = ipv4_packet(4, packet);
  EXPECT_EQ(open(packet, 101), kV4);
  for (int i = 0; i < 10; ++i) packet = ipv4_packet(4, packet);
  EXPECT_EQ(open(packet, 101), std::nullopt);
}

TEST(PacketOpener, ADatagramIsNamedByItsPorts) {
  PacketOpener opener;
  const ByteVector packet = ipv4_packet(kUdpNumber, udp_packet(5000, 443, {7, 8}));
  const auto opened = opener.open({.link_type = 101, .bytes = Bytes(packet)});
  ASSERT_TRUE(opened.udp);
  EXPECT_EQ(to_string(opened.udp->from), "10.0.0.1:5000");
  EXPECT_EQ(to_string(opened.udp->to), "10.0.0.2:443");
  EXPECT_EQ(ByteVector(opened.udp->payload.begin(), opened.udp->payload.end()), (ByteVector{7, 8}));
}

TEST(PacketOpener, PacketsCutAtEachByteAreNoError) {
  const ByteVector frame = ethernet_frame(0x0800, v4());
  const ByteVector hop{kTcpNumber, 0, 1, 4, 0, 0, 0, 0};
  const std::vector<ByteVector> frames{
      frame, ethernet_frame(0x8100, joined({{0, 5}, big_endian(0x86dd, 2), v6()})),
      ethernet_frame(0x86dd, ipv6_packet(0, joined({hop, kPacket.bytes()}))),
      ethernet_frame(
          0x0800, ipv4_packet(kUdpNumber, udp_packet(1, 4789, joined({ByteVector(8, 0), frame})))),
      ethernet_frame(0x0800,
                     ipv4_packet(47, joined({{0xb0, 0, 0x08, 0}, ByteVector(12, 0), v4()})))};
  for (const ByteVector& whole : frames) {
    ASSERT_TRUE(open(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto seen =
          open(ByteVector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
      if (seen) {
        EXPECT_EQ(seen->payload.size() + seen->missing, 3U) << length;
      }
    }
  }
}

TEST(NetworkEndpoint, IsWrittenAsRfc5952HasIt) {
  const auto text = [](std::string_view hex) {
    NetworkEndpoint endpoint;
    const ByteVector bytes = from_hex(hex);
    std::copy(bytes.begin(), bytes.end(), endpoint.address.begin());
    endpoint.v6 = bytes.size() == 16;
    endpoint.port = 443;
    return to_string(endpoint);
  };
  EXPECT_EQ(text("c0000201"), "192.0.2.1:443");
  EXPECT_EQ(text("20010db8 00000000 00000000 00000001"), "[2001:db8::1]:443");
  EXPECT_EQ(text("20010db8 00000001 00010001 00010001"), "[2001:db8:0:1:1:1:1:1]:443");
  EXPECT_EQ(text("20010db8 00000000 00010000 00000001"), "[2001:db8::1:0:0:1]:443");
  EXPECT_EQ(text("00000000 00000000 00000000 00000000"), "[::]:443");
  EXPECT_EQ(text("00000000 00000000 00000000 00000001"), "[::1]:443");
  EXPECT_EQ(text("fe800000 00000000 00000000 00000000"), "[fe80::]:443");
  EXPECT_EQ(text("00000000 00000000 0000ffff c0000201"), "[::ffff:192.0.2.1]:443");
}

}  // namespace
}  // namespace visavis::inspect
