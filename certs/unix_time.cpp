#include "certs/unix_time.h"

#include <openssl/asn1.h>

#include <chrono>
#include <ctime>

namespace visavis::certs {
namespace {

/// The first second of the year 0, and of the first year with five digits: RFC 3339 5.6 has four.
constexpr std::int64_t kYear0 = -62'167'219'200;
constexpr std::int64_t kYear10000 = 253'402'300'800;

}  // namespace

std::optional<std::int64_t> unix_seconds(const asn1_string_st* time) {
  std::tm fields{};
  // A null time would mean "now" to OpenSSL.
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return timegm(&fields);
}

/// By hand: snprintf and strftime were some 2 % of what a short session's report takes.
std::string rfc3339(std::int64_t unix_s) {
  using std::chrono::days;
  using std::chrono::seconds;
  if (unix_s < kYear0 || unix_s >= kYear10000) return {};
  const std::chrono::sys_seconds time{seconds(unix_s)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text = "0000-00-00T00:00:00Z";
  const auto write = [&text](std::size_t end, auto value) {
    for (auto left = static_cast<unsigned>(value); left > 0; left /= 10)
      text[--end] = static_cast<char>('0' + left % 10);
  };
  write(4, static_cast<int>(date.year()));
  write(7, static_cast<unsigned>(date.month()));
  write(10, static_cast<unsigned>(date.day()));
  write(13, clock.hours().count());
  write(16, clock.minutes().count());
  write(19, clock.seconds().count());
  return text;
}

}  // namespace visavis::certs
