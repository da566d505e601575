#pragma once
#include <string>

#include "inspect/report/session_report.h"
#include "inspect/report/text_page.h"

/// What reports in text and in HTML say in the same words.
namespace visavis::inspect {

/// Of VerdictReport::from_live.
inline constexpr std::string_view kFromLiveWords =
    "This is what the proxy said live: the capture does not show all that it saw.";

/// identity is the verdict, and who talked to whom; the SNI always, or only where it is not the
/// backend's own name.
std::string identity(const SessionReport& session, bool sni_always);
/// outcomes is what came of it with us and without us, and how that is known. Where nothing went
/// through the proxy's own TLS there is only one to tell.
std::string outcomes(const SessionReport& session);
/// session_facts is when, how long and where.
std::string session_facts(const SessionReport& session);
/// render_proxy adds what the proxy did on its own account: its limits stand beside every verdict;
/// of a capture, how much of the connection there is to be seen.
void render_proxy(const SessionReport& session, TextPage& page);
/// render_http adds the bytes relayed and the HTTP exchanges.
void render_http(const SessionReport& session, TextPage& page);

}  // namespace visavis::inspect
