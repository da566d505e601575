#pragma once
#include <string>

#include "inspect/capture/captured_session.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {

/// facts_of returns what a session of a capture brings to its report: the same pipeline as for a
/// live one. Its chain is judged at the time of the capture, for the name that the client asked
/// for; without one no name is held against the certificate. Its HTTP exchanges are those of its
/// HttpTap, if it has one.
SessionFacts facts_of(inspect::CapturedSession session, std::string id);

}  // namespace visavis::proxy
