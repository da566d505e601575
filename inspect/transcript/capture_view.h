#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace visavis::inspect {

/// StreamMarks tell whether what was sent in a direction is what came out at the other end of the
/// way, without keeping it.
struct StreamMarks {
  std::uint64_t bytes = 0;  ///< from where TLS begins up to the first that are missing
  /// A digest of each beginning of the stream: of 4, 8, 12 ... 256 KiB, then of double the bytes
  /// each time, as far as the stream goes; and of all of it.
  std::vector<std::uint64_t> beginnings;
  std::uint64_t all = 0;
  std::uint64_t unacknowledged = 0;    ///< bytes at its end that the receiver never acknowledged
  std::int64_t unacknowledged_us = 0;  ///< since the first of them was sent, as long as was seen
  /// The receiver acknowledged more than was seen, bytes or the end (FIN), or an RST stands behind.
  bool more_acknowledged = false;

  friend bool operator==(const StreamMarks&, const StreamMarks&) = default;
};

/// CaptureView is how much of a leg a capture shows. What it does not show is nobody's fault: no
/// finding may take it for silence.
struct CaptureView {
  std::uint64_t first_packet = 0;  ///< its number in the file, from 1
  std::uint64_t packets = 0;
  std::uint64_t c2s_lost = 0;  ///< bytes that are not in the capture; no more is read behind them
  std::uint64_t s2c_lost = 0;
  bool start_missing = false;  ///< it begins in the middle of the connection
  bool end_missing = false;    ///< it ends before the connection does
  std::string before_tls;      ///< what was said before TLS: "SMTP", "HTTP CONNECT"; empty: nothing
  std::uint64_t c2s_before_tls = 0;  ///< bytes
  std::uint64_t s2c_before_tls = 0;
  /// Where the end is missing: how long the capture goes on behind the connection's last packet.
  std::int64_t silent_us = 0;
  /// Of a capture that is read to be compared with another end's; absent: they were not asked for.
  std::optional<StreamMarks> c2s_marks{};
  std::optional<StreamMarks> s2c_marks{};

  /// gap is true where bytes are missing that a side may have sent.
  [[nodiscard]] bool gap() const { return c2s_lost > 0 || s2c_lost > 0 || start_missing; }

  friend bool operator==(const CaptureView&, const CaptureView&) = default;
};

}  // namespace visavis::inspect
