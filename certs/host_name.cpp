#include "certs/host_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace visavis::certs {
namespace {

constexpr std::size_t kMaxNameBytes = 253;  // RFC 1035 3.1: 255 with the length bytes
constexpr std::size_t kMaxLabelBytes = 63;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_label(std::string_view label) {
  const auto allowed = [](char c) {
    const char letter = lower(c);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !label.empty() && label.size() <= kMaxLabelBytes &&
         std::all_of(label.begin(), label.end(), allowed);
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  // A zone (RFC 4007 11) belongs to this machine, not to the address.
  return host.find(':') == std::string_view::npos ? host : host.substr(0, host.find('%'));
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

std::string normal_host(std::string_view host) {
  host = without_brackets(host);
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  return lower_case(host);
}

std::vector<std::uint8_t> ip_address_bytes(std::string_view host) {
  host = without_brackets(host);
  if (host.size() >= INET6_ADDRSTRLEN || host.find('\0') != std::string_view::npos) return {};
  const std::string literal(host);
  std::array<std::uint8_t, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, literal.c_str(), address.data()) == 1)
    return {address.begin(), address.begin() + sizeof(in_addr)};
  if (inet_pton(AF_INET6, literal.c_str(), address.data()) == 1)
    return {address.begin(), address.end()};
  return {};
}

bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes || !ip_address_bytes(text).empty()) return false;
  if (text.starts_with("*.")) text.remove_prefix(2);
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace visavis::certs
