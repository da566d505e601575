#include "inspect/bundle/chosen_sessions.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>

#include "inspect/capture/leg_label.h"

namespace visavis::inspect {
namespace {

/// A session's times in a report are rounded, and a log's come from another clock than a capture's.
constexpr std::int64_t kSlackNs = 2'000'000'000;

std::optional<int> number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  if (text.size() < at + digits) return std::nullopt;
  const char* const end = text.data() + at + digits;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> nanoseconds_since_1970(std::string_view time) {
  // "2026-01-02T03:04:05.678901Z"
  const auto year = number(time, 0, 4);
  const auto month = number(time, 5, 2);
  const auto day = number(time, 8, 2);
  const auto hour = number(time, 11, 2);
  const auto minute = number(time, 14, 2);
  const auto second = number(time, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t nanoseconds =
      std::chrono::nanoseconds(std::chrono::sys_days(date).time_since_epoch()).count();
  nanoseconds += ((std::int64_t{*hour} * 60 + *minute) * 60 + *second) * 1'000'000'000;
  if (time.size() > 20 && time[19] == '.') {
    std::int64_t unit = 100'000'000;
    for (std::size_t i = 20; i < time.size() && time[i] >= '0' && time[i] <= '9'; ++i, unit /= 10)
      nanoseconds += (time[i] - '0') * unit;
  }
  return nanoseconds;
}

void ChosenSessions::add(const SessionReport& session) {
  ids_.insert(session.id);
  Span span{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  if (const auto started = nanoseconds_since_1970(session.started)) {
    const auto duration = static_cast<std::int64_t>(std::min(session.duration_ms, 1e12) * 1e6);
    span = {*started - kSlackNs, *started + duration + kSlackNs};
  }
  for (const auto* leg : {&session.client_leg, &session.backend_leg, &session.direct_leg}) {
    if (!*leg) continue;
    connections_[std::minmax((*leg)->from, (*leg)->to)].push_back(span);
    if ((*leg)->client_hello) randoms_.insert((*leg)->client_hello->random);
  }
}

bool ChosenSessions::has(const TcpSegment& first) const {
  if (first.in != nullptr && leg_of_interface(first.in->interface_name))
    if (const auto label = parse_leg_label(first.in->comment))
      return ids_.count(label->label.session) > 0;
  const auto found = connections_.find(std::minmax(to_string(first.from), to_string(first.to)));
  if (found == connections_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Span& span) {
    return first.time_ns >= span.from_ns && first.time_ns <= span.to_ns;
  });
}

}  // namespace visavis::inspect
