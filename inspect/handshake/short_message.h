#pragma once
#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// parse_empty_message checks a message that has no body (HelloRequest, ServerHelloDone,
/// EndOfEarlyData): a complete one, header included. Returns the type. Source: RFC 5246 7.4.1.1 and
/// 7.4.5, RFC 8446 4.5. Errors: truncated, trailing, bad_value (another type).
Result<HandshakeType> parse_empty_message(Bytes message, HandshakeType type);

/// parse_opaque_message returns the length of a body that only the two peers can read: of a
/// ClientKeyExchange (RFC 5246 7.4.7), a Finished (12 bytes; 36 in SSL 3.0; a hash in TLS 1.3), a
/// MessageHash (RFC 8446 4.4.1). Errors: truncated, bad_length, bad_value (another type).
Result<std::uint32_t> parse_opaque_message(Bytes message, HandshakeType type);

}  // namespace visavis::inspect
