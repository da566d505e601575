#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "inspect/findings/two_ends.h"

namespace visavis::inspect {

/// MissingBytes is what one end sent and the other had not got when it closed: mostly that was on
/// its way.
struct MissingBytes {
  Way way;
  /// Since they were sent and the last whole record had arrived; nothing: the clocks don't tell.
  std::optional<std::int64_t> waited_us;
};

/// find_missing_bytes returns the first direction in which something is missing. Nothing where all
/// arrived that was sent before the close, a capture lacks bytes itself, or the ends are not of one
/// TLS connection.
std::optional<MissingBytes> find_missing_bytes(const TwoEnds& ends);

/// text says it in one sentence; with `waited` that it should have come by then.
std::string text(const MissingBytes& missing, bool waited);

}  // namespace visavis::inspect
