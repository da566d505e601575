#include "inspect/report/har_entry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace visavis::inspect {
namespace {

/// Reads "2026-01-02T03:04:05" and an optional fraction, up to "Z"; nothing for any other text.
std::optional<std::chrono::sys_time<std::chrono::milliseconds>> parse_time(std::string_view text) {
  struct Part {
    std::size_t at;
    std::size_t size;
    char before;
  };
  constexpr std::array<Part, 6> kParts{
      {{0, 4, 0}, {5, 2, '-'}, {8, 2, '-'}, {11, 2, 'T'}, {14, 2, ':'}, {17, 2, ':'}}};
  constexpr std::size_t kSeconds = 19;  // bytes up to the end of the seconds
  if (text.size() <= kSeconds || text.back() != 'Z') return std::nullopt;
  std::array<int, 7> numbers{};
  const auto read = [&text](std::size_t at, std::size_t size, int& into) {
    const char* const begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + size, into);
    return error == std::errc() && end == begin + size && into >= 0;
  };
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const Part& part = kParts[i];
    if (part.before != 0 && text[part.at - 1] != part.before) return std::nullopt;
    if (!read(part.at, part.size, numbers[i])) return std::nullopt;
  }
  if (text.size() != kSeconds + 1) {
    constexpr std::size_t kMilliseconds = 3;
    if (text[kSeconds] != '.' || text.size() < kSeconds + 1 + kMilliseconds + 1 ||
        !read(kSeconds + 1, kMilliseconds, numbers[6]))
      return std::nullopt;
  }
  const std::chrono::year_month_day day{std::chrono::year(numbers[0]),
                                        std::chrono::month(static_cast<unsigned>(numbers[1])),
                                        std::chrono::day(static_cast<unsigned>(numbers[2]))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(numbers[3]) +
         std::chrono::minutes(numbers[4]) + std::chrono::seconds(numbers[5]) +
         std::chrono::milliseconds(numbers[6]);
}

std::string padded(std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

/// "ip:port", "[ip]:port" -> where the port's colon stands.
std::size_t port_colon(std::string_view endpoint) { return endpoint.rfind(':'); }

bool is_address(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789abcdefABCDEF.:%") == host.npos &&
         host.find_first_of(".:") != host.npos;
}

}  // namespace

double HarTimings::total() const { return std::max(connect, 0.0) + send + wait + receive; }

const LegReport* har_server_leg(const SessionReport& session) {
  if (session.backend_leg) return &*session.backend_leg;
  return session.direct_leg && !session.client_leg ? &*session.direct_leg : nullptr;
}

HarTimings har_timings(const SessionReport& session, std::size_t exchange) {
  HarTimings timings;
  const HttpExchange& http = session.http[exchange];
  timings.send = std::max(http.send_ms.value_or(0), 0.0);
  timings.wait = std::max(http.time_to_first_byte_ms.value_or(0), 0.0);
  timings.receive = std::max(http.receive_ms.value_or(0), 0.0);
  const LegReport* leg = har_server_leg(session);
  if (exchange > 0 || leg == nullptr) return timings;
  if (leg->handshake_ms) timings.ssl = std::max(*leg->handshake_ms, 0.0);
  if (leg->connect_ms || leg->handshake_ms)
    timings.connect = std::max(leg->connect_ms.value_or(0), 0.0) + std::max(timings.ssl, 0.0);
  return timings;
}

std::string har_url(const SessionReport& session, const HttpExchange& exchange) {
  const std::string_view target = exchange.target;
  const std::size_t scheme = target.find("://");
  if (scheme != target.npos && scheme < target.find_first_of("/?#")) return exchange.target;
  if (exchange.method == "CONNECT") return "https://" + exchange.target;
  std::string host = exchange.host.value_or("");
  if (host.empty()) {
    const std::size_t colon = port_colon(session.backend);
    const std::string port = colon == std::string::npos ? "" : session.backend.substr(colon);
    host = session.sni ? *session.sni + (port == ":443" ? "" : port) : session.backend;
  }
  return "https://" + host + (target.starts_with('/') ? "" : "/") + exchange.target;
}

std::string har_address(const SessionReport& session) {
  std::string_view endpoint = session.backend_address ? std::string_view(*session.backend_address)
                                                      : std::string_view(session.backend);
  endpoint = endpoint.substr(0, port_colon(endpoint));
  if (endpoint.starts_with('[') && endpoint.ends_with(']'))
    endpoint = endpoint.substr(1, endpoint.size() - 2);
  return is_address(endpoint) ? std::string(endpoint) : "";
}

std::string har_http_version(std::string_view protocol) {
  std::string version(protocol);
  if (version.starts_with("http/")) version.replace(0, 4, "HTTP");
  return version;
}

std::optional<std::string> har_error(const HttpExchange& exchange) {
  if (exchange.excused) return exchange.excused;
  if (!exchange.status) return "no response was seen";
  if (exchange.cut_short) return "the connection ended before the response did";
  return std::nullopt;
}

std::string later(const std::string& time, double milliseconds) {
  const auto parsed = parse_time(time);
  constexpr double kLongest = 1e11;  // some three years, as `decimal` has it
  if (!parsed || !std::isfinite(milliseconds)) return time;
  const double added = std::clamp(milliseconds, -kLongest, kLongest);
  const auto moment = *parsed + std::chrono::milliseconds(std::llround(added));
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(moment - midnight);
  return padded(static_cast<int>(day.year()), 4) + '-' +
         padded(static_cast<unsigned>(day.month()), 2) + '-' +
         padded(static_cast<unsigned>(day.day()), 2) + 'T' + padded(clock.hours().count(), 2) +
         ':' + padded(clock.minutes().count(), 2) + ':' + padded(clock.seconds().count(), 2) + '.' +
         padded(clock.subseconds().count(), 3) + 'Z';
}

}  // namespace visavis::inspect
