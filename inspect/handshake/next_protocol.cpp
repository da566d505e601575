#include "inspect/handshake/next_protocol.h"

namespace visavis::inspect {

Result<NextProtocol> parse_next_protocol(Bytes message) {
  NextProtocol parsed;
  ByteReader reader(message);
  read_message_header(reader, kNextProtocol);
  parsed.selected = to_string(reader.vector8("selected_protocol").rest());
  parsed.padding_length = static_cast<std::uint8_t>(reader.vector8("padding").remaining());
  reader.done("NextProtocol");
  if (reader.failed()) return *reader.error();
  return parsed;
}

}  // namespace visavis::inspect
