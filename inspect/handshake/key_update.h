#pragma once
#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// KeyUpdate says that its sender changes its keys. Source: RFC 8446 4.6.3.
struct KeyUpdate {
  bool update_requested = false;  ///< the peer must change its own, too
};

/// parse_key_update parses a complete message, header included. Errors: truncated, trailing,
/// bad_value.
Result<KeyUpdate> parse_key_update(Bytes message);

}  // namespace visavis::inspect
