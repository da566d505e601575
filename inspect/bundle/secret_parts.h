#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/codepoint/cipher_suite.h"

namespace visavis::inspect {

/// SecretPart is where in a message something stands that is to be masked.
struct SecretPart {
  std::size_t offset = 0;  ///< from the message's first byte
  std::size_t length = 0;
};

using SecretParts = std::vector<SecretPart>;

/// HandshakeContext is what decides how a message in clear is read.
struct HandshakeContext {
  std::optional<CipherSuite> suite;  ///< the chosen one; nothing: not known (yet)
  bool tls13 = false;                ///< the chosen version
  bool from_server = false;          ///< it is certain that the server has sent it
};

/// secret_parts finds in a handshake message in clear, header included, what must not leave the
/// house: session tickets, PSK identities, user names, and in certificates that a client sent
/// (CA certificates aside) subject, subjectAltName, extensions that nobody here knows, and an
/// issuer that is the same name. Nothing: what the message holds is not known well enough to show
/// any of it. Of a ClientHello that is cut what is there is read; in others that is not known.
[[nodiscard]] std::optional<SecretParts> secret_parts(Bytes message,
                                                      const HandshakeContext& context);

/// certificate_secret_parts does that for one DER certificate that a client has sent; `leaf` is
/// masked though it says that it is a CA.
[[nodiscard]] std::optional<SecretParts> certificate_secret_parts(Bytes der, bool leaf);

}  // namespace visavis::inspect
