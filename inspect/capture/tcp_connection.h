#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "inspect/capture/packet_opener.h"

namespace visavis::inspect {

/// StreamEnd is how one side of a TCP connection ended it.
enum class StreamEnd : std::uint8_t { fin, rst };

/// TcpStreamSink is told what was sent over one TCP connection, in order. `first` is the side that
/// sent the connection's first packet in the capture (`opened` says whether that was its SYN).
class TcpStreamSink {
 public:
  virtual ~TcpStreamSink() = default;
  /// packet brings every packet as it comes, before what it adds to the streams.
  virtual void packet(bool /*first*/, const TcpSegment& /*segment*/) {}
  /// data brings the next bytes that one packet added to a side's stream.
  virtual void data(bool first, const TcpSegment& segment, Bytes bytes) = 0;
  /// gap says that the next `count` bytes of a side are not in the capture.
  virtual void gap(bool first, const TcpSegment& segment, std::uint64_t count) = 0;
  virtual void ended(bool first, const TcpSegment& segment, StreamEnd how) = 0;
};

/// TcpConnection puts the two streams of one TCP connection in order (RFC 9293 3.4). Of bytes that
/// came twice the first are taken. What came too early is held until what is missing comes; it is
/// given up as a gap when the receiver has acknowledged what the capture does not show, and some
/// packets more have not brought it, when more is held than limits say, or at the end.
class TcpConnection {
 public:
  TcpConnection(const TcpSegment& first, TcpStreamSink& sink);

  /// is_new says whether a segment between the same endpoints opens another connection: a SYN with
  /// another number.
  [[nodiscard]] bool is_new(const TcpSegment& segment) const;
  void add(const TcpSegment& segment);
  /// finish gives up what is missing: there will be no more packets.
  void finish();

  [[nodiscard]] bool over() const { return sides_[0].over && sides_[1].over; }
  /// from_first is true for what the connection's first sender sends.
  [[nodiscard]] bool from_first(const TcpSegment& segment) const { return segment.from == first_; }
  [[nodiscard]] std::size_t held_bytes() const {
    return sides_[0].held_bytes + sides_[1].held_bytes;
  }

 private:
  struct Held {
    TcpSegment segment;  // its payload lies in `bytes`
    std::vector<std::uint8_t> bytes;
  };
  struct Side {
    bool known = false;              // next is
    bool carried = false;            // data was seen
    bool over = false;               // FIN or RST was told
    std::uint32_t next = 0;          // sequence number of the next byte
    std::uint32_t acknowledged = 0;  // by the other side, at most
    std::uint32_t first_acknowledged = 0;
    bool any_acknowledged = false;
    std::array<std::uint32_t, 4> initials{};  // of its SYNs: a server may try several
    std::size_t initial_count = 0;
    std::optional<std::uint32_t> end;  // sequence number of its FIN
    std::list<Held> held;              // by sequence number
    std::size_t held_bytes = 0;
    std::size_t waited = 0;  // packets since the first was held
  };

  [[nodiscard]] std::size_t side_of(bool first) const { return first ? 0 : 1; }
  void learn(Side& side, const TcpSegment& segment);
  void acknowledge(Side& side, std::uint32_t number);
  void payload(bool first, const TcpSegment& segment);
  void take(bool first, const TcpSegment& segment, Bytes bytes, std::size_t missing);
  void hold(Side& side, const TcpSegment& segment);
  void release(bool first);
  void give_up(bool first, const TcpSegment& now);
  void tell_unseen(bool first, const TcpSegment& now);
  void tell_end(bool first, const TcpSegment& segment);

  NetworkEndpoint first_;
  TcpStreamSink& sink_;
  std::optional<std::uint32_t> opening_;  // the sequence number of the SYN that opened it
  TcpSegment last_;                       // the packet seen last, without payload
  std::array<Side, 2> sides_;
};

}  // namespace visavis::inspect
