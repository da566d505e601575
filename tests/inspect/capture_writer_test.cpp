#include "inspect/capture/pcapng_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/capture/packet_opener.h"
#include "inspect/capture/tcp_packets.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using ::testing::ElementsAre;

constexpr std::int64_t kTimeUs = 1'700'000'000'123'456;

NetworkEndpoint v4(std::uint8_t last, std::uint16_t port) {
  NetworkEndpoint endpoint;
  endpoint.address = {192, 0, 2, last};
  endpoint.port = port;
  return endpoint;
}

NetworkEndpoint v6(std::uint8_t last, std::uint16_t port) {
  NetworkEndpoint endpoint;
  endpoint.address = {0x20, 0x01, 0x0d, 0xb8};
  endpoint.address[15] = last;
  endpoint.port = port;
  endpoint.v6 = true;
  return endpoint;
}

/// What a reader finds of a packet, and whether its checksums are right (RFC 791 3.1, RFC 9293
/// 3.1), which readers don't ask.
struct Found {
  std::string text;  // "from > to FLAGS seq ack +payload(-missing)"
  bool checksums = false;
};

std::uint32_t sum_of(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += static_cast<std::uint32_t>(i % 2 == 0 ? bytes[i] << 8 : bytes[i]);
  return sum;
}

bool is_all_ones(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

bool has_right_checksums(Bytes packet) {
  const bool six = packet[0] >> 4 == 6;
  const std::size_t header = six ? 40 : 20;
  const Bytes addresses = six ? packet.subspan(8, 32) : packet.subspan(12, 8);
  const Bytes segment = packet.subspan(header);
  const auto length = static_cast<std::uint32_t>(segment.size());
  if (!six && !is_all_ones(sum_of(packet.first(20)))) return false;
  return is_all_ones(sum_of(addresses) + 6 + (length >> 16) + (length & 0xffff) + sum_of(segment));
}

std::string describe(const TcpSegment& tcp) {
  std::string flags;
  if (tcp.syn) flags += 'S';
  if (tcp.ack) flags += 'A';
  if (tcp.fin) flags += 'F';
  if (tcp.rst) flags += 'R';
  std::string text = to_string(tcp.from) + " > " + to_string(tcp.to) + ' ' + flags + ' ' +
                     std::to_string(tcp.sequence) + ' ' + std::to_string(tcp.acknowledged);
  if (!tcp.payload.empty() || tcp.missing > 0) text += " +" + std::to_string(tcp.payload.size());
  if (tcp.missing > 0) text += "(-" + std::to_string(tcp.missing) + ")";
  return text;
}

/// File is a capture file that is being written: every packet that is made goes into it.
class File : public PacketSink {
 public:
  File() {
    writer.section({"x86_64", "Linux 6.1", "visavis 1", ""});
    writer.interface("client leg");
  }
  void packet(Bytes headers, Bytes payload, std::size_t length) override {
    writer.packet(0, kTimeUs, headers, payload, length);
  }
  [[nodiscard]] std::vector<Found> read() const {
    ByteStream stream{Bytes(bytes)};
    CaptureReader reader(stream);
    PacketOpener opener;
    CapturedPacket packet;
    std::vector<Found> found;
    while (reader.next(packet)) {
      const OpenedPacket opened = opener.open(packet);
      EXPECT_TRUE(opened.tcp.has_value());
      if (!opened.tcp) continue;
      const bool whole = packet.bytes.size() == packet.original_length;
      found.push_back({describe(*opened.tcp), whole && has_right_checksums(packet.bytes)});
    }
    EXPECT_FALSE(reader.problem().has_value());
    return found;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const Found& each : read()) texts.push_back(each.text);
    return texts;
  }

  std::vector<std::uint8_t> bytes;
  PcapngWriter writer{bytes};
};

const ByteVector kData(1000, 0x5a);

