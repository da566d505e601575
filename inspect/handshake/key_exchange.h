#pragma once
#include <optional>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// KeyExchange is what a ServerKeyExchange says: the group (ECDHE), the prime's size (DHE), the
/// size of the temporary key (RSA export), and the signature scheme, which only TLS 1.2 names.
/// Source: RFC 5246 7.4.3, RFC 8422 5.4, RFC 4279 2 to 4, RFC 5489 2, RFC 5054 2.5, RFC 2246 7.4.3.
struct KeyExchange {
  /// A curve that is spelled out instead of named is kExplicitPrimeCurve or kExplicitChar2Curve.
  std::optional<NamedGroup> group;
  std::optional<std::uint32_t> dh_bits;   ///< of a DHE prime, in significant bits
  std::optional<std::uint32_t> rsa_bits;  ///< of the modulus, in significant bits
  std::optional<SignatureScheme> signature;
  std::optional<std::uint16_t> psk_hint_length;  ///< bytes; PSK suites; often 0
  /// Views into the message: what is signed behind both randoms (RFC 5246 7.4.3), and the
  /// signature; empty where nothing is.
  Bytes parameters{};
  Bytes signature_value{};
};

/// parse_server_key_exchange parses a complete message, header included. What is in it is told from
/// the suite; suites whose message we don't know (Fortezza, ECCPWD, CECPQ1 ...), and those that
/// have none, give an empty KeyExchange. Behind a curve of characteristic 2 that is spelled out
/// nothing is read: RFC 4492 gives its basis no number. Errors: truncated, trailing, bad_value.
Result<KeyExchange> parse_server_key_exchange(Bytes message, CipherSuite suite,
                                              ProtocolVersion version);

}  // namespace visavis::inspect
