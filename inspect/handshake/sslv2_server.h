#pragma once
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/bytes/result.h"
#include "inspect/codepoint/code_point.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {

/// Sslv2Cipher: an SSL 2.0 CIPHER-KIND, three bytes on the wire.
struct Sslv2Cipher {
  std::uint32_t value = 0;

  friend constexpr auto operator<=>(const Sslv2Cipher&, const Sslv2Cipher&) = default;
};

/// known_name returns "SSL_CK_RC4_128_WITH_MD5" ..., or empty.
std::string_view known_name(Sslv2Cipher point);

/// Sslv2ServerHello is the SERVER-HELLO of SSL 2.0: hello and certificate in one message. The
/// client chooses the cipher, from what both have, in its CLIENT-MASTER-KEY. Source: Hickman, "The
/// SSL Protocol", draft-hickman-netscape-ssl-00 (1995).
struct Sslv2ServerHello {
  bool session_id_hit = false;        ///< resumed: no certificate, no ciphers
  std::uint8_t certificate_type = 0;  ///< 1: X.509
  ProtocolVersion version;
  std::vector<std::uint8_t> certificate;  ///< DER, one certificate without a chain
  std::vector<Sslv2Cipher> ciphers;
  std::vector<std::uint8_t> connection_id;
};

/// parse_sslv2_server_hello parses the body of a record, from its type byte on.
/// Errors: truncated, trailing, bad_value, bad_length (ciphers not a multiple of three bytes).
Result<Sslv2ServerHello> parse_sslv2_server_hello(Bytes record_body);

/// parse_sslv2_client_master_key returns the cipher that the client chose, from a record's body.
/// The keys behind it are checked for their lengths only.
Result<Sslv2Cipher> parse_sslv2_client_master_key(Bytes record_body);

/// parse_sslv2_error returns the code of an ERROR message, from a record's body of three bytes.
Result<std::uint16_t> parse_sslv2_error(Bytes record_body);

/// sslv2_error_note returns words for an event: "SSL 2.0 ERROR: no cipher"; always a literal.
std::string_view sslv2_error_note(std::uint16_t code);

}  // namespace visavis::inspect
