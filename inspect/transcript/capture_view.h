#pragma once
#include <cstdint>
#include <string>

namespace visavis::inspect {

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

  /// gap is true where bytes are missing that a side may have sent.
  [[nodiscard]] bool gap() const { return c2s_lost > 0 || s2c_lost > 0 || start_missing; }

  friend bool operator==(const CaptureView&, const CaptureView&) = default;
};

}  // namespace visavis::inspect
