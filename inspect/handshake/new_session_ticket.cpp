#include "inspect/handshake/new_session_ticket.h"

namespace visavis::inspect {
namespace {

/// draft-ietf-tls-tls13-21 is the first whose tickets have a nonce; 0x7f00 plus n is draft n.
bool has_nonce(ProtocolVersion version) { return version.value < 0x7f00 || version.value > 0x7f14; }

void read_tls13(ByteReader& reader, ProtocolVersion version, NewSessionTicket& ticket) {
  ticket.age_add = reader.u32("ticket_age_add");
  if (has_nonce(version))
    ticket.nonce_length = static_cast<std::uint8_t>(reader.vector8("ticket_nonce").remaining());
  ticket.ticket_length = static_cast<std::uint16_t>(reader.vector16("ticket").remaining());
  ByteReader list = reader.vector16("extensions");
  ticket.extensions = read_extension_list(list);
}

}  // namespace

Result<NewSessionTicket> parse_new_session_ticket(Bytes message, ProtocolVersion version) {
  NewSessionTicket ticket;
  ByteReader reader(message);
  read_message_header(reader, kNewSessionTicket);
  ticket.lifetime_s = reader.u32("ticket_lifetime");
  if (version >= kTls13)
    read_tls13(reader, version, ticket);
  else
    ticket.ticket_length = static_cast<std::uint16_t>(reader.vector16("ticket").remaining());
  reader.done("NewSessionTicket");
  if (reader.failed()) return *reader.error();
  for (const Extension& extension : ticket.extensions) {
    if (extension.type != kEarlyData) continue;
    const auto problem = read_extension_body(extension, message, [&](ByteReader& body) {
      ticket.max_early_data_bytes = body.u32("max_early_data_size");
    });
    if (problem) return *problem;
  }
  return ticket;
}

}  // namespace visavis::inspect
