#pragma once
#include <cstdint>
#include <optional>
#include <string>

struct asn1_string_st;

namespace visavis::certs {

/// unix_seconds returns a certificate's time as Unix seconds; nothing when it is malformed (RFC
/// 5280 4.1.2.5).
[[nodiscard]] std::optional<std::int64_t> unix_seconds(const asn1_string_st* time);

/// rfc3339 returns a time as "2026-01-02T03:04:05Z". Years outside 0 to 9999 have no such form and
/// give "".
[[nodiscard]] std::string rfc3339(std::int64_t unix_s);

}  // namespace visavis::certs
