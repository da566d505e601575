#pragma once
#include <cstdint>

#include "inspect/bytes/byte_reader.h"

/// Numbers of capture files: in the byte order of the machine that wrote them.
namespace visavis::inspect {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

constexpr std::uint16_t number16(Bytes bytes, std::size_t at, bool big_endian) {
  const unsigned a = bytes[at];
  const unsigned b = bytes[at + 1];
  return static_cast<std::uint16_t>(big_endian ? a << 8 | b : b << 8 | a);
}

constexpr std::uint32_t number32(Bytes bytes, std::size_t at, bool big_endian) {
  const std::uint32_t a = number16(bytes, at, big_endian);
  const std::uint32_t b = number16(bytes, at + 2, big_endian);
  return big_endian ? a << 16 | b : b << 16 | a;
}

constexpr std::uint64_t number64(Bytes bytes, std::size_t at, bool big_endian) {
  const std::uint64_t a = number32(bytes, at, big_endian);
  const std::uint64_t b = number32(bytes, at + 4, big_endian);
  return big_endian ? a << 32 | b : b << 32 | a;
}

}  // namespace visavis::inspect
