#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// ClientHello as sent: every extension is kept in order, the usual ones are decoded beside it.
/// A decoded field is absent when the extension was not there, or was malformed
/// (extension_problems). Source: RFC 8446 4.1.2, RFC 5246 7.4.1.2 and E.2 (SSL 2.0 form).
struct ClientHello {
  std::vector<std::uint8_t>
      raw;  ///< the handshake message with its 4-byte header (SSL 2.0: the record's body)
  std::uint32_t length = 0;  ///< the handshake message's length field
  bool sslv2 = false;
  ProtocolVersion record_version;  ///< of the first record; set by who read the record
  ProtocolVersion legacy_version;
  std::array<std::uint8_t, 32> random{};
  std::vector<std::uint8_t> session_id;
  std::vector<CipherSuite> ciphers;
  std::vector<std::uint32_t>
      sslv2_cipher_specs;  ///< 24-bit, all of them; `ciphers` holds those of TLS
  std::vector<std::uint8_t> compression;
  std::vector<Extension> extensions;

  std::optional<std::string> sni;
  std::optional<std::vector<ProtocolVersion>> supported_versions;
  std::optional<std::vector<NamedGroup>> groups;
  std::optional<std::vector<SignatureScheme>> sig_algs;
  std::optional<std::vector<SignatureScheme>> sig_algs_cert;
  std::optional<std::vector<std::uint8_t>> ec_point_formats;
  std::optional<std::vector<std::string>> alpn;
  std::optional<std::vector<NamedGroup>> key_share_groups;
  std::optional<std::uint16_t> session_ticket_len;  ///< bytes
  std::optional<std::uint8_t> max_fragment_length;  ///< code 1-4, RFC 6066 4
  std::size_t psk_identities = 0;
  /// Broken bodies, duplicates, pre_shared_key not last; at most limits::kMaxExtensionProblems.
  std::vector<ParseError> extension_problems;

  [[nodiscard]] bool has(ExtensionType type) const;
  [[nodiscard]] Bytes body(const Extension& extension) const {
    return Bytes(raw).subspan(extension.offset, extension.length);
  }
};

/// parse_client_hello parses a complete handshake message, header included. A broken extension body
/// does not fail the hello, nor does one that is there twice: extension_problems lists them.
/// Errors: truncated, trailing, bad_length.
Result<ClientHello> parse_client_hello(Bytes message);

/// parse_sslv2_client_hello parses the body of a 2-byte-header record (from its type byte on).
Result<ClientHello> parse_sslv2_client_hello(Bytes record_body);

/// highest_version is the largest version that the hello offers, GREASE and unknown drafts left
/// out: from supported_versions where present, else legacy_version.
ProtocolVersion highest_version(const ClientHello& hello);

}  // namespace visavis::inspect
