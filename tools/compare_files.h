#pragma once
#include <string>

#include "inspect/report/comparison_report.h"
#include "tools/saved_sessions.h"

namespace visavis::tools {

/// FileComparison is what two files have to say.
struct FileComparison {
  inspect::ComparisonReport comparison;
  bool unread = false;  ///< a capture could not be read to its end; that is said on stderr
};

/// compare_files lays two files side by side. Where their sessions are the two ends of the same
/// connections, by the client's random or because `ends` says so, what the way between them changed
/// is looked for; else the last session of each, or the one that is named, speaks for the direct
/// and for the proxied way. Throws std::runtime_error, one line, where a file can't be read.
[[nodiscard]] FileComparison compare_files(const std::string& first, const std::string& second,
                                           bool ends, const SavedSessionReader& reader);

}  // namespace visavis::tools
