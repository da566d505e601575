#pragma once
#include <string>

#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// HelloKind is the message that an extension stands in: the same number may have another body in
/// each.
enum class HelloKind {
  client_hello,
  server_hello,
  hello_retry_request,
  encrypted_extensions,
  certificate_request,
  certificate,
  new_session_ticket,
};

/// describe_extension puts an extension's body into words: "ocsp", "zlib, brotli", "16385 bytes".
/// An empty text is an empty body. Of an extension that is only known by name, or not at all, the
/// words are its size (and its first bytes). At most ExtensionWords::kMax characters of plain
/// ASCII. An error's offset counts from the body's first byte.
Result<std::string> describe_extension(ExtensionType type, Bytes body, HelloKind kind);

}  // namespace visavis::inspect
