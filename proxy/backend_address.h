#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::proxy {

/// HostPort is "HOST:PORT" as given, "[v6]:port" for an IPv6 literal.
struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// parse_host_port reads "HOST:PORT". Throws std::runtime_error: one line that says what is wrong.
HostPort parse_host_port(std::string_view text);
/// to_string gives back "HOST:PORT" with brackets where needed.
std::string to_string(const HostPort& address);
/// is_address is true for an IPv4 or IPv6 literal.
bool is_address(const std::string& host);

/// Route sends the sessions of a server name to a backend; "*.example.com" stands for one label
/// more.
struct Route {
  std::string name;  ///< lower case
  HostPort backend;
};

/// parse_route reads "NAME=HOST:PORT". Throws as parse_host_port.
Route parse_route(std::string_view text);

/// choose_backend returns the backend for a server name: an exact route, else the most specific
/// wildcard, else the fixed backend, else null. Names compare without case (RFC 6066 3).
const HostPort* choose_backend(const std::vector<Route>& routes, const HostPort* fixed,
                               std::string_view server_name);

}  // namespace visavis::proxy
