#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_value.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// ServerHello as sent; a HelloRetryRequest is one with a fixed random (RFC 8446 4.1.3, 4.1.4).
struct ServerHello {
  ProtocolVersion legacy_version;
  std::array<std::uint8_t, 32> random{};
  std::vector<std::uint8_t> session_id;
  CipherSuite cipher;
  std::uint8_t compression = 0;
  std::vector<Extension> extensions;  ///< offsets are from the message's first header byte
  std::optional<ProtocolVersion> selected_version;
  std::optional<NamedGroup>
      key_share_group;              ///< the chosen one; in a HelloRetryRequest the wanted one
  std::optional<std::string> alpn;  ///< up to TLS 1.2; later it is in EncryptedExtensions
  bool hello_retry = false;
  bool pre_shared_key = false;  ///< a TLS 1.3 PSK was accepted: the leg is resumed
  /// What the Certificate messages up to TLS 1.2 hold; absent: X.509. RFC 7250 4.
  std::optional<CertificateType> server_certificate_type;
  std::optional<CertificateType> client_certificate_type;
  /// Broken bodies of decoded extensions, whose fields are then absent, and duplicates; at most
  /// limits::kMaxExtensionProblems.
  std::vector<ParseError> extension_problems;

  [[nodiscard]] bool has(ExtensionType type) const;
  /// version is the chosen one: selected_version where present, else legacy_version.
  [[nodiscard]] ProtocolVersion version() const {
    return selected_version.value_or(legacy_version);
  }
};

/// parse_server_hello parses a complete handshake message, header included, in the shape of TLS 1.3
/// drafts up to 21 (no session id, no compression) where legacy_version names one.
/// Errors: truncated, trailing, bad_length; a broken selected version fails the message, other
/// broken extensions are listed in extension_problems.
Result<ServerHello> parse_server_hello(Bytes message);

/// parse_draft_hello_retry_request parses the HelloRetryRequest of TLS 1.3 drafts up to 21, which
/// was a message of its own: version, suite (from draft 19 on), extensions.
Result<ServerHello> parse_draft_hello_retry_request(Bytes message);

}  // namespace visavis::inspect