TEST(TcpPackets, AreAConnectionAsOnTheWire) {
  File file;
  TcpPackets packets(v4(1, 4000), v4(2, 443));
  packets.open(file);
  packets.data(true, Bytes(kData).first(11), 11, file);
  packets.data(false, Bytes(kData).first(333), 333, file);
  packets.fin(true, file);
  packets.data(false, Bytes(kData).first(1), 1, file);
  packets.fin(false, file);
  packets.acknowledge(true, file);
  const std::string out = "192.0.2.1:4000 > 192.0.2.2:443 ";
  const std::string in = "192.0.2.2:443 > 192.0.2.1:4000 ";
  EXPECT_THAT(file.texts(), ElementsAre(out + "S 0 0", in + "SA 0 1", out + "A 1 1",
                                        out + "A 1 1 +11", in + "A 1 12 +333", out + "AF 12 334",
                                        in + "A 334 13 +1", in + "AF 335 13", out + "A 13 336"));
  for (const Found& each : file.read()) EXPECT_TRUE(each.checksums) << each.text;
}

TEST(TcpPackets, AreIpv6BetweenSuchEndsAndBetweenDifferentOnes) {
  File file;
  TcpPackets six(v6(1, 5), v6(2, 443));
  six.open(file);
  six.data(false, kData, kData.size(), file);
  six.rst(true, file);
  TcpPackets mixed(v4(1, 6), v6(2, 443));
  mixed.data(true, Bytes(kData).first(3), 3, file);
  const std::string out = "[2001:db8::1]:5 > [2001:db8::2]:443 ";
  const std::string in = "[2001:db8::2]:443 > [2001:db8::1]:5 ";
  EXPECT_THAT(file.texts(),
              ElementsAre(out + "S 0 0", in + "SA 0 1", out + "A 1 1", in + "A 1 1 +1000",
                          out + "AR 1 1001", "[::ffff:192.0.2.1]:6 > [2001:db8::2]:443 A 0 0 +3"));
  for (const Found& each : file.read()) EXPECT_TRUE(each.checksums) << each.text;
}

/// Whatever comes before it in the same buffer.
TEST(PcapngWriter, MakesTheSameBlockAroundAPayload) {
  ByteVector around;
  for (std::size_t size = 0; size < 9; ++size) {
    for (const std::string_view comment : {"", "c", "four"}) {
      const Bytes payload = Bytes(kData).first(size);
      ByteVector whole;
      PcapngWriter(whole).packet(1, 42, Bytes(kData).first(5), payload, 5 + size, comment, comment);
      const std::size_t begin = around.size();
      const std::size_t place = PcapngWriter(around).packet_around(
          1, 42, Bytes(kData).first(5), payload, 5 + size, comment, comment);
      ByteVector block(around.begin() + static_cast<std::ptrdiff_t>(begin), around.end());
      block.insert(block.begin() + static_cast<std::ptrdiff_t>(place), payload.begin(),
                   payload.end());
      EXPECT_EQ(block, whole) << size << comment;
    }
  }
}

TEST(TcpPackets, AreSeveralWhereOneIsTooLarge) {
  for (const std::size_t size : {TcpPackets::kMaxPayloadBytes, TcpPackets::kMaxPayloadBytes + 1}) {
    File file;
    TcpPackets packets(v4(1, 4000), v4(2, 443));
    const ByteVector data(size, 1);
    packets.data(true, data, size, file);
    const auto found = file.read();
    ASSERT_EQ(found.size(), size > TcpPackets::kMaxPayloadBytes ? 2U : 1U);
    EXPECT_THAT(found.front().text, ::testing::EndsWith(" A 0 0 +65495"));
    EXPECT_THAT(found.back().text,
                ::testing::EndsWith(found.size() == 1 ? "+65495" : "65495 0 +1"));
    for (const Found& each : found) EXPECT_TRUE(each.checksums);
  }
}

/// What is cut off was sent: the numbers go on behind it.
TEST(TcpPackets, AreCutToWhatIsKept) {
  File file;
  TcpPackets packets(v4(1, 4000), v4(2, 443));
  const ByteVector data(TcpPackets::kMaxPayloadBytes + 100, 1);
  packets.data(true, kData, 5, file);
  packets.data(true, kData, 0, file);
  packets.data(true, data, TcpPackets::kMaxPayloadBytes + 30, file);
  const std::string out = "192.0.2.1:4000 > 192.0.2.2:443 A ";
  EXPECT_THAT(file.texts(), ElementsAre(out + "0 0 +5(-995)", out + "1000 0 +0(-1000)",
                                        out + "2000 0 +65495", out + "67495 0 +30(-70)"));
}

