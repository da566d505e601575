// The capture of a bundle: packets masked in place, at their old sequence numbers, with right
// checksums, of the chosen connections only.
#include "inspect/bundle/bundle_capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/bundle/masked_packet.h"
#include "inspect/capture/capture_reader.h"
#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::text_bytes;
using ::testing::HasSubstr;
using ::testing::Not;

const Mask::Key kKey{4, 5, 6};
const std::string kSecret = "PlantedTicketOfSomebody";

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

ByteVector hello_bytes() {
  test::HelloBytes hello;
  hello.extensions = {test::server_name("shop.example.com"), {35, text_bytes(kSecret)}};
  return test::record(22, 0x0301, hello.message());
}

SessionReport session_of(const std::string& from, const std::string& to) {
  SessionReport session;
  session.id = "tcp-0";
  session.started = "1970-01-01T00:00:10.000Z";
  session.duration_ms = 5000;
  session.client = from;
  session.backend = to;
  session.direct_leg.emplace();
  session.direct_leg->from = from;
  session.direct_leg->to = to;
  session.direct_leg->client_hello.emplace();
  session.direct_leg->client_hello->random = std::string(64, '1');
  return session;
}

struct Written {
  std::vector<ByteVector> packets;
  std::vector<std::size_t> original_lengths;
  std::string secrets;
  ByteVector file;
};

Written written(const ByteVector& capture, bool addresses = false, bool secrets = false,
                const std::string& key_log = "") {
  Redaction redaction(kKey, addresses, {});
  ChosenSessions chosen;
  const SessionReport session = session_of("10.0.0.1:1000", "10.0.0.2:443");
  redaction.learn(session);
  chosen.add(session);
  BundleCapture bundle(chosen, redaction, secrets);
  bundle.add_secrets(key_log);
  ByteStream first{Bytes(capture)};
  bundle.study(first);
  ByteStream second{Bytes(capture)};
  bundle.copy(second);
  Written out;
  out.file = bundle.take();
  if (out.file.empty()) return out;
  ByteStream stream{Bytes(out.file)};
  CaptureReader reader(stream);
  CapturedPacket packet;
  while (reader.next(packet)) {
    out.packets.emplace_back(packet.bytes.begin(), packet.bytes.end());
    out.original_lengths.push_back(packet.original_length);
    out.secrets += reader.take_secrets();
  }
  EXPECT_FALSE(reader.problem());
  return out;
}

std::uint32_t sum_of(Bytes bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8U : std::uint32_t{bytes[i]};
  return sum;
}

/// RFC 791 3.1 and RFC 9293 3.1: with the checksum the sum is all ones.
bool has_right_checksums(Bytes packet) {
  const auto folded = [](std::uint32_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
  };
  const Bytes tcp = packet.subspan(20);
  const std::uint32_t pseudo =
      sum_of(packet.subspan(12, 8)) + 6U + static_cast<std::uint32_t>(tcp.size());
  return folded(sum_of(packet.first(20))) == 0xffff && folded(sum_of(tcp, pseudo)) == 0xffff;
}

/// The client's hello in two packets, the first of them sent twice, and another connection's.
test::PcapFile conversation(std::size_t snap = SIZE_MAX) {
  const ByteVector hello = hello_bytes();
  const auto middle = static_cast<long>(text_of(hello).find(kSecret) + 8);
  const ByteVector head(hello.begin(), hello.begin() + middle);
  const ByteVector tail(hello.begin() + middle, hello.end());
  const auto size = static_cast<std::uint32_t>(head.size());
  test::PcapFile file;
  file.begin();
  const auto add = [&](std::uint32_t second, const test::TcpPacket& packet) {
    file.packet(second, 0, test::tcp_frame(packet), snap);
  };
  add(10, {true, 0xfffffff0, 0, "S"});
  add(10, {false, 500, 0xfffffff1, "SA"});
  add(10, {true, 0xfffffff1, 501, "A", head});
  add(11, {true, 0xfffffff1, 501, "A", head});
  add(11, {true, 0xfffffff1 + size, 501, "A", tail});
  add(11, {true, 0xfffffff1 + size - 1, 501, "A", ByteVector{head.back()}});
  add(12, {true, 1, 0, "A", hello, 2000});
  add(14, {false, 501, 0xfffffff1 + size, "RA", text_bytes(kSecret)});
  return file;
}

TEST(BundleCapture, MasksEveryCopyOfASecretAtItsPlace) {
  const Written out = written(conversation().bytes);
  ASSERT_EQ(out.packets.size(), 7U) << "the other connection's packet is not there";
  for (const ByteVector& packet : out.packets) {
    EXPECT_TRUE(has_right_checksums(packet));
    EXPECT_THAT(text_of(packet), Not(HasSubstr("Plant")));
    EXPECT_THAT(text_of(packet), Not(HasSubstr("Somebody")));
  }
  EXPECT_EQ(out.packets[2], out.packets[3]);
  EXPECT_EQ(out.packets[5].back(), out.packets[2].back()) << "a keep-alive's byte is masked, too";
  EXPECT_THAT(text_of(out.packets[2]), HasSubstr("shop.example.com"));
  const std::string whole = text_of(out.packets[2]).substr(40) + text_of(out.packets[4]).substr(40);
  EXPECT_EQ(whole.size(), hello_bytes().size());
  EXPECT_THAT(whole, HasSubstr("masked-"));
  EXPECT_EQ(text_of(out.packets[6]).substr(40), std::string(kSecret.size(), 'x'));
}

