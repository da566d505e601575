#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace visavis::inspect {

/// MaskedStream says of each byte of one direction of a connection whether it may be shown, and
/// what stands there instead: what was never shown is blanked, so that what nobody understood does
/// not get out. Positions count from the stream's first byte.
class MaskedStream {
 public:
  /// Parts of one stream that are told apart; what lies behind more is blanked. A stream whose
  /// records are shown, but not what is in them, has one each.
  static constexpr std::size_t kMaxParts = 65'536;
  /// Bytes of masks that are kept of one stream; further ones are blanks.
  static constexpr std::size_t kMaxMaskBytes = 1U << 20;
  static constexpr char kBlank = 'x';

  void show(std::uint64_t position, std::uint64_t count);
  /// replace puts a mask over bytes, shown or not.
  void replace(std::uint64_t position, std::string_view mask);
  /// apply does that to bytes of the stream that begin at a position.
  void apply(std::uint64_t position, std::span<std::uint8_t> bytes) const;

 private:
  std::map<std::uint64_t, std::uint64_t> shown_;  // where from, and where to
  std::map<std::uint64_t, std::string> masks_;
  std::size_t mask_bytes_ = 0;
};

}  // namespace visavis::inspect
