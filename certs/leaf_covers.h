#pragma once
#include <string_view>

#include "certs/leaf_minter.h"

namespace visavis::certs {

/// leaf_covers returns whether the leaf is for this host, a DNS name (case and a trailing dot
/// apart) or an IP literal: by its SAN, or by its CN where it has no DNS name there. What is
/// neither is covered by none. Source: RFC 6125 6, RFC 9525 6.3.
[[nodiscard]] bool leaf_covers(const Leaf& leaf, std::string_view host);

}  // namespace visavis::certs
