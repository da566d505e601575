#include "inspect/handshake/key_update.h"

namespace visavis::inspect {

Result<KeyUpdate> parse_key_update(Bytes message) {
  ByteReader reader(message);
  read_message_header(reader, kKeyUpdate);
  const std::uint8_t request = reader.u8("request_update");
  // RFC 8446 4.6.3: any other value is answered with illegal_parameter.
  if (!reader.failed() && request > 1) reader.fail(ParseErrorCode::bad_value, "request_update");
  reader.done("KeyUpdate");
  if (reader.failed()) return *reader.error();
  return KeyUpdate{request == 1};
}

}  // namespace visavis::inspect
