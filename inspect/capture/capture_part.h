#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace visavis::inspect {

/// CapturePart says which file of a rotated capture this is. It stands in a comment of the file's
/// section header, so that files that are given together are put together again.
struct CapturePart {
  std::string capture;       ///< its id, at most kMaxCaptureIdBytes
  std::uint64_t number = 0;  ///< from 1

  /// goes_on_in is true when `next` is the file after this one.
  [[nodiscard]] bool goes_on_in(const CapturePart& next) const {
    return next.capture == capture && next.number == number + 1;
  }
  friend bool operator==(const CapturePart&, const CapturePart&) = default;
};

inline constexpr std::size_t kMaxCaptureIdBytes = 32;

/// text returns "file 2 of the rotated capture 1f00c3d2".
std::string text(const CapturePart& part);
/// parse_capture_part reads that; nothing: the comment says something else.
std::optional<CapturePart> parse_capture_part(std::string_view comment);

}  // namespace visavis::inspect
