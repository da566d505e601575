#include "proxy/backend_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace visavis::proxy {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char letter) {
    return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
  });
  return result;
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::runtime_error('\'' + std::string(text) + "' " + why);
}

}  // namespace

HostPort parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "is not HOST:PORT: the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    refuse(text, "is not HOST:PORT: write an IPv6 address in brackets, [::1]:443");
  if (host.empty()) refuse(text, "is not HOST:PORT: the host is missing");
  HostPort address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size())
    refuse(text, "is not HOST:PORT: '" + std::string(digits) + "' is not a port (0 to 65535)");
  return address;
}

std::string to_string(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

Route parse_route(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) refuse(text, "is not NAME=HOST:PORT");
  return {lower(text.substr(0, equals)), parse_host_port(text.substr(equals + 1))};
}

const HostPort* choose_backend(const std::vector<Route>& routes, const HostPort* fixed,
                               std::string_view server_name) {
  const std::string name = lower(server_name);
  const Route* best = nullptr;
  for (const Route& route : routes) {
    if (route.name == name) return &route.backend;
    if (!route.name.starts_with("*.")) continue;
    // One label only, as in certificates (RFC 6125 6.4.3).
    const std::string_view suffix = std::string_view(route.name).substr(1);
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || std::string_view(name).substr(dot) != suffix)
      continue;
    if (best == nullptr || route.name.size() > best->name.size()) best = &route;
  }
  return best != nullptr ? &best->backend : fixed;
}

}  // namespace visavis::proxy
