#pragma once
#include <string>
#include <string_view>

#include "inspect/codepoint/alert.h"

namespace visavis::inspect {

inline constexpr AlertDescription kUnrecognizedName{112};

/// name_problem says which rule of RFC 6066 3 a server name breaks ("is an IP address", "ends in a
/// dot" ...); empty: none.
std::string name_problem(std::string_view name);

/// shown_name is as much of a name as is printed: it comes from a peer and may have 64 kB.
std::string shown_name(const std::string& name);

/// compared_name is the host of an SNI, a Host or an :authority as names are compared: without port
/// and the dot at the end, in lower case.
std::string compared_name(std::string_view name);

/// is_address is true for an IPv4 or IPv6 literal, with or without brackets.
bool is_address(std::string_view host);

}  // namespace visavis::inspect
