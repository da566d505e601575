#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace visavis::inspect {

/// NetworkEndpoint is one end of a connection: an IPv4 or IPv6 address and a port.
struct NetworkEndpoint {
  std::array<std::uint8_t, 16> address{};  ///< IPv4: the first four bytes
  std::uint16_t port = 0;
  bool v6 = false;

  friend auto operator<=>(const NetworkEndpoint&, const NetworkEndpoint&) = default;
};

/// to_string returns "ip:port", "[v6]:port" (RFC 5952).
std::string to_string(const NetworkEndpoint& endpoint);

}  // namespace visavis::inspect
