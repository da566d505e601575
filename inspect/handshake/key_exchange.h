#pragma once
#include <optional>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// KeyExchange is what a ServerKeyExchange says: the named group (ECDHE) or the prime's size (DHE),
/// and the signature scheme, which only TLS 1.2 names. Source: RFC 5246 7.4.3, RFC 8422 5.4.
struct KeyExchange {
  std::optional<NamedGroup> group;
  std::optional<std::uint32_t> dh_bits;
  std::optional<SignatureScheme> signature;
};

/// parse_server_key_exchange parses a complete message, header included. The key exchange is told
/// from the suite; suites other than ECDHE and DHE give an empty KeyExchange.
Result<KeyExchange> parse_server_key_exchange(Bytes message, CipherSuite suite,
                                              ProtocolVersion version);

/// parse_certificate_verify_scheme returns the scheme of a TLS 1.2 or 1.3 CertificateVerify.
/// Source: RFC 8446 4.4.3.
Result<SignatureScheme> parse_certificate_verify_scheme(Bytes message);

/// parse_encrypted_extensions_alpn returns the ALPN protocol of a TLS 1.3 EncryptedExtensions, if
/// any. Source: RFC 8446 4.3.1, RFC 7301 3.1.
Result<std::optional<std::string>> parse_encrypted_extensions_alpn(Bytes message);

}  // namespace visavis::inspect
