#pragma once
#include <string>

#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// NextProtocol is a client's choice of a protocol in NPN, the predecessor of ALPN. Source:
/// draft-agl-tls-nextprotoneg-04 3.
struct NextProtocol {
  std::string selected;  ///< as sent
  std::uint8_t padding_length = 0;
};

/// parse_next_protocol parses a complete message, header included. Errors: truncated, trailing.
Result<NextProtocol> parse_next_protocol(Bytes message);

}  // namespace visavis::inspect
