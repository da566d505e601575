#pragma once
#include <string>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// TextStyle is how a text report looks. `width` is kept between 60 and 100 columns.
struct TextStyle {
  int width = 100;
  bool color = false;  ///< ANSI colours: for a terminal only
  bool quiet = false;  ///< the headline and nothing else, in one line
};

/// render_text returns a session as a person reads it: headline, who must change, the legs side by
/// side, what the proxy did, HTTP, and the findings with evidence and remedy. Every line ends with
/// a newline, has no trailing space and at most `width` columns. Nothing a peer sent reaches the
/// terminal as a control character. Rendered from the report alone, so a session read back looks
/// the same.
std::string render_text(const SessionReport& session, const TextStyle& style = {});

}  // namespace visavis::inspect
