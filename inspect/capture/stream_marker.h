#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "inspect/bytes/byte_reader.h"
#include "inspect/capture/packet_opener.h"
#include "inspect/transcript/capture_view.h"
#include "inspect/transcript/stream_mark_positions.h"

namespace visavis::inspect {

/// StreamMarker makes the StreamMarks of one direction of a TCP connection. It holds no bytes; the
/// digests grow with the logarithm of their number.
///
/// The digests are no cryptographic ones: they find what a device on the way changed, not what
/// somebody hides.
class StreamMarker {
 public:
  /// packet brings every packet of the direction's sender, at `at` microseconds.
  void packet(const TcpSegment& segment, std::int64_t at);
  /// acknowledged brings the acknowledgment number of every packet of its receiver.
  void acknowledged(std::uint32_t number, std::int64_t at);
  /// data brings the next bytes of the stream, in order and without gaps, from where TLS begins.
  void data(Bytes bytes);

  /// marks returns what there is up to now; `last` is the time of the connection's last packet.
  [[nodiscard]] StreamMarks marks(std::int64_t last) const;
  /// begins_late is true where the receiver has acknowledged less than what stands before the first
  /// packet: that was sent, and is not in the capture.
  [[nodiscard]] bool begins_late() const { return begins_late_; }

 private:
  void word(std::uint64_t value);
  void mark();

  StreamMarks marks_;
  std::uint64_t digest_ = 0;
  std::uint64_t partial_ = 0;  // bytes that do not fill a word yet
  std::uint64_t next_mark_ = stream_mark_position(0);

  std::optional<std::uint32_t> sent_;                // behind the last byte that was seen
  std::optional<std::uint32_t> acknowledged_;        // at most
  std::optional<std::uint32_t> behind_;              // where packets without data stand
  std::optional<std::uint32_t> first_acknowledged_;  // before anything sent was seen
  bool begins_late_ = false;
  std::int64_t waits_since_ = 0;  // for an acknowledgment of what was sent
};

}  // namespace visavis::inspect
