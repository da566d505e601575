#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/handshake_type.h"

namespace visavis::inspect {

/// Extension is one hello extension: its type, and where its body lies in the message's raw bytes.
struct Extension {
  ExtensionType type;
  std::uint32_t offset = 0;  ///< of the body, from the message's first header byte
  std::uint16_t length = 0;
};

/// read_message_header reads a handshake message's type, which must be `type`, and its length,
/// which must be that of what follows. Errors (bad_value, bad_length) go to the reader.
void read_message_header(ByteReader& reader, HandshakeType type);

/// read_extension_list reads what follows the extensions' length field: type, length, body,
/// repeated. Source: RFC 8446 4.2. Errors go to the reader.
std::vector<Extension> read_extension_list(ByteReader& reader);

/// field_name is what a problem calls an extension: its registry name, or "extension".
std::string_view field_name(ExtensionType type);

/// list_duplicates adds a problem for every extension whose type came before. RFC 8446 4.2: there
/// must not be more than one of a type. At most limits::kMaxExtensionProblems.
void list_duplicates(const std::vector<Extension>& extensions, std::vector<ParseError>& problems);

/// read_extension_body hands the body of an extension of `message` to `read`, all of which must be
/// read; a problem's offset counts from the message's first byte.
template <class Read>
std::optional<ParseError> read_extension_body(const Extension& extension, Bytes message,
                                              const Read& read) {
  ByteReader body(message.subspan(extension.offset, extension.length));
  read(body);
  body.done(field_name(extension.type));
  if (!body.failed()) return std::nullopt;
  ParseError problem = *body.error();
  problem.offset += extension.offset;
  return problem;
}

/// read_protocol_names reads a ProtocolNameList (RFC 7301 3.1): names of 1 to 255 bytes, kept as
/// sent.
std::vector<std::string> read_protocol_names(ByteReader& reader);

/// to_string copies bytes as they are into a string; a report escapes what can't be shown.
inline std::string to_string(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace visavis::inspect
