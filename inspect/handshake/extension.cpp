#include "inspect/handshake/extension.h"

namespace visavis::inspect {

void read_message_header(ByteReader& reader, HandshakeType type) {
  if (reader.u8("handshake type") != type.value)
    reader.fail(ParseErrorCode::bad_value, "handshake type");
  const std::size_t length = reader.u24("handshake length");
  if (!reader.failed() && length != reader.remaining())
    reader.fail(ParseErrorCode::bad_length, "handshake length");
}

std::vector<Extension> read_extension_list(ByteReader& reader) {
  std::vector<Extension> extensions;
  extensions.reserve(16);
  while (reader.more()) {
    Extension extension;
    extension.type.value = reader.u16("extension type");
    extension.length = reader.u16("extension length");
    extension.offset = static_cast<std::uint32_t>(reader.offset());
    (void)reader.bytes(extension.length, "extension body");
    if (!reader.failed()) extensions.push_back(extension);
  }
  return extensions;
}

std::vector<std::string> read_protocol_names(ByteReader& reader) {
  std::vector<std::string> names;
  ByteReader list = reader.vector16("ProtocolNameList");
  while (list.more()) {
    const std::uint8_t length = list.u8("ProtocolName length");
    // RFC 7301 3.1: an empty name is not allowed.
    if (!list.failed() && length == 0) list.fail(ParseErrorCode::bad_length, "ProtocolName");
    names.push_back(to_string(list.bytes(length, "ProtocolName")));
  }
  if (reader.failed()) names.clear();
  return names;
}

}  // namespace visavis::inspect