/// A window holds 1 GiB, in which numbers can still be told from old ones.
TEST(TcpPackets, OfABulkTransferAreAcknowledgedWhileNothingComesBack) {
  class Counter : public PacketSink {
   public:
    void packet(Bytes headers, Bytes, std::size_t length) override {
      const bool back = headers[15] == 2;  // sent by 192.0.2.2
      if (!back) return;
      ++acknowledgements;
      EXPECT_EQ(length, 40U);
    }
    std::size_t acknowledgements = 0;
  } counter;
  TcpPackets packets(v4(1, 4000), v4(2, 443));
  const ByteVector data(65'495, 0);
  for (std::size_t sent = 0; sent < (std::size_t{5} << 29); sent += data.size())
    packets.data(true, data, 0, counter);
  EXPECT_EQ(counter.acknowledgements, 4U);
}

TEST(PcapngWriter, IsReadBack) {
  std::vector<std::uint8_t> bytes;
  PcapngWriter writer(bytes);
  writer.section({"x86_64", "Linux 6.1", "visavis 1", "a comment"});
  writer.interface("client leg");
  writer.interface("backend leg");
  writer.secrets("CLIENT_RANDOM 00 11\n");
  // Every length, so that every padding is seen.
  for (std::size_t length = 0; length <= 8; ++length)
    writer.packet(length % 2, kTimeUs + static_cast<std::int64_t>(length), Bytes(kData).first(2),
                  Bytes(kData).first(length), length + 2 + length % 3, std::string(length, 'c'));
  ByteStream stream{Bytes(bytes)};
  CaptureReader reader(stream);
  CapturedPacket packet;
  for (std::size_t length = 0; length <= 8; ++length) {
    ASSERT_TRUE(reader.next(packet)) << length;
    EXPECT_EQ(packet.bytes.size(), length + 2);
    EXPECT_EQ(packet.original_length, length + 2 + length % 3);
    EXPECT_EQ(packet.time_ns, (kTimeUs + static_cast<std::int64_t>(length)) * 1000);
    EXPECT_EQ(packet.comment, std::string(length, 'c'));
    EXPECT_EQ(packet.link_type, 101);
    EXPECT_EQ(reader.take_secrets(), length == 0 ? "CLIENT_RANDOM 00 11\n\n" : "");
  }
  EXPECT_FALSE(reader.next(packet));
  EXPECT_FALSE(reader.problem().has_value());
  ASSERT_EQ(reader.interfaces().size(), 2U);
  EXPECT_EQ(reader.interfaces()[0].name, "client leg");
  EXPECT_EQ(reader.interfaces()[1].name, "backend leg");
}

TEST(PcapngWriter, GivesAPacketAnotherTime) {
  File file;
  const std::size_t begin = file.bytes.size();
  file.packet(Bytes(kData).first(4), {}, 4);
  PcapngWriter::set_time(std::span(file.bytes).subspan(begin), kTimeUs + 5'000'000'000);
  ByteStream stream{Bytes(file.bytes)};
  CaptureReader reader(stream);
  CapturedPacket packet;
  ASSERT_TRUE(reader.next(packet));
  EXPECT_EQ(packet.time_ns, (kTimeUs + 5'000'000'000) * 1000);
  EXPECT_EQ(packet.bytes.size(), 4U);
}

/// A block's two lengths stay right: readers that skip blocks use them.
TEST(PcapngWriter, CutsATextThatIsTooLongForItsOption) {
  File file;
  const std::string text(PcapngWriter::kMaxOptionBytes + 5, 'c');
  file.writer.packet(0, kTimeUs, Bytes(kData).first(4), {}, 4, text);
  file.writer.packet(0, kTimeUs, Bytes(kData).first(4), {}, 4, "next");
  ByteStream stream{Bytes(file.bytes)};
  CaptureReader reader(stream);
  CapturedPacket packet;
  ASSERT_TRUE(reader.next(packet));
  EXPECT_EQ(packet.comment, text.substr(0, PcapngWriter::kMaxOptionBytes));
  ASSERT_TRUE(reader.next(packet));
  EXPECT_EQ(packet.comment, "next");
}

}  // namespace
}  // namespace visavis::inspect
