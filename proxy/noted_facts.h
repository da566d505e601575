#pragma once
#include "inspect/report/session_note.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {

/// note_of returns what of a session's facts its packets will not show.
inspect::SessionNote note_of(const SessionFacts& facts, const ProxyOptions& options);

/// add_noted puts it back into the facts that were made of the packets.
void add_noted(inspect::SessionNote note, SessionFacts& facts);

}  // namespace visavis::proxy
