#include "proxy/http_url.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace visavis::proxy {
namespace {

bool is_url_character(char character) {
  constexpr std::string_view kNone = "\"<>\\^`{|}";
  return character > ' ' && character < '\x7f' && kNone.find(character) == std::string_view::npos;
}

bool begins_with_http(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  return url.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), url.begin(), [](char scheme, char given) {
           return scheme == (given >= 'A' && given <= 'Z' ? given - 'A' + 'a' : given);
         });
}

std::optional<std::uint16_t> read_port(std::string_view digits) {
  if (digits.empty()) return std::uint16_t{80};
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view url) {
  if (url.size() > kMaxUrlBytes || !begins_with_http(url) ||
      !std::all_of(url.begin(), url.end(), is_url_character))
    return std::nullopt;
  url.remove_prefix(url.find("//") + 2);
  url = url.substr(0, url.find('#'));
  const std::size_t path = std::min(url.find_first_of("/?"), url.size());
  HttpUrl parsed;
  parsed.authority = url.substr(0, path);
  parsed.target = url.substr(path);
  if (parsed.target.empty() || parsed.target.front() == '?') parsed.target.insert(0, "/");
  const std::string_view authority = parsed.authority;
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) return std::nullopt;
  parsed.host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  std::string_view rest = authority.substr(host_end + (bracketed ? 1 : 0));
  if (parsed.host.empty() || (!rest.empty() && rest.front() != ':')) return std::nullopt;
  if (!rest.empty()) rest.remove_prefix(1);
  const auto port = read_port(rest);
  if (!port) return std::nullopt;
  parsed.port = *port;
  return parsed;
}

}  // namespace visavis::proxy
