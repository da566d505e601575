#include <optional>
#include <vector>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/tcp_connection.h"
#include "tests/fuzz/property.h"

/// The input is packets of one connection, 8 bytes each: sender and flags, two bytes of sequence
/// number (the numbers wrap around between them), two of acknowledgement, two of payload length,
/// one of bytes that are missing. A byte of payload is the lowest byte of its sequence number: what
/// is put together must count up, over gaps as well.
namespace visavis::inspect {
namespace {

using fuzz::property;

constexpr std::uint32_t kBase = 0xffff8000U;

class Checker : public TcpStreamSink {
 public:
  void data(bool first, const TcpSegment&, Bytes bytes) override {
    property(!bytes.empty(), "data is not empty");
    auto& next = next_[first ? 0 : 1];
    for (const std::uint8_t byte : bytes) {
      property(!next || *next == byte, "bytes are in order, none twice and none left out");
      next = static_cast<std::uint8_t>(byte + 1);
    }
  }
  void gap(bool first, const TcpSegment&, std::uint64_t count) override {
    property(count > 0 && count <= limits::kMaxSequenceJump * 2, "a gap has a size");
    auto& next = next_[first ? 0 : 1];
    if (next) next = static_cast<std::uint8_t>(*next + count);
  }
  void ended(bool first, const TcpSegment&, StreamEnd) override {
    property(++ends_[first ? 0 : 1] == 1, "a side ends once");
  }

 private:
  std::optional<std::uint8_t> next_[2];
  int ends_[2] = {0, 0};
};

TcpSegment segment_of(Bytes words, std::vector<std::uint8_t>& payload) {
  TcpSegment segment;
  const std::uint8_t flags = words[0];
  segment.from.port = (flags & 1U) != 0 ? 1 : 2;
  segment.to.port = (flags & 1U) != 0 ? 2 : 1;
  segment.syn = (flags & 0x0eU) == 0x02U;
  segment.fin = (flags & 0x0eU) == 0x04U;
  segment.rst = (flags & 0x1eU) == 0x08U;
  segment.ack = (flags & 0x20U) != 0;
  segment.sequence = kBase + (std::uint32_t{words[1]} << 8 | words[2]);
  segment.acknowledged = kBase + (std::uint32_t{words[3]} << 8 | words[4]);
  payload.resize((std::size_t{words[5]} << 8 | words[6]) & 0x7ff);
  segment.missing = words[7] & 0x0fU;
  // A SYN counts as a byte.
  const std::uint32_t first = segment.sequence + (segment.syn ? 1 : 0);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::uint8_t>(first + static_cast<std::uint32_t>(i));
  segment.payload = payload;
  return segment;
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  constexpr std::size_t kPacketBytes = 8;
  if (size < kPacketBytes) return 0;
  std::vector<std::uint8_t> payload;
  Checker checker;
  TcpConnection connection(segment_of(Bytes(data, kPacketBytes), payload), checker);
  for (std::size_t at = 0; at + kPacketBytes <= size; at += kPacketBytes) {
    connection.add(segment_of(Bytes(data + at, kPacketBytes), payload));
    property(connection.held_bytes() <= 2 * (limits::kMaxHeldStreamBytes + 0x800),
             "what is held is bounded");
  }
  connection.finish();
  property(connection.held_bytes() == 0, "nothing stays held");
  return 0;
}
