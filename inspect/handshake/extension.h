#pragma once
#include <cstdint>
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

/// read_protocol_names reads a ProtocolNameList (RFC 7301 3.1): names of 1 to 255 bytes, kept as
/// sent.
std::vector<std::string> read_protocol_names(ByteReader& reader);

/// to_string copies bytes as they are into a string; a report escapes what can't be shown.
inline std::string to_string(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace visavis::inspect
