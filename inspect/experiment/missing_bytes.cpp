#include "inspect/experiment/missing_bytes.h"

#include <algorithm>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {

std::optional<MissingBytes> find_missing_bytes(const TwoEnds& ends) {
  for (const Way& way : ways(ends)) {
    if (!is_comparable(way) || way.gap() || way.bytes_got() >= way.bytes_sent()) continue;
    const EventReport* closed = tcp_close(*way.got, way.receiver);
    if (closed == nullptr) continue;
    std::int64_t last_us = 0;
    for (const RecordRow& row : way.got->records)
      if (row.c2s == way.c2s) last_us = std::max(last_us, row.t_us);
    return MissingBytes{way, closed->t_us - last_us};
  }
  return std::nullopt;
}

std::string text(const MissingBytes& missing, bool waited) {
  const Way& way = missing.way;
  std::string words = "What arrived is what was sent, but it is " +
                      std::to_string(way.bytes_got()) + " of " + std::to_string(way.bytes_sent()) +
                      " bytes of the " + std::string(way.sender) + "'s when the " +
                      std::string(way.receiver) + " closed";
  if (waited)
    words += ", " + std::to_string(missing.waited_us / 1'000'000) +
             " s after the last of them: whether the way lost the rest or the " +
             std::string(way.receiver) + " read no more is not known";
  return words + '.';
}

}  // namespace visavis::inspect
