#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/capture/packet_opener.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// ChosenSessions knows which connections of a capture belong to the sessions of a bundle: by the
/// session's id in a capture of the proxy's own, else by both endpoints and the time, since
/// endpoints are used again.
class ChosenSessions {
 public:
  void add(const SessionReport& session);
  /// has says whether the connection that begins with this packet is one of theirs.
  [[nodiscard]] bool has(const TcpSegment& first) const;
  /// has_random says whether one of the sessions has this ClientHello.random, in hex.
  [[nodiscard]] bool has_random(std::string_view random) const {
    return randoms_.count(random) > 0;
  }

 private:
  struct Span {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
  };

  std::set<std::string, std::less<>> ids_;
  std::set<std::string, std::less<>> randoms_;
  std::map<std::pair<std::string, std::string>, std::vector<Span>> connections_;
};

/// nanoseconds_since_1970 reads an RFC 3339 time in UTC, as reports have it; nothing: it is none.
[[nodiscard]] std::optional<std::int64_t> nanoseconds_since_1970(std::string_view time);

}  // namespace visavis::inspect
