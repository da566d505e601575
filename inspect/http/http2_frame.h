#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace visavis::inspect {

/// kHttp2Preface is what a client of HTTP/2 sends before its first frame (RFC 9113 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame types (RFC 9113 6); a receiver skips those that it does not know (5.5).
namespace http2_type {
inline constexpr std::uint8_t kData = 0;
inline constexpr std::uint8_t kHeaders = 1;
inline constexpr std::uint8_t kPriority = 2;
inline constexpr std::uint8_t kRstStream = 3;
inline constexpr std::uint8_t kSettings = 4;
inline constexpr std::uint8_t kPushPromise = 5;
inline constexpr std::uint8_t kPing = 6;
inline constexpr std::uint8_t kGoaway = 7;
inline constexpr std::uint8_t kWindowUpdate = 8;
inline constexpr std::uint8_t kContinuation = 9;
}  // namespace http2_type

/// Flags of a frame; which type knows which is in RFC 9113 6.
namespace http2_flag {
inline constexpr std::uint8_t kEndStream = 0x01;
inline constexpr std::uint8_t kAck = 0x01;
inline constexpr std::uint8_t kEndHeaders = 0x04;
inline constexpr std::uint8_t kPadded = 0x08;
inline constexpr std::uint8_t kPriority = 0x20;
}  // namespace http2_flag

/// Error codes that say that nothing went wrong with a request (RFC 9113 7).
namespace http2_error {
inline constexpr std::uint32_t kNoError = 0;
inline constexpr std::uint32_t kRefusedStream = 7;
}  // namespace http2_error

/// SETTINGS_HEADER_TABLE_SIZE (RFC 9113 6.5.2).
inline constexpr std::uint16_t kHttp2HeaderTableSize = 1;

inline constexpr std::size_t kHttp2FrameHeaderBytes = 9;

/// Http2FrameHeader begins every frame (RFC 9113 4.1).
struct Http2FrameHeader {
  std::uint32_t length = 0;  ///< bytes of payload, 24 bits
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;  ///< 31 bits, without the reserved one

  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }

  friend bool operator==(const Http2FrameHeader&, const Http2FrameHeader&) = default;
};

/// http2_number reads a big-endian number of `bytes.size()` bytes, four at most.
constexpr std::uint32_t http2_number(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

/// parse_http2_frame_header reads the nine bytes before a payload.
constexpr Http2FrameHeader parse_http2_frame_header(
    std::span<const std::uint8_t, kHttp2FrameHeaderBytes> bytes) {
  return {http2_number(bytes.first(3)), bytes[3], bytes[4],
          http2_number(bytes.last(4)) & 0x7fffffffU};
}

}  // namespace visavis::inspect
