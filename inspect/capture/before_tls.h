#pragma once
#include <string_view>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// name_before_tls returns what was spoken before TLS began, in words: "SMTP", "HTTP CONNECT",
/// "SOCKS" ...; "unknown bytes" when that can't be told. `client` and `server` are the first bytes
/// of the two directions, 64 are enough; empty: nothing was said.
std::string_view name_before_tls(Bytes client, Bytes server);

}  // namespace visavis::inspect
