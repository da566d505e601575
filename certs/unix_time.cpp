#include "certs/unix_time.h"

#include <openssl/asn1.h>

#include <array>
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
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  return text.data();
}

}  // namespace visavis::certs
