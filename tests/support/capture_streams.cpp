#include "tests/support/capture_streams.h"

#include <tins/tcp_ip/data_tracker.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tests/support/capture_layers.h"

namespace visavis::test {
namespace {

struct Arrived {
  std::uint32_t frame = 0;
  std::uint32_t sequence = 0;
  std::vector<std::uint8_t> payload;
  bool from_first = false;
};

struct Direction {
  std::vector<std::uint32_t> initial;    // of the byte behind each SYN: a server may try several
  std::vector<std::uint32_t> sequences;  // of the first packets with a payload
  bool cut = false;                      // a packet has lost its end
};

struct Connection {
  std::string first;
  std::string second;
  std::optional<std::uint32_t> opened;  // the sequence number of the SYN that opened it
  Direction directions[2];              // [1]: of `first`
  std::vector<Arrived> arrived;
};

/// The sequence number of a direction's first byte. Without a SYN the first packet tells, but those
/// that come soon after may lie before it; what is far away is another connection's.
std::uint32_t base_of(const Direction& direction) {
  std::uint32_t base = direction.sequences.front();
  if (!direction.initial.empty())
    return *std::min_element(
        direction.initial.begin(), direction.initial.end(),
        [base](std::uint32_t a, std::uint32_t b) { return base - a < base - b; });
  for (const std::uint32_t sequence : direction.sequences)
    if (sequence - base > 0x7fffffff && base - sequence < 200000) base = sequence;
  return base;
}

CapturedStream put_together(const Connection& connection) {
  CapturedStream stream{connection.first, connection.second, {}, false, false};
  std::optional<Tins::TCPIP::DataTracker> trackers[2];
  for (const Arrived& arrived : connection.arrived) {
    auto& tracker = trackers[arrived.from_first ? 1 : 0];
    if (!tracker) tracker.emplace(base_of(connection.directions[arrived.from_first ? 1 : 0]));
    if (!tracker->process_payload(arrived.sequence, arrived.payload)) continue;
    stream.parts.push_back({arrived.from_first, arrived.frame, tracker->payload()});
    tracker->payload().clear();
  }
  const auto lost = [&](int direction) {
    const auto& tracker = trackers[direction];
    return connection.directions[direction].cut ||
           (tracker && !tracker->buffered_payload().empty());
  };
  stream.first_lost = lost(1);
  stream.second_lost = lost(0);
  return stream;
}

/// Connections finds the connection of each segment. A SYN with another sequence number than the
/// one before begins a new connection of the same endpoints.
class Connections {
 public:
  void add(std::uint32_t frame, TcpSegment segment) {
    Connection& connection = connection_of(segment);
    const bool from_first = segment.from == connection.first;
    Direction& direction = connection.directions[from_first ? 1 : 0];
    if (segment.syn) direction.initial.push_back(segment.sequence);
    direction.cut = direction.cut || segment.cut;
    if (segment.payload.empty()) return;
    if (direction.sequences.size() < 50) direction.sequences.push_back(segment.sequence);
    connection.arrived.push_back({frame, segment.sequence, std::move(segment.payload), from_first});
  }

  [[nodiscard]] std::vector<CapturedStream> streams() const {
    std::vector<CapturedStream> streams;
    for (const Connection& connection : connections_) streams.push_back(put_together(connection));
    return streams;
  }

 private:
  Connection& connection_of(const TcpSegment& segment) {
    const std::pair<std::string, std::string> key = std::minmax(segment.from, segment.to);
    const auto found = current_.find(key);
    const bool opens = segment.syn && !segment.ack;
    if (found != current_.end()) {
      Connection& current = connections_[found->second];
      const bool again = opens && (current.opened ? *current.opened != segment.sequence
                                                  : !current.arrived.empty());
      if (!again) return current;
    }
    current_[key] = connections_.size();
    connections_.push_back({segment.from, segment.to, {}, {}, {}});
    if (opens) connections_.back().opened = segment.sequence;
    return connections_.back();
  }

  std::vector<Connection> connections_;
  std::map<std::pair<std::string, std::string>, std::size_t> current_;
};

}  // namespace

CaptureStreams read_streams(const std::filesystem::path& file) {
  const CapturedPackets read = read_capture(file);
  PacketOpener opener;
  Connections connections;
  std::uint32_t frame = 0;
  for (const CapturedPacket& packet : read.packets) {
    ++frame;
    if (auto segment = opener.segment(packet)) connections.add(frame, std::move(*segment));
  }
  return {connections.streams(), read.packets.size(), read.problem};
}

}  // namespace visavis::test