TEST(BundleCapture, AtOtherTimesTheSameEndpointsAreAnotherConnection) {
  test::PcapFile file;
  file.begin();
  file.packet(3000, 0, test::tcp_frame({true, 1, 0, "S"}));
  EXPECT_TRUE(written(file.bytes).file.empty());
}

TEST(BundleCapture, MasksAddressesAlikeInAllPackets) {
  const Written out = written(conversation().bytes, true);
  ASSERT_FALSE(out.packets.empty());
  const ByteVector client(out.packets[0].begin() + 12, out.packets[0].begin() + 16);
  EXPECT_EQ(client[0], 198);
  EXPECT_EQ(client[1] & 0xfe, 18);
  for (const ByteVector& packet : out.packets) EXPECT_TRUE(has_right_checksums(packet));
  const ByteVector back(out.packets[1].begin() + 16, out.packets[1].begin() + 20);
  EXPECT_EQ(back, client);
  const ByteVector server(out.packets[0].begin() + 16, out.packets[0].begin() + 20);
  EXPECT_EQ(server, (ByteVector{10, 0, 0, 2}));
}

TEST(BundleCapture, OfCutPacketsTheChecksumsChangeByWhatWasMasked) {
  // What a capture of 100 bytes a packet has of the hello: masked, its checksum is still that of
  // the bytes that are there, corrected by the difference (RFC 1624 3).
  const ByteVector hello = hello_bytes();
  const Mask mask(kKey);
  const ByteVector frame = test::tcp_frame({true, 1, 501, "A", hello});
  CapturedPacket captured;
  captured.link_type = 1;
  captured.bytes = frame;
  PacketOpener opener;
  const MaskedPacket right = masked_packet(*opener.open(captured).tcp, hello, AddressMask(mask));
  ByteVector whole = right.headers;
  whole.insert(whole.end(), right.payload.begin(), right.payload.end());
  ASSERT_TRUE(has_right_checksums(whole));
  captured.link_type = 101;
  captured.bytes = Bytes(whole).first(whole.size() - 11);
  captured.original_length = whole.size();
  const auto opened = opener.open(captured);
  ASSERT_TRUE(opened.tcp);
  ASSERT_EQ(opened.tcp->missing, 11U);
  AddressMask addresses(mask);
  addresses.add("10.0.0.1:1000");
  ByteVector payload(opened.tcp->payload.begin(), opened.tcp->payload.end());
  payload[7] = 0x55;
  payload[8] = 0xaa;
  const MaskedPacket masked = masked_packet(*opened.tcp, payload, addresses);
  EXPECT_EQ(masked.original_length, whole.size());
  // With the bytes that were cut off it is right.
  ByteVector completed = masked.headers;
  completed.insert(completed.end(), masked.payload.begin(), masked.payload.end());
  completed.insert(completed.end(), hello.end() - 11, hello.end());
  EXPECT_TRUE(has_right_checksums(completed));
}

TEST(BundleCapture, SecretsAreThoseOfTheSessionsAndOnlyWhenAskedFor) {
  const std::string own = "CLIENT_RANDOM " + std::string(64, '1') + " " + std::string(96, 'a');
  const std::string other = "CLIENT_RANDOM " + std::string(64, '2') + " " + std::string(96, 'b');
  const std::string key_log = other + "\r\n# comment\n" + own + "\n" + own + "\n" + other;
  const ByteVector capture = conversation().bytes;
  EXPECT_EQ(written(capture, false, true, key_log).secrets, own + "\n\n");
  const Written without = written(capture, false, false, key_log);
  EXPECT_EQ(without.secrets, "");
  EXPECT_THAT(text_of(without.file), Not(HasSubstr(std::string(96, 'a'))));
}

TEST(BundleCapture, ReadsWhatIsThereOfACaptureThatIsCut) {
  const ByteVector whole = conversation().bytes;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Written out = written(ByteVector(whole.begin(), whole.begin() + static_cast<long>(size)));
    EXPECT_THAT(text_of(out.file), Not(HasSubstr("PlantedT"))) << size;
    EXPECT_LE(out.packets.size(), 7U);
  }
}

TEST(BundleCapture, TimesOfReportsAreRead) {
  EXPECT_EQ(nanoseconds_since_1970("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(nanoseconds_since_1970("2014-03-13T21:20:02.791Z"), 1'394'745'602'791'000'000);
  EXPECT_EQ(nanoseconds_since_1970("2024-02-29T23:59:59.000001Z"), 1'709'251'199'000'001'000);
  for (const std::string wrong : {"", "2023-02-29T00:00:00Z", "2023-02-2", "2023-aa-01T00:00:00Z"})
    EXPECT_FALSE(nanoseconds_since_1970(wrong)) << wrong;
}

}  // namespace
}  // namespace visavis::inspect
