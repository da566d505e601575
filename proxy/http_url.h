#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace visavis::proxy {

/// HttpUrl is where a plain HTTP GET goes.
struct HttpUrl {
  std::string host;  ///< without brackets
  std::uint16_t port = 80;
  std::string target;     ///< "/path?query"
  std::string authority;  ///< for the Host header

  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

/// A URL that is asked for, at most: those of CAs have some 60 bytes; servers refuse more than
/// 8 KiB.
inline constexpr std::size_t kMaxUrlBytes = 2048;

/// parse_http_url reads "http://HOST[:PORT][/PATH][?QUERY]". Nothing for any other scheme, a user
/// name, port 0, and characters that a URL has not (so none can end a request's line). Source: RFC
/// 3986 2 and 3, RFC 9110 4.2.
[[nodiscard]] std::optional<HttpUrl> parse_http_url(std::string_view url);

}  // namespace visavis::proxy
