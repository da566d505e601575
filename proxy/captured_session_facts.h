#pragma once
#include <string>

#include "inspect/capture/captured_session.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {

/// facts_of returns what a session of a capture brings to its report: the same pipeline as for a
/// live one. Its HTTP exchanges are those of its taps, if it has any.
///
/// What did not pass through the proxy gets the id `id`; its chain is judged at the time of the
/// capture, for the name that the client asked for; without one no name is held against the
/// certificate. The proxy's own sessions have their ids and legs again, and what their notes say;
/// `note_problem` gets what is wrong with a note (empty: nothing), and the session goes without it.
SessionFacts facts_of(inspect::CapturedSession session, std::string id, std::string& note_problem);

}  // namespace visavis::proxy
