#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::certs {

/// lower_case returns the text with the ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

/// normal_host returns a host as certificates name it: lower case, without the root's trailing dot,
/// an IPv6 literal without its brackets and zone ("[FE80::1%eth0]" gives "fe80::1").
[[nodiscard]] std::string normal_host(std::string_view host);

/// ip_address_bytes returns the 4 or 16 bytes of an IP literal (with or without brackets and zone)
/// in network order, as iPAddress has them (RFC 5280 4.2.1.6); empty when it is none.
[[nodiscard]] std::vector<std::uint8_t> ip_address_bytes(std::string_view host);

/// is_dns_name returns whether the text can stand in a certificate as a DNS name: labels of
/// letters, digits,
/// "-" and "_", at most 63 bytes each and 253 in all, the first may be "*"; an IP literal is none.
/// Source: RFC 1123 2.1, RFC 6125 6.4.3; the underscore is seen in practice.
[[nodiscard]] bool is_dns_name(std::string_view text);

}  // namespace visavis::certs
