#pragma once
#include "inspect/report/session_report.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {

/// differing_twin is the direct twin's leg where the backend answered it otherwise than the proxy's
/// own hello; null where it was answered alike, or where there is none.
const LegReport* differing_twin(const SessionReport& session);

/// render_twin says in one line what the direct twin showed. Without a twin it adds nothing.
void render_twin(const SessionReport& session, TextPage& page);

}  // namespace visavis::inspect
