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
  std::int64_t waited_us = 0;  ///< since the last whole record that arrived
};

/// find_missing_bytes returns the first direction in which something is missing. Nothing where all
/// arrived, or a capture lacks bytes itself.
std::optional<MissingBytes> find_missing_bytes(const TwoEnds& ends);

/// text says it in one sentence; with `waited` that more should have come by then.
std::string text(const MissingBytes& missing, bool waited);

}  // namespace visavis::inspect
