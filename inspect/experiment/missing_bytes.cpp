#include "inspect/experiment/missing_bytes.h"

#include <algorithm>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {

std::optional<MissingBytes> find_missing_bytes(const TwoEnds& ends) {
  const auto& one = ends.client.server_hello;
  const auto& other = ends.server.server_hello;
  const bool same = one && other && one->random == other->random;
  if (ends.matched_by != MatchedBy::client_random || !same) return std::nullopt;
  for (const Way& way : ways(ends)) {
    if (!is_comparable(way) || way.gap() || way.bytes_got() >= way.bytes_sent()) continue;
    const EventReport* closed = tcp_close(*way.got, way.receiver);
    if (closed == nullptr) continue;
    std::int64_t last_us = 0;
    for (const RecordRow& row : way.got->records)
      if (row.c2s == way.c2s) last_us = std::max(last_us, row.t_us);
    const auto sent = at_receiver(ends, way, sent_at(way, way.bytes_got()));
    if (sent && *sent > closed->t_us) continue;
    MissingBytes missing{way, std::nullopt};
    if (sent) missing.waited_us = closed->t_us - std::max(*sent, last_us);
    return missing;
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
    words += ", " + std::to_string(missing.waited_us.value_or(0) / 1'000'000) +
             " s after the next was sent: whether the way lost the rest or the " +
             std::string(way.receiver) + " read no more is not known";
  return words + '.';
}

}  // namespace visavis::inspect
