#include "inspect/handshake/short_message.h"

namespace visavis::inspect {

Result<HandshakeType> parse_empty_message(Bytes message, HandshakeType type) {
  ByteReader reader(message);
  read_message_header(reader, type);
  reader.done("body");
  if (reader.failed()) return *reader.error();
  return type;
}

Result<std::uint32_t> parse_opaque_message(Bytes message, HandshakeType type) {
  ByteReader reader(message);
  read_message_header(reader, type);
  const auto length = static_cast<std::uint32_t>(reader.rest().size());
  if (reader.failed()) return *reader.error();
  return length;
}

}  // namespace visavis::inspect
