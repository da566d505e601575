#pragma once
#include <cstdint>
#include <optional>

#include "inspect/transcript/wire_decoder.h"
#include "proxy/session_clock.h"

namespace visavis::proxy {

/// PassthroughTap is shown every byte that passes, once, in order, and keeps the direct leg's
/// transcript: what is in clear is read, the rest is counted.
class PassthroughTap {
 public:
  /// `segments_before`: the client's segments with data that came before what is shown here;
  /// nothing when that is not known.
  explicit PassthroughTap(const SessionClock& clock,
                          std::optional<std::uint32_t> segments_before = 0)
      : clock_(clock), segments_before_(segments_before) {}

  [[nodiscard]] inspect::TranscriptBuilder& builder() { return builder_; }
  [[nodiscard]] const inspect::Transcript& transcript() const { return builder_.transcript(); }
  [[nodiscard]] std::int64_t at_us() const { return clock_.at_us(); }

  /// asks_for_segments is true until the client's first message is known: until then `show` wants
  /// to be told how many segments the kernel has counted.
  [[nodiscard]] bool asks_for_segments() const;
  /// show takes what one receive call brought at `at`. `data_segments` is the kernel's count of the
  /// client's segments with data after that call.
  void show(std::int64_t at, inspect::Direction direction, inspect::Bytes bytes,
            std::optional<std::uint32_t> data_segments = std::nullopt);
  /// ended notes how a direction's sender closed it.
  void ended(inspect::Direction direction, inspect::CloseHow how);

 private:
  const SessionClock& clock_;
  inspect::TranscriptBuilder builder_{inspect::LegKind::direct_leg};
  inspect::WireDecoder decoder_{builder_};
  std::optional<std::uint32_t> segments_before_;
  std::uint32_t client_reads_ = 0;
};

}  // namespace visavis::proxy
