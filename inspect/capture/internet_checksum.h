#pragma once
#include <cstdint>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// InternetChecksum is the checksum of IPv4, TCP and UDP headers: the one's complement of the one's
/// complement sum of 16-bit words. Source: RFC 1071.
class InternetChecksum {
 public:
  /// add takes the next bytes, each call but the last an even number: a byte that is left over is
  /// the high one of a word.
  void add(Bytes bytes);
  /// add_word takes a 16-bit number in this machine's byte order.
  void add_word(std::uint16_t word);
  /// value returns the checksum in this machine's byte order; 0 of bytes that hold a right one.
  [[nodiscard]] std::uint16_t value() const;

 private:
  std::uint64_t sum_ = 0;  // of words as they lie in memory: RFC 1071 2 (B)
};

}  // namespace visavis::inspect
