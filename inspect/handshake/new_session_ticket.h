#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// NewSessionTicket is what a client may resume with later: RFC 8446 4.6.1 (TLS 1.3), RFC 5077 3.3
/// (before). The ticket itself is not kept.
struct NewSessionTicket {
  std::uint32_t lifetime_s = 0;          ///< seconds; before TLS 1.3 a hint, 0: not said
  std::uint16_t ticket_length = 0;       ///< bytes; before TLS 1.3, 0: none this time
  std::optional<std::uint32_t> age_add;  ///< TLS 1.3
  std::uint8_t nonce_length = 0;         ///< TLS 1.3, bytes
  std::vector<Extension> extensions;     ///< TLS 1.3; offsets are from the first header byte
  std::optional<std::uint32_t> max_early_data_bytes;  ///< RFC 8446 4.2.10
};

/// parse_new_session_ticket parses a complete message, header included, in the shape of the
/// negotiated version. Errors: truncated, trailing; a broken early_data extension fails it.
Result<NewSessionTicket> parse_new_session_ticket(Bytes message, ProtocolVersion version);

}  // namespace visavis::inspect
