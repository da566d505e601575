#pragma once
#include <cstddef>
#include <cstdint>

namespace visavis::inspect {

/// Beginnings of a stream are marked every 4 KiB up to 256 KiB, where handshakes and requests are,
/// and then at double the bytes each time (StreamMarks::beginnings).
inline constexpr std::uint64_t kStreamMarkStep = 4096;
inline constexpr std::size_t kStreamMarkSteps = 64;

/// stream_mark_position returns how many bytes the beginning with this index has.
constexpr std::uint64_t stream_mark_position(std::size_t index) {
  const std::uint64_t last_step = kStreamMarkStep * kStreamMarkSteps;
  return index < kStreamMarkSteps ? kStreamMarkStep * (index + 1)
                                  : last_step << (index - kStreamMarkSteps + 1);
}

}  // namespace visavis::inspect
