#pragma once
#include <string>

#include "inspect/report/session_report.h"

namespace visavis::tools {

/// is_saved_session is true when the word names a file that can be opened, "FILE" or "FILE#ID".
[[nodiscard]] bool is_saved_session(const std::string& word);

/// saved_session reads a session that was saved as JSON, or one of a log (a session a line): the
/// one with that ID, else the last. Throws std::runtime_error, one line that names file and cause.
[[nodiscard]] inspect::SessionReport saved_session(const std::string& word);

}  // namespace visavis::tools
