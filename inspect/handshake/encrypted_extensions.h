#pragma once
#include <optional>
#include <string>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// EncryptedExtensions is what a TLS 1.3 server answers under encryption. Source: RFC 8446 4.3.1.
struct EncryptedExtensions {
  std::vector<Extension> extensions;           ///< offsets are from the message's first header byte
  std::optional<std::string> alpn;             ///< the protocol chosen, RFC 7301 3.1
  std::vector<ParseError> extension_problems;  ///< a broken ALPN extension, duplicates
};

/// parse_encrypted_extensions parses a complete message, header included. Errors: truncated,
/// trailing, bad_length.
Result<EncryptedExtensions> parse_encrypted_extensions(Bytes message);

}  // namespace visavis::inspect
