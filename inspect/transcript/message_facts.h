#pragma once
#include <optional>

#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// keep_message_facts puts into the transcript what a handshake message (complete, with its header)
/// says; hellos are not its business. Returns what is wrong with it; the facts of a message that is
/// wrong only in part are kept all the same.
///
/// After the handshake only what may still come counts: tickets, key updates, and a client
/// certificate that is asked for late (TLS 1.3 post-handshake authentication, renegotiation
/// before). Nothing here grows with the number of messages.
std::optional<ParseError> keep_message_facts(Direction direction, HandshakeType type, Bytes message,
                                             Transcript& transcript);

}  // namespace visavis::inspect
