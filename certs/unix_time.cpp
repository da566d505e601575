#include "certs/unix_time.h"

#include <openssl/asn1.h>

#include <array>
#include <cstdio>
#include <ctime>

namespace visavis::certs {

std::optional<std::int64_t> unix_seconds(const asn1_string_st* time) {
  std::tm fields{};
  // A null time would mean "now" to OpenSSL.
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return timegm(&fields);
}

std::string rfc3339(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm fields{};
  if (gmtime_r(&time, &fields) == nullptr || fields.tm_year < -1900 || fields.tm_year > 9999 - 1900)
    return {};
  // strftime's %Y writes the year 9 as "9": RFC 3339 5.6 wants four digits.
  std::array<char, 32> text{};
  const std::size_t year = static_cast<std::size_t>(
      std::snprintf(text.data(), text.size(), "%04d", fields.tm_year + 1900));
  std::strftime(text.data() + year, text.size() - year, "-%m-%dT%H:%M:%SZ", &fields);
  return text.data();
}

}  // namespace visavis::certs
